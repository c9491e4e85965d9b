//! What is wrong with a source, as plain data; printed elsewhere.

mod plain;

use std::sync::Arc;

use serde::Serialize;

pub use plain::line_and_column;

/// How bad a [`Diagnostic`] is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The show compiles, but probably not to what was meant.
    Warning,
    /// The show does not compile.
    Error,
}

/// Where in the sources: a file and a JSON pointer into it (RFC 6901).
///
/// Turned into bytes only when printed, so that reformatting a file changes no
/// diagnostic and no key. A syntax error has no pointer, only an offset.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub struct Place {
    /// The file, relative to the project, with `/` between folders.
    pub file: Arc<str>,
    /// What in the file.
    pub spot: Spot,
}

/// What in a file a [`Place`] means.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Spot {
    /// The file as a whole.
    File,
    /// A byte range of the text, for what has no pointer: a syntax error.
    Bytes {
        /// The first byte.
        start: usize,
        /// One past the last byte.
        end: usize,
    },
    /// The key of the member that this JSON pointer names.
    Key(String),
    /// The value that this JSON pointer names.
    Value(String),
}

/// A second place with a word about it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What is there.
    pub message: String,
}

/// One mistake, said once.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A stable, kebab-case code: `unknown-fixture`.
    pub code: &'static str,
    /// One sentence that names the thing and what was expected.
    pub message: String,
    /// Where.
    pub place: Place,
    /// Other places that matter: the first definition, the fixture overlapped.
    pub labels: Vec<Label>,
    /// What to do: "did you mean `par1`?".
    pub hints: Vec<String>,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        let (labels, hints) = (Vec::new(), Vec::new());
        Self { severity: Severity::Error, code, message: message.into(), place, labels, hints }
    }

    /// A warning.
    pub fn warning(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, message) }
    }

    /// The same, with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same, with a second place.
    #[must_use]
    pub fn label(mut self, place: Place, message: impl Into<String>) -> Self {
        self.labels.push(Label { place, message: message.into() });
        self
    }

    /// The same, with "did you mean" the nearest of `known`, if one is near.
    #[must_use]
    pub fn nearest<'a>(self, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(name, known) {
            Some(near) => self.hint(format!("did you mean `{near}`?")),
            None => self,
        }
    }
}

/// The name of `known` that `name` most likely means, if one is near enough.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    known
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(&lower, &known.to_lowercase()), known))
        .filter(|&(distance, known)| distance <= known.chars().count().max(3) / 3)
        .min_by_key(|&(distance, known)| (distance, known))
        .map(|(_, known)| known)
}
