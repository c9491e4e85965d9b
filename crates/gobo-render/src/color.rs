//! Colours around the hue circle.

use gobo_show::value::Color;

/// A colour as hue, saturation and value, each 0 to 1; hue 0 is red, 1/3 green, 2/3 blue.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Hsv {
    pub(crate) hue: f64,
    pub(crate) saturation: f64,
    pub(crate) value: f64,
}

impl Hsv {
    pub(crate) fn of(color: Color) -> Self {
        let Color { red, green, blue } = color;
        let value = red.max(green).max(blue);
        let chroma = value - red.min(green).min(blue);
        if chroma <= 0.0 {
            return Self { hue: 0.0, saturation: 0.0, value };
        }
        let sixth = if value == red {
            (green - blue) / chroma
        } else if value == green {
            (blue - red) / chroma + 2.0
        } else {
            (red - green) / chroma + 4.0
        };
        Self { hue: fraction(sixth / 6.0), saturation: chroma / value, value }
    }

    pub(crate) fn color(self) -> Color {
        let part = |offset: f64| {
            let sixth = fraction(self.hue + offset / 6.0) * 6.0;
            let drop = (sixth.min(4.0 - sixth)).clamp(0.0, 1.0);
            self.value * (1.0 - self.saturation * drop)
        };
        Color { red: part(5.0), green: part(3.0), blue: part(1.0) }
    }

    /// `self` and `to` with hues that lead from one to the other by the shorter way; a grey has
    /// no hue of its own and takes the other's.
    pub(crate) fn toward(self, to: Self) -> (Self, Self) {
        if self.saturation == 0.0 {
            return (Self { hue: to.hue, ..self }, to);
        }
        if to.saturation == 0.0 {
            return (self, Self { hue: self.hue, ..to });
        }
        let turn = to.hue - self.hue;
        let shorter = if turn > 0.5 {
            turn - 1.0
        } else if turn < -0.5 {
            turn + 1.0
        } else {
            turn
        };
        (self, Self { hue: self.hue + shorter, ..to })
    }
}

/// The part after the point, 0 to 1 (1 outside), for negative numbers too.
pub(crate) fn fraction(number: f64) -> f64 {
    // By a cast, as floor is a call on machines without an instruction for it.
    let part = number - (number as i64 as f64);
    if part < 0.0 { part + 1.0 } else { part }
}

/// How far apart two colours look: RGB with the eye's rough weights (2, 4, 3), squared.
pub(crate) fn distance(a: Color, b: Color) -> f64 {
    let (red, green, blue) = (a.red - b.red, a.green - b.green, a.blue - b.blue);
    2.0 * red * red + 4.0 * green * green + 3.0 * blue * blue
}

/// The colour at its brightest, or `None` for black.
pub(crate) fn brightest(color: Color) -> Option<Color> {
    let most = color.red.max(color.green).max(color.blue);
    (most > 0.0).then(|| Color {
        red: color.red / most,
        green: color.green / most,
        blue: color.blue / most,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn hsv_and_back(red in 0.0..=1.0, green in 0.0..=1.0, blue in 0.0..=1.0) {
            let color = Color { red, green, blue };
            prop_assert!(distance(Hsv::of(color).color(), color) < 1e-20);
        }

        #[test]
        fn no_hue_is_further_than_half_round(a in 0.0..1.0, b in 0.0..1.0) {
            let of = |hue| Hsv { hue, saturation: 1.0, value: 1.0 };
            let (from, to) = of(a).toward(of(b));
            prop_assert!((to.hue - from.hue).abs() <= 0.5);
            prop_assert!(distance(to.color(), of(b).color()) < 1e-20);
        }
    }
}
