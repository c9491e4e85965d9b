//! The song: its facts, and its grid in seconds of the show.

use super::{Loader, last_name};
use crate::decode::{Spanned, figure};
use crate::diagnostic::{Diagnostic, Place};
use crate::grid::Grid;
use crate::show::{Section, Song};
use crate::source::{ShowSource, SongSource};
use crate::value::LONGEST;
use crate::world::WorldError;

impl Loader<'_> {
    /// The song of a show and its grid; an empty grid when there is none.
    pub(super) fn song(&mut self, show: &ShowSource) -> (Option<Song>, Grid) {
        let Some(name) = &show.song else { return (None, Grid::default()) };
        let path = format!("songs/{}", name.value);
        let offset = show.song_offset.0;
        let song = self.song_facts(&path, name).map(|facts| Song {
            path: path.clone(),
            hash: facts.hash,
            seconds: facts.seconds,
            offset,
            spectrum: None,
        });
        let sidecar = match path.rsplit_once('.') {
            Some((stem, _)) => format!("{stem}.song.json"),
            None => format!("{path}.song.json"),
        };
        let seconds = song.as_ref().map_or(0.0, |song| song.seconds);
        let grid =
            self.sidecar(&sidecar, &name.place).map(|source| self.grid(&source, seconds, offset));
        (song, grid.unwrap_or_default())
    }

    /// Listens to the song, if anything of the show asks for what it sounds like.
    pub(super) fn listen(&mut self, song: &mut Option<Song>, show: &ShowSource) {
        let Some(place) = self.decoder.sound_used.take() else { return };
        let Some(song) = song else {
            // A song that cannot be used has been told of.
            if show.song.is_none() {
                let message = "this listens to the song, and the show has none: it stays dark";
                let warning = Diagnostic::warning("missing-song", place, message);
                self.decoder.say(warning.hint("give `song` in the show.toml"));
            }
            return;
        };
        let folder = match song.path.rsplit_once('.') {
            Some((stem, _)) => format!("{stem}.stems"),
            None => format!("{}.stems", song.path),
        };
        let stems = self.world.list(&folder);
        self.read.extend(stems.iter().map(|file| format!("{folder}/{}", last_name(file))));
        match self.world.spectrum(&song.path) {
            Ok(spectrum) => song.spectrum = Some(spectrum),
            Err(error) => {
                let message = format!("the song `{}` cannot be listened to: {error}", song.path);
                self.decoder.say(Diagnostic::error("unusable-song", place, message));
            }
        }
    }

    fn song_facts(
        &mut self,
        path: &str,
        name: &Spanned<String>,
    ) -> Option<crate::world::SongFacts> {
        if path.split('/').any(|part| part == "..") {
            let message = format!("`{}` is no file in `songs/`", name.value);
            self.decoder.say(Diagnostic::error("bad-path", name.place.clone(), message));
            return None;
        }
        self.read.insert(path.to_owned());
        let error = match self.world.song(path) {
            Ok(facts) => return Some(facts),
            Err(WorldError::Missing) => {
                let near = self.world.list("songs");
                let message = format!("there is no song `{path}`");
                Diagnostic::error("missing-song", name.place.clone(), message)
                    .nearest(&name.value, near.iter().map(|path| last_name(path)))
            }
            Err(error) => {
                let message = format!("the song `{path}` cannot be used: {error}");
                Diagnostic::error("unusable-song", name.place.clone(), message)
            }
        };
        self.decoder.say(error);
        None
    }

    /// The sidecar file; it may be missing.
    fn sidecar(&mut self, path: &str, from: &Place) -> Option<SongSource> {
        self.read.insert(path.to_owned());
        let source = match self.world.read(path) {
            Ok(source) => source,
            Err(WorldError::Missing) => return None,
            Err(error) => {
                let message = format!("`{path}` cannot be read: {error}");
                self.decoder.say(Diagnostic::error("unreadable-file", from.clone(), message));
                return None;
            }
        };
        let tree = self.parsed(&source)?;
        self.decode(&tree)
    }

    fn grid(&mut self, source: &SongSource, seconds: f64, offset: f64) -> Grid {
        let (beats, downbeats) = self.beats(source, seconds);
        let beats = beats.into_iter().map(|beat| beat - offset).collect();
        Grid::new(beats, downbeats, self.sections(source, seconds, offset))
    }

    /// Beats in seconds of the song, and those that start a bar.
    fn beats(&mut self, source: &SongSource, seconds: f64) -> (Vec<f64>, Vec<u32>) {
        let per_bar = source.beats_per_bar.round().max(1.0);
        let downbeats = self.downbeats(source);
        let rising = |loader: &mut Self, times: &Option<Spanned<Vec<f64>>>| {
            times.as_ref().filter(|times| loader.rises(times)).map(|times| times.value.clone())
        };
        match (rising(self, &source.beats), downbeats) {
            (Some(beats), Some(downs)) => {
                let downs = self.on_beats(&beats, &downs);
                (beats, downs)
            }
            (Some(beats), None) => {
                let downs = (0..beats.len() as u32).step_by(per_bar as usize).collect();
                (beats, downs)
            }
            (None, Some(downs)) => between(&downs.value, per_bar as u32),
            (None, None) => match &source.bpm {
                Some(bpm) => constant(60.0 / bpm.value.0, per_bar, source.offset, seconds),
                None => (Vec::new(), Vec::new()),
            },
        }
    }

    fn downbeats(&mut self, source: &SongSource) -> Option<Spanned<Vec<f64>>> {
        if let (Some(downbeats), Some(bars)) = (&source.downbeats, &source.bars)
            && downbeats.value != bars.value
        {
            let message = "`bars` and `downbeats` both say where bars start, and differ";
            let error = Diagnostic::error("conflict", bars.place.clone(), message);
            self.decoder.say(error.label(downbeats.place.clone(), "the downbeats"));
        }
        let downbeats = source.downbeats.as_ref().or(source.bars.as_ref())?;
        self.rises(downbeats).then(|| downbeats.clone())
    }

    fn rises(&mut self, times: &Spanned<Vec<f64>>) -> bool {
        if let Some(far) = times.value.iter().find(|time| time.abs() > LONGEST) {
            let message = format!("expected seconds of the song, found {}", figure(*far));
            self.decoder.say(Diagnostic::error("out-of-range", times.place.clone(), message));
            return false;
        }
        let fault = times.value.windows(2).position(|pair| pair[0] >= pair[1]);
        if let Some(index) = fault {
            let (before, after) = (times.value[index], times.value[index + 1]);
            let message = format!("times must rise: after {before} comes {after}");
            self.decoder.say(Diagnostic::error("not-rising", times.place.clone(), message));
        }
        fault.is_none()
    }

    /// The index of the beat on which each downbeat falls.
    fn on_beats(&mut self, beats: &[f64], downs: &Spanned<Vec<f64>>) -> Vec<u32> {
        let mut found = Vec::with_capacity(downs.value.len());
        for &down in &downs.value {
            let after = beats.partition_point(|&beat| beat < down);
            let near = [after.saturating_sub(1), after.min(beats.len().saturating_sub(1))]
                .into_iter()
                .filter(|&index| beats.get(index).is_some_and(|beat| (beat - down).abs() < 0.07))
                .min_by(|&a, &b| (beats[a] - down).abs().total_cmp(&(beats[b] - down).abs()));
            match near {
                Some(index) => found.push(index as u32),
                None => {
                    let message = format!("the downbeat at {down} s falls on no beat");
                    let place = downs.place.clone();
                    self.decoder.say(Diagnostic::error("downbeat-off-beat", place, message));
                }
            }
        }
        found.dedup();
        found
    }

    fn sections(&mut self, source: &SongSource, seconds: f64, offset: f64) -> Vec<Section> {
        let mut sections = Vec::with_capacity(source.sections.len());
        for (index, section) in source.sections.iter().enumerate() {
            let next = source.sections.get(index + 1).map(|next| next.value.start);
            let part = &section.value;
            let end = part.end.map(f64::from).or(next).unwrap_or(seconds.max(part.start));
            if end < part.start {
                let message = format!("the section `{}` ends before it starts", part.name);
                self.decoder.say(Diagnostic::error("bad-section", section.place.clone(), message));
            } else if seconds > 0.0 && part.start >= seconds {
                let message = format!("the section `{}` starts after the song's end", part.name);
                let warning = Diagnostic::warning("outside-song", section.place.clone(), message);
                self.decoder.say(warning);
            }
            let name = part.name.as_str().into();
            sections.push(Section { name, start: part.start - offset, end: end - offset });
        }
        sections.sort_by(|a, b| a.start.total_cmp(&b.start));
        sections
    }
}

/// A constant tempo over the song, from its first downbeat on.
fn constant(beat: f64, per_bar: f64, first: f64, seconds: f64) -> (Vec<f64>, Vec<u32>) {
    let count = ((seconds - first) / beat).ceil().clamp(per_bar * 2.0, 1e6) as u32 + 1;
    let beats = (0..count).map(|index| first + beat * f64::from(index)).collect();
    (beats, (0..count).step_by(per_bar as usize).collect())
}

/// Beats evenly between the downbeats.
fn between(downs: &[f64], per_bar: u32) -> (Vec<f64>, Vec<u32>) {
    let mut beats = Vec::new();
    for pair in downs.windows(2) {
        let step = (pair[1] - pair[0]) / f64::from(per_bar);
        beats.extend((0..per_bar).map(|beat| pair[0] + step * f64::from(beat)));
    }
    beats.extend(downs.last());
    let bars = (0..beats.len() as u32).step_by(per_bar as usize).collect();
    (beats, bars)
}
