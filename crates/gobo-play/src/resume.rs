use std::time::{Duration, Instant};

use gobo_dmx::FrameRate;

use crate::Range;

/// Where a player has broken off.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Resume {
    /// The place in the show, in seconds.
    pub seconds: f64,
    /// Since when it has gone on from there; `None` when it stood.
    pub since: Option<Instant>,
    /// Whether it was to play.
    pub playing: bool,
}

impl Resume {
    /// The frame to go on with, and when it began, had the player not broken off.
    pub(crate) fn place(
        &self,
        range: Range,
        rate: FrameRate,
        speed: f64,
        now: Instant,
    ) -> (u32, Instant) {
        let gone = self
            .since
            .map_or(0.0, |since| now.saturating_duration_since(since).as_secs_f64() * speed);
        let seconds = (self.seconds + gone).max(0.0);
        let place = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        let place = range.place(place, rate).max(rate.time_of(range.start));
        let frame = rate.frame_at(place).min(range.end.saturating_sub(1));
        let into = place.saturating_sub(rate.time_of(frame)).div_f64(speed.max(0.1));
        // Past the end of the show it ends at once.
        let into = into.min(Duration::from_secs(1));
        (frame, self.since.and_then(|_| now.checked_sub(into)).unwrap_or(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANGE: Range = Range { start: 60, end: 180, repeat: false };

    fn placed(resume: Resume, range: Range, speed: f64, now: Instant) -> (u32, Duration) {
        let (frame, begun) = resume.place(range, FrameRate::DEFAULT, speed, now);
        (frame, now - begun)
    }

    #[test]
    fn a_show_goes_on_where_it_would_be() {
        let broke_off = Instant::now();
        let now = broke_off + Duration::from_millis(505);
        let since = Some(broke_off);
        let resume = Resume { seconds: 1.0, since, playing: true };
        assert_eq!(placed(resume, RANGE, 1.0, now), (90, Duration::from_millis(5)));
        assert_eq!(placed(resume, RANGE, 2.0, now), (120, Duration::from_millis(5)));
        let near = Resume { seconds: 2.8, ..resume };
        let again = Range { repeat: true, ..RANGE };
        let (frame, into) = placed(near, again, 1.0, now);
        assert_eq!(frame, 60 + 18);
        assert!(into.abs_diff(Duration::from_millis(5)) < Duration::from_micros(1));
        // It would be over by now: the clock stands past the end.
        let (frame, into) = placed(near, RANGE, 1.0, now);
        assert_eq!(frame, 179);
        assert!(FrameRate::DEFAULT.time_of(frame) + into >= FrameRate::DEFAULT.time_of(180));
        let stood = Resume { since: None, playing: false, ..resume };
        assert_eq!(placed(stood, RANGE, 1.0, now), (60, Duration::ZERO));
        let before = Resume { seconds: 0.2, ..stood };
        assert_eq!(placed(before, RANGE, 1.0, now), (60, Duration::ZERO));
    }
}
