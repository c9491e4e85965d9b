//! A song's spectrum over time, and what of it is struck, low, sung, or the rest.
//!
//! All sums are in 64-bit floats by a transform without processor-specific code, and what comes
//! out is cut to whole steps, so that the last digits of a platform's sine change no value.

mod bands;
mod chroma;
mod frames;
mod split;

use std::path::Path;

use crate::AudioError;
use bands::Bands;
use chroma::Chroma;
use frames::Frames;
use split::{Shares, Split};

/// The version of the analysis: it rises with every change that can change a value.
pub const SPECTRUM_VERSION: u32 = 1;

/// Bands of a frame: semitones from [`LOWEST_HZ`] to above 11 kHz.
pub const BANDS: usize = 110;

/// Where the lowest band begins, in hertz.
pub const LOWEST_HZ: f64 = 20.0;

/// Seconds from one frame to the next: 512 samples at 22,050 Hz, 43 frames a second.
pub const HOP_SECONDS: f64 = 512.0 / 22_050.0;

/// The amplitudes of a part of a song in [`BANDS`] bands, frame by frame; `u16::MAX` is the
/// amplitude of the song's loudest frame, all bands together.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SpectrumPart {
    /// Frame by frame, from the lowest band up.
    pub bands: Vec<u16>,
}

/// What [`spectrum`] finds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SongSpectrum {
    /// All of the sound.
    pub mix: SpectrumPart,
    /// What is struck: short and of all frequencies.
    pub drums: SpectrumPart,
    /// What sounds on below 250 Hz.
    pub bass: SpectrumPart,
    /// What sounds on in the middle of the stereo picture, from 250 to 4,000 Hz.
    pub vocals: SpectrumPart,
    /// The rest of what sounds on.
    pub other: SpectrumPart,
    /// How strong each pitch class is in each frame, C first; `u8::MAX` is the frame's strongest.
    pub chroma: Vec<[u8; 12]>,
}

/// Analyses the song at `path`; the middle of frame `n` is at `n` times [`HOP_SECONDS`].
pub fn spectrum(path: &Path) -> Result<SongSpectrum, AudioError> {
    let mut frames = Frames::open(path)?;
    let bins = frames.bins();
    let (bands, chroma) = (Bands::new(bins, frames.bin_hz()), Chroma::new(frames.bin_hz()));
    let mut split = Split::new(bins, frames.bin_hz());
    let mut found = Gathered::default();
    while let Some(frame) = frames.next_frame()? {
        if let Some(shares) = split.push(frame) {
            found.push(shares, &bands, &chroma);
        }
    }
    while let Some(shares) = split.drain() {
        found.push(shares, &bands, &chroma);
    }
    Ok(found.finish())
}

/// The bands' powers as they come.
#[derive(Default)]
struct Gathered {
    parts: [Vec<f32>; 5],
    chroma: Vec<[u8; 12]>,
}

impl Gathered {
    fn push(&mut self, shares: &Shares, bands: &Bands, chroma: &Chroma) {
        for (part, powers) in self.parts.iter_mut().zip(&shares.powers) {
            part.extend(bands.of(powers).map(|power| power as f32));
        }
        self.chroma.push(chroma.of(&shares.sounding));
    }

    fn finish(self) -> SongSpectrum {
        let total = |frame: &[f32]| frame.iter().map(|power| f64::from(*power)).sum::<f64>();
        let loudest = self.parts[0].chunks_exact(BANDS).map(total).fold(0.0, f64::max);
        // Below this a song is the rounding of silence.
        let scale = if loudest > 1e-9 { f64::from(u16::MAX) / loudest.sqrt() } else { 0.0 };
        let step = |power: &f32| (f64::from(*power).sqrt() * scale).round() as u16;
        let part = |powers: Vec<f32>| SpectrumPart { bands: powers.iter().map(step).collect() };
        let [mix, drums, bass, vocals, other] = self.parts.map(part);
        SongSpectrum { mix, drums, bass, vocals, other, chroma: self.chroma }
    }
}
