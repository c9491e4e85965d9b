//! Values that curves give and layers combine.

use gobo_show::value::Color;

use crate::blend::{Limits, Mode};
use crate::fingerprint::Fingerprint;

/// A value of an attribute: a number, or a colour.
pub(crate) trait Value: Copy + PartialEq + std::fmt::Debug {
    /// Nothing at all: what an adding layer adds to.
    const ZERO: Self;

    /// From `self` at weight 0 to `to` at weight 1, both exactly.
    fn mix(self, to: Self, weight: f64) -> Self;

    /// All there is: what a factor multiplies where nothing else is.
    const ONE: Self;

    /// What becomes of `self` under `top`.
    fn apply(self, mode: Mode, top: Self, limits: Limits) -> Self;

    /// From `self` to `to`, and exactly that at full weight.
    fn toward(self, to: Self, weight: f64) -> Self {
        if weight < 1.0 { self.mix(to, weight) } else { to }
    }

    /// Writes the value down for a key.
    fn fingerprint(self, to: &mut Fingerprint);
}

impl Value for f64 {
    const ZERO: Self = 0.0;

    #[inline(always)]
    fn mix(self, to: Self, weight: f64) -> Self {
        // Rounding must not make anything of a way that leads nowhere.
        if self == to { self } else { self * (1.0 - weight) + to * weight }
    }

    const ONE: Self = 1.0;

    #[inline(always)]
    fn apply(self, mode: Mode, top: Self, limits: Limits) -> Self {
        mode.apply(self, top, limits)
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

    const ONE: Self = Self { red: 1.0, green: 1.0, blue: 1.0 };

    #[inline(always)]
    fn apply(self, mode: Mode, top: Self, limits: Limits) -> Self {
        if mode == Mode::Value {
            // A sum of three roundings may come out above 1.
            let luminance = (top.red * 0.299 + top.green * 0.587 + top.blue * 0.114).min(1.0);
            return self.mix(top, luminance);
        }
        Self {
            red: mode.apply(self.red, top.red, limits),
            green: mode.apply(self.green, top.green, limits),
            blue: mode.apply(self.blue, top.blue, limits),
        }
    }

    fn fingerprint(self, to: &mut Fingerprint) {
        to.numbers(&[self.red, self.green, self.blue]);
    }
}
