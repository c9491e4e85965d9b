use serde_json::{Value, json};

use super::parse::reader::Reader;

/// The schema that a colour says it follows.
pub const STATE_SCHEMA: &str = "demo.rgb.state.v1";

/// The colour of live control: `demo.rgb.state.v1`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Colour {
    /// Red, green, blue.
    pub rgb: [u8; 3],
    /// Rises by one with every change; 0 before the first.
    pub seq: u64,
    /// Where the last change came from, never empty.
    pub updated_by: String,
    /// When it was changed, in milliseconds since 1970 by the server's clock.
    pub ts: u64,
}

impl Default for Colour {
    /// Dark, and never set.
    fn default() -> Self {
        Self { rgb: [0; 3], seq: 0, updated_by: "gobo".to_owned(), ts: 0 }
    }
}

impl Colour {
    /// As it is published and kept: `{schema, r, g, b, seq, updatedBy, ts}`.
    pub fn to_json(&self) -> Value {
        let Self { rgb: [r, g, b], seq, updated_by, ts } = self;
        json!({
            "schema": STATE_SCHEMA, "r": r, "g": g, "b": b,
            "seq": seq, "updatedBy": updated_by, "ts": ts,
        })
    }

    /// As WebSocket clients have it: `{type: "state", r, g, b, seq, ts}`.
    pub fn to_message(&self) -> Value {
        let Self { rgb: [r, g, b], seq, ts, .. } = self;
        json!({ "type": "state", "r": r, "g": g, "b": b, "seq": seq, "ts": ts })
    }

    /// Reads what [`Colour::to_json`] made; `None` if it is anything else.
    pub fn from_json(json: &Value) -> Option<Self> {
        let known = ["schema", "r", "g", "b", "seq", "updatedBy", "ts"];
        let reader = &mut Reader::default();
        let colour = reader.object(json, "", &known)?;
        reader.constant(colour, "", "schema", STATE_SCHEMA);
        let rgb = reader.rgb(colour);
        let seq = reader.whole(colour, "", "seq", 0..=u64::MAX);
        let ts = reader.whole(colour, "", "ts", 0..=u64::MAX);
        let updated_by = reader.name(colour, "", "updatedBy")?.to_owned();
        let colour = Self { rgb: rgb?, seq: seq?, updated_by, ts: ts? };
        reader.mistakes().is_empty().then_some(colour)
    }
}
