//! When files were saved: told by the system, or by looking again and again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

/// How long it must be quiet after a change: a save is more than one event.
const QUIET: Duration = Duration::from_millis(5);
/// How long a file that is being written may take to be closed.
const WRITING: Duration = Duration::from_millis(100);

/// What comes to who waits for saves.
pub(crate) enum News<C> {
    /// Something happened to files, or may have: these are known by name.
    Files(Saved),
    /// Somebody wants something.
    Command(C),
    /// Nothing came.
    Nothing,
    /// Something came that tells nothing.
    Other,
}

/// Files that something happened to.
#[derive(Debug)]
pub(crate) struct Saved {
    /// When the first of it came.
    pub(crate) at: Instant,
    /// Those that are known by name.
    pub(crate) files: BTreeSet<PathBuf>,
    /// Those that are being written.
    open: BTreeSet<PathBuf>,
    /// When the last of it came.
    last: Instant,
}

impl Saved {
    /// Something may have happened that nobody tells of.
    pub(crate) fn unnamed() -> Self {
        let at = Instant::now();
        Self { at, files: BTreeSet::new(), open: BTreeSet::new(), last: at }
    }

    /// When the last of it came.
    pub(crate) fn last(&self) -> Instant {
        self.last
    }

    fn take(&mut self, told: Told, ours: &BTreeSet<PathBuf>) {
        match told.state {
            Writing::Begun => {
                self.open.extend(told.files.iter().filter(|file| ours.contains(*file)).cloned());
            }
            Writing::Ended => self.open.retain(|file| !told.files.contains(file)),
            Writing::Other => {}
        }
        self.files.extend(told.files);
        self.last = Instant::now();
    }
}

/// What comes through the one channel.
pub(crate) enum Inbox<C> {
    Event(notify::Result<Event>),
    Command(C),
}

/// Waits for saves and for commands.
pub(crate) struct Saves<C> {
    inbox: Receiver<Inbox<C>>,
    watcher: Option<RecommendedWatcher>,
    watched: BTreeSet<PathBuf>,
    /// The files that are read.
    ours: BTreeSet<PathBuf>,
    /// A command that came while it was waited for quiet.
    kept: Option<C>,
}

impl<C: Send + 'static> Saves<C> {
    /// Hears of files from the system, unless `polls`; gives where commands go, too. Where the
    /// system tells nothing (too many watches, an odd file system), that is the error, and it is
    /// polled.
    pub(crate) fn new(polls: bool) -> (Self, Sender<Inbox<C>>, Option<notify::Error>) {
        let (sender, inbox) = channel();
        let events = sender.clone();
        let tell = move |event| drop(events.send(Inbox::Event(event)));
        let watcher = (!polls).then(|| notify::recommended_watcher(tell)).transpose();
        let (watcher, error) = match watcher {
            Ok(watcher) => (watcher, None),
            Err(error) => (None, Some(error)),
        };
        let (watched, ours) = (BTreeSet::new(), BTreeSet::new());
        (Self { inbox, watcher, watched, ours, kept: None }, sender, error)
    }

    /// Hears of what happens in these folders from now on, and waits for these files to be written
    /// to their end. A folder that is not there is left to the one above it.
    pub(crate) fn watch(&mut self, folders: BTreeSet<PathBuf>, files: BTreeSet<PathBuf>) {
        self.ours = files;
        let Some(watcher) = &mut self.watcher else { return };
        for gone in self.watched.difference(&folders) {
            let _ = watcher.unwatch(gone);
        }
        // All anew: a folder of the same name may be another one by now.
        for folder in &folders {
            let _ = watcher.watch(folder, RecursiveMode::NonRecursive);
        }
        self.watched = folders;
    }

    /// The next news, or nothing after `wait`.
    pub(crate) fn next(&mut self, wait: Duration) -> News<C> {
        if let Some(command) = self.kept.take() {
            return News::Command(command);
        }
        match self.inbox.recv_timeout(wait) {
            Ok(Inbox::Command(command)) => News::Command(command),
            Ok(Inbox::Event(event)) => match told(event) {
                Some(first) => {
                    let mut saved = Saved::unnamed();
                    saved.take(first, &self.ours);
                    News::Files(saved)
                }
                None => News::Other,
            },
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => News::Nothing,
        }
    }

    /// Waits until what is being written is closed, for so long as that may take.
    pub(crate) fn until_closed(&mut self, saved: &mut Saved) {
        while !saved.open.is_empty() && self.hear(saved, saved.at + WRITING) {}
    }

    /// Whether more came that may belong to the same save, of which the last was taken in at
    /// `since`: within a moment of that, or within `quiet`.
    pub(crate) fn more(
        &mut self,
        saved: &mut Saved,
        since: Instant,
        quiet: Option<Duration>,
    ) -> bool {
        let came = self.hear(saved, since + quiet.unwrap_or(QUIET));
        if came {
            while self.hear(saved, Instant::now()) {}
            self.until_closed(saved);
        }
        came
    }

    /// Takes in the next event that comes until then; false if none does, or somebody wants
    /// something.
    fn hear(&mut self, saved: &mut Saved, until: Instant) -> bool {
        while self.kept.is_none() {
            let left = until.saturating_duration_since(Instant::now());
            match self.inbox.recv_timeout(left) {
                Ok(Inbox::Event(event)) => {
                    if let Some(told) = told(event) {
                        saved.take(told, &self.ours);
                        return true;
                    }
                }
                Ok(Inbox::Command(command)) => self.kept = Some(command),
                Err(_) => return false,
            }
        }
        false
    }
}

/// How far the writing of a file is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Writing {
    Begun,
    Ended,
    Other,
}

struct Told {
    files: Vec<PathBuf>,
    state: Writing,
}

/// What an event tells; reading a file is none of our news.
fn told(event: notify::Result<Event>) -> Option<Told> {
    // What the system lost is found by looking.
    let Ok(event) = event else { return Some(Told { files: Vec::new(), state: Writing::Other }) };
    let state = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Writing::Ended,
        EventKind::Access(_) => return None,
        EventKind::Modify(notify::event::ModifyKind::Data(_)) => Writing::Begun,
        _ => Writing::Other,
    };
    Some(Told { files: event.paths.into_iter().map(|path| plain(&path)).collect(), state })
}

/// A path as the project's own are.
fn plain(path: &Path) -> PathBuf {
    path.components().collect()
}
