//! The effects of channel layers: what a cue writes to the slots of a fixture, frame by frame, by
//! the rules of the AI Light Show. Decoder, schema and rows of the reference come from the one
//! table below.

use std::sync::Arc;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::decode::{About, At, Decode, Decoder, Definitions, Field, Spanned, choice, record};
use crate::diagnostic::{Diagnostic, Place};
use crate::reference::{Kind, Row};
use crate::tree::Value;
use crate::value::{Color, Easing, Hertz, Level, written};

/// The value of one slot, 0 to 255, as written: 128, or `50%`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct SlotValue(pub u8);

impl Decode for SlotValue {
    fn about() -> About {
        About {
            range: Some((0.0, 255.0)),
            ..About::new("slot value", "a slot's value from 0 to 255, or `50%`")
        }
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let number = match &at.node.value {
            Value::Number(number) if number.fract() == 0.0 => Some(*number),
            Value::Text(text) if text.trim().ends_with('%') => {
                written::percent(text).map(|part| (part * 255.0).round())
            }
            _ => None,
        };
        let Some(number) = number else { return decoder.wrong::<Self, _>(at) };
        decoder.in_range(at, number, 0.0, 255.0).map(|number| Self(number as u8))
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("slot value", |_| {
            json!({
                "description": "The value of a slot: 0 to 255, or `50%`.",
                "anyOf": [
                    {"type": "integer", "minimum": 0, "maximum": 255},
                    {"type": "string", "pattern": r"%\s*$"},
                ],
            })
        })
    }
}

/// A pan or tilt as fixtures count it, from the end stop at 0 to 65535.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct AxisValue(pub u16);

impl Decode for AxisValue {
    fn about() -> About {
        About {
            range: Some((0.0, 65_535.0)),
            ..About::new("axis value", "a whole number from 0 to 65535")
        }
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match at.node.number().filter(|number| number.fract() == 0.0) {
            Some(number) => {
                decoder.in_range(at, number, 0.0, 65_535.0).map(|number| Self(number as u16))
            }
            None => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"type": "integer", "minimum": 0, "maximum": 65535})
    }
}

impl Decode for [AxisValue; 2] {
    fn about() -> About {
        About::new("aim pair", "pan and tilt, two whole numbers from 0 to 65535")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let items: Vec<At<'_>> = at.items().collect();
        let [pan, tilt] = items.as_slice() else { return decoder.wrong::<Self, _>(at) };
        Some([AxisValue::decode(pan, decoder)?, AxisValue::decode(tilt, decoder)?])
    }

    fn schema(definitions: &mut Definitions) -> Json {
        let item = AxisValue::schema(definitions);
        json!({"type": "array", "items": item, "minItems": 2, "maxItems": 2})
    }
}

/// A point of interest of the venue, by its name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PointName(pub Arc<str>);

impl Decode for PointName {
    fn about() -> About {
        About::new("point", "the name of a point of interest")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let Some(name) = at.node.text() else { return decoder.wrong::<Self, _>(at) };
        if decoder.names.has_points && !decoder.names.points.contains_key(name) {
            let message = format!("the venue has no point of interest `{name}`");
            let error = Diagnostic::error("unknown-poi", at.place(), message)
                .nearest(name, decoder.names.points.keys().map(String::as_str));
            decoder.say(error);
            return None;
        }
        Some(Self(name.into()))
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"type": "string"})
    }
}

record! {
    /// Values for the dimmer and the colours of a fixture.
    pub struct LightSlots as "light slots" {
        /// The dimmer.
        pub dimmer: Option<SlotValue>,
        /// Red.
        pub red: Option<SlotValue>,
        /// Green.
        pub green: Option<SlotValue>,
        /// Blue.
        pub blue: Option<SlotValue>,
    }
}

/// Parameters of [`ChannelEffect::SetChannels`]: slots by their key in the mode of the profile.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct SetChannels(pub Vec<(Arc<str>, SlotValue, Place)>);

impl SetChannels {
    fn fields() -> Vec<Field> {
        Vec::new()
    }
}

impl Decode for SetChannels {
    fn about() -> About {
        About::new("channels", "an object of the fixture's channels and their values")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let values = IndexMap::<String, Spanned<SlotValue>>::decode(at, decoder)?;
        let slot = |(key, value): (String, Spanned<SlotValue>)| {
            (key.as_str().into(), value.value, value.place)
        };
        Some(Self(values.into_iter().map(slot).collect()))
    }

    fn schema(definitions: &mut Definitions) -> Json {
        IndexMap::<String, SlotValue>::schema(definitions)
    }
}

record! {
    /// Parameters of an effect that takes none.
    pub struct Plain as "no parameters" {}
}

record! {
    /// Parameters of [`ChannelEffect::Flash`].
    pub struct FlashSlots as "channel flash" {
        /// The colour, held while the dimmer falls; it falls itself where there is no dimmer.
        pub color: Color = "#ffffff",
        /// Fades these slots and no others, by their key in the mode of the profile.
        pub channels: Option<Vec<Spanned<String>>>,
    }
}

record! {
    /// Parameters of [`ChannelEffect::Strobe`].
    pub struct StrobeSlots as "channel strobe" {
        /// Flashes a second.
        pub rate: f64 as Hertz = 20.0,
    }
}

record! {
    /// Parameters of [`ChannelEffect::FadeIn`].
    pub struct FadeIn as "channel fade in" {
        /// Where it starts; what is not named starts from what it is at that time.
        pub from: LightSlots = Value::Object(Vec::new()),
        /// Where it ends; what is not named goes to 255.
        pub to: LightSlots = Value::Object(Vec::new()),
        /// Its course.
        pub easing: Easing = "linear",
    }
}

record! {
    /// Parameters of [`ChannelEffect::FadeOut`].
    pub struct FadeOut as "channel fade out" {
        /// Where it starts; what is not named starts from what it is at that time.
        pub from: LightSlots = Value::Object(Vec::new()),
        /// Its course.
        pub easing: Easing = "linear",
    }
}

record! {
    /// Parameters of [`ChannelEffect::Fade`].
    pub struct FadeSlots as "channel fade" {
        /// Where it ends; what is not named stays.
        pub to: LightSlots,
        /// Its course.
        pub easing: Easing = "linear",
    }
}

record! {
    /// Parameters of [`ChannelEffect::ColorFade`].
    pub struct ColorFadeSlots as "channel color fade" {
        /// The colour at the start; what shows at that time when not given.
        pub from: Option<Color>,
        /// The colour at the end.
        pub to: Color = "#ffffff",
        /// Its course.
        pub easing: Easing = "linear",
    }
}

record! {
    /// Parameters of [`ChannelEffect::MoveTo`] and [`ChannelEffect::Seek`].
    pub struct AxisPair as "axis pair" {
        /// Pan.
        pub pan: AxisValue,
        /// Tilt.
        pub tilt: AxisValue,
    }
}

record! {
    /// Parameters of [`ChannelEffect::MoveToPoi`] and [`ChannelEffect::Expect`].
    pub struct MoveToPoi as "move to poi" {
        /// The point.
        pub point: PointName,
    }
}

record! {
    /// Parameters of [`ChannelEffect::Circle`].
    pub struct CircleSlots as "channel circle" {
        /// The middle of the circle.
        pub point: PointName,
        /// Its radius, in metres.
        pub radius: f64,
        /// How many times round; below 0 the other way.
        pub turns: f64 = 1.0,
    }
}

record! {
    /// Parameters of [`ChannelEffect::Orbit`] and [`ChannelEffect::OrbitOut`].
    pub struct OrbitSlots as "orbit" {
        /// The point in the middle of the spiral.
        pub subject: PointName,
        /// The point at its outer end.
        pub start: PointName,
        /// How many times round.
        pub turns: f64 = 1.0,
        /// How the spiral closes in.
        pub easing: Focus = "late_focus",
        /// Whether it is dark on the way to where it begins; without, it begins at once.
        pub dark: bool = true,
    }
}

/// How a spiral closes in on its middle.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Focus {
    /// Evenly.
    Linear,
    /// Fast at first.
    Early,
    /// Slow at both ends.
    Balanced,
    /// Fast at last.
    Late,
}

choice! { Focus, "focus":
    Linear = "linear", "Evenly.";
    Early = "early_focus", "Fast at first.";
    Balanced = "balanced", "Slow at both ends.";
    Late = "late_focus", "Fast at last.";
}

record! {
    /// Parameters of [`ChannelEffect::Sweep`].
    pub struct SweepSlots as "sweep" {
        /// The point in the middle, where it is brightest.
        pub subject: PointName,
        /// The point where it begins.
        pub start: PointName,
        /// The point where it ends; opposite of `start` when not given.
        pub end: Option<PointName>,
        /// Seconds in which it slows down before the middle and gathers speed after it.
        pub easing: f64 = 0.0,
        /// The part of the way to the middle that stays dark, 0 to 1.
        pub dimmer_easing: f64 = 0.0,
        /// How much the way is bent.
        pub arc: f64 = 0.015,
        /// The brightness in the middle.
        pub level: Level = "100%",
    }
}

macro_rules! channel_effects {
    ($( $name:literal $variant:ident $source:ident $doc:literal $example:literal )*) => {
        /// What a cue of a channel layer does.
        #[derive(Clone, PartialEq, Debug, Serialize)]
        pub enum ChannelEffect { $( #[doc = $doc] $variant($source) ),* }

        /// The name of every effect of channel layers, in the order of the reference.
        pub(crate) const CHANNEL_EFFECTS: &[&str] = &[$($name),*];

        impl ChannelEffect {
            /// Reads the parameters of the effect `name`.
            pub(crate) fn decode(
                name: &str,
                at: &At<'_>,
                decoder: &mut Decoder,
            ) -> Option<Self> {
                match name {
                    $( $name => <$source as Decode>::decode(at, decoder).map(Self::$variant), )*
                    _ => None,
                }
            }

            /// Its name.
            pub fn name(&self) -> &'static str {
                match self { $( Self::$variant(_) => $name ),* }
            }
        }

        /// The rows of the reference.
        pub(crate) fn rows() -> Vec<Row> {
            vec![$(
                Row::new(Kind::Channel, "AI Light Show", $name, $doc)
                    .parameters($source::fields())
                    .example($example)
            ),*]
        }

        /// The schema of each effect's parameters, by its name.
        pub(crate) fn channel_schemas(definitions: &mut Definitions) -> Vec<(&'static str, Json)> {
            vec![$({
                let mut schema = <$source as Decode>::schema(definitions);
                if schema.get("$ref").is_none() {
                    schema["description"] = json!($doc);
                }
                ($name, schema)
            }),*]
        }
    };
}

channel_effects! {
    "set_channels" SetChannels SetChannels
    "Writes slots in the frame in which the cue starts; they stay until something else writes them. \
     A slot goes by its key in the mode of the fixture's profile; a 16-bit channel has two."
    r##"{ "at": 12.5, "on": "spot", "set_channels": { "color": 75, "gobo": 12, "dim": 0 } }"##

    "full" Full Plain
    "Dimmer, shutter and colours to 255 in the frame in which the cue starts."
    r##"{ "at": 12.5, "on": "par", "full": {} }"##

    "blackout" Blackout Plain
    "Dimmer, shutter and colours to 0 in the frame in which the cue starts."
    r##"{ "at": 12.5, "on": "par", "blackout": {} }"##

    "flash" Flash FlashSlots
    "The dimmer full at once, then down to nothing over the cue; the colour is held and the shutter \
     opened. Where there is no dimmer, the colour falls."
    r##"{ "at": 12.5, "for": 0.5, "on": "par", "flash": { "color": "#0000ff" } }"##

    "strobe" Strobe StrobeSlots
    "The dimmer on and off in whole frames, dark at the end; colours where there is no dimmer, and \
     those are at the end what they were."
    r##"{ "at": 12.5, "for": 1, "on": "par", "strobe": { "rate": 10 } }"##

    "fade_in" FadeIn FadeIn
    "Dimmer and colours up over the cue, from what they are to 255 or what is given; opens the \
     shutter."
    r##"{ "at": 12.5, "for": 2, "on": "par", "fade_in": { "to": { "red": 255, "green": 0, "blue": 0 } } }"##

    "fade_out" FadeOut FadeOut
    "Dimmer and colours down to 0 over the cue, from what they are or what is given."
    r##"{ "at": 12.5, "for": 2, "on": "par", "fade_out": { "easing": "in" } }"##

    "fade" Fade FadeSlots
    "The dimmer and the colours that are named, from what they are to what is given."
    r##"{ "at": 12.5, "for": 5, "on": "par", "fade": { "to": { "red": 255, "green": 0, "blue": 0 } } }"##

    "color_fade" ColorFade ColorFadeSlots
    "From one colour to another round the colour circle, by the shorter way."
    r##"{ "at": 12.5, "for": 2, "on": "par", "color_fade": { "from": "red", "to": "#0000ff" } }"##

    "move_to" MoveTo AxisPair
    "Pan and tilt evenly from what they are to what is given, of 65535 from end stop to end stop."
    r##"{ "at": 12.5, "for": 2, "on": "spot", "move_to": { "pan": 30000, "tilt": 2000 } }"##

    "move_to_poi" MoveToPoi MoveToPoi
    "Pan and tilt evenly from what they are to those of the fixture for a point of interest."
    r##"{ "at": 12.5, "for": 2, "on": "spot", "move_to_poi": { "point": "piano" } }"##

    "seek" Seek AxisPair
    "Pan and tilt at once, in the frame in which the cue starts."
    r##"{ "at": 12.5, "on": "spot", "seek": { "pan": 30000, "tilt": 2000 } }"##

    "expect" Expect MoveToPoi
    "Writes nothing: says where the head will be by then, for a later cue that goes dark to where it      begins and counts the way from there."
    r##"{ "at": 12.5, "on": "spot", "expect": { "point": "piano" } }"##

    "circle" Circle CircleSlots
    "A circle in the room around a point of interest, level with it and kept inside the room. Pan \
     and tilt come from those of the venue's reference points, the nearer ones the more; no faster \
     than the head turns."
    r##"{ "at": 12.5, "for": 4, "on": "spot", "circle": { "point": "piano", "radius": 1.5 } }"##

    "orbit" Orbit OrbitSlots
    "A spiral from one point in to another, no faster than the head turns. Before the cue starts, \
     the head goes dark to where it begins."
    r##"{ "at": 12.5, "for": 4, "on": "spot", "orbit": { "subject": "piano", "start": "table" } }"##

    "orbit_out" OrbitOut OrbitSlots
    "A spiral out from one point to another, no faster than the head turns. Before the cue starts, \
     the head goes dark to where it begins."
    r##"{ "at": 12.5, "for": 4, "on": "spot", "orbit_out": { "subject": "piano", "start": "table" } }"##

    "sweep" Sweep SweepSlots
    "Over a point in two bent lines, brightest on the point itself, no faster than the head turns. \
     Before the cue starts, the head goes dark to where it begins."
    r##"{ "at": 12.5, "for": 4, "on": "spot", "sweep": { "subject": "piano", "start": "table", "end": "sofa" } }"##
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::parse_json;
    use crate::world::Source;

    #[test]
    fn every_example_is_right() {
        for row in rows() {
            let source = Source { path: "example.json".into(), text: row.example.into() };
            let tree = parse_json(&source).unwrap();
            let mut decoder = Decoder::default();
            let action = At::root(&tree).member(row.name).expect("the example uses its effect");
            let effect = ChannelEffect::decode(row.name, &action, &mut decoder);
            assert_eq!(decoder.diagnostics, [], "{}", row.name);
            assert_eq!(effect.expect(row.name).name(), row.name);
        }
    }
}
