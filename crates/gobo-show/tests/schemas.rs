//! The JSON Schemas accept what the loader accepts, and refuse what is wrong in form.

use std::fs;
use std::path::Path;

use gobo_show::tree::{parse_json, parse_toml};
use gobo_show::{Source, schemas};
use jsonschema::Validator;
use serde_json::Value;

fn validator(name: &str) -> Validator {
    let schema = schemas().into_iter().find(|(file, _)| *file == name).expect("a schema").1;
    jsonschema::draft202012::new(&schema).expect("the schema is one")
}

/// The files of the cases that `pick` takes, as JSON, each with the case's name.
fn files(pick: impl Fn(&str) -> Option<&'static str>) -> Vec<(String, &'static str, Value)> {
    fn walk(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder of the tests") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut paths = Vec::new();
    walk(&tests.join("base"), &mut paths);
    walk(&tests.join("cases"), &mut paths);
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let name = path.strip_prefix(&tests).expect("inside").to_string_lossy().replace('\\', "/");
        let Some(schema) = pick(&name) else { continue };
        let text = fs::read_to_string(&path).expect("text");
        let source = Source { path: name.as_str().into(), text: text.into() };
        let tree = if name.ends_with(".toml") { parse_toml(&source) } else { parse_json(&source) };
        if let Ok(tree) = tree {
            files.push((name, schema, tree.root.to_json()));
        }
    }
    files
}

/// The schema for a file, by its name.
fn schema_of(name: &str) -> Option<&'static str> {
    let end = |end| name.ends_with(end);
    Some(match name {
        _ if end("/show.toml") => "show.schema.json",
        _ if end(".playlist.toml") => "playlist.schema.json",
        _ if name.contains("/patterns/") && end(".json") => "pattern.schema.json",
        _ if end("/channels.json") => "channels.schema.json",
        _ if name.contains("/chasers/") && end(".json") => "chaser.schema.json",
        _ if end("/cues.json") => "cues.schema.json",
        _ if name.contains("fixtures/") && end(".toml") => "venue.schema.json",
        _ if end(".song.json") => "song.schema.json",
        _ => return None,
    })
}

#[test]
fn every_good_file_is_accepted() {
    let good = files(|name| {
        schema_of(name).filter(|_| name.starts_with("base/") || name.starts_with("cases/good-"))
    });
    assert!(good.len() >= 15, "only {} files", good.len());
    for (name, schema, file) in good {
        let errors: Vec<_> =
            validator(schema).iter_errors(&file).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn what_is_wrong_in_form_is_refused() {
    // Cases whose mistake a schema can see: keys, kinds, ranges and names of choices.
    for (case, schema) in [
        ("unknown-key/shows/show/cues.json", "cues.schema.json"),
        ("playlist-mistakes/shows/tonight.playlist.toml", "playlist.schema.json"),
        ("unknown-key-in-effect/shows/show/cues.json", "cues.schema.json"),
        ("missing-keys/shows/show/cues.json", "cues.schema.json"),
        ("wrong-types/shows/show/cues.json", "cues.schema.json"),
        ("no-action/shows/show/cues.json", "cues.schema.json"),
        ("two-actions/shows/show/cues.json", "cues.schema.json"),
        ("unknown-effect/shows/show/cues.json", "cues.schema.json"),
        ("level-out-of-range/shows/show/cues.json", "cues.schema.json"),
        ("negative-span/shows/show/cues.json", "cues.schema.json"),
        ("bad-span/shows/show/cues.json", "cues.schema.json"),
        ("bad-choice/shows/show/cues.json", "cues.schema.json"),
        ("bad-seed/shows/show/cues.json", "cues.schema.json"),
        ("channel-out-of-range/shows/show/cues.json", "cues.schema.json"),
        ("json-root-list/shows/show/cues.json", "cues.schema.json"),
        ("pattern-form/shows/show/cues.json", "cues.schema.json"),
        ("pattern-bad-arguments/shows/show/patterns/odd.json", "pattern.schema.json"),
        ("pattern-broken-steps/shows/show/patterns/odd.json", "pattern.schema.json"),
        ("show-missing-venue/shows/show/show.toml", "show.schema.json"),
        ("show-bad-fps/shows/show/show.toml", "show.schema.json"),
        ("show-bad-last-look/shows/show/show.toml", "show.schema.json"),
        ("venue-address-513/fixtures/club.toml", "venue.schema.json"),
        ("venue-unknown-key/fixtures/club.toml", "venue.schema.json"),
        ("output-conflicts/fixtures/club.toml", "venue.schema.json"),
        ("song-bad-bpm/songs/song.song.json", "song.schema.json"),
        ("song-unknown-key/songs/song.song.json", "song.schema.json"),
    ] {
        let name = format!("cases/{case}");
        let found = files(|other| (other == name).then_some(schema));
        let [(_, _, file)] = &found[..] else { panic!("{name} is not there") };
        assert!(!validator(schema).is_valid(file), "{name} is accepted");
    }
}

#[test]
fn schema_may_stand_at_the_top_only() {
    let cues = validator("cues.schema.json");
    assert!(cues.is_valid(&serde_json::json!({"$schema": "x", "cues": []})));
    let inside = serde_json::json!({"cues": [{"$schema": "x", "at": 0, "on": "all", "flash": {}}]});
    assert!(!cues.is_valid(&inside));
}
