use std::time::{Duration, Instant};

use gobo_dmx::FrameRate;

use crate::{Clock, Range};

/// How a show goes on from a moment: what others need who follow it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Course {
    pub(crate) clock: Clock,
    pub(crate) moving: bool,
    pub(crate) range: Range,
    pub(crate) rate: FrameRate,
}

impl Course {
    /// Whether it moves, or stands at its place or its end.
    pub fn is_moving(&self, now: Instant) -> bool {
        self.moving && (self.range.repeat || self.clock.position(now) < self.end())
    }

    /// The place in the show.
    pub fn place(&self, now: Instant) -> Duration {
        let position = self.clock.position(now);
        match self.range.repeat {
            true => self.range.place(position, self.rate),
            false => position.min(self.end()),
        }
    }

    /// The frame due at `now`, counted on over repeats.
    pub(crate) fn turn(&self, now: Instant) -> u32 {
        self.rate.frame_at(self.clock.position(now))
    }

    fn end(&self) -> Duration {
        self.rate.time_of(self.range.end)
    }

    /// When it is so far from its place at `now`, if it goes on without a turn.
    pub fn after(&self, now: Instant, ahead: Duration) -> Option<Instant> {
        self.clock.when(self.clock.position(now).saturating_add(ahead)).filter(|_| self.moving)
    }
}
