use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::keeper::{Backend, Opened};
use super::outlet::Outlet;
use crate::AudioError;

/// Frames that the null device takes at a time, and holds before they are "heard".
const PERIOD_FRAMES: u32 = 512;
/// A device that was stopped for longer starts anew, as a real one does after an underrun.
const STALL: Duration = Duration::from_millis(500);

/// A device that no one hears: it takes a period of sound each time its length has passed.
pub(crate) struct NullDevice {
    outlet: Outlet,
    sample_rate: u32,
    buffer: Vec<f32>,
    epoch: Instant,
    periods: u64,
}

impl NullDevice {
    pub(crate) fn new(outlet: Outlet, sample_rate: u32, channels: u16, now: Instant) -> Self {
        let buffer = vec![0.0; PERIOD_FRAMES as usize * usize::from(channels)];
        Self { outlet, sample_rate, buffer, epoch: now, periods: 0 }
    }

    /// Takes the periods due until `now`; returns how long the next one is away.
    pub(crate) fn advance(&mut self, now: Instant) -> Duration {
        if now.saturating_duration_since(self.due()) > STALL {
            (self.epoch, self.periods) = (now, 0);
        }
        while self.due() <= now {
            // The period before is sounding: this one follows it.
            let heard_at = self.due() + self.after(1);
            self.outlet.fill(&mut self.buffer, heard_at);
            self.periods += 1;
        }
        self.due().saturating_duration_since(now)
    }

    fn due(&self) -> Instant {
        self.epoch + self.after(self.periods)
    }

    fn after(&self, periods: u64) -> Duration {
        let frames = u128::from(periods) * u128::from(PERIOD_FRAMES);
        let nanos = frames * 1_000_000_000 / u128::from(self.sample_rate);
        Duration::from_nanos(nanos as u64)
    }
}

/// Opens null devices, each turned by a thread of its own.
pub(super) struct NullBackend;

impl Backend for NullBackend {
    fn open(&mut self, song_rate: u32, song_channels: u16) -> Result<Opened, AudioError> {
        let (outlet, intake) = Outlet::new();
        let mut null = NullDevice::new(outlet, song_rate, song_channels, Instant::now());
        let turn = move || thread::sleep(null.advance(Instant::now()));
        let stream = Box::new(Turning::start("gobo-null-sound", turn)?);
        Ok(Opened { sample_rate: song_rate, channels: song_channels, intake, stream })
    }
}

/// A thread that does something over and over until it is dropped.
pub(super) struct Turning {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Turning {
    pub(super) fn start(
        name: &str,
        mut turn: impl FnMut() + Send + 'static,
    ) -> Result<Self, AudioError> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let body = move || {
            while !stopped.load(Ordering::Relaxed) {
                turn();
            }
        };
        let thread = thread::Builder::new().name(name.to_owned()).spawn(body);
        Ok(Self { stop, thread: Some(thread.map_err(AudioError::Thread)?) })
    }
}

impl Drop for Turning {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing left to end.
            let _ = thread.join();
        }
    }
}
