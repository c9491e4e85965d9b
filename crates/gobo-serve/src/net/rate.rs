//! How much a client may say.

use std::time::Duration;

use tokio::time::Instant;

/// How many messages a client may say now: so many a second, and those of two seconds at once.
pub(super) struct Rate {
    left: f64,
    at: Instant,
    per_second: f64,
}

impl Rate {
    pub(super) fn new(per_second: u32) -> Self {
        let per_second = f64::from(per_second.max(1));
        Self { left: per_second * 2.0, at: Instant::now(), per_second }
    }

    /// When the next message is listened to.
    pub(super) fn ready_at(&mut self, now: Instant) -> Instant {
        let elapsed = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + elapsed * self.per_second).min(self.per_second * 2.0);
        self.at = now;
        match self.left {
            left if left >= 1.0 => now,
            left => now + Duration::from_secs_f64((1.0 - left) / self.per_second),
        }
    }

    /// Counts a message.
    pub(super) fn take_one(&mut self) {
        self.left -= 1.0;
    }

    /// Counts what costs as much as the messages of so many seconds.
    pub(super) fn take_seconds(&mut self, seconds: f64) {
        self.left -= self.per_second * seconds;
    }
}
