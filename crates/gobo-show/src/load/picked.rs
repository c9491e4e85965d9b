//! What cues are on: selections to heads, and what is wrong with them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Loader;
use super::cues::Stage;
use crate::decode::Spanned;
use crate::diagnostic::{Diagnostic, Place};
use crate::rig::{HeadIndex, Rig};
use crate::select::{Found, Scope, Selection};
use crate::show::Selected;

/// What something is on. Cheap to clone: many cues are on the same.
#[derive(Clone, Debug)]
pub(super) struct Picked {
    /// The heads with their places along the selection, in its order.
    pub(super) selected: Arc<[Selected]>,
    /// Their fixtures, rising.
    pub(super) fixtures: Arc<[u32]>,
    /// The fixtures that the selection names by their own id.
    pub(super) named: Arc<BTreeSet<u32>>,
}

impl Picked {
    fn of(found: Found, rig: &Rig) -> Self {
        Self {
            selected: found.selected().into(),
            fixtures: fixtures_of(&found.heads, rig).into(),
            named: Arc::new(found.fixtures),
        }
    }

    /// Other heads, in the same words.
    pub(super) fn with(&self, selected: Vec<Selected>, rig: &Rig) -> Self {
        let heads: Vec<HeadIndex> = selected.iter().map(|selected| selected.head).collect();
        let named = Arc::clone(&self.named);
        Self { selected: selected.into(), fixtures: fixtures_of(&heads, rig).into(), named }
    }
}

impl Loader<'_> {
    /// What the selection of a cue is on, as found before where that cannot differ.
    pub(super) fn picked(
        &mut self,
        on: &Spanned<Arc<Selection>>,
        seed: u64,
        stage: &mut Stage<'_>,
    ) -> Picked {
        if let Some(picked) = stage.picked.get(&Arc::as_ptr(&on.value)) {
            return picked.clone();
        }
        let said = self.decoder.diagnostics.len();
        let found = self.heads((&on.value, &on.place), None, seed, stage);
        let is_plain = !found.draws && self.decoder.diagnostics.len() == said;
        let picked = Picked::of(found, stage.rig);
        if is_plain {
            stage.picked.insert(Arc::as_ptr(&on.value), picked.clone());
        }
        picked
    }

    /// What the selection of a step is on, in the run of its pattern.
    pub(super) fn picked_of(
        &mut self,
        on: &Spanned<Selection>,
        this: &[Selected],
        seed: u64,
        stage: &mut Stage<'_>,
    ) -> Picked {
        let found = self.heads((&on.value, &on.place), Some(this), seed, stage);
        Picked::of(found, stage.rig)
    }

    /// The heads of a selection, with the fixtures that it names by their own id.
    pub(super) fn heads(
        &mut self,
        (on, place): (&Selection, &Place),
        this: Option<&[Selected]>,
        seed: u64,
        stage: &mut Stage<'_>,
    ) -> Found {
        let mut found = on.find(Scope { rig: stage.rig, this, seed });
        if stage.is_whole {
            self.check_found((on, place), &mut found, this.is_none_or(|this| !this.is_empty()));
        }
        stage.used.fixtures.extend(fixtures_of(&found.heads, stage.rig));
        stage.used.groups.append(&mut found.groups);
        found
    }

    /// Says what is wrong with a selection, and, if that may be told, that it selects nothing.
    pub(super) fn check_found(
        &mut self,
        (on, place): (&Selection, &Place),
        found: &mut Found,
        tells_empty: bool,
    ) {
        let is_plain = found.faults.is_empty();
        for (code, message, hint) in found.replaced.drain(..) {
            let warning = Diagnostic::warning(code, place.clone(), message);
            let warning = hint.into_iter().fold(warning, Diagnostic::hint);
            self.decoder.say(warning.hint("the other side of `>` is taken"));
        }
        for (code, message, hint) in found.faults.drain(..) {
            let error = Diagnostic::error(code, place.clone(), message);
            self.decoder.say(hint.into_iter().fold(error, Diagnostic::hint));
        }
        if found.heads.is_empty() && is_plain && tells_empty {
            let message = format!("`{}` selects no head", bare(on));
            let warning = Diagnostic::warning("empty-selection", place.clone(), message);
            self.decoder.say(found.hint.take().into_iter().fold(warning, Diagnostic::hint));
        }
    }
}

/// A selection without the parentheses around the whole.
fn bare(selection: &Selection) -> String {
    let text = selection.to_string();
    match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        Some(inner) => inner.to_owned(),
        None => text,
    }
}

/// The fixtures of some heads, each once.
pub(super) fn fixtures_of(heads: &[HeadIndex], rig: &Rig) -> Vec<u32> {
    let mut fixtures: Vec<_> = heads.iter().map(|head| rig.heads[*head as usize].fixture).collect();
    // Heads of a fixture stand together: most are gone before they would be sorted.
    fixtures.dedup();
    fixtures.sort_unstable();
    fixtures.dedup();
    fixtures
}
