//! A player goes on as it should while the machine under it does not: its canvas goes away, it is
//! not given the processor, the clock on the wall jumps.

mod common;

use std::fs::{self, File};
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use common::outside::tool;
use common::{Running, gobo};
use gobo_canvas::{CanvasWriter, Cell, Compression, Header, UniverseEntry};
use gobo_dmx::Universe;

const SECOND: Duration = Duration::from_secs(1);

/// A canvas at 60 FPS whose first two slots say the frame's number.
fn numbered(path: &Path, frames: u32) {
    let universe = UniverseEntry { universe: Universe::FIRST, name: String::new(), slots_used: 2 };
    let header = Header { frames, universes: vec![universe], ..Header::default() };
    let mut writer = CanvasWriter::create(path, &header).unwrap();
    for cell in 0..header.cells() {
        let first = header.first_frame(cell);
        let rows = (0..u32::from(header.frames_in(cell))).map(|row| first + row);
        let rows: Vec<u8> = rows.flat_map(|frame| (frame as u16).to_be_bytes()).collect();
        writer.put(0, cell, &Cell::encode(cell.into(), 2, &rows, Compression::Fast)).unwrap();
    }
    writer.finish().unwrap();
}

/// A player of a numbered canvas, and what it sends.
struct Stage {
    folder: tempfile::TempDir,
    socket: UdpSocket,
}

impl Stage {
    fn new(frames: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        numbered(&folder.path().join("count.canvas"), frames);
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(10 * SECOND)).unwrap();
        Self { folder, socket }
    }

    fn command(&self) -> Command {
        let target = self.socket.local_addr().unwrap().to_string();
        let mut command = gobo(self.folder.path());
        command.args(["play", "count.canvas", "--audio", "none", "--hold", "--artnet", &target]);
        command
    }

    fn play(&self) -> Running {
        Running::new(&mut self.command())
    }

    /// The number of the next frame that comes.
    fn frame(&self) -> u32 {
        let mut bytes = [0; 600];
        let length = self.socket.recv(&mut bytes).expect("a frame in time");
        assert_eq!((length, &bytes[8..10]), (530, &[0, 0x50][..]));
        u16::from_be_bytes([bytes[18], bytes[19]]).into()
    }

    /// Takes frames until one of at least this number, and gives them all.
    fn until(&self, number: u32) -> Vec<u32> {
        let mut frames = vec![self.frame()];
        while frames[frames.len() - 1] < number {
            frames.push(self.frame());
        }
        frames
    }
}

#[test]
fn what_becomes_of_a_canvas_while_it_plays_does_not_show() {
    let stage = Stage::new(300);
    let path = stage.folder.path().join("count.canvas");
    let player = stage.play();
    let mut frames = stage.until(60);
    let length = fs::metadata(&path).unwrap().len();
    File::options().write(true).open(&path).unwrap().set_len(length / 2).unwrap();
    frames.extend(stage.until(120));
    fs::write(&path, vec![0xff; length as usize]).unwrap();
    frames.extend(stage.until(180));
    fs::remove_file(&path).unwrap();
    frames.extend(stage.until(240));
    numbered(&path, 10);
    frames.extend(stage.until(299));
    let ran = player.wait(10 * SECOND).exits(0);
    assert!(!ran.err.contains("could not be read"), "{}", ran.err);
    assert!(frames.is_sorted());
    frames.dedup();
    // What a busy machine left out is counted.
    assert!(frames.len() >= 290 || ran.err.contains("came too late"), "{frames:?}\n{}", ran.err);
}

#[test]
fn a_player_that_was_stopped_for_a_second_goes_on_at_the_right_place_without_a_burst() {
    let stage = Stage::new(600);
    let player = stage.play();
    stage.until(60);
    player.signal("STOP");
    thread::sleep(SECOND / 10);
    // What was under way has come: now the wire is silent.
    stage.socket.set_nonblocking(true).unwrap();
    let mut last = 60;
    let mut bytes = [0; 600];
    while stage.socket.recv(&mut bytes).is_ok() {
        last = u16::from_be_bytes([bytes[18], bytes[19]]).into();
    }
    stage.socket.set_nonblocking(false).unwrap();
    thread::sleep(SECOND);
    let stopped = Instant::now();
    player.signal("CONT");
    // The look that stood there may be sent once more, until the frame that is due is decoded.
    let repeated = std::iter::repeat_with(|| stage.frame()).take(30).find(|&frame| frame > last);
    let first = repeated.expect("the show goes on");
    let woke = stopped.elapsed().as_secs_f64();
    let most = last + 70 + (woke * 60.0) as u32 + 6;
    assert!((last + 60..most).contains(&first), "{last}, then {first}");
    // Frames come one by one again: as many as there is time for, none made up for.
    let began = Instant::now();
    let frames = stage.until(first + 60);
    let fitting = (began.elapsed().as_secs_f64() * 60.0) as usize + 6;
    assert!(frames.len() <= fitting, "{} frames where {fitting} fit", frames.len());
    assert!(frames.is_sorted());
    player.signal("TERM");
    let ran = player.wait(10 * SECOND).exits(0);
    assert!(ran.err.contains("came too late"), "{}", ran.err);
}

/// The library that shifts a process's wall clock, where the package faketime is installed.
fn faketime() -> Option<PathBuf> {
    tool("faketime")?;
    let libraries = fs::read_dir("/usr/lib").unwrap().filter_map(Result::ok);
    let library = |folder: fs::DirEntry| folder.path().join("faketime/libfaketimeMT.so.1");
    libraries.map(library).find(|library| library.is_file())
}

#[test]
fn a_clock_on_the_wall_that_jumps_moves_nothing() {
    let Some(library) = faketime() else { return };
    let stage = Stage::new(300);
    let (wall, began) = (stage.folder.path().join("wall"), Instant::now());
    fs::write(&wall, "+0").unwrap();
    let mut command = stage.command();
    command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", &wall);
    command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let player = Running::new(&mut command);
    let mut frames = stage.until(60);
    fs::write(&wall, "+1d").unwrap();
    frames.extend(stage.until(120));
    fs::write(&wall, "-2h").unwrap();
    frames.extend(stage.until(299));
    let ran = player.wait(10 * SECOND).exits(0);
    frames.dedup();
    assert!(frames.is_sorted());
    assert!(frames.len() >= 290 || ran.err.contains("came too late"), "{frames:?}\n{}", ran.err);
    assert!(began.elapsed() >= 5 * SECOND - SECOND / 20);
}
