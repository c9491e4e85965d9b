//! The compiler's world on a folder: reads the project's files and never one outside it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result as Done};
use gobo_audio::AudioError;
use gobo_canvas::SourceKind;
use gobo_show::Spectrum;
use gobo_show::world::{SongFacts, Source, World, WorldError};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use crate::fresh::Witness;
use crate::listen::SongFiles;
use crate::project::{is_nothing, shown};

/// What is said of a file that was there a moment ago.
const GONE: &str = "it was there a moment ago and is gone: put it back, or run the command again";

/// The files of a project.
#[derive(Debug)]
pub(crate) struct FolderWorld {
    root: PathBuf,
    /// What has been read.
    pub(crate) witness: Witness,
    /// What has been listened to, by path: the hash of its bytes tells whether it still holds.
    spectra: Mutex<BTreeMap<String, Arc<Spectrum>>>,
    /// The paths of all files that were found in folders.
    listed: Mutex<BTreeSet<String>>,
    /// The first folder that could not be read, and why.
    unlisted: Mutex<Option<(PathBuf, io::Error)>>,
    /// Whether a file could not be read that is no mistake of the show.
    has_failed: AtomicBool,
}

impl FolderWorld {
    /// The world of the project at `root`.
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            witness: Witness::default(),
            spectra: Mutex::default(),
            listed: Mutex::default(),
            unlisted: Mutex::default(),
            has_failed: AtomicBool::new(false),
        }
    }

    /// Whether a file could not be read for a reason that lies outside of the show: it may not be
    /// read, it was taken away meanwhile, the disk fails.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Relaxed)
    }

    /// Fails for a folder that could not be read: what was not found may be there.
    pub(crate) fn has_listed_all(&self) -> Done<()> {
        let unlisted = self.unlisted.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((folder, error)) = unlisted else { return Ok(()) };
        Err(error).with_context(|| format!("cannot read {}", shown(&folder)))
    }

    /// Notes a folder that could not be read.
    fn not_listed(&self, folder: &Path, error: io::Error) {
        let mut unlisted = self.unlisted.lock().unwrap_or_else(PoisonError::into_inner);
        unlisted.get_or_insert_with(|| (folder.to_owned(), error));
    }

    /// Why a file was not read.
    fn reason(&self, path: &str, error: &io::Error) -> WorldError {
        use io::ErrorKind::{InvalidFilename, InvalidInput, IsADirectory, NotADirectory, NotFound};
        let is_gone = || self.listed.lock().unwrap_or_else(PoisonError::into_inner).contains(path);
        match error.kind() {
            NotFound | NotADirectory | InvalidFilename | InvalidInput if !is_gone() => {
                WorldError::Missing
            }
            IsADirectory => WorldError::Unusable("it is a folder".to_owned()),
            NotFound => self.failed(GONE.to_owned()),
            _ => self.failed(error.to_string()),
        }
    }

    /// The world failed for this reason.
    fn failed(&self, reason: String) -> WorldError {
        self.has_failed.store(true, Ordering::Relaxed);
        WorldError::Unusable(reason)
    }

    /// Where a project path lies; links may lead elsewhere, `..` may not.
    fn place(&self, path: &str) -> Result<PathBuf, WorldError> {
        let relative = Path::new(path);
        let inside = relative.components().all(|part| matches!(part, Component::Normal(_)));
        match inside && !path.contains('\\') {
            true => Ok(self.root.join(relative)),
            false => Err(WorldError::Unusable(format!("`{path}` leads out of the project"))),
        }
    }

    /// The hash of what is there now; 0 if nothing is.
    pub(crate) fn look(&self, kind: SourceKind, path: &str) -> u128 {
        let file = |hash: fn(&Path) -> io::Result<u128>| {
            self.place(path).ok().and_then(|place| hash(&place).ok()).unwrap_or(0)
        };
        match kind {
            SourceKind::File => file(hash),
            SourceKind::Sound => file(|place| SongFiles::of(place).hash()),
            SourceKind::Files => names_hash(&self.names(path, Metadata::is_file)),
            SourceKind::Folders => names_hash(&self.names(path, Metadata::is_dir)),
        }
    }

    /// The bytes of a file.
    fn file(&self, path: &str) -> Result<Vec<u8>, WorldError> {
        let bytes = fs::read(self.place(path)?);
        let hash = bytes.as_ref().map_or(0, |bytes| xxh3_128(bytes));
        self.witness.saw(SourceKind::File, path, hash);
        bytes.map_err(|error| self.reason(path, &error))
    }

    /// What is wrong with an audio file that was there, in the project's own paths.
    fn unusable(&self, error: &AudioError) -> WorldError {
        if let AudioError::Open { cause, .. } = error {
            let is_gone = cause.kind() == io::ErrorKind::NotFound;
            return self.failed(if is_gone { GONE.to_owned() } else { cause.to_string() });
        }
        let root = format!("{}/", self.root.display());
        WorldError::Unusable(error.to_string().replace(&root, ""))
    }

    /// The names in a folder that are not hidden and are what is wanted, sorted.
    fn names(&self, folder: &str, is_wanted: impl Fn(&Metadata) -> bool) -> Vec<String> {
        let Ok(folder) = self.place(folder) else { return Vec::new() };
        let mut names = Vec::new();
        let entries = fs::read_dir(&folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let entries = entries.unwrap_or_else(|error| {
            if !is_nothing(&error) {
                self.not_listed(&folder, error);
            }
            Vec::new()
        });
        for entry in entries {
            let Ok(name) = entry.file_name().into_string() else { continue };
            if name.starts_with('.') {
                continue;
            }
            match fs::metadata(entry.path()) {
                Ok(found) if is_wanted(&found) => names.push(name),
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                    self.not_listed(&folder, error);
                }
                _ => {}
            }
        }
        names.sort();
        names
    }
}

impl World for FolderWorld {
    fn read(&self, path: &str) -> Result<Source, WorldError> {
        let text = String::from_utf8(self.file(path)?).map_err(|error| {
            let offset = error.utf8_error().valid_up_to();
            WorldError::Unusable(format!("it is not UTF-8 text (byte {offset})"))
        })?;
        // Editors of one system put a byte-order mark there; no format of ours means it.
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        Ok(Source { path: path.into(), text: text.into() })
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let names = self.names(folder, Metadata::is_file);
        self.witness.saw(SourceKind::Files, folder, names_hash(&names));
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        listed.extend(names.iter().map(|name| format!("{folder}/{name}")));
        names
    }

    fn folders(&self, folder: &str) -> Vec<String> {
        let names = self.names(folder, Metadata::is_dir);
        self.witness.saw(SourceKind::Folders, folder, names_hash(&names));
        names
    }

    fn song(&self, path: &str) -> Result<SongFacts, WorldError> {
        let place = self.place(path)?;
        let hash = hash(&place);
        self.witness.saw(SourceKind::File, path, *hash.as_ref().unwrap_or(&0));
        let hash = hash.map_err(|error| self.reason(path, &error))?;
        let length = gobo_audio::probe(&place).map_err(|error| self.unusable(&error))?;
        Ok(SongFacts { seconds: length.seconds, hash })
    }

    fn spectrum(&self, path: &str) -> Result<Arc<Spectrum>, WorldError> {
        let place = self.place(path)?;
        let files = SongFiles::of(&place);
        let hash = files.hash();
        self.witness.saw(SourceKind::Sound, path, *hash.as_ref().unwrap_or(&0));
        let hash = hash.map_err(|error| self.reason(path, &error))?;
        let known = |spectra: &BTreeMap<String, Arc<Spectrum>>| {
            spectra.get(path).filter(|known| known.hash == hash).cloned()
        };
        let mut spectra = self.spectra.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known(&spectra) {
            return Ok(known);
        }
        let spectrum = files.listen(hash).map_err(|error| self.unusable(&error))?;
        let spectrum = Arc::new(spectrum);
        spectra.insert(path.to_owned(), Arc::clone(&spectrum));
        Ok(spectrum)
    }

    fn bytes(&self, path: &str) -> Result<Arc<[u8]>, WorldError> {
        Ok(self.file(path)?.into())
    }
}

/// Stands for names, in order.
fn names_hash(names: &[String]) -> u128 {
    let mut hash = Xxh3::new();
    for name in names {
        hash.update(name.as_bytes());
        hash.update(&[0]);
    }
    hash.digest128()
}

/// A project with some files more, or other ones.
#[derive(Debug)]
pub(crate) struct Overlay {
    folder: FolderWorld,
    files: BTreeMap<&'static str, String>,
}

impl Overlay {
    /// The project at `root` with the texts of `files` at their paths.
    pub(crate) fn new<const N: usize>(root: &Path, files: [(&'static str, String); N]) -> Self {
        Self { folder: FolderWorld::new(root), files: files.into() }
    }
}

impl World for Overlay {
    fn read(&self, path: &str) -> Result<Source, WorldError> {
        match self.files.get(path) {
            Some(text) => Ok(Source { path: path.into(), text: text.as_str().into() }),
            None => self.folder.read(path),
        }
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.folder.list(folder)
    }

    fn folders(&self, folder: &str) -> Vec<String> {
        self.folder.folders(folder)
    }

    fn song(&self, path: &str) -> Result<SongFacts, WorldError> {
        self.folder.song(path)
    }

    fn spectrum(&self, path: &str) -> Result<Arc<Spectrum>, WorldError> {
        self.folder.spectrum(path)
    }

    fn bytes(&self, path: &str) -> Result<Arc<[u8]>, WorldError> {
        self.folder.bytes(path)
    }
}

/// XXH3-128 of a file.
pub(crate) fn hash(path: &Path) -> io::Result<u128> {
    let mut file = File::open(path)?;
    let mut hash = Xxh3::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hash.digest128()),
            Ok(length) => hash.update(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_the_project_is_read() {
        let world = FolderWorld::new(Path::new(env!("CARGO_MANIFEST_DIR")));
        assert!(world.read("Cargo.toml").is_ok());
        assert_eq!(world.read("src/nothing.rs").unwrap_err(), WorldError::Missing);
        for outside in ["../gobo-dmx/Cargo.toml", "/etc/hostname", "src/../../x", "", "a\\b"] {
            assert!(matches!(world.read(outside), Err(WorldError::Unusable(_))), "{outside}");
        }
        assert!(world.list("..").is_empty());
        assert!(world.list("src").contains(&"main.rs".to_owned()));
        assert!(!world.has_failed(), "what is not there is no failure of the world");
    }

    #[test]
    fn a_file_that_goes_after_it_was_listed_is_a_failure_of_the_world() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("patterns")).unwrap();
        fs::write(folder.path().join("patterns/a.json"), "{}").unwrap();
        let world = FolderWorld::new(folder.path());
        assert_eq!(world.list("patterns"), ["a.json"]);
        fs::remove_file(folder.path().join("patterns/a.json")).unwrap();
        assert_eq!(world.read("patterns/a.json").unwrap_err().to_string(), GONE);
        assert!(world.has_failed());
    }
}
