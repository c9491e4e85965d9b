//! Frames that wait for an output which is later than the others.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use gobo_dmx::{OutputDelay, SLOTS, Slots};

/// Frames on their way, in buffers that are made once.
pub(crate) struct DelayLine {
    delay: Duration,
    /// Frames, and when they are due; oldest first.
    waiting: VecDeque<(Instant, Box<[Slots]>)>,
    spare: Vec<Box<[Slots]>>,
    /// The frame that left last.
    current: Box<[Slots]>,
}

impl DelayLine {
    /// A line for frames of so many universes, a `period` apart; `None` for no delay.
    pub(crate) fn new(delay: OutputDelay, universes: usize, period: Duration) -> Option<Self> {
        let delay = delay.duration().filter(|delay| !delay.is_zero())?;
        // One that just comes, and one that should just have gone.
        let frames = delay.as_nanos().div_ceil(period.as_nanos().max(1)) as usize + 2;
        let blank = || vec![[0; SLOTS]; universes].into_boxed_slice();
        let spare = (0..frames).map(|_| blank()).collect();
        Some(Self { delay, waiting: VecDeque::with_capacity(frames), spare, current: blank() })
    }

    /// Takes the frame of `now`. A line that is full, because frames came too fast or were not
    /// taken in time, loses the oldest.
    pub(crate) fn put(&mut self, now: Instant, frame: &[Slots]) {
        let oldest = || self.waiting.pop_front().map(|(_, frame)| frame);
        let Some(mut room) = self.spare.pop().or_else(oldest) else { return };
        room.iter_mut().zip(frame).for_each(|(slots, new)| *slots = *new);
        self.waiting.push_back((now + self.delay, room));
    }

    /// When the next frame is due.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.waiting.front().map(|(due, _)| *due)
    }

    /// The newest frame that is due; those before it are left out.
    pub(crate) fn take(&mut self, now: Instant) -> Option<&[Slots]> {
        let mut taken = false;
        while self.due().is_some_and(|due| due <= now) {
            let (_, frame) = self.waiting.pop_front()?;
            self.spare.push(std::mem::replace(&mut self.current, frame));
            taken = true;
        }
        taken.then_some(&self.current)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_in_order_and_later() {
        let (start, period) = (Instant::now(), Duration::from_millis(10));
        let delay = "35ms".parse().unwrap();
        let mut line = DelayLine::new(delay, 2, period).unwrap();
        let mut out = Vec::new();
        for tick in 0..200_u32 {
            let now = start + Duration::from_millis(5) * tick;
            if tick % 2 == 0 && tick < 100 {
                line.put(now, &[[(tick / 2) as u8; 512]; 2]);
            }
            if let Some(frame) = line.take(now) {
                assert_eq!(frame[0], frame[1]);
                out.push((u32::from(frame[0][0]) * 10 + 35, tick * 5));
            }
        }
        assert_eq!(out.len(), 50);
        assert!(out.iter().all(|(due, came)| due == came), "{out:?}");
        assert_eq!(line.due(), None);
    }

    #[test]
    fn what_was_not_taken_in_time_is_left_out() {
        let (start, period) = (Instant::now(), Duration::from_millis(10));
        let mut line = DelayLine::new("20ms".parse().unwrap(), 1, period).unwrap();
        for frame in 0..100_u8 {
            line.put(start + period * frame.into(), &[[frame; 512]]);
        }
        let now = start + Duration::from_secs(5);
        assert_eq!(line.take(now).map(|frame| frame[0][0]), Some(99));
        assert_eq!(line.take(now), None);
        assert_eq!(line.spare.len(), 4);
        assert!(DelayLine::new(OutputDelay::ZERO, 1, period).is_none());
    }
}
