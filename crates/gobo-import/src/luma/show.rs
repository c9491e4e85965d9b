//! Scores: a show each, a cue file for each height.

use std::collections::{BTreeMap, BTreeSet};

use gobo_show::Grid;
use gobo_show::select::Selection;
use gobo_show::show::Blend;
use serde_json::Value;

use super::Writer;
use super::pattern::{Known, Patterns};
use super::score::{
    Chosen, Clip, Interface, Range, Score, ScoreLayer, blend, file_name, layer, rounded,
};
use super::song::{Song, song};
use super::source::{self, Annotation, Luma, Track};
use super::venue::Venues;
use crate::folder::Folder;
use crate::native::{Names, Toml};

/// Writes every score as a show, with its song and its patterns.
pub(super) fn shows(
    luma: &Luma,
    patterns: &mut Patterns,
    venues: &mut Venues,
    folder: &dyn Folder,
    writer: &mut Writer,
) {
    let mut shows = Shows {
        luma,
        folder,
        songs: BTreeMap::new(),
        song_names: Names::default(),
        names: Names::default(),
        master: master(luma, writer),
    };
    for track in &luma.tracks {
        shows.song(track, writer);
    }
    for score in &luma.scores {
        shows.show(score, patterns, venues, writer);
    }
    shows.rest(patterns, venues, writer);
}

struct Shows<'a> {
    luma: &'a Luma,
    folder: &'a dyn Folder,
    /// By the tracks' keys.
    songs: BTreeMap<String, Song>,
    song_names: Names,
    names: Names,
    /// The grand master's level, when it is not full.
    master: Option<String>,
}

/// The grand master by the settings.
fn master(luma: &Luma, writer: &mut Writer) -> Option<String> {
    if luma.settings.get("audio_output_enabled").is_some_and(|value| value == "false") {
        writer
            .note("the setting `audio_output_enabled`", "is left out: `play --audio null` is mute");
    }
    let level = luma.settings.get("max_dimmer")?.trim().trim_matches('"');
    match level.parse::<f64>() {
        Ok(level) if (0.0..100.0).contains(&level) => Some(format!("{level}%")),
        Ok(_) => None,
        Err(_) => {
            writer.note(
                format!("the setting `max_dimmer` ({level})"),
                "is left out: it is no number",
            );
            None
        }
    }
}

impl Shows<'_> {
    fn song(&mut self, track: &Track, writer: &mut Writer) {
        let scores = self.luma.scores.iter().filter(|score| score.track == track.id);
        let ends = scores.flat_map(|score| &score.annotations).map(|annotation| annotation.end);
        let last = ends.fold(0.0, f64::max);
        let song = song(track, last, self.folder, &mut self.song_names, writer);
        self.songs.insert(track.id.clone(), song);
    }

    fn show(
        &mut self,
        score: &source::Score,
        patterns: &mut Patterns,
        venues: &mut Venues,
        writer: &mut Writer,
    ) {
        let song = self.songs.get(&score.track).cloned();
        let title = score.name.clone().or_else(|| Some(song.as_ref()?.title.clone()));
        let title = title.unwrap_or_else(|| "Untitled".to_owned());
        let of = format!("the score `{title}`");
        if song.is_none() {
            writer.note(of.as_str(), "has no track: its times are seconds of the show");
        }
        let given = score.venue.clone().filter(|id| venues.name(id).is_some());
        let venue =
            given.clone().or_else(|| venues.first()).unwrap_or_else(|| venues.stand_in(writer));
        let name = self.names.take(&title);
        let grid = song.as_ref().map_or_else(Grid::default, |song| song.grid.clone());
        let (read, used) = clips(&score.annotations, &of, &grid, patterns, writer);
        for layer in &read.layers {
            for clip in &layer.clips {
                let known = patterns.named(&clip.pattern);
                let defaults = known.map(|known| known.selections.as_slice()).unwrap_or_default();
                let own = clip.on.iter().map(|on| &on.expression);
                let given = clip.args.iter().filter_map(|(_, value)| value["expression"].as_str());
                for selection in own.map(String::as_str).chain(given) {
                    venues.say(&venue, selection, writer);
                }
                for selection in defaults {
                    venues.say(&venue, selection, writer);
                }
            }
        }
        patterns.write(&used, &name, writer);
        let interface = |name: &str| -> Interface {
            patterns.named(name).map(|known| known.interface.clone()).unwrap_or_default()
        };
        let files: Vec<String> = read.layers.iter().map(|layer| file_name(layer.z)).collect();
        for (one, file) in read.layers.iter().zip(&files) {
            writer.imported.text(format!("shows/{name}/{file}"), layer(one, &grid, interface));
        }
        let mut toml = Toml::default();
        toml.key("title", title);
        if let Some(song) = &song {
            toml.key("song", song.file.as_str());
        }
        toml.key("venue", venues.name(&venue).unwrap_or("stage"));
        let others = venues.others(&venue);
        if given.is_none() && !others.is_empty() {
            toml.comment(&format!(
                "Luma plays it in any venue; there are also {}.",
                others.join(", ")
            ));
        }
        toml.key("cues", files);
        self.finish(&name, toml, writer);
    }

    fn finish(&self, name: &str, mut toml: Toml, writer: &mut Writer) {
        if let Some(level) = &self.master {
            toml.table("masters").key("grand", level.as_str());
        }
        writer.imported.text(format!("shows/{name}/show.toml"), toml.finish());
    }

    /// Writes the patterns that no score has into a show of their own.
    fn rest(&mut self, patterns: &mut Patterns, venues: &mut Venues, writer: &mut Writer) {
        let unused: BTreeSet<String> = patterns.unused().into_iter().collect();
        if unused.is_empty() {
            return;
        }
        let venue = venues.first().unwrap_or_else(|| venues.stand_in(writer));
        let name = self.names.take("other patterns");
        patterns.write(&unused, &name, writer);
        let mut toml = Toml::default();
        toml.key("title", "Other patterns").key("venue", venues.name(&venue).unwrap_or("stage"));
        toml.key("cues", Value::Array(Vec::new())).key("length", 1);
        self.finish(&name, toml, writer);
        let why = format!("are in shows/{name}/patterns, ready to be moved");
        writer.note("the patterns that no score has", why);
    }
}

/// Annotations as layers of clips, lowest first, and the keys of the patterns that they have.
fn clips(
    annotations: &[Annotation],
    of: &str,
    grid: &Grid,
    patterns: &Patterns,
    writer: &mut Writer,
) -> (Score, BTreeSet<String>) {
    let mut layers: BTreeMap<i64, Vec<(f64, Clip)>> = BTreeMap::new();
    let (mut used, mut lost) = (BTreeSet::new(), BTreeMap::new());
    for annotation in annotations {
        let Some(known) = patterns.get(&annotation.pattern) else {
            *lost.entry(patterns.lost(&annotation.pattern)).or_insert(0_u32) += 1;
            continue;
        };
        let what = format!("`{}` at {} s of {of}", known.name, rounded(annotation.start));
        let range = (annotation.start, annotation.end);
        if !(0.0..=86_400.0).contains(&range.0)
            || !(range.0..=86_400.0).contains(&range.1)
            || range.0 == range.1
        {
            let why = format!("is left out: it would go from {} s to {} s", range.0, range.1);
            writer.note(what, why);
            continue;
        }
        let clip = clip(annotation, known, &what, grid, writer);
        layers.entry(annotation.z).or_default().push((annotation.start, clip));
        used.insert(annotation.pattern.clone());
    }
    for (pattern, count) in lost {
        let annotations = if count == 1 { "annotation" } else { "annotations" };
        let what = format!("{count} {annotations} of the pattern `{pattern}` in {of}");
        writer.note(what, "left out: that pattern is not there");
    }
    let layers = layers.into_iter().map(|(z, mut clips)| {
        clips.sort_by(|a, b| a.0.total_cmp(&b.0));
        ScoreLayer { z, clips: clips.into_iter().map(|(_, clip)| clip).collect() }
    });
    (Score { layers: layers.collect() }, used)
}

fn clip(
    annotation: &Annotation,
    known: &Known,
    what: &str,
    grid: &Grid,
    writer: &mut Writer,
) -> Clip {
    let mode = annotation.blend.to_lowercase();
    let blend = blend(&mode).unwrap_or_else(|| {
        let why = format!("loses its blend mode `{mode}`: there is none of that name");
        writer.note(what, why);
        Blend::Replace
    });
    let given = writer.json("args_json", what, &annotation.args);
    let given = given.as_ref().and_then(Value::as_object);
    let (mut on, mut args) = (None, Vec::new());
    for (id, value) in given.into_iter().flatten() {
        if value.is_null() {
            continue;
        }
        let Some(kind) = known.kinds.get(id) else {
            writer.note(
                what,
                format!("loses its argument `{id}`: the pattern has none of that name"),
            );
            continue;
        };
        let is_main = known.interface.selection.as_ref().is_some_and(|(main, _)| main == id);
        match kind.as_str() {
            "Selection" => {
                let Some(chosen) = chosen(value, what, writer) else { continue };
                match is_main {
                    true => on = Some(chosen),
                    false => args.push((id.clone(), selection(&chosen))),
                }
            }
            "Color" => args.push((id.clone(), color(value))),
            _ => args.push((id.clone(), value.clone())),
        }
    }
    Clip {
        pattern: known.name.clone(),
        on,
        range: Range::new(annotation.start, annotation.end, grid),
        args,
        blend,
        seed: None,
        place: writer.place.clone(),
    }
}

/// The selection of an argument; one that cannot be read is all.
fn chosen(value: &Value, what: &str, writer: &mut Writer) -> Option<Chosen> {
    let text = value["expression"].as_str().or_else(|| value.as_str())?;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let by_group = value["spatialReference"] == "group_local";
    let expression = match text.parse::<Selection>() {
        _ if text.is_empty() => "all".to_owned(),
        Ok(_) => text,
        Err(error) => {
            let why = format!("is on all: its selection `{text}` cannot be read ({error})");
            writer.note(what, why);
            "all".to_owned()
        }
    };
    Some(Chosen { expression, by_group })
}

fn selection(chosen: &Chosen) -> Value {
    let reference = if chosen.by_group { "group_local" } else { "global" };
    serde_json::json!({"expression": chosen.expression, "spatialReference": reference})
}

/// `{r, g, b, a}` as `#rrggbb` or `#rrggbbaa`, where that says the same.
fn color(value: &Value) -> Value {
    let byte =
        |part: f64| (part.fract() == 0.0 && (0.0..256.0).contains(&part)).then_some(part as u8);
    let short = || {
        let part = |key: &str| byte(value[key].as_f64()?);
        let mut text = crate::native::hex([part("r")?, part("g")?, part("b")?]);
        let alpha = value["a"].as_f64().unwrap_or(1.0);
        let rough = (alpha * 255.0).round();
        if (rough / 255.0 - alpha).abs() > 1e-9 {
            return None;
        }
        if rough != 255.0 {
            text.push_str(&format!("{:02x}", byte(rough)?));
        }
        Some(text)
    };
    short().map_or_else(|| value.clone(), Value::from)
}
