//! From the syntax tree to values, gathering every mistake on the way. Each type says once how
//! it is written, and that gives its decoder, its messages and its JSON Schema.

mod basic;
mod names;
mod record;
mod schema;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use indexmap::IndexMap;
use serde::Serialize;

use crate::diagnostic::{Diagnostic, Place, Spot};
use crate::select::Selection;
use crate::tree::{Node, Tree, Value, below};

pub(crate) use names::Findings;
pub use names::Names;
pub use record::Field;
pub(crate) use record::{choice, record};
pub(crate) use record::{object_schema, paragraph};
pub use schema::Definitions;
pub(crate) use schema::file_schema;

/// How a type is written, in words.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct About {
    /// Its name, as the reference and the schema call it: `level`.
    pub kind: &'static str,
    /// What a message expects: "a level such as `80%` or 0.8".
    pub expected: &'static str,
    /// The unit of a bare number, or empty.
    pub unit: &'static str,
    /// The smallest and the largest number, where there are any.
    pub range: Option<(f64, f64)>,
}

impl About {
    /// A type without unit or range.
    pub(crate) const fn new(kind: &'static str, expected: &'static str) -> Self {
        Self { kind, expected, unit: "", range: None }
    }
}

/// What a source can say: read from the tree, described by a schema.
pub trait Decode: Sized {
    /// How it is written.
    fn about() -> About;

    /// Reads it; `None` after a diagnostic.
    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self>;

    /// Its JSON Schema, draft 2020-12.
    fn schema(definitions: &mut Definitions) -> serde_json::Value;

    /// What it is when the key is missing; `None` when it must be there.
    fn missing() -> Option<Self> {
        None
    }
}

/// A node of a file, with its pointer.
#[derive(Clone, Debug)]
pub struct At<'a> {
    /// The file.
    pub file: &'a Arc<str>,
    /// What stands there.
    pub node: &'a Node,
    /// Its JSON pointer.
    pub pointer: String,
}

impl<'a> At<'a> {
    /// The whole of a file.
    pub fn root(tree: &'a Tree) -> Self {
        Self { file: &tree.file, node: &tree.root, pointer: String::new() }
    }

    /// The member `key`, if there is one.
    pub fn member(&self, key: &str) -> Option<At<'a>> {
        let node = self.node.get(key)?;
        Some(At { file: self.file, node, pointer: below(&self.pointer, key) })
    }

    /// The items of a list.
    pub fn items(&self) -> impl Iterator<Item = At<'a>> + use<'a, '_> {
        self.node.items().iter().enumerate().map(|(index, node)| At {
            file: self.file,
            node,
            pointer: format!("{}/{index}", self.pointer),
        })
    }

    /// The members of an object with their keys; a key twice comes once.
    pub fn members(&self) -> impl Iterator<Item = (&'a str, At<'a>)> + use<'a, '_> {
        let members = self.node.members().iter();
        members
            .enumerate()
            .filter(|(index, member)| {
                !self.node.members()[..*index].iter().any(|before| before.key == member.key)
            })
            .map(|(_, member)| {
                let pointer = below(&self.pointer, &member.key);
                (member.key.as_str(), At { file: self.file, node: &member.node, pointer })
            })
    }

    /// The place of the value.
    pub fn place(&self) -> Place {
        Place { file: self.file.clone(), spot: Spot::Value(self.pointer.clone()) }
    }

    /// The place of the key.
    pub fn key_place(&self) -> Place {
        Place { file: self.file.clone(), spot: Spot::Key(self.pointer.clone()) }
    }

    /// What messages call it: the last key of the pointer that is no place in a list.
    pub fn name(&self) -> &str {
        let mut keys = self.pointer.rsplit('/');
        keys.find(|key| key.parse::<usize>().is_err()).unwrap_or_default()
    }

    /// What stands there, in a few words: `the text "abc"`.
    pub fn found(&self) -> String {
        match &self.node.value {
            Value::Text(text) if text.chars().count() <= 60 => format!("the text \"{text}\""),
            Value::Number(number) => format!("the number {}", figure(*number)),
            Value::Bool(flag) => flag.to_string(),
            Value::List(items) => format!("a list of {}", items.len()),
            _ => self.node.kind().to_owned(),
        }
    }
}

/// A value that knows where it stands.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// What a pattern's argument may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum ArgumentKind {
    /// A variable: whatever the place that names it takes.
    Any,
    /// A colour.
    Color,
    /// A number.
    Scalar,
    /// A selection.
    Selection,
}

/// The argument that `$name` stands for in a pattern.
#[derive(Clone, PartialEq, Debug)]
pub struct Argument {
    /// What it may be.
    pub kind: ArgumentKind,
    /// What it is in this use of the pattern.
    pub node: Node,
}

/// Reads values and gathers what is wrong with them.
///
/// Carries the names that values may refer to, so that a colour or a point of interest comes out
/// of decoding ready to use.
#[derive(Debug, Default)]
pub struct Decoder {
    /// The names that values may refer to.
    pub names: Names,
    /// Everything said so far.
    pub diagnostics: Vec<Diagnostic>,
    /// The palette colours that something has named.
    pub colors_used: BTreeSet<String>,
    /// The presets that something has named.
    pub presets_used: BTreeSet<String>,
    /// The variables that something has named.
    pub vars_used: BTreeSet<String>,
    /// The first place that counts beats or bars.
    pub beats_used: Option<Place>,
    /// The first place that listens to the song.
    pub sound_used: Option<Place>,
    /// The first place that asks how far the song is along its section.
    pub sections_used: Option<Place>,
    /// Selections that were read before and name no variable, by their text: many cues are on the
    /// same.
    pub(crate) selections: HashMap<String, Arc<Selection>>,
}

impl Decoder {
    /// Keeps a diagnostic.
    pub fn say(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Keeps an error at a value.
    pub fn error(&mut self, code: &'static str, at: &At<'_>, message: impl Into<String>) {
        self.say(Diagnostic::error(code, at.place(), message));
    }

    /// Says that a value is not what `T` is written as.
    pub fn wrong<T: Decode, U>(&mut self, at: &At<'_>) -> Option<U> {
        // A type whose examples are text can be written as text: then the kind is right.
        let code = match at.node.value {
            Value::Text(_) if T::about().expected.contains('`') => "bad-value",
            _ => "wrong-type",
        };
        let message = format!("{}, found {}", expected(at, T::about().expected), at.found());
        self.error(code, at, message);
        None
    }

    /// Checks a number against a range, both ends inside.
    pub fn in_range(&mut self, at: &At<'_>, number: f64, low: f64, high: f64) -> Option<f64> {
        if (low..=high).contains(&number) {
            return Some(number);
        }
        let (name, number) = (at.name(), figure(number));
        let message = match (low.is_finite(), high.is_finite()) {
            (true, false) => format!("`{name}` must be at least {low}, found {number}"),
            _ => format!("`{name}` must be from {low} to {high}, found {number}"),
        };
        self.error("out-of-range", at, message);
        None
    }

    /// Reads the value at `at`; `$name` gives the pattern's argument or the variable.
    pub fn value<T: Decode>(&mut self, at: &At<'_>) -> Option<T> {
        let node = self.stands_for(at)?;
        T::decode(&At { file: at.file, node: &node, pointer: at.pointer.clone() }, self)
    }

    /// What stands at `at`, or what the `$name` there stands for; `None` after a diagnostic.
    pub(crate) fn stands_for<'a>(&mut self, at: &At<'a>) -> Option<Cow<'a, Node>> {
        let takes_names = self.names.arguments.is_some() || self.names.vars.is_some();
        let Some(name) = at.node.text().and_then(argument_name).filter(|_| takes_names) else {
            return Some(Cow::Borrowed(at.node));
        };
        let node = self.named(name).map(|argument| Cow::Owned(argument.node.clone()));
        if node.is_none() {
            self.unknown_name(name, at);
        }
        node
    }

    /// What `$name` stands for: an argument of the pattern, or else a variable.
    pub(crate) fn named(&mut self, name: &str) -> Option<&Argument> {
        let argument = self.names.arguments.as_ref().and_then(|arguments| arguments.get(name));
        argument.or_else(|| {
            let variable = self.names.vars.as_ref()?.get(name)?;
            self.vars_used.insert(name.to_owned());
            Some(variable)
        })
    }

    /// Everything that `$name` may stand for here.
    pub(crate) fn scope(&self) -> Cow<'_, IndexMap<String, Argument>> {
        match (&self.names.arguments, &self.names.vars) {
            (None, None) => Cow::Owned(IndexMap::new()),
            (Some(only), None) | (None, Some(only)) => Cow::Borrowed(only),
            (Some(arguments), Some(vars)) => {
                let mut all = vars.clone();
                all.extend(arguments.clone());
                Cow::Owned(all)
            }
        }
    }

    /// Remembers the variables that a text names.
    pub(crate) fn mention(&mut self, text: &str) {
        for name in argument_names(text) {
            self.named(name);
        }
    }

    fn unknown_name(&mut self, name: &str, at: &At<'_>) {
        if self.names.unreadable_arguments.contains(name) || self.names.broken_vars.contains(name) {
            return;
        }
        let (code, message) = match self.names.arguments {
            Some(_) => ("unknown-argument", format!("the pattern has no argument `{name}`")),
            None => ("unknown-variable", format!("there is no variable `{name}`")),
        };
        let error = Diagnostic::error(code, at.place(), message);
        let error = error.nearest(name, self.scope().keys().map(String::as_str));
        self.say(error);
    }

    /// Reads the member `key`, or else its default.
    pub fn field<T: Decode>(&mut self, at: &At<'_>, key: &str, default: Option<Node>) -> Option<T> {
        if let Some(member) = at.member(key) {
            return self.value(&member);
        }
        if let Some(node) = default {
            let beats_used = self.beats_used.take();
            let pointer = below(&at.pointer, key);
            let value = T::decode(&At { file: at.file, node: &node, pointer }, self);
            self.beats_used = beats_used;
            return value;
        }
        let missing = T::missing();
        if missing.is_none() && !self.is_misspelt(at, key) {
            let message = format!("`{key}` is missing: expected {}", T::about().expected);
            self.error("missing-key", at, message);
        }
        missing
    }

    /// Whether a key that was refused at `at` is likely this one, so that one mistake is told once.
    fn is_misspelt(&self, at: &At<'_>, key: &str) -> bool {
        at.members().any(|(found, member)| {
            let place = member.key_place();
            let refused = |said: &Diagnostic| said.code == "unknown-key" && said.place == place;
            crate::diagnostic::nearest(found, [key]).is_some()
                && self.diagnostics.iter().any(refused)
        })
    }

    /// Whether it is an object; says so when it is none.
    pub fn object<T: Decode>(&mut self, at: &At<'_>) -> bool {
        let object = matches!(at.node.value, Value::Object(_));
        if !object {
            self.wrong::<T, ()>(at);
        }
        object
    }

    /// Remembers that what stands at `at` listens to the song, so that its spectrum is asked for.
    pub fn listens(&mut self, at: &At<'_>) {
        self.sound_used.get_or_insert_with(|| at.place());
    }

    /// Says which keys of an object are not known. `$schema` may stand at the top of any file.
    pub fn refuse_unknown(&mut self, at: &At<'_>, known: &[&str], others: &[&str]) {
        for (key, member) in at.members() {
            let schema = key == "$schema" && at.pointer.is_empty();
            if schema || known.contains(&key) || others.contains(&key) {
                continue;
            }
            let message = format!("the key `{key}` is not known here");
            let error = Diagnostic::error("unknown-key", member.key_place(), message);
            let near = crate::diagnostic::nearest(key, known.iter().chain(others).copied());
            let hint = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known are {}", listed(known.iter().chain(others).copied())),
            };
            self.say(error.hint(hint));
        }
    }
}

/// The name in `$name`; `None` when the text is anything else, such as a selection with more to it.
pub(crate) fn argument_name(text: &str) -> Option<&str> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    text.strip_prefix('$').filter(|name| !name.is_empty() && name.chars().all(word))
}

/// The names in every `$name` of a text.
pub(crate) fn argument_names(text: &str) -> impl Iterator<Item = &str> {
    text.split('$').skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        Some(&rest[..end]).filter(|name| !name.is_empty())
    })
}

/// "expected a level for `dimmer`".
fn expected(at: &At<'_>, expected: &str) -> String {
    match at.name() {
        "" => format!("expected {expected}"),
        name => format!("expected {expected} for `{name}`"),
    }
}

/// A number in as many digits as people read.
pub(crate) fn figure(number: f64) -> String {
    if number.abs() < 1e12 { number.to_string() } else { format!("{number:e}") }
}

/// Names as a sentence lists them: "`a`, `b` and `c`".
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    joined(names, "and")
}

/// Names as a sentence offers them: "`a`, `b` or `c`".
pub(crate) fn offered<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    joined(names, "or")
}

fn joined<'a>(names: impl IntoIterator<Item = &'a str>, word: &str) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {word} {last}", rest.join(", ")),
        _ => names.concat(),
    }
}
