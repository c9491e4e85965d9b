//! Looks by name, and looks that differ from head to head.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::{Effect, Fade, Look};
use crate::decode::{About, At, Decode, Decoder, Definitions};
use crate::diagnostic::Diagnostic;
use crate::select::Selection;
use crate::tree::{Node, Value};

/// Other values for some of the heads, each over those before.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Parts(pub Vec<(Selection, Look)>);

impl Decode for Parts {
    fn about() -> About {
        About::new("looks by selection", "an object of selections and looks")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        if !decoder.object::<Self>(at) {
            return None;
        }
        let mut parts = Vec::new();
        for (on, look) in at.members() {
            let key = Node::from(on);
            let key = At { file: at.file, node: &key, pointer: look.pointer.clone() };
            let on = Selection::decode(&key, decoder);
            parts.extend(on.zip(decoder.value::<Look>(&look)));
        }
        Some(Self(parts))
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"type": "object", "additionalProperties": {"$ref": "#/$defs/look"}})
    }

    fn missing() -> Option<Self> {
        Some(Self::default())
    }
}

impl Decoder {
    /// A look as it is written, with what the preset that it names says besides; `None` after a
    /// diagnostic.
    pub(crate) fn with_preset<'a>(&mut self, at: &At<'a>) -> Option<Cow<'a, Node>> {
        let name = match &at.node.value {
            Value::Text(name) => Some((name.as_str(), at.clone())),
            Value::Object(_) => {
                at.member("preset").and_then(|member| Some((member.node.text()?, member.clone())))
            }
            _ => None,
        };
        let Some((name, place)) = name else { return Some(Cow::Borrowed(at.node)) };
        self.presets_used.insert(name.to_owned());
        let Some(preset) = self.names.presets.get(name) else {
            if !self.names.broken_presets.contains(name) {
                let message = format!("there is no preset `{name}`");
                let error = Diagnostic::error("unknown-preset", place.place(), message);
                let error = error.nearest(name, self.names.presets.keys().map(String::as_str));
                self.say(error);
            }
            return None;
        };
        let mut node = preset.clone();
        if let (Value::Object(members), Value::Object(own)) = (&mut node.value, &at.node.value) {
            members.retain(|known| own.iter().all(|member| member.key != known.key));
            members.extend(own.iter().filter(|member| member.key != "preset").cloned());
        }
        Some(Cow::Owned(node))
    }
}

impl Effect {
    /// The effect for all of its heads, and the effects that stand over it on some of them.
    pub(crate) fn apart(self) -> Vec<(Option<Selection>, Self)> {
        match self {
            Self::Set(look) if !look.parts.0.is_empty() => {
                let (base, parts) = look.apart();
                let base = (!base.is_empty()).then_some((None, Self::Set(base)));
                let parts = parts.into_iter().map(|(on, look)| (Some(on), Self::Set(look)));
                base.into_iter().chain(parts).collect()
            }
            Self::Fade(Fade { from, to, easing }) if !to.parts.0.is_empty() => {
                let (base, parts) = to.apart();
                let (start, starts) = from.apart();
                let fade = |from, to| Self::Fade(Fade { from, to, easing });
                let part = |(on, to): (Selection, Look)| {
                    let own = starts.iter().find(|known| known.0 == on);
                    (Some(on), fade(own.map_or(&start, |own| &own.1).clone(), to))
                };
                let base = (!base.is_empty()).then(|| (None, fade(start.clone(), base)));
                base.into_iter().chain(parts.into_iter().map(part)).collect()
            }
            whole => vec![(None, whole)],
        }
    }
}

impl Look {
    /// What is the same for all heads, and what is not.
    fn apart(mut self) -> (Self, Vec<(Selection, Self)>) {
        let parts = std::mem::take(&mut self.parts.0);
        (self, parts)
    }
}
