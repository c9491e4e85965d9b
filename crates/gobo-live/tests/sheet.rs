//! What programs see.

mod common;

use std::fmt::Write as _;
use std::time::Instant;

use common::Project;
use gobo_live::author::{Author, Authoring};
use serde_json::{Value, json};

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn rows_have_the_members_of_the_protocol() {
    let demo = serde_json::to_value(Project::demo().sheet()).unwrap();
    assert_eq!(
        keys(&demo),
        ["song", "pois", "cues", "cue_helpers", "chasers", "fixtures", "groups"]
    );
    assert_eq!(
        keys(&demo["song"]),
        ["filename", "title", "length", "bpm", "beats", "sections", "hints", "audio"]
    );
    assert_eq!(keys(&demo["song"]["sections"][0]), ["name", "start_s", "end_s"]);
    assert_eq!(demo["song"]["beats"][1], json!({ "time": 0.5, "beat": 1, "bar": 1 }));
    assert_eq!(demo["song"]["beats"][6]["beat"], 2);
    assert_eq!(
        keys(&demo["cues"][0]),
        [
            "index",
            "file",
            "layer",
            "name",
            "time",
            "end",
            "duration",
            "at",
            "on",
            "effect",
            "data",
            "fixtures",
            "fixture_id",
            "source",
            "editable"
        ]
    );
    assert_eq!(keys(&demo["cue_helpers"][0]), ["id", "name", "description", "params"]);
    assert_eq!(
        keys(&demo["fixtures"]["front1"]),
        [
            "id",
            "name",
            "type",
            "profile",
            "universe",
            "address",
            "footprint",
            "position",
            "channels"
        ]
    );
    assert_eq!(
        keys(&demo["fixtures"]["front1"]["channels"][0]),
        ["name", "kind", "slots", "emitter", "min", "max", "labels"]
    );
    assert_eq!(demo["fixtures"]["spot1"]["type"], "moving_head");
    assert_eq!(demo["fixtures"]["bar1"]["type"], "pixels");
    assert_eq!(demo["groups"][0]["fixtures"].as_array().unwrap().len(), 6);
    assert_eq!(demo["pois"][0]["location"], json!({ "x": 0.0, "y": 0.8, "z": 1.7 }));
    let rows = serde_json::to_value(Project::channels().sheet()).unwrap();
    assert_eq!(rows["pois"][0]["fixtures"], json!({ "spot1": { "pan": 1000, "tilt": 2000 } }));
    assert_eq!(keys(&rows["chasers"][0]), ["id", "name", "description", "beats", "running"]);
    assert_eq!(rows["chasers"][0]["beats"], 1.5);
}

#[test]
fn rows_of_repeats_and_includes_share_their_object() {
    let project = Project::demo();
    project.write(
        "shows/demo/common.json",
        r#"{ "cues": [{ "at": 1, "every": "1s", "to": 4, "for": 0.5, "on": "up", "flash": {} }] }"#,
    );
    let base = project.text("shows/demo/base.json");
    let with = base.replace(
        "\"cues\": [",
        "\"include\": [{ \"file\": \"common.json\", \"shift\": 10 }],\n  \"cues\": [",
    );
    project.write("shows/demo/base.json", &with);
    let sheet = project.sheet();
    let rows: Vec<_> = sheet.cues.iter().filter(|row| row.file.ends_with("common.json")).collect();
    assert_eq!(rows.iter().map(|row| row.time).collect::<Vec<_>>(), [11.0, 12.0, 13.0]);
    assert!(rows.iter().all(|row| row.editable && row.source == rows[0].source));
    // The second start half a second later: all of them.
    let payload =
        json!({ "index": rows[1].index, "patch": { "time": 12.5 }, "source": *rows[1].source });
    project.ask("cue.update", &payload).unwrap();
    assert_eq!(
        project.text("shows/demo/common.json"),
        r#"{ "cues": [{ "at": 1.5, "every": "1s", "to": 4, "for": 0.5, "on": "up", "flash": {} }] }"#
    );
    assert!(sheet.cues.is_sorted_by(|a, b| a.time <= b.time));
    assert!(sheet.cues.iter().enumerate().all(|(index, row)| row.index == index));
}

#[test]
fn a_chaser_is_one_row() {
    let sheet = Project::channels().sheet();
    let steps: Vec<_> = sheet.cues.iter().filter(|row| row.effect == "chaser").collect();
    assert_eq!(steps.len(), 2);
    assert_eq!((steps[0].time, steps[0].end), (4.0, 5.5));
    assert_eq!(steps[0].fixtures.iter().map(|id| &**id).collect::<Vec<_>>(), ["par1", "par2"]);
}

/// A show of many cues and fixtures.
fn large() -> Project {
    let project = Project::demo();
    let mut venue = String::from("name = \"Large\"\n[groups]\nfront = \"p1..p400\"\n");
    for index in 0..800 {
        let (universe, address) = (index / 160 + 1, index % 160 * 3 + 1);
        let _ = write!(
            venue,
            "[[fixture]]\nid = \"p{}\"\nprofile = \"generic/par-rgb\"\nuniverse = {universe}\naddress = {address}\n",
            index + 1
        );
    }
    project.write("fixtures/club.toml", &venue);
    let cue = |index: usize| {
        let (at, on) = (index as f64 * 0.04, ["all", "front", "p1", "~front"][index % 4]);
        format!(
            "    {{ \"at\": {at:.3}, \"for\": \"1 beat\", \"on\": \"{on}\", \"flash\": {{ \"color\": \"red\" }} }}"
        )
    };
    let cues: Vec<_> = (0..2000).map(cue).collect();
    project.write(
        "shows/demo/base.json",
        &format!("{{\n  \"cues\": [\n{}\n  ]\n}}\n", cues.join(",\n")),
    );
    project.write(
        "shows/demo/show.toml",
        "song = \"switch-on.ogg\"\nvenue = \"club\"\ncues = [\"base.json\"]\n",
    );
    project
}

#[allow(clippy::print_stdout, reason = "figures are wanted")]
#[test]
fn a_large_show_is_seen_and_edited() {
    let project = large();
    let edition = project.edition();
    let start = Instant::now();
    let sheet = gobo_live::sheet::Sheet::of(&edition, &project.world());
    let seen = start.elapsed();
    assert_eq!((sheet.cues.len(), sheet.fixtures.len()), (2000, 800));
    assert_eq!(sheet.cues[0].fixtures.len(), 800);
    let author = Author::new(project.root()).unwrap();
    let mut took = Vec::new();
    for number in 0..3 {
        let payload =
            json!({ "time": 10 + number, "fixture_id": "p1", "effect": "pulse", "duration": 1 });
        let intent = Authoring::parse("cue.add", &payload).unwrap();
        let start = Instant::now();
        author.apply(&edition, &sheet, &project.world(), &intent).unwrap();
        took.push(start.elapsed());
    }
    // For who wants to know; nothing is decided by it.
    println!("seen in {seen:?}, edited in {took:?}");
    assert_eq!(project.sheet().cues.len(), 2003);
}
