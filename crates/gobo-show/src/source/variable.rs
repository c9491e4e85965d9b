//! Variables: values by name, for `$name` to stand for.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::decode::{About, At, Decode, Decoder, Definitions, argument_names};
use crate::tree::{Node, Value};

/// The value of a variable as written: whatever the place that names it takes.
#[derive(Clone, PartialEq, Debug)]
pub struct Variable(pub Node);

impl Serialize for Variable {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.to_json().serialize(serializer)
    }
}

/// Variables by name.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Vars(pub IndexMap<String, Variable>);

impl Decode for Vars {
    fn about() -> About {
        About::new("variables", "an object of names and values")
    }

    /// Reads them as they are written: what their names refer to is looked up once all are known.
    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        if !decoder.object::<Self>(at) {
            return None;
        }
        let mut vars = IndexMap::new();
        for (name, member) in at.members() {
            if member.node.value == Value::Null {
                let message = format!("the variable `{name}` has no value");
                decoder.error("wrong-type", &member, message);
            } else {
                vars.insert(name.to_owned(), Variable(member.node.clone()));
            }
        }
        Some(Self(vars))
    }

    fn schema(_: &mut Definitions) -> Json {
        let value = json!({"type": ["number", "string", "boolean", "array", "object"]});
        json!({"type": "object", "additionalProperties": value})
    }

    fn missing() -> Option<Self> {
        Some(Self::default())
    }
}

impl Variable {
    /// The names that it refers to, in the order of the text.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        gather(&self.0, &mut names);
        names
    }
}

fn gather<'a>(node: &'a Node, names: &mut Vec<&'a str>) {
    match &node.value {
        Value::Text(text) => names.extend(argument_names(text)),
        Value::List(items) => items.iter().for_each(|item| gather(item, names)),
        Value::Object(members) => {
            members.iter().for_each(|member| gather(&member.node, names));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Date(_) => {}
    }
}
