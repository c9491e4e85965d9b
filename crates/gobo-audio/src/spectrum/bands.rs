//! Bins of equal width to bands of a semitone.

use super::{BANDS, LOWEST_HZ};

/// Which part of each bin's power goes to which bands.
pub(super) struct Bands {
    /// For each bin its bands and the part that each takes.
    shares: Vec<Vec<(usize, f64)>>,
}

impl Bands {
    /// A bin stands for its width; what of it is below the lowest band or above the highest is
    /// left out.
    pub(super) fn new(bins: usize, bin_hz: f64) -> Self {
        let edges: Vec<f64> =
            (0..=BANDS).map(|band| LOWEST_HZ * (band as f64 / 12.0).exp2()).collect();
        let shares = |bin: usize| {
            let (low, high) = ((bin as f64 - 0.5) * bin_hz, (bin as f64 + 0.5) * bin_hz);
            let within = |(band, edge): (usize, &[f64])| {
                let common = high.min(edge[1]) - low.max(edge[0]);
                (common > 0.0).then_some((band, common / bin_hz))
            };
            edges.windows(2).enumerate().filter_map(within).collect()
        };
        Self { shares: (0..bins).map(shares).collect() }
    }

    /// The power in each band.
    pub(super) fn of(&self, powers: &[f64]) -> impl Iterator<Item = f64> + use<> {
        let mut bands = [0.0; BANDS];
        for (power, shares) in powers.iter().zip(&self.shares) {
            for (band, share) in shares {
                bands[*band] += power * share;
            }
        }
        bands.into_iter()
    }
}
