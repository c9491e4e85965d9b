//! Luma's score text: into shows, out of them, there and back, and broken.

mod common;

use std::fmt::Write as _;

use common::{Lights, all, checked, files, mistakes, notes, show};
use gobo_import::luma::score::{self, Into};
use gobo_import::{Imported, MemoryFolder};
use gobo_show::world::{MemoryWorld, SongFacts};
use proptest::prelude::*;

const VENUE: &str = r#"
name = "Club"

[[fixture]]
id = "left"
profile = "generic/dimmer"
universe = 1
address = 1
groups = ["wash"]

[[fixture]]
id = "right"
profile = "generic/dimmer"
universe = 1
address = 2
groups = ["wash", "hit"]

[[output]]
protocol = "artnet"
to = "127.0.0.1"
"#;

const DIMMER: &str = r#"{
  "name": "Dimmer", "categories": ["Dimmer"],
  "availableChannels": {"Dimmer": {"capability": {"type": "Intensity"}}},
  "modes": [{"name": "1 channel", "channels": ["Dimmer"]}]
}"#;

/// Twelve bars of 2 s.
const SONG: &str = r#"{"bpm": 120}"#;

const GLOW: &str = r#"{
  "args": {"level": {"scalar": "50%"}, "tint": {"color": "white"}},
  "steps": [{"set": {"dimmer": "$level", "color": "$tint"}}]
}"#;

const SCORE: &str = "\
# The base, from the first bar.
glow(all) @1-5 level=0.5 tint=#ff8800
glow(wash & ~hit) @5:3-7 level=1   # to the start of bar 7

# Accents
glow(left | right) @2 level=0.25 blend=add
glow(hit) @1.6s-3.3s blend=max
";

const CANONICAL: &str = "\
glow(all) @1-5 level=0.5 tint=#ff8800
glow(wash & ~hit) @5:3-7 level=1

glow(left | right) @2 level=0.25 blend=add
glow(hit) @1.6s-3.3s blend=max
";

/// A project with a song, a venue and a pattern, and no show but for its patterns.
fn project() -> MemoryWorld {
    let mut world = MemoryWorld::default();
    for (path, text) in [
        ("fixtures/club.toml", VENUE),
        ("fixtures/profiles/generic/dimmer.json", DIMMER),
        ("songs/tune.song.json", SONG),
        ("shows/tune/patterns/glow.json", GLOW),
    ] {
        world.files.insert(path.to_owned(), text.into());
    }
    world.songs.insert("songs/tune.ogg".to_owned(), SongFacts { seconds: 24.0, hash: 1 });
    world
}

fn into(world: &MemoryWorld) -> Into<'_> {
    Into { world, show: "tune", shows: &[], venue: None, song: Some("tune.ogg"), tempo: None }
}

fn score(text: &str) -> MemoryFolder {
    files(&[("tune.score", text)])
}

fn imported(text: &str) -> Imported {
    score::import(&score(text), "tune.score", &into(&project())).unwrap()
}

/// The project with what was imported.
fn with(imported: &Imported) -> MemoryWorld {
    let mut world = project();
    for (path, bytes) in &imported.files {
        world.files.insert(path.clone(), std::str::from_utf8(bytes).unwrap().into());
    }
    world
}

#[test]
fn a_score_becomes_a_show() {
    let imported = imported(SCORE);
    insta::assert_snapshot!("score", all(&imported));
    assert_eq!(imported.notes, []);
    let world = with(&imported);
    checked(&world);
    let lights = Lights::new(&show(&world, "tune"));
    let at = |seconds: f64| lights.levels(0, (seconds * 60.0) as u32);
    // Half; from bar 2 a quarter more; from 1.6 s at least half of `hit` anyway.
    assert_eq!(at(0.5), [128, 128]);
    assert_eq!(at(2.5), [191, 191]);
    // Bar 5 is 8 s, its third beat 9 s, bar 7 is 12 s: only what is of `wash` and not of `hit`.
    assert_eq!(at(8.5), [0, 0]);
    assert_eq!(at(9.5), [255, 0]);
    assert_eq!(at(12.1), [0, 0]);
}

#[test]
fn a_show_gives_its_score_again() {
    let (text, notes) = score::export(&with(&imported(SCORE)), "tune").unwrap();
    assert_eq!(text, CANONICAL);
    assert_eq!(notes, []);
}

#[test]
fn a_score_goes_into_a_show_that_is_there() {
    let mut world = with(&imported("glow(all) @1\n"));
    let manifest = "venue = \"club\"\nsong = \"tune.ogg\"\ncues = [\"layer-0.json\"]\n";
    world.files.insert("shows/tune/show.toml".to_owned(), manifest.into());
    let folder = score(SCORE);
    let again = score::import(&folder, "tune.score", &into(&world)).unwrap();
    let names: Vec<_> = again.files.keys().map(String::as_str).collect();
    assert_eq!(names, ["shows/tune/layer-0.json", "shows/tune/layer-1.json"]);
    insta::assert_snapshot!(notes(&again, &folder), @"tune.score:1:1: the layer `layer-1.json` is not named by the show: add it to `cues` in its show.toml");
}

#[test]
fn a_new_show_takes_the_patterns_of_another() {
    let mut world = with(&imported(SCORE));
    let around = r#"{ "steps": [{ "pattern": { "glow": {} } }] }"#;
    world.files.insert("shows/tune/patterns/around.json".to_owned(), around.into());
    world.files.insert("shows/tune/patterns/unused.json".to_owned(), around.into());
    let shows = ["tune".to_owned()];
    let into = Into { show: "again", shows: &shows, ..into(&world) };
    let text = "around(all) @1-5\n";
    let imported = score::import(&score(text), "tune.score", &into).unwrap();
    let patterns: Vec<_> =
        imported.files.keys().filter(|path| path.contains("/patterns/")).collect();
    assert_eq!(patterns, ["shows/again/patterns/around.json", "shows/again/patterns/glow.json"]);
    for (path, bytes) in &imported.files {
        world.files.insert(path.clone(), String::from_utf8(bytes.clone()).unwrap().into());
    }
    show(&world, "again");
    assert_eq!(score::export(&world, "again").unwrap().0, text);
}

#[test]
fn a_tempo_stands_in_for_a_song() {
    let world = MemoryWorld::default();
    let into = Into { song: None, tempo: Some((100.0, 3)), ..into(&world) };
    let folder = score("layer -2:\nglow() @2:2-3 tint=\"\"\n");
    let imported = score::import(&folder, "tune.score", &into).unwrap();
    insta::assert_snapshot!("tempo", all(&imported));
    insta::assert_snapshot!("tempo-notes", notes(&imported, &folder));
}

#[test]
fn what_a_score_cannot_say_is_named() {
    let mut world = with(&imported(SCORE));
    world.files.insert(
        "shows/tune/show.toml".to_owned(),
        "venue = \"club\"\nsong = \"tune.ogg\"\ncues = [\"base.json\", \"layer-1.json\"]\n".into(),
    );
    world.files.insert(
        "shows/tune/base.json".to_owned(),
        r#"{
          "layer": {"opacity": "50%"},
          "cues": [
            {"at": 0, "on": "all", "set": {"dimmer": 1}},
            {"at": "bar 3", "for": "1 bar", "on": "hit", "pattern": {"glow": {}}, "fade_in": 1},
            {"at": "bar 5", "for": "2 beats", "on": "all", "pattern": {"glow": {"level": "25%"}}, "then": "release"}
          ]
        }"#
        .into(),
    );
    let (text, unsaid) = score::export(&world, "tune").unwrap();
    insta::assert_snapshot!("unsaid", text);
    let mut said = String::new();
    for note in unsaid {
        let _ = writeln!(said, "{}: {} {}", note.place.file, note.what, note.why);
    }
    insta::assert_snapshot!("unsaid-notes", said);
}

#[test]
fn a_faulty_show_has_no_score() {
    let mut world = with(&imported(SCORE));
    world.files.insert("shows/tune/layer-0.json".to_owned(), "{".into());
    assert!(score::export(&world, "tune").is_err());
    assert!(score::export(&world, "none").is_err());
}

#[test]
fn broken_scores_say_what_is_wrong() {
    let broken = [
        ("no selection", "glow @5"),
        ("not closed", "glow(all @5"),
        ("no bars", "glow(all) level=1"),
        ("bars first", "@5-8\nglow(all) color=#ff0000"),
        ("backwards", "glow(all) @8-3"),
        ("bar 0", "glow(all) @0-3"),
        ("beat 0", "glow(all) @1:0-3"),
        ("a fifth quarter", "glow(all) @1:1:5"),
        ("bars and seconds", "glow(all) @1-3s"),
        ("no end in seconds", "glow(all) @3s"),
        ("glued", "glow(all) @1-3level=1"),
        ("no value", "glow(all) @1 level="),
        ("no equals", "glow(all) @1 level 1"),
        ("a short colour", "glow(all) @1 tint=#ff00"),
        ("a word with signs", "glow(all) @1 tint=a/b"),
        ("broken JSON", "glow(all) @1 tint={\"r\": 1,"),
        ("no blend", "glow(all) @1 blend=ad"),
        ("a seed of text", "glow(all) @1 seed=x"),
        ("twice", "glow(all) @1 level=1 level=2"),
        ("a bad selection", "glow(all &) @1"),
        ("a bad height", "layer two:\nglow(all) @1"),
        ("a height twice", "glow(all) @1\n\nlayer 0:\nglow(all) @2"),
        ("an unknown pattern", "glov(all) @1"),
        ("an unknown argument", "glow(all) @1 levle=1"),
        ("no such beat", "glow(all) @1:5-3"),
        ("three mistakes", "glow(all) @1\nglow @2\n\nglow(all) @x\n# fine\n  (all) @1"),
    ];
    let mut text = String::new();
    for (name, broken) in broken {
        let folder = score(broken);
        let error = score::import(&folder, "tune.score", &into(&project())).unwrap_err();
        let _ = writeln!(text, "{name}\n{}", mistakes(&error, &folder));
    }
    let folder = score("glow(all) @1");
    let world = project();
    let alone = Into { song: None, ..into(&world) };
    let error = score::import(&folder, "tune.score", &alone).unwrap_err();
    let _ = writeln!(text, "no tempo\n{}", mistakes(&error, &folder));
    insta::assert_snapshot!(text);
}

fn clip() -> impl Strategy<Value = String> {
    let on = prop_oneof![
        Just("all"),
        Just("wash & ~hit"),
        Just("(left | right) > all"),
        Just("hit ^ wash"),
    ];
    let bars = (1_u32..8, 0_u32..16, 1_u32..40).prop_map(|(bar, quarter, length)| {
        let place = |at: u32| format!("{}:{}:{}", at / 16 + 1, at % 16 / 4 + 1, at % 4 + 1);
        let start = (bar - 1) * 16 + quarter;
        format!("{}-{}", place(start), place(start + length))
    });
    let seconds = (0_u32..16_000_000, 1_u32..4_000_000).prop_map(|(start, length)| {
        let seconds = |micros: u32| f64::from(micros) / 1e6;
        format!("{}s-{}s", seconds(start), seconds(start + length))
    });
    let level = prop_oneof![
        Just(String::new()),
        (0_u32..=100).prop_map(|level| format!(" level={}", f64::from(level) / 100.0))
    ];
    let tint = prop_oneof![
        Just(String::new()),
        any::<[u8; 3]>().prop_map(|[r, g, b]| format!(" tint=#{r:02x}{g:02x}{b:02x}")),
        Just(" tint=red".to_owned()),
    ];
    let blend =
        prop_oneof![Just(""), Just(" blend=add"), Just(" blend=value"), Just(" blend=replace")];
    let seed =
        prop_oneof![Just(String::new()), (0_u32..99).prop_map(|seed| format!(" seed={seed}"))];
    (on, prop_oneof![bars, seconds], level, tint, blend, seed).prop_map(
        |(on, at, level, tint, blend, seed)| {
            format!("glow({on}) @{at}{level}{tint}{blend}{seed}\n")
        },
    )
}

fn text() -> impl Strategy<Value = String> {
    let layer = prop::collection::vec(clip(), 1..5);
    prop::collection::vec((any::<bool>(), layer), 1..4).prop_map(|layers| {
        let mut text = String::new();
        for (index, (heading, clips)) in layers.iter().enumerate() {
            if *heading {
                let _ = writeln!(text, "layer {}:", index * 7);
            }
            text.push_str(&clips.concat());
            text.push('\n');
        }
        text
    })
}

/// Every frame of a show.
fn canvas(world: &MemoryWorld) -> Vec<Vec<u8>> {
    let show = show(world, "tune");
    let lights = Lights::new(&show);
    (0..show.frames).step_by(7).map(|frame| lights.levels(0, frame)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn text_comes_back_and_so_does_the_show(text in text()) {
        let first = with(&imported(&text));
        checked(&first);
        let (canonical, unsaid) = score::export(&first, "tune").unwrap();
        prop_assert_eq!(unsaid, vec![]);
        let second = with(&imported(&canonical));
        let (again, _) = score::export(&second, "tune").unwrap();
        prop_assert_eq!(&again, &canonical);
        prop_assert_eq!(canvas(&first), canvas(&second));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[a-z(){}@:#=0-9.\" \n-]{0,80}") {
        let source = gobo_show::Source { path: "tune.score".into(), text: text.as_str().into() };
        if let Ok(found) = score::read(&source) {
            let written = score::write(&found);
            let source = gobo_show::Source { path: "tune.score".into(), text: written.as_str().into() };
            let again = score::read(&source).unwrap();
            prop_assert_eq!(score::write(&again), written);
        }
    }
}
