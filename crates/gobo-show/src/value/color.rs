//! How colours are written: `#ff8800`, `#f80`, `rgb(255, 136, 0)`, `hsv(30, 100%, 100%)` and `hsl`
//! and `hsi` like it, `linear(1, 0.5, 0)`, `srgb(255, 136, 0)`, `3200K`, a CSS name, or a name of the
//! show's palette.

use std::str::FromStr;

use serde_json::{Value as Json, json};

use super::Color;
use super::css::NAMES;
use super::written::{number, quantity};
use crate::decode::{About, At, Decode, Decoder, Definitions};
use crate::diagnostic::Diagnostic;

/// Text that is no colour.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("expected a colour such as `#ff8800`, `orange` or `hsv(30, 100%, 100%)`, found `{0}`")]
pub struct ColorError(pub String);

impl Color {
    /// A colour from `0xRRGGBB`.
    pub fn from_rgb(rgb: u32) -> Self {
        let part = |shift: u32| f64::from((rgb >> shift) & 0xff) / 255.0;
        Self { red: part(16), green: part(8), blue: part(0) }
    }

    /// A colour from hue in degrees, saturation and value, 0 to 1.
    pub fn from_hsv(hue_deg: f64, saturation: f64, value: f64) -> Self {
        let part = |offset: f64| {
            let place = (offset + hue_deg / 60.0).rem_euclid(6.0);
            value - value * saturation * place.min(4.0 - place).clamp(0.0, 1.0)
        };
        Self { red: part(5.0), green: part(3.0), blue: part(1.0) }
    }

    /// The colour that CSS calls `name`, in any case.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let index = NAMES.binary_search_by(|(known, _)| known.cmp(&name.as_str())).ok()?;
        Some(Self::from_rgb(NAMES[index].1))
    }
}

impl FromStr for Color {
    type Err = ColorError;

    fn from_str(text: &str) -> Result<Self, ColorError> {
        let trimmed = text.trim();
        let read = match trimmed.strip_prefix('#') {
            Some(digits) => hex(digits),
            None => function(trimmed).or_else(|| kelvin(trimmed)).or_else(|| Self::named(trimmed)),
        };
        read.ok_or_else(|| ColorError(text.to_owned()))
    }
}

fn hex(digits: &str) -> Option<Color> {
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let rgb = u32::from_str_radix(digits, 16).ok()?;
    match digits.len() {
        6 => Some(Color::from_rgb(rgb)),
        3 => Some(Color::from_rgb(
            (rgb & 0xf00) * 0x1100 + (rgb & 0x0f0) * 0x110 + (rgb & 0x00f) * 0x11,
        )),
        _ => None,
    }
}

/// `3200K`.
fn kelvin(text: &str) -> Option<Color> {
    let (kelvin, unit) = quantity(text)?;
    if unit == "K" { Color::from_kelvin(kelvin) } else { None }
}

fn function(text: &str) -> Option<Color> {
    let (name, rest) = text.split_once('(')?;
    let parts: Vec<_> = rest.strip_suffix(')')?.split(',').map(str::trim).collect();
    let [a, b, c] = parts.try_into().ok()?;
    // A bare number of hsv() is a part; of rgb() a byte.
    let part = |text: &str, whole: f64| {
        let part = match quantity(text)? {
            (amount, "%") => amount / 100.0,
            (amount, "") => amount / whole,
            _ => return None,
        };
        (0.0..=1.0).contains(&part).then_some(part)
    };
    let name = name.trim();
    match name {
        "linear" => Some(Color { red: part(a, 1.0)?, green: part(b, 1.0)?, blue: part(c, 1.0)? }),
        "srgb" => Some(Color::from_srgb([part(a, 255.0)?, part(b, 255.0)?, part(c, 255.0)?])),
        "rgb" => {
            Some(Color { red: part(a, 255.0)?, green: part(b, 255.0)?, blue: part(c, 255.0)? })
        }
        "hsv" | "hsl" | "hsi" => {
            let hue = number(a.trim_end_matches("deg").trim_end_matches('°').trim())?;
            let (b, c) = (part(b, 1.0)?, part(c, 1.0)?);
            Some(match name {
                "hsl" => Color::from_hsl(hue, b, c),
                "hsi" => Color::from_hsi(hue, b, c),
                _ => Color::from_hsv(hue, b, c),
            })
        }
        _ => None,
    }
}

impl Decode for Color {
    fn about() -> About {
        About::new("color", "a colour such as `#ff8800`, `orange` or `hsv(30, 100%, 100%)`")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let Some(text) = at.node.text() else { return decoder.wrong::<Self, _>(at) };
        if let Some(color) = decoder.names.colors.get(text) {
            let color = *color;
            decoder.colors_used.insert(text.to_owned());
            return Some(color);
        }
        if let Ok(color) = text.parse() {
            return Some(color);
        }
        if text.starts_with('#') || text.contains('(') {
            return decoder.wrong::<Self, _>(at);
        }
        if quantity(text).is_some_and(|(_, unit)| unit == "K") {
            let message = format!("a white has from 1667K to 25000K, found {text}");
            decoder.error("out-of-range", at, message);
            return None;
        }
        let message = format!("no colour has the name `{text}`");
        let known = decoder.names.colors.keys().map(String::as_str);
        let known = known.chain(NAMES.iter().map(|(name, _)| *name));
        let error = Diagnostic::error("unknown-color", at.place(), message).nearest(text, known);
        decoder.say(match format!("#{text}").parse::<Self>() {
            Ok(_) => error.hint(format!("did you mean `#{text}`?")),
            Err(_) if error.hints.is_empty() => {
                error.hint("a palette colour is defined under `[colors]` in show.toml")
            }
            Err(_) => error,
        });
        None
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("color", |_| {
            json!({
                "description": "A colour: `#ff8800`, `#f80`, `rgb(255, 136, 0)`, \
                    `hsv(30, 100%, 100%)`, `hsl(…)`, `hsi(…)`, `linear(1, 0.5, 0)`, \
                    `srgb(255, 136, 0)` (a screen's, its gamma undone), `3200K`, a CSS name, or a \
                    name of the show's palette.",
                "type": "string",
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_in_every_form() {
        let orange = Color::from_rgb(0x00ff_8800);
        for text in ["#ff8800", "#f80", "#FF8800", "rgb(255, 136, 0)", "rgb(100%,136,0%)"] {
            assert_eq!(text.parse(), Ok(orange), "{text}");
        }
        assert_eq!("Rebeccapurple".parse(), Ok(Color::from_rgb(0x0066_3399)));
        assert_eq!("hsv(120, 100%, 50%)".parse(), Ok(Color { red: 0.0, green: 0.5, blue: 0.0 }));
        assert_eq!("hsv(-240deg, 1, 0.5)".parse(), "hsv(120, 100%, 50%)".parse::<Color>());
        assert_eq!("hsl(120, 100%, 25%)".parse(), Ok(Color { red: 0.0, green: 0.5, blue: 0.0 }));
        assert_eq!("linear(1, 50%, 0)".parse(), Ok(Color { red: 1.0, green: 0.5, blue: 0.0 }));
        assert_eq!("3200K".parse(), Color::from_kelvin(3200.0).ok_or(ColorError(String::new())));
        for bad in ["hsi(30, 120%, 1)", "srgb(1,2)", "900K", "3200 k", "linear(2, 0, 0)"] {
            assert!(bad.parse::<Color>().is_err(), "{bad}");
        }
        for bad in ["", "#", "#ff", "#gggggg", "#+ff880", "hsv(1,2)", "rgb(256,0,0)", "orangy"] {
            assert!(bad.parse::<Color>().is_err(), "{bad}");
        }
    }

    #[test]
    fn css_names_are_sorted() {
        assert!(NAMES.is_sorted_by_key(|(name, _)| *name));
    }
}
