//! A project's files as they were read last: each is read anew only when it has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use gobo_show::Spectrum;
use gobo_show::world::{SongFacts, Source, World, WorldError};

use crate::world::FolderWorld;

/// Two writes may lie so close that the file system gives them one time (ext4 counts in ticks of
/// the kernel, FAT in 2 s): a file that was that young when it was read is looked into again.
const YOUNG: Duration = Duration::from_millis(20);

/// What is said of what is no file.
const SPECIAL: &str = "it is no file, but a pipe, a socket or a device";

/// What is asked of a world.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Ask {
    Text,
    Bytes,
    Files,
    Folders,
    Song,
    Sound,
}

/// What it answered.
#[derive(Clone, PartialEq, Debug)]
enum Answer {
    Text(Result<Source, WorldError>),
    Bytes(Result<Arc<[u8]>, WorldError>),
    Names(Vec<String>),
    Song(Result<SongFacts, WorldError>),
    Sound(Result<Arc<Spectrum>, WorldError>),
}

/// What tells one state of a file from another without reading it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Stamp {
    modified: Option<SystemTime>,
    changed: (i64, i64),
    len: u64,
    inode: u64,
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let found = fs::metadata(path).ok()?;
        let changed = (found.ctime(), found.ctime_nsec());
        let modified = found.modified().ok();
        Some(Self { modified, changed, len: found.len(), inode: found.ino() })
    }

    /// Whether a file that was read at this moment may have been written again since, with the
    /// same times.
    fn was_young(&self, read: SystemTime) -> bool {
        self.modified.is_none_or(|modified| {
            read.duration_since(modified).is_ok_and(|age| age < YOUNG) || modified > read
        })
    }
}

struct Entry {
    stamp: Option<Stamp>,
    is_young: bool,
    answer: Answer,
}

/// The folder of a project, with what was read of it.
pub(crate) struct KeptWorld {
    root: PathBuf,
    folder: FolderWorld,
    kept: Mutex<BTreeMap<(Ask, String), Entry>>,
    /// What was asked for since the last [`KeptWorld::begin`].
    asked: Mutex<BTreeSet<(Ask, String)>>,
}

impl KeptWorld {
    /// The world of the project at `root`, nothing of it read yet.
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            folder: FolderWorld::new(root),
            kept: Mutex::default(),
            asked: Mutex::default(),
        }
    }

    /// From here on what is asked for is noted anew.
    pub(crate) fn begin(&self) {
        lock(&self.asked).clear();
    }

    /// How many files it was made of.
    pub(crate) fn count(&self) -> usize {
        let is_file = |ask: &Ask| !matches!(ask, Ask::Files | Ask::Folders);
        let asked = lock(&self.asked);
        let files: BTreeSet<&String> =
            asked.iter().filter(|(ask, _)| is_file(ask)).map(|(_, path)| path).collect();
        files.len()
    }

    /// The folders whose entries can change what was asked for, with all above them in the project.
    pub(crate) fn folders(&self) -> BTreeSet<PathBuf> {
        let mut folders = BTreeSet::from([self.root.clone()]);
        for (ask, path) in &*lock(&self.asked) {
            let place = self.root.join(path);
            let lists = matches!(ask, Ask::Files | Ask::Folders);
            let own = if lists { Some(place.as_path()) } else { place.parent() };
            let above = own.into_iter().flat_map(Path::ancestors);
            folders.extend(above.take_while(|one| one.starts_with(&self.root)).map(Path::to_owned));
            // What is saved where a link leads happens there.
            if fs::symlink_metadata(&place).is_ok_and(|found| found.is_symlink())
                && let Ok(target) = place.canonicalize()
            {
                folders.extend(target.parent().map(Path::to_owned));
            }
        }
        folders
    }

    /// The files that were asked for, and where links among them lead.
    pub(crate) fn files(&self) -> BTreeSet<PathBuf> {
        let asked = lock(&self.asked);
        let files = asked.iter().filter(|(ask, _)| !matches!(ask, Ask::Files | Ask::Folders));
        let places = files.map(|(_, path)| self.root.join(path));
        places.flat_map(|place| [place.canonicalize().ok(), Some(place)]).flatten().collect()
    }

    /// Forgets what is not any more as it was read, and what nobody asked for the last time; gives
    /// the paths of what has changed. A file that is named is looked into, whatever its times say.
    pub(crate) fn sweep(&self, named: &BTreeSet<PathBuf>) -> BTreeSet<String> {
        let asked = lock(&self.asked).clone();
        let mut kept = lock(&self.kept);
        kept.retain(|known, _| asked.contains(known));
        let mut changed = BTreeSet::new();
        kept.retain(|(ask, path), entry| {
            let is_named = named.contains(&self.root.join(path));
            let same = self.is_same(*ask, path, entry, is_named);
            if !same {
                changed.insert(path.clone());
            }
            same
        });
        changed
    }

    /// Whether asking again would give what is known.
    fn is_same(&self, ask: Ask, path: &str, entry: &mut Entry, is_named: bool) -> bool {
        if matches!(ask, Ask::Files | Ask::Folders) {
            return self.answer(ask, path) == entry.answer;
        }
        let stamp = Stamp::of(&self.root.join(path));
        let is_as_it_was = stamp == entry.stamp;
        if is_as_it_was && !is_named && !entry.is_young {
            return true;
        }
        if matches!(ask, Ask::Song | Ask::Sound) {
            return is_as_it_was;
        }
        let fresh = self.entry(ask, path);
        let same = fresh.answer == entry.answer;
        if same {
            *entry = fresh;
        }
        same
    }

    fn answer(&self, ask: Ask, path: &str) -> Answer {
        if is_special(&self.root.join(path)) {
            let error = WorldError::Unusable(SPECIAL.to_owned());
            match ask {
                Ask::Text => return Answer::Text(Err(error)),
                Ask::Bytes => return Answer::Bytes(Err(error)),
                Ask::Song => return Answer::Song(Err(error)),
                Ask::Sound => return Answer::Sound(Err(error)),
                Ask::Files | Ask::Folders => {}
            }
        }
        match ask {
            Ask::Text => Answer::Text(self.folder.read(path)),
            Ask::Bytes => Answer::Bytes(self.folder.bytes(path)),
            Ask::Files => Answer::Names(self.folder.list(path)),
            Ask::Folders => Answer::Names(self.folder.folders(path)),
            Ask::Song => Answer::Song(self.folder.song(path)),
            Ask::Sound => Answer::Sound(self.folder.spectrum(path)),
        }
    }

    fn entry(&self, ask: Ask, path: &str) -> Entry {
        // Before it is read: what is written meanwhile has another time.
        let stamp = Stamp::of(&self.root.join(path));
        let is_young = stamp.is_some_and(|stamp| stamp.was_young(SystemTime::now()));
        Entry { stamp, is_young, answer: self.answer(ask, path) }
    }

    fn ask(&self, ask: Ask, path: &str) -> Answer {
        let key = (ask, path.to_owned());
        lock(&self.asked).insert(key.clone());
        if let Some(entry) = lock(&self.kept).get(&key) {
            return entry.answer.clone();
        }
        let entry = self.entry(ask, path);
        let answer = entry.answer.clone();
        lock(&self.kept).insert(key, entry);
        answer
    }
}

/// Whether what is there would be read without an end, or not at all.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each change is one insertion or removal.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World for KeptWorld {
    fn read(&self, path: &str) -> Result<Source, WorldError> {
        match self.ask(Ask::Text, path) {
            Answer::Text(answer) => answer,
            _ => Err(WorldError::Missing),
        }
    }

    fn list(&self, folder: &str) -> Vec<String> {
        match self.ask(Ask::Files, folder) {
            Answer::Names(names) => names,
            _ => Vec::new(),
        }
    }

    fn folders(&self, folder: &str) -> Vec<String> {
        match self.ask(Ask::Folders, folder) {
            Answer::Names(names) => names,
            _ => Vec::new(),
        }
    }

    fn song(&self, path: &str) -> Result<SongFacts, WorldError> {
        match self.ask(Ask::Song, path) {
            Answer::Song(answer) => answer,
            _ => Err(WorldError::Missing),
        }
    }

    fn spectrum(&self, path: &str) -> Result<Arc<Spectrum>, WorldError> {
        match self.ask(Ask::Sound, path) {
            Answer::Sound(answer) => answer,
            _ => Err(WorldError::Missing),
        }
    }

    fn bytes(&self, path: &str) -> Result<Arc<[u8]>, WorldError> {
        match self.ask(Ask::Bytes, path) {
            Answer::Bytes(answer) => answer,
            _ => Err(WorldError::Missing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn what_has_changed_is_found_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in ["shows/a/show.toml", "shows/a/cues.json", "patterns/p.json"] {
            write(root, name, "1");
        }
        let world = KeptWorld::new(root);
        let read = |world: &KeptWorld| {
            world.begin();
            assert!(world.read("shows/a/cues.json").is_ok());
            world.list("patterns");
            let _ = world.read("shows/a/missing.json");
        };
        read(&world);
        let none = BTreeSet::new();
        assert_eq!(world.sweep(&none), none_changed());
        write(root, "shows/a/cues.json", "2");
        assert_eq!(world.sweep(&none), changed(&["shows/a/cues.json"]));
        read(&world);
        // Written with what was there: nothing to do.
        write(root, "shows/a/cues.json", "2");
        assert_eq!(world.sweep(&BTreeSet::from([root.join("shows/a/cues.json")])), none_changed());
        write(root, "patterns/q.json", "1");
        write(root, "shows/a/missing.json", "1");
        write(root, "shows/a/other.json", "1");
        assert_eq!(world.sweep(&none), changed(&["patterns", "shows/a/missing.json"]));
        read(&world);
        fs::rename(root.join("shows"), root.join("gone")).unwrap();
        assert_eq!(world.sweep(&none), changed(&["shows/a/cues.json", "shows/a/missing.json"]));
    }

    fn changed(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn none_changed() -> BTreeSet<String> {
        BTreeSet::new()
    }

    #[test]
    fn folders_of_all_that_was_read_are_watched() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let world = KeptWorld::new(root);
        world.begin();
        let _ = world.read("shows/a/show.toml");
        world.list("fixtures/profiles");
        let found = world.folders();
        let inside: Vec<_> =
            found.iter().map(|one| one.strip_prefix(root).unwrap().to_str().unwrap()).collect();
        assert_eq!(inside, ["", "fixtures", "fixtures/profiles", "shows", "shows/a"]);
    }
}
