//! The whole state as JSON, a little at a time: it may be megabytes, of which a client that is told
//! of it takes one piece after another, and no two clients the same.

use std::fmt::Write;
use std::ops::Bound::{Excluded, Unbounded};
use std::ops::Deref;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::view::{Depth, FIXTURES, VALUES, View, push};
use super::{Entry, Member};

/// How far somebody has been told of a moment of the state.
pub(crate) struct Telling<V> {
    view: V,
    /// The levels that are laid into fixtures for those that do not go deep.
    levels: Option<Map<String, Value>>,
    /// The key that was told last, and the one of whose members some are still to be told.
    key: Option<&'static str>,
    within: Option<(&'static str, Option<Arc<str>>)>,
}

impl<V: Deref<Target = View>> Telling<V> {
    pub(crate) fn new(view: V, depth: Depth) -> Self {
        let levels = (depth == Depth::Keys).then(|| view.levels());
        Self { view, levels, key: None, within: None }
    }

    /// Tells on until the text is so long; whether there is more to tell.
    pub(crate) fn fill(&mut self, text: &mut String, length: usize) -> bool {
        while text.len() < length {
            if !self.step(text) {
                return false;
            }
        }
        true
    }

    /// The members under a key.
    pub(super) fn members(mut self, key: &'static str) -> String {
        let mut text = String::new();
        self.within = Some((key, None));
        while let Some((key, last)) = self.within.take() {
            self.member(&mut text, key, last.as_ref());
        }
        text
    }

    fn step(&mut self, text: &mut String) -> bool {
        if let Some((key, last)) = self.within.take() {
            self.member(text, key, last.as_ref());
            return true;
        }
        let from = self.key.map_or(Unbounded, Excluded);
        let mut next =
            self.view.entries.range::<str, _>((from, Unbounded)).filter(|(key, _)| **key != VALUES);
        let Some((key, entry)) = next.next() else {
            text.push_str(if self.key.is_none() { "{}" } else { "}" });
            return false;
        };
        text.push(if self.key.is_none() { '{' } else { ',' });
        // A string takes everything.
        let _ = write!(text, "{}:", Value::from(*key));
        self.key = Some(key);
        match entry {
            Entry::Whole(value) => text.push_str(&value.json),
            Entry::Members { .. } => self.within = Some((key, None)),
        }
        true
    }

    /// One member more of those under a key, or their end.
    fn member(&mut self, text: &mut String, key: &'static str, last: Option<&Arc<str>>) {
        let Some(Entry::Members { members, .. }) = self.view.entries.get(key) else { return };
        let next: Option<(&Arc<str>, &Arc<Member>)> = match last {
            None => members.iter().next(),
            Some(last) => members.range::<str, _>((Excluded(&**last), Unbounded)).next(),
        };
        let Some((id, member)) = next else {
            return text.push_str(if last.is_none() { "{}" } else { "}" });
        };
        text.push(if last.is_none() { '{' } else { ',' });
        let _ = write!(text, "{}:", Value::from(&**id));
        let levels = self.levels.as_ref().filter(|_| key == FIXTURES);
        let values = levels.and_then(|levels| levels.get(&**id)).map(Value::to_string);
        push(text, member, values.as_deref().map(|values| (VALUES, values)));
        self.within = Some((key, Some(Arc::clone(id))));
    }
}
