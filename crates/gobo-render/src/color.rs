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

    #[inline(always)]
    pub(crate) fn color(self) -> Color {
        let part = |offset: f64| {
            let sixth = fraction(self.hue + offset / 6.0) * 6.0;
            let drop = most(least(least(sixth, 4.0 - sixth), 1.0), 0.0);
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

/// The part after the point, 0 to 1 (1 outside), for negative numbers too; numbers up to 2^51.
#[inline(always)]
pub(crate) fn fraction(number: f64) -> f64 {
    // Added to a number so large that it has only whole neighbours, it is rounded to the nearest
    // whole one. Several at a time on any machine, which a floor is not.
    const LARGE: f64 = 6_755_399_441_055_744.0;
    let whole = (number + LARGE) - LARGE;
    number - if whole > number { whole - 1.0 } else { whole }
}

/// The lower of two numbers that are numbers, in one instruction.
#[inline(always)]
pub(crate) fn least(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// The higher of two numbers that are numbers, in one instruction.
#[inline(always)]
pub(crate) fn most(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
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
        fn a_fraction_is_what_is_left_of_the_floor(number in -1e12..1e12, near in -3_i64..3) {
            for number in [number, near as f64, near as f64 + 0.5, number / 1e12] {
                prop_assert_eq!(fraction(number), number - number.floor());
            }
        }

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
