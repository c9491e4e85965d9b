//! A file that is written beside its place and moved there when it is whole.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

/// A file on its way: whoever looks at its place sees the old file or the whole new one.
///
/// Dropped before [`NewFile::finish`], it leaves nothing behind and the old file as it was. What
/// is no file that could be replaced, such as a pipe or a device, is written to as it is.
#[derive(Debug)]
pub struct NewFile {
    file: BufWriter<File>,
    place: Option<(TempPath, PathBuf)>,
}

impl NewFile {
    /// Starts a file that will be at `path`; its folder must exist.
    ///
    /// # Errors
    /// What the system says; there is a folder at `path`; or its folder cannot be written to.
    pub fn create(path: &Path) -> io::Result<Self> {
        let (file, place) = match std::fs::metadata(path) {
            Ok(there) if there.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(there) if !there.is_file() => (File::options().write(true).open(path)?, None),
            _ => {
                let (file, temporary) = temporary_beside(path)?.into_parts();
                (file, Some((temporary, path.to_owned())))
            }
        };
        Ok(Self { file: BufWriter::with_capacity(1 << 18, file), place })
    }

    /// Brings all of it to the disk, and moves it to its place.
    ///
    /// # Errors
    /// What the system says; then the old file is there as before.
    pub fn finish(mut self) -> io::Result<()> {
        self.file.flush()?;
        let Some((temporary, path)) = self.place else { return Ok(()) };
        self.file.get_ref().sync_all()?;
        // The file is still open, and so locked: nobody sweeps it before it is in its place.
        temporary.persist(&path).map_err(|error| error.error)?;
        sync_folder(&path);
        Ok(())
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for NewFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// A file beside `path` to write to. What was left there by those who were killed is removed:
/// a file that is still written to is locked.
fn temporary_beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut prefix = OsString::from(".");
    prefix.push(path.file_name().ok_or(io::ErrorKind::IsADirectory)?);
    prefix.push(".");
    sweep(folder, &prefix);
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(PART);
    #[cfg(unix)]
    {
        // As any new file: the user's umask takes from this what it wants.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    loop {
        let file = builder.tempfile_in(folder)?;
        // Where files cannot be locked, nothing is swept either.
        let _ = file.as_file().try_lock();
        // Another process may have swept it before it was locked.
        if file.path().exists() {
            return Ok(file);
        }
    }
}

/// How the name of a file that is being written ends.
const PART: &str = ".part";

/// Removes the files of that beginning that nobody writes to any more.
fn sweep(folder: &Path, prefix: &OsString) {
    let is_part = |name: &OsString| {
        let (name, prefix) = (name.as_encoded_bytes(), prefix.as_encoded_bytes());
        name.starts_with(prefix) && name.ends_with(PART.as_bytes())
    };
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if is_part(&entry.file_name())
            && let Ok(file) = File::options().write(true).open(entry.path())
            && file.try_lock().is_ok()
        {
            // If it cannot be removed, it is in nobody's way.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Brings the rename itself to the disk. Where a folder cannot be synced the file is whole all
/// the same, so failure says nothing worth stopping for.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Ok(folder) = File::open(folder.unwrap_or(Path::new("."))) {
        let _ = folder.sync_all();
    }
}
