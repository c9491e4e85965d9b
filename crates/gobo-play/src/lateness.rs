use std::time::Duration;

use crate::Spread;

/// How late frames left.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Lateness {
    spread: Spread,
    late: u64,
}

impl Lateness {
    /// Counts a frame that left `lateness` after it was due, at `period` a frame.
    pub fn count(&mut self, lateness: Duration, period: Duration) {
        self.spread.add(lateness);
        self.late += u64::from(lateness * 2 > period);
    }

    /// How the latenesses spread.
    pub fn spread(&self) -> &Spread {
        &self.spread
    }

    /// Frames that left more than half a frame late.
    pub fn late(&self) -> u64 {
        self.late
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_half_a_frame_is_late() {
        let mut lateness = Lateness::default();
        assert_eq!(lateness.spread().percentile(0.99), Duration::ZERO);
        let period = Duration::from_micros(16_667);
        for _ in 0..99 {
            lateness.count(Duration::from_micros(50), period);
        }
        lateness.count(Duration::from_millis(9), period);
        let spread = lateness.spread();
        assert_eq!(spread.percentile(0.5), Duration::from_micros(51));
        assert_eq!(spread.percentile(0.99), Duration::from_micros(51));
        assert_eq!(spread.percentile(1.0), Duration::from_millis(9));
        assert_eq!((spread.count(), lateness.late()), (100, 1));
        lateness.count(Duration::from_secs(1000), period);
        assert_eq!(lateness.spread().most(), Duration::from_secs(1000));
    }
}
