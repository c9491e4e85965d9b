//! Patterns: steps or graphs, in one way or several, and their arguments.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::cue::{Action, action, action_names, with_action};
use super::{FadeKey, Fading};
use crate::decode::{
    About, Argument, ArgumentKind, At, Decode, Decoder, Definitions, Spanned, object_schema, record,
};
use crate::diagnostic::{Diagnostic, Place};
use crate::graph::{Chosen, EdgeSource, GraphArgument, GraphSource, NodeSource, Raw, Tinted};
use crate::select::Selection;
use crate::tree::{Value, below};
use crate::value::{Color, Direction, Every, Part, Span};

record! {
    /// A pattern: cues by another name, with arguments. What it does is written as `steps`, or as
    /// a `graph` of nodes, or in several ways as `implementations`; a file that Luma wrote is a
    /// pattern as it is.
    pub struct PatternSource as "pattern" {
        /// The title for people.
        pub title: Option<String>,
        /// The arguments, each with its kind and its default; `$name` refers to one.
        pub args: Arguments,
        /// How often the steps repeat until the cue ends; once when not given.
        pub every: Option<Every>,
        /// Plays the steps one after the other, each for as long as this says.
        pub chaser: Option<ChaserSource>,
        /// The steps.
        pub steps: Vec<StepSource>,
        /// The graph.
        pub graph: Option<GraphSource>,
        /// Several ways to do it, by name.
        pub implementations: IndexMap<String, Implementation>,
        /// The implementation that is taken where the venue names no other.
        pub default: Option<Spanned<String>>,
        /// The nodes of a graph that is the whole file, as Luma writes it.
        pub nodes: Vec<NodeSource>,
        /// The edges of a graph that is the whole file.
        pub edges: Vec<Spanned<EdgeSource>>,
    }
}

record! {
    /// One way to do a pattern.
    pub struct Implementation as "implementation" {
        /// Arguments besides those of the pattern.
        pub args: Arguments,
        /// How often the steps repeat until the cue ends; once when not given.
        pub every: Option<Every>,
        /// Plays the steps one after the other, each for as long as this says.
        pub chaser: Option<ChaserSource>,
        /// The steps.
        pub steps: Vec<StepSource>,
        /// The graph.
        pub graph: Option<GraphSource>,
        /// The nodes of a graph, as Luma writes it.
        pub nodes: Vec<NodeSource>,
        /// The edges of a graph, as Luma writes it.
        pub edges: Vec<Spanned<EdgeSource>>,
    }
}

/// What a pattern does.
#[derive(Clone, PartialEq, Debug)]
pub struct PatternBody {
    /// How often the steps repeat until the cue ends; once when not given.
    pub every: Option<Span>,
    /// How the steps follow each other, when they do.
    pub chaser: Option<ChaserSource>,
    /// The steps.
    pub steps: Vec<StepSource>,
    /// The graph that takes the place of steps.
    pub graph: Option<GraphSource>,
}

impl From<Implementation> for PatternBody {
    fn from(source: Implementation) -> Self {
        let Implementation { nodes, edges, .. } = source;
        let luma =
            (!nodes.is_empty()).then(|| GraphSource { nodes, edges, args: Arguments::default() });
        let every = source.every.map(|every| every.0);
        let (chaser, steps) = (source.chaser, source.steps);
        Self { every, chaser, steps, graph: source.graph.or(luma) }
    }
}

impl From<PatternSource> for PatternBody {
    fn from(source: PatternSource) -> Self {
        let PatternSource { args, every, chaser, steps, graph, nodes, edges, .. } = source;
        Implementation { args, every, chaser, steps, graph, nodes, edges }.into()
    }
}

record! {
    /// A chaser: the steps of a pattern one after the other, until the cue ends.
    pub struct ChaserSource as "chaser" {
        /// How long a step stands before the next.
        pub step: Every,
        /// The order of the steps; random is drawn from the cue's seed, none twice in a row.
        pub direction: Direction = "forward",
        /// The part of a step in which it takes over from the one before, 0 to 1.
        pub crossfade: f64 as Part = "0%",
        /// How often all steps are run through; until the cue ends when not given.
        pub repeat: Option<Spanned<u64>>,
    }
}

record! {
    /// A step of a pattern: a cue whose time counts from the pattern's start. Beside these keys it
    /// has one that names an effect, or `pattern`.
    pub struct StepKeys as "step" {
        /// When it starts, from the pattern's start.
        pub at: Span = 0.0,
        /// How long it runs; until the next step that writes any of the same heads when not given.
        "for" => pub length: Option<Span>,
        /// The heads; `this` is the selection of the cue.
        pub on: Spanned<Selection> = "this",
        /// A remark; not used.
        pub note: Option<String>,
        /// The time in which it takes over from what its layer showed before: a length, or
        /// { "time": …, "easing": … }.
        pub fade_in: Fading as FadeKey = 0.0,
    }
}

/// A step of a pattern.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct StepSource {
    /// Everything but what it does.
    pub keys: StepKeys,
    /// What it does.
    pub action: Action,
    /// Where it stands.
    pub place: Place,
}

impl Decode for StepSource {
    fn about() -> About {
        StepKeys::about()
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let keys = StepKeys::decode_with(at, decoder, &action_names());
        if !matches!(at.node.value, Value::Object(_)) {
            return None;
        }
        let action = action(at, StepKeys::KEYS, decoder);
        Some(Self { keys: keys?, action: action?, place: at.place() })
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("step", |definitions| {
            let doc = "A step of a pattern.";
            let schema = object_schema(doc, &StepKeys::fields(), definitions);
            with_action(schema, definitions)
        })
    }
}

/// The declaration of an argument: its kind and its default.
#[derive(Clone, PartialEq, Debug)]
pub struct ArgumentSource(pub Argument);

impl Serialize for ArgumentSource {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.0.kind, self.0.node.to_json()).serialize(serializer)
    }
}

/// Checks that a value may be an argument of this kind.
pub(crate) fn check_argument(kind: ArgumentKind, at: &At<'_>, decoder: &mut Decoder) -> bool {
    match kind {
        ArgumentKind::Any => true,
        ArgumentKind::Color => Tinted::decode(at, decoder).is_some(),
        ArgumentKind::Selection => Chosen::decode(at, decoder).is_some(),
        ArgumentKind::Scalar => match at.node.value {
            Value::Number(_) | Value::Text(_) => true,
            _ => {
                decoder.error(
                    "wrong-type",
                    at,
                    format!(
                        "expected a number or text with a unit \
                    for `{}`, found {}",
                        at.name(),
                        at.found()
                    ),
                );
                false
            }
        },
    }
}

impl Decode for ArgumentSource {
    fn about() -> About {
        let expected = "an argument: { \"color\": … }, { \"scalar\": … } or { \"selection\": … }";
        About::new("argument", expected)
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let mut members = at.members();
        let (Some((name, default)), None) = (members.next(), members.next()) else {
            return decoder.wrong::<Self, _>(at);
        };
        let kind = match name {
            "color" => ArgumentKind::Color,
            "scalar" => ArgumentKind::Scalar,
            "selection" => ArgumentKind::Selection,
            _ => {
                decoder.refuse_unknown(at, &["color", "scalar", "selection"], &[]);
                return None;
            }
        };
        check_argument(kind, &default, decoder)
            .then(|| Self(Argument { kind, node: default.node.clone() }))
    }

    fn schema(definitions: &mut Definitions) -> Json {
        let mut properties = serde_json::Map::new();
        properties.insert("color".into(), Color::schema(definitions));
        properties.insert("scalar".into(), json!({"type": ["number", "string"]}));
        properties.insert("selection".into(), Selection::schema(definitions));
        json!({
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
            "minProperties": 1,
            "maxProperties": 1,
        })
    }
}

/// The arguments of a pattern, by name: an object of declarations, or Luma's list.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Arguments(pub IndexMap<String, ArgumentSource>);

impl Decode for Arguments {
    fn about() -> About {
        IndexMap::<String, ArgumentSource>::about()
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        if !matches!(at.node.value, Value::List(_)) {
            return IndexMap::decode(at, decoder).map(Self);
        }
        let mut arguments: IndexMap<String, ArgumentSource> = IndexMap::new();
        for item in at.items() {
            let Some(source) = GraphArgument::decode(&item, decoder) else { continue };
            let Raw { node, place } = source.default;
            let default =
                At { file: at.file, node: &node, pointer: below(&item.pointer, "defaultValue") };
            if !check_argument(source.kind, &default, decoder) {
                continue;
            }
            let argument = ArgumentSource(Argument { kind: source.kind, node: node.clone() });
            if arguments.insert(source.id.value.clone(), argument).is_some() {
                let message = format!("there are two arguments with the id `{}`", source.id.value);
                decoder.say(Diagnostic::error("duplicate-id", place, message));
            }
        }
        Some(Self(arguments))
    }

    fn schema(definitions: &mut Definitions) -> Json {
        let map = IndexMap::<String, ArgumentSource>::schema(definitions);
        let list = Vec::<GraphArgument>::schema(definitions);
        json!({"anyOf": [map, list]})
    }

    fn missing() -> Option<Self> {
        Some(Self::default())
    }
}
