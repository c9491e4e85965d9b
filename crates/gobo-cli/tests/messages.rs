//! What is printed about a show that is wrong, in every format.

mod common;

use common::Project;
use serde_json::Value;

/// The new project with two mistakes and an oddity.
fn broken() -> Project {
    let project = Project::new();
    project.edit("shows/hello/base.json", "\"on\": \"head\"", "\"on\": \"haed\"");
    project.edit("shows/hello/accents.json", "\"bounce\"", "\"bounse\"");
    project
}

#[test]
fn people_see_the_line() {
    let ran = broken().run(&["check", "hello"]).exits(1);
    assert_eq!(ran.out, "");
    insta::assert_snapshot!(ran.err);
}

#[test]
fn programs_read_a_line_each() {
    let ran = broken().run(&["check", "--message-format", "json"]).exits(1);
    assert_eq!(ran.err, "");
    let lines: Vec<Value> =
        ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in &lines {
        let keys: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            keys,
            ["severity", "code", "message", "file", "line", "column", "end", "labels", "hints"]
        );
    }
    insta::assert_snapshot!(ran.out);
}

#[test]
fn workflows_get_annotations() {
    let ran = broken().run(&["check", "--message-format", "github"]).exits(1);
    insta::assert_snapshot!(ran.out);
}

#[test]
fn colours_come_when_asked_for() {
    let project = broken();
    let colored = |ran: common::Ran| ran.err.contains("\x1b[");
    assert!(!colored(project.run(&["check"])));
    assert!(colored(project.run(&["check", "--color", "always"])));
    let with = |name: &str, args: &[&str]| -> common::Ran {
        let mut command = common::gobo(&project.root());
        command.env(name, "1").args(args).output().unwrap().into()
    };
    assert!(colored(with("CLICOLOR_FORCE", &["check"])));
    assert!(!colored(with("NO_COLOR", &["check"])));
    assert!(colored(with("NO_COLOR", &["check", "--color", "always"])));
}

#[test]
fn a_line_that_is_a_whole_file_is_shown_around_the_place() {
    let project = Project::new();
    let path = project.root().join("shows/hello/base.json");
    let cue = r#"{ "at": 1, "on": "all", "set": { "dimmer": 1 } }"#;
    let wrong = r#"{ "at": 1, "on": "all", "set": { "dimmer": "ä", "dimer": 1 } }"#;
    let cues = format!("{}, {wrong}, {}", vec![cue; 2000].join(", "), vec![cue; 2000].join(", "));
    std::fs::write(path, format!("{{ \"cues\": [{cues}] }}\n")).unwrap();
    let ran = project.run(&["check", "hello"]).exits(1);
    assert!(ran.err.len() < 2_000, "{} bytes", ran.err.len());
    insta::assert_snapshot!(ran.err);
}

#[test]
fn programs_find_nothing_but_objects() {
    let project = Project::new();
    project.run(&["compile", "-o", "a.canvas"]).exits(0);
    project.edit("shows/hello/base.json", "70%", "71%");
    project.run(&["compile", "-o", "b.canvas"]).exits(0);
    project.write("bad.canvas", "none");
    let cases: [(&[&str], i32, &[&str]); 10] = [
        (&["compile", "hello", "hello", "--check"], 1, &["error", "error"]),
        (&["compile", "--emit", "raw"], 0, &[]),
        (&["compile", "--check", "-o", "a.canvas"], 1, &["error"]),
        (&["compile", "none"], 2, &["error"]),
        (&["canvas", "verify", "a.canvas", "bad.canvas"], 1, &["verified", "verified"]),
        (&["canvas", "verify", "none.canvas"], 3, &["error"]),
        (&["canvas", "diff", "a.canvas", "a.canvas"], 0, &["compared"]),
        (&["canvas", "diff", "a.canvas", "b.canvas"], 1, &["compared"]),
        (&["canvas", "diff", "a.canvas", "bad.canvas"], 1, &["error"]),
        (&["canvas", "png", "a.canvas"], 0, &[]),
    ];
    for (args, code, reasons) in cases {
        let ran = project.run(&[args, &["--message-format", "json"]].concat()).exits(code);
        let lines: Vec<Value> =
            ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let found: Vec<&str> = lines.iter().filter_map(|line| line["reason"].as_str()).collect();
        assert_eq!((found.as_slice(), lines.len()), (reasons, reasons.len()), "{args:?}");
        match reasons {
            ["error"] => assert_eq!(lines[0]["exit"], code, "{args:?}"),
            ["verified", _] => {
                assert_eq!(lines[0]["faults"], serde_json::json!([]));
                assert_eq!(lines[1]["file"], "bad.canvas");
                assert_eq!(lines[1]["faults"].as_array().unwrap().len(), 1);
            }
            ["compared"] => {
                let universes = lines[0]["universes"].as_array().unwrap();
                assert_eq!(universes.len(), code as usize);
                assert!(universes.iter().all(|one| one["spans"][0]["first_frame"].is_u64()));
            }
            _ => {}
        }
    }
}
