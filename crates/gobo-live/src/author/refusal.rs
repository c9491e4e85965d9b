//! Why an edit is not made, as plain data.

use gobo_show::diagnostic::{Spot, nearest};
use gobo_show::{Diagnostic, Severity};
use serde::Serialize;

/// One mistake in what was asked for, and where in it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Fault {
    /// Where: a JSON pointer into the payload (`/data/rate`), or a file and a pointer into what it
    /// would say (`shows/demo/base.json#/cues/3/on`).
    pub path: String,
    /// What is wrong, in a sentence that names what was expected.
    pub message: String,
}

impl Fault {
    /// A mistake at a JSON pointer into the payload.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }

    /// A name that is none of those known, with the nearest of them.
    pub(crate) fn unknown<'a>(
        path: impl Into<String>,
        (what, name): (&str, &str),
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let near = nearest(name, known).map(|near| format!(": did you mean `{near}`?"));
        Self::new(path, format!("there is no {what} `{name}`{}", near.unwrap_or_default()))
    }
}

impl From<&Diagnostic> for Fault {
    fn from(found: &Diagnostic) -> Self {
        let file = &found.place.file;
        let path = match &found.place.spot {
            Spot::Key(pointer) | Spot::Value(pointer) => format!("{file}#{pointer}"),
            Spot::File | Spot::Bytes { .. } => file.to_string(),
        };
        let hints = found.hints.iter().map(|hint| format!("; {hint}"));
        Self { path, message: found.message.clone() + &hints.collect::<String>() }
    }
}

/// Why an edit is not made; the files are as they were.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, thiserror::Error)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Refusal {
    /// What was asked for makes no sense, or would leave a show with mistakes: every mistake.
    #[error("{}", said(.errors))]
    Invalid {
        /// Each mistake; at least one.
        errors: Vec<Fault>,
    },
    /// What is to be changed is not there.
    #[error("{message}")]
    NotFound {
        /// What is not there.
        message: String,
    },
    /// The file was changed meanwhile, and what was to be changed is not there any more.
    #[error("{message}")]
    Conflict {
        /// What was changed.
        message: String,
    },
    /// A file cannot be read or written.
    #[error("{message}")]
    Failed {
        /// Which, and why.
        message: String,
    },
}

impl Refusal {
    /// One mistake in the payload.
    pub(crate) fn invalid(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid { errors: vec![Fault::new(path, message)] }
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::NotFound { message: message.into() }
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::Conflict { message: message.into() }
    }

    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::Failed { message: message.into() }
    }

    /// The reason as the protocol has it: `invalid`, `not_found`, `conflict` or `failed`.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "invalid",
            Self::NotFound { .. } => "not_found",
            Self::Conflict { .. } => "conflict",
            Self::Failed { .. } => "failed",
        }
    }

    /// The mistakes, if there are any.
    pub fn errors(&self) -> &[Fault] {
        match self {
            Self::Invalid { errors } => errors,
            _ => &[],
        }
    }
}

/// The errors among what is said of sources.
pub(crate) fn errors(diagnostics: &[Diagnostic]) -> impl Iterator<Item = &Diagnostic> {
    diagnostics.iter().filter(|found| found.severity == Severity::Error)
}

fn said(errors: &[Fault]) -> String {
    let all: Vec<&str> = errors.iter().map(|error| &*error.message).collect();
    all.join("; ")
}
