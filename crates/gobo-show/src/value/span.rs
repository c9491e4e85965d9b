//! How lengths of time are written: `1.5s`, `500ms`, `2 beats`, `1/2 beat`, `4 bars`.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::Span;
use super::written::quantity;
use crate::decode::{About, At, Decode, Decoder, Definitions};
use crate::diagnostic::Diagnostic;
use crate::tree::Value;

/// Text that is no length of time.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("expected a length of time such as `1.5s`, `500ms`, `2 beats` or `4 bars`, found `{0}`")]
pub struct SpanError(pub String);

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let error = || SpanError(text.to_owned());
        let (amount, unit) = quantity(text).ok_or_else(error)?;
        Ok(match unit {
            "" | "s" | "sec" | "second" | "seconds" => Self::Seconds(amount),
            "ms" => Self::Seconds(amount / 1000.0),
            "min" | "minute" | "minutes" => Self::Seconds(amount * 60.0),
            "beat" | "beats" => Self::Beats(amount),
            "bar" | "bars" => Self::Bars(amount),
            _ => return Err(error()),
        })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |amount: f64| if amount == 1.0 { "" } else { "s" };
        match *self {
            Self::Seconds(amount) => write!(f, "{amount}s"),
            Self::Beats(amount) => write!(f, "{amount} beat{}", plural(amount)),
            Self::Bars(amount) => write!(f, "{amount} bar{}", plural(amount)),
        }
    }
}

impl Span {
    /// Its number, in its own unit.
    pub fn amount(self) -> f64 {
        match self {
            Self::Seconds(amount) | Self::Beats(amount) | Self::Bars(amount) => amount,
        }
    }

    /// So many of it.
    pub fn times(self, count: u32) -> Self {
        let count = f64::from(count);
        match self {
            Self::Seconds(amount) => Self::Seconds(amount * count),
            Self::Beats(amount) => Self::Beats(amount * count),
            Self::Bars(amount) => Self::Bars(amount * count),
        }
    }

    /// Whether it follows the song's grid.
    pub fn counts_beats(self) -> bool {
        !matches!(self, Self::Seconds(_))
    }
}

impl Decode for Span {
    fn about() -> About {
        let expected = "a length of time such as `1.5s`, `500ms`, `2 beats`, `4 bars` or seconds";
        About { unit: "s", range: Some((0.0, LONGEST)), ..About::new("span", expected) }
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let read = match &at.node.value {
            Value::Number(seconds) => Some(Self::Seconds(*seconds)),
            Value::Text(text) => text.parse().ok(),
            _ => None,
        };
        let Some(span) = read else { return decoder.wrong::<Self, _>(at) };
        decoder.in_range(at, span.amount(), 0.0, LONGEST)?;
        decoder.counted(at, span);
        Some(span)
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("span", |_| {
            json!({
                "description": "A length of time: seconds, or text such as `1.5s`, `500ms`, \
                    `2 beats`, `1/2 beat`, `4 bars`.",
                "anyOf": [
                    {"type": "number", "minimum": 0},
                    {"type": "string", "pattern": SPAN_PATTERN},
                    {"type": "string", "pattern": super::ARGUMENT_PATTERN},
                ],
            })
        })
    }
}

/// The most seconds, beats or bars that a source may count.
pub(crate) const LONGEST: f64 = 1e6;

const SPAN_PATTERN: &str =
    r"^\s*\+?[0-9][0-9.]*(/[0-9][0-9.]*)?\s*(s|sec|seconds?|ms|min|minutes?|beats?|bars?)?\s*$";
const EVERY_PATTERN: &str = r"^\s*\+?[0-9][0-9.]*(/[0-9][0-9.]*)?\s*(s|sec|seconds?|ms|min|minutes?|beats?|bars?|[Hh][Zz]|bpm|BPM)?\s*$";

impl Decoder {
    /// Remembers where beats or bars are counted first.
    pub(crate) fn counted(&mut self, at: &At<'_>, span: Span) {
        if span.counts_beats() && self.beats_used.is_none() {
            self.beats_used = Some(at.place());
        }
    }
}

/// A period as written: a span, or a rate such as `4 Hz` or `120 bpm`.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Every(pub Span);

impl From<Every> for Span {
    fn from(every: Every) -> Self {
        every.0
    }
}

impl FromStr for Every {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        Ok(Self(match quantity(text) {
            Some((rate, "Hz" | "hz" | "HZ")) => Span::Seconds(1.0 / rate),
            Some((rate, "bpm" | "BPM")) => Span::Seconds(60.0 / rate),
            _ => text.parse()?,
        }))
    }
}

impl Decode for Every {
    fn about() -> About {
        let expected = "a period such as `1 beat`, `500ms`, `4 Hz` or `120 bpm`";
        About { unit: "s", range: Some((0.001, LONGEST)), ..About::new("period", expected) }
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let read = match &at.node.value {
            Value::Number(seconds) => Some(Self(Span::Seconds(*seconds))),
            Value::Text(text) => text.parse().ok(),
            _ => None,
        };
        let Some(every) = read else { return decoder.wrong::<Self, _>(at) };
        let amount = every.0.amount();
        if !(0.001..=LONGEST).contains(&amount) {
            let message = format!(
                "`{}` must be from a millisecond to {LONGEST}, found {}",
                at.name(),
                at.found()
            );
            decoder.say(Diagnostic::error("out-of-range", at.place(), message));
            return None;
        }
        decoder.counted(at, every.0);
        Some(every)
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("period", |_| {
            json!({
                "description": "How often something repeats: `1 beat`, `500ms`, `4 Hz`, `120 bpm`.",
                "anyOf": [
                    {"type": "number", "minimum": 0.001},
                    {"type": "string", "pattern": EVERY_PATTERN},
                    {"type": "string", "pattern": super::ARGUMENT_PATTERN},
                ],
            })
        })
    }
}

/// A shift in time as written, in seconds; may be negative.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct Shift(pub f64);

impl Decode for Shift {
    fn about() -> About {
        let expected = "a shift in seconds such as `1.5s` or `-200ms`";
        About { unit: "s", ..About::new("shift", expected) }
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let read = match &at.node.value {
            Value::Number(seconds) => Some(Span::Seconds(*seconds)),
            Value::Text(text) => text.parse().ok(),
            _ => None,
        };
        match read {
            Some(Span::Seconds(seconds)) => {
                decoder.in_range(at, seconds, -LONGEST, LONGEST).map(Self)
            }
            _ => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"type": ["number", "string"]})
    }
}
