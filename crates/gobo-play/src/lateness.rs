use std::time::Duration;

/// Classes of lateness: the n-th ends at 2^(n+1) microseconds, the last never.
const CLASSES: usize = 24;

/// How late frames left, as a histogram of powers of two microseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Lateness {
    classes: [u64; CLASSES],
    frames: u64,
    late: u64,
    worst: Duration,
}

impl Lateness {
    /// Counts a frame that left `lateness` after it was due, at `period` a frame.
    pub fn count(&mut self, lateness: Duration, period: Duration) {
        let micros = lateness.as_micros().max(1);
        let class = (micros.ilog2() as usize).min(CLASSES - 1);
        self.classes[class] += 1;
        self.frames += 1;
        self.late += u64::from(lateness * 2 > period);
        self.worst = self.worst.max(lateness);
    }

    /// Frames counted.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Frames that left more than half a frame late.
    pub fn late(&self) -> u64 {
        self.late
    }

    /// The latest of all.
    pub fn worst(&self) -> Duration {
        self.worst
    }

    /// A lateness that `share` of all frames kept, 0.0 to 1.0, rounded up to a power of two
    /// microseconds but never above the worst.
    pub fn percentile(&self, share: f64) -> Duration {
        let wanted = (self.frames as f64 * share.clamp(0.0, 1.0)).ceil() as u64;
        let mut counted = 0;
        for (class, frames) in self.classes.iter().enumerate() {
            counted += frames;
            if counted >= wanted {
                return Duration::from_micros(2 << class).min(self.worst);
            }
        }
        self.worst
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_bound_what_was_counted() {
        let mut lateness = Lateness::default();
        assert_eq!(lateness.percentile(0.99), Duration::ZERO);
        let period = Duration::from_micros(16_667);
        for _ in 0..99 {
            lateness.count(Duration::from_micros(50), period);
        }
        lateness.count(Duration::from_millis(9), period);
        assert_eq!(lateness.percentile(0.5), Duration::from_micros(64));
        assert_eq!(lateness.percentile(0.99), Duration::from_micros(64));
        assert_eq!(lateness.percentile(1.0), Duration::from_millis(9));
        assert_eq!((lateness.frames(), lateness.late()), (100, 1));
        lateness.count(Duration::from_secs(1000), period);
        assert_eq!(lateness.worst(), Duration::from_secs(1000));
    }
}
