//! How a layer's values go over those below, for each kind of attribute: the table stands in
//! `gobo_show::blend`.

use gobo_show::effect::BeamParameter;
use gobo_show::show::{Alpha, Blend};

use crate::attribute::Attribute;
use crate::color::least;

/// What a blend mode does to one attribute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    Replace,
    /// Replaces what was written before it.
    Latest,
    Add,
    Subtract,
    Multiply,
    Screen,
    Max,
    Min,
    Value,
    /// The highest, where fades and opacities scale the level before it is compared.
    Highest,
    /// Multiplies; alone it is what it is.
    Factor,
}

/// The lowest and the highest value that sums and differences give.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Limits {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { low: 0.0, high: 1.0 }
    }
}

impl Mode {
    /// What `blend` does to a colour.
    pub(crate) fn of_color(blend: Blend) -> Self {
        match blend {
            Blend::Replace => Self::Replace,
            Blend::Add => Self::Add,
            Blend::Subtract => Self::Subtract,
            Blend::Multiply => Self::Multiply,
            Blend::Screen => Self::Screen,
            Blend::Max | Blend::Lighten => Self::Max,
            Blend::Min => Self::Min,
            Blend::Value => Self::Value,
            Blend::Htp | Blend::Ltp => Self::Latest,
        }
    }

    /// What `blend` does to an attribute of a layer with this alpha.
    pub(crate) fn of(blend: Blend, attribute: Attribute, alpha: Alpha) -> Self {
        let mode = Self::of_color(blend);
        let counts = matches!(mode, Self::Latest | Self::Add | Self::Subtract);
        match attribute {
            Attribute::Tint => Self::Replace,
            Attribute::Dimmer if blend == Blend::Htp => Self::Highest,
            // Layers that show as much as their dimmer slow each other down.
            Attribute::Beam(BeamParameter::Speed) if alpha == Alpha::Dimmer => Self::Factor,
            Attribute::Pan | Attribute::Tilt if !counts => Self::Replace,
            Attribute::Strobe if !counts && !matches!(mode, Self::Max | Self::Min) => Self::Replace,
            _ => mode,
        }
    }

    /// Whether a cue of the layer fades from nothing of its own rather than from what is below.
    pub(crate) fn starts_from_nothing(self) -> bool {
        matches!(self, Self::Add | Self::Subtract | Self::Highest)
    }

    /// What becomes of `below` under `top`, numbers both.
    #[inline(always)]
    pub(crate) fn apply(self, below: f64, top: f64, limits: Limits) -> f64 {
        match self {
            Self::Replace | Self::Latest => top,
            Self::Add => least(below + top, limits.high),
            Self::Subtract => (below - top).max(limits.low),
            Self::Multiply | Self::Factor => below * top,
            Self::Screen => 1.0 - (1.0 - below) * (1.0 - top),
            Self::Max | Self::Highest => below.max(top),
            Self::Min => below.min(top),
            Self::Value => top * top + below * (1.0 - top),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::value::Value;
    use gobo_show::value::Color;

    proptest! {
        #[test]
        fn levels_and_colours_stay_between_0_and_1(
            below in prop::array::uniform3(0.0..=1.0_f64),
            top in prop::array::uniform3(0.0..=1.0_f64),
        ) {
            for blend in Blend::ALL {
                for attribute in [Attribute::Dimmer, Attribute::Raw(0)] {
                    let mode = Mode::of(*blend, attribute, Alpha::None);
                    let level = mode.apply(below[0], top[0], Limits::default());
                    prop_assert!((0.0..=1.0).contains(&level), "{blend:?} {level}");
                }
                let color = |[red, green, blue]: [f64; 3]| Color { red, green, blue };
                let mixed = color(below).apply(Mode::of_color(*blend), color(top), Limits::default());
                for part in [mixed.red, mixed.green, mixed.blue] {
                    prop_assert!((0.0..=1.0).contains(&part), "{blend:?} {mixed:?}");
                }
            }
        }

        #[test]
        fn the_highest_is_the_same_in_any_order(a in 0.0..1.0_f64, b in 0.0..1.0_f64, c in 0.0..1.0_f64) {
            let highest = |a, b| Mode::Highest.apply(a, b, Limits::default());
            prop_assert_eq!(highest(a, b).to_bits(), highest(b, a).to_bits());
            prop_assert_eq!(highest(highest(a, b), c).to_bits(), highest(a, highest(b, c)).to_bits());
        }
    }

    #[test]
    fn full_and_nothing_are_neutral_where_they_should_be() {
        let apply = |mode: Mode, top| mode.apply(0.3, top, Limits::default());
        for mode in [Mode::Add, Mode::Subtract, Mode::Max, Mode::Highest, Mode::Value] {
            assert_eq!(apply(mode, 0.0).to_bits(), 0.3_f64.to_bits(), "{mode:?}");
        }
        assert_eq!(apply(Mode::Multiply, 1.0).to_bits(), 0.3_f64.to_bits());
        assert_eq!(apply(Mode::Min, 1.0).to_bits(), 0.3_f64.to_bits());
        assert!((apply(Mode::Screen, 0.0) - 0.3).abs() < 1e-12);
    }
}
