//! When a target takes a frame: its rate cap, how its packets are spread over the
//! frame, and the repeats of what does not change. Pure arithmetic on the times
//! passed in.

use std::time::{Duration, Instant};

use gobo_dmx::FrameRate;

/// A rate cap: frames pass on a grid of the cap's period, the newest wins.
///
/// The grid keeps the mean rate at the cap even when frames come at another
/// rate, where a fixed minimum gap would fall to the next divisor (60 to 30).
pub(crate) struct Cap {
    period: Duration,
    due: Option<Instant>,
}

impl Cap {
    pub(crate) fn new(max_rate: FrameRate) -> Self {
        Self { period: max_rate.time_of(1), due: None }
    }

    /// Whether the frame of `now` passes; a frame early by a quarter of the
    /// period does, so that jitter costs none.
    pub(crate) fn passes(&mut self, now: Instant) -> bool {
        let due = self.due.unwrap_or(now);
        if now + self.period / 4 < due {
            return false;
        }
        let late = now.saturating_duration_since(due) > self.period;
        self.due = Some(if late { now } else { due } + self.period);
        true
    }
}

/// Between two handfuls of packets of a frame that is spread.
const STEP: Duration = Duration::from_micros(250);

/// The part of a frame over which a target's packets are spread, so that no switch has to hold
/// all of a frame at once.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    /// From the start of the frame to the first packet.
    offset: Duration,
    /// Handfuls, [`STEP`] apart; at least 1.
    steps: usize,
}

impl Spread {
    /// From `offset` after a frame's start on, for as long as `length`.
    pub(crate) fn new(offset: Duration, length: Duration) -> Self {
        let steps = (length.as_micros() / STEP.as_micros()) as usize;
        Self { offset, steps: steps.max(1) }
    }

    /// How many of `count` packets are due when the frame came so long ago.
    pub(crate) fn due(&self, count: usize, after: Duration) -> usize {
        let Some(after) = after.checked_sub(self.offset) else { return 0 };
        let begun = (after.as_micros() / STEP.as_micros()) as usize + 1;
        (count * begun.min(self.steps)).div_ceil(self.steps)
    }

    /// From the frame's start to when more than `sent` of `count` packets are due.
    pub(crate) fn next(&self, count: usize, sent: usize) -> Duration {
        let step = sent * self.steps / count.max(1);
        self.offset + STEP * u32::try_from(step).unwrap_or(u32::MAX)
    }
}

/// The rest between repeats of an unchanged universe: 800 to 1000 ms
/// (E1.31-2018 6.6.2; Art-Net 4, "ArtDmx", recommends the same).
const KEEP_ALIVE: Duration = Duration::from_millis(900);

/// How often an unchanged universe is sent again.
#[derive(Clone, Copy)]
pub(crate) enum Repeats {
    /// With every frame.
    Always,
    /// This many times at once after a change, then every 900 ms.
    AfterChange(u8),
}

/// What one universe last sent, and when.
#[derive(Default)]
pub(crate) struct Freshness {
    sent: Option<Instant>,
    left: u8,
}

impl Freshness {
    /// Whether anything was sent yet.
    pub(crate) fn began(&self) -> bool {
        self.sent.is_some()
    }

    /// What was due was not sent: it is due with the next frame.
    pub(crate) fn missed(&mut self) {
        self.left = self.left.saturating_add(1);
    }

    /// Whether a universe is to be sent now; remembers that it was.
    pub(crate) fn due(&mut self, now: Instant, changed: bool, repeats: Repeats) -> bool {
        let due = match (repeats, self.sent) {
            (Repeats::Always, _) | (_, None) => true,
            (Repeats::AfterChange(_), Some(sent)) => {
                changed || self.left > 0 || now.saturating_duration_since(sent) >= KEEP_ALIVE
            }
        };
        if due {
            let first = changed || self.sent.is_none();
            self.left = match repeats {
                Repeats::AfterChange(times) if first => times,
                _ => self.left.saturating_sub(1),
            };
            self.sent = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(cap: &str, frame: Duration, frames: u32) -> u32 {
        let start = Instant::now();
        let mut cap = Cap::new(cap.parse().unwrap());
        (0..frames).map(|n| u32::from(cap.passes(start + frame * n))).sum()
    }

    #[test]
    fn a_cap_holds_on_average() {
        let sixty = Duration::from_nanos(16_666_667);
        assert_eq!(passed("60", sixty, 600), 600);
        assert!((439..=441).contains(&passed("44", sixty, 600)), "{}", passed("44", sixty, 600));
        assert!((399..=401).contains(&passed("40", sixty, 600)), "{}", passed("40", sixty, 600));
        assert_eq!(passed("44", Duration::from_millis(40), 100), 100);
    }

    proptest::proptest! {
        #[test]
        fn a_frame_is_spread_evenly(count in 1_usize..3000, offset in 0_u64..8000, length in 0_u64..9000) {
            let micros = Duration::from_micros;
            let spread = Spread::new(micros(offset), micros(length));
            let (mut sent, mut turns) = (0, 0);
            while sent < count {
                let next = spread.next(count, sent);
                proptest::prop_assert!(next >= micros(offset));
                proptest::prop_assert!(next <= micros(offset + length));
                let due = spread.due(count, next);
                proptest::prop_assert!(due > sent, "{due} > {sent}");
                proptest::prop_assert!(due - sent <= count.div_ceil(spread.steps));
                proptest::prop_assert!(next.is_zero() || spread.due(count, next - micros(1)) <= sent);
                (sent, turns) = (due, turns + 1);
            }
            proptest::prop_assert!(turns <= spread.steps);
        }
    }

    #[test]
    fn a_pause_is_not_made_up_for() {
        let start = Instant::now();
        let mut cap = Cap::new("10".parse().unwrap());
        assert!(cap.passes(start));
        let later = start + Duration::from_secs(5);
        assert!(cap.passes(later));
        assert!(!cap.passes(later + Duration::from_millis(20)));
        assert!(cap.passes(later + Duration::from_millis(100)));
    }

    #[test]
    fn three_repeats_then_one_every_900_ms() {
        let start = Instant::now();
        let mut freshness = Freshness::default();
        let mut sent = Vec::new();
        for frame in 0..300_u32 {
            let now = start + Duration::from_millis(10) * frame;
            if freshness.due(now, frame == 120, Repeats::AfterChange(3)) {
                sent.push(frame);
            }
        }
        assert_eq!(sent, [0, 1, 2, 3, 93, 120, 121, 122, 123, 213]);
    }
}
