//! Every frame as it is sent, in order, to something that writes it down in a thread of its own:
//! a recording, or lines for a script.
//!
//! Other than targets, which want the newest frame, a log wants all of them: they go through a
//! ring with room for seconds. Frames for which there is no room, because the disk or the reader
//! is too slow for too long, are counted.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant};

use gobo_dmx::{SLOTS, Slots};
use rtrb::{Consumer, Producer, RingBuffer};
use rustix::io::Errno;

use crate::output::{Output, Place};
use crate::report::{Ledger, Report};
use crate::threaded::errno;

/// What a log is told of a frame.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Logged<'a> {
    /// When it was sent.
    pub at: Instant,
    /// Where in the show it is.
    pub place: Place,
    /// Whether it is the last look, which ends the show.
    pub last_look: bool,
    /// Its universes.
    pub universes: &'a [Slots],
}

/// Something that writes frames down, and may block.
pub trait FrameLog: Send + 'static {
    /// Takes a frame.
    ///
    /// # Errors
    /// It can take no more; no further one is given to it.
    fn put(&mut self, frame: &Logged<'_>) -> io::Result<()>;
}

/// Room for the frames of four seconds, where that is not too much memory.
const FRAMES: usize = 240;
const BYTES: usize = 64 << 20;
/// And for some, however large they are.
const FEWEST: usize = 16;

/// How often the thread looks whether it is over, if nothing wakes it.
const LOOK: Duration = Duration::from_millis(100);

/// A frame on its way.
struct Entry {
    at: Instant,
    place: Place,
    last_look: bool,
    count: usize,
    universes: Box<[Slots]>,
}

/// What both sides see.
#[derive(Default)]
struct Shared {
    over: AtomicBool,
    /// The error that stopped the log; 0 while there is none.
    failed: AtomicI32,
}

/// The thread of a log. To be asked for its result when the show is over.
pub struct Recording<L> {
    thread: JoinHandle<(L, io::Result<()>)>,
    shared: Arc<Shared>,
}

impl<L> Recording<L> {
    /// Whether the log stopped because of an error.
    pub fn has_failed(&self) -> bool {
        self.shared.failed.load(Ordering::Relaxed) != 0
    }

    /// Waits until all frames are written down; gives the log back, and why it stopped before
    /// the end, if it did. `None` if it panicked.
    pub fn finish(self) -> Option<(L, io::Result<()>)> {
        self.shared.over.store(true, Ordering::Release);
        self.thread.thread().unpark();
        self.thread.join().ok()
    }
}

/// An output that gives every frame of `universes` universes to `log`, in a thread named
/// `gobo-<short>`; called `name` in reports.
///
/// # Errors
/// The system gives no thread.
pub fn record<L: FrameLog>(
    name: &str,
    short: &str,
    universes: usize,
    log: L,
) -> io::Result<(Box<dyn Output>, Recording<L>)> {
    let frames = (BYTES / (universes.max(1) * SLOTS)).clamp(FEWEST, FRAMES);
    let (full, waiting) = RingBuffer::new(frames);
    let (mut returned, empty) = RingBuffer::new(frames);
    for _ in 0..frames {
        let universes = vec![[0; SLOTS]; universes].into_boxed_slice();
        let (at, place) = (Instant::now(), Place::default());
        let entry = Entry { at, place, last_look: false, count: 0, universes };
        // There is room for all of them.
        let _ = returned.push(Box::new(entry));
    }
    let shared = Arc::new(Shared::default());
    let writing = Writing { waiting, returned, shared: Arc::clone(&shared), log };
    let thread = thread::Builder::new().name(format!("gobo-{short}")).spawn(|| writing.run())?;
    let tape = Tape {
        name: name.to_owned(),
        place: Place::default(),
        full,
        empty,
        ledger: Ledger::default(),
        ended: false,
        shared: Arc::clone(&shared),
        thread: thread.thread().clone(),
    };
    Ok((Box::new(tape), Recording { thread, shared }))
}

/// The real-time side.
struct Tape {
    name: String,
    place: Place,
    full: Producer<Box<Entry>>,
    empty: Consumer<Box<Entry>>,
    ledger: Ledger,
    /// Whether the last look went; it is written down once.
    ended: bool,
    shared: Arc<Shared>,
    thread: Thread,
}

impl Tape {
    fn put(&mut self, now: Instant, frame: &[Slots], last_look: bool) {
        self.ledger.begin(now);
        match self.shared.failed.load(Ordering::Relaxed) {
            0 => {}
            code => return self.ledger.refused(None, Errno::from_raw_os_error(code), 1),
        }
        let Ok(mut entry) = self.empty.pop() else {
            return self.ledger.refused(None, Errno::NOBUFS, 1);
        };
        (entry.at, entry.place, entry.last_look) = (now, self.place, last_look);
        entry.count = frame.len().min(entry.universes.len());
        let count = entry.count;
        entry.universes[..count].copy_from_slice(&frame[..count]);
        // There is as much room as there are entries.
        let _ = self.full.push(entry);
        self.ledger.took(count * SLOTS);
        self.ledger.reached();
        self.thread.unpark();
    }
}

impl Output for Tape {
    fn name(&self) -> &str {
        &self.name
    }

    fn send(&mut self, now: Instant, frame: &[Slots]) {
        self.put(now, frame, false);
    }

    fn sync(&mut self, now: Instant) {
        self.ledger.end(now);
    }

    fn last_look(&mut self, now: Instant, frame: &[Slots]) {
        if !std::mem::replace(&mut self.ended, true) {
            self.put(now, frame, true);
        }
    }

    fn end(&mut self, _: Instant) {
        self.shared.over.store(true, Ordering::Release);
        self.thread.unpark();
    }

    fn report(&self) -> Report {
        self.ledger.report
    }

    fn place(&mut self, place: Place) {
        self.place = place;
    }

    fn settled(&mut self) -> bool {
        self.empty.slots() == self.empty.buffer().capacity()
            || self.shared.failed.load(Ordering::Relaxed) != 0
    }
}

impl Drop for Tape {
    fn drop(&mut self) {
        self.end(Instant::now());
    }
}

/// The side of the thread.
struct Writing<L> {
    waiting: Consumer<Box<Entry>>,
    returned: Producer<Box<Entry>>,
    shared: Arc<Shared>,
    log: L,
}

impl<L: FrameLog> Writing<L> {
    fn run(mut self) -> (L, io::Result<()>) {
        loop {
            // In this order: whoever sees that it is over sees every frame, too.
            let over = self.shared.over.load(Ordering::Acquire);
            while let Ok(entry) = self.waiting.pop() {
                let universes = &entry.universes[..entry.count];
                let (at, place, last_look) = (entry.at, entry.place, entry.last_look);
                let put = self.log.put(&Logged { at, place, last_look, universes });
                if let Err(error) = put {
                    let code = errno(&error).raw_os_error();
                    self.shared.failed.store(code, Ordering::Relaxed);
                    return (self.log, Err(error));
                }
                let _ = self.returned.push(entry);
            }
            if over {
                return (self.log, Ok(()));
            }
            thread::park_timeout(LOOK);
        }
    }
}

#[cfg(test)]
mod tests;
