//! Values that curves give and layers combine.

use gobo_show::value::Color;

use crate::fingerprint::Fingerprint;

/// A value of an attribute: a number, or a colour.
pub(crate) trait Value: Copy + PartialEq + std::fmt::Debug {
    /// Nothing at all: what an adding layer adds to.
    const ZERO: Self;

    /// From `self` at weight 0 to `to` at weight 1, both exactly.
    fn mix(self, to: Self, weight: f64) -> Self;

    /// The sum, at most `ceiling`.
    fn plus(self, other: Self, ceiling: f64) -> Self;

    /// Writes the value down for a key.
    fn fingerprint(self, to: &mut Fingerprint);
}

impl Value for f64 {
    const ZERO: Self = 0.0;

    fn mix(self, to: Self, weight: f64) -> Self {
        self * (1.0 - weight) + to * weight
    }

    fn plus(self, other: Self, ceiling: f64) -> Self {
        (self + other).min(ceiling)
    }

    fn fingerprint(self, to: &mut Fingerprint) {
        to.number(self);
    }
}

impl Value for Color {
    const ZERO: Self = Self { red: 0.0, green: 0.0, blue: 0.0 };

    fn mix(self, to: Self, weight: f64) -> Self {
        Self {
            red: self.red.mix(to.red, weight),
            green: self.green.mix(to.green, weight),
            blue: self.blue.mix(to.blue, weight),
        }
    }

    fn plus(self, other: Self, ceiling: f64) -> Self {
        Self {
            red: self.red.plus(other.red, ceiling),
            green: self.green.plus(other.green, ceiling),
            blue: self.blue.plus(other.blue, ceiling),
        }
    }

    fn fingerprint(self, to: &mut Fingerprint) {
        to.numbers(&[self.red, self.green, self.blue]);
    }
}
