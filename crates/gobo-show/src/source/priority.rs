//! Priorities of E1.31: those of universes and those of slots.

use gobo_dmx::Priority;
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::decode::{About, At, Decode, Decoder, Definitions, Spanned};
use crate::tree::Value;

/// The priority of the streams of an output.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub enum StreamPriority {
    /// One for all.
    One(Priority),
    /// One for each set of universes.
    Each(IndexMap<String, Spanned<Priority>>),
}

impl Decode for StreamPriority {
    fn about() -> About {
        const EXPECTED: &str = "a priority from 0 to 200, or one for each set of universes";
        About { range: Some((0.0, 200.0)), ..About::new("priority", EXPECTED) }
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match at.node.value {
            Value::Object(_) => Decode::decode(at, decoder).map(Self::Each),
            Value::Number(_) => Decode::decode(at, decoder).map(Self::One),
            _ => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        let each = IndexMap::<String, Priority>::schema(definitions);
        json!({"anyOf": [Priority::schema(definitions), each]})
    }
}

/// The priorities of single slots.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub enum SlotPriority {
    /// Patched slots have that of their stream; or none have one.
    Flag(bool),
    /// The same for every patched slot.
    One(Priority),
    /// One for the slots of each selection, the stream's for the other patched slots.
    Each(IndexMap<String, Spanned<Priority>>),
}

impl Decode for SlotPriority {
    fn about() -> About {
        About::new(
            "address priority",
            "true, false, a priority from 0 to 200, or one for each selection",
        )
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match at.node.value {
            Value::Bool(flag) => Some(Self::Flag(flag)),
            Value::Object(_) => Decode::decode(at, decoder).map(Self::Each),
            Value::Number(_) => Decode::decode(at, decoder).map(Self::One),
            _ => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        let each = IndexMap::<String, Priority>::schema(definitions);
        json!({"anyOf": [{"type": "boolean"}, Priority::schema(definitions), each]})
    }
}
