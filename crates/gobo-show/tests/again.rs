//! After any edits, a load that remembers the one before comes to what a load from nothing does.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use common::lay;
use gobo_show::world::SongFacts;
use gobo_show::{Loaded, Memory, MemoryWorld, load, load_again};
use proptest::prelude::*;
use proptest::sample::Index;

/// How many edits follow each other.
const EDITS: usize = 200;

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// The projects of all cases.
fn worlds() -> Vec<MemoryWorld> {
    let entries = fs::read_dir(tests().join("cases")).expect("the cases");
    let mut cases: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    // Those that have a show come first.
    cases.sort_by_key(|case| (!case.to_string_lossy().contains("/good-"), case.clone()));
    let world = |case: &PathBuf| {
        let mut world = MemoryWorld::default();
        lay(&mut world, &tests().join("base"), "");
        lay(&mut world, case, "");
        world
    };
    cases.iter().map(world).collect()
}

/// All that is known to stand in each file.
fn versions(worlds: &[MemoryWorld]) -> BTreeMap<&str, Vec<&Arc<str>>> {
    let mut versions: BTreeMap<&str, Vec<&Arc<str>>> = BTreeMap::new();
    for (path, text) in worlds.iter().flat_map(|world| &world.files) {
        let known = versions.entry(path).or_default();
        if !known.contains(&text) {
            known.push(text);
        }
    }
    versions
}

#[derive(Clone, Debug)]
enum Edit {
    /// Another project.
    Project(Index),
    /// A project without mistakes.
    Good(Index),
    /// A file as it stands in another project.
    Version(Index, Index),
    /// A file goes.
    Remove(Index),
    /// A file cannot be used any more, or again.
    Unusable(Index),
    /// A digit of a file becomes another, which leaves most of them without mistakes.
    Digit(Index, Index, u8),
    /// A character of a file goes, which seldom does.
    Cut(Index, Index),
    /// A line of a file comes twice.
    Twice(Index, Index),
    /// The song is longer, or something else.
    Song(u8),
}

fn edit() -> impl Strategy<Value = Edit> {
    let index = any::<Index>;
    prop_oneof![
        1 => index().prop_map(Edit::Project),
        4 => index().prop_map(Edit::Good),
        2 => (index(), index()).prop_map(|(path, version)| Edit::Version(path, version)),
        1 => index().prop_map(Edit::Remove),
        1 => index().prop_map(Edit::Unusable),
        6 => (index(), index(), 0_u8..10).prop_map(|(path, at, to)| Edit::Digit(path, at, to)),
        1 => (index(), index()).prop_map(|(path, at)| Edit::Cut(path, at)),
        1 => (index(), index()).prop_map(|(path, at)| Edit::Twice(path, at)),
        1 => any::<u8>().prop_map(Edit::Song),
    ]
}

impl Edit {
    fn make(&self, world: &mut MemoryWorld, worlds: &[MemoryWorld]) {
        let paths: Vec<String> = world.files.keys().cloned().collect();
        let text = |path: &Index| {
            let path = path.get(&paths);
            (path.clone(), world.files[path].to_string())
        };
        let (path, text) = match self {
            Self::Project(at) => return *world = at.get(worlds).clone(),
            Self::Good(at) => return *world = at.get(&worlds[..20]).clone(),
            Self::Version(path, version) => {
                let versions = versions(worlds);
                let (path, known) = path.get(&versions.iter().collect::<Vec<_>>()).to_owned();
                ((*path).to_owned(), version.get(known).to_string())
            }
            Self::Remove(path) => {
                world.files.remove(path.get(&paths));
                return;
            }
            Self::Unusable(path) => {
                let path = path.get(&paths);
                if world.unusable.remove(path).is_none() {
                    world.unusable.insert(path.clone(), "it is locked".to_owned());
                }
                return;
            }
            Self::Digit(path, at, to) => {
                let (path, text) = text(path);
                let digits = text.char_indices().filter(|(_, c)| c.is_ascii_digit());
                let digits: Vec<usize> = digits.map(|(at, _)| at).collect();
                if digits.is_empty() {
                    return;
                }
                let at = *at.get(&digits);
                (path, format!("{}{to}{}", &text[..at], &text[at + 1..]))
            }
            Self::Cut(path, at) => {
                let (path, text) = text(path);
                let at = at.index(text.chars().count().max(1));
                let kept = text.chars().enumerate().filter(|(index, _)| *index != at);
                (path, kept.map(|(_, c)| c).collect())
            }
            Self::Twice(path, at) => {
                let (path, text) = text(path);
                let mut lines: Vec<&str> = text.lines().collect();
                if !lines.is_empty() {
                    let at = at.index(lines.len());
                    lines.insert(at, lines[at]);
                }
                (path, lines.join("\n"))
            }
            Self::Song(what) => {
                let facts = SongFacts { seconds: f64::from(*what), hash: 7 };
                world.songs.clear();
                world.songs.extend((what % 4 > 0).then(|| ("songs/song.ogg".to_owned(), facts)));
                return;
            }
        };
        world.files.insert(path, text.into());
    }
}

#[test]
fn every_case_after_any_other_is_as_it_is_alone() {
    let mut memory = Memory::default();
    let worlds = worlds();
    let alone: Vec<Loaded> = worlds.iter().map(|world| load(world, "show")).collect();
    // Each comes after its neighbour and after one far from it.
    let count = worlds.len();
    let order = (0..count).flat_map(|at| [at, (at * 7 + 3) % count]);
    for at in order {
        assert_eq!(load_again(&worlds[at], "show", &mut memory), alone[at]);
    }
}

/// A project in which a show's every part leans on another, over the base.
const PROJECT: &[(&str, &str)] = &[
    (
        "shows/show/show.toml",
        r##"
title = "Show"
song = "song.ogg"
length = "60s"
venue = "club"
cues = ["cues.json", "over.json", "slots.json"]
[colors]
sun = "#ffcc00"
[presets]
warm = { dimmer = "70%", color = "sun" }
[vars]
level = "60%"
where = "pars"
[[masters.group]]
on = "spots"
level = "80%"
"##,
    ),
    (
        "shows/show/cues.json",
        r#"{ "vars": { "long": "2 beats" },
  "include": ["common.json", { "file": "common.json", "shift": "2 beats", "vars": { "hit": "blue" } }],
  "cues": [
    { "at": "chorus", "on": "$where", "set": { "dimmer": "$level" }, "fade_in": "$long" },
    { "at": "bar 3", "on": "spots", "set": "warm" },
    { "at": "end - 1 bar", "for": "1 bar", "on": "front", "flash": {} },
    { "at": 3, "on": "spots", "set": { "position": "drums" } },
    { "at": 7, "for": 1, "on": "pars", "picture": { "file": "pictures/dot.png" } },
    { "at": 5, "for": 1, "on": "pars ^ spots", "pattern": { "hit": { "color": "sun" } } }
] }"#,
    ),
    (
        "shows/show/common.json",
        r#"{ "vars": { "hit": "red" }, "cues": [
    { "at": 1, "for": "1 beat", "on": "$where", "flash": { "color": "$hit", "level": "$level" } }
] }"#,
    ),
    (
        "shows/show/over.json",
        r#"{ "layer": { "blend": "add", "z": 1 }, "cues": [
    { "at": 2, "for": 2, "on": "all", "picture": { "file": "pictures/dot.png" } },
    { "at": 4, "for": 2, "on": "pars", "chase": { "every": "1 beat", "color": "sun" } },
    { "at": 6, "for": 2, "on": "pars", "pattern": { "hit": {} } }
] }"#,
    ),
    (
        "shows/show/slots.json",
        r#"{ "rules": "channels", "cues": [
    { "at": 1, "for": 1, "on": "par1", "set_channels": { "Red": 255 } }
] }"#,
    ),
    ("fixtures/other.toml", "name = \"Elsewhere\"\n"),
];

/// Edits of it, there and back: the file, what stands in it, what stands there instead.
const TURNS: &[(&str, &str, &str)] = &[
    ("shows/show/show.toml", "#ffcc00", "#00ff00"),
    ("shows/show/show.toml", "sun = ", "moon = "),
    ("shows/show/show.toml", "[colors]", "[colors]\nsum = \"red\""),
    ("shows/show/show.toml", "\"70%\"", "\"30%\""),
    ("shows/show/show.toml", "warm =", "worm ="),
    ("shows/show/show.toml", "level = \"60%\"", "level = \"20%\""),
    ("shows/show/show.toml", "where = \"pars\"", "where = \"spots\""),
    ("shows/show/show.toml", "level = \"80%\"", "level = \"10%\""),
    (
        "shows/show/show.toml",
        "\"cues.json\", \"over.json\", \"slots.json\"",
        "\"slots.json\", \"cues.json\", \"over.json\"",
    ),
    ("shows/show/show.toml", "60s", "40s"),
    ("shows/show/show.toml", "length = \"60s\"", "length = \"7s\""),
    ("shows/show/show.toml", "venue = \"club\"", "venue = \"other\""),
    ("shows/show/show.toml", "song = \"song.ogg\"", ""),
    ("shows/show/cues.json", "2 beats\", \"vars", "3 beats\", \"vars"),
    ("shows/show/cues.json", "blue", "green"),
    ("shows/show/cues.json", "\"drums\"", "\"drum\""),
    ("shows/show/cues.json", "\"at\": 5", "\"at\": 50"),
    ("shows/show/cues.json", "{ \"vars\"", "{ \"vors\""),
    ("shows/show/cues.json", "] }", "]"),
    ("shows/show/common.json", "\"red\"", "\"sun\""),
    ("shows/show/common.json", "1 beat", "1 bar"),
    ("shows/show/over.json", "\"z\": 1", "\"z\": -1"),
    ("shows/show/over.json", "\"at\": 2", "\"at\": 1"),
    ("shows/show/over.json", "sun", "sum"),
    ("shows/show/slots.json", "255", "25"),
    ("shows/show/slots.json", "\"Red\"", "\"Rad\""),
    ("shows/show/patterns/hit.json", "\"white\"", "\"sun\""),
    ("shows/show/patterns/hit.json", "1/2 beat", "1/4 beat"),
    ("shows/show/patterns/hit.json", "$color", "$colour"),
    ("fixtures/club.toml", "pars | bar1:1-2", "bar1:1-2"),
    ("fixtures/club.toml", "drums = [0, 2, 1]", "drums = [0, 3, 1]"),
    ("fixtures/club.toml", "position = [2, 0, 3]", "position = [2.5, 0, 3]"),
    ("fixtures/club.toml", "address = 10", "address = 6"),
    ("fixtures/club.toml", "groups = [\"spots\"]", "groups = [\"spot\"]"),
    ("fixtures/profiles/test/par.json", "\"color\": \"Red\"", "\"color\": \"Amber\""),
    ("fixtures/profiles/test/par.json", "\"4 channels\"", "\"four channels\""),
    ("songs/song.song.json", "120", "90"),
    ("songs/song.song.json", "chorus", "refrain"),
];

/// The files that may be missing.
const MISSING: &[&str] = &[
    "shows/show/common.json",
    "shows/show/over.json",
    "shows/show/patterns/hit.json",
    "fixtures/club.toml",
    "fixtures/profiles/test/par.json",
    "songs/song.song.json",
];

/// A picture of one pixel.
fn dot(red: u8) -> Arc<[u8]> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 1, 1);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().expect("a picture's header");
    writer.write_image_data(&[red, 0, 0]).expect("a picture's data");
    writer.finish().expect("a picture's end");
    bytes.into()
}

/// The project with some of the edits made: those of `TURNS`, then those of `MISSING`, then one of
/// the picture, of the song, and that the song is missing.
fn turned(base: &MemoryWorld, made: &[bool]) -> MemoryWorld {
    let mut world = base.clone();
    let (turns, rest) = made.split_at(TURNS.len());
    let (missing, rest) = rest.split_at(MISSING.len());
    for ((path, from, to), _) in TURNS.iter().zip(turns).filter(|(_, made)| **made) {
        let text = world.files[*path].replace(from, to);
        world.files.insert((*path).to_owned(), text.into());
    }
    for (path, _) in MISSING.iter().zip(missing).filter(|(_, made)| **made) {
        world.files.remove(*path);
    }
    world.binaries.insert("pictures/dot.png".to_owned(), dot(if rest[0] { 9 } else { 200 }));
    let seconds = if rest[1] { 50.0 } else { 60.0 };
    let facts = SongFacts { seconds, hash: 7 };
    world.songs.clear();
    world.songs.extend((!rest[2]).then(|| ("songs/song.ogg".to_owned(), facts)));
    world
}

/// How many edits [`turned`] knows.
const MADE: usize = TURNS.len() + MISSING.len() + 3;

fn project() -> MemoryWorld {
    let mut world = MemoryWorld::default();
    lay(&mut world, &tests().join("base"), "");
    let files = PROJECT.iter().map(|(path, text)| ((*path).to_owned(), (*text).into()));
    world.files.extend(files);
    let venue = world.files["fixtures/club.toml"].to_string();
    let venue = venue.replace("[poi]", "[groups]\nfront = \"pars | bar1:1-2\"\n[poi]");
    world.files.insert("fixtures/club.toml".to_owned(), venue.into());
    world
}

#[test]
fn every_edit_of_a_project_changes_what_it_says() {
    let base = project();
    let plain = load(&turned(&base, &[false; MADE]), "show");
    assert!(plain.show.is_some(), "{:?}", plain.diagnostics);
    for edit in 0..MADE {
        let made: Vec<bool> = (0..MADE).map(|at| at == edit).collect();
        let turned = load(&turned(&base, &made), "show");
        assert!(turned != plain, "{edit} changes nothing: {:?}", TURNS.get(edit));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, max_shrink_iters: 256, ..ProptestConfig::default() })]

    #[test]
    fn after_edits_there_and_back_a_project_is_what_its_files_say(
        edits in prop::collection::vec(0..MADE, EDITS),
        calm in 1_usize..4,
    ) {
        let base = project();
        let mut made = [false; MADE];
        let mut memory = Memory::default();
        for (index, &edit) in edits.iter().enumerate() {
            // Mistakes are mended before there are many, or else they hide each other.
            if made.iter().filter(|made| **made).count() > calm {
                made.fill(false);
            }
            made[edit] = !made[edit];
            let world = turned(&base, &made);
            let again = load_again(&world, "show", &mut memory);
            prop_assert_eq!(again, load(&world, "show"), "{}: {:?}", index, TURNS.get(edit));
        }
    }

    #[test]
    fn after_edits_a_show_is_what_its_files_say(
        edits in prop::collection::vec(edit(), EDITS),
    ) {
        static WORLDS: LazyLock<Vec<MemoryWorld>> = LazyLock::new(worlds);
        let mut world = WORLDS[0].clone();
        let mut memory = Memory::default();
        let mut shows = 0;
        for edit in &edits {
            edit.make(&mut world, &WORLDS);
            let again = load_again(&world, "show", &mut memory);
            shows += usize::from(again.show.is_some());
            prop_assert_eq!(again, load(&world, "show"), "{:?}", edit);
        }
        prop_assert!(shows > 0, "no state was without errors");
    }
}
