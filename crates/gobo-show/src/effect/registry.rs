//! The one table of effects: the decoder, the schema and the reference all come from it.

use serde_json::{Value as Json, json};

use super::{
    Chase, Circle, ColorFade, Effect, Fade, Flash, Look, Move, Pulse, Rainbow, Strobe, Wave,
};
use crate::decode::{At, Decode, Decoder, Definitions, Field};

/// An effect, as the reference tells it.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct EffectRow {
    /// Its name: the key of a cue's action.
    pub name: &'static str,
    /// What it does, in a paragraph.
    pub doc: &'static str,
    /// Whether it runs for a while; `set` alone may be without length.
    pub runs: bool,
    /// Its parameters, in the order of the reference.
    pub parameters: Vec<Parameter>,
    /// A cue that uses it, as JSON.
    pub example: &'static str,
}

/// A parameter of an effect.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct Parameter {
    /// Its key.
    pub name: &'static str,
    /// What it means.
    pub doc: String,
    /// Its type: `level`, `color`, `period`.
    pub kind: &'static str,
    /// How it is written.
    pub written: &'static str,
    /// The unit of a bare number, or empty.
    pub unit: &'static str,
    /// The smallest and largest number, where there are any.
    pub range: Option<(f64, f64)>,
    /// What it is when not given; `None` when it has no default.
    pub default: Option<String>,
    /// Whether it must be given.
    pub required: bool,
}

impl From<Field> for Parameter {
    fn from(field: Field) -> Self {
        Self {
            name: field.key,
            doc: field.doc,
            kind: field.about.kind,
            written: field.about.expected,
            unit: field.about.unit,
            range: field.about.range,
            default: field.default.map(|node| match node.to_json() {
                Json::String(text) => text,
                other => other.to_string(),
            }),
            required: field.required,
        }
    }
}

macro_rules! effects {
    ($( $name:literal $variant:ident $runs:literal $doc:literal $example:literal )*) => {
        /// The name of every effect, in the order of the reference.
        pub(crate) const NAMES: &[&str] = &[$($name),*];

        /// Every effect.
        pub fn effects() -> Vec<EffectRow> {
            vec![$( EffectRow {
                name: $name,
                doc: $doc,
                runs: $runs,
                parameters: $variant::fields().into_iter().map(Parameter::from).collect(),
                example: $example,
            } ),*]
        }

        impl Effect {
            /// Reads the parameters of the effect `name`.
            pub(crate) fn decode(
                name: &str,
                at: &At<'_>,
                decoder: &mut Decoder,
            ) -> Option<Self> {
                match name {
                    $( $name => <$variant as Decode>::decode(at, decoder).map(Self::$variant), )*
                    _ => None,
                }
            }

            /// Its name.
            pub fn name(&self) -> &'static str {
                match self {
                    $( Self::$variant(_) => $name ),*
                }
            }
        }

        /// The schema of each effect's parameters, by its name.
        pub(crate) fn schemas(definitions: &mut Definitions) -> Vec<(&'static str, Json)> {
            vec![$({
                let mut schema = <$variant as Decode>::schema(definitions);
                schema["description"] = json!($doc);
                ($name, schema)
            }),*]
        }
    };
}

type Set = Look;

effects! {
    "set" Set false
    "Writes values at once. They hold until the layer's next write; with `for` and `then` \
     release, they stand for that long."
    r##"{ "at": "bar 1", "on": "front", "set": { "dimmer": "80%", "color": "#ff8800" } }"##

    "fade" Fade true
    "Changes values evenly from one look to another over the cue. What `from` does not name \
     starts from what the layer shows at that time."
    r##"{ "at": "bar 1", "for": "2 bars", "on": "front", "fade": { "to": { "dimmer": "100%" } } }"##

    "flash" Flash true
    "Full at once, then down to nothing over the cue."
    r##"{ "at": "chorus", "for": "1 beat", "on": "all", "flash": { "color": "white" } }"##

    "strobe" Strobe true
    "On and off, hard, by the dimmer, on any fixture that can be dimmed."
    r##"{ "at": "drop", "for": "1 bar", "on": "all", "strobe": { "every": "10 Hz", "duty": "30%" } }"##

    "pulse" Pulse true
    "The dimmer up and down, all heads together."
    r##"{ "at": "verse", "for": "8 bars", "on": "back", "pulse": { "every": "1 beat", "low": "20%" } }"##

    "chase" Chase true
    "A light that runs along the selection, one place a step, with or without a tail."
    r##"{ "at": "verse", "for": "4 bars", "on": "bars", "chase": { "every": "1/2 beat", "width": 2, "tail": 3, "color": "cyan" } }"##

    "rainbow" Rainbow true
    "The hues of the colour circle, spread over the selection and turning."
    r##"{ "at": "outro", "for": "8 bars", "on": "all", "rainbow": { "every": "2 bars", "spread": 1 } }"##

    "wave" Wave true
    "A wave of brightness that runs along the selection."
    r##"{ "at": "verse 2", "for": "8 bars", "on": "bars", "wave": { "every": "1 bar", "spread": 2 } }"##

    "color_fade" ColorFade true
    "From one colour to another over the cue, straight or round the colour circle. Without \
     `from`, it starts at the colour that the layer shows at that time."
    r##"{ "at": "bridge", "for": "4 bars", "on": "all", "color_fade": { "to": "blue" } }"##

    "move" Move true
    "Turns the heads to a place over the cue. Without `from`, they start where the layer points \
     at that time."
    r##"{ "at": "bar 9", "for": "2 beats", "on": "spots", "move": { "to": { "pan": "40deg", "tilt": "-20deg" } } }"##

    "circle" Circle true
    "Moves the beams in a circle around a place."
    r##"{ "at": "chorus", "for": "8 bars", "on": "spots", "circle": { "center": [0, 2, 1], "radius": "15deg", "every": "1 bar" } }"##
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Tree, Value, parse_json};
    use crate::world::Source;

    fn parse(text: &str) -> Tree {
        parse_json(&Source { path: "example.json".into(), text: text.into() }).unwrap()
    }

    #[test]
    fn every_example_and_every_default_is_right() {
        for row in effects() {
            let tree = parse(row.example);
            let mut decoder = Decoder::default();
            let action = At::root(&tree).member(row.name).expect("the example uses its effect");
            let effect = Effect::decode(row.name, &action, &mut decoder);
            assert_eq!(decoder.diagnostics, [], "{}", row.name);
            assert_eq!(effect.expect(row.name).name(), row.name);
            // With nothing given, only what is required may be missing.
            let empty = Tree { root: Value::Object(Vec::new()).into(), ..tree };
            Effect::decode(row.name, &At::root(&empty), &mut decoder);
            let required = row.parameters.iter().filter(|parameter| parameter.required).count();
            let codes: Vec<_> = decoder.diagnostics.iter().map(|said| said.code).collect();
            assert_eq!(codes, vec!["missing-key"; required], "{}", row.name);
        }
    }
}
