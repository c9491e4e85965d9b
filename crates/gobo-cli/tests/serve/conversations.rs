//! Conversations with the server, kept as data: `conversations/*.json` is what is said, the
//! snapshot beside it what was answered, and which sources changed and how.
//!
//! A conversation has `steps`, each one of
//!
//! - `{ask, payload}`: an intent, and its answer
//! - `{edit, from, to}`: somebody changes a file in an editor
//! - `{until, is}`: waits until the value at a pointer into the state is this
//! - `{show}`: the value at a pointer into the state
//!
//! and may have `options` of the command and a `role`: `view` or `control`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::client::{Client, Greeting};
use crate::house::{Serving, sources, studio};

const CONTROL: &str = "control-of-the-studio";
const VIEW: &str = "view-of-the-studio";

fn hold(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/serve/conversations");
    let text = fs::read_to_string(folder.join(format!("{name}.json"))).expect("a conversation");
    let script: Value = serde_json::from_str(&text).expect("a conversation is JSON");
    let options = script["options"].as_array().into_iter().flatten();
    let options: Vec<&str> = options.filter_map(Value::as_str).collect();
    let tokens = [("GOBO_CONTROL_TOKEN", CONTROL), ("GOBO_VIEW_TOKEN", VIEW)];
    let serving = Serving::with(studio(), &options, &tokens);
    let token = if script["role"] == "view" { VIEW } else { CONTROL };
    let mut client = serving.client_as(Greeting { deep: true, token: Some(token) });
    let before = sources(&serving.project);
    let mut told = String::new();
    for step in script["steps"].as_array().expect("steps") {
        take(step, &serving, &mut client, &mut told);
    }
    for line in changes(&before, &sources(&serving.project)) {
        told += &line;
        told.push('\n');
    }
    insta::with_settings!({
        snapshot_path => folder,
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, told);
    });
}

fn take(step: &Value, serving: &Serving, client: &mut Client, told: &mut String) {
    let text = |key: &str| step[key].as_str();
    if let Some(name) = text("ask") {
        let payload = step.get("payload").cloned().unwrap_or(Value::Object(Map::new()));
        writeln!(told, "{name} {payload}").expect("text");
        let (data, message) = client.answer(name, &payload);
        *told += &answered(data, &message);
    } else if let (Some(file), Some(from), Some(to)) = (text("edit"), text("from"), text("to")) {
        serving.project.edit(file, from, to);
        writeln!(told, "(an editor writes `{to}` into {file})").expect("text");
    } else if let Some(pointer) = text("until") {
        let wanted = &step["is"];
        let what = format!("{pointer} is {wanted}, after\n{told}");
        client.until(&what, |state| is(state.pointer(pointer).unwrap_or(&Value::Null), wanted));
    } else if let Some(pointer) = text("show") {
        let value = client.state.pointer(pointer).unwrap_or(&Value::Null);
        writeln!(told, "{pointer}: {value}").expect("text");
    } else {
        panic!("no step of a conversation: {step}");
    }
}

/// Whether values are the same: 12 and 12.0 are.
fn is(value: &Value, wanted: &Value) -> bool {
    match (value.as_f64(), wanted.as_f64()) {
        (Some(value), Some(wanted)) => value == wanted,
        _ => value == wanted,
    }
}

/// An answer without what says whose it is.
fn answered(mut data: Value, message: &str) -> String {
    let members = data.as_object_mut().expect("an answer has data");
    members.remove("req_id");
    members.remove("name");
    let accepted = members.remove("accepted") == Some(Value::Bool(true));
    if accepted {
        return match members.is_empty() {
            true => "    done\n".to_owned(),
            false => format!("    done {data}\n"),
        };
    }
    let reason = members.remove("reason").unwrap_or_default();
    let mut told = format!("    {}: {message}\n", reason.as_str().unwrap_or("no reason"));
    for error in members.get("errors").and_then(Value::as_array).into_iter().flatten() {
        let (path, message) = (error["path"].as_str(), error["message"].as_str());
        told += &format!("      {}: {}\n", path.unwrap_or("?"), message.unwrap_or("?"));
    }
    told
}

type Files = [(PathBuf, Vec<u8>)];

/// What has become of sources, file by file.
fn changes(before: &Files, after: &Files) -> Vec<String> {
    let find = |files: &Files, path: &PathBuf| {
        let found = files.iter().find(|(name, _)| name == path);
        found.map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
    };
    let mut paths: Vec<&PathBuf> = before.iter().chain(after).map(|(path, _)| path).collect();
    paths.sort();
    paths.dedup();
    let mut told = Vec::new();
    for path in paths {
        let (old, new) = (find(before, path), find(after, path));
        if old != new {
            told.push(format!("--- {}", path.display()));
            told.extend(diff(&old, &new));
        }
    }
    told
}

/// The lines that are gone and those that are new.
fn diff(old: &str, new: &str) -> Vec<String> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    // How many lines both have in common from here on.
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = match old[i] == new[j] {
                true => common[i + 1][j + 1] + 1,
                false => common[i + 1][j].max(common[i][j + 1]),
            };
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && common[i + 1][j] >= common[i][j + 1]) {
            lines.push(format!("-{}", old[i]));
            i += 1;
        } else {
            lines.push(format!("+{}", new[j]));
            j += 1;
        }
    }
    lines
}

macro_rules! conversations {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            hold(stringify!($name));
        })*

        #[test]
        fn every_conversation_is_held() {
            let held = [$(stringify!($name)),*];
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/serve/conversations");
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.extension().is_some_and(|ending| ending == "json") {
                    let name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
                    assert!(held.contains(&name), "{name} is not held");
                }
            }
        }
    };
}

conversations! {
    chasers cues cues_refused fixtures forbidden helpers hints in_an_editor levels_and_lock
    points scenes songs transport unknown while_it_plays
}
