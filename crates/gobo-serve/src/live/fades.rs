use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{Easing, Level, Place};

/// How far apart the steps of a fade are, at least: 60 a second.
const STEP: Duration = Duration::from_nanos(1_000_000_000 / 60);

/// The fades that run, one a slot at most.
#[derive(Debug, Default)]
pub(super) struct Fades {
    running: BTreeMap<Place, Fade>,
    stepped: Option<Instant>,
}

/// One slot on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fade {
    pub(super) from: u8,
    pub(super) to: u8,
    pub(super) began: Instant,
    /// Never 0.
    pub(super) duration_ms: u64,
    pub(super) easing: Easing,
}

impl Fade {
    fn at(&self, now: Instant) -> u8 {
        let elapsed_ms = now.saturating_duration_since(self.began).as_secs_f64() * 1000.0;
        let along = self.easing.at(elapsed_ms / self.duration_ms as f64);
        let (from, to) = (f64::from(self.from), f64::from(self.to));
        // Between two bytes, so the cast is exact.
        (from + (to - from) * along).round() as u8
    }

    fn is_over(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.began).as_millis() >= u128::from(self.duration_ms)
    }
}

impl Fades {
    pub(super) fn run(&self) -> bool {
        !self.running.is_empty()
    }

    /// Begins a fade; one that the slot is in already ends where it is.
    pub(super) fn begin(&mut self, place: Place, fade: Fade) {
        self.running.insert(place, fade);
    }

    /// Ends a slot's fade where it is.
    pub(super) fn end(&mut self, place: Place) {
        self.running.remove(&place);
    }

    pub(super) fn clear(&mut self) {
        self.running.clear();
    }

    /// Where the slots are at this time, in order; nothing if the last step was just now. Fades
    /// that are over end exactly where they should.
    pub(super) fn step(&mut self, now: Instant) -> Vec<Level> {
        let early = self.stepped.is_some_and(|last| now.saturating_duration_since(last) < STEP);
        if early || self.running.is_empty() {
            return Vec::new();
        }
        self.stepped = Some(now);
        let level = |(&place, fade): (&Place, &Fade)| {
            let value = if fade.is_over(now) { fade.to } else { fade.at(now) };
            Level { place, value }
        };
        let levels = self.running.iter().map(level).collect();
        self.running.retain(|_, fade| !fade.is_over(now));
        levels
    }
}
