//! Tracks: the sound, and what is known of it.

use gobo_show::Grid;
use gobo_show::pretty::pretty;
use serde_json::{Map, Value, json};

use super::Writer;
use super::source::{Beats, Track};
use crate::folder::Folder;
use crate::native::{Names, exact, number};

/// The endings of sound files that gobo plays.
const SOUNDS: [&str; 6] = ["mp3", "ogg", "flac", "wav", "m4a", "aac"];

/// The names of pitch classes, from C.
const PITCHES: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];

/// A track as a song.
#[derive(Clone)]
pub(super) struct Song {
    /// Its file in `songs/`.
    pub(super) file: String,
    /// For people.
    pub(super) title: String,
    /// Its beats, in seconds of the song.
    pub(super) grid: Grid,
}

/// Writes a track's sound and its facts; `last` is when the last light on it ends, in seconds.
pub(super) fn song(
    track: &Track,
    last: f64,
    folder: &dyn Folder,
    names: &mut Names,
    writer: &mut Writer,
) -> Song {
    let title = match &track.artist {
        Some(artist) => format!("{artist} - {}", track.title),
        None => track.title.clone(),
    };
    let name = names.take(&title);
    let (mut facts, grid) = facts(track, writer);
    let ending = track.path.rsplit('.').next().unwrap_or_default().to_lowercase();
    let sound = sound(&track.path, folder).filter(|_| SOUNDS.contains(&ending.as_str()));
    let file = match sound {
        Some(bytes) => {
            let file = format!("{name}.{ending}");
            writer.imported.files.insert(format!("songs/{file}"), bytes);
            file
        }
        None => {
            let known = |times: &str| facts.get(times)?.as_array()?.last()?.as_f64();
            let seconds = track.seconds.or_else(|| known("beats")).unwrap_or_default().max(last);
            let seconds = seconds.clamp(1.0, 7200.0);
            let file = format!("{name}.wav");
            let why = format!(
                "is not there as a sound that can be played: songs/{file} is {} s of silence",
                number(seconds)
            );
            writer.note(format!("`{}` of the track `{title}`", track.path), why);
            writer.imported.files.insert(format!("songs/{file}"), silence(seconds));
            file
        }
    };
    facts.insert("title".to_owned(), title.as_str().into());
    facts.sort_keys();
    writer.imported.text(format!("songs/{name}.song.json"), pretty(&facts.into()));
    Song { file, title, grid }
}

/// A track's sound: where the database says, or in the folder by its name.
fn sound(path: &str, folder: &dyn Folder) -> Option<Vec<u8>> {
    if path.is_empty() {
        return None;
    }
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let beside = || folder.files().into_iter().find(|file| file.rsplit('/').next() == Some(name));
    folder.read(path).ok().or_else(|| folder.read(&beside()?).ok())
}

/// So many seconds of nothing: a WAV file, 8 bits, 8 kHz, one channel.
fn silence(seconds: f64) -> Vec<u8> {
    const RATE: u32 = 8000;
    let samples = (seconds * f64::from(RATE)).ceil() as u32;
    let mut bytes = Vec::with_capacity(44 + samples as usize);
    bytes.extend(b"RIFF");
    bytes.extend((36 + samples).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    bytes.extend([1, 0, 1, 0]);
    bytes.extend(RATE.to_le_bytes());
    bytes.extend(RATE.to_le_bytes());
    bytes.extend([1, 0, 8, 0]);
    bytes.extend(b"data");
    bytes.extend(samples.to_le_bytes());
    // The middle of 8 bits without sign.
    bytes.resize(44 + samples as usize, 128);
    bytes
}

/// What is known of a track, and the grid that it makes.
fn facts(track: &Track, writer: &mut Writer) -> (Map<String, Value>, Grid) {
    let mut facts = Map::new();
    let of = format!("the track `{}`", track.title);
    let mut grid = Grid::default();
    if let Some(source) = &track.beats {
        grid = beats(source, &of, &mut facts, writer);
    }
    if let Some(roots) =
        track.roots.as_ref().and_then(|text| writer.json("sections_json", &of, text))
    {
        let chords: Vec<Value> = roots.as_array().into_iter().flatten().filter_map(chord).collect();
        if !chords.is_empty() {
            facts.insert("chords".to_owned(), chords.into());
        }
    }
    (facts, grid)
}

/// Beats and bars; where they do not rise, or no bar starts on a beat, the tempo stands in.
fn beats(source: &Beats, of: &str, facts: &mut Map<String, Value>, writer: &mut Writer) -> Grid {
    let mut times = |column: &str, text: &Option<String>| -> Vec<f64> {
        let found = text.as_ref().and_then(|text| writer.json(column, of, text));
        let times = found.as_ref().and_then(Value::as_array).into_iter().flatten();
        let times: Vec<f64> = times.filter_map(Value::as_f64).collect();
        match times.windows(2).all(|pair| pair[0] < pair[1]) {
            true => times,
            false => {
                writer.note(format!("`{column}` of {of}"), "is left out: the times do not rise");
                Vec::new()
            }
        }
    };
    let found = times("beats_json", &source.beats);
    let mut bars = times("downbeats_json", &source.downbeats);
    let written = |times: &[f64]| times.iter().map(|time| exact(*time)).collect::<Value>();
    let per_bar = source.per_bar.unwrap_or(4).clamp(1, 64) as u32;
    if per_bar != 4 {
        facts.insert("beats_per_bar".to_owned(), per_bar.into());
    }
    if found.len() < 2 {
        let Some(bpm) = source.bpm.filter(|bpm| (1.0..1000.0).contains(bpm)) else {
            return Grid::default();
        };
        facts.insert("bpm".to_owned(), exact(bpm));
        let first = source.offset.unwrap_or_default();
        if first != 0.0 {
            facts.insert("offset".to_owned(), exact(first));
        }
        let beat = |index: u32| first + 60.0 / bpm * f64::from(index);
        let beats = (0..=8 * per_bar).map(beat).collect();
        return Grid::new(beats, (0..=8 * per_bar).step_by(per_bar as usize).collect(), vec![]);
    }
    let nearest = |down: f64| {
        let far = |index: &usize| (found[*index] - down).abs();
        (0..found.len()).min_by(|a, b| far(a).total_cmp(&far(b))).filter(|index| far(index) < 0.07)
    };
    let given = bars.len();
    bars.retain(|down| nearest(*down).is_some());
    if bars.len() < given {
        let why = format!("loses {} that fall on no beat", given - bars.len());
        writer.note(format!("`downbeats_json` of {of}"), why);
    }
    let mut downs: Vec<u32> =
        bars.iter().filter_map(|down| nearest(*down)).map(|at| at as u32).collect();
    downs.dedup();
    facts.insert("beats".to_owned(), written(&found));
    if downs.len() >= 2 {
        facts.insert("downbeats".to_owned(), written(&bars));
    } else {
        downs = (0..found.len() as u32).step_by(per_bar as usize).collect();
    }
    Grid::new(found, downs, Vec::new())
}

fn chord(root: &Value) -> Option<Value> {
    let label = root["label"].as_str().map(str::trim).filter(|label| !label.is_empty());
    let pitch = root["root"].as_u64().and_then(|root| PITCHES.get(root as usize));
    let name = label.or(pitch.copied()).unwrap_or("N");
    Some(json!({"time": exact(root["start"].as_f64()?), "name": name}))
}
