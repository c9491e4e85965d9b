//! A graph as written: Luma's JSON.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::nodes::{self, Operation};
use crate::decode::{
    About, ArgumentKind, At, Decode, Decoder, Definitions, Spanned, choice, record,
};
use crate::diagnostic::{Diagnostic, Place, nearest};
use crate::select::Selection;
use crate::source::Arguments;
use crate::tree::{Node, Value};

record! {
    /// A graph of nodes, as Luma writes it.
    pub struct GraphSource as "graph" {
        /// The nodes, in any order.
        pub nodes: Vec<NodeSource>,
        /// What goes from node to node.
        pub edges: Vec<Spanned<EdgeSource>>,
        /// The arguments, besides those of the pattern.
        pub args: Arguments,
    }
}

record! {
    /// A connection from a port of a node to a port of another.
    pub struct EdgeSource as "graph edge" {
        /// Its id; not used.
        pub id: Option<String>,
        /// The id of the node that it comes from.
        "fromNode" => pub from_node: Spanned<String>,
        /// The port that it comes out of.
        "fromPort" => pub from_port: Spanned<String>,
        /// The id of the node that it goes to.
        "toNode" => pub to_node: Spanned<String>,
        /// The port that it goes into.
        "toPort" => pub to_port: Spanned<String>,
    }
}

record! {
    /// An argument of a graph, in Luma's form.
    pub struct GraphArgument as "graph argument" {
        /// Its id: the port of `pattern_args`, and the name by which a cue gives it.
        pub id: Spanned<String>,
        /// Its name for people.
        pub name: Option<String>,
        /// What it may be.
        "argType" => pub kind: ArgumentKind,
        /// What it is when a cue does not give it.
        "defaultValue" => pub default: Raw,
    }
}

choice! { ArgumentKind, "argument kind":
    Color = "Color", "A colour: `{ r, g, b (0 to 255), a (0 to 1) }`.";
    Scalar = "Scalar", "A number.";
    Selection = "Selection", "Heads: `{ expression, spatialReference }`.";
}

/// A value as it stands.
#[derive(Clone, PartialEq, Debug)]
pub struct Raw {
    /// The value.
    pub node: Node,
    /// Where it stands.
    pub place: Place,
}

impl Serialize for Raw {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.node.to_json().serialize(serializer)
    }
}

impl Decode for Raw {
    fn about() -> About {
        About::new("value", "a value")
    }

    fn decode(at: &At<'_>, _: &mut Decoder) -> Option<Self> {
        Some(Self { node: at.node.clone(), place: at.place() })
    }

    fn schema(_: &mut Definitions) -> Json {
        json!(true)
    }
}

/// A node as written.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct NodeSource {
    /// Its id.
    pub id: Spanned<String>,
    /// What it does; `None` when that cannot be read, which has been told of.
    pub operation: Option<Operation>,
    /// Where it stands.
    pub place: Place,
}

/// The keys of a node.
const KEYS: [&str; 5] = ["id", "typeId", "params", "positionX", "positionY"];

impl Decode for NodeSource {
    fn about() -> About {
        About::new("graph node", "a node: { \"id\": …, \"typeId\": …, \"params\": { … } }")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        if !decoder.object::<Self>(at) {
            return None;
        }
        decoder.refuse_unknown(at, &KEYS, &[]);
        let id = decoder.field::<Spanned<String>>(at, "id", None);
        let kind = decoder.field::<Spanned<String>>(at, "typeId", None)?;
        let operation = operation(at, &kind, decoder);
        Some(Self { id: id?, operation, place: at.place() })
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("graph node", |definitions| {
            let number = json!({"type": ["number", "null"], "description": "For the editor."});
            let cases: Vec<Json> = nodes::schemas(definitions)
                .into_iter()
                .map(|(name, params)| {
                    json!({
                        "if": {"properties": {"typeId": {"const": name}}},
                        "then": {"properties": {"params": params}},
                    })
                })
                .collect();
            json!({
                "type": "object",
                "description": "A node of a graph.",
                "properties": {
                    "id": {"type": "string", "description": "Its id."},
                    "typeId": {"enum": nodes::NAMES, "description": "What it does."},
                    "params": {"description": "Its parameters."},
                    "positionX": number,
                    "positionY": number,
                },
                "required": ["id", "typeId"],
                "allOf": cases,
            })
        })
    }
}

/// What a node does.
fn operation(at: &At<'_>, kind: &Spanned<String>, decoder: &mut Decoder) -> Option<Operation> {
    let name = kind.value.as_str();
    if !nodes::NAMES.contains(&name) {
        let message = format!("there is no node `{name}`");
        let error = Diagnostic::error("unknown-node", kind.place.clone(), message);
        let error = match nearest(name, nodes::NAMES.iter().copied()) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("`gobo effects` lists them"),
        };
        decoder.say(error);
        return None;
    }
    let nothing = Node::from(Value::Object(Vec::new()));
    let params = at.member("params").unwrap_or_else(|| At {
        file: at.file,
        node: &nothing,
        pointer: crate::tree::below(&at.pointer, "params"),
    });
    let mut known = params.node.clone();
    if let Value::Null = known.value {
        known = nothing.clone();
    }
    if let Value::Object(members) = &mut known.value {
        let keys = nodes::keys(name);
        // What Luma left empty is not given, and what other versions of it wrote is not used here.
        members.retain(|member| {
            let is_known = keys.contains(&member.key.as_str());
            let is_near = nearest(&member.key, keys.iter().copied()).is_some();
            let is_given = member.node.value != Value::Null;
            if is_given && !is_known && !is_near {
                let pointer = crate::tree::below(&params.pointer, &member.key);
                let at = At { file: at.file, node: &member.node, pointer };
                let message = format!("`{name}` has no parameter `{}`: it is not used", member.key);
                decoder.say(Diagnostic::warning("unused-parameter", at.key_place(), message));
            }
            (is_known || is_near) && is_given
        });
    }
    let known = At { file: at.file, node: &known, pointer: params.pointer };
    Operation::decode(name, &known, decoder)
}

/// The value of a selection as an argument: an expression, in Luma's form with what its places
/// are relative to.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Chosen {
    /// The expression.
    pub selection: Selection,
    /// Whether each group has places of its own.
    pub by_group: bool,
}

/// What the places of a selection are relative to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
enum Reference {
    Global,
    GroupLocal,
}

choice! { Reference, "spatial reference":
    Global = "global", "All of the selection.";
    GroupLocal = "group_local", "Each group by itself.";
}

impl Decode for Chosen {
    fn about() -> About {
        Selection::about()
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        if !matches!(at.node.value, Value::Object(_)) {
            let selection = Selection::decode(at, decoder)?;
            return Some(Self { selection, by_group: false });
        }
        decoder.refuse_unknown(at, &["expression", "spatialReference"], &[]);
        let all = Some(Node::from("all"));
        let selection = match at.member("expression") {
            Some(member) if member.node.text() == Some("") => Some(Selection::All),
            _ => decoder.field::<Selection>(at, "expression", all),
        };
        let reference =
            decoder.field::<Reference>(at, "spatialReference", Some(Node::from("global")));
        Some(Self { selection: selection?, by_group: reference? == Reference::GroupLocal })
    }

    fn schema(definitions: &mut Definitions) -> Json {
        let text = Selection::schema(definitions);
        json!({"anyOf": [text, {"type": "object"}]})
    }
}
