//! Commands that are told to end by a signal.
#![cfg(target_os = "linux")]

mod common;

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use common::Project;

/// Room enough for a command to end on a busy machine.
const LONG: Duration = Duration::from_secs(100);

fn make_fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo runs").success());
}

#[test]
fn the_second_signal_ends_what_waits_for_ever() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let project = Project::new();
        let cues = project.path("shows/hello/accents.json");
        fs::remove_file(&cues).unwrap();
        make_fifo(&cues);
        let compile = project.start(&["compile", "hello"]);
        // Opens when the command does, and gives nothing.
        let _pipe = File::options().write(true).open(&cues).unwrap();
        // Signals that come while one of their kind waits are one; so many are two at least.
        for _ in 0..10 {
            compile.signal(signal);
            thread::sleep(Duration::from_millis(30));
        }
        compile.wait(LONG).exits(code);
        assert!(!project.path("build/hello.canvas").exists());
    }
}

#[test]
fn the_first_signal_stops_an_export() {
    let project = Project::new();
    project.run(&["compile"]).exits(0);
    let whole = 16 * 60 * 512;
    let export = ["canvas", "export", "build/hello.canvas", "--as", "raw", "-o", "pipe"];
    let emit = ["compile", "-o", "x.canvas", "--emit", "raw"];
    let cases = [(&export[..], "pipe", "TERM", 143), (&emit[..], "x.raw", "INT", 130)];
    for (args, pipe, signal, code) in cases {
        let pipe = project.path(pipe);
        make_fifo(&pipe);
        let running = project.start(args);
        let mut read = File::open(&pipe).unwrap();
        read.read_exact(&mut [0]).unwrap();
        // It waits for room in the pipe.
        running.signal(signal);
        let mut rest = Vec::new();
        read.read_to_end(&mut rest).unwrap();
        assert!(rest.len() < whole - 1, "all {whole} bytes came");
        let ran = running.wait(LONG).exits(code);
        assert_eq!(ran.err, "error: interrupted\n");
    }
}
