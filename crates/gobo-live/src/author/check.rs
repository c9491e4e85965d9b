//! Whether a show is right with files as they would be.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use gobo_show::spectrum::Spectrum;
use gobo_show::world::{SongFacts, WorldError};
use gobo_show::{Diagnostic, Memory, Source, World, load_again};

use super::refusal::{Fault, Refusal, errors};

/// A world in which some files say something else.
pub(crate) struct Overlay<'w> {
    pub(crate) world: &'w dyn World,
    /// The files by path.
    pub(crate) files: BTreeMap<String, Arc<str>>,
}

impl World for Overlay<'_> {
    fn read(&self, path: &str) -> Result<Source, WorldError> {
        match self.files.get(path) {
            Some(text) => Ok(Source { path: path.into(), text: Arc::clone(text) }),
            None => self.world.read(path),
        }
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.world.list(folder)
    }

    fn folders(&self, folder: &str) -> Vec<String> {
        self.world.folders(folder)
    }

    fn song(&self, path: &str) -> Result<SongFacts, WorldError> {
        self.world.song(path)
    }

    fn spectrum(&self, path: &str) -> Result<Arc<Spectrum>, WorldError> {
        self.world.spectrum(path)
    }

    fn bytes(&self, path: &str) -> Result<Arc<[u8]>, WorldError> {
        self.world.bytes(path)
    }
}

/// Checks shows again and again; of what has not changed nothing is worked out twice.
#[derive(Default)]
pub(super) struct Check {
    memory: Mutex<Memory>,
}

impl Check {
    fn said(&self, world: &dyn World, show: &str) -> Vec<Diagnostic> {
        // A memory that was left in the middle of a load only knows less.
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        load_again(world, show, &mut memory).diagnostics
    }

    /// Refuses files that make a show wrong which is right without them, or more wrong.
    pub(super) fn check(
        &self,
        world: &dyn World,
        show: &str,
        files: &BTreeMap<String, Arc<str>>,
    ) -> Result<(), Refusal> {
        let overlay = Overlay { world, files: files.clone() };
        let after = self.said(&overlay, show);
        if errors(&after).next().is_none() {
            return Ok(());
        }
        let before = self.said(world, show);
        let was_there = |found: &&Diagnostic| {
            errors(&before).any(|old| (old.code, &old.message) == (found.code, &found.message))
        };
        let errors: Vec<Fault> =
            errors(&after).filter(|found| !was_there(found)).map(Fault::from).collect();
        if errors.is_empty() { Ok(()) } else { Err(Refusal::Invalid { errors }) }
    }
}
