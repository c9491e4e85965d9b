//! Whether a canvas is what its sources still say, seen from their bytes alone.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use gobo_canvas::{Canvas, Header, MadeFrom, SourceKind, SourceMark};

use crate::world::FolderWorld;

/// What decides the bytes besides the sources: this build of the compiler.
const BUILD: &str = concat!(env!("CARGO_PKG_VERSION"), " ", env!("GOBO_SOURCES"));

/// All that was read of a folder, with the hash of what was found.
#[derive(Debug, Default)]
pub(crate) struct Witness(Mutex<BTreeMap<(SourceKind, String), u128>>);

impl Witness {
    /// Notes what was read; the first look counts.
    pub(crate) fn saw(&self, kind: SourceKind, path: &str, hash: u128) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.entry((kind, path.to_owned())).or_insert(hash);
    }

    /// All of it, for the canvas that `options` besides the sources made.
    pub(crate) fn made_from(&self, options: &str, warnings: usize) -> MadeFrom {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mark = |((kind, path), hash): (&(SourceKind, String), &u128)| SourceMark {
            kind: *kind,
            path: path.clone(),
            hash: *hash,
        };
        MadeFrom {
            by: BUILD.to_owned(),
            options: options.to_owned(),
            warnings,
            sources: seen.iter().map(mark).collect(),
        }
    }
}

/// Whether the cells of a canvas were pressed as these options say.
pub(crate) fn is_pressed_alike(canvas: &Canvas, options: &str) -> bool {
    canvas.header().made_from.as_ref().map_or("", |made_from| &made_from.options) == options
}

/// Whether this build made a canvas: only then do equal keys mean equal levels.
pub(crate) fn is_ours(canvas: &Canvas) -> bool {
    canvas.header().made_from.as_ref().is_some_and(|made_from| made_from.by == BUILD)
}

/// How many warnings the sources of a show give, if a canvas is what they would make; `None` if
/// that takes more than a look at their bytes.
pub(crate) fn warnings(
    canvas: &Canvas,
    world: &FolderWorld,
    show: &str,
    options: &str,
) -> Option<usize> {
    let Header { made_from: Some(made_from), name, .. } = canvas.header() else { return None };
    let same = |mark: &SourceMark| world.look(mark.kind, &mark.path) == mark.hash;
    let is_current = name == show
        && made_from.by == BUILD
        && made_from.options == options
        && made_from.sources.iter().all(same);
    is_current.then_some(made_from.warnings)
}
