//! From the sources of a show to a resolved [`Show`]: files in order, names looked up, times in
//! seconds. Finds every mistake that it can reach; reads only through [`World`].

mod abilities;
mod aims;
mod asking;
mod channels;
mod chaser;
mod cues;
mod graph;
mod include;
mod memory;
mod order;
mod outputs;
mod patch;
mod pattern;
mod picked;
mod pictures;
mod pixels;
mod playlist;
mod priorities;
mod project;
mod setup;
mod song;
mod stack;
mod starts;
mod timing;
mod usage;
mod vars;
mod venue;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gobo_dmx::FrameRate;

use crate::decode::{At, Decode, Decoder, Spanned};
use crate::diagnostic::{Diagnostic, Place, Severity, Spot};
use crate::effect::field::Animation;
use crate::show::Show;
use crate::source::ShowSource;
use crate::tree::{self, Tree};
use crate::world::{Source, World, WorldError};

use asking::Asking;

pub use memory::Memory;
pub use playlist::{PLAYLIST_ENDING, is_file, load_playlist};
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
    load_again(world, name, &mut Memory::default())
}

/// Loads a show as [`load`] does, but works out anew only what has changed since the last load with
/// this memory.
pub fn load_again(world: &dyn World, name: &str, memory: &mut Memory) -> Loaded {
    let (mut loaded, unused) = load_apart(world, name, memory);
    loaded.diagnostics.extend(usage::brief(&unused));
    let said = std::mem::take(&mut loaded.diagnostics);
    loaded.diagnostics = in_order(world, said, &mut memory.texts);
    loaded
}

/// Loads a show; what it does not use of its venue comes apart, and nothing is in order yet.
fn load_apart(world: &dyn World, name: &str, memory: &mut Memory) -> (Loaded, Vec<Diagnostic>) {
    let mut loader = Loader::new(world);
    loader.memory = std::mem::take(memory);
    let show = loader.show(name);
    let show = show.filter(|_| loader.errors() == 0);
    loader.memory.turn();
    *memory = loader.memory;
    let read = loader.read.into_iter().collect();
    (Loaded { show, diagnostics: loader.decoder.diagnostics, read }, loader.unused)
}

/// By their place in the texts, each once; of those that say the same of the same place, the
/// first. `texts` has the texts that were looked at last.
pub(crate) fn in_order(
    world: &dyn World,
    mut diagnostics: Vec<Diagnostic>,
    texts: &mut Texts,
) -> Vec<Diagnostic> {
    diagnostics.sort_by(|a, b| a.place.file.cmp(&b.place.file));
    let mut kept: Vec<Diagnostic> = Vec::with_capacity(diagnostics.len());
    let mut before = std::mem::take(texts);
    for file in diagnostics.chunk_by(|a, b| a.place.file == b.place.file) {
        let path = &file[0].place.file;
        let text = world.read(path).ok().map(|source| match before.remove(path) {
            Some(known) if known.0 == source.text => known,
            _ => (source.text.clone(), tree::parse(&source).ok()),
        });
        let tree = text.as_ref().and_then(|(_, tree)| tree.as_ref());
        let start = |spot: &Spot| match (spot, tree) {
            (Spot::Bytes { start, .. }, _) => *start,
            (spot, Some(tree)) => tree.locate(spot).start,
            (_, None) => 0,
        };
        let mut seen = BTreeSet::new();
        let mut order: Vec<_> =
            file.iter().map(|found| (start(&found.place.spot), found)).collect();
        order.sort_by_key(|(start, _)| *start);
        for (_, found) in order {
            if seen.insert((&found.place, found.code, &found.message)) {
                kept.push(found.clone());
            }
        }
        texts.extend(text.map(|text| (Arc::clone(path), text)));
    }
    kept
}

/// The texts that something is said of, by path, with their syntax where they have any.
pub(crate) type Texts = BTreeMap<Arc<str>, (Arc<str>, Option<Tree>)>;

/// What loading carries from file to file.
struct Loader<'w> {
    world: Asking<'w>,
    memory: Memory,
    decoder: Decoder,
    read: BTreeSet<String>,
    /// What the show does not use of its venue.
    unused: Vec<Diagnostic>,
    /// The pictures read so far, by path.
    pictures: BTreeMap<String, (Arc<[u8]>, Arc<Animation>)>,
    /// How many times a file has been included.
    included: usize,
}

impl<'w> Loader<'w> {
    fn new(world: &'w dyn World) -> Self {
        Self {
            world: Asking::new(world),
            memory: Memory::default(),
            decoder: Decoder::default(),
            read: BTreeSet::new(),
            unused: Vec::new(),
            pictures: BTreeMap::new(),
            included: 0,
        }
    }
}

impl Loader<'_> {
    /// Reads a file that `from` refers to; says so when it cannot.
    fn source(&mut self, path: &str, from: &Place) -> Option<Source> {
        if !self.is_inside(path, from) {
            return None;
        }
        self.read.insert(path.to_owned());
        match self.world.read(path) {
            Ok(source) => Some(source),
            Err(error) => {
                self.unread(path, from, &error);
                None
            }
        }
    }

    /// Whether a path stays in the project; says so when it does not.
    fn is_inside(&mut self, path: &str, from: &Place) -> bool {
        let outside =
            path.contains('\\') || path.split('/').any(|part| matches!(part, "" | "." | ".."));
        if outside {
            let message = format!("`{path}` is no path inside the project");
            self.decoder.say(Diagnostic::error("bad-path", from.clone(), message));
        }
        !outside
    }

    /// Says why a file that `from` refers to was not read.
    fn unread(&mut self, path: &str, from: &Place, error: &WorldError) {
        let diagnostic = match error {
            WorldError::Missing => {
                let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
                let near = self.world.list(folder);
                let message = format!("there is no file `{path}`");
                let error = Diagnostic::error("missing-file", from.clone(), message);
                error.nearest(file, near.iter().map(|path| last_name(path)))
            }
            error => {
                let message = format!("`{path}` cannot be read: {error}");
                Diagnostic::error("unreadable-file", from.clone(), message)
            }
        };
        self.decoder.say(diagnostic);
    }

    /// Reads and parses a file.
    fn tree(&mut self, path: &str, from: &Place) -> Option<Arc<Tree>> {
        let source = self.source(path, from)?;
        self.parsed(&source)
    }

    fn parsed(&mut self, source: &Source) -> Option<Arc<Tree>> {
        self.remembered(
            |memory| &mut memory.trees,
            &source.path,
            source.text.clone(),
            |loader, _| loader.parse(source).map(Arc::new),
        )
    }

    fn parse(&mut self, source: &Source) -> Option<Tree> {
        match tree::read(source) {
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

    fn errors(&self) -> usize {
        let error = |found: &&Diagnostic| found.severity == Severity::Error;
        self.decoder.diagnostics.iter().filter(error).count()
    }

    /// Reads a file as a `T`. A member that cannot be read is left out after it has been told of,
    /// so that one mistake hides no other.
    fn decode<T: Decode>(&mut self, tree: &Tree) -> Option<T> {
        let before = self.decoder.diagnostics.len();
        if let Some(whole) = T::decode(&At::root(tree), &mut self.decoder) {
            return Some(whole);
        }
        let mut mended = tree.clone();
        for found in &self.decoder.diagnostics[before..] {
            if let Spot::Value(pointer) = &found.place.spot {
                mended.root.take_out(pointer);
            }
        }
        let told = self.decoder.diagnostics.len();
        let rest = T::decode(&At::root(&mended), &mut self.decoder);
        self.decoder.diagnostics.truncate(told);
        rest
    }

    fn show(&mut self, name: &str) -> Option<Show> {
        let path = format!("shows/{name}/show.toml");
        let from = Place { file: path.as_str().into(), spot: Spot::File };
        let tree = self.tree(&path, &from)?;
        let Some(source) = self.decode::<ShowSource>(&tree) else {
            self.venue_of_broken_show(&tree);
            return None;
        };
        let venue = self.venue(&source.venue);
        // A colour that cannot be read still has a name.
        let names = tree.root.get("colors").map_or(&[][..], tree::Node::members);
        let color = |name: &str| source.colors.get(name).map(|color| color.value);
        self.decoder.names.colors = names
            .iter()
            .map(|name| (name.key.clone(), color(&name.key).unwrap_or_default()))
            .collect();
        let errors = self.errors();
        let (mut song, grid) = self.song(&source);
        let song_is_whole = self.errors() == errors;
        let vars = self.scope(&vars::Scope::new(), &source.vars, &path, "/vars");
        self.decoder.names.vars = Some(vars.clone());
        self.presets(&source.presets, &path);
        let patterns = self.patterns(name, &source, &venue.implementations);
        let files = self.cue_files(name, &source.cues, &vars);
        let length = source.length.as_ref();
        let mut timing = timing::Timing::new(&grid, length, song.as_ref(), song_is_whole);
        let (layers, mut used) = self.layers(&files, &patterns, &venue, &mut timing);
        let masters = self.masters(source.masters.as_ref(), &venue, &timing, &mut used);
        self.listen(&mut song, &source);
        let length = self.checked_length(timing.length, &source, &from);
        // What could not be read may use what nothing else does.
        if self.errors() == 0 {
            self.check_beats(&grid);
            self.check_sections(&grid);
            self.warn_unused(&source, &path, &venue, &patterns, &used);
        }
        Some(Show {
            name: name.to_owned(),
            title: source.title.unwrap_or_else(|| name.to_owned()),
            rate: source.fps,
            frames: frames(length, source.fps),
            song,
            grid,
            rig: Arc::clone(&venue.rig),
            layers,
            masters,
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

    /// Warns once when something goes by sections that no song gives.
    fn check_sections(&mut self, grid: &crate::Grid) {
        let none = grid.sections.is_empty();
        if let Some(place) = self.decoder.sections_used.take().filter(|_| none) {
            let message = "this goes along the sections of the song, and none are given";
            let warning = Diagnostic::warning("no-sections", place, message);
            self.decoder.say(warning.hint("give `sections` in the song's `.song.json`"));
        }
    }

    fn checked_length(&mut self, length: f64, source: &ShowSource, from: &Place) -> f64 {
        let place = source.length.as_ref().map_or(from, |length| &length.place).clone();
        if length > LONGEST {
            let message = format!("a show is at most a day long, not {length} seconds");
            self.decoder.say(Diagnostic::error("out-of-range", place, message));
        } else if length <= 0.0 && self.errors() == 0 {
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
