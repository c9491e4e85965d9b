//! The thread that writes.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use gobo_canvas::NewFile;
use serde_json::Value;

use super::journal::Entry;
use super::{JOURNAL, Job, OnTrouble, Restored, SCENES, SEEN, STATE, Unwritten};
use crate::live::{Colour, Kept, Scenes, Seen, Then};

/// How many jobs are written at once, at most.
const BATCH: usize = 256;
/// How often the journal is brought to the disk, and the colour to its file.
const BEAT: Duration = Duration::from_secs(1);
/// How many lines the journal has, at least, before it is compacted.
const LINES: usize = 16_384;

pub(super) struct Keeper {
    folder: PathBuf,
    journal: File,
    lines: usize,
    /// What the journal and `cmd_seen.json` together tell of.
    seen: Seen,
    colour: Colour,
    /// Whether the journal has lines that the disk may not have.
    unsynced: bool,
    synced: Instant,
    waiting: Arc<AtomicUsize>,
    on_trouble: OnTrouble,
}

impl Keeper {
    pub(super) fn new(
        folder: PathBuf,
        journal: File,
        lines: usize,
        restored: &Restored,
        waiting: Arc<AtomicUsize>,
        on_trouble: OnTrouble,
    ) -> Self {
        let (seen, colour) = (restored.seen.clone(), restored.colour.clone());
        let synced = Instant::now();
        Self { folder, journal, lines, seen, colour, unsynced: false, synced, waiting, on_trouble }
    }

    /// Writes until nobody sends any more, then leaves all files up to date.
    pub(super) fn run(mut self, jobs: &Receiver<Job>) {
        loop {
            match jobs.recv_timeout(BEAT) {
                Ok(job) => self.write(std::iter::once(job).chain(jobs.try_iter().take(BATCH - 1))),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.unsynced && self.synced.elapsed() >= BEAT {
                self.sync();
            }
            if self.lines >= LINES {
                self.compact();
            }
        }
        if self.lines > 0 {
            self.compact();
        }
    }

    fn write(&mut self, jobs: impl Iterator<Item = Job>) {
        let mut text = String::new();
        let mut scenes: Option<Scenes> = None;
        let mut then: Vec<Then> = Vec::new();
        for job in jobs {
            then.push(job.then);
            match job.kept {
                Kept::Scenes(newest) => scenes = Some(newest),
                Kept::Seen { id, at_ms, colour } => {
                    text.push_str(&Entry { id, at_ms, colour: colour.clone() }.line());
                    self.lines += 1;
                    self.seen.see(id, at_ms);
                    self.colour = colour.unwrap_or_else(|| self.colour.clone());
                }
            }
        }
        if !text.is_empty() {
            let written = self.journal.write_all(text.as_bytes());
            self.tell(JOURNAL, written);
            self.unsynced = true;
        }
        if let Some(scenes) = scenes {
            self.replace(SCENES, &scenes.to_json());
        }
        self.waiting.fetch_sub(then.len(), Ordering::Relaxed);
        for then in then {
            then();
        }
    }

    /// Says whether the colour is in its file.
    fn sync(&mut self) -> bool {
        let synced = self.journal.sync_data();
        self.tell(JOURNAL, synced);
        (self.unsynced, self.synced) = (false, Instant::now());
        self.replace(STATE, &self.colour.to_json())
    }

    /// Brings what the journal tells into the other files, and begins it anew. If that fails half
    /// way, the journal stays: what it tells twice is the same.
    fn compact(&mut self) {
        let kept = self.sync();
        if self.replace(SEEN, &self.seen.to_json()) && kept {
            let begun = self.journal.set_len(0);
            self.tell(JOURNAL, begun);
        }
        // Even if it failed: to be tried again after as many lines, not after every one.
        self.lines = 0;
    }

    /// Puts a file in its place, whole or not at all, and says whether it is there.
    fn replace(&self, file: &'static str, json: &Value) -> bool {
        let write = || {
            let mut new = NewFile::create(&self.folder.join(file))?;
            writeln!(new, "{json}")?;
            new.finish()
        };
        self.tell(file, write())
    }

    fn tell(&self, file: &'static str, result: io::Result<()>) -> bool {
        let written = result.is_ok();
        if let Err(source) = result {
            (self.on_trouble)(Unwritten { file, source });
        }
        written
    }
}
