//! Songs of the AI Light Show: imported, compiled, and compared with what its own renderer made of
//! them. The files lie beside the project and are read in place; without them nothing is compared,
//! and that is said.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Ran, run};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The shared files, if they are there.
#[allow(clippy::print_stderr, reason = "a test that compares nothing has to say so")]
fn shared() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/ai-light-show");
    let path = path.canonicalize().ok();
    if path.is_none() {
        eprintln!("the files of the AI Light Show are not there: nothing is compared");
    }
    path
}

/// Imports with these options into a new folder.
fn import(from: &Path, options: &[&str]) -> (TempDir, Ran) {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let from = from.to_string_lossy();
    let to = folder.path().join("project");
    let to = to.to_string_lossy();
    let args = [&["import", "ai-light-show", &from, "-o", &to], options].concat();
    let ran = run(folder.path(), &args);
    (folder, ran)
}

/// The raw canvas of a show of an imported project.
#[track_caller]
fn raw(folder: &TempDir, show: &str) -> Vec<u8> {
    let root = folder.path().join("project");
    run(&root, &["compile", show, "--emit", "raw"]).exits(0);
    fs::read(root.join("build").join(format!("{show}.raw"))).expect("the raw canvas")
}

/// A folder with the shared fixtures, points and chasers, and this cue sheet of a song `case`.
fn with_sheet(shared: &Path, sheet: &Value) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder for the test");
    for name in ["cues", "chasers"] {
        fs::create_dir(folder.path().join(name)).expect("the folder is made");
    }
    for from in ["", "chasers"] {
        for entry in fs::read_dir(shared.join(from)).expect("the shared files").flatten() {
            if entry.path().is_file() {
                let text = fs::read(entry.path()).expect("the file is read");
                let to = folder.path().join(from).join(entry.file_name());
                fs::write(to, text).expect("the file is written");
            }
        }
    }
    fs::write(folder.path().join("cues/case.json"), sheet.to_string()).expect("the cue sheet");
    folder
}

#[test]
fn every_golden_effect_is_the_originals_byte_for_byte() {
    let Some(shared) = shared() else { return };
    let golden = fs::read_to_string(shared.join("golden/golden_effects.json")).expect("golden");
    let golden: Value = serde_json::from_str(&golden).expect("the golden cases");
    let fixtures = fs::read_to_string(shared.join("fixtures.json")).expect("fixtures");
    let fixtures: Value = serde_json::from_str(&fixtures).expect("the fixtures");
    let cases = golden["cases"].as_array().expect("cases");
    assert_eq!(cases.len(), 21);
    for case in cases {
        let name = case["name"].as_str().expect("a name");
        let mut rows = case["cues"].clone();
        for row in rows.as_array_mut().expect("cues") {
            row["fixture_id"] = case["fixture_id"].clone();
        }
        let folder = with_sheet(&shared, &rows);
        let text = |key: &str| case[key].to_string();
        let (fps, bpm, length) = (text("fps"), text("bpm"), text("song_length_s"));
        let options = ["--fps", &fps, "--bpm", &bpm, "--length", &length];
        let (project, ran) = import(folder.path(), &options);
        ran.exits(0);
        let raw = raw(&project, "case");
        let frames = case["frames"].as_array().expect("frames");
        assert_eq!(raw.len(), frames.len() * 512, "{name}");
        let fixture = fixtures.as_array().expect("a list").iter();
        let mut fixture = fixture.filter(|known| known["id"] == case["fixture_id"]);
        let first = fixture.next().expect("the fixture")["base_channel"].as_u64().expect("a base");
        for (number, frame) in frames.iter().enumerate() {
            let slots = frame.as_array().expect("values").len();
            let at = number * 512 + first as usize - 1;
            assert_eq!(json!(raw[at..at + slots]), *frame, "{name}, frame {number}");
        }
    }
}

#[test]
fn whole_songs_are_the_originals_byte_for_byte() {
    let Some(shared) = shared() else { return };
    let golden = shared.join("golden");
    let hashes: Vec<PathBuf> = fs::read_dir(&golden)
        .expect("golden")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sha1"))
        .collect();
    assert_eq!(hashes.len(), 2);
    for path in hashes {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let (song, facts) = name.split_once(".fps").expect("facts in the name");
        let facts = facts.strip_suffix(".canvas.sha1").expect("the ending");
        let (fps, rest) = facts.split_once(".len").expect("a length");
        let (length, bpm) = rest.split_once(".bpm").expect("a tempo");
        let options = ["--song", song, "--fps", fps, "--bpm", bpm, "--length", length];
        let (project, ran) = import(&shared, &options);
        ran.exits(0);
        let shows = fs::read_dir(project.path().join("project/shows")).expect("shows");
        let show = shows.flatten().next().expect("a show").file_name();
        let show = show.to_str().expect("a plain name");
        let raw = raw(&project, show);
        let frames = (length.parse::<f64>().unwrap() * fps.parse::<f64>().unwrap()).ceil() + 1.0;
        assert_eq!(raw.len(), frames as usize * 512, "{song}");
        // sha1sum shares no code with us.
        let file = project.path().join("project/build").join(format!("{show}.raw"));
        let sum = Command::new("sha1sum").arg(&file).output().expect("sha1sum runs");
        let sum = String::from_utf8(sum.stdout).expect("text");
        let golden = fs::read_to_string(&path).expect("the hash");
        assert_eq!(sum.split_whitespace().next(), Some(golden.trim()), "{song}");
    }
}

#[test]
fn every_generation_comes_in_and_says_what_does_not() {
    let Some(shared) = shared() else { return };
    let (project, ran) = import(&shared.join("generations/genA"), &[]);
    let ran = ran.exits(0);
    assert!(ran.err.contains("`fade` at 15 s is `fade` here"), "{}", ran.err);
    let show = fs::read_to_string(project.path().join("project/shows/sono-keep-control/show.toml"));
    assert!(
        show.expect("the show").contains("length = 105.016"),
        "105 s at 60 frames and one more"
    );
    assert_eq!(raw(&project, "sono-keep-control").len(), 6301 * 512);
    // The fixtures and points of the next generation, with a cue sheet of the old kind.
    let old = tempfile::tempdir().expect("a folder");
    for (from, to) in
        [("fixtures.ea4d93d.json", "fixtures.json"), ("pois.ea4d93d.json", "pois.json")]
    {
        let text = fs::read(shared.join("generations/genB").join(from)).expect("the file");
        fs::write(old.path().join(to), text).expect("written");
    }
    let entries = json!([
        { "time": 0.5, "fixture_id": "mini_beam_prism_l", "effect": "move_to_poi", "duration": 1.0,
          "data": { "poi": "Piano" } },
        { "time": 2.0, "fixture_id": "mini_beam_prism_l", "effect": "move_to", "duration": 1.0,
          "data": { "preset": "piano" } },
        { "time": 3.0, "fixture_id": "mini_beam_prism_l", "effect": "seek", "data": { "pan": 258, "tilt": 3 } },
    ]);
    let sheet = json!({ "song_filename": "tune", "entries": entries }).to_string();
    fs::write(old.path().join("tune.cue.json"), sheet).expect("written");
    let (project, ran) = import(old.path(), &["--fps", "10", "--length", "4"]);
    ran.exits(0);
    let raw = raw(&project, "tune");
    let angles = |frame: usize| &raw[frame * 512 + 41..frame * 512 + 45];
    assert_eq!(angles(15), [173, 191, 25, 175], "pan 44479 and tilt 6575");
    assert_eq!(angles(29), angles(15), "the preset is the point");
    assert_eq!(angles(30), [1, 2, 0, 3]);
}

#[test]
fn a_song_is_chosen_by_name_and_files_are_not_written_over() {
    let Some(shared) = shared() else { return };
    let (_, ran) = import(&shared, &["--song", "Yonaka - Seize the Powre"]);
    let ran = ran.exits(2);
    assert!(ran.err.contains("did you mean `Yonaka - Seize the Power`?"), "{}", ran.err);
    let options = ["--song", "yonaka - seize the power.mp3", "--length", "1"];
    let (project, ran) = import(&shared, &options);
    ran.exits(0);
    let show = project.path().join("project/shows/yonaka-seize-the-power/show.toml");
    let again = |options: &[&str]| {
        let from = shared.to_string_lossy();
        let args = [&["import", "ai-light-show", &from, "-o", "project"], options].concat();
        run(project.path(), &args)
    };
    again(&options).exits(0);
    fs::write(&show, "title = \"mine\"\n").expect("written");
    again(&options).exits(2);
    assert_eq!(fs::read_to_string(&show).expect("the show"), "title = \"mine\"\n");
    again(&[&options[..], &["--force"]].concat()).exits(0);
}

#[test]
fn broken_files_are_told_of_by_line_and_column() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let (_, ran) = import(root, &[]);
    assert!(ran.exits(1).err.contains("cue sheet"));
    import(&root.join("none"), &[]).1.exits(3);
    fs::create_dir(root.join("cues")).expect("made");
    fs::write(root.join("cues/tune.json"), "[\n  { \"time\": 1, \"effect\": \"full\"")
        .expect("written");
    assert!(import(root, &[]).1.exits(1).err.contains("fixtures.json"));
    fs::write(root.join("fixtures.json"), "[{ \"id\": \"par\", \"fixture\": \"lamp\" }, 3]")
        .expect("written");
    let ran = import(root, &["--message-format", "json"]).1.exits(1);
    let first: Value =
        ran.out.lines().next().and_then(|line| serde_json::from_str(line).ok()).expect("JSON");
    assert!(first["file"].as_str().is_some_and(|file| file.ends_with("cues/tune.json")), "{first}");
    assert!(first["line"].is_number(), "{first}");
    let sheets = [
        ("{ \"entries\": 3 }", "expected a list of cues"),
        ("[{ \"effect\": \"full\" }]", "a cue with a `time`"),
        ("[{ \"time\": \"soon\", \"effect\": \"full\" }]", "a cue with a `time`"),
        (
            "[{ \"time\": 1, \"fixture_id\": \"par\", \"effect\": \"full\", \"chaser_id\": \"x\" }]",
            "expected one of them",
        ),
        ("[{ \"time\": 1 }]", "an `effect` or a `chaser_id`"),
    ];
    for (sheet, message) in sheets {
        fs::write(root.join("cues/tune.json"), sheet).expect("written");
        let ran = import(root, &[]).1.exits(1);
        assert!(ran.err.replace("\n", " ").contains(message), "{sheet}: {}", ran.err);
    }
    // What the original leaves out is left out, and told of.
    let sheet = "[{ \"time\": 1, \"fixture_id\": \"par\", \"effect\": \"full\" }]";
    fs::write(root.join("cues/tune.json"), sheet).expect("written");
    let ran = import(root, &["--message-format", "json"]).1.exits(0);
    for told in ["there is no template `lamp`", "there is no fixture `par`", "the length of `tune`"]
    {
        assert!(ran.out.contains(told), "{told}: {}", ran.out);
    }
}

#[test]
fn songs_whose_names_are_alike_become_shows_of_their_own() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let cues = folder.path().join("cues");
    fs::create_dir(&cues).expect("the folder is made");
    let par = json!([{ "id": "par", "type": "parcan", "arm": {}, "universe": 1,
        "channels": { "dim": 0, "red": 1, "green": 2, "blue": 3 } }]);
    fs::write(folder.path().join("fixtures.json"), par.to_string()).expect("the fixtures");
    for name in ["A - B", "a b", "Привет"] {
        let sheet = json!([
            { "time": 0, "fixture_id": "par", "effect": "full", "data": {} },
            { "time": 1e15, "fixture_id": "par", "effect": "full", "data": {} },
            { "time": 1, "fixture_id": "par", "effect": "strobe", "duration": 1,
              "data": { "rate": 1e300 } },
        ]);
        fs::write(cues.join(format!("{name}.json")), sheet.to_string()).expect("the cue sheet");
    }
    let (to, ran) = import(folder.path(), &["--length", "2"]);
    let ran = ran.exits(0);
    let shows = fs::read_dir(to.path().join("project/shows")).expect("the shows");
    let mut shows: Vec<_> =
        shows.flatten().map(|show| show.file_name().into_string().expect("a name")).collect();
    shows.sort();
    assert_eq!(shows, ["a-b", "a-b-2", "privet"]);
    assert!(ran.err.contains("the show `a-b-2`"), "{}", ran.err);
    assert_eq!(ran.err.matches("it never begins").count(), 3, "{}", ran.err);
}
