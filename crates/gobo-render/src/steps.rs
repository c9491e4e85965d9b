//! Values that change from one to the next in given frames: what was worked out frame by frame.

use std::ops::Range;

use crate::fingerprint::Fingerprint;

/// The values of a channel, each from its frame on up to the next one's.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Steps {
    /// The frame of the show in which they begin.
    first: u32,
    /// The frames, counted from the first and rising; at least one.
    frames: Vec<u32>,
    /// A part of the channel's range each, 0 to 1.
    values: Vec<f64>,
}

impl Steps {
    /// The steps of a channel from those of its slots, coarsest first, of which the highest value
    /// is `max`; `None` if nothing writes any of them. With each slot's changes comes what it is
    /// before.
    pub(crate) fn joined(slots: &[(&[(u32, u8)], u8)], max: u64) -> Option<Self> {
        let part = |value: u64| value as f64 / max.max(1) as f64;
        let mut steps = Self { first: 0, frames: Vec::new(), values: Vec::new() };
        if let [(log, _)] = slots {
            for &(frame, value) in *log {
                steps.push(frame, part(u64::from(value)));
            }
        } else {
            let mut frames: Vec<u32> =
                slots.iter().flat_map(|(log, _)| log.iter().map(|one| one.0)).collect();
            frames.sort_unstable();
            frames.dedup();
            let mut next = vec![0; slots.len()];
            let mut bytes: Vec<u8> = slots.iter().map(|slot| slot.1).collect();
            for frame in frames {
                for (index, (log, _)) in slots.iter().enumerate() {
                    if let Some(&(_, value)) = log.get(next[index]).filter(|one| one.0 == frame) {
                        bytes[index] = value;
                        next[index] += 1;
                    }
                }
                let value = bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
                steps.push(frame, part(value));
            }
        }
        (!steps.frames.is_empty()).then_some(steps)
    }

    fn push(&mut self, frame: u32, value: f64) {
        if self.frames.is_empty() {
            self.first = frame;
        }
        if self.values.last() != Some(&value) {
            self.frames.push(frame - self.first);
            self.values.push(value);
        }
    }

    /// The frame of the show in which they begin.
    pub(crate) fn first(&self) -> u32 {
        self.first
    }

    /// The step that holds in a frame, counted from the first.
    fn index(&self, frame: u32) -> usize {
        self.frames.partition_point(|&start| start <= frame).saturating_sub(1)
    }

    /// The value in a frame, counted from the first.
    pub(crate) fn at(&self, frame: u32) -> f64 {
        self.values.get(self.index(frame)).copied().unwrap_or(0.0)
    }

    /// The one value in all of `frames`, if there is one.
    pub(crate) fn steady_in(&self, frames: &Range<u32>) -> Option<f64> {
        let index = self.index(frames.start);
        let next = self.frames.get(index + 1);
        let value = self.values.get(index).copied();
        value.filter(|_| next.is_none_or(|&next| next >= frames.end))
    }

    /// Writes the values in `frames` to `out`.
    pub(crate) fn fill(&self, frames: &Range<u32>, out: &mut [Option<f64>]) {
        let mut index = self.index(frames.start);
        let mut from = frames.start;
        while from < frames.end {
            let until = self.frames.get(index + 1).map_or(frames.end, |&next| next.min(frames.end));
            let range = (from - frames.start) as usize..(until - frames.start) as usize;
            if let Some(out) = out.get_mut(range) {
                out.fill(self.values.get(index).copied());
            }
            (from, index) = (until, index + 1);
        }
    }

    /// Stands for the values in `frames`, wherever in the show they are.
    pub(crate) fn in_frames(&self, frames: &Range<u32>) -> u128 {
        let mut hash = Fingerprint::new();
        let first = self.index(frames.start);
        hash.number(self.values.get(first).copied().unwrap_or(0.0));
        let steps = self.frames.iter().zip(&self.values).skip(first + 1);
        for (frame, value) in steps.take_while(|(frame, _)| **frame < frames.end) {
            hash.integer(u64::from(frame - frames.start));
            hash.number(*value);
        }
        hash.digest()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_join_and_repeat_only_where_they_change() {
        let coarse = [(2, 1), (5, 2)];
        let fine = [(2, 0), (3, 128), (9, 128)];
        let steps = Steps::joined(&[(&coarse, 0), (&fine, 7)], 65_535).unwrap();
        let values: Vec<f64> = (0..8).map(|frame| (steps.at(frame) * 65_535.0).round()).collect();
        assert_eq!(values, [256., 384., 384., 640., 640., 640., 640., 640.]);
        assert_eq!((steps.first(), steps.frames.len()), (2, 3));
        let mut out = [None; 6];
        steps.fill(&(1..7), &mut out);
        let filled: Vec<f64> = out.iter().map(|value| value.unwrap()).collect();
        assert_eq!(filled, (1..7).map(|frame| steps.at(frame)).collect::<Vec<_>>());
        assert_eq!(steps.steady_in(&(3..100)), Some(steps.at(3)));
        assert_eq!(steps.steady_in(&(1..3)), Some(steps.at(2)));
        assert_eq!(steps.steady_in(&(1..4)), None);
        assert_eq!(Steps::joined(&[(&[], 0), (&[], 0)], 65_535), None);
    }
}
