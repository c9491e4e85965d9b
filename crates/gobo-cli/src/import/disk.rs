//! Foreign files on disk.

use std::fs;
use std::path::{Path, PathBuf};

use gobo_import::{Folder, ReadError};

/// How deep files are looked for.
const DEPTH: usize = 8;

/// A folder on disk; links in it may lead elsewhere.
#[derive(Debug)]
pub(super) struct DiskFolder {
    root: PathBuf,
    depth: usize,
}

impl DiskFolder {
    /// The folder at `root`.
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), depth: DEPTH }
    }

    /// The files directly in the folder at `root`.
    pub(super) fn beside(root: &Path) -> Self {
        Self { root: root.to_owned(), depth: 0 }
    }

    fn collect(&self, folder: &str, depth: usize, found: &mut Vec<String>) {
        let entries = fs::read_dir(self.root.join(folder)).into_iter().flatten().flatten();
        for entry in entries {
            let Ok(name) = entry.file_name().into_string() else { continue };
            if name.starts_with('.') {
                continue;
            }
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            match entry.path().is_dir() {
                true if depth > 0 => self.collect(&path, depth - 1, found),
                true => {}
                false => found.push(path),
            }
        }
    }
}

impl Folder for DiskFolder {
    fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.collect("", self.depth, &mut found);
        found.sort();
        found
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        fs::read(self.root.join(path)).map_err(|error| ReadError(error.to_string()))
    }
}
