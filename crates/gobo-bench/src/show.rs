//! Generated benchmark shows: seeded, realistic, any number of universes.

use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Pixel bars in a universe: ten of 16 RGB pixels take 480 of its 512 slots.
const BARS: u16 = 10;
const PIXELS: u16 = 16;
/// Cues in a show, over two layers (design: 2,000).
const CUES: u32 = 2_000;

/// Writes a project with the show `bench`: `universes` full of pixel bars, `seconds` long.
pub(crate) fn write(parent: &Path, universes: u16, seconds: u32) -> Result<PathBuf> {
    let project = parent.join(format!("bench-{universes}-{seconds}"));
    for (path, text) in files(universes, seconds) {
        let path = project.join(path);
        fs::create_dir_all(path.parent().context("a file in a folder")?)?;
        fs::write(path, text)?;
    }
    fs::create_dir_all(project.join("songs"))?;
    Ok(project)
}

/// The files of the project, by path.
fn files(universes: u16, seconds: u32) -> [(&'static str, String); 5] {
    let show = format!(
        "title = \"Benchmark\"\nvenue = \"hall\"\nlength = \"{seconds}s\"\n\
         cues = [\"base.json\", \"hits.json\"]\n"
    );
    let mut dice = Dice::new(universes.into());
    [
        ("fixtures/profiles/bench/bar.json", profile()),
        ("fixtures/hall.toml", venue(universes)),
        ("shows/bench/show.toml", show),
        ("shows/bench/base.json", base(universes, seconds, &mut dice)),
        ("shows/bench/hits.json", hits(universes, seconds, &mut dice)),
    ]
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

    /// A colour whose channels are in this range.
    fn color(&mut self, channels: Range<u32>) -> u32 {
        let Range { start, end } = channels;
        (0..3).fold(0, |color, _| color << 8 | (start + self.below(end - start)))
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
        let used = universes >= STRETCHES;
        let group = if used { format!("groups = [\"u{universe}\"]\n") } else { String::new() };
        for bar in 0..BARS {
            let (x, z) = (f64::from(bar) - 4.5, f64::from(universe) * 0.1);
            let _ = write!(
                text,
                "\n[[fixture]]\nid = \"u{universe}b{bar}\"\nprofile = \"bench/bar\"\nmode = \"pixels\"\n\
                 universe = {universe}\naddress = {}\nposition = [{x}, 0.0, {z}]\n{group}",
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

/// How many parts of the rig are lit apart from each other.
const STRETCHES: u16 = 10;

/// The parts of the rig, each one after another: universes, or bars where there are few universes.
fn stretches(universes: u16) -> Vec<String> {
    let all: Vec<String> = if universes < STRETCHES {
        let bars = |universe| (0..BARS).map(move |bar| format!("u{universe}b{bar}"));
        (1..=universes).flat_map(bars).collect()
    } else {
        (1..=universes).map(|universe| format!("u{universe}")).collect()
    };
    let place = |part: u16| usize::from(part) * all.len() / usize::from(STRETCHES);
    (0..STRETCHES).map(|part| all[place(part)..place(part + 1)].join(" | ")).collect()
}

fn cue_file(blend: &str, cues: &[String]) -> String {
    format!("{{ \"layer\": {{ \"blend\": \"{blend}\" }}, \"cues\": [\n{}\n] }}\n", cues.join(",\n"))
}

/// A layer that is never still: moving effects back to back on every stretch.
fn base(universes: u16, seconds: u32, dice: &mut Dice) -> String {
    let stretches = stretches(universes);
    let heads = u32::from(universes) * u32::from(BARS * PIXELS / STRETCHES);
    let each = CUES / 2 / stretches.len() as u32;
    let length = f64::from(seconds) / f64::from(each);
    let mut cues = Vec::new();
    for (part, on) in (0..).zip(&stretches) {
        for index in 0..each {
            // At any time every effect is somewhere, so that those that change less never meet.
            let (at, effect) = (f64::from(index) * length, moving(index + part, heads, dice));
            cues.push(format!(
                r#"  {{ "at": {at:.4}, "for": {length:.4}, "on": "{on}", {effect} }}"#
            ));
        }
    }
    cue_file("replace", &cues)
}

/// An effect on so many heads, one of six in turn, that changes most of them in every frame.
fn moving(turn: u32, heads: u32, dice: &mut Dice) -> String {
    let color = dice.color(64..256);
    let every = f64::from(dice.below(20) + 5) / 10.0;
    match turn % 6 {
        0 => format!(r#""rainbow": {{ "every": {every}, "spread": 2 }}"#),
        1 => format!(r##""wave": {{ "every": {every}, "spread": 3, "color": "#{color:06x}" }}"##),
        // Among so many, one light would be lost.
        2 if heads > 2_000 => format!(
            r##""wave": {{ "every": {every}, "spread": {}, "shape": "decay", "color": "#{color:06x}" }}"##,
            heads / 160
        ),
        2 => {
            // A step or more a frame, and a tail that reaches nearly all round.
            let (width, tail) = (heads.div_ceil(16), heads * 7 / 8);
            let every = (1.0 / f64::from(heads)).clamp(0.001, 0.016);
            format!(
                r##""chase": {{ "every": {every:.4}, "width": {width}, "tail": {tail}, "color": "#{color:06x}" }}"##
            )
        }
        3 => format!(
            r##""pulse": {{ "every": {every}, "shape": "triangle", "high": 0.7, "color": "#{color:06x}" }}"##
        ),
        4 => format!(
            r##""fade": {{ "from": {{ "dimmer": 0.1 }}, "to": {{ "dimmer": 1, "color": "#{color:06x}" }} }}"##
        ),
        // As bright as the fade left it, between colours far apart.
        _ => format!(
            r##""color_fade": {{ "from": "#{:06x}", "to": "#{color:06x}" }}"##,
            color ^ 0x80_a0c0
        ),
    }
}

/// A layer of short accents that add to it, dim enough to leave it to be seen, one stretch after
/// another.
fn hits(universes: u16, seconds: u32, dice: &mut Dice) -> String {
    let stretches = stretches(universes);
    let each = CUES / 2 / stretches.len() as u32;
    let gap = f64::from(seconds) / f64::from(each);
    let mut cues = Vec::new();
    for (part, on) in stretches.iter().enumerate() {
        for index in 0..each {
            let color = dice.color(0..128);
            let effect = match dice.below(3) {
                0 => format!(r##""flash": {{ "level": 0.3, "color": "#{color:06x}" }}"##),
                1 => format!(
                    r##""strobe": {{ "every": "10 Hz", "high": 0.3, "color": "#{color:06x}" }}"##
                ),
                _ => format!(
                    r##""chase": {{ "every": 0.01, "high": 0.3, "color": "#{color:06x}" }}"##
                ),
            };
            let at = gap * (f64::from(index) + part as f64 / 15.0);
            cues.push(format!(
                r#"  {{ "at": {at:.4}, "for": {:.4}, "then": "release", "on": "{on}", {effect} }}"#,
                gap / 3.0
            ));
        }
    }
    cue_file("add", &cues)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::{Counts, ENOUGH};
    use gobo_render::Timeline;
    use gobo_show::{MemoryWorld, load};

    fn timeline(universes: u16) -> Timeline {
        let mut world = MemoryWorld::default();
        for (path, text) in files(universes, 300) {
            world.files.insert(path.to_owned(), text.into());
        }
        let loaded = load(&world, "bench");
        assert_eq!(loaded.diagnostics, []);
        let show = loaded.show.expect("a show without errors");
        let cues = show.layers.iter().map(|layer| layer.cues.len()).sum::<usize>();
        assert_eq!((cues, show.layers.len()), (CUES as usize, 2));
        Timeline::new(&show)
    }

    /// What changes within one second.
    fn within(timeline: &Timeline, universe: usize, second: u32) -> Counts {
        let mut rows = vec![0; timeline.cell_len(universe, second)];
        timeline.render(universe, second, &mut rows);
        let rows: Vec<&[u8]> = rows.chunks_exact(usize::from(BARS * PIXELS * 3)).collect();
        assert_eq!(rows.len(), 60);
        let mut counts = Counts::default();
        rows.windows(2).for_each(|pair| counts.next(pair[0], pair[1]));
        counts
    }

    #[test]
    fn a_third_of_the_slots_change_in_every_frame() {
        for universes in [1, 10] {
            let timeline = timeline(universes);
            for second in (0..300).step_by(7) {
                let all = (0..universes.into()).map(|place| within(&timeline, place, second));
                let change = all.fold(Counts::default(), |sum, more| sum.add(&more)).shares();
                assert!(change.least >= ENOUGH, "{universes}, second {second}: {change:?}");
                assert!((0.5..1.0).contains(&change.lit), "{universes}: {change:?}");
            }
        }
    }
}
