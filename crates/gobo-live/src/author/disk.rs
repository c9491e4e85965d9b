//! Files of a project on the disk: read whole, and replaced whole or not at all.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use xxhash_rust::xxh3::xxh3_128;

use super::leftover;
use super::refusal::Refusal;

/// The largest source that is read, in bytes.
const LARGEST: u64 = 64 << 20;
/// How often a file that was exchanged is put back when others write to it all the time.
const EXCHANGES: usize = 64;

/// The folder of a project. No path that it is given leads out of it.
#[derive(Clone, Debug)]
pub(super) struct Disk {
    root: PathBuf,
}

/// A file as it was read.
#[derive(Debug)]
pub(super) struct OnDisk {
    /// Where it is, with symbolic links followed.
    real: PathBuf,
    bytes: Vec<u8>,
    metadata: Metadata,
}

/// What became of an attempt to replace a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Replaced {
    /// It has the new text, durably.
    Yes,
    /// It is not any more what was read, and was left as it is.
    Changed,
}

/// The mark that says that a text is UTF-8.
const MARK: &str = "\u{feff}";

impl OnDisk {
    /// Its text, without a mark of its encoding.
    pub(super) fn text(&self) -> Option<&str> {
        let text = std::str::from_utf8(&self.bytes).ok()?;
        Some(text.strip_prefix(MARK).unwrap_or(text))
    }

    /// The bytes of a text that takes the place of its own.
    fn with(&self, text: &str) -> Vec<u8> {
        let mark = if self.bytes.starts_with(MARK.as_bytes()) { MARK } else { "" };
        [mark.as_bytes(), text.as_bytes()].concat()
    }
}

impl Disk {
    /// The project in a folder; leftovers of a program that was killed are tidied away.
    pub(super) fn new(root: &Path) -> io::Result<Self> {
        let this = Self { root: root.canonicalize()? };
        let _lock = this.lock();
        leftover::tidy(&this.root);
        Ok(this)
    }

    /// Keeps other programs from replacing files of the project at the same time.
    fn lock(&self) -> Option<File> {
        let folder = File::open(&self.root).ok()?;
        folder.lock().ok()?;
        Some(folder)
    }

    /// Where a file is. The path is relative, with `/` between folders, and stays in the project.
    fn place(&self, path: &str) -> Result<PathBuf, Refusal> {
        let outside = || Refusal::invalid("/file", format!("`{path}` is no file of the project"));
        let is_plain = !path.is_empty()
            && !path.contains(['\\', '\0'])
            && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        if !is_plain {
            return Err(outside());
        }
        let real = match self.root.join(path).canonicalize() {
            Ok(real) => real,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Refusal::not_found(format!("there is no file `{path}`")));
            }
            Err(error) => return Err(Refusal::failed(format!("`{path}`: {error}"))),
        };
        if real.starts_with(&self.root) { Ok(real) } else { Err(outside()) }
    }

    /// Reads a file.
    pub(super) fn read(&self, path: &str) -> Result<OnDisk, Refusal> {
        let real = self.place(path)?;
        let failed = |error: io::Error| Refusal::failed(format!("`{path}`: {error}"));
        let mut file = File::open(&real).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if !metadata.is_file() || metadata.len() > LARGEST {
            return Err(Refusal::failed(format!("`{path}` is no source file")));
        }
        let mut bytes = Vec::with_capacity(metadata.len() as usize);
        file.read_to_end(&mut bytes).map_err(failed)?;
        Ok(OnDisk { real, bytes, metadata })
    }

    /// Replaces a file by a text, if it still is what was read.
    pub(super) fn replace(&self, read: &OnDisk, text: &str) -> io::Result<Replaced> {
        let bytes = read.with(text);
        let _lock = self.lock();
        let fresh = Fresh::write(read, &bytes)?;
        let done = fresh.take_place(read, &bytes)?;
        drop(fresh);
        Ok(done)
    }
}

/// A new file beside the one whose place it is to take; gone when this is dropped.
struct Fresh {
    path: PathBuf,
}

impl Drop for Fresh {
    fn drop(&mut self) {
        // What cannot be removed now is tidied away at the next start.
        let _ = fs::remove_file(&self.path);
    }
}

impl Fresh {
    /// Writes all of it, durably, under a name that says what it is.
    fn write(read: &OnDisk, bytes: &[u8]) -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let number = u128::from(std::process::id()) << 64 | u128::from(number);
        let begun = Self { path: leftover::begun(&read.real, number) };
        let mut file = OpenOptions::new().write(true).create_new(true).open(&begun.path)?;
        file.write_all(bytes)?;
        own(&file, &read.metadata);
        file.set_permissions(read.metadata.permissions())?;
        file.sync_all()?;
        let whole = leftover::whole(&read.real, xxh3_128(&read.bytes), xxh3_128(bytes));
        fs::rename(&begun.path, &whole)?;
        Ok(Self { path: whole })
    }

    /// Takes the place of what was read, if that is still there.
    fn take_place(&self, read: &OnDisk, bytes: &[u8]) -> io::Result<Replaced> {
        if fs::read(&read.real)? != read.bytes {
            return Ok(Replaced::Changed);
        }
        match exchange(&self.path, &read.real) {
            Ok(()) => self.settle(read, bytes),
            Err(error) if is_unknown(&error) => {
                // Where files cannot be exchanged there is a moment between this look and the
                // rename.
                fs::rename(&self.path, &read.real)?;
                sync_folder(&read.real)?;
                Ok(Replaced::Yes)
            }
            Err(error) => Err(error),
        }
    }

    /// After an exchange: if what came out is what was read, it is done; else it is undone.
    fn settle(&self, read: &OnDisk, bytes: &[u8]) -> io::Result<Replaced> {
        if self.is_left(&read.real, &read.bytes)? {
            return Ok(Replaced::Yes);
        }
        self.put_back(&read.real, bytes)?;
        Ok(Replaced::Changed)
    }

    /// Whether what came out of an exchange is this, and nobody writes to it any more. Who had it
    /// open before and emptied it meanwhile is seen after the disk has taken its time.
    fn is_left(&self, real: &Path, expected: &[u8]) -> io::Result<bool> {
        if fs::read(&self.path)? != expected {
            return Ok(false);
        }
        sync_folder(real)?;
        Ok(fs::read(&self.path)? == expected)
    }

    /// Exchanges again until what comes out is what was put in the time before, so that the newest
    /// that others wrote stays in its place.
    fn put_back(&self, real: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut placed = bytes.to_vec();
        for _ in 0..EXCHANGES {
            let next = fs::read(&self.path)?;
            exchange(&self.path, real)?;
            if self.is_left(real, &placed)? {
                break;
            }
            placed = next;
        }
        Ok(())
    }
}

/// Exchanges two files: each name has the other's file at once.
#[cfg(target_os = "linux")]
pub(super) fn exchange(a: &Path, b: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE)?)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether the system or the file system cannot exchange files.
fn is_unknown(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput)
}

/// Has the disk know the names in the folder of a file.
fn sync_folder(file: &Path) -> io::Result<()> {
    match file.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

/// Gives a file to whom another belongs, as far as that is allowed.
#[cfg(unix)]
fn own(file: &File, like: &Metadata) {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let _ = fchown(file, Some(like.uid()), Some(like.gid()));
}

#[cfg(not(unix))]
fn own(_: &File, _: &Metadata) {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn project(text: &str) -> (tempfile::TempDir, Disk, OnDisk) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.json"), text).unwrap();
        let disk = Disk::new(folder.path()).unwrap();
        let read = disk.read("a.json").unwrap();
        (folder, disk, read)
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_is_replaced_if_it_is_what_was_read() {
        let (folder, disk, read) = project("old");
        assert_eq!(disk.replace(&read, "new").unwrap(), Replaced::Yes);
        assert_eq!(fs::read(folder.path().join("a.json")).unwrap(), b"new");
        assert_eq!(disk.replace(&read, "newer").unwrap(), Replaced::Changed);
        assert_eq!(fs::read(folder.path().join("a.json")).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["a.json"]);
    }

    /// An editor writes between the last look and the exchange, by either way.
    #[test]
    fn what_came_out_of_the_exchange_goes_back() {
        for by_rename in [true, false] {
            let (folder, _disk, read) = project("old");
            let (file, other) = (folder.path().join("a.json"), folder.path().join("b"));
            let fresh = Fresh::write(&read, b"new").unwrap();
            if by_rename {
                fs::write(&other, "edited").unwrap();
                fs::rename(&other, &file).unwrap();
            } else {
                fs::write(&file, "edited").unwrap();
            }
            exchange(&fresh.path, &file).unwrap();
            assert_eq!(fresh.settle(&read, b"new").unwrap(), Replaced::Changed);
            drop(fresh);
            assert_eq!(fs::read(&file).unwrap(), b"edited");
            assert_eq!(names(folder.path()), ["a.json"]);
        }
    }

    /// An editor saves again while its first save is out of its place.
    #[test]
    fn the_newest_stays() {
        let (folder, _disk, read) = project("old");
        let file = folder.path().join("a.json");
        let fresh = Fresh::write(&read, b"new").unwrap();
        fs::write(&file, "edited").unwrap();
        exchange(&fresh.path, &file).unwrap();
        fs::remove_file(&file).unwrap();
        fs::write(&file, "edited again").unwrap();
        assert_eq!(fresh.settle(&read, b"new").unwrap(), Replaced::Changed);
        drop(fresh);
        assert_eq!(fs::read(&file).unwrap(), b"edited again");
    }

    #[test]
    fn no_path_leads_out() {
        let (_folder, disk, _) = project("old");
        let outside = ["", "..", "../x", "/etc/passwd", "a/../a.json", "a\\b", "a\0", "./a.json"];
        for path in outside {
            assert!(disk.read(path).is_err(), "{path}");
        }
        assert_eq!(disk.read("none.json").unwrap_err().reason(), "not_found");
        assert_eq!(disk.read("../a.json").unwrap_err().reason(), "invalid");
    }
}
