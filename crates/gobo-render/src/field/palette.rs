//! The colours of a field.

use gobo_show::value::Color;

use crate::color::fraction;
use crate::value::Value;

/// Colours in their order; at least one.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Palette(Vec<Color>);

impl Palette {
    pub(super) fn new(colors: &[Color]) -> Self {
        let white = Color { red: 1.0, green: 1.0, blue: 1.0 };
        Self(if colors.is_empty() { vec![white] } else { colors.to_vec() })
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The colour `index`, counted round and round, backwards too.
    pub(super) fn nth(&self, index: i64) -> Color {
        self.0[index.rem_euclid(self.0.len() as i64) as usize]
    }

    /// The colour that a drawn number stands for.
    pub(super) fn drawn(&self, bits: u64) -> Color {
        self.0[(bits % self.0.len() as u64) as usize]
    }

    /// Round and round, each colour into the next; whole numbers give the first.
    pub(super) fn around(&self, at: f64) -> Color {
        let place = fraction(at) * self.0.len() as f64;
        let index = place.floor();
        self.nth(index as i64).mix(self.nth(index as i64 + 1), place - index)
    }

    /// From the first at 0 to the last at 1.
    pub(super) fn along(&self, at: f64) -> Color {
        let place = at.clamp(0.0, 1.0) * (self.0.len() - 1) as f64;
        let index = (place.floor() as usize).min(self.0.len() - 1);
        let next = (index + 1).min(self.0.len() - 1);
        self.0[index].mix(self.0[next], place - index as f64)
    }

    pub(super) fn last(&self) -> Color {
        self.0[self.0.len() - 1]
    }
}
