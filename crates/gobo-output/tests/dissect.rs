//! Packets as emitted, dissected by tshark: code that shares nothing with ours.
//! Says so and passes when tshark is not installed.

#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use gobo_dmx::{
    Address, AddressPriority, Delivery, Priority, Protocol, Route, SacnStreams, Slots, Universe,
    UniverseSet,
};
use gobo_output::{Options, Outputs, Receiver, ReceiverOptions, Uuid};

/// A packet and the port that a dissector is to see it at.
type Captured = (u16, Vec<u8>);

/// A capture file of raw IPv4 packets (link type 101), a UDP packet in each.
fn pcap(packets: &[Captured]) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(0xa1b2_c3d4_u32.to_le_bytes());
    file.extend([2_u16, 4].iter().flat_map(|part| part.to_le_bytes()));
    file.extend([0_u32, 0, 65_535, 101].iter().flat_map(|part| part.to_le_bytes()));
    for (number, (port, payload)) in (0_u32..).zip(packets) {
        let udp = 8 + payload.len() as u16;
        let length = u32::from(20 + udp);
        let record = [number / 1000, number % 1000 * 1000, length, length];
        file.extend(record.iter().flat_map(|part| part.to_le_bytes()));
        let ip = [0x4500, 20 + udp, 0, 0, 0x4011, 0, 0x7f00, 1, 0x7f00, 1];
        file.extend(ip.iter().chain(&[50_000, *port, udp, 0]).flat_map(|part| part.to_be_bytes()));
        file.extend(payload);
    }
    file
}

/// A packet's fields by name.
type Row = BTreeMap<String, String>;

/// The named fields of each packet; a field that occurs twice is joined by commas.
fn dissect(file: &Path, fields: &[&str]) -> Vec<Row> {
    let mut tshark = Command::new("tshark");
    tshark
        .args([
            "--enable-heuristic",
            "acn",
            "-o",
            "acn.dmx_enable:TRUE",
            "-T",
            "fields",
            "-E",
            "separator=|",
            "-r",
        ])
        .arg(file);
    for field in fields {
        tshark.args(["-e", field]);
    }
    let output = tshark.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let row = |line: &str| {
        let values = line.split('|').map(str::to_owned);
        fields.iter().map(|field| (*field).to_owned()).zip(values).collect()
    };
    text.lines().map(row).collect()
}

fn drain(socket: &UdpSocket, port: u16, into: &mut Vec<Captured>) {
    let mut bytes = [0; 2048];
    while let Ok(length) = socket.recv(&mut bytes) {
        into.push((port, bytes[..length].to_vec()));
    }
}

fn ear() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    socket
}

fn route(protocol: Protocol, ear: &UdpSocket) -> Route {
    let port = ear.local_addr().unwrap().port();
    let delivery = Delivery::Unicast { host: "127.0.0.1".to_owned(), port };
    Route::new(UniverseSet::all(), protocol, delivery)
}

/// Two frames of two universes by each protocol, and the end of the show.
fn emitted() -> Vec<Captured> {
    let (artnet, sacn) = (ear(), ear());
    let priority = Priority::new(150).unwrap();
    let sync = Universe::new(900).ok().map(Into::into);
    let driven = AddressPriority {
        universe: Universe::FIRST,
        first: Address::FIRST,
        last: Address::new(2).unwrap(),
        priority: Priority::new(120).unwrap(),
    };
    let streams = SacnStreams { priority: priority.into(), sync, address_priority: vec![driven] };
    let routes =
        [route(Protocol::ArtNet { sync: true }, &artnet), route(Protocol::Sacn(streams), &sacn)];
    let universes = [1, 0x1235].map(|number| Universe::new(number).unwrap());
    let mut options = Options::new(Uuid::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff));
    options.source_name =
        "gobo, a very long name that is cut to what fits: é é é é é é é é é é".into();
    let mut outputs = Outputs::open(&routes, &universes, &options).unwrap();
    let frame = |level| -> Vec<Slots> { vec![[level; 512]; 2] };
    outputs.send(Instant::now(), &frame(1));
    outputs.send(Instant::now(), &frame(2));
    outputs.finish_with(&frame(0), Instant::now, |_| {});
    let mut packets = Vec::new();
    drain(&artnet, 6454, &mut packets);
    drain(&sacn, 5568, &mut packets);
    packets
}

/// An ArtPoll, and the answer of a monitor that hears nothing yet.
fn polled() -> Vec<Captured> {
    let artnet: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let options = ReceiverOptions {
        artnet: Some(artnet),
        sacn: None,
        answer_polls: true,
        ..ReceiverOptions::default()
    };
    let mut receiver = Receiver::open(&options).unwrap();
    let asking = ear();
    let poll = b"Art-Net\0\x00\x20\x00\x0e\x00\x00";
    asking.send_to(poll, receiver.artnet_address().unwrap()).unwrap();
    receiver.receive(Duration::from_secs(1), |_| {}).unwrap();
    let mut packets = vec![(6454, poll.to_vec())];
    drain(&asking, 6454, &mut packets);
    packets
}

#[test]
fn tshark_finds_nothing_malformed_and_the_fields_right() {
    if Command::new("tshark").arg("--version").output().is_err() {
        eprintln!("SKIPPED: tshark is not installed");
        return;
    }
    let packets = [emitted(), polled()].concat();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("emitted.pcap");
    std::fs::write(&file, pcap(&packets)).unwrap();
    let rows = dissect(&file, &[COMMON, ARTNET, SACN].concat());
    assert_eq!(rows.len(), packets.len());
    for (row, (_, bytes)) in rows.iter().zip(&packets) {
        assert_eq!((&*row["_ws.malformed"], &*row["_ws.expert.message"]), ("", ""), "{row:?}");
        // E1.31's extended packets are more than this dissector knows: it leaves
        // them as they are, and our own parser is all that reads them here.
        let extended = bytes.get(18..22) == Some(&[0, 0, 0, 8]);
        let protocols = &row["frame.protocols"];
        let known = ["raw:ip:udp:artnet", "raw:ip:udp:acn"];
        assert!(extended || known.iter().any(|known| protocols.starts_with(known)), "{row:?}");
    }
    check_artnet(&rows);
    check_sacn(&rows);
}

const COMMON: &[&str] = &["_ws.malformed", "_ws.expert.message", "frame.protocols"];
const ARTNET: &[&str] = &[
    "artnet.header.opcode",
    "artnet.output.sequence",
    "artnet.output.universe",
    "artnet.output.length",
    "artnet.poll_reply.short_name",
];
const SACN: &[&str] = &[
    "acn.cid",
    "acn.dmx.source_name",
    "acn.dmx.priority",
    "acn.dmx.seq_number",
    "acn.dmx.option_s",
    "acn.dmx.universe",
    "acn.dmx.start_code2",
    "acn.dmx.count",
];

/// The named fields of the rows whose first one is not empty.
fn table<'a>(rows: &'a [Row], fields: &[&str]) -> Vec<Vec<&'a str>> {
    let row = |row: &'a Row| fields.iter().map(|field| &*row[*field]).collect::<Vec<_>>();
    rows.iter().map(row).filter(|row| !row[0].is_empty()).collect()
}

fn check_artnet(rows: &[Row]) {
    let mut expected = Vec::new();
    for sequence in ["1", "2", "3", "4", "5"] {
        expected.push(vec!["0x5000", sequence, "0", "512", ""]);
        expected.push(vec!["0x5000", sequence, "4660", "512", ""]);
        expected.push(vec!["0x5200", "", "", "", ""]);
    }
    expected.push(vec!["0x2000", "", "", "", ""]);
    expected.push(vec!["0x2100", "", "", "", "gobo monitor"]);
    assert_eq!(table(rows, ARTNET), expected);
}

fn check_sacn(rows: &[Row]) {
    let cid = "00112233-4455-6677-8899-aabbccddeeff";
    let name = "gobo, a very long name that is cut to what fits: é é é é é";
    let mut expected = Vec::new();
    // The priorities of slots come first, in the same count.
    for (sequence, terminated, start_code) in [
        ("1", "0", "221"),
        ("2", "0", "0"),
        ("3", "0", "0"),
        ("4", "0", "0"),
        ("5", "0", "0"),
        ("6", "0", "0"),
        ("7", "1", "0"),
        ("8", "1", "0"),
        ("9", "1", "0"),
    ] {
        for universe in ["1", "4661"] {
            expected
                .push(vec![cid, name, "150", sequence, terminated, universe, start_code, "513"]);
        }
    }
    assert_eq!(table(rows, SACN), expected);
}
