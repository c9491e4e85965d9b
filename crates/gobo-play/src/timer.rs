//! Sleeping until a moment, not for a while: what is lost to one wake is not lost to the next.

use std::time::Instant;

/// Turns moments into the system's own.
pub(crate) struct Timer {
    #[cfg(target_os = "linux")]
    origin: (Instant, rustix::time::Timespec),
}

#[cfg(target_os = "linux")]
impl Timer {
    pub(crate) fn new() -> Self {
        // Instant is the same clock, but does not give its number.
        let origin =
            (Instant::now(), rustix::time::clock_gettime(rustix::time::ClockId::Monotonic));
        Self { origin }
    }

    /// Returns at `deadline`, or a little later.
    pub(crate) fn sleep_until(&self, deadline: Instant) {
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
    pub(crate) fn new() -> Self {
        Self {}
    }

    /// Returns at `deadline`, or a little later.
    pub(crate) fn sleep_until(&self, deadline: Instant) {
        std::thread::sleep(deadline.saturating_duration_since(Instant::now()));
    }
}

/// Asks for real-time priority for this thread; whether the system grants it.
pub(crate) fn ask_for_real_time() -> bool {
    #[cfg(unix)]
    {
        use thread_priority::{
            RealtimeThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy,
            set_thread_priority_and_policy, thread_native_id,
        };
        // In the middle: above what is not real-time, below the system's own threads.
        let Ok(middle) = 50_u8.try_into() else { return false };
        set_thread_priority_and_policy(
            thread_native_id(),
            ThreadPriority::Crossplatform(middle),
            ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::Fifo),
        )
        .is_ok()
    }
    #[cfg(not(unix))]
    {
        thread_priority::set_current_thread_priority(thread_priority::ThreadPriority::Max).is_ok()
    }
}
