//! The server's clock.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970.
pub(crate) fn unix_ms() -> u64 {
    unix_ms_exact() as u64
}

/// The same with its fraction.
pub(crate) fn unix_ms_exact() -> f64 {
    // Before 1970 no clock is set right.
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}

/// A moment that has been, by the server's clock.
pub(crate) fn unix_ms_at(moment: Instant) -> f64 {
    unix_ms_exact() - moment.elapsed().as_secs_f64() * 1000.0
}
