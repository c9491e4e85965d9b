//! When a target takes a frame: its rate cap, and the repeats of what does not
//! change. Pure arithmetic on the times passed in.

use std::time::{Duration, Instant};

use gobo_dmx::FrameRate;

/// A rate cap: frames pass on a grid of the cap's period, the newest wins.
///
/// The grid keeps the mean rate at the cap even when frames come at another
/// rate, where a fixed minimum gap would fall to the next divisor (60 to 30).
pub(crate) struct Pacing {
    period: Duration,
    due: Option<Instant>,
}

impl Pacing {
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
        let mut pacing = Pacing::new(cap.parse().unwrap());
        (0..frames).map(|n| u32::from(pacing.passes(start + frame * n))).sum()
    }

    #[test]
    fn a_cap_holds_on_average() {
        let sixty = Duration::from_nanos(16_666_667);
        assert_eq!(passed("60", sixty, 600), 600);
        assert!((439..=441).contains(&passed("44", sixty, 600)), "{}", passed("44", sixty, 600));
        assert!((399..=401).contains(&passed("40", sixty, 600)), "{}", passed("40", sixty, 600));
        assert_eq!(passed("44", Duration::from_millis(40), 100), 100);
    }

    #[test]
    fn a_pause_is_not_made_up_for() {
        let start = Instant::now();
        let mut pacing = Pacing::new("10".parse().unwrap());
        assert!(pacing.passes(start));
        let later = start + Duration::from_secs(5);
        assert!(pacing.passes(later));
        assert!(!pacing.passes(later + Duration::from_millis(20)));
        assert!(pacing.passes(later + Duration::from_millis(100)));
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
