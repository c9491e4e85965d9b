//! Files that commands write: each whole or not at all. What to do when one cannot be written.

use std::fmt;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, Result};
use gobo_canvas::NewFile;

use crate::project::shown;

/// What could not be written; the context of the error that says why.
#[derive(Debug)]
pub(crate) struct Unwritten(String);

impl fmt::Display for Unwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write {}", self.0)
    }
}

impl Unwritten {
    /// Of a file or a folder.
    pub(crate) fn file(path: &Path) -> Self {
        Self(shown(path))
    }

    /// Of what is printed.
    pub(crate) fn stdout() -> Self {
        Self("to standard output".to_owned())
    }
}

/// What to do about an error, where that can be said.
pub(crate) fn advice(error: &anyhow::Error) -> Option<&'static str> {
    error.downcast_ref::<Unwritten>()?;
    let kind = error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>())?.kind();
    match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Some("make room there, or write elsewhere")
        }
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => {
            Some("make it writable, or write elsewhere")
        }
        ErrorKind::AlreadyExists | ErrorKind::NotADirectory => {
            Some("a file is where a folder has to be: move it away, or write elsewhere")
        }
        ErrorKind::IsADirectory => Some("write to another name"),
        _ => None,
    }
}

/// Makes the folder that a file will be in, unless it is there.
pub(crate) fn make_folder_of(path: &Path) -> Result<()> {
    match path.parent() {
        Some(folder) => fs::create_dir_all(folder).with_context(|| Unwritten::file(path)),
        None => Ok(()),
    }
}

/// Writes a file by what `fill` puts into it; where it was written before, the old one stays until
/// the new one is whole.
pub(crate) fn write_with(path: &Path, fill: impl FnOnce(&mut NewFile) -> Result<()>) -> Result<()> {
    let failed = || Unwritten::file(path);
    make_folder_of(path)?;
    let mut file = NewFile::create(path).with_context(failed)?;
    fill(&mut file).with_context(failed)?;
    file.finish().with_context(failed)
}

/// Writes a file of these bytes.
pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    write_with(path, |file| Ok(file.write_all(bytes.as_ref())?))
}
