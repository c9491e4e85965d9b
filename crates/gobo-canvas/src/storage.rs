//! Bytes at an offset, from a file or from memory. Reads only what is asked for.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// The bytes of a canvas: a file read where needed, or memory.
#[derive(Clone, Debug)]
pub(crate) enum Storage {
    File(Arc<File>, u64),
    Memory(Arc<[u8]>),
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
        Ok(Self::File(Arc::new(file), length))
    }

    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::File(_, length) => *length,
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }

    /// Fills `out` with the bytes from `offset` on.
    pub(crate) fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        match self {
            Self::File(file, _) => read_file_at(file, offset, out),
            Self::Memory(bytes) => {
                let from = usize::try_from(offset).unwrap_or(usize::MAX);
                let found = from.checked_add(out.len()).and_then(|end| bytes.get(from..end));
                out.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
                Ok(())
            }
        }
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
