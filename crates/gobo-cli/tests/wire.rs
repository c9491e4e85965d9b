//! Shows played over loopback: what the monitor hears is what the canvas holds.

mod common;

use std::net::UdpSocket;
use std::time::Duration;

use common::{Project, free_port, wait_until_taken};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(30);

/// A project with a canvas of three seconds of its show.
fn short() -> Project {
    let project = Project::new();
    let part = ["compile", "--from", "4", "--to", "7", "-o", "build/short.canvas"];
    project.run(&part).exits(0);
    project
}

/// Plays the short canvas to a monitor that records it, and compares the two.
fn record(protocol: &str) {
    let project = short();
    let (port, other) = (free_port().to_string(), free_port().to_string());
    let ports = match protocol {
        "artnet" => ["--artnet-port", &port, "--sacn-port", &other],
        _ => ["--artnet-port", &other, "--sacn-port", &port],
    };
    let monitor = ["monitor", "--bind", "127.0.0.1", "--json", "--until-end", "--seconds", "20"];
    let record = ["--record", "build/heard.canvas", "--like", "build/short.canvas"];
    let monitor = project.start(&[&monitor[..], &ports[..], &record[..]].concat());
    wait_until_taken(port.parse().unwrap());
    let target = format!("127.0.0.1:{port}");
    let option = format!("--{protocol}");
    project.run(&["play", "build/short.canvas", "--audio", "none", &option, &target]).exits(0);
    let heard = monitor.wait(PATIENCE).exits(0);
    let lines: Vec<Value> =
        heard.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.first().unwrap()["event"], "listening");
    assert!(lines.iter().any(|line| line["universe"] == 1 && line["lost"] == 0), "{}", heard.out);
    project.run(&["canvas", "verify", "build/heard.canvas"]).exits(0);
    project.run(&["canvas", "diff", "build/short.canvas", "build/heard.canvas"]).exits(0);
}

#[test]
fn art_net_heard_is_the_canvas() {
    record("artnet");
}

#[test]
fn e131_heard_is_the_canvas() {
    record("sacn");
}

#[test]
fn a_show_is_compiled_first_when_stale() {
    let project = Project::new();
    let canvas = project.path("build/hello.canvas");
    let node = UdpSocket::bind("127.0.0.1:0").unwrap();
    let target = node.local_addr().unwrap().to_string();
    let play = ["play", "hello", "--to", "0.2", "--artnet", &target, "--quiet"];
    project.run(&play).exits(0);
    let first = std::fs::read(&canvas).unwrap();
    project.edit("shows/hello/base.json", "\"70%\"", "\"60%\"");
    project.run(&play).exits(0);
    assert_ne!(std::fs::read(&canvas).unwrap(), first);
    project.run(&["compile", "--check"]).exits(0);
}

#[test]
fn a_dry_run_says_where_and_sends_nothing() {
    let project = short();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    let target = format!("127.0.0.1:{}=1", socket.local_addr().unwrap().port());
    let play = ["play", "build/short.canvas", "--to", "0.3", "--dry-run", "--artnet", &target];
    let ran = project.run(&play).exits(0);
    assert!(ran.out.contains("1 by Art-Net to 127.0.0.1:"), "{}", ran.out);
    assert!(socket.recv(&mut [0; 600]).is_err());
}

#[test]
fn a_canvas_plays_where_there_are_no_sources() {
    let project = short();
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::copy(project.path("build/short.canvas"), elsewhere.path().join("a.canvas")).unwrap();
    let node = UdpSocket::bind("127.0.0.1:0").unwrap();
    let target = node.local_addr().unwrap().to_string();
    let play = ["play", "a.canvas", "--to", "0.2", "--artnet", &target];
    common::run(elsewhere.path(), &play).exits(0);
    drop(node);
    // What nobody heard is no good end.
    let ran = common::run(elsewhere.path(), &play).exits(3);
    assert!(ran.err.contains("Connection refused"), "{}", ran.err);
}

#[test]
fn a_monitor_without_data_leaves_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let (artnet, sacn) = (free_port().to_string(), free_port().to_string());
    let ports = ["--artnet-port", &artnet, "--sacn-port", &sacn];
    let args = ["monitor", "--bind", "127.0.0.1", "--seconds", "0.2", "--record", "none.canvas"];
    let ran = common::run(folder.path(), &[&args[..], &ports[..]].concat()).exits(3);
    assert!(ran.err.contains("nothing was heard"), "{}", ran.err);
    assert!(!folder.path().join("none.canvas").exists());
}

#[test]
fn a_port_that_is_taken_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let other = free_port().to_string();
    let args = ["monitor", "--bind", "127.0.0.1", "--artnet-port", &port, "--sacn-port", &other];
    let ran = common::run(folder.path(), &[&args[..], &["--seconds", "0.2"]].concat()).exits(3);
    assert!(ran.err.contains(&port), "{}", ran.err);
}

#[test]
fn a_venue_is_shown_without_a_show() {
    let project = Project::new();
    let (artnet, sacn) = (free_port().to_string(), free_port().to_string());
    let ports = ["--artnet-port", &artnet, "--sacn-port", &sacn];
    let args = ["monitor", "--bind", "127.0.0.1", "--seconds", "0.1"];
    let with =
        |venue: &'static str| project.run(&[&args[..], &ports[..], &["--venue", venue]].concat());
    with("room").exits(0);
    assert!(with("rom").exits(2).err.contains("did you mean `room`?"));
    project.edit("fixtures/room.toml", "address = 8", "address = 600");
    assert!(with("room").exits(1).err.contains("fixtures/room.toml:"));
}

/// The objects that a command printed, a line each.
fn objects(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn what_is_recorded_is_what_was_played() {
    let project = short();
    let port = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let target = format!("127.0.0.1:{}", port.local_addr().unwrap().port());
    let record = ["--record", "build/sent.canvas", "--record", "build/sent.pcapng"];
    let play = ["play", "build/short.canvas", "--audio", "none", "--artnet", &target];
    let played = project.run(&[&play[..], &record[..]].concat()).exits(0);
    assert!(played.out.contains("recorded build/sent.canvas: 0:03.000"), "{}", played.out);
    project.run(&["canvas", "verify", "build/sent.canvas"]).exits(0);
    project.run(&["canvas", "diff", "build/short.canvas", "build/sent.canvas"]).exits(0);
    // It plays as the show did, and goes with the same place in the song.
    let header = |canvas: &str| {
        let info = project.run(&["canvas", "info", "--json", canvas]).exits(0).out;
        serde_json::from_str::<Value>(&info).unwrap()["header"].clone()
    };
    let (show, sent) = (header("build/short.canvas"), header("build/sent.canvas"));
    for key in ["frames", "rate", "song", "sections", "routes", "last_look"] {
        assert_eq!(show[key], sent[key], "{key}");
    }
    let capture = std::fs::read(project.path("build/sent.pcapng")).unwrap();
    assert_eq!(capture[..4], [0x0a, 0x0d, 0x0d, 0x0a]);
    let count = |needle: &[u8]| capture.windows(needle.len()).filter(|at| *at == needle).count();
    // Three seconds of every universe, and the last look three times.
    let universes = show["universes"].as_array().unwrap().len();
    assert!(count(b"Art-Net\0\x00\x50") >= (180 + 3) * universes, "{}", played.out);
    let refused = project.run(&["play", "build/short.canvas", "--record", "sent.mp4"]).exits(2);
    assert!(refused.err.contains(".canvas (frames) or .pcapng (packets)"), "{}", refused.err);
}

#[test]
fn every_frame_is_printed_for_scripts() {
    let project = short();
    let played =
        project.run(&["play", "build/short.canvas", "--audio", "none", "--stdout"]).exits(0);
    let lines = objects(&played.out);
    let frames: Vec<u64> = lines.iter().map(|line| line["frame"].as_u64().unwrap()).collect();
    assert!(frames.is_sorted() && frames[0] == 0 && frames.last() == Some(&179), "{frames:?}");
    assert!(frames.len() > 90, "a busy machine drops some: {}", frames.len());
    assert_eq!(lines[0]["reason"], "frame");
    assert_eq!(lines[0]["universes"]["1"].as_array().map(Vec::len), Some(first_lit(&project)));
    let last = lines.last().unwrap();
    assert_eq!((&last["last_look"], &last["universes"]["1"]), (&Value::Bool(true), &json!([])));
    assert!(lines[..lines.len() - 1].iter().all(|line| line["last_look"].is_null()));
}

/// How many slots there are to the last lit one in the first frame of the short canvas.
fn first_lit(project: &Project) -> usize {
    let canvas = gobo_canvas::Canvas::open(&project.path("build/short.canvas")).unwrap();
    let mut slots = [0; 512];
    canvas.frame(0, 0, &mut slots).unwrap();
    slots.iter().rposition(|&level| level > 0).map_or(0, |last| last + 1)
}

#[test]
fn a_script_that_has_seen_enough_ends_a_show_that_goes_nowhere_else() {
    use std::io::{BufRead, BufReader};
    let project = short();
    let mut command = common::gobo(&project.path("."));
    command.args(["play", "build/short.canvas", "--audio", "none", "--loop", "--stdout"]);
    let mut show = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut reader = BufReader::new(show.stdout.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert!(line.starts_with(r#"{"reason":"frame","frame":0,"#), "{line}");
    drop(reader);
    let until = std::time::Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = show.try_wait().unwrap() {
            break status;
        }
        if std::time::Instant::now() > until {
            show.kill().unwrap();
            panic!("the show went on for nobody");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.code(), Some(0));
}
