//! Files that commands write: each whole or not at all. What to do when one cannot be written.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::{Context, Result};
use gobo_canvas::NewFile;

use crate::failure::misuse;
use crate::project::shown;
use crate::screen::Interrupt;

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

/// The same, given up with the old file as it was when an interrupt comes.
pub(crate) fn write_until(
    interrupt: &Interrupt,
    path: &Path,
    fill: impl FnOnce(&mut Stoppable<'_>) -> Result<()>,
) -> Result<()> {
    let written = write_with(path, |file| fill(&mut Stoppable { file, interrupt }));
    match written {
        Err(_) if interrupt.came() => Err(interrupt.end().into()),
        written => written,
    }
}

/// A file that takes nothing more once an interrupt has come.
pub(crate) struct Stoppable<'a> {
    file: &'a mut NewFile,
    interrupt: &'a Interrupt,
}

impl Write for Stoppable<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.interrupt.came() {
            // Not of the kind that means to try again.
            true => Err(io::Error::other(self.interrupt.end())),
            false => self.file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for Stoppable<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Refuses to write to the file that is read, by whatever name.
pub(crate) fn apart(input: &Path, output: &Path) -> Result<()> {
    let file = |path| fs::metadata(path).ok().filter(fs::Metadata::is_file);
    match (file(input), file(output)) {
        (Some(a), Some(b)) if (a.dev(), a.ino()) == (b.dev(), b.ino()) => Err(misuse(format!(
            "{} is the file that is read: write to another one with -o",
            shown(output)
        ))),
        _ => Ok(()),
    }
}

/// Writes a file of these bytes.
pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    write_with(path, |file| Ok(file.write_all(bytes.as_ref())?))
}
