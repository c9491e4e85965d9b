//! Sleeping until a moment, not for a while: what is lost to one wake is not lost to the next.

#[cfg(target_os = "linux")]
use std::num::NonZeroU64;
use std::time::{Duration, Instant};

/// Waits for moments of the system's monotonic clock.
pub(crate) struct Timer {
    /// How long before a moment it stops to sleep and looks at the clock over and over.
    spin: Duration,
    #[cfg(target_os = "linux")]
    origin: (Instant, rustix::time::Timespec),
}

impl Timer {
    /// Returns at `deadline`, or a little later.
    pub(crate) fn wait_until(&self, deadline: Instant) {
        self.sleep_until(deadline.checked_sub(self.spin).unwrap_or(deadline));
        if !self.spin.is_zero() {
            while Instant::now() < deadline {
                std::hint::spin_loop();
            }
        }
    }
}

#[cfg(target_os = "linux")]
impl Timer {
    pub(crate) fn new(spin: Duration) -> Self {
        // Instant is the same clock, but does not give its number.
        let origin =
            (Instant::now(), rustix::time::clock_gettime(rustix::time::ClockId::Monotonic));
        // Without real-time priority the system wakes this thread up to 50 us late on purpose.
        let _ = rustix::thread::set_current_timer_slack(NonZeroU64::new(1));
        Self { spin, origin }
    }

    fn sleep_until(&self, deadline: Instant) {
        let (instant, origin) = &self.origin;
        let ahead = deadline.saturating_duration_since(*instant);
        let nanos = origin.tv_nsec + i64::from(ahead.subsec_nanos());
        let time = rustix::time::Timespec {
            tv_sec: origin.tv_sec + ahead.as_secs().cast_signed() + nanos / 1_000_000_000,
            tv_nsec: nanos % 1_000_000_000,
        };
        let monotonic = rustix::time::ClockId::Monotonic;
        // A signal wakes early, and the player finds nothing due: as well as a full sleep.
        let _ = rustix::thread::clock_nanosleep_absolute(monotonic, &time);
    }
}

#[cfg(not(target_os = "linux"))]
impl Timer {
    pub(crate) fn new(spin: Duration) -> Self {
        Self { spin }
    }

    fn sleep_until(&self, deadline: Instant) {
        std::thread::sleep(deadline.saturating_duration_since(Instant::now()));
    }
}
