//! How a look writes emitters by themselves.

use serde_json::{Value as Json, json};

use crate::curve::Varies;
use crate::decode::{About, At, Decode, Decoder, Definitions};
use crate::diagnostic::Diagnostic;
use crate::rig::{EMITTER_WORDS, Emitter};
use crate::value::Level;

/// Levels of emitters: `{ "uv": "80%", "amber": "20%" }`.
#[derive(Clone, PartialEq, Debug, Default, serde::Serialize)]
pub struct EmitterLevels(pub Vec<(Emitter, Varies<Level>)>);

impl Decode for EmitterLevels {
    fn about() -> About {
        About::new("emitters", "emitters and their levels such as { \"uv\": \"80%\" }")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        if !decoder.object::<Self>(at) {
            return None;
        }
        let mut levels = Vec::new();
        for (key, member) in at.members() {
            let found = Emitter::ALL.into_iter().find(|emitter| emitter.word() == key);
            let level = decoder.value::<Varies<Level>>(&member);
            match found {
                Some(emitter) => levels.extend(level.map(|level| (emitter, level))),
                None => {
                    let message = format!("there is no emitter `{key}`");
                    let error = Diagnostic::error("unknown-emitter", member.key_place(), message);
                    decoder.say(error.nearest(key, EMITTER_WORDS));
                }
            }
        }
        Some(Self(levels))
    }

    fn schema(definitions: &mut Definitions) -> Json {
        let level = Varies::<Level>::schema(definitions);
        let properties: serde_json::Map<_, _> =
            EMITTER_WORDS.iter().map(|word| ((*word).to_owned(), level.clone())).collect();
        json!({"type": "object", "properties": properties, "additionalProperties": false})
    }

    fn missing() -> Option<Self> {
        Some(Self::default())
    }
}
