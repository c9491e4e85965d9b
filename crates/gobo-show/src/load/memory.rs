//! What one load of a show leaves for the next: results that stay as they are while all that they
//! depend on does.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::ops::Deref;
use std::sync::Arc;

use super::asking::Answer;
use super::cues::{LayerKey, Resolved};
use super::pattern::{Patterns, PatternsKey};
use super::venue::Venue;
use super::{Loader, Texts};
use crate::decode::{Findings, Names, Spanned};
use crate::source::{ChannelFile, CueFile};
use crate::tree::Tree;

/// What loading a show has worked out, for loading it again after an edit.
///
/// A result is taken from it only if everything that it depends on is the same: what it was made
/// of, the names that it could refer to, and all that the world answered meanwhile. So a load with
/// a memory comes to what a load without one does. It keeps what the last load needed.
#[derive(Debug, Default)]
pub struct Memory {
    pub(super) trees: Shelf<Arc<str>, Option<Arc<Tree>>>,
    pub(super) venues: Shelf<Spanned<String>, Arc<Venue>>,
    pub(super) patterns: Shelf<PatternsKey, Arc<Patterns>>,
    pub(super) cue_files: Shelf<FileKey, Option<Arc<CueFile>>>,
    pub(super) channel_files: Shelf<FileKey, Option<Arc<ChannelFile>>>,
    pub(super) layers: Shelf<LayerKey, Arc<Resolved>>,
    pub(super) texts: Texts,
}

impl Memory {
    /// Ends a load: forgets what it had no use for.
    pub(super) fn turn(&mut self) {
        self.trees.turn();
        self.venues.turn();
        self.patterns.turn();
        self.cue_files.turn();
        self.channel_files.turn();
        self.layers.turn();
    }
}

/// What a file's values are read from.
pub(super) type FileKey = (Same<Tree>, Names);

/// Something shared, the same only if it is one and the same.
#[derive(Debug)]
pub(super) struct Same<T>(pub(super) Arc<T>);

impl<T> Clone for Same<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> PartialEq for Same<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Deref for Same<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Results of one kind by a name, each name's in the order in which they are asked for.
#[derive(Debug)]
pub(super) struct Shelf<G, T> {
    /// Those of the load before that have not been asked for yet.
    before: HashMap<String, VecDeque<Kept<G, T>>>,
    now: HashMap<String, VecDeque<Kept<G, T>>>,
}

impl<G, T> Default for Shelf<G, T> {
    fn default() -> Self {
        Self { before: HashMap::new(), now: HashMap::new() }
    }
}

impl<G, T> Shelf<G, T> {
    fn turn(&mut self) {
        self.before = std::mem::take(&mut self.now);
    }

    /// The result that was asked for last, or else the next of those of the load before.
    fn take(&mut self, name: &str, holds: impl Fn(&Kept<G, T>) -> bool) -> Option<Kept<G, T>> {
        let now = self.now.get_mut(name);
        if let Some(now) = now.filter(|now| now.back().is_some_and(&holds)) {
            return now.pop_back();
        }
        self.before.get_mut(name)?.pop_front().filter(holds)
    }
}

/// A result, with all that it depends on and all that came out beside it.
#[derive(Debug)]
struct Kept<G, T> {
    given: G,
    answers: Vec<Answer>,
    result: T,
    found: Findings,
    read: BTreeSet<String>,
}

impl Loader<'_> {
    /// What `work` makes of `given`: as it was made before, if all that it depends on is the same.
    ///
    /// Work may depend on `given`, where the decoder's names stand if it looks at them, and on the
    /// world. All that it may leave behind are findings of the decoder and files read.
    pub(super) fn remembered<G: PartialEq, T: Clone>(
        &mut self,
        shelf: fn(&mut Memory) -> &mut Shelf<G, T>,
        name: &str,
        given: G,
        work: impl FnOnce(&mut Self, &G) -> T,
    ) -> T {
        let holds = |kept: &Kept<G, T>| kept.given == given && self.world.gives(&kept.answers);
        let kept = shelf(&mut self.memory).take(name, holds);
        let kept = kept.unwrap_or_else(|| self.worked_out(given, work));
        self.decoder.add_findings(&kept.found);
        self.read.extend(kept.read.iter().cloned());
        self.world.answers.extend(kept.answers.iter().cloned());
        let result = kept.result.clone();
        shelf(&mut self.memory).now.entry(name.to_owned()).or_default().push_back(kept);
        result
    }

    /// Does some work as if nothing had been done before.
    fn worked_out<G, T>(&mut self, given: G, work: impl FnOnce(&mut Self, &G) -> T) -> Kept<G, T> {
        let found = self.decoder.take_findings();
        let answers = std::mem::take(&mut self.world.answers);
        let read = std::mem::take(&mut self.read);
        let result = work(self, &given);
        let kept = Kept {
            given,
            answers: std::mem::replace(&mut self.world.answers, answers),
            result,
            found: self.decoder.take_findings(),
            read: std::mem::replace(&mut self.read, read),
        };
        self.decoder.add_findings(&found);
        kept
    }
}
