//! A law: a project broken anywhere is told of, and never makes the loader panic.

mod common;

use std::path::Path;
use std::sync::LazyLock;

use common::lay;
use gobo_show::{MemoryWorld, load};
use proptest::prelude::*;

static BASE: LazyLock<MemoryWorld> = LazyLock::new(|| {
    let mut world = MemoryWorld::default();
    lay(&mut world, &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/base"), "");
    world
});

/// A cut at a character, so that what is left is text.
fn cut(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// What replaces a piece of a source: what breaks syntax, kinds, ranges and names.
fn splinter() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        prop::sample::select(vec![
            "\"",
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "0",
            "-1",
            "1e9",
            "1e308",
            "99999999999999999999",
            "null",
            "true",
            "\"$x\"",
            "\"\"",
            "[]",
            "{}",
            "\"all\"",
            "\"1 bar\"",
            "\"end\"",
            "\"0 Hz\"",
            "\\u0000",
            "é",
            "=",
            "\n",
            "\"~~~all\"",
            "\"(all\"",
            "\"bar 4294967295\"",
            "\"chorus 9\"",
        ])
        .prop_map(str::to_owned),
        ".{0,8}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn a_broken_project_is_told_of_and_never_panics(
        file in 0_usize..8,
        cuts in prop::collection::vec((0_usize..2000, 0_usize..12, splinter()), 1..4),
    ) {
        let mut world = BASE.clone();
        let names: Vec<_> = world.files.keys().cloned().collect();
        let name = &names[file % names.len()];
        let mut text = world.files[name].to_string();
        for (at, length, splinter) in cuts {
            let start = cut(&text, at % (text.len() + 1));
            let end = cut(&text, start + length).max(start);
            text.replace_range(start..end, &splinter);
        }
        world.files.insert(name.clone(), text.into());
        let loaded = load(&world, "show");
        let broken = loaded.diagnostics.iter().any(|found| found.severity == gobo_show::Severity::Error);
        prop_assert_eq!(loaded.show.is_none(), broken, "{:?}", loaded.diagnostics);
        for found in &loaded.diagnostics {
            prop_assert!(!found.plain(|file| world.files.get(file)).is_empty());
        }
        if let Some(show) = loaded.show {
            for cue in show.layers.iter().flat_map(|layer| &layer.cues) {
                prop_assert!(cue.start.is_finite() && cue.end >= cue.start, "{cue:?}");
                prop_assert!(cue.selection.iter().all(|selected| selected.rank < cue.ranks));
            }
        }
    }
}
