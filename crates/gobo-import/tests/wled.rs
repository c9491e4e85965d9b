//! WLED light servers: imported, checked, rendered, and broken.

mod common;

use std::fmt::Write as _;

use common::{Lights, all, checked, counts, files, folder, mistakes, notes, shared, show, world};
use gobo_import::{MemoryFolder, wled};

const BOARDS: &str = include_str!("foreign/boards.toml");
const PROGRAM: &str = include_str!("foreign/program.json");

fn server(boards: &str, program: &str) -> MemoryFolder {
    files(&[
        ("boards.toml", boards),
        ("programs/tune.json", program),
        ("tables.json", include_str!("foreign/tables.json")),
        ("audio/tune.ogg", "no text of a show"),
    ])
}

#[test]
fn a_server_of_everything_becomes_a_project() {
    let folder = server(BOARDS, PROGRAM);
    let imported = wled::import(&folder).unwrap();
    insta::assert_snapshot!("server", all(&imported));
    insta::assert_snapshot!("server-notes", notes(&imported, &folder));
    checked(&world(&imported, 10.0));
}

#[test]
fn a_pulse_dies_away_on_every_beat() {
    let imported = wled::import(&server(BOARDS, PROGRAM)).unwrap();
    let show = show(&world(&imported, 10.0), "tune");
    let lights = Lights::new(&show);
    let red = |universe, seconds: f64| lights.levels(universe, (seconds * 40.0) as u32)[0];
    // Half a second a beat: e^(-8 t) is 1 on the beat, 0.449 a tenth of it later, and 0.000335 at
    // its end.
    assert_eq!(red(0, 0.4), 0);
    assert_eq!(red(0, 0.5), 255);
    assert_eq!(red(0, 0.55), 115);
    assert!(red(0, 0.95) <= 1);
    assert_eq!(red(0, 1.0), 255);
    // The arch pulses twice as fast.
    assert_eq!(red(1, 2.5), 255);
    assert_eq!(red(1, 2.525), 115);
    assert_eq!(red(1, 2.75), 255);
    assert_eq!(red(0, 8.5), 0);
}

#[test]
fn a_long_strip_spans_universes() {
    let imported = wled::import(&server(BOARDS, PROGRAM)).unwrap();
    let show = show(&world(&imported, 10.0), "tune");
    let lights = Lights::new(&show);
    let used: Vec<_> =
        show.rig.routes.iter().map(|route| (route.universes.to_string(), route.offset)).collect();
    // 60 pixels, then 170 + 170 + 60, then 128 + 2 of four slots.
    let expected = [("1", 0), ("2-4", 3), ("5-6", -4)];
    assert_eq!(used, expected.map(|(universes, offset)| (universes.to_owned(), offset)));
    let last = lights.levels(3, 100);
    assert_eq!((last.len(), last[177]), (180, 255));
}

#[test]
fn rows_of_tables_become_a_show() {
    let imported = wled::import(&server(BOARDS, PROGRAM)).unwrap();
    let show = show(&world(&imported, 10.0), "show-1");
    let lights = Lights::new(&show);
    assert_eq!(lights.levels(0, 20)[..3], [0, 128, 255]);
}

#[test]
fn broken_servers_say_what_is_wrong() {
    let with = |from: &str, to: &str| server(&BOARDS.replace(from, to), PROGRAM);
    let program = |from: &str, to: &str| server(BOARDS, &PROGRAM.replace(from, to));
    let broken = [
        ("nothing there", files(&[("readme.txt", "hello")])),
        ("TOML cut short", with("[[groups]]", "[[groups")),
        ("no id", with("id = \"Left\"", "")),
        ("too many pixels", with("led_count = 400", "led_count = 400000")),
        ("no universe", with("universe = 5", "universe = \"five\"")),
        ("a preset of nothing", with("effect_type = \"pulse\"", "")),
        ("JSON cut short", program("\"cues\": [", "\"cues\": ")),
        ("cues are no list", program("\"cues\": [", "\"cues\": 7, \"old\": [")),
        ("no time", program("\"time\": 2.5, ", "")),
        ("a time before the start", program("\"time\": 2.5", "\"time\": -2.5")),
        ("no tempo", program("\"bpm\": 120", "\"bpm\": \"fast\"")),
    ];
    let mut text = String::new();
    for (name, folder) in broken {
        let error = wled::import(&folder).unwrap_err();
        let _ = writeln!(text, "{name}\n{}", mistakes(&error, &folder));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn the_sample_server_is_a_whole_project() {
    let Some(path) = shared("wled") else { return };
    let folder = folder(&path);
    let imported = wled::import(&folder).unwrap();
    insta::assert_debug_snapshot!("sample-files", counts(&imported));
    let world = world(&imported, 0.0);
    checked(&world);
    let show = show(&world, "everything-backing-short-intro");
    let lights = Lights::new(&show);
    // The strobe in white at 7.87 s.
    assert_eq!(lights.levels(0, 316)[..3], [255, 255, 255]);
}
