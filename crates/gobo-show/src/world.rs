//! All the I/O that the compiler sees.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::spectrum::Spectrum;

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

    /// The folders directly in `folder`, sorted by name; empty when there are none, or when this
    /// world cannot tell.
    fn folders(&self, _folder: &str) -> Vec<String> {
        Vec::new()
    }

    /// Length and hash of an audio file.
    fn song(&self, path: &str) -> Result<SongFacts, WorldError>;

    /// What an audio file sounds like over time; asked for only by shows that listen to it.
    fn spectrum(&self, _path: &str) -> Result<Arc<Spectrum>, WorldError> {
        Err(WorldError::Unusable("nothing here can listen to it".to_owned()))
    }

    /// The bytes of a file that is not text, such as a picture.
    fn bytes(&self, _path: &str) -> Result<Arc<[u8]>, WorldError> {
        Err(WorldError::Unusable("nothing here can read files that are not text".to_owned()))
    }
}

/// A world in memory: for tests, for fuzzing, and for editing while a show runs.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct MemoryWorld {
    /// The text files by path.
    pub files: BTreeMap<String, Arc<str>>,
    /// The audio files by path.
    pub songs: BTreeMap<String, SongFacts>,
    /// What audio files sound like, by path.
    pub spectra: BTreeMap<String, Arc<Spectrum>>,
    /// The files that are not text, by path.
    pub binaries: BTreeMap<String, Arc<[u8]>>,
    /// Files of any kind that are there and cannot be used, with the reason.
    pub unusable: BTreeMap<String, String>,
}

impl MemoryWorld {
    fn check(&self, path: &str) -> Result<(), WorldError> {
        self.unusable.get(path).map_or(Ok(()), |why| Err(WorldError::Unusable(why.clone())))
    }

    /// The names directly in `folder` and whether each is a folder.
    fn names(&self, folder: &str, folders: bool) -> Vec<String> {
        let paths = self.files.keys().chain(self.songs.keys()).chain(self.binaries.keys());
        let inside = paths.filter_map(|path| path.strip_prefix(folder)?.strip_prefix('/'));
        let names = inside.filter_map(|rest| match rest.split_once('/') {
            Some((name, _)) => folders.then_some(name),
            None => (!folders).then_some(rest),
        });
        names.map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
    }
}

impl World for MemoryWorld {
    fn read(&self, path: &str) -> Result<Source, WorldError> {
        self.check(path)?;
        let text = self.files.get(path).ok_or(WorldError::Missing)?;
        Ok(Source { path: path.into(), text: text.clone() })
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.names(folder, false)
    }

    fn folders(&self, folder: &str) -> Vec<String> {
        self.names(folder, true)
    }

    fn song(&self, path: &str) -> Result<SongFacts, WorldError> {
        self.check(path)?;
        self.songs.get(path).copied().ok_or(WorldError::Missing)
    }

    fn spectrum(&self, path: &str) -> Result<Arc<Spectrum>, WorldError> {
        self.check(path)?;
        self.spectra.get(path).cloned().ok_or(WorldError::Missing)
    }

    fn bytes(&self, path: &str) -> Result<Arc<[u8]>, WorldError> {
        self.check(path)?;
        let binary = self.binaries.get(path).cloned();
        let text = || Some(self.files.get(path)?.as_bytes().into());
        binary.or_else(text).ok_or(WorldError::Missing)
    }
}
