//! Two outputs as one: a backup that stands in while the primary fails.
//!
//! The primary is always sent to, for that is what tells whether it is well; the
//! backup only while it is needed, so that no target gets levels of two.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::time::{Duration, Instant};

use gobo_dmx::Slots;

use crate::report::{Backup, Fault, Report};
use crate::{Output, Place, StreamNumbers};

/// Frames with errors after which the primary is thought gone: one lost answer is no reason.
const STRIKES: u32 = 3;

/// How long the primary must be well before it has the lights back. Longer than the system takes
/// to find that a host does not answer ARP (3 s), which it forgets in between.
const WELL: Duration = Duration::from_secs(5);

/// How often the end of the stream is told to a backup that is left (E1.31-2018 6.2.6).
const FAREWELLS: u32 = 3;

/// A primary and its backup.
pub(crate) struct Failover {
    name: String,
    primary: Box<dyn Output>,
    backup: Box<dyn Output>,
    /// Set while the primary answers no polls, though it did.
    silent: Option<Arc<AtomicBool>>,
    health: Health,
    state: Backup,
    farewells: u32,
}

/// How the primary fares, by its faults.
#[derive(Default)]
struct Health {
    /// Packets refused so far.
    refused: u64,
    /// Frames with errors since it was last well.
    strikes: u32,
    struck: Option<Instant>,
}

impl Health {
    /// Takes the report of `now`; whether the primary is to be thought gone.
    fn is_bad(&mut self, now: Instant, report: &Report) -> bool {
        let fault = report.fault.filter(|fault| fault.count > self.refused);
        if let Some(fault) = fault {
            self.refused = fault.count;
            if let Some(weight) = weight(&fault) {
                self.strikes = self.strikes.saturating_add(weight);
                self.struck = Some(now);
            }
        }
        let is_well = |at| now.saturating_duration_since(at) >= WELL;
        if self.struck.is_some_and(is_well) {
            (self.strikes, self.struck) = (0, None);
        }
        self.strikes >= STRIKES
    }
}

/// How many strikes an error is: the system asks a host three times before it says that there is
/// none; a full buffer is no fault of the target.
fn weight(fault: &Fault) -> Option<u32> {
    match fault.errno() {
        rustix::io::Errno::AGAIN | rustix::io::Errno::NOBUFS => None,
        rustix::io::Errno::HOSTUNREACH => Some(STRIKES),
        _ => Some(1),
    }
}

impl Failover {
    pub(crate) fn new(
        primary: Box<dyn Output>,
        backup: Box<dyn Output>,
        silent: Option<Arc<AtomicBool>>,
    ) -> Self {
        let name = format!("{}, backup {}", primary.name(), backup.name());
        let (health, state) = (Health::default(), Backup::default());
        Self { name, primary, backup, silent, health, state, farewells: 0 }
    }

    /// Chooses who lights the stage.
    fn judge(&mut self, now: Instant) {
        let silent = self.silent.as_ref().is_some_and(|silent| silent.load(Ordering::Relaxed));
        let bad = self.health.is_bad(now, &self.primary.report()) | silent;
        match (bad, self.state.active) {
            (true, false) => {
                self.state = Backup { active: true, takeovers: self.state.takeovers + 1 };
                self.farewells = 0;
            }
            (false, true) => {
                self.state.active = false;
                self.farewells = FAREWELLS;
            }
            _ => {}
        }
    }

    /// Tells the backup that was left that its stream ends, once a frame.
    fn say_farewell(&mut self, now: Instant) {
        if self.farewells > 0 {
            self.farewells -= 1;
            self.backup.end(now);
        }
    }
}

impl Output for Failover {
    fn name(&self) -> &str {
        &self.name
    }

    fn ports(&self) -> Vec<Arc<AtomicU16>> {
        [self.primary.ports(), self.backup.ports()].concat()
    }

    fn send(&mut self, now: Instant, frame: &[Slots]) {
        self.primary.send(now, frame);
        // What went wrong with this very frame: the backup can still take it.
        self.judge(now);
        if self.state.active {
            self.backup.send(now, frame);
        } else {
            self.say_farewell(now);
        }
    }

    fn due(&self) -> Option<Instant> {
        let backup = if self.state.active { self.backup.due() } else { None };
        self.primary.due().into_iter().chain(backup).min()
    }

    fn turn(&mut self, now: Instant) {
        let outputs = [&mut self.primary, &mut self.backup].into_iter();
        for output in outputs.take(1 + usize::from(self.state.active)) {
            if output.due().is_some_and(|due| due <= now) {
                output.turn(now);
            }
        }
    }

    fn sync(&mut self, now: Instant) {
        self.primary.sync(now);
        if self.state.active {
            self.backup.sync(now);
        }
    }

    fn last_look(&mut self, now: Instant, frame: &[Slots]) {
        self.primary.last_look(now, frame);
        if self.state.active {
            self.backup.last_look(now, frame);
        }
    }

    fn end(&mut self, now: Instant) {
        self.primary.end(now);
        if self.state.active {
            self.backup.end(now);
        } else {
            self.say_farewell(now);
        }
    }

    fn place(&mut self, place: Place) {
        self.primary.place(place);
        self.backup.place(place);
    }

    fn settled(&mut self) -> bool {
        // Both are asked: their reports are brought up to date.
        let primary = self.primary.settled();
        (self.backup.settled() || !self.state.active) && primary
    }

    fn numbers(&self) -> Vec<StreamNumbers> {
        [self.primary.numbers(), self.backup.numbers()].concat()
    }

    /// Both together. Nothing fails as long as one of them sends.
    fn report(&self) -> Report {
        let (primary, backup) = (self.primary.report(), self.backup.report());
        let mut fault = Fault::joined(primary.fault, backup.fault);
        if let Some(fault) = &mut fault {
            let failing = |report: &Report| report.fault.is_some_and(|fault| fault.failing);
            fault.failing = failing(&primary) && (!self.state.active || failing(&backup));
        }
        Report {
            packets: primary.packets + backup.packets,
            bytes: primary.bytes + backup.bytes,
            fault,
            backup: Some(self.state),
            ..primary
        }
    }
}

#[cfg(test)]
mod tests;
