use std::time::{Duration, Instant};

/// Seconds in which a small error of the clock is worked off.
const SETTLE_SECONDS: f64 = 0.5;
/// The most by which the clock runs fast or slow to work an error off.
const SLEW_MAX: f64 = 0.05;
/// An error above this is no drift: the clock goes there at once.
const JUMP_SECONDS: f64 = 0.06;

/// The place in the show as time goes on: a line through one moment, bent to follow the sound.
///
/// It runs by the times it is given and never asks for one itself.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Clock {
    position: Duration,
    /// When `position` is; before that the clock stands there.
    at: Instant,
    speed: f64,
    /// `speed`, and what is added to work an error off.
    rate: f64,
    running: bool,
}

impl Clock {
    /// A clock that stands at `position`.
    pub fn new(position: Duration, now: Instant) -> Self {
        Self { position, at: now, speed: 1.0, rate: 1.0, running: false }
    }

    /// The place at `now`.
    pub fn position(&self, now: Instant) -> Duration {
        let elapsed = now.saturating_duration_since(self.at);
        if !self.running {
            self.position
        } else if self.rate == 1.0 {
            self.position.saturating_add(elapsed)
        } else {
            self.position.saturating_add(scaled(elapsed, self.rate))
        }
    }

    /// The first moment at which [`Clock::position`] is `position` or later, if it runs.
    pub fn when(&self, position: Duration) -> Option<Instant> {
        let ahead = position.saturating_sub(self.position);
        if !self.running {
            return None;
        }
        if self.rate == 1.0 || ahead.is_zero() {
            return self.at.checked_add(ahead);
        }
        // Rounding must not make it early.
        self.at.checked_add(scaled(ahead, 1.0 / self.rate) + Duration::from_nanos(1))
    }

    /// The speed, 1.0 being as written, but for what works an error off.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// Whether the clock goes on.
    pub fn is_running(&self) -> bool {
        self.running
    }

    /// Stands at `position` until `at`, and runs from then if it runs.
    pub fn seek(&mut self, position: Duration, at: Instant) {
        (self.position, self.at, self.rate) = (position, at, self.speed);
    }

    /// Runs or stands still from `now`.
    pub fn set_running(&mut self, running: bool, now: Instant) {
        self.seek(self.position(now), now);
        self.running = running;
    }

    /// Runs at `speed` from `now`, 1.0 being as written; at least 0.
    pub fn set_speed(&mut self, speed: f64, now: Instant) {
        let position = self.position(now);
        self.speed = speed.max(0.0);
        self.seek(position, now);
    }

    /// Runs on at its speed, with no one to follow.
    pub fn run_free(&mut self, now: Instant) {
        self.seek(self.position(now), now);
    }

    /// Whether [`Clock::follow`] would jump.
    pub fn is_far(error: f64) -> bool {
        error.abs() > JUMP_SECONDS
    }

    /// Follows a truth that is `error` seconds ahead at `now`; true when the clock had to jump.
    ///
    /// Small errors are worked off by running up to 5 % fast or slow, so that no frame comes
    /// twice or is left out for the jitter of a sound device.
    pub fn follow(&mut self, error: f64, now: Instant) -> bool {
        let position = self.position(now);
        self.seek(position, now);
        if !Self::is_far(error) {
            self.rate = self.speed + (error / SETTLE_SECONDS).clamp(-SLEW_MAX, SLEW_MAX);
            return false;
        }
        let distance = Duration::try_from_secs_f64(error.abs()).unwrap_or_default();
        self.position = match error > 0.0 {
            true => position.saturating_add(distance),
            false => position.saturating_sub(distance),
        };
        true
    }
}

fn scaled(time: Duration, factor: f64) -> Duration {
    Duration::try_from_secs_f64(time.as_secs_f64() * factor).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn running(now: Instant) -> Clock {
        let mut clock = Clock::new(Duration::ZERO, now);
        clock.set_running(true, now);
        clock
    }

    #[test]
    fn speed_pause_and_seek() {
        let start = Instant::now();
        let mut clock = running(start);
        assert_eq!(clock.position(start + SECOND), SECOND);
        clock.set_speed(2.0, start + SECOND);
        assert_eq!(clock.position(start + 2 * SECOND), 3 * SECOND);
        clock.set_running(false, start + 2 * SECOND);
        assert_eq!(clock.position(start + 9 * SECOND), 3 * SECOND);
        assert_eq!(clock.when(4 * SECOND), None);
        clock.set_running(true, start + 9 * SECOND);
        clock.set_speed(0.5, start + 9 * SECOND);
        assert_eq!(clock.position(start + 11 * SECOND), 4 * SECOND);
        clock.seek(SECOND, start + 12 * SECOND);
        assert_eq!(clock.position(start + 11 * SECOND), SECOND);
        assert_eq!(clock.position(start + 14 * SECOND), 2 * SECOND);
    }

    #[test]
    fn a_drifting_truth_is_followed_without_a_step() {
        let start = Instant::now();
        let mut clock = running(start);
        let tick = Duration::from_micros(16_667);
        let (mut before, mut worst) = (Duration::ZERO, 0.0_f64);
        for n in 1..=36_000_u32 {
            let now = start + tick * n;
            // A crystal 200 ppm fast, 20 ms ahead, told with a jitter of 1.5 ms.
            let elapsed = (tick * n).as_secs_f64();
            let truth = elapsed * 1.000_2 + 0.02;
            let jitter = 0.001_5 * f64::from(n * 7919 % 1000).mul_add(0.002, -1.0);
            let jumped = clock.follow(truth + jitter - clock.position(now).as_secs_f64(), now);
            let position = clock.position(now);
            assert!(!jumped);
            let step = (position - before).as_secs_f64() / tick.as_secs_f64();
            assert!((0.94..1.06).contains(&step), "a step of {step} ticks");
            before = position;
            if elapsed > 5.0 {
                worst = worst.max((position.as_secs_f64() - truth).abs());
            }
        }
        assert!(worst < 0.002, "{worst} s off");
    }

    #[test]
    fn a_large_error_is_jumped() {
        let start = Instant::now();
        let mut clock = running(start);
        assert!(clock.follow(3.0, start + SECOND));
        assert_eq!(clock.position(start + SECOND), 4 * SECOND);
        assert!(clock.follow(-1.0, start + SECOND));
        assert_eq!(clock.position(start + 2 * SECOND), 4 * SECOND);
        assert!(clock.follow(-100.0, start + SECOND));
        assert_eq!(clock.position(start + SECOND), Duration::ZERO);
    }

    proptest! {
        #[test]
        fn when_is_the_first_moment(millis in 0_u64..1_000_000, speed in 0.1_f64..8.0, error in -0.05_f64..0.05) {
            let start = Instant::now();
            let mut clock = running(start);
            clock.set_speed(speed, start);
            clock.follow(error, start);
            let position = Duration::from_millis(millis);
            let when = clock.when(position).unwrap();
            prop_assert!(clock.position(when) >= position);
            if let Some(before) = when.checked_sub(Duration::from_micros(1)) && before > start {
                prop_assert!(clock.position(before) < position);
            }
        }
    }
}
