use std::time::Duration;

use gobo_dmx::FrameRate;

/// The frames of a show that are played, once or again and again.
///
/// Frames are counted on over repeats: such a *turn* rises by one with each frame shown, so
/// that what is decoded ahead lies in a row whatever the show does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    /// The first frame.
    pub start: u32,
    /// One past the last; more than `start`.
    pub end: u32,
    /// Whether the end leads back to the start.
    pub repeat: bool,
}

impl Range {
    /// The frame of a turn; `None` past the end.
    pub fn frame(&self, turn: u32) -> Option<u32> {
        if turn < self.end {
            Some(turn)
        } else if self.repeat && self.start < self.end {
            Some(self.start + (turn - self.end) % (self.end - self.start))
        } else {
            None
        }
    }

    /// The place in the show of a clock that ran on over repeats.
    pub fn place(&self, position: Duration, rate: FrameRate) -> Duration {
        let (start, end) = (rate.time_of(self.start), rate.time_of(self.end));
        match position.checked_sub(end) {
            Some(over) if self.repeat && start < end => {
                let length = (end - start).as_nanos();
                start + Duration::from_nanos((over.as_nanos() % length) as u64)
            }
            _ => position,
        }
    }

    /// The start and the end in seconds, if it repeats.
    pub fn repeated_seconds(&self, rate: FrameRate) -> Option<(f64, f64)> {
        self.repeat.then(|| (rate.seconds_at(self.start), rate.seconds_at(self.end)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_show_ends_or_repeats() {
        let once = Range { start: 3, end: 6, repeat: false };
        assert_eq!(
            (0..8).map(|turn| once.frame(turn)).collect::<Vec<_>>(),
            [Some(0), Some(1), Some(2), Some(3), Some(4), Some(5), None, None]
        );
        let again = Range { repeat: true, ..once };
        let frames: Vec<_> = (2..14).filter_map(|turn| again.frame(turn)).collect();
        assert_eq!(frames, [2, 3, 4, 5, 3, 4, 5, 3, 4, 5, 3, 4]);
    }

    proptest! {
        #[test]
        fn the_place_lies_in_the_frame(start in 0_u32..500, length in 1_u32..500, turn in 0_u32..5000, late in 0_u32..900) {
            let rate = FrameRate::DEFAULT;
            let range = Range { start, end: start + length, repeat: true };
            let position = rate.time_of(turn) + Duration::from_micros(late.into()) * 16;
            let place = range.place(position, rate);
            let frame = range.frame(turn).unwrap();
            prop_assert!(place + Duration::from_micros(1) >= rate.time_of(frame));
            prop_assert!(place < rate.time_of(frame + 1));
        }
    }
}
