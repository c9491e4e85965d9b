//! The one table of curves: the names, the schemas and the rows of the reference come from it.

use serde_json::{Value as Json, json};

use super::color::{GradientSource, Hues};
use super::fan::FanSource;
use super::source::{
    AudioSource, BeatEnvelope, Ends, NoiseSource, PointsSource, ProgressSource, RampSource,
    SawSource, SectionProgressSource, SineSource, SquareSource, TriangleSource,
};
use crate::decode::{Decode, Definitions, Field, object_schema};
use crate::reference::{Kind, Row};

macro_rules! curves {
    ($( $family:literal $name:literal $source:ty, $doc:literal $example:literal )*) => {
        /// The key of every curve of numbers.
        pub(super) const FORMS: [&str; [$($name),*].len()] = [$($name),*];

        fn number_rows() -> Vec<Row> {
            vec![$(
                Row::new(Kind::Curve, $family, $name, $doc)
                    .parameters(<$source>::fields())
                    .example($example)
            ),*]
        }

        /// The schema of each curve: of its own object, or of the object that it is a key of.
        fn schemas(definitions: &mut Definitions) -> Vec<Json> {
            vec![$({
                let schema = <$source>::schema(definitions);
                match $name {
                    "fan" | "points" => schema,
                    name => {
                        let mut properties = serde_json::Map::new();
                        properties.insert(name.to_owned(), schema);
                        json!({
                            "type": "object",
                            "description": $doc,
                            "properties": properties,
                            "required": [name],
                            "additionalProperties": false,
                        })
                    }
                }
            }),*]
        }
    };
}

/// A beat envelope with its ends.
struct EnvelopeSource;

impl EnvelopeSource {
    fn fields() -> Vec<Field> {
        let mut fields = BeatEnvelope::fields();
        fields.extend(Ends::fields());
        fields
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("beat envelope", |definitions| {
            let doc = "A pulse on every beat of the song.";
            object_schema(doc, &Self::fields(), definitions)
        })
    }
}

curves! {
    "places" "fan" FanSource,
    "Values spread over the places of the selection, from the first to the last; they do not \
     change over time. The ends of other curves may be fans too."
    r##"{ "pan": { "fan": ["-30deg", "30deg"] } }"##

    "course" "ramp" RampSource,
    "From one value to another over the cue, or over a length from its start."
    r##"{ "dimmer": { "ramp": { "from": "100%", "to": "20%", "over": "2 beats", "easing": "out" } } }"##

    "course" "points" PointsSource,
    "Through points, exactly, with a way of its own to each; before the first and after the last \
     it stays. With `every` the points repeat."
    r##"{ "dimmer": { "points": [[0, "0%"], ["1 beat", "100%", "in"], ["3 beats", "40%"]], "every": "1 bar" } }"##

    "course" "progress" ProgressSource,
    "As far as the cue is, from its start to its end."
    r##"{ "zoom": { "progress": { "low": "10%", "high": "90%" } } }"##

    "course" "section_progress" SectionProgressSource,
    "As far as the song is along its section; 0 where there is none."
    r##"{ "dimmer": { "section_progress": { "low": "20%", "easing": "in" } } }"##

    "wave" "sine" SineSource,
    "Smoothly up and down."
    r##"{ "dimmer": { "sine": { "every": "1 beat", "low": 0, "high": "100%", "phase": 0.25 } } }"##

    "wave" "triangle" TriangleSource,
    "Straight up and straight down."
    r##"{ "tilt": { "triangle": { "every": "2 bars", "low": "-20deg", "high": "40deg" } } }"##

    "wave" "saw" SawSource,
    "Jumps high and falls straight, or rises straight and drops."
    r##"{ "dimmer": { "saw": { "every": "1/2 beat", "spread": 1 } } }"##

    "wave" "square" SquareSource,
    "High for a part of each period, and low for the rest."
    r##"{ "strobe": { "square": { "every": "1 bar", "duty": "25%", "low": "open", "high": "12 Hz" } } }"##

    "random" "noise" NoiseSource,
    "Smooth randomness, the same each time the show is compiled; each place has its own, unless \
     `spread` is 0."
    r##"{ "pan": { "noise": { "every": "2s", "low": "-15deg", "high": "15deg", "octaves": 2 } } }"##

    "music" "beat_envelope" EnvelopeSource,
    "A pulse on every beat of the song, or of a part of a beat, or of a bar: it rises, falls to a \
     level that it keeps, and goes. The weights of the four share all the time of a pulse."
    r##"{ "dimmer": { "beat_envelope": { "attack": 0.1, "decay": 0.3, "sustain_level": 0.4 } } }"##

    "music" "audio" AudioSource,
    "How loud a band of the song is; 1 is the band's loudest in the song."
    r##"{ "dimmer": { "audio": { "from": "20 Hz", "to": "150 Hz", "gain": 1.5, "smooth": "200ms" } } }"##
}

/// The rows of all curves.
pub(crate) fn rows() -> Vec<Row> {
    let mut rows = number_rows();
    rows.push(
        Row::new(
            Kind::Curve,
            "colors",
            "gradient",
            "A colour between others, where `by` is any curve from 0 to 1.",
        )
        .parameters(GradientSource::fields())
        .example(
            r##"{ "color": { "gradient": ["red", "gold", "blue"], "by": { "sine": { "every": "1 bar" } } } }"##,
        ),
    );
    rows.push(
        Row::new(
            Kind::Curve,
            "colors",
            "rainbow",
            "The hues of the colour circle, turning, and spread over the selection if asked to.",
        )
        .parameters(Hues::fields())
        .example(r##"{ "color": { "rainbow": { "every": "4 bars", "spread": 0.5 } } }"##),
    );
    rows
}

/// The schema of a curve.
pub(super) fn schema(definitions: &mut Definitions) -> Json {
    definitions.define("curve", |definitions| {
        json!({
            "description": "A value that varies over time or from place to place.",
            "anyOf": schemas(definitions),
        })
    })
}
