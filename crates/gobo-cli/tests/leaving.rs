//! However a player is told to go, the lights are left as promised.
//!
//! Packets are read here by their offsets in the standards, not by gobo's own code.

mod common;

use std::net::UdpSocket;
use std::process::Command;
use std::thread;
use std::time::Duration;

use common::outside::tool;
use common::{Project, Running};

/// A long show whose lights are on when it is left.
fn lit() -> Project {
    let project = Project::new();
    project.run(&["compile"]).exits(0);
    project
}

/// Every packet until the line has been quiet for a while.
fn collect(socket: UdpSocket) -> thread::JoinHandle<Vec<Vec<u8>>> {
    socket.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    thread::spawn(move || {
        let (mut packets, mut buffer) = (Vec::new(), [0; 1500]);
        loop {
            match socket.recv(&mut buffer) {
                Ok(length) => packets.push(buffer[..length].to_vec()),
                // The player may not have begun.
                Err(_) if packets.is_empty() => {}
                Err(_) => return packets,
            }
        }
    })
}

/// Plays to a socket with more options, sends a signal, and returns what came.
fn leave(option: &str, signal: &str, more: &[&str]) -> Vec<Vec<u8>> {
    let project = lit();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let target = format!("127.0.0.1:{}", socket.local_addr().unwrap().port());
    let packets = collect(socket);
    let play = ["play", "build/hello.canvas", "--from", "3", "--audio", "none", option, &target];
    let player = project.start(&[&play[..], more].concat());
    thread::sleep(Duration::from_millis(700));
    player.signal(signal);
    player.wait(Duration::from_secs(5)).exits(0);
    packets.join().unwrap()
}

/// The levels of an ArtDmx packet (Art-Net 4, ArtDmx: data from byte 18).
fn artnet_levels(packet: &[u8]) -> Option<&[u8]> {
    (packet.starts_with(b"Art-Net\0") && packet[8..10] == [0x00, 0x50]).then(|| &packet[18..])
}

/// Options and levels of an E1.31 data packet (E1.31-2018 table 4-1: bytes 112 and 126 on).
fn sacn(packet: &[u8]) -> Option<(u8, &[u8])> {
    let is_data = packet[18..22] == [0, 0, 0, 4] && packet[40..44] == [0, 0, 0, 2];
    is_data.then(|| (packet[112], &packet[126..]))
}

fn is_dark(levels: &[u8]) -> bool {
    levels.iter().all(|&level| level == 0)
}

#[test]
fn art_net_ends_dark_three_times() {
    for signal in ["INT", "TERM"] {
        let packets = leave("--artnet", signal, &[]);
        let levels: Vec<&[u8]> =
            packets.iter().filter_map(|packet| artnet_levels(packet)).collect();
        let (before, last) = levels.split_at(levels.len() - 3);
        assert!(before.len() > 10 && !is_dark(before[before.len() - 1]), "{signal}");
        assert!(last.iter().all(|levels| is_dark(levels)), "{signal}");
    }
}

#[test]
fn a_terminal_that_closes_ends_dark() {
    let Some(tmux) = tool("tmux") else { return };
    let project = lit();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let target = format!("127.0.0.1:{}", socket.local_addr().unwrap().port());
    let packets = collect(socket);
    let (state, gobo) = (project.path(".state"), env!("CARGO_BIN_EXE_gobo"));
    let server = format!("gobo-test-{}", std::process::id());
    let tmux = |arguments: &[&str]| {
        let mut command = Command::new(&tmux);
        command.current_dir(project.root()).args(["-L", &server]).args(arguments);
        command.env("XDG_STATE_HOME", &state).env_remove("TMUX");
        assert!(command.status().unwrap().success());
    };
    let play =
        ["play", "build/hello.canvas", "--from", "3", "--audio", "none", "--artnet", &target];
    tmux(&[&["new-session", "-d", gobo], &play[..]].concat());
    thread::sleep(Duration::from_millis(700));
    tmux(&["kill-server"]);
    let packets = packets.join().unwrap();
    let levels: Vec<&[u8]> = packets.iter().filter_map(|packet| artnet_levels(packet)).collect();
    let (before, last) = levels.split_at(levels.len() - 3);
    assert!(before.len() > 10 && !is_dark(before[before.len() - 1]));
    assert!(last.iter().all(|levels| is_dark(levels)));
}

#[test]
fn e131_ends_dark_and_terminates_three_times() {
    for signal in ["INT", "TERM", "HUP"] {
        let packets = leave("--sacn", signal, &[]);
        let data: Vec<(u8, &[u8])> = packets.iter().filter_map(|packet| sacn(packet)).collect();
        let ended = data.iter().filter(|(options, _)| options & 0x40 != 0).count();
        assert_eq!(ended, 3, "{signal}");
        let (before, last) = data.split_at(data.len() - 3);
        assert!(last.iter().all(|(options, _)| options & 0x40 != 0), "{signal}");
        assert!(before[before.len() - 3..].iter().all(|(_, levels)| is_dark(levels)), "{signal}");
        assert!(!is_dark(before[before.len() - 4].1), "{signal}");
    }
}

#[test]
fn hold_leaves_the_last_frame() {
    let packets = leave("--artnet", "TERM", &["--hold"]);
    let last = packets.iter().rev().find_map(|packet| artnet_levels(packet)).unwrap();
    assert!(!is_dark(last));
}

#[test]
fn the_source_is_the_same_every_time() {
    let project = lit();
    let cid = || {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let target = format!("127.0.0.1:{}", socket.local_addr().unwrap().port());
        let packets = collect(socket);
        let play = ["play", "build/hello.canvas", "--to", "0.1", "--audio", "none"];
        project.run(&[&play[..], &["--sacn", &target]].concat()).exits(0);
        packets.join().unwrap()[0][22..38].to_vec()
    };
    let first = cid();
    assert_eq!(cid(), first);
    assert!(first.iter().any(|&byte| byte != 0));
}

#[test]
fn under_nohup_a_show_outlives_its_terminal() {
    let project = lit();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let target = format!("127.0.0.1:{}", socket.local_addr().unwrap().port());
    let play = "trap '' HUP; exec \"$0\" play build/hello.canvas --audio none --artnet \"$1\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", play, env!("CARGO_BIN_EXE_gobo"), &target]).current_dir(project.root());
    let player = Running::new(&mut shell);
    let packet = || socket.recv(&mut [0; 600]);
    packet().unwrap();
    player.signal("HUP");
    thread::sleep(Duration::from_millis(300));
    socket.set_nonblocking(true).unwrap();
    while packet().is_ok() {}
    thread::sleep(Duration::from_millis(200));
    assert!(packet().is_ok(), "the show has stopped");
    player.signal("TERM");
    player.wait(Duration::from_secs(5)).exits(0);
}
