use std::time::{Duration, Instant};

/// A place within this of the expected one is jitter, in seconds.
const JITTER_SECONDS: f64 = 0.1;
/// How far back the course of a code is remembered.
const MEMORY: Duration = Duration::from_secs(1);
/// Places remembered.
const PLACES: usize = 128;
/// How many of them, and over how long, tell a speed.
const ENOUGH: (usize, f64) = (5, 0.17);
/// A speed over so short a time that differs by this from the one remembered is another.
const TURN: f64 = 0.3;
/// A speed this near to 1, after a second and after ever less of one, is 1: what remains is
/// followed as drift.
const SPEED_ERROR: f64 = 0.02;
const SPEED_ERROR_SECONDS: f64 = 0.01;
/// A speed that a code tells of itself, this far from the one remembered, is another.
const SPEED_CHANGE: f64 = 0.1;
/// Slower than this is not at all.
const STANDING: f64 = 0.1;
/// The most by which a code is wound.
const WINDING: f64 = 16.0;
/// What is older than this predicts nothing.
const STALE: Duration = Duration::from_secs(1);

/// One code that was heard.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Sighting {
    /// The place that it told, in seconds.
    pub seconds: f64,
    /// When it was there.
    pub at: Instant,
    /// How fast it runs, if it tells; 1.0 as it should, negative backwards, 0.0 when it stands
    /// there for certain.
    pub speed: Option<f64>,
}

/// Where a code is, as a line that goes on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Told {
    /// A place, in seconds.
    pub seconds: f64,
    /// When it was there.
    pub at: Instant,
    /// How fast it goes on from there.
    pub speed: f64,
}

impl Told {
    /// The place at a moment, if it goes on as it did.
    pub fn seconds_at(&self, now: Instant) -> f64 {
        self.seconds + self.speed * seconds_between(self.at, now)
    }
}

/// Makes a steady course of codes that jitter, jump, stop and are now and then misheard.
///
/// A place far from the expected one counts once the next code confirms it.
#[derive(Clone, Debug, Default)]
pub struct Chase {
    told: Option<Told>,
    /// A place that was not expected.
    suspect: Option<Sighting>,
    /// The course since the last jump, oldest first.
    course: Vec<Sighting>,
}

impl Chase {
    /// Takes a code that was heard; gives where it is, unless it must be confirmed.
    pub fn see(&mut self, seen: Sighting) -> Option<Told> {
        if seen.speed == Some(0.0) {
            self.course.clear();
            return self.tell(Told { seconds: seen.seconds, at: seen.at, speed: 0.0 });
        }
        if self.expects(&seen) {
            let since = seen.at.checked_sub(MEMORY);
            self.course.retain(|one| since.is_none_or(|since| one.at >= since));
            if self.course.len() == PLACES {
                self.course.remove(0);
            }
            self.course.push(seen);
            let told = self.line(&seen);
            return self.tell(told);
        }
        let confirmed = self.suspect.filter(|before| confirms(before, &seen));
        let Some(before) = confirmed else {
            self.suspect = Some(seen);
            return None;
        };
        self.course.clear();
        self.course.extend([before, seen]);
        let speed = seen.speed.unwrap_or_else(|| speed_between(&before, &seen));
        self.tell(Told { seconds: seen.seconds, at: seen.at, speed })
    }

    fn tell(&mut self, told: Told) -> Option<Told> {
        (self.told, self.suspect) = (Some(told), None);
        self.told
    }

    fn expects(&self, seen: &Sighting) -> bool {
        let Some(told) = self.told else { return false };
        let fresh = seen.at.saturating_duration_since(told.at) < STALE;
        let steady = seen.speed.is_none_or(|speed| (speed - told.speed).abs() < SPEED_CHANGE);
        let near = (seen.seconds - told.seconds_at(seen.at)).abs() < JITTER_SECONDS;
        fresh && steady && near && !self.course.is_empty()
    }

    /// The straight line through the course, at its end.
    fn line(&mut self, last: &Sighting) -> Told {
        let recent = self.course.partition_point(|one| seconds_between(one.at, last.at) > ENOUGH.1);
        let (all, newest) = (Line::through(&self.course), Line::through(&self.course[recent..]));
        let changed = |all: f64, newest: f64| (all - newest).abs() > TURN;
        let line = match (all.speed, newest.speed) {
            (Some(before), Some(now)) if changed(before, now) => {
                self.course.drain(..recent);
                newest
            }
            _ => all,
        };
        let known = self.told.map_or(1.0, |told| told.speed);
        let error = SPEED_ERROR + SPEED_ERROR_SECONDS / line.span;
        let speed = line.speed.map_or(known, |speed| snapped(speed, error));
        let seconds = line.seconds + speed * seconds_between(line.at, last.at);
        Told { seconds, at: last.at, speed }
    }
}

/// A straight line through places.
struct Line {
    /// The middle of them.
    seconds: f64,
    at: Instant,
    /// If they are enough to tell.
    speed: Option<f64>,
    /// The time from the first to the last, in seconds.
    span: f64,
}

impl Line {
    fn through(course: &[Sighting]) -> Self {
        let count = course.len() as f64;
        let (first, last) = (&course[0], &course[course.len() - 1]);
        let points = course.iter().map(|one| (seconds_between(first.at, one.at), one.seconds));
        let sums = points.clone().fold((0.0, 0.0), |sums, (t, s)| (sums.0 + t, sums.1 + s));
        let (mean_t, mean_s) = (sums.0 / count, sums.1 / count);
        let (mut square, mut product) = (0.0, 0.0);
        for (t, s) in points {
            square += (t - mean_t).powi(2);
            product += (t - mean_t) * (s - mean_s);
        }
        let span = seconds_between(first.at, last.at);
        let enough = course.len() >= ENOUGH.0 && span >= ENOUGH.1 * 0.9 && square > 0.0;
        let at = first.at + Duration::try_from_secs_f64(mean_t).unwrap_or_default();
        Self { seconds: mean_s, at, speed: enough.then(|| product / square), span }
    }
}

/// Whether one place that was not expected leads to another.
fn confirms(before: &Sighting, seen: &Sighting) -> bool {
    let time = seconds_between(before.at, seen.at);
    let expected = before.seconds + seen.speed.unwrap_or(0.0) * time;
    let error = (seen.seconds - expected).abs();
    time < STALE.as_secs_f64()
        && error < JITTER_SECONDS + if seen.speed.is_none() { WINDING * time } else { 0.0 }
}

/// The speed from one place to the next, by two codes that may jitter.
fn speed_between(before: &Sighting, seen: &Sighting) -> f64 {
    let time = seconds_between(before.at, seen.at);
    let speed = (seen.seconds - before.seconds) / time.max(0.001);
    if (0.5..1.8).contains(&speed) { 1.0 } else { speed }
}

fn snapped(speed: f64, error: f64) -> f64 {
    match speed {
        _ if (speed - 1.0).abs() < error => 1.0,
        // A machine that repeats the frame on which it stands.
        _ if speed.abs() < STANDING => 0.0,
        _ => speed,
    }
}

/// Seconds from one moment to another, negative when it was before.
fn seconds_between(from: Instant, to: Instant) -> f64 {
    let after = to.saturating_duration_since(from).as_secs_f64();
    after - from.saturating_duration_since(to).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FRAME: Duration = Duration::from_millis(40);

    /// Codes 40 ms apart, told at a speed.
    struct Tape {
        chase: Chase,
        now: Instant,
        seconds: f64,
    }

    impl Tape {
        fn at(seconds: f64) -> Self {
            Self { chase: Chase::default(), now: Instant::now(), seconds }
        }

        fn run(&mut self, frames: u32, speed: f64, hint: Option<f64>) -> Option<Told> {
            let mut told = None;
            for _ in 0..frames {
                self.now += FRAME;
                self.seconds += speed * FRAME.as_secs_f64();
                let seen = Sighting { seconds: self.seconds, at: self.now, speed: hint };
                told = self.chase.see(seen);
            }
            told
        }
    }

    #[test]
    fn a_jump_counts_when_it_is_confirmed() {
        let mut tape = Tape::at(10.0);
        assert_eq!(tape.run(1, 1.0, Some(1.0)), None);
        assert_eq!(tape.run(20, 1.0, Some(1.0)).unwrap().speed, 1.0);
        let heard = tape.seconds;
        tape.seconds = 500.0;
        assert_eq!(tape.run(1, 1.0, Some(1.0)), None, "perhaps misheard");
        tape.seconds = heard + 0.04;
        assert!((tape.run(1, 1.0, Some(1.0)).unwrap().seconds - tape.seconds).abs() < 1e-6);
        tape.seconds = 500.0;
        assert!((tape.run(2, 1.0, Some(1.0)).unwrap().seconds - tape.seconds).abs() < 1e-6);
    }

    #[test]
    fn a_tape_that_stops_and_winds_is_followed() {
        for hinted in [true, false] {
            let mut tape = Tape::at(10.0);
            for speed in [1.0, 0.0, 1.0, -4.0, 6.0, -1.0, 1.0] {
                let hint = (hinted && speed != 0.0).then_some(speed);
                let told = tape.run(12, speed, hint).unwrap();
                // One that does not tell its speed drags a little of the one before along.
                let (off, wrong) = if hinted { (0.01, 0.01) } else { (0.04, 0.1) };
                assert!((told.seconds - tape.seconds).abs() < off, "{told:?} at {speed}");
                assert!((told.speed - speed).abs() < wrong, "{told:?} at {speed}");
            }
        }
    }

    #[test]
    fn a_full_frame_is_believed_at_once() {
        let mut tape = Tape::at(10.0);
        tape.run(20, 1.0, Some(1.0));
        tape.seconds = 77.0;
        let told = tape.run(1, 0.0, Some(0.0)).unwrap();
        assert_eq!((told.seconds, told.speed), (77.0, 0.0));
        assert_eq!(tape.run(2, 1.0, Some(1.0)).unwrap().speed, 1.0);
    }

    proptest! {
        #[test]
        fn jitter_is_smoothed(drift in 0.999_f64..1.001, mut seed: u64, jitter in 0_u64..20) {
            let (mut chase, start) = (Chase::default(), Instant::now());
            for n in 0_u32..500 {
                let truth = f64::from(n) * drift / 25.0;
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let late = Duration::from_millis((seed >> 33) % (jitter + 1));
                let at = start + FRAME * n + late;
                let told = chase.see(Sighting { seconds: truth, at, speed: None });
                if n >= 25 {
                    let told = told.unwrap();
                    let lag = f64::from(n) / 25.0 * drift + late.as_secs_f64() - told.seconds;
                    // Later than the truth by what the codes are late on average.
                    let mean = jitter as f64 / 2000.0;
                    prop_assert!((lag - mean).abs() < 0.001 + jitter as f64 * 0.000_45, "{}", lag);
                    prop_assert_eq!(told.speed, 1.0);
                }
            }
        }
    }
}
