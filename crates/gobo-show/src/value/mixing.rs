//! Colours from other ways to say them: hue with lightness or intensity, gamma-encoded sRGB, and
//! the white of a temperature.

use super::Color;

/// The temperatures that a white may have, in kelvin: where the approximation holds.
const KELVIN: std::ops::RangeInclusive<f64> = 1667.0..=25_000.0;

impl Color {
    /// A colour from hue in degrees, saturation and lightness, 0 to 1, as CSS counts them.
    pub fn from_hsl(hue_deg: f64, saturation: f64, lightness: f64) -> Self {
        let value = lightness + saturation * lightness.min(1.0 - lightness);
        let saturation = if value > 0.0 { 2.0 * (1.0 - lightness / value) } else { 0.0 };
        Self::from_hsv(hue_deg, saturation, value)
    }

    /// A colour from hue in degrees, saturation and intensity (the mean of the three parts), 0 to
    /// 1. What is brighter than red, green and blue can be keeps its hue.
    pub fn from_hsi(hue_deg: f64, saturation: f64, intensity: f64) -> Self {
        let hue = hue_deg.rem_euclid(360.0);
        let within = (hue % 120.0).to_radians();
        let third = std::f64::consts::FRAC_PI_3;
        let least = intensity * (1.0 - saturation);
        let most = intensity * (1.0 + saturation * libm::cos(within) / libm::cos(third - within));
        let other = 3.0 * intensity - least - most;
        let [red, green, blue] = match (hue / 120.0) as u8 {
            0 => [most, other, least],
            1 => [least, most, other],
            _ => [other, least, most],
        };
        Self::fitted([red, green, blue], 1.0)
    }

    /// A colour from sRGB as screens take it, each part 0 to 1: its gamma is undone (IEC
    /// 61966-2-1), so that light looks as it does on the screen.
    pub fn from_srgb(parts: [f64; 3]) -> Self {
        let [red, green, blue] = parts.map(|part| match part <= 0.040_45 {
            true => part / 12.92,
            false => libm::pow((part + 0.055) / 1.055, 2.4),
        });
        Self { red, green, blue }
    }

    /// The white of a temperature in kelvin at its brightest, from 1667 to 25000: the Planckian
    /// locus by Kim et al. (US patent 7024034), in linear sRGB. `None` outside.
    pub fn from_kelvin(kelvin: f64) -> Option<Self> {
        if !KELVIN.contains(&kelvin) {
            return None;
        }
        // Polynomials, the highest power first.
        let at = |[a, b, c, d]: [f64; 4], x: f64| ((a * x + b) * x + c) * x + d;
        let x = at(
            match kelvin <= 4000.0 {
                true => [-0.266_123_9, -0.234_358_9, 0.877_695_6, 0.179_910],
                false => [-3.025_846_9, 2.107_037_9, 0.222_634_7, 0.240_390],
            },
            1000.0 / kelvin,
        );
        let y = at(
            match kelvin {
                ..=2222.0 => [-1.106_381_4, -1.348_110_2, 2.185_558_32, -0.202_196_83],
                ..=4000.0 => [-0.954_947_6, -1.374_185_93, 2.091_370_15, -0.167_488_67],
                _ => [3.081_758, -5.873_386_7, 3.751_129_97, -0.370_014_83],
            },
            x,
        );
        let (big_x, big_z) = (x / y, (1.0 - x - y) / y);
        let parts = [
            3.2406 * big_x - 1.5372 - 0.4986 * big_z,
            -0.9689 * big_x + 1.8758 + 0.0415 * big_z,
            0.0557 * big_x - 0.2040 + 1.0570 * big_z,
        ];
        Some(Self::fitted(parts, 0.0))
    }

    /// Parts made none below 0 and, where the greatest is beyond `least`, that one 1.
    fn fitted(parts: [f64; 3], least: f64) -> Self {
        let most = parts.into_iter().fold(least, f64::max);
        let scale = if most > 0.0 { 1.0 / most } else { 1.0 };
        let [red, green, blue] = parts.map(|part| (part * scale).clamp(0.0, 1.0));
        Self { red, green, blue }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: Color, [red, green, blue]: [f64; 3]) {
        let parts = [a.red - red, a.green - green, a.blue - blue];
        assert!(parts.iter().all(|part| part.abs() < 0.006), "{a:?}");
    }

    #[test]
    fn the_other_ways_to_say_a_colour() {
        near(Color::from_hsl(30.0, 1.0, 0.5), [1.0, 0.5, 0.0]);
        near(Color::from_hsl(210.0, 0.5, 0.25), [0.125, 0.25, 0.375]);
        near(Color::from_hsi(0.0, 0.0, 0.5), [0.5; 3]);
        near(Color::from_hsi(0.0, 1.0, 1.0 / 3.0), [1.0, 0.0, 0.0]);
        near(Color::from_hsi(120.0, 1.0, 0.2), [0.0, 0.6, 0.0]);
        near(Color::from_hsi(60.0, 1.0, 1.0), [1.0, 1.0, 0.0]);
        near(Color::from_hsi(270.0, 0.5, 0.4), [0.4, 0.2, 0.6]);
        near(Color::from_srgb([1.0, 0.5, 0.0]), [1.0, 0.214, 0.0]);
    }

    #[test]
    fn whites_run_from_warm_to_cold() {
        near(Color::from_kelvin(3000.0).unwrap(), [1.0, 0.477, 0.154]);
        near(Color::from_kelvin(6500.0).unwrap(), [1.0, 0.943, 0.992]);
        let ratio = |kelvin| {
            let white = Color::from_kelvin(kelvin).unwrap();
            white.blue / white.red
        };
        let steps: Vec<f64> = (17..250).map(|step| ratio(f64::from(step) * 100.0)).collect();
        assert!(steps.is_sorted());
        assert_eq!((Color::from_kelvin(1000.0), Color::from_kelvin(f64::NAN)), (None, None));
    }
}
