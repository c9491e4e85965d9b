//! What is known of the song, in the format of a sidecar `<song>.song.json`.

use serde_json::{Value, json};

use crate::arrangement::SECTIONS;
use crate::{BAR, BARS, BEATS_PER_BAR, BPM, LEAD_IN, RATE, SIXTEENTH};

/// The sidecar's text: title, tempo, beats, downbeats, sections and chords, in seconds rounded to
/// microseconds.
pub fn sidecar() -> String {
    let beats = (0..=BARS * 4).map(|beat| json!(seconds(LEAD_IN + beat * 4 * SIXTEENTH)));
    let downbeats = (0..=BARS).map(|bar| json!(seconds(bar_start(bar))));
    let fields = [
        ("title", json!("Switch On").to_string()),
        ("bpm", json!(BPM).to_string()),
        ("beats_per_bar", json!(BEATS_PER_BAR).to_string()),
        ("beats", list(&beats.collect::<Vec<_>>(), 12)),
        ("downbeats", list(&downbeats.collect::<Vec<_>>(), 12)),
        ("sections", list(&sections(), 1)),
        ("chords", list(&chords(), 4)),
    ];
    let fields = fields.map(|(key, text)| format!("  {}: {text}", json!(key)));
    format!("{{\n{}\n}}\n", fields.join(",\n"))
}

/// A JSON list, `per_line` values in each line, as a person would wrap it.
fn list(values: &[Value], per_line: usize) -> String {
    let line = |line: &[Value]| {
        let values: Vec<_> = line.iter().map(Value::to_string).collect();
        format!("    {}", values.join(", "))
    };
    format!("[\n{}\n  ]", values.chunks(per_line).map(line).collect::<Vec<_>>().join(",\n"))
}

fn sections() -> Vec<Value> {
    let mut bar = 0;
    let section = |(name, bars): (&str, usize)| {
        let (start, end) = (bar_start(bar), bar_start(bar + bars));
        bar += bars;
        json!({ "name": name, "start": seconds(start), "end": seconds(end) })
    };
    SECTIONS.iter().map(|section| (section.name, section.bars)).map(section).collect()
}

fn chords() -> Vec<Value> {
    let bars = SECTIONS.iter().flat_map(|section| {
        (0..section.bars).map(move |bar| section.chords[bar % section.chords.len()].name)
    });
    let chord = |(bar, name)| json!({ "time": seconds(bar_start(bar)), "name": name });
    bars.enumerate().map(chord).collect()
}

/// The first frame of a bar, counted from 0.
fn bar_start(bar: usize) -> usize {
    LEAD_IN + bar * BAR
}

/// A frame's time, rounded to microseconds so that it reads well.
fn seconds(frame: usize) -> f64 {
    (frame as f64 / f64::from(RATE) * 1e6).round() / 1e6
}
