//! From the sources of a show to a resolved [`Show`]: files in order, names looked up, times in
//! seconds. Finds every mistake that it can reach; reads only through [`World`].

mod abilities;
mod cues;
mod outputs;
mod pattern;
mod project;
mod song;
mod timing;
mod usage;
mod venue;

use std::collections::BTreeSet;

use gobo_dmx::FrameRate;

use crate::decode::{At, Decode, Decoder, Spanned};
use crate::diagnostic::{Diagnostic, Place, Severity, Spot};
use crate::show::Show;
use crate::source::ShowSource;
use crate::tree::{self, Tree};
use crate::world::{Source, World, WorldError};

pub use project::check_project;

/// A show as loaded.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Loaded {
    /// The show; only there when no diagnostic is an error.
    pub show: Option<Show>,
    /// Everything to say about its sources, by place, each once.
    pub diagnostics: Vec<Diagnostic>,
    /// The files that were asked for, whether they are there or not: what to watch. Relative to
    /// the project, sorted.
    pub read: Vec<String>,
}

/// The longest that a show may be, in seconds: a day.
const LONGEST: f64 = 86_400.0;

/// Loads `shows/<name>/show.toml` and all that it refers to.
pub fn load(world: &dyn World, name: &str) -> Loaded {
    let mut loader = Loader { world, decoder: Decoder::default(), read: BTreeSet::new() };
    let show = loader.show(name);
    let diagnostics = in_order(std::mem::take(&mut loader.decoder.diagnostics));
    let broken = diagnostics.iter().any(|found| found.severity == Severity::Error);
    Loaded { show: show.filter(|_| !broken), diagnostics, read: loader.read.into_iter().collect() }
}

/// By place, each once.
pub(crate) fn in_order(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut kept: Vec<Diagnostic> = Vec::with_capacity(diagnostics.len());
    diagnostics.sort_by(|a, b| natural(&a.place).cmp(&natural(&b.place)).then(a.code.cmp(b.code)));
    for found in diagnostics {
        let same = kept.iter().rev().take_while(|other| other.place == found.place);
        if !same.into_iter().any(|other| *other == found) {
            kept.push(found);
        }
    }
    kept
}

/// The order of places: `/cues/10` after `/cues/9`.
fn natural(place: &Place) -> (&str, usize, Vec<(usize, &str)>) {
    let pointer = |pointer| {
        let steps = str::split(pointer, '/');
        steps.map(|step| (step.parse().unwrap_or(usize::MAX), step)).collect()
    };
    match &place.spot {
        Spot::File => (&place.file, 0, Vec::new()),
        Spot::Bytes { start, .. } => (&place.file, *start, Vec::new()),
        Spot::Key(at) | Spot::Value(at) => (&place.file, 0, pointer(at)),
    }
}

/// What loading carries from file to file.
struct Loader<'w> {
    world: &'w dyn World,
    decoder: Decoder,
    read: BTreeSet<String>,
}

impl Loader<'_> {
    /// Reads a file that `from` refers to; says so when it cannot.
    fn source(&mut self, path: &str, from: &Place) -> Option<Source> {
        if path.contains('\\') || path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            let message = format!("`{path}` is no path inside the project");
            self.decoder.say(Diagnostic::error("bad-path", from.clone(), message));
            return None;
        }
        self.read.insert(path.to_owned());
        match self.world.read(path) {
            Ok(source) => Some(source),
            Err(WorldError::Missing) => {
                let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
                let near = self.world.list(folder);
                let message = format!("there is no file `{path}`");
                let error = Diagnostic::error("missing-file", from.clone(), message);
                self.decoder.say(error.nearest(file, near.iter().map(|path| last_name(path))));
                None
            }
            Err(error) => {
                let message = format!("`{path}` cannot be read: {error}");
                self.decoder.say(Diagnostic::error("unreadable-file", from.clone(), message));
                None
            }
        }
    }

    /// Reads and parses a file.
    fn tree(&mut self, path: &str, from: &Place) -> Option<Tree> {
        let source = self.source(path, from)?;
        self.parsed(&source)
    }

    fn parsed(&mut self, source: &Source) -> Option<Tree> {
        match tree::parse(source) {
            Ok(tree) => {
                self.decoder.diagnostics.extend(tree.duplicates.iter().cloned());
                Some(tree)
            }
            Err(error) => {
                self.decoder.say(error);
                None
            }
        }
    }

    fn decode<T: Decode>(&mut self, tree: &Tree) -> Option<T> {
        T::decode(&At::root(tree), &mut self.decoder)
    }

    fn show(&mut self, name: &str) -> Option<Show> {
        let path = format!("shows/{name}/show.toml");
        let from = Place { file: path.as_str().into(), spot: Spot::File };
        let tree = self.tree(&path, &from)?;
        let Some(source) = self.decode::<ShowSource>(&tree) else {
            self.venue_of_broken_show(&tree);
            return None;
        };
        self.decoder.colors =
            source.colors.iter().map(|(name, color)| (name.clone(), color.value)).collect();
        let (rig, declared) = self.venue(&source.venue);
        let (song, grid) = self.song(&source);
        let patterns = self.patterns(name, &source);
        let files = self.cue_files(name, &source.cues);
        let mut timing = timing::Timing::new(&grid, source.length.as_ref(), song.as_ref());
        let (layers, used) = self.layers(&files, &patterns, &rig, &mut timing);
        self.check_beats(&grid);
        let length = self.checked_length(timing.length, &source, &from);
        if rig.is_whole {
            self.warn_unused(&source, &path, &rig.rig, &declared, &patterns, &used);
        }
        Some(Show {
            name: name.to_owned(),
            title: source.title.unwrap_or_else(|| name.to_owned()),
            rate: source.fps,
            frames: frames(length, source.fps),
            song,
            grid,
            rig: rig.rig,
            layers,
            last_look: source.last_look,
        })
    }

    /// A show.toml with mistakes still tells which venue to check.
    fn venue_of_broken_show(&mut self, tree: &Tree) {
        let root = At::root(tree);
        if let Some(venue) = root.member("venue").filter(|at| at.node.text().is_some()) {
            let value = venue.node.text().unwrap_or_default().to_owned();
            self.venue(&Spanned { value, place: venue.place() });
        }
    }

    /// Warns once when beats are counted that no song gives.
    fn check_beats(&mut self, grid: &crate::Grid) {
        if let Some(place) = self.decoder.beats_used.take().filter(|_| !grid.has_tempo()) {
            let message = "beats and bars go by 120 a minute, for the show has no tempo";
            let warning = Diagnostic::warning("no-tempo", place, message);
            self.decoder.say(warning.hint("give `bpm` or `beats` in the song's `.song.json`"));
        }
    }

    fn checked_length(&mut self, length: f64, source: &ShowSource, from: &Place) -> f64 {
        let place = source.length.as_ref().map_or(from, |length| &length.place).clone();
        if length > LONGEST {
            let message = format!("a show is at most a day long, not {length} seconds");
            self.decoder.say(Diagnostic::error("out-of-range", place, message));
        } else if length <= 0.0 {
            let message =
                "the show has no length: no song, no `length`, and no cue that takes time";
            self.decoder.say(Diagnostic::warning("empty-show", place, message));
        }
        length.clamp(0.0, LONGEST)
    }
}

/// The frames of `seconds`: all that begin before the end; at least 1.
fn frames(seconds: f64, rate: FrameRate) -> u32 {
    // Times that come out of arithmetic on beats miss a frame's start by less than this.
    ((seconds * rate.as_f64() - 1e-6).ceil() as u32).max(1)
}

/// The last part of a path.
fn last_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A file's name without its folder and its ending.
fn stem(path: &str) -> &str {
    let name = last_name(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
