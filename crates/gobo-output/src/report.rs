//! What became of the packets for one target: plain counters, copied out of the
//! real-time thread without a lock. It decides how long a failing target rests.

use std::io;
use std::time::{Duration, Instant};

use gobo_dmx::Universe;
use rustix::io::Errno;

use crate::words::Words;

/// How one target fares since it was opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// Packets that the system took.
    pub packets: u64,
    /// Their bytes, without UDP and IP headers.
    pub bytes: u64,
    /// Frames not sent because the target's rate cap was reached, or because the target was
    /// still at an earlier one.
    pub held_back: u64,
    /// What went wrong, if anything did.
    pub fault: Option<Fault>,
    /// Who gets the packets, where nodes are found by polling.
    pub subscribers: Option<Subscribers>,
    /// How its backup stands in, where it has one.
    pub backup: Option<Backup>,
}

/// The nodes found by polling, and what they leave out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Subscribers {
    /// Nodes that get packets now.
    pub nodes: u32,
    /// Universes that go nowhere, because no node subscribes to them.
    pub unclaimed: u32,
    /// The first of them.
    pub first_unclaimed: Option<Universe>,
}

/// A backup target, and how often it had to stand in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Backup {
    /// Whether it stands in now.
    pub active: bool,
    /// How often it began to.
    pub takeovers: u32,
}

/// What went wrong with one target.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The universe whose packet failed last; `None` for sync and discovery.
    pub universe: Option<Universe>,
    /// Packets refused so far. A target that refuses all rests, for a second at
    /// most; what is not even tried meanwhile is not counted.
    pub count: u64,
    /// Whether it still fails; false once the target took all for half a second.
    pub failing: bool,
    code: i32,
    words: Option<Words>,
}

impl Fault {
    /// The last error, as the system or the target named it.
    pub fn error(&self) -> io::Error {
        let error = io::Error::from_raw_os_error(self.code);
        match &self.words {
            Some(words) => io::Error::new(error.kind(), words.as_str()),
            None => error,
        }
    }

    /// The last error by its number.
    pub(crate) fn errno(&self) -> Errno {
        Errno::from_raw_os_error(self.code)
    }

    /// Two targets' faults as one: that of the one that fails, with the packets of both.
    pub(crate) fn joined(first: Option<Self>, second: Option<Self>) -> Option<Self> {
        let (Some(first), Some(second)) = (first, second) else { return first.or(second) };
        let told = if first.failing && !second.failing { first } else { second };
        Some(Self { count: first.count + second.count, ..told })
    }
}

/// The first rest after a failure; each further one doubles it.
const SHORTEST_REST: Duration = Duration::from_millis(50);

/// The longest rest: well inside the 2.5 s after which receivers give a source
/// up (E1.31-2018 6.7.1), so that a link that comes back loses no universe.
const LONGEST_REST: Duration = Duration::from_secs(1);

/// How long a target must take all to count as well again: what refuses every other packet (a
/// port without a listener does) fails all the time.
const CALM: Duration = Duration::from_millis(500);

/// The same after what the network says of a host, which comes seldom: who refuses does so once a
/// second, and a host that is not there is looked for anew for three.
const CALM_OF_HOSTS: Duration = Duration::from_secs(4);

/// The report of one target while it is written, with its rest after failures.
#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) report: Report,
    rest: Option<Rest>,
    /// When packets were refused last.
    failed: Option<Instant>,
    taken: u32,
    refused: u32,
}

struct Rest {
    until: Instant,
    length: Duration,
}

impl Ledger {
    /// How long a target that failed rests at least.
    pub(crate) const SHORTEST_REST: Duration = SHORTEST_REST;

    /// How long the target still rests.
    pub(crate) fn rest_left(&self, now: Instant) -> Duration {
        self.rest.as_ref().map_or(Duration::ZERO, |rest| rest.until.saturating_duration_since(now))
    }

    /// Begins a pass; false while the target rests after a failure.
    pub(crate) fn begin(&mut self, now: Instant) -> bool {
        (self.taken, self.refused) = (0, 0);
        self.rest.as_ref().is_none_or(|rest| now >= rest.until)
    }

    /// Counts a packet that the system took.
    pub(crate) fn took(&mut self, bytes: usize) {
        self.took_all(1, bytes);
    }

    /// Counts so many packets that the system took, of so many bytes together.
    pub(crate) fn took_all(&mut self, packets: usize, bytes: usize) {
        self.taken += packets as u32;
        self.report.packets += packets as u64;
        self.report.bytes += bytes as u64;
    }

    /// Counts `packets` lost to `error`, the first of them for `universe`.
    pub(crate) fn refused(&mut self, universe: Option<Universe>, error: Errno, packets: usize) {
        self.refused += 1;
        let count = self.report.fault.map_or(0, |fault| fault.count) + packets as u64;
        let code = error.raw_os_error();
        self.report.fault = Some(Fault { universe, count, failing: true, code, words: None });
    }

    /// Counts `packets` that the target refused in words of its own.
    pub(crate) fn refused_in_words(&mut self, words: Words, error: Errno, packets: usize) {
        self.refused(None, error, packets);
        if let Some(fault) = &mut self.report.fault {
            fault.words = Some(words);
        }
    }

    /// Whether the pass met nothing but errors, often enough to stop trying.
    pub(crate) fn hopeless(&self) -> bool {
        self.taken == 0 && self.refused >= 4
    }

    /// What the target took has reached it for certain: whatever failed before, it is well now.
    pub(crate) fn reached(&mut self) {
        (self.rest, self.failed) = (None, None);
        if let Some(fault) = &mut self.report.fault {
            fault.failing = false;
        }
    }

    /// Ends a pass: a target that took nothing rests, one that took all is well.
    pub(crate) fn end(&mut self, now: Instant) {
        if self.refused == 0 {
            if self.taken > 0 {
                self.rest = None;
                let Some(fault) = &mut self.report.fault else { return };
                let calm = match fault.errno() {
                    Errno::HOSTUNREACH | Errno::CONNREFUSED => CALM_OF_HOSTS,
                    _ => CALM,
                };
                let is_calm = |failed| now.saturating_duration_since(failed) >= calm;
                fault.failing &= !self.failed.is_none_or(is_calm);
            }
            return;
        }
        self.failed = Some(now);
        if self.taken == 0 {
            let length = self.rest.as_ref().map_or(SHORTEST_REST, |rest| rest.length * 2);
            let length = length.min(LONGEST_REST);
            self.rest = Some(Rest { until: now + length, length });
        }
    }
}
