//! Random edits of a watched show, good and broken, saved in several ways, each with a seek: in the
//! end the wire is what a clean compile of the files gives.
//!
//! `STORM=600` makes it ten minutes long and holds memory and lateness, too (`make storm`).

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use common::outside::repository;
use common::{gobo, run};
use gobo_canvas::{Canvas, Reader};
use serde_json::Value;

/// Seconds of edits where nobody asks for more.
const SECONDS: u64 = 5;
/// How long the last edit may take to be on the wire.
const PATIENCE: Duration = Duration::from_secs(20);
/// Frames that are compared at the end.
const COMPARED: usize = 90;
/// What memory may grow by in a long run, in kB: cells that are kept.
const GROWTH: u64 = 96 << 10;

#[allow(clippy::print_stderr, reason = "the figures of a long run")]
fn say(text: &str) {
    eprintln!("{text}");
}

/// Throws dice (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) % bound as u64) as usize
    }

    fn of<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        &things[self.below(things.len())]
    }
}

/// The demo's sources in a folder of their own.
fn copied(folder: &Path) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for part in ["shows", "fixtures", "songs"] {
        copy(&repository().join(part), &folder.join(part), part, &mut texts);
    }
    texts
}

fn copy(from: &Path, to: &Path, name: &str, texts: &mut BTreeMap<String, String>) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        let (inside, to) = (format!("{name}/{file}"), to.join(&file));
        if path.is_dir() {
            copy(&path, &to, &inside, texts);
            continue;
        }
        fs::copy(&path, to).unwrap();
        let is_source = ["json", "toml"].iter().any(|end| file.ends_with(end));
        if is_source && (inside.starts_with("shows/demo") || inside == "fixtures/club.toml") {
            texts.insert(inside, fs::read_to_string(path).unwrap());
        }
    }
}

/// A text with one thing changed: a number, a colour's digit, or something that breaks it.
fn edited(text: &str, dice: &mut Dice) -> String {
    let digits: Vec<usize> = text
        .char_indices()
        .filter(|(_, letter)| letter.is_ascii_digit())
        .map(|(at, _)| at)
        .collect();
    let mut bytes = text.as_bytes().to_vec();
    match dice.below(8) {
        0 => bytes.truncate(dice.below(bytes.len())),
        1 => bytes.insert(dice.below(bytes.len()), b'}'),
        2 => {
            let at = dice.below(bytes.len() - 1);
            bytes.swap(at, at + 1);
        }
        _ if digits.is_empty() => {}
        _ => bytes[*dice.of(&digits)] = b'1' + dice.below(9) as u8,
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Saves in one of several ways.
fn save(path: &Path, text: &str, dice: &mut Dice) {
    let beside = path.with_extension("beside");
    match dice.below(4) {
        0 => fs::write(path, text).unwrap(),
        1 => {
            fs::write(&beside, text).unwrap();
            fs::rename(beside, path).unwrap();
        }
        2 => {
            fs::rename(path, &beside).unwrap();
            fs::write(path, text).unwrap();
            fs::remove_file(beside).unwrap();
        }
        _ => {
            drop(fs::File::create(path).unwrap());
            thread::sleep(Duration::from_millis(3));
            fs::write(path, text).unwrap();
        }
    }
}

/// A show that is watched, and what it tells.
struct Watching {
    child: Child,
    told: Option<JoinHandle<Vec<Value>>>,
}

impl Watching {
    fn start(folder: &Path, target: &str) -> Self {
        let mut command = gobo(folder);
        command.args([
            "watch",
            "demo",
            "--json",
            "--loop",
            "--audio",
            "none",
            "--on-edit",
            "300ms",
        ]);
        command.args(["--artnet", target]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = child.stdout.take().unwrap();
        let told = thread::spawn(move || {
            let lines = BufReader::new(out).lines().map_while(Result::ok);
            lines.map(|line| serde_json::from_str(&line).expect("a line of JSON")).collect()
        });
        Self { child, told: Some(told) }
    }

    /// Its resident memory in kB.
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
    }

    fn stop(&mut self) -> Vec<Value> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", "TERM", &id]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success(), "it does not end well");
        self.told.take().unwrap().join().unwrap()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Frames of a canvas's universes as they come: the newest of each once the last has come.
struct Frames<'a> {
    socket: &'a UdpSocket,
    universes: usize,
}

impl Iterator for Frames<'_> {
    type Item = Vec<Vec<u8>>;

    fn next(&mut self) -> Option<Vec<Vec<u8>>> {
        let mut frame = vec![Vec::new(); self.universes];
        loop {
            let mut packet = [0; 600];
            let length = self.socket.recv(&mut packet).expect("frames come");
            let universe = usize::from(packet[14]);
            frame[universe] = packet[18..length].to_vec();
            if universe + 1 == self.universes && frame.iter().all(|slots| !slots.is_empty()) {
                return Some(frame);
            }
        }
    }
}

/// The frame of a canvas that is on the wire, if any is.
fn found(reader: &mut Reader, wire: &[Vec<u8>], frames: impl Iterator<Item = u32>) -> Option<u32> {
    let mut frames = frames;
    frames.find(|&frame| {
        wire.iter().enumerate().all(|(universe, slots)| {
            let mut room = [0; 512];
            reader.frame(universe, frame, &mut room).is_ok() && room[..slots.len()] == **slots
        })
    })
}

#[test]
fn in_the_end_the_wire_is_what_the_files_say() {
    let asked = std::env::var("STORM").ok().and_then(|seconds| seconds.parse::<u64>().ok());
    let folder = tempfile::tempdir().unwrap();
    let texts = copied(folder.path());
    let names: Vec<&String> = texts.keys().collect();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let target = socket.local_addr().unwrap().to_string();
    let mut watching = Watching::start(folder.path(), &target);
    let universes = 6;
    Frames { socket: &socket, universes }.next().expect("the show begins");
    let mut dice = Dice(asked.unwrap_or(7));
    let until = Instant::now() + Duration::from_secs(asked.unwrap_or(SECONDS));
    let (mut memory, mut edits, mut left) = (Vec::new(), 0, None);
    while Instant::now() < until {
        let name = *dice.of(&names);
        let path = folder.path().join(name);
        let text = edited(&texts[name], &mut dice);
        save(&path, &text, &mut dice);
        thread::sleep(Duration::from_millis(20 + dice.below(180) as u64));
        // What is broken is mended, some of it once something else is.
        for name in left.take().into_iter().chain(Some(name)) {
            if dice.below(3) > 0 || left.is_some() {
                save(&folder.path().join(name), &texts[name], &mut dice);
                thread::sleep(Duration::from_millis(20 + dice.below(120) as u64));
            } else {
                left = Some(name);
            }
        }
        edits += 1;
        memory.push(watching.memory());
    }
    // Every file is good again, but for one value that is new.
    for (name, text) in &texts {
        save(&folder.path().join(name), text, &mut dice);
    }
    let manifest = texts["shows/demo/show.toml"].replace("#1030f0", "#a0b0c0");
    save(&folder.path().join("shows/demo/show.toml"), &manifest, &mut dice);
    run(folder.path(), &["compile", "demo", "--quiet", "-o", "clean.canvas"]).exits(0);
    let canvas = Arc::new(Canvas::open(&folder.path().join("clean.canvas")).unwrap());
    let (frames, mut reader) = (canvas.header().frames, Reader::new(Arc::clone(&canvas)));
    thread::sleep(Duration::from_secs(1));
    socket.set_nonblocking(true).unwrap();
    while socket.recv(&mut [0; 600]).is_ok() {}
    socket.set_nonblocking(false).unwrap();
    let mut place: Option<u32> = None;
    for frame in (Frames { socket: &socket, universes }).skip(2).take(COMPARED) {
        let near = place.map(|place| (place..place + 8).map(|frame| frame % frames));
        let next = match near {
            Some(near) => found(&mut reader, &frame, near),
            None => found(&mut reader, &frame, 0..frames),
        };
        place = Some(next.unwrap_or_else(|| panic!("not in the canvas, after frame {place:?}")));
    }
    let told = watching.stop();
    let on = told.iter().filter(|one| one["reason"] == "edit").count();
    let late = told.iter().filter_map(|one| one["late"].as_u64()).max().unwrap_or(0);
    let half = memory.len() / 2;
    let before = memory[..=half].iter().max().copied().unwrap_or(0);
    let after = memory[half..].iter().max().copied().unwrap_or(0);
    say(&format!("{edits} edits, {on} on stage, {late} late; memory {before} kB, then {after} kB"));
    assert!(on > 5, "few editions came on: {on}");
    if asked.is_some() {
        assert_eq!(late, 0, "frames were late");
        assert!(after < before + GROWTH, "memory grows: {before} kB, then {after} kB");
    }
}
