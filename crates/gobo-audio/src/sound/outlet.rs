use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use rtrb::{Consumer, Producer, RingBuffer};

use super::voice::Voice;

/// Where a device takes its sound: silence until a voice is handed in.
pub(crate) struct Outlet {
    handed: Consumer<Voice>,
    voice: Option<Voice>,
    pulse: Arc<Pulse>,
}

/// The other side of an outlet: what speaks there, and how the device fares.
pub(crate) struct Intake {
    voices: Producer<Voice>,
    pulse: Arc<Pulse>,
}

/// The sign of life of a device.
#[derive(Default)]
pub(crate) struct Pulse {
    taken: AtomicU64,
    lost: AtomicBool,
}

impl Pulse {
    /// Notes that the device is gone or refuses to go on.
    pub(crate) fn lose(&self) {
        self.lost.store(true, Ordering::Relaxed);
    }
}

impl Outlet {
    pub(crate) fn new() -> (Self, Intake) {
        let (voices, handed) = RingBuffer::new(1);
        let pulse = Arc::new(Pulse::default());
        let intake = Intake { voices, pulse: Arc::clone(&pulse) };
        (Self { handed, voice: None, pulse }, intake)
    }

    /// Fills `out`, whose first frame is heard at `at`; waits for nothing and allocates nothing.
    pub(crate) fn fill(&mut self, out: &mut [f32], at: Instant) {
        self.pulse.taken.fetch_add(1, Ordering::Relaxed);
        if self.voice.is_none() {
            self.voice = self.handed.pop().ok();
        }
        match &mut self.voice {
            Some(voice) => voice.fill(out, at),
            None => out.fill(0.0),
        }
    }
}

impl Intake {
    /// Hands in the voice that speaks from the next block on; only one ever does.
    pub(crate) fn hand_in(&mut self, voice: Voice) {
        // There is a place for the one.
        let _ = self.voices.push(voice);
    }

    /// How often the device took a block so far.
    pub(crate) fn taken(&self) -> u64 {
        self.pulse.taken.load(Ordering::Relaxed)
    }

    /// Whether the device is gone.
    pub(crate) fn is_lost(&self) -> bool {
        self.pulse.lost.load(Ordering::Relaxed)
    }

    /// For whoever is told that the device is gone.
    pub(crate) fn pulse(&self) -> Arc<Pulse> {
        Arc::clone(&self.pulse)
    }
}
