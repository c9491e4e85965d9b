//! The one state that all clients see, and what leads from one of its moments to another.
//!
//! Every value knows the `seq` of its last change. What a client has not seen is then what has
//! changed since the `seq` that it was sent last: nothing is kept for each client, and no client
//! can make another miss anything. What is asked for often is made once for all who ask.

mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

pub(crate) use view::{Depth, View};

/// A value as JSON, and when it last changed.
#[derive(Clone, Debug)]
struct Versioned {
    changed: u64,
    json: Arc<str>,
}

/// What stands under one key.
#[derive(Clone, Debug)]
enum Entry {
    /// A value that is sent whole.
    Whole(Versioned),
    /// An object whose members are sent one by one where a client goes so deep.
    Members {
        /// When the set of its members last changed.
        changed: u64,
        members: Arc<BTreeMap<String, Versioned>>,
    },
}

impl Entry {
    /// When anything of it last changed.
    fn changed(&self) -> u64 {
        match self {
            Self::Whole(value) => value.changed,
            Self::Members { changed, members } => {
                members.values().map(|member| member.changed).fold(*changed, u64::max)
            }
        }
    }
}

/// The state, in the hands of its one writer.
#[derive(Debug, Default)]
pub(crate) struct Store {
    seq: u64,
    /// Whether anything has changed since the last view.
    is_changed: bool,
    plays: bool,
    entries: BTreeMap<&'static str, Entry>,
}

impl Store {
    /// Puts a value under a key; whether it is another one than before.
    pub(crate) fn set(&mut self, key: &'static str, value: &impl Serialize) -> bool {
        self.set_json(key, &json(value))
    }

    /// Puts a value under a key that is JSON already; whether it is another one than before.
    pub(crate) fn set_json(&mut self, key: &'static str, json: &str) -> bool {
        if matches!(self.entries.get(key), Some(Entry::Whole(old)) if *old.json == *json) {
            return false;
        }
        let changed = self.change();
        self.entries.insert(key, Entry::Whole(Versioned { changed, json: json.into() }));
        true
    }

    /// Puts an object under a key whose members change one by one.
    pub(crate) fn set_members<T: Serialize>(
        &mut self,
        key: &'static str,
        members: impl IntoIterator<Item = (String, T)>,
    ) {
        let new: BTreeMap<String, String> =
            members.into_iter().map(|(id, member)| (id, json(&member))).collect();
        let old = match self.entries.get(key) {
            Some(Entry::Members { members, .. }) => Arc::clone(members),
            _ => Arc::default(),
        };
        let is_there = self.entries.contains_key(key);
        let same_set = is_there && old.keys().eq(new.keys());
        if same_set && old.values().zip(new.values()).all(|(old, new)| *old.json == **new) {
            return;
        }
        let now = self.change();
        let member = |(id, json): (String, String)| {
            let known = old.get(&id).filter(|known| *known.json == *json);
            (id, known.cloned().unwrap_or_else(|| Versioned { changed: now, json: json.into() }))
        };
        let before = match self.entries.get(key) {
            Some(Entry::Members { changed, .. }) => *changed,
            _ => now,
        };
        let changed = if same_set { before } else { now };
        let members = Arc::new(new.into_iter().map(member).collect());
        self.entries.insert(key, Entry::Members { changed, members });
    }

    /// Changes one member of an object.
    pub(crate) fn set_member(&mut self, key: &'static str, id: &str, value: &impl Serialize) {
        let json = json(value);
        let known = match self.entries.get(key) {
            Some(Entry::Members { members, .. }) => members.get(id),
            _ => None,
        };
        if known.is_none_or(|known| *known.json == *json) {
            return;
        }
        let changed = self.change();
        if let Some(Entry::Members { members, .. }) = self.entries.get_mut(key) {
            let member = Versioned { changed, json: json.into() };
            Arc::make_mut(members).insert(id.to_owned(), member);
        }
    }

    /// Whether the show plays from now on, which is told with what changes.
    pub(crate) fn set_plays(&mut self, plays: bool) {
        self.plays = plays;
    }

    /// The seq of what changes now.
    fn change(&mut self) -> u64 {
        if !std::mem::replace(&mut self.is_changed, true) {
            self.seq += 1;
        }
        self.seq
    }

    /// The state as of now, if it is another one than the last that was given out.
    pub(crate) fn publish(&mut self) -> Option<Arc<View>> {
        let is_changed = std::mem::take(&mut self.is_changed);
        is_changed.then(|| Arc::new(View::new(self.seq, self.plays, self.entries.clone())))
    }
}

/// What has no JSON is null: none of ours is so.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| Value::Null.to_string())
}

#[cfg(test)]
mod tests;
