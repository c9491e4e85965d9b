use super::{BITS, Word};
use crate::Timecode;

/// Makes the sound of timecode, one frame after the other.
#[derive(Clone, Debug)]
pub struct LtcEncoder {
    sample_rate: f64,
    level: f32,
    /// 1.0 or -1.0.
    polarity: f32,
    /// Where the next half bit begins, in samples from the last one written.
    edge: f64,
    /// What the half bits so far have of the sample that they end in.
    part: f64,
}

impl LtcEncoder {
    /// An encoder for `sample_rate` samples a second, of the given peak level, 0.0 to 1.0.
    pub fn new(sample_rate: u32, level: f32) -> Self {
        Self { sample_rate: sample_rate.into(), level, polarity: 1.0, edge: 0.0, part: 0.0 }
    }

    /// Appends the frame of `code` to `samples`, as it sounds at `speed` times its own: 1.0 as it
    /// is, backwards where `speed` is negative.
    ///
    /// Edges lie where they belong between two samples.
    pub fn frame(&mut self, code: Timecode, speed: f64, samples: &mut Vec<f32>) {
        let half = self.sample_rate / (code.rate().as_f64() * speed.abs() * (2 * BITS) as f64);
        let word = Word::new(code);
        for at in 0..BITS {
            let at = if speed < 0.0 { BITS - 1 - at } else { at };
            // Each bit begins with an edge, a one has another in its middle.
            self.polarity = -self.polarity;
            self.hold(half, samples);
            if word.bit(at) {
                self.polarity = -self.polarity;
            }
            self.hold(half, samples);
        }
    }

    /// Stays on the level that is, for so many samples.
    fn hold(&mut self, length: f64, samples: &mut Vec<f32>) {
        let level = f64::from(self.polarity * self.level);
        let end = self.edge + length;
        let mut from = self.edge;
        for full in 1.. {
            if end < f64::from(full) {
                break;
            }
            samples.push((self.part + level * (f64::from(full) - from)) as f32);
            (self.part, from) = (0.0, full.into());
        }
        self.part += level * (end - from);
        self.edge = end.fract();
    }
}
