//! Each folder of `tests/cases` is a project laid over `tests/base`; its diagnostics, and for
//! those named `good-…` the resolved show, are snapshots beside it.
//!
//! A song is a text file that says its length in seconds; `x.unusable` makes the file `x` one that
//! cannot be used, and says why. A case that has a file `check-project`
//! is checked as a project with the shows that the file names.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use common::lay;
use gobo_show::diagnostic::Diagnostic;
use gobo_show::{MemoryWorld, check_project, load};

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir(tests().join("cases")).expect("the cases");
    let mut cases: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    cases.sort();
    cases
}

fn world(case: &Path) -> MemoryWorld {
    let mut world = MemoryWorld::default();
    lay(&mut world, &tests().join("base"), "");
    lay(&mut world, case, "");
    world
}

fn diagnose(world: &MemoryWorld) -> Vec<Diagnostic> {
    match world.files.get("check-project") {
        Some(shows) => {
            let shows: Vec<_> = shows.split_whitespace().map(str::to_owned).collect();
            check_project(world, &shows)
        }
        None => load(world, "show").diagnostics,
    }
}

fn snapshot(case: &Path, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(case);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn every_case_says_what_it_said() {
    for case in cases() {
        let world = world(&case);
        let diagnostics = diagnose(&world);
        let plain: String =
            diagnostics.iter().map(|found| found.plain(|file| world.files.get(file))).collect();
        snapshot(&case, "diagnostics", &plain);
        let name = case.file_name().and_then(|name| name.to_str()).expect("a plain name");
        let show = load(&world, "show").show;
        if name.starts_with("good-") {
            let show = show.unwrap_or_else(|| panic!("{name} has no show:\n{plain}"));
            let json = serde_json::json!({
                "frames": show.frames, "rate": show.rate, "grid": show.grid,
                "rig": name.contains("rig").then_some(&show.rig), "layers": show.layers,
                "routes": show.rig.routes,
            });
            snapshot(&case, "show", &lines(&json));
        } else {
            assert!(!diagnostics.is_empty(), "{name} is broken and nobody says so");
        }
    }
}

/// JSON with a line for each item of a list or an object down to the third level.
fn lines(json: &serde_json::Value) -> String {
    fn write(json: &serde_json::Value, depth: usize, out: &mut String) {
        let pad = "  ".repeat(depth);
        match json {
            serde_json::Value::Object(map) if depth < 1 => {
                for (key, value) in map {
                    out.push_str(&format!("{pad}{key}:\n"));
                    write(value, depth + 1, out);
                }
            }
            serde_json::Value::Array(items) if depth < 2 => {
                items.iter().for_each(|item| write(item, depth + 1, out));
            }
            serde_json::Value::Object(map) if depth < 4 && map.contains_key("cues") => {
                for (key, value) in map {
                    match value.as_array() {
                        Some(items) => {
                            items.iter().for_each(|item| out.push_str(&format!("{pad}  {item}\n")));
                        }
                        None => out.push_str(&format!("{pad}{key}: {value}\n")),
                    }
                }
            }
            other => out.push_str(&format!("{pad}{other}\n")),
        }
    }
    let mut out = String::new();
    write(json, 0, &mut out);
    out
}

/// The codes that the sources of this crate name, other than those of profiles.
fn codes() -> BTreeSet<String> {
    fn gather(folder: &Path, codes: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).expect("the sources") {
            let path = entry.expect("an entry").path();
            if path.file_stem().is_some_and(|name| name == "profile") {
                continue;
            }
            if path.is_dir() {
                gather(&path, codes);
                continue;
            }
            let text = fs::read_to_string(&path).expect("a source");
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            // A code is the first literal after one of these, on the same line or the next.
            for start in
                ["Diagnostic::error(", "Diagnostic::warning(", ".error(", "code: ", "faults.push(("]
            {
                for (at, _) in text.match_indices(start) {
                    let literal = text[at + start.len()..].trim_start().strip_prefix('"');
                    codes
                        .extend(literal.and_then(|rest| rest.split('"').next()).map(str::to_owned));
                }
            }
        }
    }
    let mut codes = BTreeSet::new();
    gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut codes);
    codes
}

#[test]
fn every_code_is_in_some_case() {
    let seen: BTreeSet<_> = cases()
        .iter()
        .flat_map(|case| diagnose(&world(case)))
        .map(|found| found.code.to_owned())
        .collect();
    let missing: Vec<_> = codes().into_iter().filter(|code| !seen.contains(code)).collect();
    assert_eq!(missing, Vec::<String>::new(), "codes that no case shows");
    assert!(cases().len() >= 60);
}
