//! The state at one moment, as it is told to clients.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::{Map, Value};

use super::{Entry, Versioned};

/// The key whose members are laid into those of `fixtures` for clients that do not go deep: the
/// levels on the wire, which others take from the frames.
const VALUES: &str = "values";
const FIXTURES: &str = "fixtures";
/// How many patches are kept for others who ask for the same.
const KEPT: usize = 16;

/// How deep the paths of a client's patches go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Depth {
    /// One key of the state.
    Keys,
    /// Members of objects, where they change one by one.
    Members,
}

/// A patch, since when and how deep.
type Patch = (u64, Depth, Option<Arc<str>>);

/// The state at one moment.
#[derive(Debug, Default)]
pub(crate) struct View {
    seq: u64,
    plays: bool,
    entries: BTreeMap<&'static str, Entry>,
    snapshots: [OnceLock<Arc<str>>; 2],
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
    pub(crate) fn state(&self, depth: Depth) -> Arc<str> {
        let made = || {
            let members = self.shown().map(|key| {
                let name = Value::from(key);
                format!("{name}:{}", self.whole(key, depth))
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(",")).into()
        };
        Arc::clone(self.snapshots[depth as usize].get_or_init(made))
    }

    /// The value under a key, parsed.
    pub(crate) fn value(&self, key: &str) -> Option<Value> {
        let (key, _) = self.entries.get_key_value(key)?;
        serde_json::from_str(&self.whole(key, Depth::Members)).ok()
    }

    /// What leads from the moment `base` to this one, as the message of a patch; nothing if nothing
    /// that a client can see has changed.
    pub(crate) fn patch(&self, base: u64, depth: Depth) -> Option<Arc<str>> {
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

    fn make_patch(&self, base: u64, depth: Depth) -> Option<Arc<str>> {
        let mut changes = Vec::new();
        for key in self.shown() {
            let name = Value::from(key);
            match &self.entries[key] {
                Entry::Members { changed, members }
                    if depth == Depth::Members && *changed <= base =>
                {
                    let new = members.iter().filter(|(_, member)| member.changed > base);
                    changes.extend(new.map(|(id, Versioned { json, .. })| {
                        let id = Value::from(id.as_str());
                        format!("{{\"path\":[{name},{id}],\"value\":{json}}}")
                    }));
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

    fn whole(&self, key: &str, depth: Depth) -> String {
        match self.entries.get(key) {
            None => Value::Null.to_string(),
            Some(Entry::Whole(value)) => value.json.to_string(),
            Some(Entry::Members { members, .. }) => {
                let levels = (key == FIXTURES && depth == Depth::Keys).then(|| self.levels());
                let member = |(id, member): (&String, &Versioned)| {
                    let level = levels.as_ref().and_then(|levels| levels.get(id));
                    let json = match level {
                        Some(level) => with_values(&member.json, level),
                        None => member.json.to_string(),
                    };
                    format!("{}:{json}", Value::from(id.as_str()))
                };
                format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(","))
            }
        }
    }

    fn levels(&self) -> Map<String, Value> {
        let Some(Entry::Whole(values)) = self.entries.get(VALUES) else { return Map::new() };
        serde_json::from_str(&values.json).unwrap_or_default()
    }
}

/// An object with one member more.
fn with_values(object: &str, values: &Value) -> String {
    match object.strip_suffix('}') {
        Some("{") => format!("{{\"values\":{values}}}"),
        Some(rest) => format!("{rest},\"values\":{values}}}"),
        None => object.to_owned(),
    }
}
