//! Show sources from any bytes, within a small project that is otherwise well.

use gobo_show::world::{MemoryWorld, SongFacts};
use gobo_show::{Diagnostic, Severity, World, load, tree};

const PROFILE: &str = include_str!("../../../fixtures/profiles/generic/spot.json");

const VENUE: &str = r#"name = "Room"
[[fixture]]
id = "spot"
profile = "generic/spot"
mode = "basic"
universe = 1
address = 1
groups = ["spots"]
[poi]
stage = [0, 2, 1]
"#;

const MANIFEST: &str = r##"title = "Fuzz"
venue = "room"
song = "song.ogg"
cues = ["cues.json"]
[colors]
gold = "#ffcc00"
"##;

const CUES: &str = r#"{ "cues": [
  { "at": "bar 1", "for": "2 beats", "on": "spots", "pattern": { "look": { "color": "gold" } } }
] }"#;

const PATTERN: &str = r#"{ "args": { "color": { "color": "white" } },
  "steps": [ { "at": 0, "for": "1 beat", "flash": { "color": "$color" } } ] }"#;

const SONG: &str = r#"{ "bpm": 126, "sections": [ { "name": "verse", "start": 0, "end": 4 } ] }"#;

/// The files of the project; the first byte of an input chooses which of them it replaces.
const FILES: [(&str, &str); 6] = [
    ("shows/fuzz/cues.json", CUES),
    ("shows/fuzz/show.toml", MANIFEST),
    ("shows/fuzz/patterns/look.json", PATTERN),
    ("fixtures/room.toml", VENUE),
    ("songs/song.song.json", SONG),
    ("fixtures/profiles/generic/spot.json", PROFILE),
];

/// A source file: the first byte chooses which, the rest is its text. A show without errors must
/// come back, every diagnostic must have a place that can be printed, and an error means no show.
pub fn sources(bytes: &[u8]) {
    let Some((&choice, text)) = bytes.split_first() else { return };
    let chosen = usize::from(choice.saturating_sub(b'0')) % FILES.len();
    let text = String::from_utf8_lossy(text);
    let mut world = MemoryWorld::default();
    for (index, (path, well)) in FILES.iter().enumerate() {
        let text: &str = if index == chosen { &text } else { well };
        world.files.insert((*path).to_owned(), text.into());
    }
    world.songs.insert("songs/song.ogg".to_owned(), SongFacts { seconds: 8.0, hash: 1 });

    let loaded = load(&world, "fuzz");
    let errors = loaded.diagnostics.iter().any(|found| found.severity == Severity::Error);
    assert_eq!(loaded.show.is_none(), errors, "{:?}", loaded.diagnostics);
    for diagnostic in &loaded.diagnostics {
        printable(&world, diagnostic);
    }
}

fn printable(world: &MemoryWorld, diagnostic: &Diagnostic) {
    let Ok(source) = world.read(&diagnostic.place.file) else { return };
    if let Some(range) = tree::locate(&source.text, &diagnostic.place) {
        assert!(source.text.get(range.clone()).is_some(), "{range:?} of {diagnostic:?}");
    }
}
