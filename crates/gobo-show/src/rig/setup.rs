//! How a venue sets a fixture up beyond what its profile says.

use serde::Serialize;

use crate::decode::choice;

/// A fixture's settings in its venue; the default changes nothing.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Setup {
    /// What white emitters take of a colour.
    pub white: White,
    /// How a level becomes light.
    pub curve: DimmerCurve,
    /// Pan.
    pub pan: Axis,
    /// Tilt.
    pub tilt: Axis,
    /// Whether the profile's pan channel turns the tilt, and the other way round.
    pub swap_pan_tilt: bool,
    /// Whether rendering slows movements down to what the axes can do.
    pub limit_speed: bool,
}

impl Setup {
    /// Whether it changes nothing.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// One axis of a moving head.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct Axis {
    /// Whether it turns the other way.
    pub inverted: bool,
    /// The lowest and the highest angle that cues may ask for, in degrees from home.
    pub limits_deg: Option<[f64; 2]>,
    /// Where 0 lies, in degrees from the middle of the range.
    pub home_deg: f64,
    /// The fastest that it turns, in degrees a second.
    pub speed: Option<f64>,
}

impl Axis {
    /// The angle that a cue means, from one that the profile means; both from the middle.
    pub fn of_profile(&self, degrees: f64) -> f64 {
        let turned = degrees - self.home_deg;
        if self.inverted { -turned } else { turned }
    }

    /// The lowest and the highest angle that cues may ask for, where the profile's range goes
    /// from `low` to `high`, in degrees from anywhere.
    pub fn range(&self, low: f64, high: f64) -> [f64; 2] {
        let half = (high - low).abs() / 2.0;
        let [a, b] = [-half, half].map(|end| self.of_profile(end));
        let (low, high) = (a.min(b), a.max(b));
        self.limits_deg
            .map_or([low, high], |[from, to]| [from.clamp(low, high), to.clamp(low, high)])
    }
}

/// What white emitters beside red, green and blue take of a colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub enum White {
    /// What the three have in common moves to white.
    #[default]
    Extract,
    /// White stays dark.
    None,
    /// White shines with what the three have in common, and they keep it: brighter, paler.
    Add,
    /// White, warm or cold white, amber and lime each take as much as their own colour allows,
    /// and red, green and blue do the rest: the colour stays, by the tint of each emitter.
    Match,
}

choice! { White, "white mode":
    Extract = "extract", "What red, green and blue have in common moves to white.";
    None = "none", "White stays dark.";
    Add = "add", "White shines with what red, green and blue have in common, and they keep it.";
    Match = "match", "White, amber and lime take what their own tint allows; the colour stays.";
}

/// How a level becomes light.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub enum DimmerCurve {
    /// As it is.
    #[default]
    Linear,
    /// The square: fine steps in the dark.
    Square,
    /// The square root: bright early.
    InverseSquare,
    /// Slow at both ends: 3x² - 2x³.
    S,
}

choice! { DimmerCurve, "dimmer curve":
    Linear = "linear", "As it is.";
    Square = "square", "The square: fine steps in the dark.";
    InverseSquare = "inverse_square", "The square root: bright early.";
    S = "s", "Slow at both ends.";
}

impl DimmerCurve {
    /// The drive, 0 to 1, for a level from 0 to 1; 0 gives 0 and 1 gives 1.
    pub fn of(self, level: f64) -> f64 {
        match self {
            Self::Linear => level,
            Self::Square => level * level,
            // Correctly rounded everywhere, unlike other functions of its kind.
            Self::InverseSquare => level.max(0.0).sqrt(),
            Self::S => level * level * (3.0 - 2.0 * level),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_rise_from_dark_to_full() {
        use DimmerCurve::{InverseSquare, Linear, S, Square};
        for curve in [Linear, Square, InverseSquare, S] {
            let steps: Vec<f64> = (0..=255).map(|step| curve.of(f64::from(step) / 255.0)).collect();
            assert!(steps.is_sorted(), "{curve:?}");
            assert_eq!((steps[0], steps[255]), (0.0, 1.0), "{curve:?}");
        }
        assert_eq!((Square.of(0.5), S.of(0.5), InverseSquare.of(0.25)), (0.25, 0.5, 0.5));
    }
}
