//! A sound server that comes late, dies, and comes back with another sample rate, under a show.

#![cfg(all(feature = "device", target_os = "linux"))]

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use common::outside::{say_skipped, tool};
use common::{Project, gobo};

/// Far more than it takes: a device that hangs is given up after 4 s.
const AT_MOST: Duration = Duration::from_secs(120);

const ALSA: &str = "pcm.!default { type plug slave.pcm { type jack
    playback_ports { 0 system:playback_1 1 system:playback_2 } } }\n";

/// A process that ends with the test.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server of our own, without hardware.
fn server(jackd: &Path, name: &str, rate: &str) -> Ends {
    let mut command = Command::new(jackd);
    command.args(["-n", name, "-r", "-d", "dummy", "-r", rate, "-p", "1024"]);
    Ends(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
}

/// Whether ALSA has its bridge to JACK.
fn has_bridge() -> bool {
    let bridge = |folder: PathBuf| folder.join("alsa-lib/libasound_module_pcm_jack.so").exists();
    let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    folders.map(|entry| entry.path()).chain([PathBuf::from("/usr/lib")]).any(bridge)
}

/// Silence, as a WAV file of 16 bits and one channel.
fn silence(seconds: u32, rate: u32) -> Vec<u8> {
    let length = seconds * rate * 2;
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + length).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend(rate.to_le_bytes());
    wav.extend((rate * 2).to_le_bytes());
    wav.extend(b"\x02\0\x10\0data");
    wav.extend(length.to_le_bytes());
    wav.resize(44 + length as usize, 0);
    wav
}

fn tell(source: impl Read + Send + 'static, lines: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(source).lines().map_while(Result::ok) {
            // A test that has failed listens no more.
            let _ = lines.send(line);
        }
    });
}

fn wait_for(lines: &Receiver<String>, words: &str) {
    let mut told = Vec::new();
    loop {
        match lines.recv_timeout(AT_MOST) {
            Ok(line) if line.contains(words) => return,
            Ok(line) => told.push(line),
            Err(_) => panic!("never said `{words}`, but {told:?}"),
        }
    }
}

#[test]
fn a_sound_server_may_come_late_die_and_come_back() {
    let Some(jackd) = tool("jackd") else { return };
    if !has_bridge() {
        return say_skipped("ALSA's bridge to JACK (libasound2-plugins) is not installed");
    }
    let project = Project::new();
    fs::create_dir_all(project.path("songs")).unwrap();
    fs::write(project.path("songs/silence.wav"), silence(600, 44_100)).unwrap();
    project.edit("shows/hello/show.toml", "length = \"16s\"", "song = \"silence.wav\"");
    project.write("asound.conf", ALSA);
    project.run(&["compile"]).exits(0);
    let name = format!("gobo-test-{}", std::process::id());
    let mut command = gobo(&project.root());
    command.args(["play", "hello", "--dry-run"]).env("JACK_DEFAULT_SERVER", &name);
    command.env("JACK_NO_START_SERVER", "1").env("ALSA_CONFIG_PATH", project.path("asound.conf"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut player = Ends(command.spawn().unwrap());
    let (sender, lines) = mpsc::channel();
    tell(player.0.stdout.take().unwrap(), sender.clone());
    tell(player.0.stderr.take().unwrap(), sender);
    wait_for(&lines, "playing without sound until there is one");
    let first = server(&jackd, &name, "48000");
    wait_for(&lines, "the sound is back");
    drop(first);
    wait_for(&lines, "the show goes on without");
    let _second = server(&jackd, &name, "44100");
    wait_for(&lines, "the sound is back");
    assert!(player.0.try_wait().unwrap().is_none(), "the show plays on");
}
