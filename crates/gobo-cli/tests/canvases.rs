//! Looking into canvases, whole and broken.

mod common;

use std::fs;

use common::{Project, run};

/// A new project's canvas, as bytes.
fn canvas() -> Vec<u8> {
    let project = Project::new();
    project.run(&["compile"]).exits(0);
    fs::read(project.path("build/hello.canvas")).unwrap()
}

#[test]
fn info_says_what_is_inside() {
    let project = Project::new();
    project.run(&["compile"]).exits(0);
    let ran = project.run(&["canvas", "info", "build/hello.canvas"]).exits(0);
    // Sizes and engines change with versions; all else is the show's.
    let stays = |line: &&str| !["size", "engine", "cells"].iter().any(|name| line.contains(name));
    let lines: Vec<&str> = ran.out.lines().filter(stays).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn what_is_cut_or_changed_is_refused_with_the_reason() {
    let (folder, bytes) = (tempfile::tempdir().unwrap(), canvas());
    let broken = folder.path().join("broken.canvas");
    let mut cases: Vec<Vec<u8>> =
        [0, 1, 60, bytes.len() / 2, bytes.len() - 1].map(|end| bytes[..end].to_vec()).into();
    for byte in (0..bytes.len()).step_by(bytes.len() / 40) {
        let mut flipped = bytes.clone();
        flipped[byte] ^= 0x10;
        cases.push(flipped);
    }
    for case in cases {
        fs::write(&broken, &case).unwrap();
        let ran = run(folder.path(), &["canvas", "verify", "broken.canvas"]).exits(1);
        assert!(ran.err.starts_with("broken.canvas: error: "), "{}", ran.err);
        let ran = run(folder.path(), &["canvas", "info", "broken.canvas"]);
        assert!(matches!(ran.code, Some(0 | 1)), "{:?}: {}", ran.code, ran.err);
    }
    fs::write(&broken, &bytes).unwrap();
    run(folder.path(), &["canvas", "verify", "broken.canvas"]).exits(0);
}

#[test]
fn a_broken_canvas_does_not_play() {
    let (folder, bytes) = (tempfile::tempdir().unwrap(), canvas());
    fs::write(folder.path().join("cut.canvas"), &bytes[..bytes.len() - 9]).unwrap();
    let ran = run(folder.path(), &["play", "cut.canvas", "--dry-run"]).exits(1);
    assert!(ran.err.contains("cut short"), "{}", ran.err);
}

#[test]
fn diff_names_fixtures_and_times() {
    let project = Project::new();
    project.run(&["compile", "-o", "old.canvas"]).exits(0);
    project.run(&["canvas", "diff", "old.canvas", "old.canvas"]).exits(0);
    project.edit("shows/hello/base.json", "\"position\": \"stage\"", "\"position\": \"audience\"");
    project.run(&["compile", "-o", "new.canvas"]).exits(0);
    let ran = project.run(&["canvas", "diff", "old.canvas", "new.canvas"]).exits(1);
    assert!(ran.out.contains("head: 0:01."), "{}", ran.out);
    assert!(!ran.out.contains("par-left"), "{}", ran.out);
}

#[test]
fn pictures_and_other_formats() {
    let project = Project::new();
    project.run(&["compile"]).exits(0);
    project.run(&["canvas", "png", "build/hello.canvas", "-o", "hello.png"]).exits(0);
    assert!(fs::read(project.path("hello.png")).unwrap().starts_with(b"\x89PNG"));
    project.run(&["canvas", "export", "build/hello.canvas", "--as", "dmxp"]).exits(0);
    assert!(fs::read(project.path("build/hello.dmxp")).unwrap().starts_with(b"DMXP"));
    project.run(&["canvas", "export", "build/hello.canvas", "--as", "raw", "-o", "x"]).exits(0);
    assert_eq!(fs::metadata(project.path("x")).unwrap().len(), 16 * 60 * 512);
}

#[test]
fn a_gif_shows_the_stage_for_a_while() {
    let project = Project::new();
    project.run(&["compile"]).exits(0);
    let gif = ["canvas", "gif", "build/hello.canvas", "--width", "96", "--fps", "5"];
    // Hundredths of a second of all frames, and the size of the picture.
    let read = |path: &str| {
        let mut decoder = gif::Decoder::new(fs::File::open(project.path(path)).unwrap()).unwrap();
        let mut hundredths = 0;
        while let Some(frame) = decoder.read_next_frame().unwrap() {
            hundredths += u32::from(frame.delay);
        }
        (hundredths, decoder.width(), decoder.height() <= decoder.width())
    };
    project.run(&gif).exits(0);
    assert_eq!(read("build/hello.gif"), (1000, 96, true));
    let part = ["--from", "2.5", "--to", "0:04", "-o", "part.gif"];
    project.run(&[&gif[..], &part].concat()).exits(0);
    assert_eq!(read("part.gif"), (150, 96, true));
}

#[test]
fn what_has_no_gif_is_told_in_a_line() {
    let project = Project::new();
    project.run(&["compile", "--emit", "fseq"]).exits(0);
    project.run(&["canvas", "import", "build/hello.fseq", "-o", "bare.canvas"]).exits(0);
    let cases: [(&[&str], &str); 5] = [
        (&["build/hello.canvas", "--from", "16"], "from 16 s to 26 s: the show lasts 16 s"),
        (&["build/hello.canvas", "--from", "3", "--to", "2"], "ends at 2 s, before it starts"),
        (&["build/hello.canvas", "--fps", "60"], "1 to 50 frames a second"),
        (&["build/hello.canvas", "--width", "2000"], "64..=1920"),
        (&["bare.canvas"], "bare.canvas: there are no lights to draw"),
    ];
    for (args, told) in cases {
        let ran = project.run(&[&["canvas", "gif"], args].concat()).exits(2);
        let first = ran.err.lines().next().unwrap_or_default();
        assert!(first.starts_with("error: ") && first.contains(told), "{}", ran.err);
    }
    let png = ["canvas", "png", "build/hello.canvas", "--from", "16"];
    let ran = project.run(&png).exits(2);
    assert!(ran.err.contains("the show lasts 16 s"), "{}", ran.err);
    assert!(!project.path("build/hello.gif").exists());
}

#[test]
fn frames_travel_by_fseq() {
    let project = Project::new();
    let compiled = project.run(&["compile", "--emit", "fseq"]).exits(0);
    assert!(compiled.err.contains("every 25 ms"), "{}", compiled.err);
    let export = ["canvas", "export", "build/hello.canvas", "--as", "fseq"];
    for more in
        [&["--step", "20"][..], &["--sparse", "--pressing", "zlib"], &["--pressing", "none"]]
    {
        let to = ["-o", "out.fseq"];
        project.run(&[&export[..], &to, more].concat()).exits(0);
        let import = ["canvas", "import", "out.fseq", "-o", "back.canvas", "--first", "3"];
        let told = project.run(&import).exits(0);
        let rate = if more[0] == "--step" { "800 frames at 50" } else { "640 frames at 40" };
        assert!(told.out.contains(rate), "{}", told.out);
        project.run(&["canvas", "verify", "back.canvas"]).exits(0);
    }
    // It plays as it is, without a project around it.
    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("out.fseq");
    std::fs::copy(project.path("out.fseq"), &file).unwrap();
    let play = ["play", "out.fseq", "--dry-run", "--from", "15.9", "--artnet", "127.0.0.1"];
    common::run(outside.path(), &play).exits(0);
    // Cut short it is refused with the reason, and nothing is left.
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() - 5]).unwrap();
    for args in [&["canvas", "import", "out.fseq"][..], &["play", "out.fseq"]] {
        let told = common::run(outside.path(), args).exits(1);
        assert!(told.err.contains("out.fseq: the FSEQ file has"), "{}", told.err);
    }
    std::fs::write(&file, "no frames").unwrap();
    common::run(outside.path(), &["canvas", "import", "out.fseq"]).exits(1);
    assert!(!outside.path().join("out.canvas").exists());
}

#[test]
fn no_output_takes_the_place_of_its_input() {
    let project = Project::new();
    project.run(&["compile", "-o", "c.canvas", "--emit", "fseq"]).exits(0);
    std::os::unix::fs::symlink("c.canvas", project.path("soft")).unwrap();
    fs::hard_link(project.path("c.canvas"), project.path("hard")).unwrap();
    let read = || ["c.canvas", "c.fseq"].map(|file| fs::read(project.path(file)).unwrap());
    let before = read();
    for args in [
        &["canvas", "png", "c.canvas", "-o", "c.canvas"][..],
        &["canvas", "gif", "c.canvas", "-o", "./c.canvas"],
        &["canvas", "export", "c.canvas", "--as", "raw", "-o", "soft"],
        &["canvas", "export", "soft", "--as", "fseq", "-o", "c.canvas"],
        &["canvas", "export", "c.canvas", "--as", "dmxp", "-o", "hard"],
        &["canvas", "import", "c.fseq", "-o", "c.fseq"],
        &["compile", "-o", "x.fseq", "--emit", "fseq"],
        &["compile", "-o", "x.raw", "--emit", "dmxp", "--emit", "raw"],
    ] {
        let ran = project.run(args).exits(2);
        assert_eq!((ran.out.as_str(), ran.err.lines().count()), ("", 1), "{args:?}: {}", ran.err);
        assert!(read() == before, "{args:?}");
    }
    assert!(!project.path("x.fseq").exists() && !project.path("x.raw").exists());
}

#[test]
fn a_name_from_a_file_does_not_command_the_terminal() {
    let project = Project::new();
    let to = ["--emit", "fseq", "-o", "c.canvas"];
    project.run(&[&["compile"], &to[..]].concat()).exits(0);
    let export = ["canvas", "export", "c.canvas", "--as", "fseq", "--media", "a\x1b[2Jä.mp3"];
    project.run(&export).exits(0);
    let ran = project.run(&["canvas", "import", "c.fseq", "-o", "d.canvas"]).exits(0);
    assert!(ran.out.ends_with("the sound a\\u{1b}[2Jä.mp3\n"), "{}", ran.out);
}

#[test]
fn a_rate_that_dmxp_cannot_say_is_told_of_and_comes_back() {
    let project = Project::new();
    let ran = project.run(&["compile", "--fps", "29.97", "--emit", "dmxp"]).exits(0);
    assert!(ran.err.contains("of 30000/1001 FPS it says 30"), "{}", ran.err);
    let ran = project.run(&["canvas", "import", "build/hello.dmxp", "-o", "d.canvas"]).exits(0);
    assert!(ran.out.contains("480 frames at 30000/1001 FPS"), "{}", ran.out);
    let ran = project.run(&["compile", "--emit", "dmxp"]).exits(0);
    assert_eq!(ran.err, "");
}
