//! Changes of one file, which can be carried out again when the file is not as it was.

use serde_json::{Map, Value};

use super::refusal::Refusal;
use super::rewrite::{RewriteError, parse, rewrite, same};
use super::venue::{VenueEdit, edited};

/// A change of one file.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct FileChange {
    /// The file, relative to the project.
    pub(super) file: String,
    pub(super) change: Change,
    /// The id of what is new, where it was made up.
    pub(super) id: Option<String>,
}

/// What changes in a file.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Change {
    /// Items of a list of a JSON file.
    Items {
        /// The member that is the list.
        list: &'static str,
        edits: Vec<ItemEdit>,
        /// Members that the file gets if it has none of that name.
        members: Map<String, Value>,
    },
    /// A venue, in TOML.
    Venue(Vec<VenueEdit>),
}

/// An item as somebody saw it.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Seen {
    /// Its place in the list.
    pub(super) index: usize,
    pub(super) value: Value,
}

/// An edit of a list.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum ItemEdit {
    /// New items, after one that is there or before all.
    Add(Option<Seen>, Vec<Value>),
    /// Something else in an item's place.
    Replace(Seen, Value),
    /// An item less.
    Remove(Seen),
}

impl Change {
    /// Whether a text is whole enough to be changed.
    pub(super) fn can_read(&self, text: &str) -> bool {
        match self {
            Self::Items { .. } => parse(text).is_ok(),
            Self::Venue(_) => text.parse::<toml_edit::DocumentMut>().is_ok(),
        }
    }

    /// Whether it takes items away and does nothing else.
    pub(super) fn only_removes(&self) -> bool {
        let removes = |edit: &ItemEdit| matches!(edit, ItemEdit::Remove(_));
        matches!(self, Self::Items { edits, .. } if edits.iter().all(removes))
    }

    /// The text with the change made.
    pub(super) fn apply(&self, text: &str) -> Result<String, Refusal> {
        match self {
            Self::Items { list, edits, members } => {
                let mut value = parse(text).map_err(unreadable)?;
                items(&mut value, list, edits)?;
                let Value::Object(file) = &mut value else { return Err(no_list(list)) };
                for (key, value) in members {
                    file.entry(key.clone()).or_insert_with(|| value.clone());
                }
                rewrite(text, &value).map_err(unreadable)
            }
            Self::Venue(edits) => edited(text, edits),
        }
    }
}

fn unreadable(error: RewriteError) -> Refusal {
    match error {
        RewriteError::Syntax(why) => Refusal::conflict(format!("the file cannot be read: {why}")),
        RewriteError::Lost => Refusal::failed(error.to_string()),
    }
}

fn no_list(list: &str) -> Refusal {
    Refusal::conflict(format!("the file has no list `{list}`"))
}

/// Edits a list of a file, which is made if it is not there.
fn items(file: &mut Value, list: &'static str, edits: &[ItemEdit]) -> Result<(), Refusal> {
    let Value::Object(members) = file else { return Err(no_list(list)) };
    let fresh = || Value::Array(Vec::new());
    let Value::Array(items) = members.entry(list).or_insert_with(fresh) else {
        return Err(no_list(list));
    };
    // What comes after each item, the first before all; found before anything moves.
    let mut after: Vec<Vec<Value>> = vec![Vec::new(); items.len() + 1];
    let mut stays: Vec<Option<Value>> = items.iter().cloned().map(Some).collect();
    let mut taken = vec![false; items.len()];
    for edit in edits {
        match edit {
            ItemEdit::Add(place, new) => {
                let place = place.as_ref().map_or(0, |seen| match find(items, seen, &[]) {
                    Some(index) => index + 1,
                    // Its neighbour is gone: where it would be, as far as the list goes.
                    None => (seen.index + 1).min(items.len()),
                });
                if let Some(after) = after.get_mut(place) {
                    after.extend_from_slice(new);
                }
            }
            ItemEdit::Replace(seen, _) | ItemEdit::Remove(seen) => {
                let index = find(items, seen, &taken).ok_or_else(gone)?;
                let (Some(taken), Some(stays)) = (taken.get_mut(index), stays.get_mut(index))
                else {
                    return Err(gone());
                };
                *taken = true;
                *stays = match edit {
                    ItemEdit::Replace(_, new) => Some(new.clone()),
                    _ => None,
                };
            }
        }
    }
    let mut after = after.into_iter();
    let mut all: Vec<Value> = after.next().unwrap_or_default();
    for (item, after) in stays.into_iter().zip(after) {
        all.extend(item);
        all.extend(after);
    }
    *items = all;
    Ok(())
}

fn gone() -> Refusal {
    Refusal::conflict("the file has changed meanwhile, and this is not in it any more")
}

/// Where an item is now: where it was, or else the nearest one that says the same.
fn find(items: &[Value], seen: &Seen, taken: &[bool]) -> Option<usize> {
    let is_it = |index: &usize| {
        let free = !taken.get(*index).copied().unwrap_or_default();
        free && items.get(*index).is_some_and(|item| same(item, &seen.value))
    };
    if is_it(&seen.index) {
        return Some(seen.index);
    }
    (0..items.len()).filter(is_it).min_by_key(|index| index.abs_diff(seen.index))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn seen(index: usize, value: Value) -> Seen {
        Seen { index, value }
    }

    fn apply(list: &Value, edits: &[ItemEdit]) -> Result<Value, Refusal> {
        let mut file = json!({ "cues": list });
        items(&mut file, "cues", edits)?;
        Ok(file["cues"].clone())
    }

    #[test]
    fn an_item_that_moved_is_found_again() {
        let list = json!(["x", "a", "b", "a"]);
        let replace = |index, value| ItemEdit::Replace(seen(index, value), json!("new"));
        assert_eq!(apply(&list, &[replace(0, json!("b"))]), Ok(json!(["x", "a", "new", "a"])));
        assert_eq!(apply(&list, &[replace(3, json!("a"))]), Ok(json!(["x", "a", "b", "new"])));
        let both =
            vec![ItemEdit::Remove(seen(0, json!("a"))), ItemEdit::Remove(seen(0, json!("a")))];
        assert_eq!(apply(&list, &both), Ok(json!(["x", "b"])));
        let none = apply(&list, &[replace(1, json!("c"))]);
        assert_eq!(none.unwrap_err().reason(), "conflict");
    }

    #[test]
    fn new_items_follow_their_neighbour() {
        let list = json!(["x", "a", "b"]);
        let add = |place| vec![ItemEdit::Add(place, vec![json!(1), json!(2)])];
        assert_eq!(apply(&list, &add(None)), Ok(json!([1, 2, "x", "a", "b"])));
        assert_eq!(apply(&list, &add(Some(seen(0, json!("a"))))), Ok(json!(["x", "a", 1, 2, "b"])));
        assert_eq!(apply(&list, &add(Some(seen(9, json!("q"))))), Ok(json!(["x", "a", "b", 1, 2])));
    }
}
