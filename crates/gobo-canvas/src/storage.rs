//! Bytes at an offset, from a file or from memory. Reads only what is asked for.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// The bytes of a canvas: a file read where needed, or memory.
#[derive(Clone, Debug)]
pub(crate) enum Storage {
    File(Arc<Filed>),
    Memory(Arc<[u8]>),
}

/// A file, and all that it holds once that has been read.
#[derive(Debug)]
pub(crate) struct Filed {
    file: File,
    length: u64,
    bytes: OnceLock<Vec<u8>>,
}

impl Storage {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        // To open a pipe would be to wait for somebody to write to it.
        let there = std::fs::metadata(path)?;
        if there.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !there.is_file() {
            let reason = "it is a pipe or a device, which cannot be read in any order";
            return Err(io::Error::new(io::ErrorKind::NotSeekable, reason));
        }
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self::File(Arc::new(Filed { file, length, bytes: OnceLock::new() })))
    }

    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::File(filed) => filed.length,
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }

    /// Fills `out` with the bytes from `offset` on.
    pub(crate) fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        match self {
            Self::File(filed) => match filed.bytes.get() {
                Some(bytes) => copy_from(bytes, offset, out),
                None => read_file_at(&filed.file, offset, out),
            },
            Self::Memory(bytes) => copy_from(bytes, offset, out),
        }
    }

    /// Reads the whole file, so that nothing that becomes of it matters any more.
    pub(crate) fn load(&self) -> io::Result<()> {
        let Self::File(filed) = self else { return Ok(()) };
        if filed.bytes.get().is_none() {
            let bytes = self.read(0, filed.length)?;
            // Another that was quicker has read the same.
            let _ = filed.bytes.set(bytes);
        }
        Ok(())
    }

    /// The `length` bytes from `offset` on. Allocates no more than the file has.
    pub(crate) fn read(&self, offset: u64, length: u64) -> io::Result<Vec<u8>> {
        let end = offset.checked_add(length).filter(|&end| end <= self.len());
        let length = end.and_then(|_| usize::try_from(length).ok());
        let mut bytes = vec![0; length.ok_or(io::ErrorKind::UnexpectedEof)?];
        self.read_at(offset, &mut bytes)?;
        Ok(bytes)
    }
}

fn copy_from(bytes: &[u8], offset: u64, out: &mut [u8]) -> io::Result<()> {
    let from = usize::try_from(offset).unwrap_or(usize::MAX);
    let found = from.checked_add(out.len()).and_then(|end| bytes.get(from..end));
    out.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
    Ok(())
}

#[cfg(unix)]
fn read_file_at(file: &File, offset: u64, out: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, out, offset)
}

#[cfg(windows)]
fn read_file_at(file: &File, mut offset: u64, mut out: &mut [u8]) -> io::Result<()> {
    while !out.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, out, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => {
                offset += count as u64;
                out = &mut out[count..];
            }
        }
    }
    Ok(())
}
