//! What live control keeps, in a folder: the colour, the scenes, and the commands that were done.
//!
//! | file | what |
//! |---|---|
//! | `live.journal` | every command for the colour that was done, with the colour that it made; appended to |
//! | `state.json` | the colour (`demo.rgb.state.v1`), at most a second old |
//! | `scenes.json` | a list of `{id, name, channelValues, timestamp}` |
//! | `cmd_seen.json` | `{ULID: seconds since 1970}`, as of the journal's last compaction |
//!
//! The three JSON files are the contract's: they are taken from where another program left them,
//! and are up to date when this one has ended. Each is written beside its place and moved there.
//!
//! **What holds.** A command is answered only after it was handed to the system with its identity
//! and its colour in one line of the journal. So a process that is killed at any moment knows after
//! its restart every command that it has answered and the colour it made, and does none of them
//! twice. A command that was done but not yet answered when the process was killed is known with
//! its colour, or neither is: sent again, it is accepted as a duplicate or done. When the machine
//! itself loses power, what the system had not yet written (a second or so: the journal is brought
//! to the disk once a second) is forgotten with its colour. When the folder cannot be written to,
//! the lights still obey: commands are answered, the trouble is told, and what could not be kept
//! is not known after a restart. The lights never wait for the disk; an answer does while the journal
//! is brought to it.

mod journal;
mod keeper;
mod restore;

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use self::keeper::Keeper;
use super::{Colour, Kept, Scenes, Seen, Shelf, Then};

pub(super) const JOURNAL: &str = "live.journal";
pub(super) const STATE: &str = "state.json";
pub(super) const SCENES: &str = "scenes.json";
pub(super) const SEEN: &str = "cmd_seen.json";

/// How much may wait to be written before the engine is to wait.
const BACKLOG: usize = 4_096;

/// What was kept.
#[derive(Clone, Debug)]
pub struct Restored {
    /// The colour; dark, with `seq` 0, if none was kept.
    pub colour: Colour,
    /// The scenes.
    pub scenes: Scenes,
    /// The commands that were done.
    pub seen: Seen,
    /// What was found spoilt, in words; what was whole in it is there.
    pub spoilt: Vec<String>,
}

impl Restored {
    /// Nothing was kept.
    pub fn nothing(seen: Seen) -> Self {
        let (colour, scenes) = (Colour::default(), Scenes::default());
        Self { colour, scenes, seen, spoilt: Vec::new() }
    }
}

/// Why a folder cannot be kept in.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another process keeps in it.
    #[error("{0} is in use by another gobo")]
    InUse(PathBuf),
    /// It cannot be made, read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Something could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{file} could not be written: {source}")]
pub struct Unwritten {
    /// The file's name.
    pub file: &'static str,
    /// What the system says.
    pub source: io::Error,
}

/// Is told, on the thread that writes, what could not be written.
pub type OnTrouble = Box<dyn Fn(Unwritten) + Send>;

/// Keeps in a folder, on a thread of its own. Dropped, it writes all that is to be written.
pub struct Folder {
    jobs: Option<SyncSender<Job>>,
    waiting: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

pub(super) struct Job {
    kept: Kept,
    then: Then,
}

impl Folder {
    /// Takes up what a folder has; it is made if there is none. `seen` is empty and says how much
    /// is remembered, and how long.
    ///
    /// # Errors
    /// [`FolderError`]. Files that are spoilt are no error: see [`Restored::spoilt`].
    pub fn open(
        path: &Path,
        seen: Seen,
        on_trouble: OnTrouble,
    ) -> Result<(Restored, Self), FolderError> {
        let failed = |at: &Path| {
            let at = at.to_owned();
            move |source| FolderError::Io { path: at, source }
        };
        std::fs::create_dir_all(path).map_err(failed(path))?;
        let at = path.join(JOURNAL);
        let journal = File::options().read(true).append(true).create(true).open(&at);
        let journal = journal.map_err(failed(&at))?;
        match journal.try_lock() {
            // Where files cannot be locked, two processes are the user's care.
            Ok(()) | Err(TryLockError::Error(_)) => {}
            Err(TryLockError::WouldBlock) => return Err(FolderError::InUse(path.to_owned())),
        }
        let (restored, lines) = restore::restore(path, &journal, seen).map_err(failed(&at))?;
        let (jobs, todo) = sync_channel(BACKLOG);
        let waiting = Arc::new(AtomicUsize::new(0));
        let keeper = Keeper::new(
            path.to_owned(),
            journal,
            lines,
            &restored,
            Arc::clone(&waiting),
            on_trouble,
        );
        let thread = std::thread::Builder::new()
            .name("gobo-keep".to_owned())
            .spawn(move || keeper.run(&todo))
            .map_err(failed(path))?;
        Ok((restored, Self { jobs: Some(jobs), waiting, thread: Some(thread) }))
    }
}

impl Shelf for Folder {
    fn keep(&mut self, kept: Kept, then: Then) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let unsent = match &self.jobs {
            Some(jobs) => jobs.try_send(Job { kept, then }).err(),
            None => return then(),
        };
        if let Some(unsent) = unsent {
            // Only if the engine was not asked whether it is ready, or the thread is gone: the
            // lights have obeyed, so it is answered.
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            let (std::sync::mpsc::TrySendError::Full(job)
            | std::sync::mpsc::TrySendError::Disconnected(job)) = unsent;
            (job.then)();
        }
    }

    fn has_room(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) < BACKLOG
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The thread ends when it has done all that was sent.
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A thread that has panicked has nothing left to write.
            let _ = thread.join();
        }
    }
}
