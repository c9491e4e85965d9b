//! Fades and delays of cues as written: a length of time alone, or with more to say.

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::decode::{About, At, Decode, Decoder, Definitions, record};
use crate::tree::Value;
use crate::value::{Easing, Span};

record! {
    /// A fade with its course.
    pub struct Fading as "fade of a cue" {
        /// How long it takes.
        pub time: Span,
        /// Its course.
        pub easing: Easing = "linear",
    }
}

record! {
    /// A delay that differs along the selection.
    pub struct DelayFan as "delay" {
        /// At the first place.
        pub from: Span = 0.0,
        /// At the last place.
        pub to: Span,
    }
}

/// A fade as a cue writes it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct FadeKey(pub Fading);

impl From<FadeKey> for Fading {
    fn from(key: FadeKey) -> Self {
        key.0
    }
}

impl Decode for FadeKey {
    fn about() -> About {
        let expected =
            "a length of time such as `2s` or `1 bar`, or { \"time\": …, \"easing\": … }";
        About { unit: "s", ..About::new("fade", expected) }
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let fading = match at.node.value {
            Value::Object(_) => Fading::decode(at, decoder)?,
            Value::Number(_) | Value::Text(_) => {
                Fading { time: Span::decode(at, decoder)?, easing: Easing::Linear }
            }
            _ => return decoder.wrong::<Self, _>(at),
        };
        Some(Self(fading))
    }

    fn schema(definitions: &mut Definitions) -> Json {
        let (span, fading) = (Span::schema(definitions), Fading::schema(definitions));
        json!({"anyOf": [span, fading]})
    }
}

/// How much later a cue starts, at the first and the last place of its selection.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Delay {
    /// At the first place.
    pub from: Span,
    /// At the last place.
    pub to: Span,
}

impl Decode for Delay {
    fn about() -> About {
        let expected = "a length of time such as `500ms`, or { \"from\": …, \"to\": … }";
        About { unit: "s", ..About::new("delay", expected) }
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match at.node.value {
            Value::Object(_) => {
                DelayFan::decode(at, decoder).map(|DelayFan { from, to }| Self { from, to })
            }
            Value::Number(_) | Value::Text(_) => {
                Span::decode(at, decoder).map(|span| Self { from: span, to: span })
            }
            _ => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        let (span, fan) = (Span::schema(definitions), DelayFan::schema(definitions));
        json!({"anyOf": [span, fan]})
    }
}
