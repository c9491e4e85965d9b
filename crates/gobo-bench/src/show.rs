//! Generated benchmark shows: seeded, realistic, any number of universes.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// Pixel bars in a universe: ten of 16 RGB pixels take 480 of its 512 slots.
const BARS: u16 = 10;
const PIXELS: u16 = 16;
/// Cues in a show, over two layers (design: 2,000).
const CUES: u32 = 2_000;

/// Writes a project with the show `bench`: `universes` full of pixel bars, `seconds` long.
pub(crate) fn write(parent: &Path, universes: u16, seconds: u32) -> Result<PathBuf> {
    let project = parent.join(format!("bench-{universes}-{seconds}"));
    fs::create_dir_all(project.join("shows/bench"))?;
    fs::create_dir_all(project.join("fixtures/profiles/bench"))?;
    fs::create_dir_all(project.join("songs"))?;
    fs::write(project.join("fixtures/profiles/bench/bar.json"), profile())?;
    fs::write(project.join("fixtures/hall.toml"), venue(universes))?;
    fs::write(
        project.join("shows/bench/show.toml"),
        format!(
            "title = \"Benchmark\"\nvenue = \"hall\"\nlength = \"{seconds}s\"\n\
             cues = [\"base.json\", \"hits.json\"]\n"
        ),
    )?;
    let mut dice = Dice::new(universes.into());
    fs::write(project.join("shows/bench/base.json"), base(universes, seconds, &mut dice))?;
    fs::write(project.join("shows/bench/hits.json"), hits(universes, seconds, &mut dice))?;
    Ok(project)
}

/// A seeded generator (SplitMix64), so that a run can be repeated.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from 0 to below `bound`.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % u64::from(bound)) as u32
    }

    fn color(&mut self) -> String {
        format!("#{:06x}", self.below(1 << 24))
    }
}

fn profile() -> String {
    format!(
        r#"{{
  "name": "Bench Bar", "categories": ["Pixel Bar"],
  "meta": {{ "authors": ["gobo"], "createDate": "2026-01-01", "lastModifyDate": "2026-01-01" }},
  "matrix": {{ "pixelCount": [{PIXELS}, 1, 1] }},
  "availableChannels": {{}},
  "templateChannels": {{
    "Red $pixelKey": {{ "capability": {{ "type": "ColorIntensity", "color": "Red" }} }},
    "Green $pixelKey": {{ "capability": {{ "type": "ColorIntensity", "color": "Green" }} }},
    "Blue $pixelKey": {{ "capability": {{ "type": "ColorIntensity", "color": "Blue" }} }}
  }},
  "modes": [ {{ "name": "pixels", "channels": [ {{ "insert": "matrixChannels",
    "repeatFor": "eachPixelXYZ", "channelOrder": "perPixel",
    "templateChannels": ["Red $pixelKey", "Green $pixelKey", "Blue $pixelKey"] }} ] }} ]
}}"#
    )
}

fn venue(universes: u16) -> String {
    let mut text = String::from("name = \"Hall\"\n");
    for universe in 1..=universes {
        for bar in 0..BARS {
            let (x, z) = (f64::from(bar) - 4.5, f64::from(universe) * 0.1);
            let _ = write!(
                text,
                "\n[[fixture]]\nid = \"u{universe}b{bar}\"\nprofile = \"bench/bar\"\nmode = \"pixels\"\n\
                 universe = {universe}\naddress = {}\nposition = [{x}, 0.0, {z}]\ngroups = [\"u{universe}\"]\n",
                bar * PIXELS * 3 + 1,
            );
        }
    }
    let _ = write!(
        text,
        "\n[[output]]\nuniverses = \"1-{universes}\"\nprotocol = \"artnet\"\nto = \"127.0.0.1\"\n"
    );
    text
}

/// Ten stretches of the rig, or as many as there are universes.
fn stretches(universes: u16) -> Vec<String> {
    let count = universes.min(10);
    (0..count)
        .map(|part| {
            let (first, last) = (part * universes / count + 1, (part + 1) * universes / count);
            (first..=last).map(|universe| format!("u{universe}")).collect::<Vec<_>>().join(" | ")
        })
        .collect()
}

fn cue_file(blend: &str, cues: &[String]) -> String {
    format!("{{ \"layer\": {{ \"blend\": \"{blend}\" }}, \"cues\": [\n{}\n] }}\n", cues.join(",\n"))
}

/// A layer that is never still: moving effects back to back on every stretch.
fn base(universes: u16, seconds: u32, dice: &mut Dice) -> String {
    let stretches = stretches(universes);
    let each = CUES / 2 / stretches.len() as u32;
    let length = f64::from(seconds) / f64::from(each);
    let mut cues = Vec::new();
    for on in &stretches {
        for index in 0..each {
            let color = dice.color();
            let every = f64::from(dice.below(30) + 5) / 10.0;
            let effect = match dice.below(6) {
                0 => format!(r#""rainbow": {{ "every": {every}, "spread": 2 }}"#),
                1 => format!(r#""wave": {{ "every": {every}, "spread": 3, "color": "{color}" }}"#),
                2 => format!(
                    r#""chase": {{ "every": 0.02, "width": 40, "tail": 60, "color": "{color}" }}"#
                ),
                3 => format!(r#""pulse": {{ "every": {every}, "color": "{color}" }}"#),
                4 => format!(r#""color_fade": {{ "from": "{}", "to": "{color}" }}"#, dice.color()),
                _ => format!(
                    r#""fade": {{ "from": {{ "dimmer": 0.1 }}, "to": {{ "dimmer": 1, "color": "{color}" }} }}"#
                ),
            };
            let at = f64::from(index) * length;
            cues.push(format!(
                r#"  {{ "at": {at:.4}, "for": {length:.4}, "on": "{on}", {effect} }}"#
            ));
        }
    }
    cue_file("replace", &cues)
}

/// A layer of short accents that add to it.
fn hits(universes: u16, seconds: u32, dice: &mut Dice) -> String {
    let stretches = stretches(universes);
    let each = CUES / 2 / stretches.len() as u32;
    let gap = f64::from(seconds) / f64::from(each);
    let mut cues = Vec::new();
    for on in &stretches {
        for index in 0..each {
            let color = dice.color();
            let effect = match dice.below(3) {
                0 => format!(r#""flash": {{ "color": "{color}" }}"#),
                1 => format!(r#""strobe": {{ "every": "10 Hz", "color": "{color}" }}"#),
                _ => format!(r#""chase": {{ "every": 0.01, "color": "{color}" }}"#),
            };
            let at = f64::from(index) * gap;
            cues.push(format!(
                r#"  {{ "at": {at:.4}, "for": {:.4}, "then": "release", "on": "{on}", {effect} }}"#,
                gap / 3.0
            ));
        }
    }
    cue_file("add", &cues)
}
