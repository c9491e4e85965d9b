//! What a song sounds like over time, as plain data: the loudness of its bands, of what is struck,
//! low and sung in it, and its pitch classes.

use std::ops::Range;

use crate::decode::choice;

/// Bands of a frame: semitones from [`LOWEST_HZ`] to above 11 kHz.
pub const BANDS: usize = 110;

/// Where the lowest band begins, in hertz.
pub const LOWEST_HZ: f64 = 20.0;

/// A song's spectrum over time. All numbers are whole steps, so that what is worked out of them
/// is the same on every machine.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Spectrum {
    /// Stands for the song's bytes, its stems' bytes and the version of the analysis.
    pub hash: u128,
    /// Seconds from one frame to the next; the middle of frame 0 is the song's start.
    pub hop_seconds: f64,
    /// All of the sound.
    pub mix: StemSpectrum,
    /// What is struck.
    pub drums: StemSpectrum,
    /// What sounds on below 250 Hz.
    pub bass: StemSpectrum,
    /// What is sung.
    pub vocals: StemSpectrum,
    /// The rest.
    pub other: StemSpectrum,
    /// How strong each pitch class is in each frame, C first; `u8::MAX` is the frame's strongest,
    /// and a silent frame has none.
    pub chroma: Vec<[u8; 12]>,
}

/// The amplitudes of a sound in [`BANDS`] bands, frame by frame.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StemSpectrum {
    /// Frame by frame, from the lowest band up; `u16::MAX` is the amplitude of the loudest frame
    /// of the file that it was found in, all bands together.
    pub bands: Vec<u16>,
}

/// A part of a song's sound.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, serde::Serialize)]
pub enum Stem {
    /// All of it.
    #[default]
    Mix,
    /// What is struck.
    Drums,
    /// What sounds on below 250 Hz.
    Bass,
    /// What is sung.
    Vocals,
    /// The rest.
    Other,
}

choice! { Stem, "stem":
    Mix = "mix", "All of the sound.";
    Drums = "drums", "What is struck.";
    Bass = "bass", "What sounds on below 250 Hz.";
    Vocals = "vocals", "What is sung.";
    Other = "other", "The rest.";
}

impl Spectrum {
    /// The spectrum of a stem.
    pub fn stem(&self, stem: Stem) -> &StemSpectrum {
        match stem {
            Stem::Mix => &self.mix,
            Stem::Drums => &self.drums,
            Stem::Bass => &self.bass,
            Stem::Vocals => &self.vocals,
            Stem::Other => &self.other,
        }
    }

    /// The loudness over time of what a filter lets through: `gain` gives the amplitude that it
    /// leaves of a frequency in hertz, 0 to 1. 1 is the loudest frame of what is let through.
    pub fn levels(&self, stem: Stem, gain: impl Fn(f64) -> f64) -> Levels {
        let gains: Vec<f64> = (0..BANDS).map(|band| gain(middle_hz(band))).collect();
        self.weighted(stem, &gains)
    }

    /// The loudness over time of the frequencies from `range.start` to `range.end` hertz; 1 is
    /// the loudest frame of these.
    pub fn levels_in(&self, stem: Stem, range: &Range<f64>) -> Levels {
        let share = |band: usize| {
            let (low, high) = (edge_hz(band), edge_hz(band + 1));
            let common = high.min(range.end) - low.max(range.start);
            // The part of the power that lies inside, as an amplitude.
            (common / (high - low)).clamp(0.0, 1.0).sqrt()
        };
        let gains: Vec<f64> = (0..BANDS).map(share).collect();
        self.weighted(stem, &gains)
    }

    fn weighted(&self, stem: Stem, gains: &[f64]) -> Levels {
        let amplitude = |frame: &[u16]| {
            let scaled = frame.iter().zip(gains).map(|(band, gain)| f64::from(*band) * gain);
            scaled.map(|band| band * band).sum::<f64>().sqrt()
        };
        let frames = self.stem(stem).bands.chunks_exact(BANDS);
        let mut levels: Vec<f64> = frames.map(amplitude).collect();
        let loudest = levels.iter().copied().fold(0.0, f64::max);
        if loudest > 0.0 {
            levels.iter_mut().for_each(|level| *level /= loudest);
        }
        Levels { hop_seconds: self.hop_seconds, levels }
    }

    /// The strength of a pitch class (0 is C) at `seconds` of the song, 0 to 1.
    pub fn pitch_class(&self, class: usize, seconds: f64) -> f64 {
        let strength = |index: usize| {
            let classes = self.chroma.get(index).or(self.chroma.last());
            classes.and_then(|classes| classes.get(class)).map_or(0.0, |step| f64::from(*step))
        };
        between(seconds / self.hop_seconds, strength) / 255.0
    }
}

/// A loudness over a song's time.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Levels {
    /// Seconds from one level to the next.
    pub hop_seconds: f64,
    /// The levels, 0 to 1, from the song's start on.
    pub levels: Vec<f64>,
}

impl Levels {
    /// The level at `seconds` of the song: straight between frames, 0 before and after it.
    pub fn at(&self, seconds: f64) -> f64 {
        let position = seconds / self.hop_seconds;
        if !(0.0..=self.levels.len() as f64).contains(&position) {
            return 0.0;
        }
        between(position, |index| self.levels.get(index).copied().unwrap_or(0.0))
    }
}

/// Straight between the values at the whole numbers around `position`.
fn between(position: f64, value: impl Fn(usize) -> f64) -> f64 {
    let position = position.max(0.0);
    let (index, along) = (position.floor(), position - position.floor());
    value(index as usize) * (1.0 - along) + value(index as usize + 1) * along
}

/// Where a band begins, in hertz.
pub fn edge_hz(band: usize) -> f64 {
    LOWEST_HZ * libm::exp2(band as f64 / 12.0)
}

/// The middle of a band, in hertz.
pub fn middle_hz(band: usize) -> f64 {
    LOWEST_HZ * libm::exp2((band as f64 + 0.5) / 12.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames with one loud band each.
    fn spectrum(loud: &[(usize, u16)]) -> Spectrum {
        let frame = |(band, loud): &(usize, u16)| {
            let mut bands = vec![0; BANDS];
            bands[*band] = *loud;
            bands
        };
        let mix = StemSpectrum { bands: loud.iter().flat_map(frame).collect() };
        Spectrum { hop_seconds: 0.5, mix, ..Spectrum::default() }
    }

    #[test]
    fn levels_are_of_the_range_and_go_straight_between_frames() {
        let song = spectrum(&[(0, 1000), (50, 4000), (0, 500), (50, 1000)]);
        let low = song.levels_in(Stem::Mix, &(20.0..100.0));
        assert_eq!(low.levels, [1.0, 0.0, 0.5, 0.0]);
        assert_eq!([0.0, 0.25, 0.5, 1.0].map(|at| low.at(at)), [1.0, 0.5, 0.0, 0.5]);
        assert_eq!([-0.01, 2.01, f64::NAN].map(|at| low.at(at)), [0.0; 3]);
        let all = song.levels(Stem::Mix, |_| 1.0);
        assert_eq!(all.levels, [0.25, 1.0, 0.125, 0.25]);
        assert_eq!(song.levels(Stem::Drums, |_| 1.0).levels, [0.0; 0]);
    }

    #[test]
    fn half_a_band_has_half_its_power() {
        let song = spectrum(&[(24, 1000), (36, 1000)]);
        let (low, high) = (edge_hz(24), edge_hz(25));
        let levels = song.levels_in(Stem::Mix, &((low + high) / 2.0..10_000.0)).levels;
        assert!((levels[0] - 0.5_f64.sqrt()).abs() < 1e-12 && levels[1] == 1.0, "{levels:?}");
    }
}
