//! Test patterns, as they come out.

mod common;

use std::net::UdpSocket;
use std::time::Duration;

use common::{Project, Running};

/// A player of a pattern, and what hears it.
fn play(project: &Project, pattern: &str, more: &[&str]) -> (Running, UdpSocket) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let target = format!("127.0.0.1:{}", socket.local_addr().unwrap().port());
    let play = ["play", "--test-pattern", pattern, "--artnet", &target];
    (project.start(&[&play[..], more].concat()), socket)
}

/// The next levels that are not those given (Art-Net 4, ArtDmx: data from byte 18).
fn next(socket: &UdpSocket, last: &[u8]) -> Vec<u8> {
    let mut packet = [0; 600];
    loop {
        let length = socket.recv(&mut packet).expect("packets come");
        if packet[8..10] == [0x00, 0x50] && packet[18..length] != *last {
            return packet[18..length].to_vec();
        }
    }
}

fn lit(levels: &[u8]) -> usize {
    levels.iter().filter(|&&level| level > 0).count()
}

#[test]
fn all_are_lit_until_the_end_and_then_dark() {
    let project = Project::new();
    let (player, socket) = play(&project, "all", &["hello"]);
    let all = next(&socket, &[]);
    assert!(lit(&all) > 3, "{all:?}");
    player.signal("TERM");
    let dark = next(&socket, &all);
    assert_eq!(lit(&dark), 0);
    player.wait(Duration::from_secs(30)).exits(0);
}

#[test]
fn a_chase_lights_one_fixture_after_another() {
    let project = Project::new();
    let (_all, socket) = play(&project, "all", &["hello"]);
    let all = next(&socket, &[]);
    let (_chase, socket) = play(&project, "chase", &["--venue", "room"]);
    let first = next(&socket, &[]);
    let second = next(&socket, &first);
    assert!(lit(&first) > 0 && lit(&first) < lit(&all));
    assert!(lit(&second) > 0);
    let both = first.iter().zip(&second).filter(|(a, b)| **a > 0 && **b > 0).count();
    assert_eq!(both, 0, "{first:?} and {second:?}");
}

#[test]
fn slots_of_a_universe_are_lit_one_by_one() {
    let project = Project::new();
    let (_player, socket) = play(&project, "universe", &[]);
    let mut last = Vec::new();
    for slot in 0..3 {
        last = next(&socket, &last);
        let lit: Vec<_> = (0..512).filter(|&at| last[at] > 0).collect();
        assert_eq!(lit, [slot]);
    }
}

#[test]
fn what_is_not_there_is_said() {
    let project = Project::new();
    let ran = project.run(&["play", "--test-pattern", "identify=no-such"]).exits(2);
    assert!(ran.err.contains("there is no fixture `no-such`"), "{}", ran.err);
    let ran = project.run(&["play", "--test-pattern", "disco"]).exits(2);
    assert!(ran.err.contains("expected `all`, `chase`"), "{}", ran.err);
}

#[test]
fn a_pattern_leaves_in_time_and_has_nothing_of_a_show() {
    let project = Project::new();
    let (playing, socket) = play(&project, "all", &["--until", "+0.5s"]);
    playing.wait(Duration::from_secs(20)).exits(0);
    let mut last = vec![255; 512];
    socket.set_nonblocking(true).unwrap();
    let mut packet = [0; 600];
    while let Ok(length) = socket.recv(&mut packet) {
        last = packet[18..length].to_vec();
    }
    assert_eq!(lit(&last), 0, "it leaves dark");
    for option in [
        &["--start-at", "+1s"][..],
        &["--master", "50%"],
        &["--park", "head.dimmer=0"],
        &["--input", "sacn"],
        &["--to", "9"],
        &["--loop"],
        &["--speed", "2"],
        &["--follow", "mtc"],
    ] {
        let ran = project.run(&[&["play", "--test-pattern", "all"], option].concat()).exits(2);
        assert!(ran.err.contains("cannot be used with"), "{}", ran.err);
    }
}
