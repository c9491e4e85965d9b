//! Imports loaded, checked and rendered from memory.

#![allow(clippy::print_stdout, dead_code, unreachable_pub, missing_docs)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use gobo_import::{Folder, ImportError, Imported, MemoryFolder};
use gobo_render::Timeline;
use gobo_show::diagnostic::line_and_column;
use gobo_show::world::{MemoryWorld, SongFacts};
use gobo_show::{Diagnostic, Severity, Show, World, check_project, load, tree};

/// Third-party samples, read in place; `None`, said aloud, where they are not there.
pub fn shared(path: &str) -> Option<PathBuf> {
    let whole = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(path);
    if !whole.exists() {
        println!("skipped: {} is not there", whole.display());
        return None;
    }
    Some(whole)
}

/// The files directly in a folder, in memory.
pub fn folder(path: &Path) -> MemoryFolder {
    let entries = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.is_file()).map(|path| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read(path).unwrap())
    });
    MemoryFolder(files.collect())
}

pub fn files(files: &[(&str, &str)]) -> MemoryFolder {
    let owned = |(path, text): &(&str, &str)| ((*path).to_owned(), text.as_bytes().to_vec());
    MemoryFolder(files.iter().map(owned).collect())
}

/// The project in memory; sounds are so many seconds long.
pub fn world(imported: &Imported, seconds: f64) -> MemoryWorld {
    let mut world = MemoryWorld::default();
    for (path, bytes) in &imported.files {
        match std::str::from_utf8(bytes) {
            Ok(text) if path.ends_with(".json") || path.ends_with(".toml") => {
                world.files.insert(path.clone(), text.into());
            }
            _ => {
                world.songs.insert(path.clone(), SongFacts { seconds, hash: 1 });
            }
        }
    }
    world
}

/// Asserts that a project has no errors; its warnings.
pub fn checked(world: &MemoryWorld) -> Vec<Diagnostic> {
    let shows = world.folders("shows");
    let found = check_project(world, &shows);
    let errors: Vec<_> =
        found.iter().filter(|found| found.severity == Severity::Error).take(5).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    found
}

pub fn show(world: &MemoryWorld, name: &str) -> Show {
    let loaded = load(world, name);
    loaded.show.unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics))
}

/// A show's light.
pub struct Lights(Timeline);

impl Lights {
    pub fn new(show: &Show) -> Self {
        Self(Timeline::new(show))
    }

    /// The levels of a universe, counted from 0, in a frame.
    pub fn levels(&self, universe: usize, frame: u32) -> Vec<u8> {
        let timeline = &self.0;
        let width = usize::from(timeline.header().universes[universe].slots_used);
        let per_cell = u32::from(timeline.header().frames_in(0));
        let (cell, within) = (frame / per_cell, (frame % per_cell) as usize);
        let mut rows = vec![0; timeline.cell_len(universe, cell)];
        timeline.render(universe, cell, &mut rows);
        rows[within * width..(within + 1) * width].to_vec()
    }

    /// How many of every `step`th frame have light in a universe.
    pub fn lit(&self, universe: usize, step: usize) -> usize {
        let frames = (0..self.0.header().frames).step_by(step);
        frames.filter(|frame| self.levels(universe, *frame).iter().any(|level| *level > 0)).count()
    }
}

/// The notes, a line each, with their line in the foreign file.
pub fn notes(imported: &Imported, folder: &dyn Folder) -> String {
    let mut text = String::new();
    for note in &imported.notes {
        let _ = writeln!(text, "{}: {} {}", at(&note.diagnostic(), folder), note.what, note.why);
    }
    text
}

/// What is wrong with foreign files, a line each.
pub fn mistakes(error: &ImportError, folder: &dyn Folder) -> String {
    let ImportError::Faulty(mistakes) = error else { return error.to_string() };
    let mut text = String::new();
    for mistake in mistakes {
        let _ = writeln!(text, "{}: [{}] {}", at(mistake, folder), mistake.code, mistake.message);
        for hint in &mistake.hints {
            let _ = writeln!(text, "    {hint}");
        }
    }
    text
}

fn at(found: &Diagnostic, folder: &dyn Folder) -> String {
    let file = &found.place.file;
    let bytes = folder.read(file).unwrap_or_default();
    let source = String::from_utf8_lossy(&bytes);
    match tree::locate(&source, &found.place) {
        Some(range) => {
            let (line, column) = line_and_column(&source, range.start);
            format!("{file}:{line}:{column}")
        }
        None => file.to_string(),
    }
}

/// The text files of a project, one after the other.
pub fn all(imported: &Imported) -> String {
    let mut text = String::new();
    for (path, bytes) in &imported.files {
        let _ = writeln!(text, "=== {path}\n{}", String::from_utf8_lossy(bytes));
    }
    text
}

/// How many files there are in each folder: for samples whose text is not ours to keep.
pub fn counts(imported: &Imported) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for path in imported.files.keys() {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        *counts.entry(folder.to_owned()).or_default() += 1;
    }
    counts
}
