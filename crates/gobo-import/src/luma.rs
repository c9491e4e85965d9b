//! Luma (`luma.db`): venues, patterns, tracks and scores of either of its schemas, and its scores
//! as text.

mod database;
mod pattern;
pub mod score;
mod show;
mod song;
mod source;
mod venue;

use std::collections::BTreeSet;

use gobo_show::Source;
use gobo_show::diagnostic::Place;
use serde_json::Value;

use crate::folder::Folder;
use crate::imported::{ImportError, Imported};
use database::Database;
use pattern::Patterns;
use source::Luma;
use venue::Venues;

/// Turns the database `file` of `folder` into a project: a venue file for each venue, a show for
/// each score. Fixture definitions (`.qxf`) are taken from `definitions`, then from the folder;
/// sound files are looked for where the database says, then in the folder by name.
///
/// # Errors
/// [`ImportError::Faulty`] or [`ImportError::Missing`] when the file is no database of Luma's, or
/// a damaged one.
pub fn import(
    folder: &dyn Folder,
    file: &str,
    definitions: Vec<Source>,
) -> Result<Imported, ImportError> {
    let bytes = folder.read(file).map_err(|error| {
        let place = Place { file: file.into(), spot: gobo_show::diagnostic::Spot::File };
        let message = format!("the file cannot be read: {error}");
        gobo_show::Diagnostic::error("unreadable", place, message)
    })?;
    let database = Database::open(&bytes, file)?;
    let luma = source::read(&database)?;
    if luma.venues.is_empty() && luma.patterns.is_empty() && luma.scores.is_empty() {
        let message = format!("{file} is empty: it has no venue, no pattern and no score");
        return Err(ImportError::Missing(message));
    }
    let mut definitions = definitions;
    let beside = folder.files().into_iter().filter(|path| path.ends_with(".qxf"));
    definitions.extend(beside.filter_map(|path| folder.source(&path).ok()));

    let mut writer = Writer { imported: Imported::default(), place: database.place() };
    writer.log(folder, file);
    let mut patterns = Patterns::new(&luma, &mut writer);
    let mut venues = Venues::new(&luma, &patterns, &definitions, &mut writer);
    show::shows(&luma, &mut patterns, &mut venues, folder, &mut writer);
    venues.write(&luma, &mut writer);
    writer.left_out(&luma);
    Ok(writer.imported)
}

/// What the import comes to, and the place of all notes.
struct Writer {
    imported: Imported,
    place: Place,
}

impl Writer {
    fn note(&mut self, what: impl AsRef<str>, why: impl AsRef<str>) {
        // Names of the database may be of any letters; a note is one line.
        let line = |text: &str| -> String {
            text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
        };
        self.imported.note(line(what.as_ref()), line(why.as_ref()), self.place.clone());
    }

    /// JSON of a column; a note and nothing when it is none.
    fn json(&mut self, column: &str, of: &str, text: &str) -> Option<Value> {
        match serde_json::from_str(text) {
            Ok(value) => Some(value),
            Err(error) => {
                let why = format!("is left out: it is not JSON ({error})");
                self.note(format!("`{column}` of {of}"), why);
                None
            }
        }
    }

    /// A log that is not yet part of the database holds the latest changes.
    fn log(&mut self, folder: &dyn Folder, file: &str) {
        let log = format!("{file}-wal");
        if folder.read(&log).is_ok_and(|bytes| !bytes.is_empty()) {
            let why = "holds changes that are not in the database yet: close Luma and import again";
            self.note(format!("the file `{log}`"), why);
        }
    }

    /// Says what no project of ours has, once for each kind.
    fn left_out(&mut self, luma: &Luma) {
        for (what, count) in &luma.unsaid {
            let of = if *count == 1 { "once" } else { &format!("{count} times") };
            self.note(format!("{what} ({of})"), "is left out: a project has nothing of that kind");
        }
        for (table, count) in &luma.unread {
            let rows = if *count == 1 { "row" } else { "rows" };
            let what = format!("the table `{table}` ({count} {rows})");
            let why = match *table {
                "track_waveforms" => "is left out: pictures of the sound are drawn anew",
                "track_stems" => {
                    "is left out: put stems into songs/<song>.stems/ to listen to them"
                }
                _ => "is left out: a project has nothing of that kind",
            };
            self.note(what, why);
        }
    }
}

/// Gives each thing a name that keeps the letters of Luma's own, and no two the same one: names of
/// files, which some systems tell apart by more than the case of letters only.
#[derive(Debug)]
struct Words {
    /// In lower case.
    taken: BTreeSet<String>,
}

impl Words {
    fn new(taken: impl IntoIterator<Item = String>) -> Self {
        Self { taken: taken.into_iter().map(|name| name.to_lowercase()).collect() }
    }

    fn take(&mut self, foreign: &str) -> String {
        let base = word(foreign);
        let numbered = (2_u32..).map(|count| format!("{base}_{count}"));
        let free = std::iter::once(base.clone()).chain(numbered);
        let is_free = |name: &String| !self.taken.contains(&name.to_lowercase());
        let name = free.into_iter().find(is_free).unwrap_or(base);
        self.taken.insert(name.to_lowercase());
        name
    }
}

/// Letters, digits and dashes, joined by `_`.
fn word(foreign: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || c == '-';
    let words: Vec<_> = foreign.split(|c| !plain(c)).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "unnamed".to_owned() } else { words.join("_") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_by_case_alone_are_numbered() {
        let mut words = Words::new([]);
        let taken = ["Solid Colour", "solid colour", "Solid-Colour"].map(|name| words.take(name));
        assert_eq!(taken, ["Solid_Colour", "solid_colour_2", "Solid-Colour"]);
    }
}
