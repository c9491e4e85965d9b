//! What an import comes to.

use std::collections::BTreeMap;

use gobo_show::diagnostic::{Diagnostic, Place};

/// A native project made of foreign files.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Imported {
    /// The project's files by their paths in it, with `/` between folders.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What could not be carried as it was, in the order in which it was met.
    pub notes: Vec<Note>,
}

impl Imported {
    /// Adds a text file.
    pub fn text(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.files.insert(path.into(), text.into().into_bytes());
    }

    /// Says that something was not carried.
    pub fn note(&mut self, what: impl Into<String>, why: impl Into<String>, place: Place) {
        self.notes.push(Note { what: what.into(), why: why.into(), place });
    }
}

/// Something that a project of ours does not have, or has in another way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// The thing, by its name: "the effect `fade` of `parcan_l` at 15 s".
    pub what: String,
    /// What became of it and why: "is left out: the original did nothing for it".
    pub why: String,
    /// Where it stands in the foreign files, relative to the folder that was named.
    pub place: Place,
}

impl Note {
    /// The note as a warning.
    pub fn diagnostic(&self) -> Diagnostic {
        let message = format!("{} {}", self.what, self.why);
        Diagnostic::warning("not-carried", self.place.clone(), message)
    }
}

/// Why nothing could be imported.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum ImportError {
    /// The files are not what the import is for, or not whole; each mistake with its place.
    #[error("the files have mistakes")]
    Faulty(Vec<Diagnostic>),
    /// There is no file of this kind in the folder; a sentence that says what was looked for.
    #[error("{0}")]
    Missing(String),
    /// What was asked for by name is not there; a sentence with what is.
    #[error("{0}")]
    Unknown(String),
}

impl From<Diagnostic> for ImportError {
    fn from(mistake: Diagnostic) -> Self {
        Self::Faulty(vec![mistake])
    }
}
