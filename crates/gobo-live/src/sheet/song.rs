//! The song as programs see it.

use std::sync::Arc;

use gobo_show::Show;
use serde::Serialize;
use serde_json::Value;

use crate::sources::Sources;

/// The song of a show. Times are seconds of the show.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct SongRow {
    /// The file, relative to the project.
    pub filename: String,
    /// Its title, or else the show's.
    pub title: String,
    /// Its length in seconds.
    pub length: f64,
    /// Beats a minute; as most beats follow each other, where they are given one by one.
    pub bpm: Option<f64>,
    /// Every beat within the show.
    pub beats: Vec<BeatRow>,
    /// Its sections, by start.
    pub sections: Vec<SectionRow>,
    /// Remarks on it, in the order of the file.
    pub hints: Vec<HintRow>,
    /// Whether its sound can be asked for.
    pub audio: bool,
}

/// A beat.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct BeatRow {
    /// When, in seconds of the show.
    pub time: f64,
    /// Which one of its bar, from 1.
    pub beat: u32,
    /// Its bar, from 1; 0 and less before the first downbeat.
    pub bar: i64,
}

/// A section.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct SectionRow {
    /// Its name.
    pub name: Arc<str>,
    /// When it starts, in seconds of the show.
    pub start_s: f64,
    /// When it ends.
    pub end_s: f64,
}

/// A remark at a time of the song.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct HintRow {
    /// Its id: as given, or its place in the list, from 1, after a `#`.
    pub id: String,
    /// When it starts, in seconds of the show.
    pub time: f64,
    /// When it ends.
    pub end: Option<f64>,
    /// What it says.
    pub text: String,
}

/// The most beats that are told.
const MOST_BEATS: usize = 100_000;

pub(super) fn song(show: &Show, sources: &Sources<'_>) -> Option<SongRow> {
    let song = show.song.as_ref()?;
    let facts = sources.facts.as_ref().and_then(|path| sources.json(path)).unwrap_or_default();
    let title = facts.get("title").and_then(Value::as_str).unwrap_or(&show.title);
    let section = |section: &gobo_show::show::Section| SectionRow {
        name: Arc::clone(&section.name),
        start_s: section.start,
        end_s: section.end,
    };
    let beats = beats(show);
    let bpm = facts.get("bpm").and_then(Value::as_f64).or_else(|| tempo(&beats));
    Some(SongRow {
        filename: song.path.clone(),
        title: title.to_owned(),
        length: song.seconds,
        bpm,
        beats,
        sections: show.grid.sections.iter().map(section).collect(),
        hints: hints(&facts, song.offset),
        audio: true,
    })
}

/// The beats within the show.
fn beats(show: &Show) -> Vec<BeatRow> {
    let grid = &show.grid;
    if !grid.has_tempo() {
        return Vec::new();
    }
    let end = show.rate.seconds_at(show.frames);
    let first = grid.beat_at(0.0).ceil();
    let beat = |index: usize| {
        let beat = first + index as f64;
        let time = grid.seconds_at_beat(beat);
        // The start of a bar misses its beat by less than this.
        let bar = (grid.bar_at(time) + 1e-6).floor();
        let start = grid.beat_at(grid.seconds_at_bar(bar));
        let of_bar = (beat - start).round().max(0.0) as u32 + 1;
        BeatRow { time, beat: of_bar, bar: bar as i64 + 1 }
    };
    (0..MOST_BEATS).map(beat).take_while(|beat| beat.time < end).collect()
}

/// Beats a minute, by the median distance of two.
fn tempo(beats: &[BeatRow]) -> Option<f64> {
    let mut gaps: Vec<f64> = beats.windows(2).map(|pair| pair[1].time - pair[0].time).collect();
    gaps.sort_by(f64::total_cmp);
    let gap = gaps.get(gaps.len() / 2).filter(|gap| **gap > 0.0)?;
    Some((60.0 / gap * 100.0).round() / 100.0)
}

/// The remarks in a song's facts; `offset` is where the show starts in the song, in seconds.
fn hints(facts: &Value, offset: f64) -> Vec<HintRow> {
    let all = facts.get("hints").and_then(Value::as_array);
    let hint = |(index, hint): (usize, &Value)| {
        let number = |key: &str| Some(hint.get(key)?.as_f64()? - offset);
        let text = hint.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
        let time = number("time").unwrap_or_default();
        HintRow { id: hint_id(index, hint), time, end: number("end"), text }
    };
    all.into_iter().flatten().enumerate().map(hint).collect()
}

/// The id of the hint at a place of the list.
pub(crate) fn hint_id(index: usize, hint: &Value) -> String {
    match hint.get("id").and_then(Value::as_str) {
        Some(id) => id.to_owned(),
        None => format!("#{}", index + 1),
    }
}
