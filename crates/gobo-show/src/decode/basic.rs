//! How the plain types are written: text, numbers, lists, maps.

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use super::{About, At, Decode, Decoder, Definitions, Spanned};
use crate::tree::{Node, Value};

impl Decode for String {
    fn about() -> About {
        About::new("text", "text")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        at.node.text().map(str::to_owned).or_else(|| decoder.wrong::<Self, _>(at))
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"type": "string"})
    }
}

impl Decode for bool {
    fn about() -> About {
        About::new("flag", "true or false")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match at.node.value {
            Value::Bool(flag) => Some(flag),
            _ => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"type": "boolean"})
    }
}

impl Decode for f64 {
    fn about() -> About {
        About::new("number", "a number")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        at.node.number().or_else(|| decoder.wrong::<Self, _>(at))
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"type": "number"})
    }
}

/// The largest whole number that is exact in a file that other programs read too: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Decode for u64 {
    fn about() -> About {
        About { range: Some((0.0, EXACT)), ..About::new("count", "a whole number") }
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match at.node.number() {
            Some(number) if number.fract() == 0.0 => {
                decoder.in_range(at, number, 0.0, EXACT).map(|number| number as u64)
            }
            _ => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"type": "integer", "minimum": 0})
    }
}

impl Decode for i32 {
    fn about() -> About {
        About::new("integer", "a whole number")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match at.node.number() {
            Some(number) if number.fract() == 0.0 => decoder
                .in_range(at, number, i32::MIN.into(), i32::MAX.into())
                .map(|number| number as i32),
            _ => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"type": "integer"})
    }
}

impl Decode for [f64; 3] {
    fn about() -> About {
        About::new("point", "three numbers: [x, y, z]")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let numbers: Vec<_> = at.node.items().iter().filter_map(Node::number).collect();
        match (<[f64; 3]>::try_from(numbers), at.node.items().len()) {
            (Ok(point), 3) => Some(point),
            _ => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"type": "array", "items": {"type": "number"}, "minItems": 3, "maxItems": 3})
    }
}

impl Decode for [f64; 2] {
    fn about() -> About {
        About::new("pair", "two numbers")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let numbers: Vec<_> = at.node.items().iter().filter_map(Node::number).collect();
        match (<[f64; 2]>::try_from(numbers), at.node.items().len()) {
            (Ok(pair), 2) => Some(pair),
            _ => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2})
    }
}

impl<T: Decode> Decode for Option<T> {
    fn about() -> About {
        T::about()
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        T::decode(at, decoder).map(Some)
    }

    fn schema(definitions: &mut Definitions) -> Json {
        T::schema(definitions)
    }

    fn missing() -> Option<Self> {
        Some(None)
    }
}

impl<T: Decode> Decode for Spanned<T> {
    fn about() -> About {
        T::about()
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        T::decode(at, decoder).map(|value| Self { value, place: at.place() })
    }

    fn schema(definitions: &mut Definitions) -> Json {
        T::schema(definitions)
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn about() -> About {
        About::new("list", "a list")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        if !matches!(at.node.value, Value::List(_)) {
            return decoder.wrong::<Self, _>(at);
        }
        // An item that cannot be read has been said; the rest is still worth checking.
        Some(at.items().filter_map(|item| decoder.value(&item)).collect())
    }

    fn schema(definitions: &mut Definitions) -> Json {
        json!({"type": "array", "items": T::schema(definitions)})
    }

    fn missing() -> Option<Self> {
        Some(Vec::new())
    }
}

impl<T: Decode> Decode for IndexMap<String, T> {
    fn about() -> About {
        About::new("map", "an object of names and values")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        if !decoder.object::<Self>(at) {
            return None;
        }
        let member =
            |(key, member): (&str, At<'_>)| Some((key.to_owned(), decoder.value(&member)?));
        Some(at.members().filter_map(member).collect())
    }

    fn schema(definitions: &mut Definitions) -> Json {
        json!({"type": "object", "additionalProperties": T::schema(definitions)})
    }

    fn missing() -> Option<Self> {
        Some(Self::new())
    }
}
