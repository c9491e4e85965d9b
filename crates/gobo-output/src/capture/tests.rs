#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::fs;
use std::process::Command;

use gobo_dmx::{Delivery, Pixels, Protocol, Route, SLOTS, Universe, UniverseSet};

use super::*;
use crate::{Options, Outputs, Uuid};

fn ear(address: &str) -> Option<UdpSocket> {
    let ear = UdpSocket::bind(address).ok()?;
    ear.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    Some(ear)
}

fn route(protocol: Protocol, to: &UdpSocket) -> Route {
    let to = to.local_addr().unwrap();
    let delivery = Delivery::Unicast { host: to.ip().to_string(), port: to.port() };
    Route::new(UniverseSet::all(), protocol, delivery)
}

/// What arrived at an ear, with the addresses.
fn heard(ear: &UdpSocket, count: usize) -> Vec<(SocketAddr, SocketAddr, Vec<u8>)> {
    let to = ear.local_addr().unwrap();
    let mut bytes = [0; 2048];
    let mut packet = || {
        let (length, from) = ear.recv_from(&mut bytes).unwrap();
        (from, to, bytes[..length].to_vec())
    };
    (0..count).map(|_| packet()).collect()
}

/// The named fields of each packet, by tshark; none if it is not installed.
fn dissected(file: &std::path::Path, fields: &[&str]) -> Option<Vec<Vec<String>>> {
    let mut tshark = Command::new("tshark");
    tshark.args(["-T", "fields", "-E", "separator=|", "-o", "udp.check_checksum:TRUE"]);
    tshark.args(["-o", "ip.check_checksum:TRUE", "-r"]).arg(file);
    for field in fields {
        tshark.args(["-e", field]);
    }
    let output = tshark.output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.lines().map(|line| line.split('|').map(str::to_owned).collect()).collect())
}

#[test]
fn what_was_sent_is_in_the_file() {
    let artnet = ear("127.0.0.1:0").unwrap();
    let ddp = ear("[::1]:0");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("show.pcapng");
    let mut options = Options::new(Uuid::nil());
    let capture = Capture::default();
    options.capture = Some(capture.clone());
    let mut routes = vec![route(Protocol::ArtNet { sync: true }, &artnet)];
    routes.extend(ddp.as_ref().map(|ear| route(Protocol::Ddp { pixels: Pixels::Rgb }, ear)));
    let universes = [1, 2].map(|number| Universe::new(number).unwrap());
    let mut outputs = Outputs::open(&routes, &universes, &options).unwrap();
    let begun = SystemTime::now();
    let capturing = capture.write_to(fs::File::create(&file).unwrap()).unwrap();
    for level in 0..50 {
        outputs.send(Instant::now(), &[[level; SLOTS], [!level; SLOTS]]);
    }
    let captured = capturing.finish().unwrap();
    let mut expected = heard(&artnet, 150);
    expected.extend(ddp.iter().flat_map(|ear| heard(ear, 50)));
    assert_eq!(captured, Captured { packets: expected.len() as u64, lost: 0 });
    let fields = [
        "_ws.malformed",
        "_ws.expert.message",
        "udp.srcport",
        "udp.dstport",
        "udp.payload",
        "ip.src",
        "ipv6.src",
        "frame.time_epoch",
    ];
    let Some(rows) = dissected(&file, &fields) else {
        eprintln!("SKIPPED: tshark is not installed");
        return;
    };
    assert_eq!(rows.len(), expected.len());
    let mut found: Vec<_> = rows.iter().map(|row| (&row[2..4], &*row[4])).collect();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let expected: Vec<_> = expected
        .iter()
        .map(|(from, to, bytes)| ([from.port().to_string(), to.port().to_string()], hex(bytes)))
        .collect();
    let mut expected: Vec<_> =
        expected.iter().map(|(ports, bytes)| (&ports[..], &**bytes)).collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
    let since = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    for row in &rows {
        assert_eq!((&*row[0], &*row[1]), ("", ""), "{row:?}");
        assert!(row[5] == "127.0.0.1" || row[6] == "::1", "{row:?}");
        let at: f64 = row[7].parse().unwrap();
        assert!((since(begun) - 1.0..since(SystemTime::now()) + 1.0).contains(&at), "{row:?}");
    }
}

#[test]
fn packets_without_room_are_counted() {
    let ear = ear("127.0.0.1:0").unwrap();
    let mut options = Options::new(Uuid::nil());
    let capture = Capture::default();
    options.capture = Some(capture.clone());
    let routes = [route(Protocol::Ddp { pixels: Pixels::Rgbw }, &ear)];
    let universes: Vec<_> = (1..=100).map(|number| Universe::new(number).unwrap()).collect();
    let mut outputs = Outputs::open(&routes, &universes, &options).unwrap();
    // Nobody empties the ring: a frame is more than 50 kB.
    for level in 0..200 {
        outputs.send(Instant::now(), &[[level; SLOTS]; 100]);
    }
    let sent = outputs.reports().next().unwrap().1.packets;
    let captured = capture.write_to(io::sink()).unwrap().finish().unwrap();
    assert!(captured.lost > 0 && captured.packets > 5000, "{captured:?}");
    assert_eq!(captured.packets + captured.lost, sent);
}
