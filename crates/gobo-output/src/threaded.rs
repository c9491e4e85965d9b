//! An output whose target can block: a serial line, a TCP connection. It has a thread of its
//! own, which is handed frames newest-wins; the real-time thread copies the universes that the
//! target gets, and goes on.
//!
//! A target that fails rests, for a second at most, and is tried again for as long as the show
//! plays. At the end the thread sees to it that the last look arrives; see [`PATIENCE`].

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use gobo_dmx::{SLOTS, Slots};
use rustix::io::Errno;
use triple_buffer::{Input, Output as Reading, triple_buffer};

use crate::output::Output;
use crate::pacing::{Cap, Freshness, Repeats};
use crate::report::{Ledger, Report};
use crate::words::Words;

/// How long the last look is tried for once the show is over.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// A target that may block, for as long as it is patient itself: every call ends within about
/// a second.
pub(crate) trait Target: Send + 'static {
    /// Brings a frame to the target, connecting first where that is needed; gives what became
    /// of it. After an error the next call connects anew.
    fn write(&mut self, universes: &[Slots]) -> io::Result<Written>;
}

/// What became of a frame that was brought to a target.
pub(crate) struct Written {
    /// How many bytes went.
    pub(crate) bytes: usize,
    /// What the target would not have of it.
    pub(crate) refused: Option<Refused>,
}

/// Universes that a target would not have, though it was there.
pub(crate) struct Refused {
    pub(crate) universes: usize,
    /// Why, for people.
    pub(crate) reason: String,
}

impl Written {
    /// The target took all, in so many bytes.
    pub(crate) fn whole(bytes: usize) -> Self {
        Self { bytes, refused: None }
    }
}

/// A target that takes everything and does nothing.
pub(crate) struct DryTarget;

impl Target for DryTarget {
    fn write(&mut self, universes: &[Slots]) -> io::Result<Written> {
        Ok(Written::whole(universes.len() * SLOTS))
    }
}

/// Frames on their way to the thread.
#[derive(Clone)]
struct Hand {
    /// Room for every universe of the route.
    universes: Box<[Slots]>,
    /// How many of them the frame had.
    count: usize,
    /// Rises by one with each.
    serial: u64,
}

/// What the thread says of itself.
#[derive(Clone, Default)]
struct Word {
    report: Report,
    /// The last look has arrived, or will not.
    ended: bool,
}

/// What the thread is told besides.
#[derive(Default)]
struct End {
    /// The show is over: the last look is seen to, for as long as [`PATIENCE`]. Frames may come
    /// all the same, where this is a backup that is left for a while.
    over: AtomicBool,
    /// Nobody will hand over any more.
    gone: AtomicBool,
}

/// The real-time side.
pub(crate) struct Threaded {
    name: String,
    /// The places in the frame of the universes that the target gets.
    indices: Box<[usize]>,
    cap: Option<Cap>,
    repeats: Repeats,
    freshness: Freshness,
    /// The levels of the last frame that was handed over.
    last: Box<[Slots]>,
    held_back: u64,
    serial: u64,
    hands: Input<Hand>,
    words: Reading<Word>,
    end: Arc<End>,
    thread: JoinHandle<()>,
}

impl Threaded {
    /// Starts a thread named `gobo-<short>` that feeds `target`.
    pub(crate) fn start(
        name: String,
        short: &str,
        indices: Box<[usize]>,
        (cap, repeats): (Option<Cap>, Repeats),
        target: Box<dyn Target>,
    ) -> io::Result<Self> {
        let universes = vec![[0; SLOTS]; indices.len()].into_boxed_slice();
        let (hands, taken) = triple_buffer(&Hand { universes, count: 0, serial: 0 });
        let (said, words) = triple_buffer(&Word::default());
        let end = Arc::new(End::default());
        let feeding = Feeding {
            hands: taken,
            words: said,
            end: Arc::clone(&end),
            target,
            ledger: Ledger::default(),
        };
        let thread =
            thread::Builder::new().name(format!("gobo-{short}")).spawn(|| feeding.run())?;
        let last = vec![[0; SLOTS]; indices.len()].into_boxed_slice();
        let freshness = Freshness::default();
        let (held_back, serial) = (0, 0);
        Ok(Self {
            name,
            indices,
            cap,
            repeats,
            freshness,
            last,
            held_back,
            serial,
            hands,
            words,
            end,
            thread,
        })
    }

    /// Remembers the levels of a frame; whether any of them is new.
    fn is_new(&mut self, frame: &[Slots]) -> bool {
        let mut new = false;
        for (last, &index) in self.last.iter_mut().zip(&self.indices) {
            let Some(slots) = frame.get(index) else { break };
            if last != slots {
                (*last, new) = (*slots, true);
            }
        }
        new
    }

    fn hand_over(&mut self, frame: &[Slots]) {
        self.end.over.store(false, Ordering::Relaxed);
        self.serial += 1;
        let hand = self.hands.input_buffer_mut();
        hand.serial = self.serial;
        hand.count = 0;
        for (room, &index) in hand.universes.iter_mut().zip(&self.indices) {
            // Indices rise: after the first that the frame is too short for, all are.
            let Some(slots) = frame.get(index) else { break };
            *room = *slots;
            hand.count += 1;
        }
        self.hands.publish();
        self.thread.thread().unpark();
    }
}

impl Output for Threaded {
    fn name(&self) -> &str {
        &self.name
    }

    fn send(&mut self, now: Instant, frame: &[Slots]) {
        if self.cap.as_mut().is_some_and(|cap| !cap.passes(now)) {
            self.held_back += 1;
            return;
        }
        let new = self.is_new(frame);
        if self.freshness.due(now, new, self.repeats) {
            self.hand_over(frame);
        }
    }

    fn sync(&mut self, _: Instant) {
        self.words.update();
    }

    fn last_look(&mut self, _: Instant, frame: &[Slots]) {
        self.hand_over(frame);
    }

    fn end(&mut self, _: Instant) {
        self.end.over.store(true, Ordering::Release);
        self.thread.thread().unpark();
    }

    fn report(&self) -> Report {
        let mut report = self.words.output_buffer().report;
        report.held_back += self.held_back;
        report
    }

    fn settled(&mut self) -> bool {
        self.words.update();
        self.words.output_buffer().ended || self.thread.is_finished()
    }
}

impl Drop for Threaded {
    /// The thread ends by itself, without anybody waiting for it.
    fn drop(&mut self) {
        self.end.over.store(true, Ordering::Release);
        self.end.gone.store(true, Ordering::Release);
        self.thread.thread().unpark();
    }
}

/// The side of the thread.
struct Feeding {
    hands: Reading<Hand>,
    words: Input<Word>,
    end: Arc<End>,
    target: Box<dyn Target>,
    ledger: Ledger,
}

impl Feeding {
    fn run(mut self) {
        let (mut owed, mut last_serial, mut deadline) = (false, 0, None);
        loop {
            // In this order: whoever sees that it is over sees the last look, too.
            let gone = self.end.gone.load(Ordering::Acquire);
            let over = self.end.over.load(Ordering::Acquire);
            if self.hands.update() {
                let serial = self.hands.output_buffer().serial;
                // While the target fails its fault tells of it.
                if !self.ledger.report.fault.is_some_and(|fault| fault.failing) {
                    let between = serial - last_serial - 1;
                    self.ledger.report.held_back += between + u64::from(owed);
                }
                (owed, last_serial) = (true, serial);
            }
            let now = Instant::now();
            if owed && (self.ledger.begin(now) || over) {
                owed = !self.bring(now);
            }
            deadline = if over { deadline.or(Some(now + PATIENCE)) } else { None };
            let given_up = deadline.is_some_and(|deadline| Instant::now() >= deadline);
            let ended = over && (!owed || given_up);
            self.words.write(Word { report: self.ledger.report, ended });
            match (ended, owed) {
                (true, _) if gone => return,
                (true, _) | (_, false) => thread::park(),
                (false, true) if over => thread::sleep(Ledger::SHORTEST_REST),
                (false, true) => thread::park_timeout(self.ledger.rest_left(Instant::now())),
            }
        }
    }

    /// Tries to bring the newest frame; says whether it went.
    fn bring(&mut self, now: Instant) -> bool {
        let hand = self.hands.output_buffer_mut();
        let universes = &hand.universes[..hand.count];
        self.ledger.begin(now);
        let written = self.target.write(universes);
        match &written {
            Ok(Written { bytes, refused: None }) => {
                self.ledger.took_all(universes.len(), *bytes);
                self.ledger.reached();
            }
            Ok(Written { bytes, refused: Some(refused) }) => {
                self.ledger.took_all(universes.len().saturating_sub(refused.universes), *bytes);
                let words = Words::new(&refused.reason);
                self.ledger.refused_in_words(words, Errno::PROTO, refused.universes);
            }
            Err(error) => match words(error) {
                Some(words) => self.ledger.refused_in_words(words, errno(error), 1),
                None => self.ledger.refused(None, errno(error), 1),
            },
        }
        self.ledger.end(Instant::now());
        written.is_ok()
    }
}

/// What an error says that its number does not.
fn words(error: &io::Error) -> Option<Words> {
    let told = matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::Other);
    error.get_ref().filter(|_| told).map(|reason| Words::new(&reason.to_string()))
}

/// The number of an error, by which reports know it.
pub(crate) fn errno(error: &io::Error) -> Errno {
    match (error.kind(), error.raw_os_error()) {
        // A timeout of a socket is told as EAGAIN.
        (io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock, _) => Errno::TIMEDOUT,
        (_, Some(number)) => Errno::from_raw_os_error(number),
        (io::ErrorKind::NotFound, _) => Errno::NODEV,
        (io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe, _) => Errno::PIPE,
        (io::ErrorKind::ConnectionRefused, _) => Errno::CONNREFUSED,
        (io::ErrorKind::InvalidData, _) => Errno::PROTO,
        _ => Errno::IO,
    }
}

#[cfg(test)]
mod tests;
