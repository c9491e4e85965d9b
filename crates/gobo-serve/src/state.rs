//! The one state that all clients see, and what leads from one of its moments to another.
//!
//! Every value knows the `seq` of its last change. What a client has not seen is then what has
//! changed since the `seq` that it was sent last: nothing is kept for each client, and no client
//! can make another miss anything. What is asked for often is made once for all who ask.

mod telling;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

pub(crate) use telling::Telling;
pub(crate) use view::{Depth, View};

/// What is sent to many, and copied for none of them.
pub(crate) type Text = tokio_tungstenite::tungstenite::Utf8Bytes;

/// A value as JSON, and when it last changed.
#[derive(Clone, Debug)]
struct Versioned {
    changed: u64,
    json: Arc<str>,
}

/// A member of an object: its own JSON, and parts of it that change one by one.
#[derive(Clone, Debug)]
struct Member {
    own: Versioned,
    parts: Vec<(&'static str, Versioned)>,
}

type Members = BTreeMap<Arc<str>, Arc<Member>>;

/// What stands under one key.
#[derive(Clone, Debug)]
enum Entry {
    /// A value that is sent whole.
    Whole(Versioned),
    /// An object whose members are sent one by one where a client goes so deep.
    Members {
        /// When the set of its members last changed, and when anything of it did.
        changed: u64,
        latest: u64,
        members: Arc<Members>,
    },
}

impl Entry {
    /// When anything of it last changed.
    fn changed(&self) -> u64 {
        match self {
            Self::Whole(value) => value.changed,
            Self::Members { latest, .. } => *latest,
        }
    }
}

/// A member as it is put into the state.
pub(crate) struct Row {
    own: String,
    parts: Vec<(&'static str, String)>,
}

impl Row {
    pub(crate) fn new(value: &impl Serialize) -> Self {
        Self { own: json(value), parts: Vec::new() }
    }

    /// A part of it, which changes by itself; the rest is an object then.
    pub(crate) fn with(mut self, name: &'static str, value: &impl Serialize) -> Self {
        self.parts.push((name, json(value)));
        self
    }

    /// The member as of now, and whether it is another one than before.
    fn versioned(self, before: Option<&Arc<Member>>, now: u64) -> (Arc<Member>, bool) {
        let names = |member: &&Arc<Member>| {
            let known = member.parts.iter().map(|(name, _)| name);
            *member.own.json == *self.own && known.eq(self.parts.iter().map(|(name, _)| name))
        };
        let Some(before) = before.filter(names) else {
            let versioned = |json: String| Versioned { changed: now, json: json.into() };
            let parts = self.parts.into_iter().map(|(name, json)| (name, versioned(json)));
            let (own, parts) = (versioned(self.own), parts.collect());
            return (Arc::new(Member { own, parts }), true);
        };
        let mut member = Arc::clone(before);
        let mut is_new = false;
        for (index, (_, json)) in self.parts.into_iter().enumerate() {
            if *member.parts[index].1.json != *json {
                let part = &mut Arc::make_mut(&mut member).parts[index].1;
                *part = Versioned { changed: now, json: json.into() };
                is_new = true;
            }
        }
        (member, is_new)
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
    pub(crate) fn set_members(
        &mut self,
        key: &'static str,
        members: impl IntoIterator<Item = (Arc<str>, Row)>,
    ) {
        let (old, before) = match self.entries.get(key) {
            Some(Entry::Members { members, changed, .. }) => (Arc::clone(members), Some(*changed)),
            _ => (Arc::default(), None),
        };
        let now = if self.is_changed { self.seq } else { self.seq + 1 };
        let mut is_new = false;
        let member = |(id, row): (Arc<str>, Row)| {
            let (member, differs) = row.versioned(old.get(&id), now);
            is_new |= differs;
            (id, member)
        };
        let members: Members = members.into_iter().map(member).collect();
        let before = before.filter(|_| old.keys().eq(members.keys()));
        if is_new || before.is_none() {
            let (latest, members) = (self.change(), Arc::new(members));
            let changed = before.unwrap_or(latest);
            self.entries.insert(key, Entry::Members { changed, latest, members });
        }
    }

    /// Changes a part of one member of an object.
    pub(crate) fn set_part(
        &mut self,
        key: &'static str,
        id: &str,
        part: &'static str,
        value: &impl Serialize,
    ) {
        let json = json(value);
        let now = if self.is_changed { self.seq } else { self.seq + 1 };
        let Some(Entry::Members { latest, members, .. }) = self.entries.get_mut(key) else {
            return;
        };
        let found = members.get(id).and_then(|member| {
            let index = member.parts.iter().position(|(name, _)| *name == part)?;
            (*member.parts[index].1.json != *json).then_some(index)
        });
        let Some(index) = found else { return };
        let Some(member) = Arc::make_mut(members).get_mut(id) else { return };
        Arc::make_mut(member).parts[index].1 = Versioned { changed: now, json: json.into() };
        *latest = now;
        self.change();
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
