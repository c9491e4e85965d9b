//! The table of the basic effects and the movements: the decoder, the schema and the rows of the
//! reference all come from it.

use serde_json::{Value as Json, json};

use super::{
    Chase, Circle, ColorFade, Effect, Fade, Field, Flash, Look, Move, Pulse, Rainbow, Release,
    Strobe, Wave,
};
use crate::decode::{At, Decode, Decoder, Definitions};
use crate::reference::{Kind, Row};

macro_rules! effects {
    ($( $family:literal $name:literal $variant:ident $runs:literal $doc:literal $example:literal )*) => {
        /// The name of every effect, in the order of the reference.
        pub(crate) fn names() -> Vec<&'static str> {
            [&[$($name),*], Field::NAMES].concat()
        }

        /// Every effect.
        pub fn effects() -> Vec<Row> {
            let mut rows = vec![$( Row {
                runs: $runs,
                ..Row::new(Kind::Effect, $family, $name, $doc)
                    .parameters($variant::fields())
                    .example($example)
            } ),*];
            rows.extend(Field::rows());
            rows
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
                    _ => {
                        let field = Field::decode(name, at, decoder)?;
                        if matches!(field, Field::VuMeter(_)) {
                            decoder.listens(at);
                        }
                        Some(Self::Field(Box::new(field)))
                    }
                }
            }

            /// Its name.
            pub fn name(&self) -> &'static str {
                match self {
                    $( Self::$variant(_) => $name, )*
                    Self::Field(field) => field.name(),
                    Self::Graph(_) => "pattern",
                }
            }
        }

        /// The schema of each effect's parameters, by its name.
        pub(crate) fn schemas(definitions: &mut Definitions) -> Vec<(&'static str, Json)> {
            let mut schemas = vec![$({
                let mut schema = <$variant as Decode>::schema(definitions);
                schema["description"] = json!($doc);
                ($name, schema)
            }),*];
            schemas.extend(Field::schemas(definitions));
            schemas
        }
    };
}

type Set = Look;

effects! {
    "basic" "set" Set false
    "Writes values at once. They hold until the layer's next write; with `for` and `then` \
     release, they stand for that long."
    r##"{ "at": "bar 1", "on": "front", "set": { "dimmer": "80%", "color": "#ff8800" } }"##

    "basic" "release" Release false
    "Gives attributes back: what the layer held of them on these heads ends, over the cue's \
     `fade_in`, and the layers below show again."
    r##"{ "at": "bar 9", "on": "spots", "release": { "only": ["position"] }, "fade_in": "1 bar" }"##

    "basic" "fade" Fade true
    "Changes values evenly from one look to another over the cue. What `from` does not name \
     starts from what the layer shows at that time."
    r##"{ "at": "bar 1", "for": "2 bars", "on": "front", "fade": { "to": { "dimmer": "100%" } } }"##

    "basic" "flash" Flash true
    "Full at once, then down to nothing over the cue."
    r##"{ "at": "chorus", "for": "1 beat", "on": "all", "flash": { "color": "white" } }"##

    "basic" "strobe" Strobe true
    "On and off, hard, by the dimmer, on any fixture that can be dimmed."
    r##"{ "at": "drop", "for": "1 bar", "on": "all", "strobe": { "every": "10 Hz", "duty": "30%" } }"##

    "basic" "pulse" Pulse true
    "The dimmer up and down, all heads together."
    r##"{ "at": "verse", "for": "8 bars", "on": "back", "pulse": { "every": "1 beat", "low": "20%" } }"##

    "basic" "chase" Chase true
    "A light that runs along the selection, one place a step, with or without a tail."
    r##"{ "at": "verse", "for": "4 bars", "on": "bars", "chase": { "every": "1/2 beat", "width": 2, "tail": 3, "color": "cyan" } }"##

    "basic" "rainbow" Rainbow true
    "The hues of the colour circle, spread over the selection and turning."
    r##"{ "at": "outro", "for": "8 bars", "on": "all", "rainbow": { "every": "2 bars", "spread": 1 } }"##

    "basic" "wave" Wave true
    "A wave of brightness that runs along the selection."
    r##"{ "at": "verse 2", "for": "8 bars", "on": "bars", "wave": { "every": "1 bar", "spread": 2 } }"##

    "basic" "color_fade" ColorFade true
    "From one colour to another over the cue, straight or round the colour circle. Without \
     `from`, it starts at the colour that the layer shows at that time."
    r##"{ "at": "bridge", "for": "4 bars", "on": "all", "color_fade": { "to": "blue" } }"##

    "movement" "move" Move true
    "Turns the heads to a place over the cue. Without `from`, they start where the layer points \
     at that time."
    r##"{ "at": "bar 9", "for": "2 beats", "on": "spots", "move": { "to": { "pan": "40deg", "tilt": "-20deg" } } }"##

    "movement" "circle" Circle true
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
