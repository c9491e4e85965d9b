//! The demo on the wire: every frame of every universe that arrives equals the canvas, by gobo's
//! own monitor, by tshark, and by a receiver that shares no code with gobo.

mod common;

use std::fs;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::outside::{repository, rxmeter, say_skipped, tool};
use common::{Running, free_port, gobo, run, wait_until_taken};
use serde_json::Value;

/// Longer than the demo.
const PATIENCE: Duration = Duration::from_secs(120);

/// Compiles the demo, or a part of it, into `folder`.
fn demo(folder: &Path, part: &[&str]) -> PathBuf {
    let canvas = folder.join("demo.canvas");
    run(&repository(), &[&["compile", "demo", "-o", canvas.to_str().unwrap()], part].concat())
        .exits(0);
    canvas
}

/// A monitor of one protocol that records what it hears, once it listens.
fn record(folder: &Path, canvas: &Path, protocol: &str, port: u16, heard: &Path) -> Running {
    let (port_text, unused) = (port.to_string(), free_port().to_string());
    let ports = match protocol {
        "artnet" => ["--artnet-port", &port_text, "--sacn-port", &unused],
        _ => ["--artnet-port", &unused, "--sacn-port", &port_text],
    };
    let mut command = gobo(folder);
    command.args(["monitor", "--quiet", "--until-end", "--bind", "127.0.0.1"]).args(ports);
    command.arg("--record").arg(heard).arg("--like").arg(canvas);
    let monitor = Running::new(&mut command);
    wait_until_taken(port);
    monitor
}

#[test]
fn every_frame_arrives_by_both_protocols() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let canvas = demo(folder, &[]);
    let (artnet_port, sacn_port) = (free_port(), free_port());
    let heard = [folder.join("artnet.canvas"), folder.join("sacn.canvas")];
    let monitors = [
        record(folder, &canvas, "artnet", artnet_port, &heard[0]),
        record(folder, &canvas, "sacn", sacn_port, &heard[1]),
    ];
    let (artnet, sacn) = (format!("127.0.0.1:{artnet_port}"), format!("127.0.0.1:{sacn_port}"));
    let canvas = canvas.to_str().unwrap();
    let outputs = ["--artnet", &artnet, "--sacn", &sacn];
    run(folder, &[&["play", canvas, "--audio", "null"], &outputs[..]].concat()).exits(0);
    for monitor in monitors {
        monitor.wait(PATIENCE).exits(0);
    }
    for heard in heard {
        run(folder, &["canvas", "diff", canvas, heard.to_str().unwrap()]).exits(0);
    }
}

fn universes(folder: &Path, canvas: &Path) -> usize {
    let info = run(folder, &["canvas", "info", "--json", canvas.to_str().unwrap()]).exits(0).out;
    let info: Value = serde_json::from_str(&info).unwrap();
    info["header"]["universes"].as_array().unwrap().len()
}

#[test]
fn tshark_finds_nothing_malformed() {
    let Some(tshark) = tool("tshark") else { return };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let canvas = demo(folder, &["--from", "31", "--to", "34"]);
    let expected = 3 * 60 * universes(folder, &canvas);
    for (protocol, data) in
        [("artnet", "artnet.header.opcode == 0x5000"), ("sacn", "acn.dmx.universe")]
    {
        // The socket takes the packets, so that no "port unreachable" goes back.
        let sink = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = sink.local_addr().unwrap().port();
        let file = folder.join(protocol).with_extension("pcapng");
        let Some(capture) = Capture::start(&tshark, port, &file) else { return };
        let (option, target) = (format!("--{protocol}"), format!("127.0.0.1:{port}"));
        let play = ["play", canvas.to_str().unwrap(), "--audio", "none", "--sync"];
        run(folder, &[&play[..], &[&option, &target]].concat()).exits(0);
        capture.stop();

        let decode = match protocol {
            "artnet" => ["-d".to_owned(), format!("udp.port=={port},artnet")],
            _ => ["--enable-heuristic=acn".to_owned(), "-oacn.dmx_enable:TRUE".to_owned()],
        };
        let packets = dissect(&tshark, &file, &decode, data).len();
        assert!(packets >= expected, "{protocol}: {packets} packets of {expected}");
        let bad = dissect(&tshark, &file, &decode, "_ws.malformed || _ws.expert.severity == error");
        assert!(bad.is_empty(), "{protocol}: packets {bad:?} are malformed");
    }
}

/// A running tshark.
struct Capture(Child);

impl Capture {
    /// Starts it, or says why it cannot be.
    fn start(tshark: &Path, port: u16, file: &Path) -> Option<Self> {
        let mut command = Command::new(tshark);
        command.args(["-q", "-i", "lo", "-f", &format!("udp dst port {port}"), "-w"]).arg(file);
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        // The file has its header once the capture runs.
        while fs::metadata(file).map_or(0, |file| file.len()) == 0 {
            if child.try_wait().unwrap().is_some() || Instant::now() > deadline {
                let _ = child.kill();
                say_skipped("capturing on lo needs root or cap_net_raw");
                return None;
            }
            thread::sleep(Duration::from_millis(20));
        }
        thread::sleep(Duration::from_millis(500));
        Some(Self(child))
    }

    /// Lets it take what is on its way, then ends it in good order.
    fn stop(mut self) {
        thread::sleep(Duration::from_secs(1));
        let id = self.0.id().to_string();
        assert!(Command::new("kill").args(["-s", "INT", &id]).status().unwrap().success());
        self.0.wait().unwrap();
    }
}

/// The numbers of the packets that a display filter lets through.
fn dissect(tshark: &Path, file: &Path, decode: &[String], filter: &str) -> Vec<String> {
    let output = Command::new(tshark)
        .arg("-r")
        .arg(file)
        .args(decode)
        .args(["-Y", filter, "-T", "fields", "-e", "frame.number"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn an_independent_receiver_agrees() {
    let Some(rxmeter) = rxmeter() else { return };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let canvas = demo(folder, &["--from", "31", "--to", "41", "--emit", "raw"]);
    let universes = universes(folder, &canvas).to_string();
    // Art-Net counts universes from 0.
    for (protocol, first) in [("artnet", "0"), ("sacn", "1")] {
        let port = free_port();
        let receiver = Command::new(&rxmeter)
            .args(["--proto", protocol, "--bind", "127.0.0.1", "--port", &port.to_string()])
            .args(["--universes", &universes, "--seconds", "9", "--warmup", "0", "--brief"])
            .args(["--expect-first", first, "--expect"])
            .arg(folder.join("demo.raw"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        wait_until_taken(port);
        let (option, target) = (format!("--{protocol}"), format!("127.0.0.1:{port}"));
        let play = ["play", canvas.to_str().unwrap(), "--audio", "none", &option, &target];
        // The receiver leaves a second before the show does, which is told of.
        let ran = run(folder, &play).exits(3);
        assert!(ran.err.contains("Connection refused"), "{}", ran.err);
        let output = receiver.wait_with_output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let expect = &report["expect"];
        assert_eq!(expect["mismatched"], 0, "{report:#}");
        assert!(expect["matched"].as_u64() >= Some(500 * 6), "{report:#}");
        assert_eq!(report["receiver"]["kernel_dropped"], 0);
    }
}
