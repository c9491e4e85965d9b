//! What is known of a song: length, tempo, beats and sections, of every generation.

use gobo_show::diagnostic::{Diagnostic, Place, Spot};
use gobo_show::profile::slug;
use serde_json::{Map, Value, json};

use super::files::{Files, Sheet};
use super::value::{Document, Json};
use super::{Facts, venue};
use crate::{Folder, Imported};

/// The longest a song without a length is taken to be, and how long one is of which nothing is
/// known, in seconds.
const LONGEST: f64 = 360.0;

/// A song's facts.
#[derive(Debug)]
pub(super) struct Song {
    name: String,
    seconds: f64,
    fps: u32,
    /// Beats a minute; 0 if unknown.
    pub(super) bpm: f64,
    /// Its sound, a file in `songs`.
    sound: Option<String>,
}

/// What the files of a song say.
#[derive(Debug, Default)]
struct Said {
    seconds: Option<f64>,
    bpm: Option<f64>,
    beats: Vec<f64>,
    downbeats: Vec<f64>,
    sections: Vec<(String, f64, f64)>,
    /// The latest time of all that is marked in the song.
    latest: f64,
}

impl Song {
    /// Reads what is known of a song, and writes its sidecar.
    pub(super) fn read(
        folder: &dyn Folder,
        files: &Files,
        sheet: &Sheet,
        facts: Facts,
        out: &mut Imported,
        faults: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut said = Said::default();
        let mut read = |path: Option<&String>, take: fn(&mut Said, &Json<'_>)| {
            let Some(path) = path else { return };
            match Document::read(folder, path) {
                Ok(document) => take(&mut said, &document.root()),
                Err(fault) => faults.push(fault),
            }
        };
        let song = &sheet.song;
        let old = [format!("{song}.metadata.json"), format!("{song}.meta.json")];
        read(files.named(&old), Said::metadata);
        read(files.of_song(song, "info.json"), Said::info);
        read(files.of_song(song, "beats.json"), Said::beats);
        read(files.of_song(song, "sections.json"), Said::sections);
        let place = Place { file: sheet.path.as_str().into(), spot: Spot::File };
        let seconds = facts.seconds.or_else(|| said.length());
        if seconds.is_none() {
            let why =
                format!("is not known: the show takes {LONGEST} s (`--length` gives another)");
            out.note(format!("the length of `{song}`"), why, place.clone());
        }
        let mut this = Self {
            name: song.clone(),
            seconds: seconds.unwrap_or(LONGEST),
            fps: facts.fps.unwrap_or(super::FPS).max(1),
            bpm: facts.bpm.or(said.bpm).unwrap_or(0.0),
            sound: None,
        };
        let names: Vec<String> =
            ["mp3", "ogg", "flac", "wav", "m4a"].map(|kind| format!("{song}.{kind}")).to_vec();
        match files.named(&names).map(|path| (path, folder.read(path))) {
            Some((path, Ok(bytes))) if is_sound(&bytes) => {
                let name = super::files::split(path).1.to_owned();
                out.files.insert(format!("songs/{name}"), bytes);
                this.sound = Some(name);
            }
            _ => {
                let why = "is not among the files: the show plays silent until `song` names it";
                out.note(format!("the sound of `{song}`"), why, place);
            }
        }
        out.text(format!("songs/{song}.song.json"), said.sidecar(song, this.bpm));
        this
    }

    /// The show's `show.toml`.
    pub(super) fn show(&self) -> String {
        let frames = ((self.seconds * f64::from(self.fps)).ceil().max(0.0) as u64 + 1).max(1);
        let length = frames as f64 / f64::from(self.fps);
        let song = self.sound.as_ref().map(|name| format!("song = {}\n", json!(name)));
        format!(
            "title = {}\n{}venue = \"{}\"\nfps = {}\n# {frames} frames: the song's {} s and one more.\n\
             length = {length:?}\ncues = [\"cues.json\"]\n",
            json!(self.name),
            song.unwrap_or_default(),
            venue::NAME,
            self.fps,
            self.seconds,
        )
    }
}

/// Whether a file begins as sound does, and not as the pointer to a file that is elsewhere.
fn is_sound(bytes: &[u8]) -> bool {
    let marks: [&[u8]; 5] = [b"ID3", b"\xff", b"OggS", b"fLaC", b"RIFF"];
    marks.iter().any(|mark| bytes.starts_with(mark)) || bytes.get(4..8) == Some(b"ftyp")
}

impl Said {
    /// The length: what is said, or else the end of the last section.
    fn length(&self) -> Option<f64> {
        let positive = |seconds: &f64| *seconds > 0.0;
        self.seconds.filter(positive).or_else(|| {
            let last = self.sections.iter().map(|section| section.2).fold(self.latest, f64::max);
            Some(last.min(LONGEST)).filter(positive)
        })
    }

    fn info(&mut self, json: &Json<'_>) {
        let number = |key: &str| json.get(key).and_then(|value| value.float());
        self.seconds = number("duration").or(self.seconds);
        self.bpm = number("bpm").or(self.bpm);
    }

    /// The oldest kind: everything in one file.
    fn metadata(&mut self, json: &Json<'_>) {
        self.info(json);
        for (name, range) in json.get("parts").iter().flat_map(Json::members) {
            let range: Vec<f64> = range.items().iter().filter_map(Json::float).collect();
            if let [start, end, ..] = range.as_slice() {
                self.sections.push((name.to_owned(), *start, *end));
            }
        }
        let marks = ["hints", "drums"].into_iter().filter_map(|key| json.get(key));
        let times = marks.flat_map(|all| {
            all.members().into_iter().flat_map(|(_, list)| list.items()).collect::<Vec<_>>()
        });
        self.latest = times.filter_map(|time| time.float()).fold(self.latest, f64::max);
        if self.length().is_none() {
            self.seconds = json.get("length").and_then(|length| length.float());
        }
    }

    fn beats(&mut self, json: &Json<'_>) {
        let beats = if json.is_list() { Some(json.clone()) } else { json.get("beats") };
        for beat in beats.iter().flat_map(Json::items) {
            let Some(time) = beat.get("time").unwrap_or_else(|| beat.clone()).float() else {
                continue;
            };
            if self.beats.last().is_some_and(|last| *last >= time) {
                continue;
            }
            self.beats.push(time);
            let starts_bar = match beat.get("type").and_then(|kind| kind.text()) {
                Some(kind) => kind == "downbeat",
                None => beat.get("beat").and_then(|beat| beat.int()) == Some(1),
            };
            if starts_bar {
                self.downbeats.push(time);
            }
        }
    }

    fn sections(&mut self, json: &Json<'_>) {
        let all = if json.is_list() { Some(json.clone()) } else { json.get("sections") };
        let all: Vec<_> = all.iter().flat_map(Json::items).collect();
        let section = |section: &Json<'_>| {
            let number = |keys: [&str; 2]| keys.iter().find_map(|key| section.get(key)?.float());
            let text = |keys: [&str; 2]| keys.iter().find_map(|key| section.get(key)?.text());
            let name = text(["label", "name"]).unwrap_or_else(|| "section".to_owned());
            Some((name, number(["start_s", "start"])?, number(["end_s", "end"])?))
        };
        if !all.is_empty() {
            self.sections = all.iter().filter_map(section).collect();
        }
    }

    fn sidecar(&self, song: &str, bpm: f64) -> String {
        let mut sidecar = Map::new();
        sidecar.insert("title".to_owned(), json!(song));
        if (10.0..=1000.0).contains(&bpm) {
            sidecar.insert("bpm".to_owned(), json!(bpm));
        }
        if !self.beats.is_empty() {
            sidecar.insert("beats".to_owned(), json!(self.beats));
        }
        if !self.downbeats.is_empty() {
            sidecar.insert("downbeats".to_owned(), json!(self.downbeats));
        }
        let rising = self.sections.iter().filter(|(_, start, end)| end >= start);
        let sections: Vec<Value> = rising
            .map(|(name, start, end)| json!({ "name": slug(name), "start": start, "end": end }))
            .collect();
        if !sections.is_empty() {
            sidecar.insert("sections".to_owned(), sections.into());
        }
        super::listed(&sidecar.into(), "sections")
    }
}
