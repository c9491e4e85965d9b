//! QLC+ fixture definitions (`.qxf`) turned into profiles of the Open Fixture Library's format.
//! A pure function of text; what it writes is read by [`super::Profile::parse`] without an error.

mod fine;
mod heads;
mod meaning;
mod preset;
mod source;
mod switch;
mod words;
mod write;

use std::sync::Arc;

use super::path::{profile_path, slug};
use crate::diagnostic::Diagnostic;
use crate::pretty::pretty;

/// A profile made of a foreign definition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Imported {
    /// The manufacturer, as a part of a path.
    pub manufacturer: String,
    /// The model, as a part of a path.
    pub model: String,
    /// The profile, as JSON with a new line at its end.
    pub json: String,
}

impl Imported {
    /// Where it belongs, from the project's root.
    pub fn path(&self) -> String {
        profile_path(&self.manufacturer, &self.model)
    }
}

/// Turns the QLC+ definition `text`, called `file` in what is said of it, into a profile. Modes
/// keep their names, and the number and order of their channels; heads become pixels.
pub fn import_qxf(text: &str, file: &str) -> (Option<Imported>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let file: Arc<str> = file.into();
    let Some(definition) = source::read(&file, text, &mut diagnostics) else {
        return (None, diagnostics);
    };
    let json = write::profile(&file, &definition, &mut diagnostics);
    let imported = json.map(|json| Imported {
        manufacturer: slug(&definition.manufacturer),
        model: slug(&definition.model),
        json: pretty(&json),
    });
    (imported, diagnostics)
}
