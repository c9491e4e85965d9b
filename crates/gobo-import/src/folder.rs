//! Where foreign files come from: a folder on disk, or memory.

use std::collections::BTreeMap;

use gobo_show::Source;
use gobo_show::diagnostic::{Diagnostic, Place, Spot};

/// Why a file cannot be read; a sentence without capital or stop.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct ReadError(pub String);

/// Foreign files. Paths are relative to the folder that was named, with `/` between folders.
pub trait Folder {
    /// Every file at any depth, sorted; hidden ones are left out.
    fn files(&self) -> Vec<String>;

    /// A file's bytes.
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError>;

    /// A file's text, without a byte-order mark; the error stands at the file.
    fn source(&self, path: &str) -> Result<Source, Diagnostic> {
        let failed = |why: String| {
            let place = Place { file: path.into(), spot: Spot::File };
            Diagnostic::error("unreadable", place, format!("the file cannot be read: {why}"))
        };
        let bytes = self.read(path).map_err(|error| failed(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            failed(format!("it is not UTF-8 text (byte {})", error.utf8_error().valid_up_to()))
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        Ok(Source { path: path.into(), text: text.into() })
    }
}

/// Files in memory, for tests.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MemoryFolder(pub BTreeMap<String, Vec<u8>>);

impl Folder for MemoryFolder {
    fn files(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.0.get(path).cloned().ok_or_else(|| ReadError("there is no such file".to_owned()))
    }
}
