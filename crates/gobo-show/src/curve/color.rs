//! Colours that may vary.

use serde_json::{Value as Json, json};

use super::number::{curve, named};
use super::{FanSource, Tinted};
use crate::decode::{About, At, Decode, Decoder, Definitions, record};
use crate::tree::Value;
use crate::value::{Color, Every, Part, Span, Turns};

/// A colour of a look: a constant, or one that varies.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub enum TintedValue {
    /// A constant.
    Constant(Color),
    /// One that varies.
    Tinted(Box<Tinted>),
}

record! {
    /// The hues of the colour circle, turning.
    pub struct Hues as "hues" {
        /// One turn of the colour circle.
        pub every: Span as Every = "2 bars",
        /// Turns of the circle that the selection shows at once.
        pub spread: f64 as Turns = 0.0,
        /// Saturation, 0 (white) to 1.
        pub saturation: f64 as Part = "100%",
    }
}

/// A curve from 0 to 1.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct Along(super::Curve);

impl Decode for Along {
    fn about() -> About {
        About::new("curve", "a curve such as { \"sine\": { \"every\": \"1 bar\" } }")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match at.node.value {
            Value::Object(_) => curve::<Part>(at, decoder).map(Self),
            _ => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        super::table::schema(definitions)
    }
}

record! {
    /// A colour between others, as a curve says.
    pub struct GradientSource as "gradient" {
        /// The colours, evenly spaced from 0 to 1; at least two.
        pub gradient: Vec<Color>,
        /// The curve: 0 is the first colour, 1 the last.
        pub by: Along,
    }
}

impl GradientSource {
    fn resolve(self, at: &At<'_>, decoder: &mut Decoder) -> Option<Tinted> {
        // A colour that could not be read has been told of.
        let written = at.member("gradient").map_or(0, |list| list.node.items().len());
        if written < 2 {
            let message = "a gradient goes from colour to colour: expected at least two";
            decoder.error("short-gradient", &at.member("gradient")?, message);
            return None;
        }
        Some(Tinted::Gradient { colors: self.gradient, by: self.by.0 })
            .filter(|gradient| matches!(gradient, Tinted::Gradient { colors, .. } if colors.len() == written))
    }
}

/// The keys that name how a colour varies.
const TINTS: [&str; 3] = ["gradient", "rainbow", "fan"];

impl Decode for TintedValue {
    fn about() -> About {
        Color::about()
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let varies = matches!(at.node.value, Value::Object(_))
            && at.members().any(|(key, _)| key == "by" || TINTS.contains(&key));
        if !varies {
            return Color::decode(at, decoder).map(Self::Constant);
        }
        let (name, member) = named(at, &TINTS, &["by", "shape", "easing"], decoder)?;
        let tinted = match name {
            "gradient" => GradientSource::decode(at, decoder)?.resolve(at, decoder)?,
            "fan" => {
                let fan = FanSource::decode(at, decoder)?;
                Tinted::Fan(fan.resolve(at, decoder, |color: Color| color)?)
            }
            _ => {
                decoder.refuse_unknown(at, &["rainbow"], &[]);
                let hues = Hues::decode(&member, decoder)?;
                let Hues { every, spread, saturation } = hues;
                Tinted::Rainbow { every, spread, saturation }
            }
        };
        Some(Self::Tinted(Box::new(tinted)))
    }

    fn schema(definitions: &mut Definitions) -> Json {
        let hues = json!({
            "type": "object",
            "properties": {"rainbow": Hues::schema(definitions)},
            "required": ["rainbow"],
            "additionalProperties": false,
        });
        let varying = [
            Color::schema(definitions),
            GradientSource::schema(definitions),
            FanSource::schema(definitions),
            hues,
        ];
        json!({"anyOf": varying})
    }
}
