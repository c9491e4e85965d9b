//! The changes that are made, and how long it is until somebody has them.

use std::sync::atomic::{AtomicU64, Ordering};

/// How many values the changes go through before one comes again.
const VALUES: usize = 256;

/// When each change was asked for, in nanoseconds since 1970; 0 before.
pub(super) struct Course(Vec<AtomicU64>);

impl Course {
    pub(super) fn new(changes: usize) -> Self {
        Self((0..changes).map(|_| AtomicU64::new(0)).collect())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The level that a change sets.
    pub(super) fn value(change: usize) -> u8 {
        (change % VALUES) as u8
    }

    pub(super) fn begin(&self, change: usize, nanos: u64) {
        self.0[change].store(nanos, Ordering::Release);
    }

    /// Microseconds from a change to this moment, if it had been asked for.
    pub(super) fn since(&self, change: usize, nanos: u64) -> Option<u32> {
        let begun = self.0.get(change)?.load(Ordering::Acquire);
        (begun > 0).then(|| (nanos.checked_sub(begun)? / 1000).try_into().ok()).flatten()
    }
}

/// Somebody who sees values, and by them how far the changes have come.
#[derive(Clone, Copy, Default)]
pub(super) struct Follower {
    /// How many changes were seen.
    pub(super) seen: usize,
}

impl Follower {
    /// Sees a value: whatever was changed before it is seen as well.
    pub(super) fn see(&mut self, value: u8, nanos: u64, course: &Course, taken: &mut Vec<u32>) {
        let ahead = value.wrapping_sub(Course::value(self.seen));
        let change = self.seen + usize::from(ahead);
        if course.since(change, nanos).is_none() {
            return;
        }
        taken.extend((self.seen..=change).filter_map(|change| course.since(change, nanos)));
        self.seen = change + 1;
    }
}

/// Times in microseconds, sorted.
pub(super) struct Times(Vec<u32>);

impl Times {
    pub(super) fn new(mut taken: Vec<u32>) -> Self {
        taken.sort_unstable();
        Self(taken)
    }

    /// Milliseconds at this part of the list.
    pub(super) fn at(&self, part: f64) -> f64 {
        let index = (self.0.len() as f64 * part).ceil() as usize;
        self.0.get(index.saturating_sub(1)).map_or(f64::NAN, |&micros| f64::from(micros) / 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_seen_with_the_next() {
        let course = Course::new(600);
        (0..600).for_each(|change| course.begin(change, 1_000_000 * (change as u64 + 1)));
        let (mut follower, mut taken) = (Follower::default(), Vec::new());
        follower.see(0, 1_000_000 + 5_000, &course, &mut taken);
        follower.see(0, 1_500_000, &course, &mut taken);
        assert_eq!((follower.seen, taken.as_slice()), (1, &[5][..]), "nothing new");
        follower.see(2, 3_000_000 + 7_000, &course, &mut taken);
        assert_eq!((follower.seen, taken.as_slice()), (3, &[5, 1_007, 7][..]));
        follower.see(1, 258_000_000, &course, &mut taken);
        assert_eq!(follower.seen, 258, "the value comes again");
        let times = Times::new(vec![3_000, 1_000, 2_000]);
        assert_eq!((times.at(0.5), times.at(1.0)), (2.0, 3.0));
    }
}
