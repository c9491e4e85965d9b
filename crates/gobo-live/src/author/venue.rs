//! Points of interest in the text of a venue.

use gobo_show::Source;
use gobo_show::tree::{self, Value as Syntax};
use toml_edit::{Array, DocumentMut, Item, Table, TableLike, Value, value};

use super::refusal::Refusal;

/// An edit of a venue's points.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum VenueEdit {
    /// A point more.
    Create(String, [f64; 3]),
    /// A point elsewhere; the second place is where it is expected to be.
    Move(String, [f64; 3], [f64; 3]),
    /// A point less, with what was measured for it.
    Delete(String),
    /// Pan and tilt of a fixture for a point.
    Aim(String, String, [u16; 2]),
}

/// The text of a venue with its points edited.
pub(super) fn edited(text: &str, edits: &[VenueEdit]) -> Result<String, Refusal> {
    let unreadable = |error: &dyn std::fmt::Display| {
        Refusal::conflict(format!("the venue cannot be read: {error}"))
    };
    let mut document: DocumentMut = text.parse().map_err(|error| unreadable(&error))?;
    for edit in edits {
        make(&mut document, edit)?;
    }
    let written = with_endings_of(text, &document.to_string());
    let source = Source { path: "venue.toml".into(), text: written.as_str().into() };
    match tree::parse(&source).map(|tree| tree.root.value) {
        Ok(Syntax::Object(_)) => Ok(written),
        _ => Err(Refusal::failed("the venue cannot be changed in its own formatting")),
    }
}

fn make(document: &mut DocumentMut, edit: &VenueEdit) -> Result<(), Refusal> {
    match edit {
        VenueEdit::Create(id, place) => {
            let points = table(document.as_table_mut(), "poi")?;
            if points.contains_key(id) {
                let message = format!("the venue has a point of interest `{id}` by now");
                return Err(Refusal::conflict(message));
            }
            points.insert(id, value(metres(*place)));
        }
        VenueEdit::Move(id, expected, place) => {
            let points = table(document.as_table_mut(), "poi")?;
            let item = points.get_mut(id).ok_or_else(|| gone(id))?;
            let Some(array) = item.as_array_mut() else { return Err(gone(id)) };
            let found: Vec<f64> = array.iter().filter_map(float).collect();
            if found != expected {
                let message = format!("the point `{id}` was moved meanwhile");
                return Err(Refusal::conflict(message));
            }
            set(array, place.map(Value::from));
        }
        VenueEdit::Delete(id) => delete(document, id)?,
        VenueEdit::Aim(id, fixture, axes) => {
            let is_there = document.get("poi").and_then(Item::as_table_like);
            if !is_there.is_some_and(|points| points.contains_key(id)) {
                return Err(gone(id));
            }
            aim(document, id, fixture, *axes)?;
        }
    }
    Ok(())
}

fn delete(document: &mut DocumentMut, id: &str) -> Result<(), Refusal> {
    let points = table(document.as_table_mut(), "poi")?;
    points.remove(id).ok_or_else(|| gone(id))?;
    if let Some(aims) = document.get_mut("aim").and_then(Item::as_table_like_mut) {
        aims.remove(id);
    }
    if let Some(references) = document.get_mut("references").and_then(Item::as_array_mut) {
        references.retain(|name| name.as_str() != Some(id));
    }
    Ok(())
}

fn aim(document: &mut DocumentMut, id: &str, fixture: &str, axes: [u16; 2]) -> Result<(), Refusal> {
    let root = document.as_table_mut();
    if !root.contains_key("aim") {
        // Only the tables in it are written.
        let mut aims = Table::new();
        aims.set_implicit(true);
        root.insert("aim", Item::Table(aims));
    }
    let aims = table(root, "aim")?;
    let of_point = table(aims, id)?;
    let axes = axes.map(|axis| Value::from(i64::from(axis)));
    match of_point.get_mut(fixture).and_then(Item::as_array_mut) {
        Some(array) => set(array, axes),
        None => {
            of_point.insert(fixture, value(axes.into_iter().collect::<Array>()));
        }
    }
    Ok(())
}

fn gone(id: &str) -> Refusal {
    Refusal::conflict(format!("the venue has no point of interest `{id}` any more"))
}

/// A table within another, made if it is not there.
fn table<'a>(of: &'a mut dyn TableLike, key: &str) -> Result<&'a mut dyn TableLike, Refusal> {
    let item = of.entry(key).or_insert_with(|| Item::Table(Table::new()));
    let is_none = || Refusal::conflict(format!("`{key}` of the venue is no table"));
    item.as_table_like_mut().ok_or_else(is_none)
}

fn metres(place: [f64; 3]) -> Array {
    place.into_iter().collect()
}

fn float(value: &Value) -> Option<f64> {
    value.as_float().or_else(|| value.as_integer().map(|number| number as f64))
}

/// Sets the items of a list in their places, with the space around them.
fn set<const N: usize>(array: &mut Array, new: [Value; N]) {
    let is_as_long = array.len() == N;
    for (index, new) in new.into_iter().enumerate() {
        match array.get_mut(index).filter(|_| is_as_long) {
            Some(old) if float(old) == float(&new) => {}
            Some(old) => {
                let around = old.decor().clone();
                *old = new;
                *old.decor_mut() = around;
            }
            None => array.push(new),
        }
    }
}

/// The new text with the line endings of the old: `toml_edit` knows one kind only.
fn with_endings_of(old: &str, new: &str) -> String {
    if !old.contains("\r\n") {
        return new.to_owned();
    }
    let plain = |line: &str| line.trim_end_matches(['\r', '\n']).to_owned();
    let ending = |line: &str| line.get(plain(line).len()..).unwrap_or_default().to_owned();
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let mut out = String::new();
    let mut from = 0;
    for line in new {
        let known = old
            .get(from..)
            .unwrap_or_default()
            .iter()
            .position(|known| plain(known) == plain(line));
        let text = plain(line);
        match known.and_then(|ahead| old.get(from + ahead).map(|line| (ahead, *line))) {
            Some((ahead, known)) => {
                from += ahead + 1;
                out += &(text + &ending(known));
            }
            None => out += &(text + "\r\n"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const VENUE: &str = "# A club.\nname = \"Club\"\n\n[poi]\nsinger = [0.0, 0.8, 1.7] # in front\ndrums = [ 0, 3.0, 1.0 ]\n\n[[output]]\nprotocol = \"artnet\"\n";

    #[test]
    fn edits_change_their_line_alone() {
        let edit = |edits: &[VenueEdit]| edited(VENUE, edits).unwrap();
        let id = |id: &str| id.to_owned();
        assert_eq!(
            edit(&[VenueEdit::Create(id("keys"), [1.0, 2.5, -1.0])]),
            VENUE.replace("1.0 ]\n", "1.0 ]\nkeys = [1.0, 2.5, -1.0]\n")
        );
        assert_eq!(
            edit(&[VenueEdit::Move(id("drums"), [0.0, 3.0, 1.0], [0.0, 3.5, 1.0])]),
            VENUE.replace("3.0, 1.0 ]", "3.5, 1.0 ]")
        );
        assert_eq!(
            edit(&[VenueEdit::Delete(id("singer"))]),
            VENUE.replace("singer = [0.0, 0.8, 1.7] # in front\n", "")
        );
        let aimed = edit(&[VenueEdit::Aim(id("drums"), id("spot 1"), [1, 65_535])]);
        assert!(aimed.contains("[aim.drums]\n\"spot 1\" = [1, 65535]\n"), "{aimed}");
        assert!(aimed.starts_with(VENUE), "{aimed}");
        let again = edited(&aimed, &[VenueEdit::Aim(id("drums"), id("spot 1"), [2, 65_535])]);
        assert_eq!(again.unwrap(), aimed.replace("[1, ", "[2, "));
    }

    #[test]
    fn what_moved_meanwhile_is_a_conflict() {
        let edit = VenueEdit::Move("drums".to_owned(), [1.0, 3.0, 1.0], [0.0; 3]);
        assert_eq!(edited(VENUE, &[edit]).unwrap_err().reason(), "conflict");
        let edit = VenueEdit::Delete("nobody".to_owned());
        assert_eq!(edited(VENUE, &[edit]).unwrap_err().reason(), "conflict");
    }

    #[test]
    fn endings_stay() {
        let text = VENUE.replace('\n', "\r\n");
        let edit = VenueEdit::Create("keys".to_owned(), [1.0, 2.0, 3.0]);
        let expected = text.replace("1.0 ]\r\n", "1.0 ]\r\nkeys = [1.0, 2.0, 3.0]\r\n");
        assert_eq!(edited(&text, &[edit]).unwrap(), expected);
    }
}
