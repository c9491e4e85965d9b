use std::time::{Duration, Instant};

/// The share of a block's error that is believed, once the device has run for a while: the
/// course is the mean of about the last fifty blocks.
const GAIN: f64 = 0.02;
/// A block that is told further from its course is late in being asked for, not in being heard.
const STRAY_SECONDS: f64 = 0.002;
/// So many blocks in a row, all early or all late, are no strays: the device has stood still for
/// a moment, or its first times were wrong.
const STRAYS_MAX: u32 = 8;

/// When the blocks of a device are heard, one after the other without a gap.
///
/// A device tells it for each block as of when it asked for it, which is late when the machine
/// is busy. Over many blocks it is the device's crystal that counts.
#[derive(Default)]
pub(crate) struct Timeline {
    next: Option<Instant>,
    blocks: u32,
    /// How many strays came in a row, and the one nearest to the course, in seconds from it.
    strays: (u32, f64),
}

impl Timeline {
    /// When a block of this length is heard that the device says is heard at `told`.
    pub(crate) fn heard(&mut self, told: Instant, length: Duration) -> Instant {
        let at = self.next.map_or(told, |next| shifted(next, self.correction(next, told)));
        self.next = Some(at + length);
        self.blocks += 1;
        at
    }

    /// By how many seconds the course is wrong, as far as `told` is believed.
    fn correction(&mut self, next: Instant, told: Instant) -> f64 {
        let late = told.saturating_duration_since(next).as_secs_f64();
        let error = late - next.saturating_duration_since(told).as_secs_f64();
        if error.abs() < STRAY_SECONDS {
            self.strays = (0, 0.0);
            return error * GAIN.max(1.0 / f64::from(self.blocks + 1));
        }
        self.strays = match self.strays {
            (n @ 1.., nearest) if nearest * error > 0.0 => {
                (n + 1, if error.abs() < nearest.abs() { error } else { nearest })
            }
            _ => (1, error),
        };
        let (strays, nearest) = self.strays;
        if strays < STRAYS_MAX {
            return 0.0;
        }
        (self.blocks, self.strays) = (0, (0, 0.0));
        nearest
    }
}

fn shifted(at: Instant, seconds: f64) -> Instant {
    let distance = Duration::try_from_secs_f64(seconds.abs()).unwrap_or_default();
    if seconds < 0.0 { at.checked_sub(distance).unwrap_or(at) } else { at + distance }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: Duration = Duration::from_micros(21_333);

    /// The worst error of blocks after the first `skipped`, in seconds, of a device with such a
    /// crystal whose blocks are told late by `delay`.
    fn worst(crystal: f64, skipped: u32, mut delay: impl FnMut(u32) -> Duration) -> f64 {
        let (mut timeline, start) = (Timeline::default(), Instant::now());
        let mut worst = 0.0_f64;
        for n in 0..20_000 {
            let truth = start + BLOCK.mul_f64(f64::from(n) * crystal);
            let at = timeline.heard(truth + delay(n), BLOCK);
            if n >= skipped {
                let late = at.saturating_duration_since(truth).as_secs_f64();
                worst = worst.max(late + truth.saturating_duration_since(at).as_secs_f64());
            }
        }
        worst
    }

    #[test]
    fn a_busy_machine_moves_the_course_by_little() {
        let micros = |n: u32| u64::from(n.wrapping_mul(2_654_435_761) % 600);
        for crystal in [0.999_8, 1.0, 1.000_2] {
            let jitter = |n| Duration::from_micros(micros(n));
            assert!(worst(crystal, 5, jitter) < 0.000_75, "{crystal}");
            // Now and then a block is asked for half a block late.
            let stalls = |n: u32| jitter(n) + Duration::from_millis(u64::from(n % 50 == 7) * 10);
            assert!(worst(crystal, 8, stalls) < 0.000_75, "{crystal}");
        }
    }

    #[test]
    fn a_device_that_stood_still_is_followed() {
        for gap in [0.012, 3.0] {
            let (mut timeline, start) = (Timeline::default(), Instant::now());
            let gap = Duration::from_secs_f64(gap);
            for n in 0..1000 {
                timeline.heard(start + BLOCK * n, BLOCK);
            }
            let mut late = |n| timeline.heard(start + BLOCK * n + gap, BLOCK) - (start + BLOCK * n);
            assert!((1000..1007).all(|n| late(n) < Duration::from_micros(1)));
            assert!((1007..2000).all(|n| late(n).abs_diff(gap) < Duration::from_micros(1)));
        }
    }

    #[test]
    fn rough_times_of_the_first_blocks_are_soon_forgotten() {
        for millis in [1, 4, 30] {
            let rough = |n: u32| Duration::from_millis(u64::from(n < 2) * millis);
            assert!(worst(1.0, 60, rough) < 0.000_5);
        }
    }
}
