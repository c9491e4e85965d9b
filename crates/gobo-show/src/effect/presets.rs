//! How a look writes ranges of channels by name.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::Preset;
use crate::decode::{About, At, Decode, Decoder, Definitions, record};
use crate::tree::Value;
use crate::value::Part;

record! {
    /// A range of a channel by name, and where in it.
    pub struct PresetSource as "preset" {
        /// The profile's words for the range, or what it does, or a part of either.
        pub name: String,
        /// Where in the range; the middle when not given.
        pub amount: Option<Part>,
    }
}

/// Ranges by channel: `{ "Gobo Wheel": "shake" }`.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Presets(Vec<Preset>);

impl From<Presets> for Vec<Preset> {
    fn from(presets: Presets) -> Self {
        presets.0
    }
}

impl Decode for Presets {
    fn about() -> About {
        About::new("ranges", "channels and their ranges such as { \"Gobo Wheel\": \"shake\" }")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        if !decoder.object::<Self>(at) {
            return None;
        }
        let mut presets = Vec::new();
        for (channel, member) in at.members() {
            let source = match &member.node.value {
                Value::Object(_) => decoder.value::<PresetSource>(&member),
                _ => {
                    decoder.value::<String>(&member).map(|name| PresetSource { name, amount: None })
                }
            };
            presets.extend(source.map(|source| Preset {
                channel: channel.into(),
                name: Arc::from(source.name),
                amount: source.amount.map(f64::from),
            }));
        }
        Some(Self(presets))
    }

    fn schema(definitions: &mut Definitions) -> Json {
        let preset = json!({"anyOf": [{"type": "string"}, PresetSource::schema(definitions)]});
        json!({"type": "object", "additionalProperties": preset})
    }

    fn missing() -> Option<Self> {
        Some(Self::default())
    }
}
