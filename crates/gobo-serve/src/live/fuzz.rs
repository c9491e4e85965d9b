use serde_json::Value;

use super::{AckForm, Colour, Scenes, SchemaMember, Seen, parse_colour, parse_message};

/// Any bytes as a message, a colour, a scene file and a file of identities: none may panic, and
/// what is refused says why.
///
/// # Panics
/// When something that must hold does not. For fuzz targets.
pub fn fuzz(bytes: &[u8]) {
    for refused in [
        parse_message(bytes).err(),
        parse_colour(bytes, SchemaMember::Needed).err(),
        parse_colour(bytes, SchemaMember::Optional).err(),
    ]
    .into_iter()
    .flatten()
    {
        assert!(!refused.refusal.mistakes.is_empty(), "refused for nothing");
        let ack = refused.ack(0).to_json(AckForm::Schema);
        assert_eq!(ack["accepted"], Value::Bool(false));
    }
    if let Ok(json) = serde_json::from_slice::<Value>(bytes) {
        if let Some(colour) = Colour::from_json(&json) {
            assert_eq!(Colour::from_json(&colour.to_json()), Some(colour));
        }
        let (scenes, _) = Scenes::from_json(json.as_array().map_or(&[], Vec::as_slice));
        let again = scenes.to_json();
        let (again, others) = Scenes::from_json(again.as_array().map_or(&[], Vec::as_slice));
        assert_eq!((again, others), (scenes, 0), "a scene that cannot be read back");
    }
    let mut seen = Seen::new(900, 16);
    seen.read_json(&String::from_utf8_lossy(bytes));
    assert!(seen.len() <= 16, "more is remembered than there is room for");
}
