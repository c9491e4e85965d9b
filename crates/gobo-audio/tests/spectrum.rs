//! What is heard in tones, clicks and songs.

#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::f64::consts::TAU;
use std::path::Path;

use gobo_audio::{BANDS, HOP_SECONDS, SongSpectrum, SpectrumPart, probe, spectrum, write_wav};

const RATE: u32 = 44_100;

/// Two seconds of left and right, by time.
fn song(sound: impl Fn(f64) -> [f64; 2]) -> SongSpectrum {
    song_at(RATE, sound)
}

fn song_at(rate: u32, sound: impl Fn(f64) -> [f64; 2]) -> SongSpectrum {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("song.wav");
    let frames = (0..2 * rate).map(|n| sound(f64::from(n) / f64::from(rate)));
    let samples: Vec<f32> = frames.flatten().map(|sample| sample as f32).collect();
    write_wav(&path, &samples, rate, 2).unwrap();
    spectrum(&path).unwrap()
}

fn tone(hz: f64, seconds: f64) -> f64 {
    0.5 * (TAU * hz * seconds).sin()
}

/// The power of a part over all frames and bands.
fn power(part: &SpectrumPart) -> f64 {
    part.bands.iter().map(|band| f64::from(*band).powi(2)).sum()
}

/// How much of its frames' power a part has in each band, in the middle of the song.
fn profile(part: &SpectrumPart) -> Vec<f64> {
    let frame = &part.bands[40 * BANDS..41 * BANDS];
    let total: f64 = frame.iter().map(|band| f64::from(*band).powi(2)).sum();
    frame.iter().map(|band| f64::from(*band).powi(2) / total).collect()
}

/// The powers of drums, bass, vocals and other.
fn powers(found: &SongSpectrum) -> [f64; 4] {
    [&found.drums, &found.bass, &found.vocals, &found.other].map(power)
}

#[test]
fn a_tone_shows_in_its_band_and_pitch_class() {
    for rate in [22_050, 44_100, 48_000, 96_000] {
        let found = song_at(rate, |at| [tone(440.0, at); 2]);
        let frames = (2.0 / HOP_SECONDS).ceil() as usize;
        assert_eq!(found.mix.bands.len(), frames * BANDS, "{rate}");
        assert_eq!(found.chroma.len(), frames);
        // 440 Hz is 53.5 semitones above 20 Hz.
        let profile = profile(&found.mix);
        let near: f64 = profile[52..=54].iter().sum();
        assert!(profile[53] > 0.4 && near > 0.95, "{rate}: {profile:?}");
        let mut pitch = [0; 12];
        pitch[9] = 255;
        assert_eq!(found.chroma[40], pitch, "{rate}");
    }
}

#[test]
fn low_pitches_have_their_class_too() {
    // C2, E2 and G2 are less than two bins of the transform apart from their neighbours' pitches.
    for (hz, class) in [(65.41, 0), (82.41, 4), (98.0, 7), (2093.0, 0), (3729.3, 10)] {
        let found = song(|at| [tone(hz, at); 2]);
        assert_eq!(found.chroma[40][class], 255, "{hz}: {:?}", found.chroma[40]);
    }
}

#[test]
fn clicks_are_struck_and_tones_sound_on() {
    let click = |at: f64| if at % 0.25 < 0.001 { 0.8 } else { 0.0 };
    let found = song(|at| [click(at); 2]);
    let [drums, sounding @ ..] = powers(&found);
    assert!(drums > 5.0 * sounding.iter().sum::<f64>(), "{drums} {sounding:?}");
    // The frames of the clicks are loud, those between are not.
    let level = |frame: usize| {
        let bands = &found.drums.bands[frame * BANDS..(frame + 1) * BANDS];
        bands.iter().map(|band| f64::from(*band).powi(2)).sum::<f64>().sqrt()
    };
    let at = |seconds: f64| level((seconds / HOP_SECONDS).round() as usize);
    assert!(at(1.0) > 20.0 * at(1.125), "{} {}", at(1.0), at(1.125));
    assert!(at(0.75) > 20.0 * at(0.875));
}

#[test]
fn what_sounds_goes_by_pitch_and_place() {
    let both = song(|at| [tone(80.0, at) + tone(1000.0, at); 2]);
    let [drums, bass, vocals, other] = powers(&both);
    assert!(bass.min(vocals) > 20.0 * drums.max(other), "{:?}", powers(&both));
    // 80 Hz is band 24 (bins are wider than bands here), 1000 Hz band 67.
    assert!(profile(&both.bass)[20..=29].iter().sum::<f64>() > 0.9);
    assert!(profile(&both.vocals)[66..=68].iter().sum::<f64>() > 0.95);
    // To the side it is no voice, but an instrument.
    let aside = song(|at| [tone(1000.0, at) + tone(80.0, at), tone(80.0, at)]);
    let [_, _, vocals, other] = powers(&aside);
    assert!(other > 20.0 * vocals, "{:?}", powers(&aside));
}

#[test]
fn silence_and_short_songs_are_measured() {
    let silent = song(|_| [0.0; 2]);
    assert!(silent.mix.bands.iter().all(|band| *band == 0));
    assert!(silent.chroma.iter().all(|classes| *classes == [0; 12]));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("short.wav");
    for samples in [1, 100, 512, 2000, 5000] {
        write_wav(&path, &vec![0.5; samples], RATE, 1).unwrap();
        let found = spectrum(&path).unwrap();
        let seconds = samples as f64 / f64::from(RATE);
        let frames = (seconds / HOP_SECONDS).ceil().max(1.0) as usize;
        assert_eq!(found.mix.bands.len(), frames * BANDS, "{samples}");
        assert_eq!(found.other.bands.len(), frames * BANDS);
        assert_eq!(found.chroma.len(), frames);
    }
}

#[test]
fn the_same_again_gives_the_same() {
    let noise = |at: f64| (at * 12_345.678).fract() - 0.5;
    assert!(song(|at| [noise(at), tone(300.0, at)]) == song(|at| [noise(at), tone(300.0, at)]));
}

#[test]
fn a_real_song_has_beats_in_its_drums() {
    let songs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/songs");
    let path = songs.join("t01_pop120.mp3");
    if !path.is_file() {
        eprintln!("SKIPPED: there is no {}", path.display());
        return;
    }
    let found = spectrum(&path).unwrap();
    let frames = (probe(&path).unwrap().seconds / HOP_SECONDS).ceil() as usize;
    assert_eq!(found.mix.bands.len(), frames * BANDS);
    for part in [&found.drums, &found.bass, &found.vocals, &found.other] {
        assert_eq!(part.bands.len(), frames * BANDS);
        assert!(part.bands.iter().any(|band| *band > 1000));
    }
    // The drums of a song at 120 a minute repeat after a beat, better than after 3/4 of one.
    let onset = |frame: usize| -> f64 {
        let sum = |frame: usize| -> f64 {
            found.drums.bands[frame * BANDS..(frame + 1) * BANDS]
                .iter()
                .copied()
                .map(f64::from)
                .sum()
        };
        (sum(frame + 1) - sum(frame)).max(0.0)
    };
    let alike = |lag: f64| -> f64 {
        let lag = (lag / HOP_SECONDS).round() as usize;
        (0..frames - lag - 1).map(|frame| onset(frame) * onset(frame + lag)).sum()
    };
    assert!(alike(0.5) > 1.3 * alike(0.375), "{} {}", alike(0.5), alike(0.375));
}
