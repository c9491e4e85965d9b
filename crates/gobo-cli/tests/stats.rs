//! The figures that a player tells of itself.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::net::UdpSocket;

use common::Project;
use common::outside::repository;
use serde_json::Value;

/// The keys of an object, and those of the objects in it.
fn keys(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                into.insert(key.clone());
                keys(value, into);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, into)),
        _ => {}
    }
}

#[test]
fn each_key_is_documented_and_the_figures_agree_with_the_wire() {
    let project = Project::new();
    project.run(&["compile"]).exits(0);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let target = format!("127.0.0.1:{}", socket.local_addr().unwrap().port());
    let play = ["play", "build/hello.canvas", "--to", "1.5", "--audio", "none", "--sacn", &target];
    let stats = ["--stats", "json=stats.jsonl", "--stats-interval", "0.25"];
    project.run(&[&play[..], &stats].concat()).exits(0);
    let text = project.read("stats.jsonl");
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
    assert!(lines.len() >= 3, "{text}");
    let (last, before) = lines.split_last().unwrap();
    assert!(before.iter().all(|line| line["last"] == false && line["event"] == "stats"));
    assert_eq!((&last["last"], &last["status"]), (&true.into(), &"ended".into()));

    let mut told = BTreeSet::new();
    keys(last, &mut told);
    let page = fs::read_to_string(repository().join("crates/STATS.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let documented: BTreeSet<String> = rows
        .flat_map(|row| row.split('|').nth(1).unwrap().split(','))
        .map(|key| key.trim().trim_matches('`').to_owned())
        .collect();
    assert_eq!(told, documented);

    socket.set_nonblocking(true).unwrap();
    let (mut packets, mut bytes, mut buffer) = (0, 0, [0; 2000]);
    while let Ok(length) = socket.recv(&mut buffer) {
        (packets, bytes) = (packets + 1, bytes + length);
    }
    let output = &last["outputs"][0];
    assert_eq!((&output["packets"], &output["bytes"]), (&packets.into(), &bytes.into()));
    assert_eq!((&output["errors"], &output["last_error"]), (&0.into(), &Value::Null));
    let number = |value: &Value| value.as_f64().unwrap();
    let shown = number(&last["lateness_ms"]["count"]) + number(&last["dropped"]);
    assert!((85.0..=91.0).contains(&shown), "{shown} frames of 90");
    for spread in [&last["lateness_ms"], &last["jitter_ms"]] {
        let figures = ["p50", "p99", "p99_9", "max"].map(|key| number(&spread[key]));
        assert!(figures.is_sorted(), "{figures:?}");
    }
}

#[test]
fn people_are_told_at_the_end() {
    let project = Project::new();
    project.run(&["compile"]).exits(0);
    let play = ["play", "build/hello.canvas", "--to", "0.3", "--audio", "none", "--dry-run"];
    let ran = project.run(&[&play[..], &["--stats", "text", "--artnet", "10.0.0.9"]].concat());
    let ran = ran.exits(0);
    assert!(ran.out.contains(" frames sent in 0:"), "{}", ran.out);
    assert!(ran.out.contains("Art-Net to 10.0.0.9"), "{}", ran.out);
    let wrong = project.run(&["play", "--stats", "xml"]).exits(2);
    assert!(wrong.err.contains("expected `json`, `json=FILE` or `text`"), "{}", wrong.err);
}

#[test]
fn figures_on_stdout_are_alone_there() {
    let project = Project::new();
    project.run(&["compile"]).exits(0);
    let play = ["play", "hello", "build/hello.canvas", "--to", "0.3", "--audio", "none"];
    let told = ["--start-at", "+0.3s", "--dry-run", "--stats", "json", "--record", "x.canvas"];
    let ran = project.run(&[&play[..], &told].concat()).exits(0);
    assert!(!ran.out.is_empty());
    for line in ran.out.lines() {
        assert!(serde_json::from_str::<Value>(line).is_ok(), "{line}");
    }
}
