//! What the thread that follows edits tells the one that draws.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gobo_canvas::Header;

use gobo_live::Hands;

/// What is to be seen, as of now.
#[derive(Default)]
pub(super) struct View {
    /// What the edition on stage says of itself.
    pub(super) header: Arc<Header>,
    /// Hands on what plays; none before anything does.
    pub(super) hands: Option<Hands>,
    /// What the last edit was and did.
    pub(super) edit: Option<String>,
    /// How long it took.
    pub(super) took: Option<String>,
    /// Where the last edit leads, in seconds of the show.
    pub(super) goal: Option<f64>,
    /// What is wrong with the sources, a line each.
    pub(super) faults: Vec<String>,
    /// The same at length.
    pub(super) diagnostics: String,
    /// Files with edits that are held.
    pub(super) held: BTreeSet<String>,
    /// The section or part that is played again and again.
    pub(super) looped: Option<String>,
    /// Something else that is to be known until the next edit.
    pub(super) note: Option<String>,
    /// Lines that are to stay above.
    pub(super) above: Vec<String>,
}

/// Where it stands.
#[derive(Clone, Default)]
pub(crate) struct Board(Arc<Mutex<View>>);

impl Board {
    /// A look at it.
    pub(super) fn view(&self) -> MutexGuard<'_, View> {
        // Each line of it stands for itself.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands on what plays by now.
    pub(super) fn hands(&self) -> Option<Hands> {
        self.view().hands.clone()
    }
}
