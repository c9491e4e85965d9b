//! Courses of changes and the shapes of repeating curves: closed functions of how far along it is.

use std::f64::consts::TAU;

use gobo_show::value::{Easing, Shape};

use crate::color::{fraction, least};

/// The course of a change; 0 gives 0 and 1 gives 1, exactly.
pub(crate) fn ease(easing: Easing, along: f64) -> f64 {
    let cube = |x: f64| x * x * x;
    let square = |x: f64| x * x;
    match easing {
        Easing::Linear => along,
        Easing::In => cube(along),
        Easing::Out => turned(cube, along),
        Easing::InOut => both(cube, along),
        Easing::SineIn => swing(along),
        Easing::SineOut => turned(swing, along),
        Easing::SineInOut => both(swing, along),
        Easing::QuadIn => square(along),
        Easing::QuadOut => turned(square, along),
        Easing::QuadInOut => both(square, along),
        Easing::ExpoIn => power(along),
        Easing::ExpoOut => turned(power, along),
        Easing::ExpoInOut => both(power, along),
        Easing::Step => f64::from(along >= 1.0),
    }
}

/// The course `slow` from its end.
fn turned(slow: impl Fn(f64) -> f64, along: f64) -> f64 {
    1.0 - slow(1.0 - along)
}

/// The course `slow` for the first half, turned for the second.
fn both(slow: impl Fn(f64) -> f64, along: f64) -> f64 {
    if along < 0.5 { 0.5 * slow(2.0 * along) } else { 1.0 - 0.5 * slow(2.0 - 2.0 * along) }
}

/// A quarter of a cosine; its ends are exact.
fn swing(along: f64) -> f64 {
    if along >= 1.0 { 1.0 } else { 1.0 - libm::cos(along * TAU / 4.0) }
}

/// 2 to the power of 10, from 0: less than a thousandth is missing at the start, and taken off.
fn power(along: f64) -> f64 {
    if along >= 1.0 { 1.0 } else { (libm::exp2(10.0 * along) - 1.0) / 1023.0 }
}

/// The cosine of so many turns, from 0 to 1: the Taylor series over a quarter, which errs by less
/// than 1e-14 there. Cheaper than a cosine of any angle, and the same on every machine.
#[inline(always)]
fn cosine(turns: f64) -> f64 {
    /// One over each product of two neighbours, from 17 x 18 down to 1 x 2.
    const PARTS: [f64; 9] = [
        1.0 / 306.0,
        1.0 / 240.0,
        1.0 / 182.0,
        1.0 / 132.0,
        1.0 / 90.0,
        1.0 / 56.0,
        1.0 / 30.0,
        1.0 / 12.0,
        1.0 / 2.0,
    ];
    let near = least(turns, 1.0 - turns);
    let beyond = near > 0.25;
    let angle = TAU * if beyond { 0.5 - near } else { near };
    let x = angle * angle;
    let mut sum = 1.0;
    for part in PARTS {
        sum = 1.0 - x * sum * part;
    }
    // By a factor, which is no branch.
    sum * if beyond { -1.0 } else { 1.0 }
}

/// One period of a shape, `at` from 0 to 1 (1 outside).
#[inline(always)]
pub(crate) fn shape(shape: Shape, at: f64) -> f64 {
    match shape {
        Shape::Sine => 0.5 - 0.5 * cosine(at),
        Shape::Triangle => 1.0 - (2.0 * at - 1.0).abs(),
        Shape::Saw => 1.0 - at,
        Shape::Square => f64::from(at < 0.5),
        Shape::Decay => libm::exp(-8.0 * at),
    }
}

/// Every second period backwards.
pub(crate) fn to_and_fro(phase: f64) -> f64 {
    let within = fraction(phase / 2.0) * 2.0;
    within.min(2.0 - within)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Easing; 14] = [
        Easing::Linear,
        Easing::In,
        Easing::Out,
        Easing::InOut,
        Easing::SineIn,
        Easing::SineOut,
        Easing::SineInOut,
        Easing::QuadIn,
        Easing::QuadOut,
        Easing::QuadInOut,
        Easing::ExpoIn,
        Easing::ExpoOut,
        Easing::ExpoInOut,
        Easing::Step,
    ];

    #[test]
    fn easings_start_and_end_exactly_and_never_turn_back() {
        for easing in ALL {
            assert_eq!((ease(easing, 0.0), ease(easing, 1.0)), (0.0, 1.0), "{easing:?}");
            let values: Vec<f64> = (0..=100).map(|i| ease(easing, f64::from(i) / 100.0)).collect();
            assert!(values.is_sorted(), "{easing:?}");
        }
    }

    #[test]
    fn the_cosine_of_turns_is_the_cosine() {
        for step in 0..=4000 {
            let turns = f64::from(step) / 4000.0;
            let exact = libm::cos(TAU * turns);
            assert!((cosine(turns) - exact).abs() < 1e-13, "{turns}");
        }
    }

    #[test]
    fn shapes_start_low_or_jump_high() {
        let at = |which| [0.0, 0.25, 0.5, 0.75].map(|at| (shape(which, at) * 100.0).round());
        assert_eq!(at(Shape::Sine), [0.0, 50.0, 100.0, 50.0]);
        assert_eq!(at(Shape::Triangle), [0.0, 50.0, 100.0, 50.0]);
        assert_eq!(at(Shape::Saw), [100.0, 75.0, 50.0, 25.0]);
        assert_eq!(at(Shape::Square), [100.0, 100.0, 0.0, 0.0]);
        assert_eq!(at(Shape::Decay), [100.0, 14.0, 2.0, 0.0]);
    }
}
