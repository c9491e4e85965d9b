use std::time::{Duration, Instant};

use super::voice::Voice;

/// Frames that the null device takes at a time, and holds before they are "heard".
const PERIOD_FRAMES: u32 = 512;
/// A device that was stopped for longer starts anew, as a real one does after an underrun.
const STALL: Duration = Duration::from_millis(500);

/// A device that no one hears: it takes a period of sound each time its length has passed.
pub(crate) struct NullDevice {
    voice: Voice,
    sample_rate: u32,
    buffer: Vec<f32>,
    epoch: Instant,
    periods: u64,
}

impl NullDevice {
    pub(crate) fn new(voice: Voice, sample_rate: u32, channels: u16, now: Instant) -> Self {
        let buffer = vec![0.0; PERIOD_FRAMES as usize * usize::from(channels)];
        Self { voice, sample_rate, buffer, epoch: now, periods: 0 }
    }

    /// Takes the periods due until `now`; returns how long the next one is away.
    pub(crate) fn advance(&mut self, now: Instant) -> Duration {
        if now.saturating_duration_since(self.due()) > STALL {
            (self.epoch, self.periods) = (now, 0);
        }
        while self.due() <= now {
            // The period before is sounding: this one follows it.
            let heard_at = self.due() + self.after(1);
            self.voice.fill(&mut self.buffer, heard_at);
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
