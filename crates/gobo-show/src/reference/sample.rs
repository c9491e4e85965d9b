//! A project in memory in which the example of a row runs: for its picture, and for tests.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{Kind, Row};
use crate::spectrum::{BANDS, Spectrum, StemSpectrum};
use crate::world::{MemoryWorld, SongFacts};

/// What an example runs on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Pars side by side.
    Row(u32),
    /// Pars in rows and columns, seen from the audience.
    Matrix(u32, u32),
    /// Moving heads side by side.
    Spots(u32),
    /// Strobes side by side, with a speed.
    Strobes(u32),
    /// Pars side by side, every other of them white only.
    Mixed(u32),
}

/// The name of the show that runs the example.
pub const SHOW: &str = "sample";

/// Beats a minute of the sample's song.
pub const BPM: f64 = 120.0;

/// Seconds of the sample's song.
const SECONDS: f64 = 20.0;

/// Groups that examples name.
const GROUPS: [&str; 7] = ["front", "back", "bars", "spots", "matrix", "strips", "pars"];

/// The example of an effect as the only cue of a show, from its start on; `None` for what is no
/// effect, or whose example is no cue.
pub fn sample(row: &Row, stage: Stage) -> Option<MemoryWorld> {
    if row.kind != Kind::Effect {
        return None;
    }
    let mut cue: Json = serde_json::from_str(row.example).ok()?;
    cue.as_object_mut()?.insert("at".to_owned(), json!(0));
    cue.as_object_mut()?.insert("seed".to_owned(), json!(7));
    Some(project(stage, &[&json!({ "cues": [cue] }).to_string()]))
}

/// A show on `stage` whose layers are these cue files, lowest first.
pub fn project(stage: Stage, layers: &[&str]) -> MemoryWorld {
    let mut world = MemoryWorld::default();
    let mut put = |path: &str, text: String| world.files.insert(path.to_owned(), text.into());
    let names = (0..layers.len()).map(|index| format!("\"layer{index}.json\""));
    let names = names.collect::<Vec<_>>().join(", ");
    put(
        &format!("shows/{SHOW}/show.toml"),
        format!("title = \"Sample\"\nsong = \"song.ogg\"\nvenue = \"sample\"\ncues = [{names}]\n"),
    );
    for (index, layer) in layers.iter().enumerate() {
        put(&format!("shows/{SHOW}/layer{index}.json"), (*layer).to_owned());
    }
    put("songs/song.song.json", song());
    put("fixtures/sample.toml", venue(stage));
    put("fixtures/profiles/sample/par.json", profile(&["Red", "Green", "Blue"]));
    put("fixtures/profiles/sample/spot.json", profile(&["Dimmer", "Pan", "Tilt"]));
    put("fixtures/profiles/sample/strobe.json", profile(&["Dimmer", "Strobe", "Speed"]));
    put("fixtures/profiles/sample/white.json", profile(&["Dimmer"]));
    world.songs.insert("songs/song.ogg".to_owned(), SongFacts { seconds: SECONDS, hash: 1 });
    world.spectra.insert("songs/song.ogg".to_owned(), Arc::new(music()));
    world.binaries.insert("pictures/star.png".to_owned(), star().into());
    world
}

/// What is known of the song: its tempo, and two sections.
fn song() -> String {
    let section =
        |name: &str, start: u32, end: u32| json!({"name": name, "start": start, "end": end});
    let sections = [section("verse", 0, 4), section("chorus", 4, 20)];
    json!({ "bpm": BPM, "sections": sections }).to_string()
}

/// Points of interest that examples name, in metres, and pan and tilt of the first head there.
const POINTS: [(&str, [f64; 3], [u32; 2]); 3] = [
    ("piano", [-1.0, 3.0, 1.0], [30_000, 25_000]),
    ("table", [1.0, 4.0, 1.0], [36_000, 22_000]),
    ("sofa", [3.0, 2.0, 0.5], [44_000, 29_000]),
];

/// A venue of pars or moving heads, a metre high for every row of a matrix.
fn venue(stage: Stage) -> String {
    let (columns, rows, profile, slots) = match stage {
        Stage::Row(columns) => (columns, 1, "par", 3),
        Stage::Matrix(columns, rows) => (columns, rows, "par", 3),
        Stage::Spots(columns) => (columns, 1, "spot", 5),
        Stage::Strobes(columns) => (columns, 1, "strobe", 3),
        Stage::Mixed(columns) => (columns, 1, "par", 3),
    };
    let groups = GROUPS.map(|group| format!("{group:?}")).join(", ");
    let mut text = "name = \"Sample\"\n".to_owned();
    if let Stage::Spots(_) = stage {
        let _ = writeln!(text, "references = {:?}", POINTS.map(|(point, ..)| point));
    }
    for index in 0..columns * rows {
        let (column, row) = (index % columns, index / columns);
        let across = f64::from(column) - f64::from(columns - 1) / 2.0;
        let a_universe = 512 / slots;
        let (universe, address) = (1 + index / a_universe, 1 + index % a_universe * slots);
        let is_white = matches!(stage, Stage::Mixed(_)) && index % 2 == 1;
        let profile = if is_white { "white" } else { profile };
        let _ = write!(
            text,
            "\n[[fixture]]\nid = \"f{index}\"\nprofile = \"sample/{profile}\"\n\
             universe = {universe}\naddress = {address}\n\
             position = [{across:?}, 0.0, {}.0]\ngroups = [{groups}]\n",
            1 + row,
        );
    }
    if let Stage::Spots(_) = stage {
        // Down to the audience: around straight down, pan would turn on and on.
        text.push_str("\n[movement.spots]\ndirection = [0, -1, -1]\n\n[poi]\n");
        for (point, place, _) in POINTS {
            let _ = writeln!(text, "{point} = {place:?}");
        }
        for (point, _, [pan, tilt]) in POINTS {
            let _ = writeln!(text, "\n[aim.{point}]");
            for index in 0..columns {
                let _ = writeln!(text, "f{index} = [{}, {tilt}]", pan - 3_000 * index);
            }
        }
    }
    text
}

/// A profile in the Open Fixture Library's format; pan and tilt have 16 bits.
fn profile(channels: &[&str]) -> String {
    let mut available = serde_json::Map::new();
    let mut mode = Vec::new();
    for &channel in channels {
        let capabilities = match channel {
            "Dimmer" => json!({"type": "Intensity"}),
            "Pan" => json!({"type": "Pan", "angleStart": "0deg", "angleEnd": "540deg"}),
            "Strobe" => json!([
                {"dmxRange": [0, 9], "type": "ShutterStrobe", "shutterEffect": "Open"},
                {"dmxRange": [10, 255], "type": "ShutterStrobe", "shutterEffect": "Strobe",
                 "speedStart": "1Hz", "speedEnd": "25Hz"},
            ]),
            "Speed" => json!({"type": "Speed", "speedStart": "slow", "speedEnd": "fast"}),
            "Tilt" => json!({"type": "Tilt", "angleStart": "0deg", "angleEnd": "270deg"}),
            color => json!({"type": "ColorIntensity", "color": color}),
        };
        mode.push(channel.to_owned());
        let key = if capabilities.is_array() { "capabilities" } else { "capability" };
        let mut described = json!({ key: capabilities });
        if matches!(channel, "Pan" | "Tilt") {
            let fine = format!("{channel} fine");
            described["fineChannelAliases"] = json!([fine]);
            described["defaultValue"] = json!("50%");
            mode.push(fine);
        }
        available.insert(channel.to_owned(), described);
    }
    let meta =
        json!({"authors": ["gobo"], "createDate": "2026-01-01", "lastModifyDate": "2026-01-01"});
    json!({
        "name": "Sample", "categories": ["Other"], "meta": meta,
        "availableChannels": available,
        "modes": [{"name": "all", "channels": mode}],
    })
    .to_string()
}

/// Steps of the music in a second.
const HOPS: usize = 50;

/// A kick on every beat that dies away, and a melody that climbs and falls.
fn music() -> Spectrum {
    let frame = |hop: usize| {
        let beat = hop as f64 / HOPS as f64 * BPM / 60.0;
        let kick = libm::exp(-6.0 * (beat - beat.floor()));
        let melody = 40.0 + 30.0 * libm::sin(beat * 0.7) + 8.0 * libm::sin(beat * 3.1);
        (0..BANDS).map(move |band| {
            let band = band as f64;
            let away = (band - melody) / 9.0;
            let hat = 0.35 * libm::exp(-9.0 * (2.0 * beat - (2.0 * beat).floor()));
            let low = kick * libm::exp(-band / 14.0);
            let high = hat * (band / BANDS as f64);
            let loud = low.max(0.8 * libm::exp(-away * away)).max(high);
            (loud * 20_000.0) as u16
        })
    };
    let bands: Vec<u16> = (0..SECONDS as usize * HOPS).flat_map(frame).collect();
    // A note a beat, each with its fifth, up the circle of fifths.
    let chord = |hop: usize| {
        let note = hop * BPM as usize / 60 / HOPS * 7;
        let mut classes = [0; 12];
        (classes[note % 12], classes[(note + 7) % 12]) = (255, 140);
        classes
    };
    Spectrum {
        chroma: (0..SECONDS as usize * HOPS).map(chord).collect(),
        hash: 1,
        hop_seconds: 1.0 / HOPS as f64,
        drums: StemSpectrum { bands: bands.clone() },
        mix: StemSpectrum { bands },
        ..Spectrum::default()
    }
}

/// A star on a clear ground, as a PNG.
fn star() -> Vec<u8> {
    const SIDE: u32 = 32;
    let mut pixels = Vec::with_capacity((SIDE * SIDE * 4) as usize);
    for index in 0..SIDE * SIDE {
        let part = |place: u32| (f64::from(place) + 0.5) / f64::from(SIDE) * 2.0 - 1.0;
        let (x, y) = (part(index % SIDE), part(index / SIDE));
        let fifth = libm::atan2(x, -y) / (std::f64::consts::TAU / 5.0);
        let edge = 0.45 + 0.5 * (2.0 * (fifth - fifth.round()).abs() - 1.0).abs();
        let inside = libm::hypot(x, y) < edge;
        let green = (200.0 - 90.0 * y) as u8;
        pixels.extend(if inside { [255, green, 40, 255] } else { [0; 4] });
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, SIDE, SIDE);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut png| png.write_image_data(&pixels));
    debug_assert!(written.is_ok(), "writing to memory cannot fail");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::rows;

    #[test]
    fn what_other_systems_call_otherwise_runs_without_a_word() {
        for (theirs, ours, example) in crate::reference::ELSEWHERE {
            assert!(rows().iter().any(|row| row.kind == Kind::Effect && row.name == *ours));
            assert!(rows().iter().all(|row| row.name != *theirs), "{theirs}");
            let mut cue: Json = serde_json::from_str(example).unwrap();
            assert!(cue.get(ours).is_some(), "{theirs}");
            (cue["at"], cue["for"]) = (json!(0), json!("2s"));
            let text = json!({ "cues": [cue] }).to_string();
            let loaded = crate::load(&project(Stage::Matrix(6, 4), &[&text]), SHOW);
            let said: Vec<_> = loaded.diagnostics.iter().map(|said| &said.message).collect();
            let serious = loaded.diagnostics.iter().any(|said| said.code != "unused-group");
            assert!(loaded.show.is_some() && !serious, "{theirs}: {said:?}");
        }
    }

    #[test]
    fn every_effect_runs_without_a_word() {
        for row in rows() {
            let stage = match row.family {
                "movement" => Stage::Spots(4),
                _ => Stage::Matrix(6, 4),
            };
            let Some(world) = sample(&row, stage) else { continue };
            let loaded = crate::load(&world, SHOW);
            let said: Vec<_> =
                loaded.diagnostics.iter().map(|said| (said.code, &said.message)).collect();
            assert!(loaded.show.is_some(), "{}: {said:?}", row.name);
            let serious = said.iter().filter(|(code, _)| *code != "unused-group").count();
            assert_eq!(serious, 0, "{}: {said:?}", row.name);
        }
    }
}
