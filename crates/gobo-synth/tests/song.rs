//! The song is the same on every machine, sounds as a mix should, and is what `songs/` holds.

use std::ops::Range;
use std::path::Path;
use std::sync::LazyLock;

use gobo_audio::Decoder;
use gobo_synth::{BAR, LEAD_IN, LENGTH, RATE, SECTIONS, render, sidecar};
use xxhash_rust::xxh3::xxh3_128;

const SIDECAR: &str = include_str!("../../../songs/switch-on.song.json");

/// Rendered once for all tests.
static SONG: LazyLock<Vec<[i16; 2]>> = LazyLock::new(render);

#[test]
fn the_same_bytes_on_every_machine() {
    let bytes: Vec<u8> = SONG.iter().flatten().flat_map(|sample| sample.to_le_bytes()).collect();
    assert_eq!(SONG.len(), LENGTH);
    assert_eq!(format!("{:032x}", xxh3_128(&bytes)), "ef9886c60f078c6b4681def2e73e79d7");
}

#[test]
fn the_sidecar_is_the_committed_one() {
    assert_eq!(sidecar(), SIDECAR, "write songs/ anew: see songs/README.md");
}

#[test]
fn it_neither_clips_nor_leans() {
    for side in 0..2 {
        let samples = SONG.iter().map(|frame| f64::from(frame[side]) / 32_768.0);
        let peak = samples.clone().fold(0.0f64, |peak, sample| peak.max(sample.abs()));
        let mean = samples.sum::<f64>() / SONG.len() as f64;
        assert!((0.55..0.63).contains(&peak), "peak {peak}");
        assert!(mean.abs() < 1e-3, "offset {mean}");
    }
}

#[test]
fn the_drops_are_the_loudest() {
    let mut start = LEAD_IN;
    let mut levels = Vec::new();
    for section in &SECTIONS {
        let end = start + section.bars * BAR;
        levels.push((section.name, level_db(&SONG[start..end])));
        start = end;
    }
    let of = |name: &str| levels.iter().find(|(section, _)| *section == name).unwrap().1;
    for quieter in ["intro", "verse", "build", "break", "outro"] {
        assert!(of("drop") > of(quieter) + 1.0, "{levels:?}");
    }
    assert!(of("intro") < of("verse") - 2.0, "{levels:?}");
}

#[test]
fn the_committed_song_is_what_is_rendered() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../songs/switch-on.ogg");
    let decoded = decode(Path::new(path));
    assert_eq!(decoded.len(), SONG.len());
    let middle = SONG.len() / 2..SONG.len() / 2 + RATE as usize * 4;
    let best = (-64..=64).max_by(|&a, &b| {
        likeness(&decoded, a, middle.clone()).total_cmp(&likeness(&decoded, b, middle.clone()))
    });
    assert_eq!(best, Some(0), "frames by which the committed song is late");
    let whole = likeness(&decoded, 0, 0..SONG.len());
    assert!(whole > 0.98, "{whole}");
    // Rising noise is what a lossy codec keeps least of.
    for second in (1..SONG.len() / RATE as usize - 1).step_by(4) {
        let start = second * RATE as usize;
        let likeness = likeness(&decoded, 0, start..start + RATE as usize);
        assert!(likeness > 0.9, "{likeness} at {second} s");
    }
}

/// The correlation of the rendered frames in `range` with those `late` frames later in `decoded`.
fn likeness(decoded: &[[f32; 2]], late: isize, range: Range<usize>) -> f64 {
    let (mut both, mut ours, mut theirs) = (0.0, 0.0, 0.0);
    for at in range {
        for side in 0..2 {
            let our = f64::from(SONG[at][side]) / 32_768.0;
            let their = f64::from(decoded[at.saturating_add_signed(late)][side]);
            both += our * their;
            ours += our * our;
            theirs += their * their;
        }
    }
    both / (ours * theirs).sqrt()
}

fn decode(path: &Path) -> Vec<[f32; 2]> {
    let mut decoder = Decoder::open(path).expect("the song opens");
    assert_eq!((decoder.sample_rate(), decoder.channels()), (RATE, 2));
    let mut frames = Vec::new();
    while let Some(block) = decoder.next_block().expect("the song decodes") {
        frames.extend(block.chunks_exact(2).map(|frame| [frame[0], frame[1]]));
    }
    frames
}

/// The root mean square of both sides, in decibels under full scale.
fn level_db(frames: &[[i16; 2]]) -> f64 {
    let square = |&sample: &i16| (f64::from(sample) / 32_768.0).powi(2);
    let mean = frames.iter().flatten().map(square).sum::<f64>() / (2 * frames.len()) as f64;
    10.0 * mean.log10()
}
