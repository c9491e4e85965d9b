//! Smooth randomness over two dimensions, as a pure function of a seed and a point.

use crate::random;

/// From one corner value to the next, with no kink at either: 0 at 0 and 1 at 1 (Perlin 2002).
fn fade(along: f64) -> f64 {
    along * along * along * (along * (along * 6.0 - 15.0) + 10.0)
}

/// A number that the corner (x, y) of the lattice draws.
fn corner(seed: u64, x: i64, y: i64) -> u64 {
    random::hash(random::hash(seed, x as u64), y as u64)
}

/// A drawn number from 0 to below 1.
fn unit(drawn: u64) -> f64 {
    (drawn >> 11) as f64 / (1_u64 << 53) as f64
}

/// The values at the four corners around (x, y), mixed smoothly; `value` gives that of a corner
/// from what it draws and how far the point is from it.
fn lattice(seed: u64, x: f64, y: f64, value: impl Fn(u64, f64, f64) -> f64) -> f64 {
    let (left, low) = (x.floor(), y.floor());
    let (right, up) = (x - left, y - low);
    let at = |dx: f64, dy: f64| {
        let drawn = corner(seed, (left + dx) as i64, (low + dy) as i64);
        value(drawn, right - dx, up - dy)
    };
    let across = fade(right);
    let row = |dy: f64| at(0.0, dy) * (1.0 - across) + at(1.0, dy) * across;
    let (below, rise) = (row(0.0), fade(up));
    // Points on a row of corners need nothing of the next.
    if rise == 0.0 { below } else { below * (1.0 - rise) + row(1.0) * rise }
}

/// Random values at whole numbers and a smooth way between, 0 to 1.
pub(crate) fn value(seed: u64, x: f64, y: f64) -> f64 {
    lattice(seed, x, y, |drawn, _, _| unit(drawn)).clamp(0.0, 1.0)
}

/// Random slopes at whole numbers, where it is in the middle, and a smooth way between, 0 to 1.
pub(crate) fn gradient(seed: u64, x: f64, y: f64) -> f64 {
    let slope = |drawn: u64, dx: f64, dy: f64| {
        // Eight directions, four of them diagonal and none longer than another.
        const DIAGONAL: f64 = std::f64::consts::FRAC_1_SQRT_2;
        let (u, v) = match drawn >> 61 {
            0 => (1.0, 0.0),
            1 => (-1.0, 0.0),
            2 => (0.0, 1.0),
            3 => (0.0, -1.0),
            4 => (DIAGONAL, DIAGONAL),
            5 => (-DIAGONAL, DIAGONAL),
            6 => (DIAGONAL, -DIAGONAL),
            _ => (-DIAGONAL, -DIAGONAL),
        };
        u * dx + v * dy
    };
    // Half a diagonal of a cell is the most that slopes of length 1 make.
    (0.5 + lattice(seed, x, y, slope) * DEPTH).clamp(0.0, 1.0)
}

/// Brings the slopes' sums, at most 1/sqrt(2) each way, to a half.
const DEPTH: f64 = std::f64::consts::FRAC_1_SQRT_2;

/// Layers of `noise`, each twice as fine and half as strong as the one before, 0 to 1.
pub(crate) fn layered(
    noise: fn(u64, f64, f64) -> f64,
    octaves: u32,
    (seed, x, y): (u64, f64, f64),
) -> f64 {
    let (mut sum, mut all, mut strength, mut scale) = (0.0, 0.0, 1.0, 1.0);
    for octave in 0..octaves.max(1) {
        let seed = random::hash(seed, u64::from(octave));
        sum += strength * noise(seed, x * scale, y * scale);
        all += strength;
        strength *= 0.5;
        scale *= 2.0;
    }
    sum / all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn noise_is_wide_and_even() {
        for (name, noise, wide) in
            [("value", value as fn(u64, f64, f64) -> f64, 0.9), ("gradient", gradient, 0.6)]
        {
            let values: Vec<f64> = (0..4000).map(|i| noise(3, f64::from(i) * 0.37, 0.5)).collect();
            let mean = values.iter().sum::<f64>() / 4000.0;
            let low = values.iter().copied().fold(1.0, f64::min);
            let high = values.iter().copied().fold(0.0, f64::max);
            assert!((mean - 0.5).abs() < 0.05, "{name}: {mean}");
            assert!(high - low > wide, "{name}: {low} to {high}");
        }
    }

    #[test]
    fn corners_of_value_noise_are_what_they_draw() {
        assert_eq!(value(1, 4.0, 2.0), unit(corner(1, 4, 2)));
        assert_eq!(gradient(1, -4.0, 2.0), 0.5);
    }

    proptest! {
        #[test]
        fn noise_stays_inside_and_is_smooth(
            seed: u64, x in -1e4..1e4, y in -1e3..1e3, octaves in 1_u32..9,
        ) {
            for noise in [value, gradient] {
                let at = |x| layered(noise, octaves, (seed, x, y));
                prop_assert!((0.0..=1.0).contains(&at(x)));
                prop_assert!((at(x) - at(x + 1e-6)).abs() < 1e-4);
                prop_assert_ne!(at(x), layered(noise, octaves, (seed ^ 1, x, y)) + 2.0);
            }
        }
    }
}
