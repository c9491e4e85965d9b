//! What is done once nobody waits for it: the count of what an edit changed, cells around the
//! place, the canvas on the disk. A new edition ends it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use gobo_canvas::Canvas;
use gobo_live::{Changes, Edition, Stock};
use rayon::ThreadPool;

use super::Audience;
use crate::compile;
use crate::project::Project;

/// How long it must be quiet before anything is counted.
const REST: Duration = Duration::from_millis(150);
/// How long before the canvas on the disk is written.
const LONG_REST: Duration = Duration::from_secs(1);
/// How long before a canvas that could not be written is tried again.
const AGAIN: Duration = Duration::from_secs(5);
/// How many seconds each way of the place are rendered ahead.
const REACH: u32 = 8;
/// By how much its work gives way to all else (nice, 0 to 19).
const MODESTY: i32 = 15;

/// An edition that has come on.
pub(crate) struct Change {
    /// The one before it; none at the start.
    pub(crate) before: Option<Arc<Edition>>,
    pub(crate) edition: Arc<Edition>,
    /// Where the show was, in seconds.
    pub(crate) seconds: f64,
}

impl Change {
    /// The same once it is told of.
    fn told(self) -> Self {
        Self { before: None, ..self }
    }
}

/// Who is told of editions.
pub(crate) struct Idle {
    changes: Sender<Change>,
    newest: Arc<AtomicU64>,
}

/// Who works while nothing happens.
struct Worker {
    newest: Arc<AtomicU64>,
    seen: u64,
    pool: ThreadPool,
    stock: Arc<Stock>,
    project: Project,
    audience: Arc<dyn Audience>,
}

impl Idle {
    /// Begins to work on what comes.
    pub(crate) fn begin(
        project: &Project,
        stock: &Arc<Stock>,
        audience: Arc<dyn Audience>,
    ) -> Result<Self> {
        let (sender, changes) = channel();
        let newest = Arc::new(AtomicU64::new(0));
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .thread_name(|_| "gobo-idle".to_owned())
            .start_handler(|_| give_way());
        let mut worker = Worker {
            newest: Arc::clone(&newest),
            seen: 0,
            pool: pool.build().context("cannot start a thread")?,
            stock: Arc::clone(stock),
            project: project.clone(),
            audience,
        };
        let thread = thread::Builder::new().name("gobo-rest".to_owned());
        thread.spawn(move || worker.run(&changes)).context("cannot start a thread")?;
        Ok(Self { changes: sender, newest })
    }

    /// Tells of an edition that has come on.
    pub(crate) fn tell(&self, change: Change) {
        self.newest.fetch_add(1, Ordering::Relaxed);
        // Nobody listens once the command is about to end.
        let _ = self.changes.send(change);
    }

    /// Ends what is under way.
    pub(crate) fn interrupt(&self) {
        self.newest.fetch_add(1, Ordering::Relaxed);
    }
}

impl Worker {
    fn run(&mut self, changes: &Receiver<Change>) {
        let (mut waiting, mut rest) = (None::<Change>, REST);
        loop {
            let wait = if waiting.is_some() { rest } else { Duration::MAX };
            match changes.recv_timeout(wait) {
                // What an edit changes is counted from what was there before all that were quick.
                Ok(change) => {
                    let before = waiting.take().and_then(|first| first.before);
                    waiting = Some(Change { before: before.or(change.before), ..change });
                    rest = REST;
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.seen = self.newest.load(Ordering::Relaxed);
                    let done = waiting.as_ref().is_none_or(|change| self.work(change));
                    // A disk may have room again later.
                    waiting = waiting.take().filter(|_| !done).map(Change::told);
                    rest = if done { REST } else { AGAIN };
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn goes_on(&self) -> bool {
        self.newest.load(Ordering::Relaxed) == self.seen
    }

    /// Whether all was done that was to be.
    fn work(&self, change: &Change) -> bool {
        if let Some(before) = &change.before {
            let changes = Changes::of_cues(before, &change.edition);
            let changes = self.pool.install(|| changes.with_cells(before, &change.edition));
            if !self.goes_on() {
                return true;
            }
            self.audience.counted(&changes, &change.edition);
        }
        let timeline = change.edition.timeline();
        self.pool.install(|| {
            self.stock.fill_outward(timeline, change.seconds, REACH, || self.goes_on());
        });
        let rested = std::time::Instant::now();
        while rested.elapsed() < LONG_REST {
            if !self.goes_on() {
                return true;
            }
            thread::sleep(REST / 10);
        }
        self.write(&change.edition)
    }

    /// Brings the canvas on the disk up to date; false if it cannot be written.
    fn write(&self, edition: &Edition) -> bool {
        let show = edition.header().name.as_str();
        let canvas = self.project.canvas(show);
        let written = self.pool.install(|| {
            let goes_on = || self.goes_on();
            compile::refresh(&self.project, show, edition.show(), edition.timeline(), &goes_on)
        });
        match written {
            Ok(true) => {
                if let Ok(canvas) = Canvas::open(&canvas) {
                    self.stock.take_from(Arc::new(canvas));
                }
                self.audience.written(&canvas);
            }
            Ok(false) => {}
            Err(error) => {
                self.audience.unwritten(&error);
                return false;
            }
        }
        true
    }
}

/// Lets all other threads go first.
fn give_way() {
    // On Linux this is of the thread alone; elsewhere nothing is lost by doing without.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, MODESTY);
}
