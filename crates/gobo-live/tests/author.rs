//! Edits of a project's files, asked for as programs do.

mod common;

use std::collections::BTreeSet;
use std::fs;

use common::{Project, changed, row};
use gobo_live::author::{Author, Authoring};
use serde_json::{Value, json};

/// An intent, and the lines that go and come in a file.
struct Case {
    name: &'static str,
    payload: Value,
    file: &'static str,
    gone: &'static [&'static str],
    new: &'static [&'static str],
}

fn case(
    name: &'static str,
    payload: Value,
    file: &'static str,
    gone: &'static [&'static str],
    new: &'static [&'static str],
) -> Case {
    Case { name, payload, file, gone, new }
}

fn check(project: fn() -> Project, cases: Vec<Case>) {
    for Case { name, payload, file, gone, new } in cases {
        let project = project();
        let before = project.files();
        let text = project.text(file);
        let written =
            project.ask(name, &payload).unwrap_or_else(|error| panic!("{payload}: {error}"));
        assert_eq!(written.iter().map(|one| &*one.file).collect::<Vec<_>>(), [file], "{payload}");
        assert_eq!(
            changed(&text, &project.text(file)),
            (lines(gone), lines(new)),
            "{name} {payload}"
        );
        project.edition();
        let others = |files: Vec<(std::path::PathBuf, Vec<u8>)>| -> Vec<_> {
            files.into_iter().filter(|(path, _)| !path.ends_with(file)).collect()
        };
        assert_eq!(others(project.files()), others(before), "{payload}");
    }
}

fn lines(all: &[&str]) -> Vec<String> {
    all.iter().map(|line| (*line).to_owned()).collect()
}

const BASE: &str = "shows/demo/base.json";
const ACCENTS: &str = "shows/demo/accents.json";
const CUES: &str = "shows/show/channels.json";

#[test]
fn cues_are_added_as_their_neighbours_are() {
    check(
        Project::demo,
        vec![
            case(
                "cue.add",
                json!({ "file": "base.json", "cue": { "at": "verse + 1 bar", "on": "front1", "set": { "dimmer": 1 } } }),
                BASE,
                &[],
                &[r#"    { "at": "verse + 1 bar", "on": "front1", "set": { "dimmer": 1 } },"#],
            ),
            case(
                "cue.add",
                json!({ "file": ACCENTS, "cue": { "at": "end - 1s", "on": "up", "flash": {} } }),
                ACCENTS,
                &[
                    r#"    { "at": "outro", "for": "2 beats", "on": "washes | up", "flash": { "level": "80%", "color": "ice" }, "then": "release" }"#,
                ],
                &[
                    r#"    { "at": "outro", "for": "2 beats", "on": "washes | up", "flash": { "level": "80%", "color": "ice" }, "then": "release" },"#,
                    r#"    { "at": "end - 1s", "on": "up", "flash": {} }"#,
                ],
            ),
            case(
                "cue.add",
                json!({ "file": "accents.json", "time": 1.23456, "fixture_id": "front1", "effect": "flash", "duration": 0.5, "data": { "color": "#FF0000" }, "name": "Hit" }),
                ACCENTS,
                &[],
                &[
                    r##"    { "at": 1.235, "for": 0.5, "on": "front1", "flash": { "color": "#FF0000" }, "name": "Hit" },"##,
                ],
            ),
        ],
    );
}

#[test]
fn rows_stay_rows_in_channel_layers() {
    check(
        Project::channels,
        vec![
            case(
                "cue.add",
                row(2.0, "par1", "set_channels", 0.0, json!({ "channels": { "red": 10 } })),
                CUES,
                &[],
                &[r#"    { "at": 2, "on": "par1", "set_channels": { "Red": 10 } },"#],
            ),
            // The same identity within a tenth of a second.
            case(
                "cue.add",
                row(2.59, "par1", "flash", 2.0, json!({})),
                CUES,
                &[r#"    { "at": 2.5, "for": 1, "on": "par1", "flash": { "color": "sun" } },"#],
                &[r#"    { "at": 2.59, "for": 2, "on": "par1", "flash": {} },"#],
            ),
            case(
                "cue.add",
                row(2.61, "par1", "flash", 2.0, json!({})),
                CUES,
                &[],
                &[r#"    { "at": 2.61, "for": 2, "on": "par1", "flash": {} },"#],
            ),
            case(
                "chaser.apply",
                json!({ "chaser_id": "steps", "time": 8, "repetitions": 3 }),
                CUES,
                &[r#"    { "at": 5, "chaser": { "wave": { "beats": 0.5 } } }"#],
                &[
                    r#"    { "at": 5, "chaser": { "wave": { "beats": 0.5 } } },"#,
                    r#"    { "at": 8, "chaser": { "steps": { "times": 3 } } }"#,
                ],
            ),
            case(
                "cue.add_look",
                json!({ "time": 9, "fixtures": { "par1": { "Red": 255, "Green": "50%" } } }),
                CUES,
                &[r#"    { "at": 5, "chaser": { "wave": { "beats": 0.5 } } }"#],
                &[
                    r#"    { "at": 5, "chaser": { "wave": { "beats": 0.5 } } },"#,
                    r#"    { "at": 9, "on": "par1", "set_channels": { "Red": 255, "Green": 128 } }"#,
                ],
            ),
        ],
    );
}

/// The index of the row whose source has this text.
fn index_of(project: &Project, part: &str) -> usize {
    let sheet = project.sheet();
    let found = sheet.cues.iter().find(|row| row.source.to_string().contains(part));
    found.unwrap_or_else(|| panic!("no cue has {part}")).index
}

#[test]
fn cues_are_updated_and_deleted() {
    let project = Project::demo();
    let night = index_of(&project, r#""name":"Night""#);
    let pump = index_of(&project, r#""name":"Pump""#);
    check(
        Project::demo,
        vec![
            case(
                "cue.update",
                json!({ "index": night, "patch": { "note": "dark", "fade_in": null, "set": { "dimmer": "70%" } } }),
                BASE,
                &[
                    r#"    { "at": "intro", "on": "up", "set": { "dimmer": "80%", "color": "midnight" }, "fade_in": "2 bars", "name": "Night" },"#,
                ],
                &[
                    r#"    { "at": "intro", "on": "up", "set": { "dimmer": "70%" }, "note": "dark", "name": "Night" },"#,
                ],
            ),
            case(
                "cue.update",
                json!({ "index": night, "patch": { "time": 2.5, "duration": 1.5, "effect": "flash", "data": { "color": "red" } } }),
                BASE,
                &[
                    r#"    { "at": "intro", "on": "up", "set": { "dimmer": "80%", "color": "midnight" }, "fade_in": "2 bars", "name": "Night" },"#,
                ],
                &[
                    r#"    { "at": 2.5, "on": "up", "flash": { "color": "red" }, "fade_in": "2 bars", "name": "Night", "for": 1.5 },"#,
                ],
            ),
            case(
                "cue.update",
                json!({ "index": pump, "patch": { "rainbow": {} } }),
                "shows/demo/rhythm.json",
                &[
                    r#"    { "at": "drop", "for": "4 bars", "on": "washes", "pulse": { "every": "1 beat", "shape": "saw", "low": "20%" }, "then": "release", "name": "Pump" },"#,
                ],
                &[
                    r#"    { "at": "drop", "for": "4 bars", "on": "washes", "rainbow": {}, "then": "release", "name": "Pump" },"#,
                ],
            ),
            case(
                "cue.delete",
                json!({ "index": night }),
                BASE,
                &[
                    r#"    { "at": "intro", "on": "up", "set": { "dimmer": "80%", "color": "midnight" }, "fade_in": "2 bars", "name": "Night" },"#,
                ],
                &[],
            ),
        ],
    );
}

#[test]
fn what_is_cleared_is_gone() {
    let project = Project::demo();
    project.ask("cue.clear", &json!({ "from_time": 30, "to_time": 50 })).unwrap();
    let sheet = project.sheet();
    assert!(
        sheet.cues.iter().all(|row| !(30.0..=50.0).contains(&row.time) || row.at != json!("drop"))
    );
    assert!(!sheet.cues.is_empty());
    let written = project.ask("cue.clear_all", &json!({})).unwrap();
    assert!(written.len() > 3);
    assert!(project.sheet().cues.is_empty());
    assert_eq!(
        project.text(ACCENTS),
        "{\n  \"$schema\": \"../../crates/gobo-show/schemas/cues.schema.json\",\n  \"layer\": { \"blend\": \"add\" },\n  \"cues\": []\n}\n"
    );
    // And what is added then is written as usual.
    let payload =
        json!({ "file": "accents.json", "cue": { "at": 1, "on": "all", "set": { "dimmer": 1 } } });
    project.ask("cue.add", &payload).unwrap();
    assert!(project.text(ACCENTS).ends_with(
        "  \"cues\": [\n    { \"at\": 1, \"on\": \"all\", \"set\": { \"dimmer\": 1 } }\n  ]\n}\n"
    ));
}

/// Edits that go together go by the rows as they were, all or none.
#[test]
fn edits_go_together() {
    let project = Project::demo();
    let (edition, sheet) = project.seen();
    let author = Author::new(project.root()).unwrap();
    let delete = |index: usize| Authoring::parse("cue.delete", &json!({ "index": index })).unwrap();
    let hint = |text: &str| {
        let payload = json!({ "time": 1, "text": text });
        Authoring::parse("song.hints.create", &payload).unwrap()
    };
    // Rows of six objects, of which some stand in one file.
    let mut objects = BTreeSet::new();
    let object = |index: usize| {
        let row = &sheet.cues[index];
        (row.file.to_string(), row.source.to_string())
    };
    let is_new = |index: &usize| objects.insert(object(*index));
    let gone: Vec<usize> = (20..60).step_by(2).filter(is_new).take(6).collect();
    let items = || -> Vec<(String, String)> {
        let files: BTreeSet<_> = sheet.cues.iter().map(|row| row.file.to_string()).collect();
        let of = |file: String| {
            let text: Value = serde_json::from_str(&project.text(&file)).unwrap();
            let items = text["cues"].as_array().unwrap().clone();
            items.into_iter().map(move |item| (file.clone(), item.to_string()))
        };
        files.into_iter().flat_map(of).collect()
    };
    let mut expected = items();
    for index in &gone {
        let place = expected.iter().position(|item| *item == object(*index));
        expected.remove(place.expect("it is there"));
    }
    let before = project.files();
    let wrong = [hint("one"), delete(20), delete(99_999)];
    let refused = author.apply_all(&edition, &sheet, &project.world(), &wrong).unwrap_err();
    assert_eq!(refused.reason(), "not_found");
    assert_eq!(project.files(), before, "nothing is written");
    let mut edits: Vec<Authoring> = gone.iter().copied().map(delete).collect();
    edits.extend([hint("one"), hint("two")]);
    author.apply_all(&edition, &sheet, &project.world(), &edits).unwrap();
    assert_eq!(items(), expected);
    let facts: Value = serde_json::from_str(&project.text("songs/switch-on.song.json")).unwrap();
    let ids: Vec<_> =
        facts["hints"].as_array().unwrap().iter().map(|hint| hint["id"].to_string()).collect();
    assert!(ids.len() >= 2 && ids.iter().collect::<BTreeSet<_>>().len() == ids.len(), "{ids:?}");
}

#[test]
fn cues_find_a_file_that_can_have_them() {
    let project = Project::channels();
    let toml = project.text("shows/show/show.toml");
    let cues = |names: &str| toml.replace(r#"cues = ["channels.json"]"#, names);
    project.write("shows/show/looks.json", "{ \"cues\": [] }\n");
    for names in [r#"["channels.json", "looks.json"]"#, r#"["looks.json", "channels.json"]"#] {
        project.write("shows/show/show.toml", &cues(&format!("cues = {names}")));
        let file = |cue: Value| {
            let written = project.ask("cue.add", &json!({ "cue": cue })).unwrap();
            written.into_iter().map(|written| written.file).collect::<Vec<String>>()
        };
        let look = file(json!({ "at": 1.2, "on": "par1", "set": { "dimmer": 1 } }));
        assert_eq!(look, ["shows/show/looks.json"], "{names}");
        let slots = file(json!({ "at": 1.2, "on": "par1", "set_channels": { "Red": 9 } }));
        assert_eq!(slots, ["shows/show/channels.json"], "{names}");
    }
}

#[test]
fn looks_become_one_cue() {
    let project = Project::demo();
    let payload = json!({ "time": 12, "file": "base.json", "fixtures": {
        "front1": { "dim": 255 }, "front2": { "dim": "100%" }, "spot1": { "pan": 32768, "tilt": 32768 },
    } });
    let before = project.text(BASE);
    project.ask("cue.add_look", &payload).unwrap();
    assert_eq!(
        changed(&before, &project.text(BASE)).1,
        [
            r#"    { "at": 12, "on": "front1 | front2 | spot1", "set": { "by": { "front1 | front2": { "dimmer": "100%" }, "spot1": { "pan": 0, "tilt": 0 } } } },"#
        ]
    );
    project.edition();
}

#[test]
fn refusals_say_each_mistake_and_write_nothing() {
    let project = Project::demo();
    let before = project.files();
    let table = [
        ("cue.add", json!({}), "invalid", "/time"),
        ("cue.add", row(1.0, "fron1", "flash", 1.0, json!({})), "invalid", "/fixture_id"),
        ("cue.add", row(1.0, "front1", "flsh", 1.0, json!({})), "invalid", "/effect"),
        (
            "cue.add",
            json!({ "cue": { "at": 1, "on": "nobody", "set": { "dimmer": 1 } }, "file": "base.json" }),
            "invalid",
            "shows/demo/base.json#",
        ),
        (
            "cue.add",
            json!({ "cue": { "at": 1, "on": "up", "set": {} }, "file": "../../x.json" }),
            "invalid",
            "/file",
        ),
        ("cue.add", json!({ "cue": [], "file": "/etc/passwd" }), "invalid", "/cue"),
        ("cue.update", json!({ "index": 99_999, "patch": {} }), "not_found", ""),
        (
            "cue.update",
            json!({ "index": 1, "patch": { "time": "x", "data": 3 } }),
            "invalid",
            "/patch/time",
        ),
        (
            "cue.update",
            json!({ "index": 1, "patch": { "note": "x" }, "source": { "at": 1 } }),
            "conflict",
            "",
        ),
        ("cue.delete", json!({ "index": 1, "source": { "at": 1 } }), "conflict", ""),
        ("cue.delete", json!({ "index": -1 }), "invalid", "/index"),
        ("cue.clear", json!({ "from_time": 3, "to_time": 2 }), "invalid", "/to_time"),
        ("chaser.apply", json!({ "chaser_id": "x", "time": 1 }), "invalid", "/chaser_id"),
        (
            "cue.add_look",
            json!({ "time": 1, "fixtures": { "front1": { "Dimmr": 1 } } }),
            "invalid",
            "/fixtures/front1/Dimmr",
        ),
        ("song.hints.delete", json!({ "id": "x" }), "not_found", ""),
        (
            "poi.create",
            json!({ "id": "singer", "location": { "x": 0, "y": 0, "z": 0 } }),
            "invalid",
            "/id",
        ),
        (
            "poi.create",
            json!({ "id": "n", "location": { "x": 0, "y": "a" } }),
            "invalid",
            "/location/y",
        ),
        ("poi.delete", json!({ "id": "sing" }), "not_found", ""),
        ("poi.delete", json!({ "id": "singer" }), "invalid", "shows/demo/"),
        (
            "poi.update_fixture_target",
            json!({ "id": "singer", "fixture_id": "spot1", "pan": 70_000, "tilt": 0 }),
            "invalid",
            "/pan",
        ),
        ("transport.play", json!({}), "invalid", "/name"),
    ];
    for (name, payload, reason, path) in table {
        let refusal = project.ask(name, &payload).unwrap_err();
        assert_eq!(refusal.reason(), reason, "{name} {payload}: {refusal:?}");
        if !path.is_empty() {
            assert!(refusal.errors()[0].path.starts_with(path), "{name} {payload}: {refusal:?}");
        }
    }
    assert_eq!(project.files(), before);
}

#[test]
fn mistakes_come_with_the_nearest_name() {
    let project = Project::demo();
    let refusal = project.ask("cue.add", &row(1.0, "frnt1", "flash", 1.0, json!({}))).unwrap_err();
    assert_eq!(refusal.errors()[0].message, "there is no fixture `frnt1`: did you mean `front1`?");
    let refusal = project.ask("cue.add", &json!({ "tim": 1 })).unwrap_err();
    let paths: Vec<_> = refusal.errors().iter().map(|fault| fault.path.clone()).collect();
    assert_eq!(paths, ["/time", "/fixture_id", "/effect", "/tim"]);
}

#[test]
fn an_edit_made_meanwhile_is_kept() {
    let project = Project::demo();
    let seen = project.seen();
    let night = index_of(&project, r#""name":"Night""#);
    // An editor adds a cue before it and changes another.
    let edited = project
        .text(BASE)
        .replace("    { \"at\": \"start\", \"on\": \"hazers\"", "    { \"at\": 0.5, \"on\": \"up\", \"set\": { \"dimmer\": 1 } },\n    { \"at\": \"start\", \"on\": \"hazers\"")
        .replace("\"First light\"", "\"The first light\"");
    project.write(BASE, &edited);
    let patch = json!({ "index": night, "patch": { "name": "Nacht" } });
    project.ask_of(&seen, "cue.update", &patch).unwrap();
    assert_eq!(project.text(BASE), edited.replace("\"Night\"", "\"Nacht\""));
    // What was to be changed was changed.
    let again = project.ask_of(&seen, "cue.update", &patch).unwrap_err();
    assert_eq!(again.reason(), "conflict");
    assert_eq!(project.text(BASE), edited.replace("\"Night\"", "\"Nacht\""));
}

#[test]
fn a_mark_of_the_encoding_and_permissions_stay() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::demo();
    let text = format!("\u{feff}{}", project.text(ACCENTS).replace('\n', "\r\n"));
    project.write(ACCENTS, &text);
    let path = project.root().join(ACCENTS);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let payload =
        json!({ "file": "accents.json", "cue": { "at": 0, "on": "all", "set": { "dimmer": 0 } } });
    project.ask("cue.add", &payload).unwrap();
    let (gone, new) = changed(&text, &project.text(ACCENTS));
    assert_eq!(gone, Vec::<String>::new());
    assert_eq!(new, ["    { \"at\": 0, \"on\": \"all\", \"set\": { \"dimmer\": 0 } },\r"]);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn links_are_followed_but_not_out_of_the_project() {
    let project = Project::demo();
    let (link, real) = (project.root().join(ACCENTS), project.root().join("real.json"));
    fs::rename(&link, &real).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let payload =
        json!({ "file": "accents.json", "cue": { "at": 0, "on": "all", "set": { "dimmer": 0 } } });
    project.ask("cue.add", &payload).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&real).unwrap().contains("\"at\": 0, \"on\": \"all\""));
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().join("x.json");
    fs::rename(&real, &target).unwrap();
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let before = fs::read(&target).unwrap();
    assert_eq!(project.ask("cue.add", &payload).unwrap_err().reason(), "invalid");
    assert_eq!(fs::read(&target).unwrap(), before);
}
