//! The spanned syntax tree that JSON and TOML share, JSON pointers into it, and where a
//! [`Place`] stands in a text. Knows syntax only; what a member means is decoded elsewhere.

mod json;
mod quick;
mod toml;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Place, Spot};
use crate::world::Source;

pub use json::parse_json;
pub use toml::parse_toml;

/// A source file as syntax.
#[derive(Clone, PartialEq, Debug)]
pub struct Tree {
    /// The file, relative to the project.
    pub file: Arc<str>,
    /// What the file says.
    pub root: Node,
    /// One error for each key that an object has twice.
    pub duplicates: Vec<Diagnostic>,
}

/// A value and the bytes it takes in the text.
#[derive(Clone, PartialEq, Debug)]
pub struct Node {
    /// Its bytes.
    pub span: Range<usize>,
    /// What it is.
    pub value: Value,
}

/// What a [`Node`] is.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// `null`; JSON only.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A finite number.
    Number(f64),
    /// Text, with its escapes resolved.
    Text(String),
    /// A date or time of day; TOML only.
    Date(String),
    /// A list.
    List(Vec<Node>),
    /// An object (TOML: a table), members in the order of the text.
    Object(Vec<Member>),
}

/// A key of an object and its value.
#[derive(Clone, PartialEq, Debug)]
pub struct Member {
    /// The key, with its escapes resolved.
    pub key: String,
    /// The key's bytes, with its quotes.
    pub key_span: Range<usize>,
    /// The value.
    pub node: Node,
}

impl Node {
    /// What it is, as messages say it: `a number`.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::Text(_) => "text",
            Value::Date(_) => "a date",
            Value::List(_) => "a list",
            Value::Object(_) => "an object",
        }
    }

    /// The member `key`, the first if there are several; `None` also when it is no object.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.members().iter().find(|member| member.key == key).map(|member| &member.node)
    }

    /// The members of an object; empty when it is none.
    pub fn members(&self) -> &[Member] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// The items of a list; empty when it is none.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// Its text, if it is text.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Its number, if it is a number.
    pub fn number(&self) -> Option<f64> {
        match self.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The same as JSON; a date becomes text.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(flag) => (*flag).into(),
            // A whole number is written without a point.
            Value::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
                (*number as i64).into()
            }
            Value::Number(number) => (*number).into(),
            Value::Text(text) | Value::Date(text) => text.as_str().into(),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Object(members) => members
                .iter()
                .map(|member| (member.key.clone(), member.node.to_json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }

    /// The member or item that one step of a pointer names, with its key's bytes if it has one.
    fn step(&self, step: &str) -> Option<(Option<&Range<usize>>, &Node)> {
        match &self.value {
            Value::Object(members) => {
                let member = members.iter().find(|member| member.key == step)?;
                Some((Some(&member.key_span), &member.node))
            }
            Value::List(items) => Some((None, items.get(step.parse::<usize>().ok()?)?)),
            _ => None,
        }
    }

    /// Takes out the member that a JSON pointer names; what lies in a list stays, for the places
    /// of the items after it must not change.
    pub fn take_out(&mut self, pointer: &str) {
        let Some((above, last)) = pointer.rsplit_once('/') else { return };
        let mut node = self;
        for step in above.split('/').skip(1) {
            let Value::Object(members) = &mut node.value else { return };
            let step = unescape(step);
            let Some(member) = members.iter_mut().find(|member| member.key == step) else { return };
            node = &mut member.node;
        }
        if let Value::Object(members) = &mut node.value {
            let last = unescape(last);
            members.retain(|member| member.key != last);
        }
    }

    /// The bytes that a JSON pointer names: the key's, or the value's. A pointer to what is not
    /// there gives the nearest value around it.
    fn point(&self, pointer: &str, key: bool) -> Range<usize> {
        let (mut node, mut key_span) = (self, None);
        for step in pointer.split('/').skip(1) {
            let Some((span, next)) = node.step(&unescape(step)) else {
                return node.span.clone();
            };
            (node, key_span) = (next, span);
        }
        match key_span {
            Some(span) if key => span.clone(),
            _ => node.span.clone(),
        }
    }
}

impl From<Value> for Node {
    fn from(value: Value) -> Self {
        Self { span: 0..0, value }
    }
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned()).into()
    }
}

impl<const N: usize> From<[&str; N]> for Node {
    fn from(texts: [&str; N]) -> Self {
        Value::List(texts.map(Self::from).into()).into()
    }
}

impl From<f64> for Node {
    fn from(number: f64) -> Self {
        Value::Number(number).into()
    }
}

impl From<bool> for Node {
    fn from(flag: bool) -> Self {
        Value::Bool(flag).into()
    }
}

impl Tree {
    /// The bytes of the text that `spot` means.
    pub fn locate(&self, spot: &Spot) -> Range<usize> {
        match spot {
            Spot::File => 0..0,
            Spot::Bytes { start, end } => *start..*end,
            Spot::Key(pointer) => self.root.point(pointer, true),
            Spot::Value(pointer) => self.root.point(pointer, false),
        }
    }
}

/// Parses JSON or TOML, by the end of the file's name.
pub fn parse(source: &Source) -> Result<Tree, Diagnostic> {
    if source.path.ends_with(".toml") { parse_toml(source) } else { parse_json(source) }
}

/// Reads JSON or TOML, by the end of the file's name, for its values alone: the spans of JSON are
/// empty. The errors are those of [`parse`].
pub fn read(source: &Source) -> Result<Tree, Diagnostic> {
    if !source.path.ends_with(".toml")
        && let Some(root) = quick::read(&source.text)
    {
        return Ok(Tree { file: source.path.clone(), root, duplicates: Vec::new() });
    }
    parse(source)
}

/// The bytes of `text` that `place` means; `None` when the text has no syntax to point into.
///
/// A place that is not there any more gives the nearest value around it; a file as a whole, its
/// start.
pub fn locate(text: &str, place: &Place) -> Option<Range<usize>> {
    match &place.spot {
        Spot::File => Some(0..0),
        Spot::Bytes { start, end } => Some(*start..*end),
        spot => {
            let source = Source { path: place.file.clone(), text: text.into() };
            parse(&source).ok().map(|tree| tree.locate(spot))
        }
    }
}

/// The pointer to the member or item `step` below `pointer` (RFC 6901 section 3).
pub fn below(pointer: &str, step: &str) -> String {
    let mut below = String::with_capacity(pointer.len() + 1 + step.len());
    below.push_str(pointer);
    below.push('/');
    if step.contains(['~', '/']) {
        below.push_str(&step.replace('~', "~0").replace('/', "~1"));
    } else {
        below.push_str(step);
    }
    below
}

fn unescape(step: &str) -> Cow<'_, str> {
    if step.contains('~') { step.replace("~1", "/").replace("~0", "~").into() } else { step.into() }
}

fn syntax_error(source: &Source, bytes: Range<usize>, message: String) -> Diagnostic {
    let length = source.text.len();
    let start = bytes.start.min(length);
    let spot = Spot::Bytes { start, end: bytes.end.clamp(start, length) };
    Diagnostic::error("syntax", Place { file: source.path.clone(), spot }, message)
}

fn bytes(file: &Arc<str>, span: &Range<usize>) -> Place {
    Place { file: file.clone(), spot: Spot::Bytes { start: span.start, end: span.end } }
}

/// One error for each key that stands in `members` for the second time or more.
fn duplicates(file: &Arc<str>, members: &[Member], found: &mut Vec<Diagnostic>) {
    let mut first = indexmap::IndexMap::new();
    for member in members {
        let span = first.entry(member.key.as_str()).or_insert(&member.key_span);
        if **span != member.key_span {
            let message = format!("the key `{}` is here twice", member.key);
            let error = Diagnostic::error("duplicate-key", bytes(file, &member.key_span), message);
            found.push(error.label(bytes(file, span), "first here"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.into(), text: text.into() }
    }

    #[test]
    fn json_and_toml_make_the_same_tree() {
        let json = r#"{"a": {"b": [1, {"c/d": "x"}]}, "t": true}"#;
        let toml = "t = true\n[a]\nb = [1, { \"c/d\" = \"x\" }]\n";
        for (path, text) in [("a.json", json), ("a.toml", toml)] {
            let tree = parse(&source(path, text)).unwrap();
            let at = |spot| &text[tree.locate(&spot)];
            assert_eq!(at(Spot::Value("/a/b/1/c~1d".into())), "\"x\"");
            assert_eq!(at(Spot::Key("/a/b/1/c~1d".into())), "\"c/d\"");
            assert_eq!(at(Spot::Value("/a/b/0".into())), "1");
            assert_eq!(at(Spot::Value("/t/none".into())), "true");
            assert_eq!(tree.root.get("t").map(Node::kind), Some("true or false"));
        }
    }

    #[test]
    fn a_dotted_key_and_a_header_point_to_something() {
        let text = "a.b = 1\n[[f]]\nid = \"x\"\n[[f]]\nid = \"y\"\n[g.h]\n";
        let place =
            |pointer: &str| Place { file: "a.toml".into(), spot: Spot::Value(pointer.into()) };
        assert_eq!(&text[locate(text, &place("/a/b")).unwrap()], "1");
        assert_eq!(&text[locate(text, &place("/f/1/id")).unwrap()], "\"y\"");
        assert!(text[locate(text, &place("/f/1")).unwrap()].contains("[[f]]"));
        assert!(text[locate(text, &place("/g/h")).unwrap()].contains("[g.h]"));
    }

    #[test]
    fn a_key_twice_is_said_once() {
        let tree = parse(&source("a.json", r#"{"a": 1, "b": {"c": 1, "c": 2}, "a": 3}"#)).unwrap();
        let said: Vec<_> = tree.duplicates.iter().map(|found| found.message.as_str()).collect();
        assert_eq!(said, ["the key `c` is here twice", "the key `a` is here twice"]);
        assert!(parse(&source("a.toml", "a = 1\na = 2\n")).is_err());
    }
}
