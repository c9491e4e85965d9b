//! A monitor that says what it is itself to blame for.
#![cfg(target_os = "linux")]

mod common;

use std::net::UdpSocket;
use std::time::Duration;

use common::{Project, free_port, wait_until_taken};
use serde_json::Value;

/// An ArtDmx packet of two slots (Art-Net 4, ArtDmx).
fn packet(sequence: u8) -> Vec<u8> {
    let mut packet = b"Art-Net\0\x00\x50\0\x0e".to_vec();
    packet.extend([sequence, 0, 0, 0, 0, 2, 7, 8]);
    packet.resize(600, 0);
    packet
}

#[test]
fn losses_of_this_machine_are_told_apart_and_intervals_are_told() {
    let project = Project::new();
    let (artnet, sacn) = (free_port(), free_port());
    let ports = [artnet, sacn].map(|port| port.to_string());
    let monitor = ["monitor", "--json", "--bind", "127.0.0.1", "--until-end"];
    let ports = ["--artnet-port", &ports[0], "--sacn-port", &ports[1]];
    let monitor = project.start(&[&monitor[..], &ports].concat());
    wait_until_taken(artnet);
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    let send = |sequence| sender.send_to(&packet(sequence), ("127.0.0.1", artnet)).unwrap();
    for sequence in 1..20 {
        send(sequence);
        std::thread::sleep(Duration::from_millis(5));
    }
    monitor.signal("STOP");
    (0..40_000_u16).for_each(|n| {
        send((n % 255) as u8 + 1);
    });
    monitor.signal("CONT");
    // It leaves when the stream has been silent for 2.5 s, two seconds after it has told.
    let ran = monitor.wait(Duration::from_secs(60)).exits(0);
    let lines = ran.out.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let (mut lost_here, mut intervals) = (0, Value::Null);
    for line in lines {
        if line["event"] == "lost here" {
            lost_here = line["packets"].as_u64().unwrap();
        }
        if line["event"] == "levels" && line["sources"][0]["interval_ms"].is_object() {
            intervals = line["sources"][0]["interval_ms"].clone();
        }
    }
    assert!((1..40_000).contains(&lost_here), "{lost_here} lost:\n{}", ran.out);
    let figures = ["p50", "p99", "p99_9", "max"].map(|key| intervals[key].as_f64().unwrap());
    assert!(figures.is_sorted() && intervals["count"].as_u64() > Some(18), "{intervals}");
}
