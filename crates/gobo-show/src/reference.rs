//! The one table of what a show can say: effects, nodes of graphs, blend modes and curves, each a
//! [`Row`]. `gobo effects`, the reference page and its pictures come from it; parser and schema
//! come from the same declarations that its rows are made of.
//!
//! # How to add a row
//!
//! An **effect** is a line of the table in `effect/registry.rs`, or of one of the tables of
//! `effect/field.rs`, and needs nothing here. For **any other kind**, the module that owns it
//! declares its parameters with `record!` and gives a function of its rows:
//!
//! ```text
//! pub(crate) fn rows() -> Vec<Row> {
//!     vec![
//!         Row::new(Kind::Node, "signal", "add", "The sum of two signals.")
//!             .inputs(&[("a", "signal", "One of them."), ("b", "signal", "The other.")])
//!             .outputs(&[("out", "signal", "Their sum.")])
//!             .parameters(Add::fields())
//!             .example(r#"{ "type": "add" }"#),
//!     ]
//! }
//! ```
//!
//! and that function is called in [`rows`]. A name is unique within its kind. The example of an
//! effect is a cue; that of a node, a blend mode or a curve is the JSON where it is used.

pub mod sample;

use serde::Serialize;
use serde_json::Value as Json;

use crate::decode::Field;
use crate::{curve, effect, graph};

/// What a row describes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// What a cue or a step of a pattern does.
    Effect,
    /// A node of a pattern's graph.
    Node,
    /// How a layer goes over those below.
    Blend,
    /// A value that changes over time.
    Curve,
    /// What a cue of a channel layer does.
    Channel,
}

impl Kind {
    /// Every kind, in the order of the reference.
    pub const ALL: [Self; 5] = [Self::Effect, Self::Channel, Self::Curve, Self::Blend, Self::Node];

    /// What one of them is called in a sentence: `blend mode`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Effect => "effect",
            Self::Node => "node",
            Self::Blend => "blend mode",
            Self::Curve => "curve",
            Self::Channel => "channel effect",
        }
    }

    /// The title of a list of them.
    pub fn title(self) -> &'static str {
        match self {
            Self::Effect => "Effects",
            Self::Node => "Nodes",
            Self::Blend => "Blend modes",
            Self::Curve => "Curves",
            Self::Channel => "Channel effects",
        }
    }
}

/// One thing that a show can say, as the reference tells it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Row {
    /// What it is.
    pub kind: Kind,
    /// The group that it is listed in: `movement`, `pixels`, `audio`.
    pub family: &'static str,
    /// Its name, as sources write it.
    pub name: &'static str,
    /// What it does, in a paragraph.
    pub doc: &'static str,
    /// Whether it runs for a while; of the effects, `set` alone may be without length.
    pub runs: bool,
    /// What comes in, of a node.
    pub inputs: Vec<Port>,
    /// What goes out, of a node.
    pub outputs: Vec<Port>,
    /// Its parameters, in the order of the reference.
    pub parameters: Vec<Parameter>,
    /// A use of it, as JSON.
    pub example: &'static str,
}

impl Row {
    /// A row without ports, parameters and example.
    pub(crate) fn new(
        kind: Kind,
        family: &'static str,
        name: &'static str,
        doc: &'static str,
    ) -> Self {
        let (inputs, outputs, parameters) = (Vec::new(), Vec::new(), Vec::new());
        Self { kind, family, name, doc, runs: true, inputs, outputs, parameters, example: "" }
    }

    /// With these ports in: the name, the type and the meaning of each.
    pub(crate) fn inputs(mut self, ports: &[(&'static str, &'static str, &'static str)]) -> Self {
        self.inputs = ports.iter().copied().map(Port::from).collect();
        self
    }

    /// With these ports out.
    pub(crate) fn outputs(mut self, ports: &[(&'static str, &'static str, &'static str)]) -> Self {
        self.outputs = ports.iter().copied().map(Port::from).collect();
        self
    }

    /// With the keys of a record as parameters.
    pub(crate) fn parameters(mut self, fields: Vec<Field>) -> Self {
        self.parameters = fields.into_iter().map(Parameter::from).collect();
        self
    }

    /// With a use of it.
    pub(crate) fn example(mut self, example: &'static str) -> Self {
        self.example = example;
        self
    }
}

/// A port of a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Port {
    /// Its name.
    pub name: &'static str,
    /// What goes through it: `signal`, `selection`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What it means.
    pub doc: &'static str,
}

impl From<(&'static str, &'static str, &'static str)> for Port {
    fn from((name, kind, doc): (&'static str, &'static str, &'static str)) -> Self {
        Self { name, kind, doc }
    }
}

/// A parameter of a row.
#[derive(Clone, PartialEq, Debug, Serialize)]
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

/// Every row of every table; those of a kind, and in it those of a family, stand together.
pub fn rows() -> Vec<Row> {
    let mut rows = effect::effects();
    rows.extend(crate::blend::rows());
    rows.extend(curve::rows());
    rows.extend(graph::rows());
    rows.extend(effect::channel_rows());
    let place = |row: &Row| Kind::ALL.iter().position(|kind| *kind == row.kind);
    let families: Vec<_> = rows.iter().map(|row| (row.kind, row.family)).collect();
    rows.sort_by_key(|row| {
        let family = (row.kind, row.family);
        (place(row), families.iter().position(|known| *known == family))
    });
    rows
}

/// An object of a source file, with its keys.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Object {
    /// The file that it stands in: `shows/<show>/show.toml`.
    pub file: &'static str,
    /// What it is: `cue`.
    pub name: &'static str,
    /// Its keys.
    pub keys: Vec<Parameter>,
}

/// The objects that sources are made of, those of a file together. (What a cue or a step does is a
/// key of it too, by the name of the effect.)
pub fn objects() -> Vec<Object> {
    use crate::source;
    let cues = "cue files";
    let patterns = "shows/<show>/patterns/*.json";
    let venues = "fixtures/*.toml";
    let show = "shows/<show>/show.toml";
    let song = "songs/*.song.json";
    let all = [
        (show, "show", source::ShowSource::fields()),
        (show, "masters", source::MastersSource::fields()),
        (cues, "cue file", source::CueFile::fields()),
        (cues, "layer", source::LayerSettings::fields()),
        (cues, "cue", source::CueKeys::fields()),
        (cues, "include", source::IncludeKeys::fields()),
        (patterns, "pattern", source::PatternSource::fields()),
        (patterns, "chaser", source::ChaserSource::fields()),
        (patterns, "step", source::StepKeys::fields()),
        (venues, "venue", source::VenueSource::fields()),
        (venues, "fixture", source::FixtureSource::fields()),
        (venues, "output", source::OutputSource::fields()),
        (song, "song", source::SongSource::fields()),
        ("profiles, under the key `gobo`", "defaults", crate::profile::Defaults::fields()),
    ];
    let object = |(file, name, fields): (_, _, Vec<Field>)| Object {
        file,
        name,
        keys: fields.into_iter().map(Parameter::from).collect(),
    };
    all.into_iter().map(object).collect()
}

/// What effects of other systems are called, and the cue that does the same here.
pub const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("solid", "set", r#"{ "on": "all", "set": { "dimmer": 1, "color": "orange" } }"#),
    ("colorloop", "rainbow", r#"{ "on": "all", "rainbow": { "every": "4s" } }"#),
    ("pulse_custom", "pulse", r#"{ "on": "all", "pulse": { "every": "1s", "shape": "decay" } }"#),
    ("breathe", "pulse", r#"{ "on": "all", "pulse": { "every": "4s", "shape": "sine" } }"#),
    ("blink", "strobe", r#"{ "on": "all", "strobe": { "every": "1s" } }"#),
    (
        "wipe",
        "curtain",
        r#"{ "on": "all", "curtain": { "edge": "left", "movement": "open_close" } }"#,
    ),
    ("wipe_up", "curtain", r#"{ "on": "all", "curtain": { "edge": "bottom" } }"#),
    ("wipe_center", "curtain", r#"{ "on": "all", "curtain": { "edge": "center" } }"#),
    ("candle", "twinkle", r#"{ "on": "all", "twinkle": { "share": 1 } }"#),
    ("theater", "marquee", r#"{ "on": "all", "marquee": { "band": 1, "gap": 2, "steps": true } }"#),
    ("scan", "chase", r#"{ "on": "all", "chase": { "direction": "bounce", "tail": 3 } }"#),
    ("running", "wave", r#"{ "on": "all", "wave": { "every": "1s" } }"#),
    ("wave_reverse", "wave", r#"{ "on": "all", "wave": { "direction": "backward" } }"#),
    ("ping_pong", "chase", r#"{ "on": "all", "chase": { "direction": "bounce" } }"#),
    ("outside_in", "chase", r#"{ "on": "all", "chase": { "direction": "inward" } }"#),
    ("center_out", "chase", r#"{ "on": "all", "chase": { "direction": "outward" } }"#),
    ("random", "chase", r#"{ "on": "all", "chase": { "direction": "random" } }"#),
    (
        "alternate",
        "marquee",
        r#"{ "on": "all", "marquee": { "band": 1, "gap": 1, "steps": true } }"#,
    ),
    ("shimmer", "strobe", r#"{ "on": "all", "strobe": { "every": "10 Hz" } }"#),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_row_is_whole() {
        let mut names = BTreeSet::new();
        for row in rows() {
            let name = row.name;
            assert!(names.insert((row.kind, name)), "{name} is there twice");
            assert!(row.doc.ends_with('.') && row.doc.len() > 20, "{name}: {}", row.doc);
            assert!(!row.family.is_empty(), "{name}");
            let example: Json = serde_json::from_str(row.example).expect(name);
            assert!(example.to_string().contains(&format!("\"{name}\"")), "{name}: {example}");
            for parameter in &row.parameters {
                assert!(!parameter.doc.is_empty(), "{name}: {}", parameter.name);
                assert!(!parameter.written.is_empty(), "{name}: {}", parameter.name);
            }
        }
    }
}
