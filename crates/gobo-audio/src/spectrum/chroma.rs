//! How strong each of the twelve pitch classes is.

/// The pitches that count, in hertz: C2 to C8.
const RANGE_HZ: std::ops::Range<f64> = 64.0..4200.0;
/// A4 in hertz, and its pitch class from C on.
const A4: (f64, f64) = (440.0, 9.0);

/// The amplitude of a tone 80 dB below full, in the units of a window: weaker is no pitch.
const SILENCE: f64 = 0.1;

/// Pitch classes out of the peaks of a spectrum, each at its exact frequency.
pub(super) struct Chroma {
    bin_hz: f64,
}

impl Chroma {
    pub(super) fn new(bin_hz: f64) -> Self {
        Self { bin_hz }
    }

    /// The pitch classes of a frame of powers, from C on, as parts of the strongest.
    pub(super) fn of(&self, powers: &[f64]) -> [u8; 12] {
        let mut classes = [0.0_f64; 12];
        for (below, three) in powers.windows(3).enumerate() {
            let is_peak = three[1] > three[0] && three[1] >= three[2];
            let hz = (below as f64 + 1.0 + offset(three)) * self.bin_hz;
            if is_peak && RANGE_HZ.contains(&hz) {
                let class = ((hz / A4.0).log2() * 12.0 + A4.1).round().rem_euclid(12.0);
                classes[class as usize % 12] += three[1].sqrt();
            }
        }
        let strongest = classes.iter().copied().fold(0.0, f64::max);
        if strongest < SILENCE {
            return [0; 12];
        }
        classes.map(|class| (class / strongest * 255.0).round() as u8)
    }
}

/// Where between the neighbours a peak is, -0.5 to 0.5 bins: the top of the parabola through
/// the logarithms of the three powers.
fn offset(three: &[f64]) -> f64 {
    let [left, top, right] = [0, 1, 2].map(|at| (three[at] + 1e-30).ln());
    let bend = left - 2.0 * top + right;
    if bend < 0.0 { (0.5 * (left - right) / bend).clamp(-0.5, 0.5) } else { 0.0 }
}
