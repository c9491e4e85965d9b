//! A project's life: made, checked, compiled, changed.

mod common;

use std::fs;

use common::{Project, run};

const CANVAS: &str = "build/hello.canvas";

#[test]
fn a_new_project_has_nothing_to_complain_of() {
    let project = Project::new();
    let ran = project.run(&["check"]).exits(0);
    assert_eq!((&*ran.out, &*ran.err), ("no errors, no warnings\n", ""));
    project.run(&["check", "--strict", "hello"]).exits(0);
    project.run(&["schema", "--check"]).exits(0);
    let ran = project.run(&["compile"]).exits(0);
    assert!(ran.out.starts_with("build/hello.canvas"), "{}", ran.out);
}

#[test]
fn a_project_can_be_made_where_one_stands() {
    let folder = tempfile::tempdir().unwrap();
    let club = folder.path().join("club");
    std::fs::create_dir(&club).unwrap();
    let ran = run(&club, &["new", "."]).exits(0);
    assert!(ran.out.contains("made club") || ran.err.contains("made club"), "{}", ran.err);
    run(&club, &["check", "--strict"]).exits(0);
}

#[test]
fn nothing_is_written_over() {
    let project = Project::new();
    let ran = run(project.root().parent().unwrap(), &["new", "room"]).exits(2);
    assert!(ran.err.contains("not empty"), "{}", ran.err);
}

#[test]
fn any_folder_of_the_project_will_do() {
    let project = Project::new();
    run(&project.path("shows/hello"), &["compile"]).exits(0);
    let outside = tempfile::tempdir().unwrap();
    let folder = project.path("shows/hello");
    run(outside.path(), &["compile", folder.to_str().unwrap()]).exits(0);
    run(outside.path(), &["check", project.root().to_str().unwrap()]).exits(0);
    run(outside.path(), &["-C", project.root().to_str().unwrap(), "check", "hello"]).exits(0);
    let ran = project.run(&["compile", "helo"]).exits(2);
    assert!(ran.err.contains("did you mean `hello`?"), "{}", ran.err);
}

#[test]
fn check_knows_when_the_sources_have_gone_on() {
    let project = Project::new();
    project.run(&["compile", "--check"]).exits(1);
    assert!(!project.path(CANVAS).exists());
    project.run(&["compile"]).exits(0);
    project.run(&["compile", "--check"]).exits(0);
    let before = fs::read(project.path(CANVAS)).unwrap();
    project.edit("shows/hello/base.json", "\"70%\"", "\"71%\"");
    project.run(&["compile", "--check"]).exits(1);
    assert_eq!(fs::read(project.path(CANVAS)).unwrap(), before);
    project.run(&["compile"]).exits(0);
    project.run(&["compile", "--check"]).exits(0);
    assert_ne!(fs::read(project.path(CANVAS)).unwrap(), before);
}

#[test]
fn a_damaged_canvas_is_not_what_the_sources_say() {
    let project = Project::new();
    project.run(&["compile"]).exits(0);
    let whole = fs::read(project.path(CANVAS)).unwrap();
    let mut bytes = whole.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(project.path(CANVAS), &bytes).unwrap();
    project.run(&["compile", "--check"]).exits(1);
    project.run(&["compile"]).exits(0);
    assert_eq!(fs::read(project.path(CANVAS)).unwrap(), whole);
}

#[test]
fn the_bytes_are_the_same_however_they_are_made() {
    let project = Project::new();
    project.run(&["compile", "-j", "1"]).exits(0);
    let one = fs::read(project.path(CANVAS)).unwrap();
    project.run(&["compile", "-j", "2"]).exits(0);
    assert_eq!(fs::read(project.path(CANVAS)).unwrap(), one, "rebuilt by copying");
    fs::remove_file(project.path(CANVAS)).unwrap();
    project.run(&["compile", "-j", "2"]).exits(0);
    assert_eq!(fs::read(project.path(CANVAS)).unwrap(), one, "made by two threads");
    project.edit("shows/hello/base.json", "\"70%\"", "\"71%\"");
    project.run(&["compile"]).exits(0);
    project.edit("shows/hello/base.json", "\"71%\"", "\"70%\"");
    project.run(&["compile"]).exits(0);
    assert_eq!(fs::read(project.path(CANVAS)).unwrap(), one, "changed and changed back");
}

#[test]
fn a_part_is_the_same_frames() {
    let project = Project::new();
    project.run(&["compile", "--emit", "raw"]).exits(0);
    let whole = fs::read(project.path("build/hello.raw")).unwrap();
    assert_eq!(whole.len(), 16 * 60 * 512);
    let part = ["compile", "--from", "4.5", "--to", "0:09.250", "-o", "part.canvas"];
    project.run(&[&part[..], &["--emit", "raw"]].concat()).exits(0);
    let cut = fs::read(project.path("part.raw")).unwrap();
    assert_eq!(cut, whole[270 * 512..555 * 512]);
    let ran = project.run(&["compile", "--from", "5", "--to", "4", "-o", "x.canvas"]).exits(2);
    assert!(ran.err.contains("before it starts"), "{}", ran.err);
    project.run(&["compile", "--from", "chorus", "-o", "x.canvas"]).exits(2);
}

#[test]
fn another_rate_is_as_long() {
    let project = Project::new();
    project.run(&["compile", "--fps", "30000/1001", "-o", "ntsc.canvas"]).exits(0);
    let ran = project.run(&["canvas", "info", "ntsc.canvas", "--json"]).exits(0);
    let info: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(info["header"]["rate"], "30000/1001");
    assert_eq!(info["header"]["frames"], 480);
}

#[test]
fn a_show_with_errors_exits_1_and_leaves_the_canvas() {
    let project = Project::new();
    project.run(&["compile"]).exits(0);
    let before = fs::read(project.path(CANVAS)).unwrap();
    project.edit("shows/hello/base.json", "\"on\": \"pars\"", "\"on\": \"parts\"");
    for args in [&["check"][..], &["compile"], &["compile", "--check"], &["play", "--dry-run"]] {
        let ran = project.run(args).exits(1);
        assert!(ran.err.contains("shows/hello/base.json:"), "{args:?}: {}", ran.err);
    }
    assert_eq!(fs::read(project.path(CANVAS)).unwrap(), before);
}
