//! Fans: values spread over the places of a selection.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::source::Control;
use crate::decode::{About, At, Decode, Decoder, Definitions, choice, record};
use crate::tree::Value;
use crate::value::Easing;

/// Values from the first place of a selection to the last; a single one stands for all places.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Fan<V> {
    /// The values; at least one.
    pub values: Vec<V>,
    /// How they lie over the places.
    pub shape: FanShape,
    /// The way from one to the next.
    pub easing: Easing,
}

impl<V> Fan<V> {
    /// The same value at every place.
    pub fn flat(value: V) -> Self {
        Self { values: vec![value], shape: FanShape::Linear, easing: Easing::Linear }
    }
}

/// How the values of a fan lie over places.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub enum FanShape {
    /// The first value at the first place, the last at the last.
    #[default]
    Linear,
    /// The first value at both ends, the last in the middle.
    Mirror,
    /// The values in turn, from place to place.
    Alternate,
    /// As many blocks of places as there are values, each of one value.
    Blocks,
    /// As linear, over the places in an order drawn from the cue's seed.
    Random,
}

choice! { FanShape, "fan shape":
    Linear = "linear", "The first value at the first place, the last at the last.";
    Mirror = "mirror", "The first value at both ends, the last in the middle.";
    Alternate = "alternate", "The values in turn, from place to place.";
    Blocks = "blocks", "As many blocks of places as there are values, each of one value.";
    Random = "random", "As linear, over the places in an order drawn from the cue's seed.";
}

record! {
    /// Values spread over the places of the selection.
    pub struct FanSource as "fan" {
        /// The values, from the first place to the last.
        pub fan: Vec<Control>,
        /// How they lie over the places.
        pub shape: FanShape = "linear",
        /// The way from one value to the next.
        pub easing: Easing = "linear",
    }
}

impl FanSource {
    /// The fan of values that are written as `T`s.
    pub(super) fn resolve<T: Decode, V>(
        self,
        at: &At<'_>,
        decoder: &mut Decoder,
        value: impl Fn(T) -> V,
    ) -> Option<Fan<V>> {
        if self.fan.is_empty() {
            decoder.error("empty-fan", at, "a fan needs at least one value");
            return None;
        }
        let count = self.fan.len();
        let read = self.fan.iter().filter_map(|control| control.read::<T>(decoder)).map(value);
        let values: Vec<V> = read.collect();
        (values.len() == count).then_some(Fan { values, shape: self.shape, easing: self.easing })
    }
}

/// A phase as written: one for all places, or from the first place to the last.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Phase(pub Fan<f64>);

impl From<Phase> for Fan<f64> {
    fn from(phase: Phase) -> Self {
        phase.0
    }
}

record! {
    /// A phase from the first place to the last.
    pub struct PhaseRange as "phase range" {
        /// At the first place, in periods.
        pub from: f64 = 0.0,
        /// At the last place, in periods.
        pub to: f64,
    }
}

/// The most periods that a phase may be: enough for any, and exact in arithmetic.
const FARTHEST: f64 = 1e6;

impl Decode for Phase {
    fn about() -> About {
        let expected = "a number of periods such as 0.25, or { \"from\": 0, \"to\": 1 }";
        About { unit: "periods", ..About::new("phase", expected) }
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let fan = match &at.node.value {
            Value::Object(_) if at.member("fan").is_some() => {
                FanSource::decode(at, decoder)?.resolve(at, decoder, |phase: f64| phase)?
            }
            Value::Object(_) => {
                let range = PhaseRange::decode(at, decoder)?;
                Fan { values: vec![range.from, range.to], ..Fan::flat(0.0) }
            }
            Value::Number(phase) => Fan::flat(*phase),
            _ => return decoder.wrong::<Self, _>(at),
        };
        for phase in &fan.values {
            decoder.in_range(at, *phase, -FARTHEST, FARTHEST)?;
        }
        Some(Self(fan))
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("phase", |definitions| {
            json!({
                "description": "Periods by which a place is ahead: 0.25, or from the first place \
                    to the last: { \"from\": 0, \"to\": 1 }.",
                "anyOf": [
                    {"type": "number"},
                    {"type": "string", "pattern": crate::value::ARGUMENT_PATTERN},
                    PhaseRange::schema(definitions),
                    FanSource::schema(definitions),
                ],
            })
        })
    }
}
