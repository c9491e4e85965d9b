//! Walks a profile's syntax tree and gathers what is wrong with it. The only part of the profile
//! reader that knows the tree.

use std::sync::Arc;

use super::entity::{Entity, Kind, Unit};
use crate::decode;
use crate::diagnostic::{Diagnostic, Place, Spot};
use crate::tree::{self, Node, Value};
use crate::value::Color;

/// A place in a profile file, and the value there if there is one.
#[derive(Clone, Debug)]
pub(super) struct At<'a> {
    node: Option<&'a Node>,
    pointer: String,
}

impl<'a> At<'a> {
    /// The whole file.
    pub(super) fn root(node: &'a Node) -> Self {
        Self { node: Some(node), pointer: String::new() }
    }

    /// The member `key`.
    pub(super) fn get(&self, key: &str) -> Self {
        let node = self.node.and_then(|node| node.get(key));
        Self { node, pointer: tree::below(&self.pointer, key) }
    }

    /// Whether there is a value.
    pub(super) fn exists(&self) -> bool {
        self.node.is_some()
    }

    /// Its JSON pointer.
    pub(super) fn pointer(&self) -> &str {
        &self.pointer
    }

    fn value(&self) -> Option<&'a Value> {
        self.node.map(|node| &node.value)
    }

    /// Whether it is `null`.
    pub(super) fn is_null(&self) -> bool {
        matches!(self.value(), Some(Value::Null))
    }

    /// Whether it is an object.
    pub(super) fn is_object(&self) -> bool {
        matches!(self.value(), Some(Value::Object(_)))
    }

    /// Whether it is a list.
    pub(super) fn is_list(&self) -> bool {
        matches!(self.value(), Some(Value::List(_)))
    }

    /// Its text, if it is text.
    pub(super) fn text(&self) -> Option<&'a str> {
        self.node?.text()
    }

    /// Its number, if it is a number.
    pub(super) fn number(&self) -> Option<f64> {
        self.node?.number()
    }

    /// Its items; none when it is no list.
    pub(super) fn items(&self) -> Vec<Self> {
        let items = self.node.map_or(&[][..], Node::items);
        let item =
            |(index, node)| Self { node: Some(node), pointer: format!("{}/{index}", self.pointer) };
        items.iter().enumerate().map(item).collect()
    }

    /// Its members in the order of the file; none when it is no object.
    fn entries(&self) -> Vec<(&'a str, Self)> {
        let members = self.node.map_or(&[][..], Node::members);
        let entry = |member: &'a tree::Member| {
            let pointer = tree::below(&self.pointer, &member.key);
            (member.key.as_str(), Self { node: Some(&member.node), pointer })
        };
        members.iter().map(entry).collect()
    }
}

/// Reads values, saying what is wrong with each.
#[derive(Debug)]
pub(super) struct Reader {
    file: Arc<str>,
    /// Everything said so far.
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Reader {
    pub(super) fn new(file: Arc<str>) -> Self {
        Self { file, diagnostics: Vec::new() }
    }

    /// The place of the value at `pointer`.
    pub(super) fn place(&self, pointer: &str) -> Place {
        Place { file: self.file.clone(), spot: Spot::Value(pointer.to_owned()) }
    }

    /// The same place for what is read as the other sources are; `None` if nothing is there.
    pub(super) fn source_place<'a>(&'a self, at: &At<'a>) -> Option<decode::At<'a>> {
        Some(decode::At { file: &self.file, node: at.node?, pointer: at.pointer.clone() })
    }

    pub(super) fn error(&mut self, code: &'static str, at: &At<'_>, message: impl Into<String>) {
        let place = self.place(at.pointer());
        self.diagnostics.push(Diagnostic::error(code, place, message));
    }

    /// An error with "did you mean" the name of `known` nearest to `name`.
    pub(super) fn error_near<'k>(
        &mut self,
        code: &'static str,
        at: &At<'_>,
        message: impl Into<String>,
        name: &str,
        known: impl IntoIterator<Item = &'k str>,
    ) {
        let error = Diagnostic::error(code, self.place(at.pointer()), message);
        self.diagnostics.push(error.nearest(name, known));
    }

    /// Says that a value is not what it should be.
    pub(super) fn unexpected(&mut self, at: &At<'_>, expected: &str) {
        let message = match at.node {
            // "Expected a whole number, found a number" tells nothing.
            Some(node) if expected.contains(node.kind().trim_start_matches("a ")) => {
                format!("expected {expected}")
            }
            Some(node) => format!("expected {expected}, found {}", node.kind()),
            None => {
                let key = at.pointer().rsplit('/').next().unwrap_or_default();
                format!("`{key}` is missing: expected {expected}")
            }
        };
        self.error(if at.exists() { "wrong-type" } else { "missing-key" }, at, message);
    }

    /// Warns of each member that `knows` refuses.
    pub(super) fn warn_unknown(
        &mut self,
        at: &At<'_>,
        knows: impl Fn(&str) -> bool,
        known: &[&str],
    ) {
        for (key, value) in at.entries() {
            if !knows(key) {
                let place = Place { file: self.file.clone(), spot: Spot::Key(value.pointer) };
                let message = format!("the key `{key}` is not known here and does nothing");
                let warning = Diagnostic::warning("unknown-key", place, message);
                self.diagnostics.push(warning.nearest(key, known.iter().copied()));
            }
        }
    }

    /// Its members; says so when it is no object.
    pub(super) fn members<'a>(&mut self, at: &At<'a>) -> Vec<(&'a str, At<'a>)> {
        if !at.is_object() {
            self.unexpected(at, "an object");
        }
        at.entries()
    }

    /// Its items; says so when it is no list.
    pub(super) fn list<'a>(&mut self, at: &At<'a>) -> Vec<At<'a>> {
        if !at.is_list() {
            self.unexpected(at, "a list");
        }
        at.items()
    }

    /// Its text; says so when it is none.
    pub(super) fn as_text(&mut self, at: &At<'_>) -> Option<Arc<str>> {
        let text = at.text();
        if text.is_none() {
            self.unexpected(at, "text");
        }
        text.map(Arc::from)
    }

    /// The text of the member `key`, if there is one.
    pub(super) fn text(&mut self, at: &At<'_>, key: &str) -> Option<Arc<str>> {
        let value = at.get(key);
        if value.exists() { self.as_text(&value) } else { None }
    }

    /// The text of the member `key`, which must be there.
    pub(super) fn required_text(&mut self, at: &At<'_>, key: &str) -> Option<Arc<str>> {
        self.as_text(&at.get(key))
    }

    /// True or false; says so when it is neither.
    pub(super) fn flag(&mut self, at: &At<'_>) -> Option<bool> {
        let flag = match at.value() {
            Some(Value::Bool(flag)) => Some(*flag),
            _ => None,
        };
        if flag.is_none() {
            self.unexpected(at, "`true` or `false`");
        }
        flag
    }

    /// A word of `words`; says so when it is none of them.
    pub(super) fn one_of(&mut self, at: &At<'_>, words: &[&'static str]) -> Option<&'static str> {
        let text = self.as_text(at)?;
        let word = words.iter().copied().find(|word| **word == *text);
        if word.is_none() {
            let message = format!("`{text}` is none of `{}`", words.join("`, `"));
            self.error_near("unknown-word", at, message, &text, words.iter().copied());
        }
        word
    }

    /// One name or a list of names.
    pub(super) fn names(&mut self, at: &At<'_>) -> Vec<Arc<str>> {
        if at.is_list() {
            return at.items().iter().filter_map(|item| self.as_text(item)).collect();
        }
        self.as_text(at).into_iter().collect()
    }

    /// A whole number from `least` to `most`.
    pub(super) fn whole(&mut self, at: &At<'_>, least: u64, most: u64) -> Option<u64> {
        let whole = at.number().filter(|number| *number >= 0.0 && number.fract() == 0.0);
        let whole = whole.map(|number| number as u64).filter(|n| (least..=most).contains(n));
        if whole.is_none() {
            let expected = match most {
                u64::MAX => format!("a whole number from {least}"),
                _ => format!("a whole number from {least} to {most}"),
            };
            self.unexpected(at, &expected);
        }
        whole
    }

    /// A DMX value.
    pub(super) fn dmx_value(&mut self, at: &At<'_>) -> Option<u64> {
        self.whole(at, 0, u64::MAX)
    }

    /// A physical value.
    pub(super) fn entity(&mut self, at: &At<'_>, kind: &Kind) -> Option<Entity> {
        if let Some(number) = at.number().filter(|_| kind.bare) {
            return Some(Entity { number, unit: Unit::Number });
        }
        let text = at.text();
        if let Some(entity) = text.and_then(|text| kind.parse(text)) {
            return Some(entity);
        }
        let expected = kind.expected();
        let message = match text {
            Some(text) => format!("`{text}` is no value of this kind: expected {expected}"),
            None => format!("expected {expected}"),
        };
        self.error_near("bad-value", at, message, text.unwrap_or_default(), kind.keywords());
        None
    }

    /// A list of colours `#rrggbb`.
    pub(super) fn colors(&mut self, at: &At<'_>) -> Vec<Color> {
        let items = self.list(at);
        items.iter().filter_map(|item| self.color(item)).collect()
    }

    fn color(&mut self, at: &At<'_>) -> Option<Color> {
        let color = at.text().and_then(super::hex_color);
        if color.is_none() {
            let message = "a colour is written `#rrggbb`, like `#ff8800`";
            self.error("bad-color", at, message);
        }
        color
    }

    /// Three numbers from 0.
    pub(super) fn triple(&mut self, at: &At<'_>) -> Option<[f64; 3]> {
        let items = at.items();
        let numbers: Vec<_> = items.iter().filter_map(At::number).collect();
        let triple = <[f64; 3]>::try_from(numbers).ok();
        let triple = triple.filter(|triple| triple.iter().all(|number| *number >= 0.0));
        if triple.is_none() {
            self.unexpected(at, "a list of three numbers, none below 0");
        }
        triple
    }
}
