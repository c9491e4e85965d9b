//! Attack, decay, sustain, release.

use serde::Serialize;

/// An envelope over a span of time that its four parts share by their weights.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub(crate) struct Envelope {
    /// The shares of attack, decay, sustain and release; together 1, or all 0.
    shares: [f64; 4],
    sustain_level: f64,
    attack_bend: f64,
    decay_bend: f64,
}

impl Envelope {
    /// The weights of attack, decay, sustain and release fill the span.
    pub(crate) fn new(
        weights: [f64; 4],
        sustain_level: f64,
        attack_bend: f64,
        decay_bend: f64,
    ) -> Self {
        let sum: f64 = weights.iter().sum();
        let shares = if sum > 1e-6 { weights.map(|weight| weight / sum) } else { [0.0; 4] };
        Self { shares, sustain_level, attack_bend, decay_bend }
    }

    /// The level, 0 to 1, at a part of the span, 0 to 1 (1 outside).
    pub(crate) fn at(&self, mut along: f64) -> f64 {
        let [attack, decay, sustain, release] = self.shares;
        if along < attack {
            return bent(along / attack, self.attack_bend);
        }
        along -= attack;
        if along < decay {
            let left = bent(1.0 - along / decay, self.decay_bend);
            return self.sustain_level + (1.0 - self.sustain_level) * left;
        }
        along -= decay;
        if along < sustain {
            return self.sustain_level;
        }
        along -= sustain;
        if along < release { self.sustain_level * (1.0 - along / release) } else { 0.0 }
    }
}

/// A straight course from 0 to 1, bent: above 0 it stays low for longer, below 0 high, as a power
/// of 1 to 6.
pub(crate) fn bent(along: f64, bend: f64) -> f64 {
    let along = along.clamp(0.0, 1.0);
    if bend.abs() < 0.001 {
        along
    } else if bend > 0.0 {
        libm::pow(along, 1.0 + 5.0 * bend)
    } else {
        1.0 - libm::pow(1.0 - along, 1.0 - 5.0 * bend)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_share_the_span() {
        let envelope = Envelope::new([0.2, 0.2, 0.4, 0.2], 0.5, 0.0, 0.0);
        let at = |along: f64| (envelope.at(along) * 100.0).round() as i32;
        assert_eq!([0.0, 0.1, 0.2, 0.3, 0.4, 0.7, 0.9].map(at), [0, 50, 100, 75, 50, 50, 25]);
        assert_eq!(Envelope::new([0.0; 4], 0.5, 0.0, 0.0).at(0.5), 0.0);
    }

    #[test]
    fn bends_keep_the_ends() {
        for bend in [-1.0, -0.3, 0.0, 0.3, 1.0] {
            assert_eq!((bent(0.0, bend), bent(1.0, bend)), (0.0, 1.0));
        }
        assert!(bent(0.5, 1.0) < 0.5 && bent(0.5, -1.0) > 0.5);
    }
}
