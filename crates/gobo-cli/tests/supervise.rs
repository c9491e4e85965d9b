//! Players that crash under supervision, seen by a receiver that shares no code with gobo.
#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use common::{Running, gobo};
use gobo_canvas::{CanvasWriter, Cell, Compression, Header, UniverseEntry};
use gobo_dmx::Universe;
use tempfile::TempDir;

/// Room enough on a busy machine.
const LONG: Duration = Duration::from_secs(60);

/// A canvas at 60 FPS whose first two slots say the frame, counted from a number.
fn canvas(folder: &Path, name: &str, frames: u32, from: u16) -> PathBuf {
    let universe = UniverseEntry { universe: Universe::FIRST, name: String::new(), slots_used: 2 };
    let header = Header { frames, universes: vec![universe], ..Header::default() };
    let path = folder.join(name);
    let mut writer = CanvasWriter::create(&path, &header).unwrap();
    for cell in 0..header.cells() {
        let first = header.first_frame(cell) as u16;
        let rows: Vec<u8> = (0..header.frames_in(cell))
            .flat_map(|row| (from + first + row).to_be_bytes())
            .collect();
        writer.put(0, cell, &Cell::encode(cell.into(), 2, &rows, Compression::Fast)).unwrap();
    }
    writer.finish().unwrap();
    path
}

/// A packet that a receiver of the standard takes.
struct Taken {
    at: Instant,
    frame: u16,
    terminated: bool,
}

/// A receiver that drops what the standard has it drop (E1.31-2018 6.7.2).
struct Receiver {
    port: u16,
    taken: Arc<AtomicUsize>,
    thread: JoinHandle<(Vec<Taken>, usize)>,
}

impl Receiver {
    fn open() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(LONG)).unwrap();
        let (port, taken) = (socket.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&taken);
        let thread = thread::spawn(move || {
            let (mut packets, mut dropped, mut last) = (Vec::new(), 0, None);
            let mut buffer = [0; 1500];
            loop {
                let length = socket.recv(&mut buffer).expect("the streams end in time");
                let (at, packet) = (Instant::now(), &buffer[..length]);
                // Table 4-1: root vector 4 and framing vector 2 are data.
                if packet[18..22] != [0, 0, 0, 4] || packet[40..44] != [0, 0, 0, 2] {
                    continue;
                }
                let sequence = packet[111];
                let late =
                    |last: u8| (-19..=0).contains(&sequence.wrapping_sub(last).cast_signed());
                if last.is_some_and(late) {
                    dropped += 1;
                    continue;
                }
                last = Some(sequence);
                let terminated = packet[112] & 0x40 != 0;
                let frame = u16::from_be_bytes([packet[126], packet[127]]);
                packets.push(Taken { at, frame, terminated });
                count.fetch_add(1, Ordering::Relaxed);
                if packets.iter().filter(|packet| packet.terminated).count() == 3 {
                    return (packets, dropped);
                }
            }
        });
        Self { port, taken, thread }
    }

    /// Waits for so many more packets.
    fn wait_for(&self, more: usize) {
        let wanted = self.taken.load(Ordering::Relaxed) + more;
        let deadline = Instant::now() + LONG;
        while self.taken.load(Ordering::Relaxed) < wanted {
            assert!(Instant::now() < deadline, "no packets come");
            thread::sleep(Duration::from_millis(2));
        }
    }
}

fn start(folder: &TempDir, receiver: &Receiver, more: &[&str]) -> Running {
    let target = format!("127.0.0.1:{}", receiver.port);
    let mut command = gobo(folder.path());
    command.args(["play", "--supervise", "--audio", "none", "--sacn", &target]);
    Running::new(command.args(more))
}

/// The process that plays.
fn player(supervisor: u32) -> Option<u32> {
    let children = fs::read_to_string(format!("/proc/{supervisor}/task/{supervisor}/children"));
    children.ok()?.split_whitespace().next()?.parse().ok()
}

/// Whether a process plays, rather than being there for the last look only, or not itself yet:
/// before it runs its program, a child has the variables of its parent.
fn plays(process: u32) -> bool {
    let variables = fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
    let variables = String::from_utf8_lossy(&variables);
    variables.contains(r#""task":"#) && !variables.contains(r#""task":{"Leave""#)
}

fn kill(process: u32) {
    // It may be gone already.
    let _ = Command::new("kill").args(["-9", &process.to_string()]).output();
}

#[test]
#[allow(clippy::print_stderr, reason = "figures are wanted")]
fn ten_kills_are_hardly_seen() {
    let (folder, receiver) = (tempfile::tempdir().unwrap(), Receiver::open());
    canvas(folder.path(), "count.canvas", 3600, 1);
    let supervised = start(&folder, &receiver, &["count.canvas"]);
    let mut killed = Vec::new();
    for round in 0..10_usize {
        receiver.wait_for(65 + round * 7 % 13);
        let player = player(supervised.id()).expect("a player");
        killed.push(player);
        kill(player);
    }
    receiver.wait_for(65);
    killed.extend(player(supervised.id()));
    supervised.signal("TERM");
    let ran = supervised.wait(LONG).exits(0);
    assert_eq!(ran.err.matches("SIGKILL").count(), 10, "{}", ran.err);
    killed.sort_unstable();
    killed.dedup();
    assert_eq!(killed.len(), 11);
    assert!(killed.iter().all(|process| !Path::new(&format!("/proc/{process}")).exists()));

    let (taken, dropped) = receiver.thread.join().unwrap();
    assert_eq!(dropped, 0, "packets that the standard calls late");
    let gaps = taken.windows(2).map(|pair| pair[1].at - pair[0].at);
    let mut gaps: Vec<Duration> = gaps.collect();
    gaps.sort_unstable();
    let longest = gaps[gaps.len() - 1];
    // The last look is dark.
    let lit = taken.iter().filter(|packet| packet.frame > 0);
    let begins =
        lit.map(|packet| packet.at - Duration::from_secs(u64::from(packet.frame - 1)) / 60);
    let (first, last) = (begins.clone().min().unwrap(), begins.max().unwrap());
    eprintln!("gaps {:?}, places within {:?}", &gaps[gaps.len() - 10..], last - first);
    assert!(longest < Duration::from_millis(2500), "a gap of {longest:?}");
    // None was early, and none later than a gap can make it.
    assert!(last - first < Duration::from_millis(2500), "places differ by {:?}", last - first);
    let frames: Vec<u16> = taken.iter().map(|packet| packet.frame).filter(|&f| f > 0).collect();
    let back = frames.windows(2).filter(|pair| pair[1] < pair[0]).count();
    assert_eq!(back, 0, "frames of before came again");
}

#[test]
fn the_time_to_leave_outlives_a_crash() {
    let (folder, receiver) = (tempfile::tempdir().unwrap(), Receiver::open());
    canvas(folder.path(), "count.canvas", 3600, 1);
    let supervised = start(&folder, &receiver, &["count.canvas", "--loop", "--until", "+3s"]);
    receiver.wait_for(120);
    kill(player(supervised.id()).expect("a player"));
    supervised.wait(LONG).exits(0);
    let (taken, _) = receiver.thread.join().unwrap();
    // Three seconds and the end; counted anew, they would be five.
    assert!(taken.len() < 250, "{} packets", taken.len());
}

#[test]
fn a_player_whose_supervisor_is_killed_leaves_its_last_look() {
    let (folder, receiver) = (tempfile::tempdir().unwrap(), Receiver::open());
    canvas(folder.path(), "count.canvas", 3600, 1);
    let supervised = start(&folder, &receiver, &["count.canvas", "--loop"]);
    receiver.wait_for(30);
    kill(supervised.id());
    let (taken, _) = receiver.thread.join().unwrap();
    let dark = taken.iter().rev().take_while(|packet| packet.frame == 0).count();
    assert!(dark >= 3, "{dark} dark packets at the end");
}

#[test]
fn a_list_goes_on_with_the_show_that_played() {
    let (folder, receiver) = (tempfile::tempdir().unwrap(), Receiver::open());
    canvas(folder.path(), "first.canvas", 60, 1);
    canvas(folder.path(), "second.canvas", 180, 1001);
    let supervised = start(&folder, &receiver, &["first.canvas", "second.canvas"]);
    receiver.wait_for(100);
    kill(player(supervised.id()).expect("a player"));
    supervised.wait(LONG).exits(0);
    let (taken, dropped) = receiver.thread.join().unwrap();
    assert_eq!(dropped, 0);
    let frames: Vec<u16> = taken.iter().map(|packet| packet.frame).filter(|&f| f > 0).collect();
    assert!(frames.is_sorted(), "{frames:?}");
    assert_eq!(frames.last(), Some(&1180));
}

#[test]
fn a_player_that_crashes_again_and_again_is_given_up_dark() {
    let (folder, receiver) = (tempfile::tempdir().unwrap(), Receiver::open());
    canvas(folder.path(), "count.canvas", 3600, 1);
    let supervised = start(&folder, &receiver, &["count.canvas"]);
    receiver.wait_for(3);
    let began = Instant::now();
    while Path::new(&format!("/proc/{}/exe", supervised.id())).exists() {
        assert!(began.elapsed() < LONG, "it is not given up");
        if let Some(player) = player(supervised.id()).filter(|&player| plays(player)) {
            kill(player);
        }
        // What has ended is a zombie until it is waited for.
        let state = fs::read_to_string(format!("/proc/{}/stat", supervised.id())).unwrap();
        if state.contains(") Z ") {
            break;
        }
    }
    let ran = supervised.wait(LONG).exits(3);
    assert!(ran.err.contains("error: the player crashed 5 times in a row"), "{}", ran.err);
    let (taken, dropped) = receiver.thread.join().unwrap();
    assert_eq!(dropped, 0);
    let last = &taken[taken.len() - 6..];
    assert!(last.iter().all(|packet| packet.frame == 0));
    assert!(last[..3].iter().all(|packet| !packet.terminated));
}

#[test]
fn what_cannot_be_played_is_not_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.canvas");
    fs::write(&path, "no canvas").unwrap();
    let ran = common::run(folder.path(), &["play", "broken.canvas", "--supervise"]).exits(1);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
}
