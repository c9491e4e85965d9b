//! A song as it is drawn: how loud it is from piece to piece, and how much of it is low, middle
//! and high.

use std::path::Path;

use crate::{AudioError, Decoder};

/// Pieces a second: one every 20 ms, about a pixel of a laptop's width for half a minute.
pub const PEAK_RATE: u32 = 50;
/// Where low ends and where high begins, in hertz: kick and bass below, cymbals above.
const SPLITS_HZ: [f64; 2] = [250.0, 4_000.0];

/// What [`peaks`] finds: for each piece, 0 to 255.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Peaks {
    /// The highest of its samples; 255 is full scale.
    pub peak: Vec<u8>,
    /// The highest of what lies below 250 Hz.
    pub low: Vec<u8>,
    /// The highest of what lies between.
    pub mid: Vec<u8>,
    /// The highest of what lies above 4 kHz.
    pub high: Vec<u8>,
    /// The length in seconds.
    pub seconds: f64,
}

/// One pole that lets low frequencies through.
#[derive(Clone, Copy, Default)]
struct LowPass {
    part: f64,
    level: f64,
}

impl LowPass {
    fn new(hz: f64, rate: f64) -> Self {
        Self { part: 1.0 - (-std::f64::consts::TAU * hz / rate).exp(), level: 0.0 }
    }

    fn next(&mut self, sample: f64) -> f64 {
        self.level += self.part * (sample - self.level);
        self.level
    }
}

/// The song at `path`, all channels together.
///
/// # Errors
/// [`AudioError`], if it cannot be opened. Where it breaks off later, so do the peaks.
pub fn peaks(path: &Path) -> Result<Peaks, AudioError> {
    let mut decoder = Decoder::open(path)?;
    let (rate, channels) = (f64::from(decoder.sample_rate()), usize::from(decoder.channels()));
    let mut splits = SPLITS_HZ.map(|hz| LowPass::new(hz, rate));
    let (mut found, mut piece, mut frame) = (Peaks::default(), [0.0_f64; 4], 0_u64);
    let mut end = piece_end(1, rate);
    while let Ok(Some(block)) = decoder.next_block() {
        for samples in block.chunks_exact(channels.max(1)) {
            let sum: f64 = samples.iter().map(|sample| f64::from(*sample)).sum();
            let sample = sum / channels.max(1) as f64;
            let loudest = samples.iter().map(|sample| f64::from(sample.abs())).fold(0.0, f64::max);
            let (low, below) = (splits[0].next(sample), splits[1].next(sample));
            for (highest, part) in piece.iter_mut().zip([loudest, low, below - low, sample - below])
            {
                *highest = highest.max(part.abs());
            }
            frame += 1;
            if frame >= end {
                found.push(std::mem::take(&mut piece));
                end = piece_end(found.peak.len() as u64 + 1, rate);
            }
        }
    }
    if piece != [0.0; 4] {
        found.push(piece);
    }
    found.seconds = frame as f64 / rate;
    Ok(found)
}

/// The frame before which a piece ends, counted from 1.
fn piece_end(piece: u64, rate: f64) -> u64 {
    (piece as f64 * rate / f64::from(PEAK_RATE)).round() as u64
}

impl Peaks {
    fn push(&mut self, piece: [f64; 4]) {
        let [peak, low, mid, high] = piece.map(|level| (level.min(1.0) * 255.0).round() as u8);
        self.peak.push(peak);
        self.low.push(low);
        self.mid.push(mid);
        self.high.push(high);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_low_is_drawn_low_and_what_is_high_high() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tones.wav");
        let rate = 44_100;
        // A second each of 60 Hz, 1 kHz, 10 kHz, and half a second of nothing.
        let tone = |hz: f64, frame: u32| {
            (std::f64::consts::TAU * hz * f64::from(frame) / f64::from(rate)).sin() as f32 * 0.5
        };
        let samples: Vec<f32> = (0..rate * 7 / 2)
            .map(|frame| match frame / rate {
                0 => tone(60.0, frame),
                1 => tone(1_000.0, frame),
                2 => tone(10_000.0, frame),
                _ => 0.0,
            })
            .collect();
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: rate,
            bits_per_sample: 32,
            sample_format: hound::SampleFormat::Float,
        };
        let mut writer = hound::WavWriter::create(&path, spec).unwrap();
        samples.iter().for_each(|sample| writer.write_sample(*sample).unwrap());
        writer.finalize().unwrap();
        let found = peaks(&path).unwrap();
        assert_eq!(found.peak.len(), 175);
        assert!((found.seconds - 3.5).abs() < 1e-9);
        let at = |piece: usize| [found.low[piece], found.mid[piece], found.high[piece]];
        let loudest = |piece: usize| (0..3).max_by_key(|band| at(piece)[*band]).unwrap();
        assert_eq!([loudest(25), loudest(75), loudest(125)], [0, 1, 2]);
        assert!((126..=129).contains(&found.peak[25]), "{}", found.peak[25]);
        assert_eq!((found.peak[170], at(170)), (0, [0; 3]));
    }
}
