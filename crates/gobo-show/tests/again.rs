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
        1 => index().prop_map(Edit::Good),
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
    let order = (0..count).flat_map(|at| [at, (at * 7 + 3) % count, at]);
    for at in order {
        assert_eq!(load_again(&worlds[at], "show", &mut memory), alone[at]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, max_shrink_iters: 256, ..ProptestConfig::default() })]

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
        prop_assert!(shows > EDITS / 10, "only {} states had no errors", shows);
    }
}
