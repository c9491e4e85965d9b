//! Value noise: random numbers at whole coordinates, smooth between them.

use crate::random::hash;

/// From -1 to 1, drawn from a seed and a number.
fn drawn(seed: u64, at: i64) -> f64 {
    // The highest 53 bits make every number of the mantissa.
    (hash(seed, at as u64) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

/// Slow at both ends: 0 to 1.
fn smooth(along: f64) -> f64 {
    along * along * (3.0 - 2.0 * along)
}

/// The whole number below, and how far on it is.
fn split(x: f64) -> (i64, f64) {
    let low = x.floor();
    (low as i64, x - low)
}

/// Noise along a line, -1 to 1.
pub(crate) fn line(seed: u64, x: f64) -> f64 {
    let (cell, along) = split(x);
    let (low, high) = (drawn(seed, cell), drawn(seed, cell.wrapping_add(1)));
    low + (high - low) * smooth(along)
}

/// Noise in space, -1 to 1.
pub(crate) fn space(seed: u64, [x, y, z]: [f64; 3]) -> f64 {
    let (cell, along) = split(z);
    let plane = |cell: i64| {
        let seed = hash(seed, cell as u64);
        let (cell, along) = split(y);
        let low = line(hash(seed, cell as u64), x);
        let high = line(hash(seed, cell.wrapping_add(1) as u64), x);
        low + (high - low) * smooth(along)
    };
    let (low, high) = (plane(cell), plane(cell.wrapping_add(1)));
    low + (high - low) * smooth(along)
}

/// The sum of `octaves` layers, each twice as fine and half as strong, brought back to -1 to 1;
/// `layer` gives one by its seed and its scale.
pub(crate) fn layers(seed: u64, octaves: u32, layer: impl Fn(u64, f64) -> f64) -> f64 {
    let (mut sum, mut most, mut weight, mut scale) = (0.0, 0.0, 1.0, 1.0);
    for octave in 0..octaves.max(1) {
        sum += layer(hash(seed, u64::from(octave)), scale) * weight;
        most += weight;
        weight *= 0.5;
        scale *= 2.0;
    }
    sum / most
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn noise_stays_in_range_and_is_smooth(seed: u64, x in -1e6..1e6, y in -50.0..50.0) {
            let at = |x: f64| layers(seed, 4, |seed, scale| space(seed, [x * scale, y, 0.5]));
            prop_assert!(at(x).abs() <= 1.0);
            prop_assert!((at(x) - at(x + 1e-6)).abs() < 1e-3);
        }
    }

    #[test]
    fn noise_is_not_all_the_same() {
        let values: Vec<f64> = (0..100).map(|x| line(7, f64::from(x) * 0.37)).collect();
        let (low, high) = (
            values.iter().copied().fold(1.0, f64::min),
            values.iter().copied().fold(-1.0, f64::max),
        );
        assert!(low < -0.5 && high > 0.5, "{low} {high}");
        assert_ne!(line(7, 0.5), line(8, 0.5));
    }
}
