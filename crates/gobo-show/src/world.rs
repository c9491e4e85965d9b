//! All the I/O that the compiler sees.

use std::sync::Arc;

/// A source file as read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// Its path, relative to the project, with `/` between folders.
    pub path: Arc<str>,
    /// Its text.
    pub text: Arc<str>,
}

/// What the compiler needs to know of an audio file.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SongFacts {
    /// Its length in seconds.
    pub seconds: f64,
    /// XXH3-128 of its bytes.
    pub hash: u128,
}

/// Why the world has no answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WorldError {
    /// There is no such file.
    #[error("there is no such file")]
    Missing,
    /// It is there but cannot be used; the reason, as a sentence without capital or stop.
    #[error("{0}")]
    Unusable(String),
}

/// Where sources come from: a folder, or memory. Paths are relative to the project, `/` between
/// folders, and never leave it.
pub trait World: Sync {
    /// Reads a source file.
    fn read(&self, path: &str) -> Result<Source, WorldError>;

    /// The files directly in `folder`, sorted by name; empty when there is no such folder.
    fn list(&self, folder: &str) -> Vec<String>;

    /// Length and hash of an audio file.
    fn song(&self, path: &str) -> Result<SongFacts, WorldError>;
}
