//! The state at one moment, as it is told to clients.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value};

use super::{Entry, Member, Telling, Text};

/// The key whose members are laid into those of `fixtures` for clients that do not go deep: the
/// levels on the wire, which others take from the frames.
pub(super) const VALUES: &str = "values";
pub(super) const FIXTURES: &str = "fixtures";
/// How many patches are kept for others who ask for the same.
const KEPT: usize = 16;

/// How deep the paths of a client's patches go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Depth {
    /// One key of the state.
    Keys,
    /// Members of objects and their parts, where they change one by one.
    Members,
}

/// A patch, since when and how deep.
type Patch = (u64, Depth, Option<Text>);

/// The state at one moment.
#[derive(Debug, Default)]
pub(crate) struct View {
    seq: u64,
    plays: bool,
    pub(super) entries: BTreeMap<&'static str, Entry>,
    patches: Mutex<Vec<Patch>>,
}

impl View {
    pub(super) fn new(seq: u64, plays: bool, entries: BTreeMap<&'static str, Entry>) -> Self {
        Self { seq, plays, entries, ..Self::default() }
    }

    /// Whether the show plays.
    pub(crate) fn plays(&self) -> bool {
        self.plays
    }

    /// Which moment it is.
    pub(crate) fn seq(&self) -> u64 {
        self.seq
    }

    /// All of it as JSON.
    pub(crate) fn state(&self, depth: Depth) -> String {
        let mut state = String::new();
        Telling::new(self, depth).fill(&mut state, usize::MAX);
        state
    }

    /// The value under a key, parsed.
    pub(crate) fn value(&self, key: &str) -> Option<Value> {
        let (key, _) = self.entries.get_key_value(key)?;
        serde_json::from_str(&self.whole(key, Depth::Members)).ok()
    }

    /// What leads from the moment `base` to this one, as the message of a patch; nothing if nothing
    /// that a client can see has changed.
    pub(crate) fn patch(&self, base: u64, depth: Depth) -> Option<Text> {
        // Made under the lock, so that a thousand clients do not make the same at once.
        let mut patches = self.patches.lock().unwrap_or_else(PoisonError::into_inner);
        let known = patches.iter().find(|(since, deep, _)| (*since, *deep) == (base, depth));
        if let Some((_, _, known)) = known {
            return known.clone();
        }
        let patch = self.make_patch(base, depth);
        if patches.len() == KEPT {
            patches.remove(0);
        }
        patches.push((base, depth, patch.clone()));
        patch
    }

    fn make_patch(&self, base: u64, depth: Depth) -> Option<Text> {
        let mut changes = Vec::new();
        for key in self.shown() {
            let name = Value::from(key);
            match &self.entries[key] {
                Entry::Members { changed, latest, members }
                    if depth == Depth::Members && *changed <= base =>
                {
                    let members = members.iter().filter(|_| *latest > base);
                    members.for_each(|(id, member)| told(&mut changes, &name, id, member, base));
                }
                _ if self.changed(key, depth) > base => {
                    let value = self.whole(key, depth);
                    changes.push(format!("{{\"path\":[{name}],\"value\":{value}}}"));
                }
                _ => {}
            }
        }
        if changes.is_empty() {
            return None;
        }
        let mut patch = String::new();
        // A string takes everything.
        let _ = write!(
            patch,
            r#"{{"type":"patch","seq":{},"base":{base},"changes":[{}]}}"#,
            self.seq,
            changes.join(",")
        );
        Some(patch.into())
    }

    /// The keys that are told.
    fn shown(&self) -> impl Iterator<Item = &'static str> {
        self.entries.keys().copied().filter(|key| *key != VALUES)
    }

    fn changed(&self, key: &str, depth: Depth) -> u64 {
        let of = |key| self.entries.get(key).map_or(0, Entry::changed);
        match (key, depth) {
            (FIXTURES, Depth::Keys) => of(FIXTURES).max(of(VALUES)),
            _ => of(key),
        }
    }

    fn whole(&self, key: &'static str, depth: Depth) -> String {
        match self.entries.get(key) {
            None => Value::Null.to_string(),
            Some(Entry::Whole(value)) => value.json.to_string(),
            Some(Entry::Members { .. }) => Telling::new(self, depth).members(key),
        }
    }

    pub(super) fn levels(&self) -> Map<String, Value> {
        let Some(Entry::Whole(values)) = self.entries.get(VALUES) else { return Map::new() };
        serde_json::from_str(&values.json).unwrap_or_default()
    }
}

/// What a member has that was not there at the moment `base`.
fn told(changes: &mut Vec<String>, key: &Value, id: &str, member: &Member, base: u64) {
    let id = Value::from(id);
    if member.own.changed > base {
        let mut change = format!("{{\"path\":[{key},{id}],\"value\":");
        push(&mut change, member, None);
        change.push('}');
        return changes.push(change);
    }
    let parts = member.parts.iter().filter(|(_, part)| part.changed > base);
    changes.extend(parts.map(|(name, part)| {
        format!("{{\"path\":[{key},{id},\"{name}\"],\"value\":{}}}", part.json)
    }));
}

/// A member's JSON with its parts, and one part more.
pub(super) fn push(text: &mut String, member: &Member, more: Option<(&str, &str)>) {
    let own = &*member.own.json;
    // What has parts is an object.
    let Some(open) = own.strip_suffix('}') else { return text.push_str(own) };
    text.push_str(open);
    let mut comma = if open == "{" { "" } else { "," };
    for (name, json) in member.parts.iter().map(|(name, part)| (*name, &*part.json)).chain(more) {
        // A string takes everything.
        let _ = write!(text, "{comma}\"{name}\":{json}");
        comma = ",";
    }
    text.push('}');
}
