//! What the command says of itself, and how it ends when it cannot begin.

mod common;

use common::{gobo, run};
use std::io::{BufRead, BufReader};
use std::process::Stdio;

#[test]
fn wrong_usage_exits_2() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [&[&str]; 13] = [
        &[],
        &["dance"],
        &["monitor", "--bind", "x"],
        &["monitor", "--only", "4-1"],
        &["monitor", "--seconds", "x"],
        &["canvas", "png", "x", "--from", "1:75"],
        &["monitor", "--fps", "60"],
        &["canvas"],
        &["effects", "none"],
        &["compile", "-j", "0"],
        &["compile", "-j", "100000"],
        &["canvas", "export", "x", "--as", "dmxp", "--sparse"],
        &["canvas", "export", "x", "--as", "raw", "--step", "3"],
    ];
    for args in cases {
        let ran = run(folder.path(), args).exits(2);
        assert!(ran.out.is_empty(), "{args:?} printed to stdout: {}", ran.out);
    }
}

#[test]
fn outside_a_project_the_way_in_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(folder.path(), &["fixture", "list"]).exits(2);
    assert!(ran.err.contains("gobo new"), "{}", ran.err);
}

#[test]
fn what_is_not_there_exits_3() {
    let folder = tempfile::tempdir().unwrap();
    for args in [["canvas", "info", "none.canvas"], ["canvas", "verify", "none.canvas"]] {
        let ran = run(folder.path(), &args).exits(3);
        assert!(ran.err.starts_with("error: cannot read none.canvas: No such file"), "{}", ran.err);
    }
}

#[test]
fn every_shell_gets_completions_and_every_command_a_page() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = run(folder.path(), &["completions", shell]).exits(0);
        assert!(ran.out.contains("monitor"), "{shell}");
    }
    run(folder.path(), &["man", "pages/man1"]).exits(0);
    for page in ["gobo", "gobo-canvas-diff", "gobo-canvas-gif"] {
        let page = folder.path().join(format!("pages/man1/{page}.1"));
        assert!(std::fs::read_to_string(page).unwrap().contains(".TH"));
    }
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = gobo(folder.path())
        .args(["completions", "zsh"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::with_capacity(64, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
}
