//! The envelope of a pulse: attack, decay, sustain, release.

use crate::fingerprint::Fingerprint;

/// An envelope over a pulse from 0 to 1.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Envelope {
    /// Where the rise, the fall and the sustain end, as parts of the pulse; the release ends at 1.
    ends: [f64; 3],
    sustain_level: f64,
    attack_curve: f64,
    decay_curve: f64,
}

impl Envelope {
    /// An envelope whose weights (attack, decay, sustain, release; at least one above 0) share all
    /// of the pulse. Curves bend from -1 (snaps) over 0 (straight) to 1 (swells, lingers).
    pub(crate) fn new(weights: [f64; 4], sustain_level: f64, curves: [f64; 2]) -> Self {
        let weights = weights.map(|weight| weight.max(0.0));
        let all: f64 = weights.iter().sum();
        let all = if all > 0.0 { all } else { 1.0 };
        let [attack, decay, sustain, _] = weights;
        let ends = [attack, attack + decay, attack + decay + sustain].map(|end| end / all);
        let [attack_curve, decay_curve] = curves;
        Self { ends, sustain_level, attack_curve, decay_curve }
    }

    /// The level at `at` of the pulse, 0 to 1.
    pub(crate) fn level(&self, at: f64) -> f64 {
        let [risen, fallen, sustained] = self.ends;
        let level = self.sustain_level;
        if at < risen {
            bend(at / risen, self.attack_curve)
        } else if at < fallen {
            let left = 1.0 - bend((at - risen) / (fallen - risen), self.decay_curve);
            level + (1.0 - level) * left
        } else if at < sustained {
            level
        } else if at < 1.0 {
            level * (1.0 - bend((at - sustained) / (1.0 - sustained), self.decay_curve))
        } else {
            0.0
        }
    }

    pub(crate) fn fingerprint(&self, to: &mut Fingerprint) {
        to.numbers(&self.ends);
        to.numbers(&[self.sustain_level, self.attack_curve, self.decay_curve]);
    }
}

/// A way from 0 to 1: early for -1, straight for 0, late for 1. The ends bend by the fourth power.
pub(crate) fn bend(along: f64, curve: f64) -> f64 {
    let along = along.clamp(0.0, 1.0);
    let power = 1.0 + 3.0 * curve.abs().min(1.0);
    if curve < 0.0 {
        1.0 - libm::pow(1.0 - along, power)
    } else if curve > 0.0 {
        libm::pow(along, power)
    } else {
        along
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_usual_envelope() {
        let usual = Envelope::new([0.3, 0.2, 0.3, 0.2], 0.7, [0.0; 2]);
        let at = [0.0, 0.15, 0.3, 0.4, 0.5, 0.79, 0.9, 1.0].map(|at| usual.level(at));
        for (level, expected) in at.into_iter().zip([0.0, 0.5, 1.0, 0.85, 0.7, 0.7, 0.35, 0.0]) {
            assert!((level - expected).abs() < 1e-9, "{at:?}");
        }
    }

    proptest! {
        #[test]
        fn weights_fill_the_pulse_whatever_their_sum(
            weights in prop::array::uniform4(0.0..10.0), scale in 0.01..100.0,
            level in 0.0..=1.0, at in 0.0..=1.0, curves in prop::array::uniform2(-1.0..=1.0),
        ) {
            prop_assume!(weights.iter().sum::<f64>() > 0.01);
            let one = Envelope::new(weights, level, curves);
            let other = Envelope::new(weights.map(|weight| weight * scale), level, curves);
            prop_assert!((0.0..=1.0).contains(&one.level(at)));
            // The parts are as long as their weights, and the last ends with the pulse.
            prop_assert!(one.ends.iter().zip(other.ends).all(|(a, b)| (a - b).abs() < 1e-9));
            let release = weights[3] / weights.iter().sum::<f64>();
            prop_assert!((1.0 - one.ends[2] - release).abs() < 1e-9);
            prop_assert_eq!(one.level(1.0), 0.0);
        }

        #[test]
        fn a_bend_has_its_ends_and_never_turns_back(a in 0.0..=1.0, b in 0.0..=1.0, curve in -1.0..=1.0) {
            prop_assert_eq!((bend(0.0, curve), bend(1.0, curve)), (0.0, 1.0));
            prop_assert!((a <= b) == (bend(a, curve) <= bend(b, curve)) || a == b || bend(a, curve) == bend(b, curve));
        }
    }
}
