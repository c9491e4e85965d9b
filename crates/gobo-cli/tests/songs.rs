//! Shows with a song: its facts, its sound by the null device, and what happens without it.

mod common;

use std::fs;
use std::time::Duration;

use common::{Project, free_port, wait_until_taken};

/// A new project whose show has two seconds of a tone, at 120 beats a minute.
fn with_song() -> Project {
    let project = Project::new();
    let samples: Vec<f32> =
        (0..2 * 8000).map(|index| if index / 20 % 2 == 0 { 0.1 } else { -0.1 }).collect();
    gobo_audio::write_wav(&project.path("songs/tone.wav"), &samples, 8000, 1).unwrap();
    project.write(
        "songs/tone.song.json",
        r#"{ "bpm": 120, "sections": [{ "name": "only", "start": 0.5, "end": 2 }] }"#,
    );
    project.edit("shows/hello/show.toml", "length = \"16s\"", "song = \"tone.wav\"");
    project
}

#[test]
fn a_song_gives_length_tempo_and_sections() {
    let project = with_song();
    let ran = project.run(&["song", "info", "tone.wav"]).exits(0);
    let lines: Vec<&str> = ran.out.lines().filter(|line| !line.contains("hash")).collect();
    insta::assert_snapshot!(lines.join("\n"));
    project.run(&["compile"]).exits(0);
    let ran = project.run(&["canvas", "info", "build/hello.canvas"]).exits(0);
    assert!(ran.out.contains("0:02.000, 120 frames"), "{}", ran.out);
    project.run(&["compile", "--from", "only", "-o", "part.canvas"]).exits(0);
    let ran = project.run(&["canvas", "info", "part.canvas"]).exits(0);
    assert!(ran.out.contains("songs/tone.wav, 0:02.000, from 0.5 s on"), "{}", ran.out);
    project.write("songs/tone.song.json", r#"{ "bpm": -1 }"#);
    project.run(&["song", "info", "tone.wav"]).exits(1);
    project.run(&["song", "info", "none.wav"]).exits(3);
    project.write("songs/text.wav", "no song");
    project.run(&["song", "info", "text.wav"]).exits(1);
}

#[test]
fn light_follows_the_null_device() {
    let project = with_song();
    project.run(&["compile"]).exits(0);
    let (port, other) = (free_port().to_string(), free_port().to_string());
    let monitor = ["monitor", "--bind", "127.0.0.1", "--until-end", "--seconds", "20"];
    let ports = ["--artnet-port", &port, "--sacn-port", &other];
    let record = ["--record", "heard.canvas", "--like", "build/hello.canvas"];
    let monitor = project.start(&[&monitor[..], &ports[..], &record[..]].concat());
    wait_until_taken(port.parse().unwrap());
    let target = format!("127.0.0.1:{port}");
    let ran = project.run(&["play", "hello", "--audio", "null", "--artnet", &target]).exits(0);
    assert!(!ran.err.contains("without sound"), "{}", ran.err);
    monitor.wait(Duration::from_secs(30)).exits(0);
    project.run(&["canvas", "diff", "build/hello.canvas", "heard.canvas"]).exits(0);
}

#[test]
fn a_canvas_plays_without_its_song_and_says_so() {
    let project = with_song();
    project.run(&["compile"]).exits(0);
    let elsewhere = tempfile::tempdir().unwrap();
    fs::copy(project.path("build/hello.canvas"), elsewhere.path().join("a.canvas")).unwrap();
    let play = ["play", "a.canvas", "--to", "0.1", "--audio", "null", "--dry-run"];
    let play = || common::run(elsewhere.path(), &play).exits(0).err;
    assert!(play().contains("songs/tone.wav is not here: playing without sound"));
    fs::copy(project.path("songs/tone.wav"), elsewhere.path().join("tone.wav")).unwrap();
    assert_eq!(play(), "");
    gobo_audio::write_wav(&elsewhere.path().join("tone.wav"), &[0.0; 8000], 8000, 1).unwrap();
    assert!(play().contains("another file than the show was compiled with"));
}

#[test]
fn a_device_that_was_named_must_be_there() {
    let project = with_song();
    let play = ["play", "hello", "--to", "0.1", "--audio", "no such device", "--dry-run"];
    let ran = project.run(&play).exits(3);
    assert!(ran.err.contains("no such device"), "{}", ran.err);
}
