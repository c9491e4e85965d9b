use serde_json::Value;

use super::{AckForm, Colour, Scenes, SchemaMember, Seen, parse_colour, parse_message};

/// Takes any bytes as a message, a colour, a list of scenes and a file of identities, for fuzz
/// targets.
///
/// # Errors
/// What must hold whatever the bytes are, and does not.
pub fn fuzz(bytes: &[u8]) -> Result<(), &'static str> {
    let refused = [
        parse_message(bytes).err(),
        parse_colour(bytes, SchemaMember::Needed).err(),
        parse_colour(bytes, SchemaMember::Optional).err(),
    ];
    for refused in refused.into_iter().flatten() {
        holds(!refused.refusal.mistakes.is_empty(), "a refusal says why")?;
        let ack = refused.ack(0).to_json(AckForm::Schema);
        holds(ack["accepted"] == Value::Bool(false), "what is refused is not accepted")?;
    }
    if let Ok(json) = serde_json::from_slice::<Value>(bytes) {
        if let Some(colour) = Colour::from_json(&json) {
            let again = Colour::from_json(&colour.to_json());
            holds(again == Some(colour), "a colour that is written is read")?;
        }
        let scenes = scenes(&json).0;
        holds(self::scenes(&scenes.to_json()) == (scenes, 0), "scenes that are written are read")?;
    }
    let mut seen = Seen::new(900, 16);
    seen.read_json(&String::from_utf8_lossy(bytes));
    holds(seen.len() <= 16, "no more is remembered than there is room for")
}

fn scenes(json: &Value) -> (Scenes, usize) {
    Scenes::from_json(json.as_array().map_or(&[], Vec::as_slice))
}

fn holds(law: bool, words: &'static str) -> Result<(), &'static str> {
    if law { Ok(()) } else { Err(words) }
}
