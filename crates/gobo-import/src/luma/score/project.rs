//! Scores into shows of a project, and out of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use gobo_show::diagnostic::{Diagnostic, Place, Severity, Spot};
use gobo_show::show::Blend;
use gobo_show::tree::{self, below};
use gobo_show::world::{SongFacts, WorldError};
use gobo_show::{Grid, Show, Source, World, load};
use serde_json::Value;

use super::cue::{Context, clip};
use super::patterns::{self, interfaces};
use super::{Clip, Interface, Range, Score, ScoreLayer, blend, layer, read, write};
use crate::folder::Folder;
use crate::imported::{ImportError, Imported, Note};
use crate::native::Toml;

/// Where a score goes.
#[derive(Clone, Copy)]
pub struct Into<'a> {
    /// The project, as it is.
    pub world: &'a dyn World,
    /// The show, there or not.
    pub show: &'a str,
    /// The project's shows. One that is not there takes copies of their patterns.
    pub shows: &'a [String],
    /// The venue of a show that is not there; the project's only one when not given.
    pub venue: Option<&'a str>,
    /// The song of a show that is not there, a file in `songs/`.
    pub song: Option<&'a str>,
    /// The tempo, where no song gives one: beats a minute, and beats in a bar.
    pub tempo: Option<(f64, u32)>,
}

/// Turns the score `file` of `folder` into the cue files of a show, a layer each. A show that is
/// not there gets a `show.toml`, in a project without venue also one without fixtures.
///
/// # Errors
/// [`ImportError::Faulty`] with every mistake of the score, also patterns, arguments and beats
/// that the show does not have.
pub fn import(folder: &dyn Folder, file: &str, into: &Into<'_>) -> Result<Imported, ImportError> {
    let source = folder.source(file)?;
    let mut score = read(&source).map_err(ImportError::Faulty)?;
    let mut imported = Imported::default();
    let manifest = manifest(into.world, into.show);
    let song = manifest.as_ref().map_or(into.song, |manifest| manifest["song"].as_str());
    let grid = song.map(|song| song_grid(into.world, song, manifest.as_ref()));
    let (grid, by_song) = match (grid.filter(Grid::has_tempo), into.tempo) {
        (Some(grid), _) => (grid, true),
        (None, Some((bpm, per_bar))) => (constant(bpm, per_bar), false),
        (None, None) => (Grid::default(), true),
    };
    let mut patterns = patterns::of_show(into.world, into.show, manifest.as_ref());
    if manifest.is_none() {
        let borrowed = patterns::of_others(into, &patterns);
        patterns::borrow(&score, &borrowed, into.show, &mut imported);
        patterns.extend(borrowed);
    }
    let patterns = interfaces(&patterns);
    check(&score, &grid, &patterns, &mut imported)?;
    for clip in score.layers.iter_mut().flat_map(|layer| &mut layer.clips).filter(|_| !by_song) {
        clip.range = in_seconds(clip.range, &grid);
    }
    let interface = |name: &str| patterns.get(name).cloned().unwrap_or_default();
    let names: Vec<_> = score.layers.iter().map(|layer| file_name(layer.z)).collect();
    for (one, name) in score.layers.iter().zip(&names) {
        imported.text(format!("shows/{}/{name}", into.show), layer(one, &grid, interface));
    }
    match &manifest {
        Some(manifest) => named(manifest, &names, file, &mut imported),
        None => new_show(into, &score, &names, file, &mut imported)?,
    }
    Ok(imported)
}

/// The name of a layer's cue file.
pub(crate) fn file_name(z: i64) -> String {
    if z < 0 { format!("layer-minus-{}.json", z.unsigned_abs()) } else { format!("layer-{z}.json") }
}

/// A show's `show.toml`, if it can be read.
pub(super) fn manifest(world: &dyn World, show: &str) -> Option<Value> {
    let source = world.read(&format!("shows/{show}/show.toml")).ok()?;
    tree::parse(&source).ok().map(|tree| tree.root.to_json())
}

/// Says all that a show does not have of what a score asks for.
fn check(
    score: &Score,
    grid: &Grid,
    patterns: &BTreeMap<String, Interface>,
    imported: &mut Imported,
) -> Result<(), ImportError> {
    let mut mistakes = Vec::new();
    let say = |code, clip: &Clip, message: String| -> Diagnostic {
        Diagnostic::error(code, clip.place.clone(), message)
    };
    let mut unknown = BTreeMap::new();
    for clip in score.layers.iter().flat_map(|layer| &layer.clips) {
        if let Range::Bars { start, end } = clip.range {
            if !grid.has_tempo() {
                let error = say("no-tempo", clip, "bars need a song with beats".to_owned());
                mistakes.push(error.hint("give the tempo with --bpm, or a song with --song"));
            } else if let Some(none) = [start, end].iter().find(|end| end.seconds(grid).is_none()) {
                let message = format!("there is no beat {none} in this song: its bar is shorter");
                mistakes.push(say("no-such-beat", clip, message));
            }
        }
        let Some(interface) = patterns.get(&clip.pattern) else {
            if patterns.is_empty() {
                unknown.entry(&clip.pattern).or_insert(&clip.place);
                continue;
            }
            let message = format!("there is no pattern `{}` in the show", clip.pattern);
            let known = patterns.keys().map(String::as_str);
            mistakes.push(say("unknown-pattern", clip, message).nearest(&clip.pattern, known));
            continue;
        };
        for (name, _) in clip.args.iter().filter(|(name, _)| interface.id(name).is_none()) {
            let message = format!("the pattern `{}` has no argument `{name}`", clip.pattern);
            mistakes.push(say("unknown-argument", clip, message).nearest(name, interface.ids()));
        }
    }
    for (name, place) in unknown {
        let why = "is not in the show: put it into its folder `patterns`";
        imported.note(format!("the pattern `{name}`"), why, place.clone());
    }
    if mistakes.is_empty() { Ok(()) } else { Err(ImportError::Faulty(mistakes)) }
}

fn in_seconds(range: Range, grid: &Grid) -> Range {
    let Range::Bars { start, end } = range else { return range };
    let seconds = |place: super::Position| place.seconds(grid).unwrap_or_default();
    Range::Seconds {
        start: super::place::rounded(seconds(start)),
        end: super::place::rounded(seconds(end)),
    }
}

/// Says which layers a show that is there does not name.
fn named(manifest: &Value, names: &[String], file: &str, imported: &mut Imported) {
    let cues = manifest["cues"].as_array();
    let known = |name: &str| cues.is_some_and(|cues| cues.iter().any(|cue| cue == name));
    for name in names.iter().filter(|name| !known(name)) {
        let why = "is not named by the show: add it to `cues` in its show.toml";
        imported.note(format!("the layer `{name}`"), why, whole(file));
    }
}

/// Writes the `show.toml` of a show that is not there.
fn new_show(
    into: &Into<'_>,
    score: &Score,
    names: &[String],
    file: &str,
    imported: &mut Imported,
) -> Result<(), ImportError> {
    let venues = into.world.list("fixtures");
    let venues = venues.iter().map(|file| file.rsplit('/').next().unwrap_or(file));
    let venues: Vec<&str> = venues.filter_map(|file| file.strip_suffix(".toml")).collect();
    let venue = match (into.venue, venues.as_slice()) {
        (Some(venue), _) => venue,
        (None, [only]) => only,
        (None, []) => {
            imported.text("fixtures/stage.toml", "name = \"Stage\"\n");
            let why = "has no venue: fixtures/stage.toml is one without fixtures";
            imported.note("the project", why, whole(file));
            "stage"
        }
        (None, several) => {
            let message = format!("name a venue for the show: {}", several.join(", "));
            return Err(ImportError::Unknown(message));
        }
    };
    let mut toml = Toml::default();
    toml.key("title", into.show);
    if let Some(song) = into.song {
        toml.key("song", song);
    }
    toml.key("venue", venue).key("cues", names.to_vec());
    let last = |clip: &Clip| match clip.range {
        Range::Seconds { end, .. } => end,
        Range::Bars { .. } => 0.0,
    };
    let clips = score.layers.iter().flat_map(|layer| &layer.clips);
    let length = clips.map(last).fold(0.0, f64::max);
    if into.song.is_none() && length > 0.0 {
        toml.key("length", crate::native::number(length));
    }
    imported.text(format!("shows/{}/show.toml", into.show), toml.finish());
    Ok(())
}

fn whole(file: &str) -> Place {
    Place { file: file.into(), spot: Spot::File }
}

/// A tempo from 0 on, for an hour.
fn constant(bpm: f64, per_bar: u32) -> Grid {
    let count = (bpm * 60.0).ceil().clamp(16.0, 1e5) as u32;
    let beats = (0..count).map(|beat| f64::from(beat) * 60.0 / bpm).collect();
    Grid::new(beats, (0..count).step_by(per_bar.max(1) as usize).collect(), Vec::new())
}

/// The grid of a song: that of a show that has nothing but it.
fn song_grid(world: &dyn World, song: &str, manifest: Option<&Value>) -> Grid {
    let mut show = Toml::default();
    show.key("song", song).key("venue", NOTHING).key("cues", Value::Array(Vec::new()));
    if let Some(offset) = manifest.and_then(|manifest| manifest.get("song_offset")) {
        show.key("song_offset", offset.clone());
    }
    let alone = SongAlone { world, show: show.finish().into() };
    load(&alone, NOTHING).show.map(|show| show.grid).unwrap_or_default()
}

/// The name of a show and of a venue that no project has.
const NOTHING: &str = ".song";

/// A world with a show that is nothing but a song.
struct SongAlone<'a> {
    world: &'a dyn World,
    show: Arc<str>,
}

impl World for SongAlone<'_> {
    fn read(&self, path: &str) -> Result<Source, WorldError> {
        let text = match path {
            "shows/.song/show.toml" => self.show.clone(),
            "fixtures/.song.toml" => "name = \"none\"\n".into(),
            _ => return self.world.read(path),
        };
        Ok(Source { path: path.into(), text })
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.world.list(folder)
    }

    fn song(&self, path: &str) -> Result<SongFacts, WorldError> {
        self.world.song(path)
    }
}

/// The score of a show: its patterns as text, and a note for all that a score cannot say.
///
/// # Errors
/// [`ImportError::Faulty`] when the show has errors.
pub fn export(world: &dyn World, name: &str) -> Result<(String, Vec<Note>), ImportError> {
    let loaded = load(world, name);
    let (Some(show), Some(manifest)) = (loaded.show, manifest(world, name)) else {
        let errors = loaded.diagnostics.into_iter();
        return Err(ImportError::Faulty(
            errors.filter(|found| found.severity == Severity::Error).collect(),
        ));
    };
    let patterns = interfaces(&patterns::of_show(world, name, Some(&manifest)));
    let mut exporter = Exporter { world, show: &show, patterns, notes: Imported::default() };
    let files = manifest["cues"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let layers = files.filter_map(|file| exporter.layer(&format!("shows/{name}/{file}")));
    let mut layers: Vec<(f64, ScoreLayer, String)> = layers.collect();
    layers.sort_by(|a, b| a.0.total_cmp(&b.0));
    number(&mut layers);
    for (_, layer, file) in &layers {
        let (own, new) = (file.rsplit('/').next().unwrap_or(file), file_name(layer.z));
        if own != new {
            let why = format!(
                "comes back as `{new}`, so that what is random without a seed is drawn anew"
            );
            exporter.notes.note(format!("the layer `{own}`"), why, whole(file));
        }
    }
    let layers = layers.into_iter().map(|(_, layer, _)| layer).collect();
    Ok((write(&Score { layers }), exporter.notes.notes))
}

/// Gives every layer its own height: as written where those are whole and differ, else counted.
fn number(layers: &mut [(f64, ScoreLayer, String)]) {
    let whole = layers.iter().all(|(z, ..)| z.fract() == 0.0 && z.abs() < 1e9);
    let differ = layers.windows(2).all(|pair| pair[0].0 < pair[1].0);
    for (index, (z, layer, _)) in layers.iter_mut().enumerate() {
        layer.z = if whole && differ { *z as i64 } else { index as i64 };
    }
}

struct Exporter<'a> {
    world: &'a dyn World,
    show: &'a Show,
    patterns: BTreeMap<String, Interface>,
    notes: Imported,
}

impl Exporter<'_> {
    /// A cue file as a layer, with its height.
    fn layer(&mut self, path: &str) -> Option<(f64, ScoreLayer, String)> {
        let tree = tree::parse(&self.world.read(path).ok()?).ok()?;
        let file = tree.root.to_json();
        let settings = &file["layer"];
        let at = |pointer: String| Place { file: path.into(), spot: Spot::Key(pointer) };
        let mut unsaid = Vec::new();
        for key in file.as_object().into_iter().flat_map(|file| file.keys()) {
            if !matches!(key.as_str(), "layer" | "cues" | "$schema") {
                unsaid.push((key, below("", key)));
            }
        }
        for key in settings.as_object().into_iter().flat_map(|settings| settings.keys()) {
            if !matches!(key.as_str(), "z" | "blend" | "alpha" | "mark") {
                unsaid.push((key, below("/layer", key)));
            }
        }
        for (key, pointer) in unsaid {
            self.notes.note(format!("`{key}`"), "cannot be said in a score", at(pointer));
        }
        if settings["alpha"] != "dimmer" {
            let what = format!("the layer `{}`", path.rsplit('/').next().unwrap_or(path));
            let why = "has colours that cover what is below; in a score a layer's colours show \
                as much as its dimmer is up";
            self.notes.note(what, why, whole(path));
        }
        let mode = settings["blend"].as_str().and_then(blend).unwrap_or_default();
        let cues = file["cues"].as_array().into_iter().flatten().enumerate();
        let clips = cues.filter_map(|(index, cue)| self.clip(path, index, cue, mode)).collect();
        let z = settings["z"].as_f64().unwrap_or_default();
        Some((z, ScoreLayer { z: 0, clips }, path.to_owned()))
    }

    fn clip(&mut self, path: &str, index: usize, cue: &Value, blend: Blend) -> Option<Clip> {
        let pointer = format!("/cues/{index}");
        let place = Place { file: path.into(), spot: Spot::Value(pointer.clone()) };
        let rate = self.show.rate;
        let cues = self.show.layers.iter().flat_map(|layer| &layer.cues);
        let runs: Vec<_> = cues.filter(|cue| cue.place == place).collect();
        let context = Context {
            grid: &self.show.grid,
            seconds: rate.seconds_at(self.show.frames),
            start: runs.iter().map(|cue| cue.start).reduce(f64::min),
            end: runs.iter().map(|cue| cue.end).reduce(f64::max),
            blend,
            place: place.clone(),
        };
        let patterns = &self.patterns;
        let interface = |name: &str| patterns.get(name).cloned().unwrap_or_default();
        let action = cue.as_object().and_then(|cue| {
            cue.get("pattern")?.as_object()?.keys().next().map(|name| format!(" of `{name}`"))
        });
        match clip(cue, interface, &context) {
            Ok((clip, unsaid)) => {
                let action = action.unwrap_or_default();
                for key in unsaid {
                    let why = match key.as_str() {
                        "then" => "cannot be said in a score: there a pattern ends with its time",
                        _ => "cannot be said in a score",
                    };
                    self.notes.note(format!("`{key}`{action}"), why, place.clone());
                }
                Some(clip)
            }
            Err(why) => {
                let at = cue["at"].as_str().map_or_else(|| cue["at"].to_string(), str::to_owned);
                self.notes.note(
                    format!("the cue at {at}{}", action.unwrap_or_default()),
                    why,
                    place,
                );
                None
            }
        }
    }
}
