//! A song as overlapping windows, each turned into the spectra of its left and right.

use std::f64::consts::TAU;
use std::path::Path;
use std::sync::Arc;

use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlannerScalar};

use super::HOP_SECONDS;
use crate::{AudioError, Decoder};

/// The seconds of sound in a window, nearly: 2,048 samples at 22,050 Hz.
const WINDOW_SECONDS: f64 = 2048.0 / 22_050.0;
/// The highest frequency that is looked at, in hertz.
const HIGHEST_HZ: f64 = 11_600.0;

/// A frequency bin in both channels.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Bin {
    /// The power of both channels.
    pub(super) power: f64,
    /// How much of the power is the same in both, 0 (one side alone, or opposite) to 1 (the
    /// middle).
    pub(super) centre: f64,
}

/// The windows of a song, in their order.
pub(super) struct Frames {
    decoder: Decoder,
    fft: Arc<dyn Fft<f64>>,
    window: Vec<f64>,
    /// Left and right as the parts of complex numbers, from the sample `begin` of the song on.
    samples: Vec<Complex<f64>>,
    begin: i64,
    /// Whether all of the song is in `samples`.
    ended: bool,
    next: u32,
    room: Vec<Complex<f64>>,
    bins: Vec<Bin>,
}

impl Frames {
    pub(super) fn open(path: &Path) -> Result<Self, AudioError> {
        let decoder = Decoder::open(path)?;
        let rate = f64::from(decoder.sample_rate());
        let size = nearest_power_of_two(WINDOW_SECONDS * rate);
        let hann = |n: usize| 0.5 - 0.5 * (TAU * n as f64 / size as f64).cos();
        let bins = ((HIGHEST_HZ * size as f64 / rate) as usize).min(size / 2);
        Ok(Self {
            decoder,
            fft: FftPlannerScalar::new().plan_fft_forward(size),
            window: (0..size).map(hann).collect(),
            // The first window has its middle at the song's start.
            samples: vec![Complex::default(); size / 2],
            begin: -((size / 2) as i64),
            ended: false,
            next: 0,
            room: vec![Complex::default(); size],
            bins: vec![Bin::default(); bins.max(1)],
        })
    }

    /// Bins of a frame, from 0 Hz up.
    pub(super) fn bins(&self) -> usize {
        self.bins.len()
    }

    /// Hertz from one bin to the next.
    pub(super) fn bin_hz(&self) -> f64 {
        f64::from(self.decoder.sample_rate()) / self.window.len() as f64
    }

    /// The next frame; `None` after the last whose middle is in the song.
    pub(super) fn next_frame(&mut self) -> Result<Option<&[Bin]>, AudioError> {
        let size = self.window.len();
        let middle = f64::from(self.next) * HOP_SECONDS * f64::from(self.decoder.sample_rate());
        let start = middle.round() as i64 - (size / 2) as i64;
        self.read_to(start + size as i64)?;
        self.samples.drain(..((start - self.begin).max(0) as usize).min(self.samples.len()));
        self.begin = self.begin.max(start);
        if self.samples.len() <= size / 2 && self.next > 0 {
            return Ok(None);
        }
        self.next += 1;
        self.room.fill(Complex::default());
        for ((room, sample), window) in self.room.iter_mut().zip(&self.samples).zip(&self.window) {
            *room = sample * window;
        }
        self.fft.process(&mut self.room);
        for (index, bin) in self.bins.iter_mut().enumerate() {
            *bin = apart(self.room[index], self.room[(size - index) % size]);
        }
        Ok(Some(&self.bins))
    }

    /// Decodes up to the sample `end` of the song, or to its end.
    fn read_to(&mut self, end: i64) -> Result<(), AudioError> {
        let channels = usize::from(self.decoder.channels()).max(1);
        while !self.ended && self.begin + (self.samples.len() as i64) < end {
            let Some(block) = self.decoder.next_block()? else {
                self.ended = true;
                break;
            };
            self.samples.extend(block.chunks_exact(channels).map(|frame| {
                let [left, right] = [frame[0], frame[channels.min(2) - 1]];
                Complex::new(sound(left), sound(right))
            }));
        }
        Ok(())
    }
}

/// A sample; what is no number is silence.
fn sound(sample: f32) -> f64 {
    if sample.is_finite() { f64::from(sample) } else { 0.0 }
}

/// Left and right of a bin out of the transform of left + i right at the bin and its mirror.
fn apart(at: Complex<f64>, mirrored: Complex<f64>) -> Bin {
    let mirrored = mirrored.conj();
    let (left, right) = ((at + mirrored) * 0.5, (at - mirrored) * Complex::new(0.0, -0.5));
    let power = left.norm_sqr() + right.norm_sqr();
    let alike = 2.0 * (left * right.conj()).re;
    Bin { power, centre: if power > 0.0 { (alike / power).clamp(0.0, 1.0) } else { 0.0 } }
}

fn nearest_power_of_two(length: f64) -> usize {
    let above = (length.max(16.0).ceil() as usize).next_power_of_two();
    if above as f64 > length * 4.0 / 3.0 { above / 2 } else { above }
}
