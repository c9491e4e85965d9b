//! Shows tied to other clocks: they follow timecode, send it, and wait for their time.

mod common;

use std::fs::{self, File};
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::outside::{say_skipped, tool};
use common::{Project, Ran, Running, free_port, gobo, wait_until_taken};
use gobo_timecode::{CodeRate, LtcEncoder, Timecode, art_time_code};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(60);

/// A project with a canvas of three seconds of its show.
fn short() -> Project {
    let project = Project::new();
    let part = ["compile", "--from", "4", "--to", "7", "-o", "build/short.canvas"];
    project.run(&part).exits(0);
    project
}

/// A monitor that records what a follower sends, and the target for that.
fn monitor(project: &Project) -> (Running, String) {
    let (port, other) = (free_port(), free_port().to_string());
    let monitor = ["monitor", "--bind", "127.0.0.1", "--json", "--until-end", "--seconds", "50"];
    let record = ["--record", "build/heard.canvas", "--like", "build/short.canvas"];
    let ports = ["--artnet-port", &port.to_string(), "--sacn-port", &other];
    let monitor = project.start(&[&monitor[..], &ports[..], &record[..]].concat());
    wait_until_taken(port);
    (monitor, format!("127.0.0.1:{port}"))
}

/// A process that writes to a file what it says, so that others can wait for its words.
struct Talking {
    child: Child,
    out: PathBuf,
}

impl Talking {
    fn start(project: &Project, mut command: Command, name: &str) -> Self {
        let out = project.path(name);
        let file = File::create(&out).unwrap();
        let child = command.stdout(file).stderr(Stdio::inherit()).spawn().unwrap();
        Self { child, out }
    }

    #[track_caller]
    fn says(&self, words: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !fs::read_to_string(&self.out).unwrap().contains(words) {
            assert!(Instant::now() < deadline, "it never said `{words}`");
            thread::sleep(Duration::from_millis(10));
        }
    }

    #[track_caller]
    fn ends(&mut self) -> Option<i32> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < deadline, "it does not end");
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }
}

impl Drop for Talking {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a monitor heard is the whole canvas.
#[track_caller]
fn is_whole(project: &Project, monitor: Running) {
    monitor.wait(PATIENCE).exits(0);
    project.run(&["canvas", "diff", "build/short.canvas", "build/heard.canvas"]).exits(0);
}

#[test]
fn linear_timecode_of_a_file_leads_the_show_through() {
    let project = short();
    let (mut samples, mut encoder) = (Vec::new(), LtcEncoder::new(48_000, 0.1));
    let start = Timecode::new("00:59:59:00".parse().unwrap(), CodeRate::Fps25).unwrap();
    (0..4 * 25 + 10).for_each(|n| encoder.frame(start.offset(n), 1.0, &mut samples));
    let wav = project.path("ltc.wav");
    gobo_audio::write_wav(&wav, &samples, 48_000, 1).unwrap();
    let (monitor, target) = monitor(&project);
    let follow = format!("ltc:{}", wav.display());
    let play = ["play", "build/short.canvas", "--follow", &follow, "--artnet", &target];
    let ran = project.run(&[&play[..], &["--timecode-start", "01:00:00:00"]].concat()).exits(0);
    assert!(ran.out.contains("waiting for timecode, without sound"), "{}", ran.out);
    is_whole(&project, monitor);
}

/// One player sends timecode, another follows it, and what that one sends is the whole show.
fn one_leads_another(code: &str) {
    let project = short();
    let (monitor, target) = monitor(&project);
    let mut follower = gobo(&project.root());
    let start = ["--timecode-start", "01:00:00:00", "--timecode-rate", "29.97"];
    let source = code.to_owned();
    follower.args(["play", "build/short.canvas", "--follow", &source, "--artnet", &target]);
    let mut follower = Talking::start(
        &project,
        {
            follower.args(start);
            follower
        },
        "follower",
    );
    follower.says("waiting for timecode");
    let play = ["play", "build/short.canvas", "--audio", "none", "--dry-run"];
    let send = ["--start-at", "+1s", "--send-timecode", code];
    project.run(&[&play[..], &send, &start].concat()).exits(0);
    assert_eq!(follower.ends(), Some(0));
    // Its first frame is where the first codes were confirmed; from there on it is whole.
    monitor.wait(PATIENCE).exits(0);
    let info = project.run(&["canvas", "info", "--json", "build/heard.canvas"]).exits(0).out;
    let info: Value = serde_json::from_str(&info).unwrap();
    let frames = info["header"]["frames"].as_u64().unwrap();
    assert!((140..=181).contains(&frames), "{frames} frames");
}

#[test]
fn midi_timecode_leads_from_one_player_to_another() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("midi");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    one_leads_another(&format!("mtc:{}", pipe.display()));
}

#[test]
fn art_time_code_leads_from_one_player_to_another() {
    one_leads_another(&format!("artnet:127.0.0.1:{}", free_port()));
}

#[test]
fn a_monitor_tells_of_timecode() {
    let project = short();
    let (port, other) = (free_port(), free_port().to_string());
    let monitor = ["monitor", "--bind", "127.0.0.1", "--json", "--seconds", "3"];
    let ports = ["--artnet-port", &port.to_string(), "--sacn-port", &other];
    let monitor = project.start(&[&monitor[..], &ports[..]].concat());
    wait_until_taken(port);
    let code = Timecode::new("10:00:00;02".parse().unwrap(), CodeRate::Fps2997Drop).unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.send_to(&art_time_code(code), ("127.0.0.1", port)).unwrap();
    let heard = monitor.wait(PATIENCE).exits(0).out;
    let mut lines = heard.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let line = lines.find(|line| line["event"] == "timecode").unwrap();
    assert_eq!(
        (line["code"].as_str(), line["rate"].as_str()),
        (Some("10:00:00;02"), Some("29.97"))
    );
}

#[test]
fn tshark_reads_the_timecode_that_is_sent() {
    let Some(tshark) = tool("tshark") else { return };
    let project = short();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let to = format!("artnet:127.0.0.1:{}", socket.local_addr().unwrap().port());
    let play = ["play", "build/short.canvas", "--audio", "none", "--dry-run"];
    let code = ["--timecode-start", "01:02:58:00", "--timecode-rate", "24", "--send-timecode", &to];
    project.run(&[&play[..], &code].concat()).exits(0);
    let (mut packets, mut bytes) = (Vec::new(), [0; 64]);
    while let Ok(length) = socket.recv(&mut bytes) {
        packets.push(bytes[..length].to_vec());
    }
    let capture = project.path("code.pcap");
    fs::write(&capture, pcap(&packets)).unwrap();
    // It knows the packet, and leaves the numbers in it to us.
    let fields = ["artnet.header.opcode", "artnet.header.protver", "_ws.malformed", "udp.payload"];
    let mut command = Command::new(tshark);
    command.args(["-T", "fields", "-E", "separator=|", "-r"]).arg(capture);
    for field in fields {
        command.args(["-e", field]);
    }
    let out = Ran::from(command.output().unwrap()).exits(0).out;
    let frame = |line: &str| {
        let payload = line.strip_prefix("0x9700|14||").unwrap_or_else(|| panic!("{line}"));
        let byte = |at: usize| u32::from_str_radix(&payload[2 * at..2 * at + 2], 16).unwrap();
        // Frames, seconds, minutes, hours and the type, which is film's.
        assert_eq!((byte(17), byte(18), payload.len()), (1, 0, 38), "{payload}");
        (byte(16) * 60 + byte(15)) * 24 + byte(14)
    };
    let frames: Vec<u32> = out.lines().map(frame).collect();
    let first = (2 * 60 + 58) * 24;
    assert!(frames.is_sorted_by(|a, b| a < b), "{frames:?}");
    assert!(frames[0] <= first + 2 && (60..=72).contains(&frames.len()), "{frames:?}");
    assert!(frames.iter().all(|frame| (first..first + 72).contains(frame)));
}

/// A capture file of raw IPv4 packets (link type 101), each an Art-Net packet.
fn pcap(packets: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Vec::new();
    let head = [0xa1b2_c3d4_u32, 4 << 16 | 2, 0, 0, 65_535, 101];
    file.extend(head.iter().flat_map(|part| part.to_le_bytes()));
    for payload in packets {
        let udp = 8 + payload.len() as u16;
        let length = u32::from(20 + udp);
        file.extend([0, 0, length, length].iter().flat_map(|part| part.to_le_bytes()));
        let ip = [0x4500, 20 + udp, 0, 0, 0x4011, 0, 0x7f00, 1, 0x7f00, 1, 50_000, 6454, udp, 0];
        file.extend(ip.iter().flat_map(|part| part.to_be_bytes()));
        file.extend(payload);
    }
    file
}

/// The library that lets a process see another time, where Debian's package `faketime` puts it.
fn faketime() -> Option<PathBuf> {
    let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"];
    let files = folders.map(|folder| Path::new(folder).join("faketime/libfaketime.so.1"));
    let found = files.into_iter().find(|file| file.is_file());
    if found.is_none() {
        say_skipped("faketime is not installed");
    }
    found
}

/// How far a process's wall clock is off, in a file that it reads over and over.
struct WallClock(PathBuf);

impl WallClock {
    fn set(&self, seconds: i64) {
        // In one step, or the process would read half of it.
        let new = self.0.with_extension("new");
        fs::write(&new, format!("{seconds:+}\n")).unwrap();
        fs::rename(new, &self.0).unwrap();
    }

    fn command(&self, project: &Project, library: &Path) -> Command {
        let mut command = gobo(&project.root());
        command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", &self.0);
        command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        command.env("TZ", "UTC");
        command
    }
}

#[test]
fn a_start_goes_with_the_wall_clock_until_it_has_come() {
    let Some(library) = faketime() else { return };
    let project = short();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(1500))).unwrap();
    let target = format!("127.0.0.1:{}", socket.local_addr().unwrap().port());
    let clock = WallClock(project.path("offset"));
    clock.set(0);
    // In an hour, but that the clock is put on.
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(3600);
    let at = at.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let mut command = clock.command(&project, &library);
    command.args(["play", "build/short.canvas", "--audio", "none", "--start-at", &at]);
    command.args(["--artnet", &target]);
    let mut player = Talking::start(&project, command, "player");
    player.says("ready, starts at");
    assert!(socket.recv(&mut [0; 600]).is_err(), "something was sent before the start");
    clock.set(3596);
    thread::sleep(Duration::from_millis(200));
    // Back again before it came, and then past it.
    clock.set(-600);
    assert!((0..3).all(|_| socket.recv(&mut [0; 600]).is_err()), "the start was not put off");
    clock.set(3700);
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    assert!(socket.recv(&mut [0; 600]).is_ok());
    // Now it has begun, and goes on whatever the wall clock says.
    clock.set(-7200);
    let begun = Instant::now();
    assert_eq!(player.ends(), Some(0));
    assert!(begun.elapsed() > Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[test]
fn who_leaves_before_the_start_has_touched_no_light() {
    let project = short();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    let target = format!("127.0.0.1:{}", socket.local_addr().unwrap().port());
    let waits =
        [["--start-at", "+100s"], ["--follow", &format!("artnet:127.0.0.1:{}", free_port())]];
    for wait in waits {
        let mut command = gobo(&project.root());
        command.args(["play", "build/short.canvas", "--audio", "none", "--artnet", &target]);
        let mut player = Talking::start(
            &project,
            {
                command.args(wait);
                command
            },
            "player",
        );
        player.says("ready");
        thread::sleep(Duration::from_millis(200));
        player.signal("TERM");
        assert_eq!(player.ends(), Some(0));
        assert!(socket.recv(&mut [0; 600]).is_err(), "{wait:?}");
    }
}

#[test]
fn mistakes_are_said() {
    let project = short();
    let play = |args: &[&str]| {
        project
            .run(&[&["play", "build/short.canvas", "--dry-run", "--audio", "none"], args].concat())
    };
    for (args, code, words) in [
        (&["--follow", "smpte"][..], 2, "expected ltc[:DEVICE|:FILE]"),
        (&["--follow", "mtc:/nowhere/midi"], 3, "cannot open /nowhere/midi for MIDI timecode"),
        (&["--follow", "ltc:nowhere.wav"], 3, "nowhere.wav"),
        (&["--follow", "artnet", "--speed", "2"], 2, "cannot be used with"),
        (&["--freewheel", "1s"], 2, "--follow"),
        (&["--start-at", "2020-01-01T00:00"], 2, "is past"),
        (&["--start-at", "later"], 2, "expected a time"),
        (&["--follow", "artnet", "build/short.canvas"], 2, "not a list of 2"),
        (&["--timecode-start", "25:00:00:00", "--follow", "artnet"], 2, "hh:mm:ss:ff"),
        (&["--send-timecode", "mtc:/nowhere/midi"], 3, "/nowhere/midi"),
        (&["--send-timecode", "artnet:127.0.0.1", "--timecode-rate", "60"], 2, "29.97"),
    ] {
        let ran = play(args).exits(code);
        assert!(ran.err.contains(words), "{args:?}: {}", ran.err);
    }
}
