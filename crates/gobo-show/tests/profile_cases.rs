//! Profiles as data: each file of `tests/profiles` and what is made of it, in every mode, with
//! everything that is said of it. Adding a case is adding a file.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use gobo_show::diagnostic::{Diagnostic, Place, Spot};
use gobo_show::profile::{PatchedMode, Profile, ProfileFile, import_qxf};
use gobo_show::rig::{Capability, Function};
use gobo_show::world::Source;

/// A file of the repository, by its path from this crate.
fn read(path: &str) -> Source {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path));
    Source { path: path.into(), text: Arc::from(text.expect("a readable file")) }
}

fn spot(place: &Place) -> String {
    match &place.spot {
        Spot::File => "file".to_owned(),
        Spot::Bytes { start, end } => format!("bytes {start}-{end}"),
        Spot::Key(pointer) => format!("key {pointer}"),
        Spot::Value(pointer) => format!("value {pointer}"),
    }
}

/// What is made of a profile, for people to read.
fn describe(source: &Source) -> String {
    let (file, diagnostics) = Profile::parse(source);
    let mut text = say(&diagnostics);
    match file {
        None => text.push_str("no profile\n"),
        Some(ProfileFile::Redirect(redirect)) => {
            let _ = writeln!(text, "redirect to {} ({})", redirect.to, redirect.name);
        }
        Some(ProfileFile::Profile(profile)) => {
            for mode in profile.modes() {
                let _ = writeln!(text, "\nmode {}", mode.name);
                let patched = profile.patch(&mode.name).expect("its own mode");
                describe_mode(&mut text, &patched);
            }
        }
    }
    text
}

fn say(diagnostics: &[Diagnostic]) -> String {
    let mut text = String::new();
    for one in diagnostics {
        let severity = format!("{:?}", one.severity).to_lowercase();
        let _ = writeln!(text, "{severity}[{}] {}: {}", one.code, spot(&one.place), one.message);
        for label in &one.labels {
            let _ = writeln!(text, "    {}: {}", spot(&label.place), label.message);
        }
        for hint in &one.hints {
            let _ = writeln!(text, "    {hint}");
        }
    }
    text
}

fn describe_mode(text: &mut String, mode: &PatchedMode) {
    let _ = write!(text, "  {} slots, heads", mode.footprint);
    for (index, head) in mode.heads.iter().enumerate() {
        let [x, y, z] = head.offset;
        let dimmer = if mode.has_dimmer(index as u32) { "" } else { " virtual dimmer" };
        let _ = write!(text, " [{} at {x:.3} {y:.3} {z:.3}{dimmer}]", head.name);
    }
    text.push('\n');
    if let Some(defaults) = &mode.defaults {
        let _ = writeln!(text, "  {defaults:?}");
    }
    for channel in &mode.channels {
        let head = channel
            .head
            .map_or(String::new(), |head| format!(" head {}", mode.heads[head as usize].name));
        let htp = if channel.htp { " HTP" } else { "" };
        let _ = writeln!(
            text,
            "  {:?} {}{head}{htp} default {} highlight {}",
            channel.slots, channel.key, channel.default, channel.highlight
        );
        match &channel.function {
            Function::Fixed(capabilities) => describe_ranges(text, "    ", capabilities),
            Function::Switched { trigger, cases } => {
                for case in cases {
                    let trigger = &mode.channels[*trigger as usize].key;
                    let (from, to, default) = (case.from, case.to, case.default);
                    let _ = writeln!(text, "    while {trigger} {from}-{to}: default {default}");
                    describe_ranges(text, "      ", &case.capabilities);
                }
            }
        }
    }
}

fn describe_ranges(text: &mut String, indent: &str, capabilities: &[Capability]) {
    for one in capabilities {
        let name = if one.name.is_empty() { String::new() } else { format!(" “{}”", one.name) };
        let _ = writeln!(text, "{indent}{}-{} {:?}{name}", one.from, one.to, one.action);
    }
}

/// The names, without it, of the files with an extension in a folder of the repository.
fn cases(folder: &str, wanted: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = fs::read_dir(folder).expect("a folder of cases");
    let mut names: Vec<_> = files
        .map(|file| file.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == wanted))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    names
}

#[test]
fn each_case_becomes_what_it_was() {
    let names = cases("tests/profiles", "json");
    assert!(names.len() >= 30, "cases are missing");
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "profiles/snapshots" }, {
        for name in names {
            insta::assert_snapshot!(name.clone(), describe(&read(&format!("tests/profiles/{name}.json"))));
        }
    });
}

#[test]
fn each_generic_profile_of_the_repository_is_sound() {
    const FOLDER: &str = "../../fixtures/profiles/generic";
    let names = cases(FOLDER, "json");
    assert!(names.len() >= 7, "profiles are missing");
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "profiles/snapshots" }, {
        for name in names {
            let text = describe(&read(&format!("{FOLDER}/{name}.json")));
            assert!(!text.contains("error["), "{name}: {text}");
            insta::assert_snapshot!(format!("generic-{name}"), text);
        }
    });
}

#[test]
fn each_definition_becomes_what_it_was() {
    let names = cases("tests/profiles/qxf", "qxf");
    assert!(names.len() >= 9, "definitions are missing");
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "profiles/snapshots" }, {
        for name in names {
            let definition = read(&format!("tests/profiles/qxf/{name}.qxf"));
            let (imported, diagnostics) = import_qxf(&definition.text, &definition.path);
            let mut text = say(&diagnostics);
            match imported {
                None => text.push_str("no profile\n"),
                Some(imported) => {
                    let path = imported.path();
                    let made = Source { path: path.as_str().into(), text: imported.json.as_str().into() };
                    let described = describe(&made);
                    assert!(!described.contains("error["), "{name}: {described}");
                    let _ = write!(text, "{path}\n{}\n{described}", imported.json);
                }
            }
            insta::assert_snapshot!(format!("qxf-{name}"), text);
        }
    });
}
