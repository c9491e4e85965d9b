//! How levels, angles, rates and plain numbers are written.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::written::{percent, quantity};
use super::{Amount, LONGEST, Level, Span};
use crate::decode::{About, At, Decode, Decoder, Definitions};
use crate::diagnostic::Diagnostic;
use crate::tree::Value;

/// A part of a whole: `80%`, or 0.8; says so when it is outside.
fn part<T: Decode>(at: &At<'_>, decoder: &mut Decoder) -> Option<f64> {
    let read = match &at.node.value {
        Value::Number(number) => Some(*number),
        Value::Text(text) => percent(text),
        _ => None,
    };
    let Some(part) = read else { return decoder.wrong::<T, _>(at) };
    if (0.0..=1.0).contains(&part) {
        return Some(part);
    }
    let name = at.name();
    let message = format!("`{name}` must be from 0% to 100% (0 to 1), found {}", at.found());
    let error = Diagnostic::error("out-of-range", at.place(), message);
    // `80` and `"80"` lack a `%`.
    let bare = (1.0..=100.0).contains(&part) && !at.node.text().is_some_and(|t| t.contains('%'));
    let error = if bare { error.hint(format!("did you mean `\"{part}%\"`?")) } else { error };
    decoder.say(error);
    None
}

fn part_schema(kind: &'static str, doc: &str, definitions: &mut Definitions) -> Json {
    definitions.define(kind, |_| {
        json!({
            "description": doc,
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": 1},
                {"type": "string", "pattern": r"^\s*[0-9][0-9.]*(/[0-9][0-9.]*)?\s*%?\s*$"},
                {"type": "string", "pattern": super::ARGUMENT_PATTERN},
            ],
        })
    })
}

impl Decode for Level {
    fn about() -> About {
        About { range: Some((0.0, 1.0)), ..About::new("level", "a level such as `80%` or 0.8") }
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        part::<Self>(at, decoder).map(Self)
    }

    fn schema(definitions: &mut Definitions) -> Json {
        part_schema("level", "A level: `80%`, or 0.8.", definitions)
    }
}

/// A part of a whole as written.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Part(pub f64);

impl Decode for Part {
    fn about() -> About {
        About { range: Some((0.0, 1.0)), ..About::new("part", "a part such as `50%` or 0.5") }
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        part::<Self>(at, decoder).map(Self)
    }

    fn schema(definitions: &mut Definitions) -> Json {
        part_schema("part", "A part of a whole: `50%`, or 0.5.", definitions)
    }
}

/// Plain numbers with a unit that may be written after them, and a range.
macro_rules! number {
    ($( $(#[$doc:meta])* $name:ident: $kind:literal, $expected:literal, $units:expr, $low:expr, $high:expr; )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Debug, Serialize)]
        pub struct $name(pub f64);

        impl From<$name> for f64 {
            fn from(number: $name) -> f64 {
                number.0
            }
        }

        impl Decode for $name {
            fn about() -> About {
                let units: &[&'static str] = &$units;
                let unit = units.first().copied().unwrap_or("");
                About { unit, range: Some(($low, $high)), ..About::new($kind, $expected) }
            }

            fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
                let units: &[&str] = &$units;
                let read = match &at.node.value {
                    Value::Number(number) => Some(*number),
                    Value::Text(text) => quantity(text)
                        .filter(|(_, unit)| unit.is_empty() || units.contains(unit))
                        .map(|(number, _)| number),
                    _ => None,
                };
                let Some(number) = read else { return decoder.wrong::<Self, _>(at) };
                decoder.in_range(at, number, $low, $high).map(Self)
            }

            fn schema(definitions: &mut Definitions) -> Json {
                definitions.define($kind, |_| json!({
                    "description": concat!("Written as ", $expected, "."),
                    "anyOf": [
                        {"type": "number", "minimum": $low, "maximum": $high},
                        {"type": "string"},
                    ],
                }))
            }
        }
    )*};
}

impl From<Part> for f64 {
    fn from(part: Part) -> f64 {
        part.0
    }
}

number! {
    /// An angle in degrees as written.
    Angle: "angle", "an angle such as `120deg` or 120", ["deg", "°", "degrees"], -3600.0, 3600.0;
    /// How far from the middle of a movement, in degrees.
    Radius: "radius", "an angle such as `20deg` or 20", ["deg", "°", "degrees"], 0.0, 360.0;
    /// How far to each side a movement goes, in degrees.
    Extent: "extent", "an angle such as `30deg` or 30", ["deg", "°", "degrees"], 0.0, 180.0;
    /// Turns or waves that a selection shows at once.
    Turns: "turns", "a number of turns such as 1 or 0.5", ["turns", "turn"], -1000.0, 1000.0;
    /// A number of places along a selection, at least one.
    Width: "width", "a number of places from 1 up", ["places"], 1.0, 100_000.0;
    /// A number of places along a selection, or none.
    Tail: "tail", "a number of places from 0 up", ["places"], 0.0, 100_000.0;
    /// How long something is, measured by something else.
    Reach: "reach", "a number from 0 to 10", [], 0.0, 10.0;
    /// The frames, flashes or turns in a second.
    Hertz: "rate", "a rate such as `8 Hz` or 8", ["Hz", "hz"], 0.0, 1000.0;
    /// Beats a minute.
    Tempo: "tempo", "beats a minute from 10 to 1000", ["bpm", "BPM"], 10.0, 1000.0;
    /// A frequency of sound.
    Frequency: "frequency", "a frequency such as `150 Hz` or 150", ["Hz", "hz"], 1.0, 24_000.0;
    /// What a level is multiplied by.
    Gain: "gain", "a factor from 0 to 100", [], 0.0, 100.0;
    /// Layers of noise.
    Layers: "layers", "a whole number from 1 to 8", [], 1.0, 8.0;
    /// Pulses for each beat.
    Pulses: "pulses", "pulses for each beat, from 1/64 to 64", [], 0.015_625, 64.0;
    /// The weight of a part of an envelope.
    Weight: "weight", "a weight from 0 to 1000", [], 0.0, 1000.0;
    /// How something bends, from one way to the other.
    Bend: "bend", "a number from -1 to 1", [], -1.0, 1.0;
    /// A time of a song, in seconds.
    Moment: "song time", "a time in seconds", ["s"], -LONGEST, LONGEST;
    /// A length in the room.
    Metres: "metres", "a length such as `0.5m` or 0.5", ["m"], 0.0, 10_000.0;
    /// How fast a head turns, in degrees a second.
    TurnSpeed: "turn speed", "degrees a second such as `180deg/s` or 180", ["deg/s", "°/s"], 1.0, 100_000.0;
    /// The seconds that a head takes from end to end.
    TravelTime: "travel time", "seconds from end to end such as `2s` or 2", ["s"], 0.01, 600.0;
    /// Beats in a bar.
    BarLength: "bar length", "a number of beats from 1 to 64", [], 1.0, 64.0;
}

/// A number of layers of noise, whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Octaves(pub u32);

impl From<Octaves> for u32 {
    fn from(octaves: Octaves) -> Self {
        octaves.0
    }
}

impl Decode for Octaves {
    fn about() -> About {
        Layers::about()
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let layers = Layers::decode(at, decoder)?.0;
        if layers.fract() != 0.0 {
            return decoder.wrong::<Self, _>(at);
        }
        Some(Self(layers as u32))
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"type": ["integer", "string"], "minimum": 1, "maximum": 8})
    }
}

/// A length of time that does not follow the song, in seconds.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Seconds(pub f64);

impl From<Seconds> for f64 {
    fn from(seconds: Seconds) -> Self {
        seconds.0
    }
}

impl Decode for Seconds {
    fn about() -> About {
        About {
            unit: "s",
            range: Some((0.0, 3600.0)),
            ..About::new("seconds", "a time such as `1.5s` or `200ms`")
        }
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let read = match &at.node.value {
            Value::Number(seconds) => Some(*seconds),
            Value::Text(text) => match text.parse() {
                Ok(Span::Seconds(seconds)) => Some(seconds),
                _ => None,
            },
            _ => None,
        };
        let Some(seconds) = read else { return decoder.wrong::<Self, _>(at) };
        decoder.in_range(at, seconds, 0.0, 3600.0).map(Self)
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("seconds", |_| {
            json!({
                "description": "A time in seconds: 0.5, `0.5s` or `500ms`.",
                "anyOf": [{"type": "number", "minimum": 0}, {"type": "string"}],
            })
        })
    }
}

/// Units that a beam parameter may be given in.
const PHYSICAL: [&str; 8] = ["deg", "°", "Hz", "K", "m", "rpm", "lm", "lx"];

impl Decode for Amount {
    fn about() -> About {
        About::new("amount", "a part such as `50%` or 0.5, or a physical value such as `20deg`")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let physical =
            at.node.text().and_then(quantity).filter(|(_, unit)| PHYSICAL.contains(unit));
        match physical {
            Some((amount, "rpm")) => Some(Self::Physical(amount / 60.0)),
            Some((amount, _)) => Some(Self::Physical(amount)),
            None => part::<Self>(at, decoder).map(Self::Fraction),
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("amount", |_| {
            json!({
                "description": "How much of a beam parameter: `50%`, 0.5, or physical: `20deg`.",
                "anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "string"}],
            })
        })
    }
}

/// A strobe rate as written in a look: `8 Hz`, or `open` for 0.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct StrobeRate(pub f64);

impl Decode for StrobeRate {
    fn about() -> About {
        About::new("strobe rate", "a rate such as `8 Hz`, or `open`")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match at.node.text() {
            Some("open") => Some(Self(0.0)),
            Some(text) if !quantity(text).is_some_and(|(_, unit)| matches!(unit, "Hz" | "hz")) => {
                decoder.wrong::<Self, _>(at)
            }
            _ => Hertz::decode(at, decoder).map(|rate| Self(rate.0)),
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("strobe rate", |_| {
            json!({
                "description": "Flashes a second: `8 Hz`, or `open`.",
                "anyOf": [{"type": "number", "minimum": 0}, {"type": "string"}],
            })
        })
    }
}

/// The value of a channel as written, as a part of its range: `50%`, or 0 to 255.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct ChannelValue(pub f64);

impl Decode for ChannelValue {
    fn about() -> About {
        About {
            range: Some((0.0, 255.0)),
            ..About::new("channel value", "a channel's value such as `50%` or 0 to 255")
        }
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match &at.node.value {
            Value::Number(number) => {
                decoder.in_range(at, *number, 0.0, 255.0).map(|number| Self(number / 255.0))
            }
            Value::Text(text) if text.trim().ends_with('%') => part::<Self>(at, decoder).map(Self),
            _ => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("channel value", |_| {
            json!({
                "description": "A channel's value: `50%`, or 0 to 255.",
                "anyOf": [
                    {"type": "number", "minimum": 0, "maximum": 255},
                    {"type": "string", "pattern": r"%\s*$|^\$"},
                ],
            })
        })
    }
}
