//! Several shows in a row, over loopback: packets are read by their offsets in the standard.

mod common;

use std::fs;
use std::net::UdpSocket;
use std::time::{Duration, Instant};

use common::Project;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A project whose shows are one look each, told by the level of the first slot.
fn shows(shows: &[(&str, u32, &str)]) -> Project {
    let project = Project::new();
    for (name, percent, length) in shows {
        let manifest = format!("venue = \"room\"\nlength = \"{length}\"\ncues = [\"base.json\"]\n");
        project.write(&format!("shows/{name}/show.toml"), &manifest);
        let look = format!("{{\"dimmer\": \"{percent}%\", \"color\": \"#ff0000\"}}");
        let cues = format!("{{\"cues\": [{{\"at\": 0, \"on\": \"pars\", \"set\": {look}}}]}}");
        project.write(&format!("shows/{name}/base.json"), &cues);
    }
    project
}

/// Where packets come, and what was seen of them.
struct Wire {
    socket: UdpSocket,
    target: String,
}

impl Wire {
    fn open() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let target = format!("127.0.0.1:{}", socket.local_addr().unwrap().port());
        socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        Self { socket, target }
    }

    /// The level of the first slot in the next packet (Art-Net 4, ArtDmx: data from byte 18).
    fn level(&self) -> Option<u8> {
        let mut packet = [0; 1500];
        let length = self.socket.recv(&mut packet).ok()?;
        let is_dmx = packet.starts_with(b"Art-Net\0") && packet[8..10] == [0x00, 0x50];
        (is_dmx && length > 18).then(|| packet[18])
    }

    /// Waits for a level, with something done between packets.
    #[track_caller]
    fn wait_for(&self, level: u8, mut meanwhile: impl FnMut()) {
        let deadline = Instant::now() + PATIENCE;
        while self.level() != Some(level) {
            assert!(Instant::now() < deadline, "the level {level} does not come");
            meanwhile();
        }
    }

    /// The levels that come until nothing does, equal ones in a row once.
    fn rest(&self) -> Vec<u8> {
        let mut levels = Vec::new();
        let mut quiet = 0;
        while quiet < 5 {
            match self.level() {
                Some(level) => (quiet, _) = (0, levels.push(level)),
                None => quiet += 1,
            }
        }
        levels.dedup();
        levels
    }
}

const TWO: [(&str, u32, &str); 2] = [("one", 20, "800ms"), ("two", 100, "800ms")];

#[test]
fn shows_play_in_a_row_and_leave_one_last_look() {
    for (transition, between) in [("hold", &[51, 255, 0][..]), ("blackout", &[51, 0, 255, 0])] {
        let (project, wire) = (shows(&TWO), Wire::open());
        let play = ["play", "one", "two", "--audio", "none", "--gap", "200ms"];
        let to = ["--transition", transition, "--artnet", &wire.target];
        let ran = project.run(&[&play[..], &to].concat()).exits(0);
        assert_eq!(wire.rest(), between, "{transition}");
        assert!(ran.out.contains("1/2 one\n2/2 two\n"), "{}", ran.out);
    }
}

#[test]
fn a_fade_leads_from_one_show_to_the_next() {
    let (project, wire) = (shows(&TWO), Wire::open());
    let play = ["play", "one", "two", "--audio", "none", "--transition", "crossfade=300ms"];
    project.run(&[&play[..], &["--artnet", &wire.target]].concat()).exits(0);
    let levels = wire.rest();
    let (last, rising) = levels.split_last().unwrap();
    assert_eq!((*last, rising[0], rising[rising.len() - 1]), (0, 51, 255));
    assert!(rising.is_sorted() && rising.len() > 4, "{levels:?}");
}

#[test]
fn a_list_waits_for_its_go_and_says_what_plays() {
    let (project, wire) = (shows(&TWO), Wire::open());
    let list = "loop = true\nshows = [{ show = \"one\", gap = \"go\" }, \"two\"]\n";
    project.write("shows/tonight.playlist.toml", list);
    project.run(&["check", "tonight"]).exits(0);
    let play = ["play", "tonight", "--audio", "none", "--message-format", "json"];
    let player = project.start(&[&play[..], &["--artnet", &wire.target]].concat());
    // Dark and ready; then one, then two, and again.
    wire.wait_for(0, || {});
    for _ in 0..2 {
        wire.wait_for(51, || player.signal("USR1"));
        wire.wait_for(255, || {});
    }
    player.signal("TERM");
    let ran = player.wait(PATIENCE).exits(0);
    assert_eq!(wire.rest().last(), Some(&0));
    let shows: Vec<&str> = ran.out.lines().filter(|line| line.contains("\"show\"")).collect();
    for told in [
        r#"{"reason":"show","place":1,"name":"one"}"#,
        r#"{"reason":"show","place":2,"name":"two"}"#,
    ] {
        assert!(shows.contains(&told), "{shows:?}");
    }
}

#[test]
fn a_canvas_that_has_vanished_is_left_out() {
    let (project, wire) = (shows(&[TWO[0], TWO[1], ("three", 60, "400ms")]), Wire::open());
    project.run(&["compile", "one", "two", "three"]).exits(0);
    let list = "shows = [{ show = \"one.canvas\", gap = \"go\" }, \"two.canvas\", \
                { show = \"three.canvas\", gap = \"go\" }, \"two.canvas\"]\n";
    project.write("build/list.playlist.toml", list);
    let play = ["play", "build/list.playlist.toml", "--audio", "none", "--artnet", &wire.target];
    let player = project.start(&play);
    wire.wait_for(0, || {});
    // The second is made ready only once the first is on stage.
    fs::remove_file(project.path("build/three.canvas")).unwrap();
    wire.wait_for(51, || player.signal("USR1"));
    let ran = player.wait(PATIENCE).exits(3);
    assert!(ran.err.contains("three is left out"), "{}", ran.err);
    let levels = wire.rest();
    assert_eq!(levels[levels.len() - 2..], [255, 0]);
}

#[test]
fn all_that_cannot_be_played_is_told_before_the_start() {
    let project = shows(&TWO);
    for name in ["one", "two"] {
        project.edit(&format!("shows/{name}/base.json"), "pars", "parts");
    }
    let ran = project.run(&["play", "one", "two", "--audio", "none", "--dry-run"]).exits(1);
    assert!(ran.err.contains("shows/one") && ran.err.contains("shows/two"), "{}", ran.err);
    let ran = project.run(&["play", "a.canvas", "b.canvas", "--dry-run"]).exits(3);
    assert!(ran.err.contains("a.canvas") && ran.err.contains("b.canvas"), "{}", ran.err);
    project.write("x.playlist.toml", "shows = [\"oen\", \"tow\"]\n");
    for command in ["play", "check"] {
        let ran = project.run(&[command, "x.playlist.toml"]).exits(1);
        assert!(ran.err.contains("did you mean `one`"), "{}", ran.err);
        assert!(ran.err.contains("did you mean `two`"), "{}", ran.err);
    }
}

#[test]
fn a_show_is_left_at_its_time() {
    let (project, wire) = (shows(&[("one", 20, "300ms")]), Wire::open());
    let play = ["play", "one", "--loop", "--audio", "none", "--artnet", &wire.target];
    for more in [&["--until", "+1s"][..], &["--until", "+1s", "--finish"]] {
        let began = Instant::now();
        project.run(&[&play[..], more].concat()).exits(0);
        assert!(began.elapsed() >= Duration::from_secs(1));
        assert_eq!(wire.rest(), [51, 0], "{more:?}");
    }
    let ran = project.run(&[&play[..], &["--until", "2020-01-01T00:00"]].concat()).exits(2);
    assert!(ran.err.contains("is past"), "{}", ran.err);
    project.run(&[&play[..], &["--until", "11 pm"]].concat()).exits(2);
}
