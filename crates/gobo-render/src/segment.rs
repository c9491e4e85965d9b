//! Ranges of a channel's values with a number at each end.

/// Values `from..=to` of a channel that mean the numbers from `first` to `last`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Segment {
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) first: f64,
    pub(crate) last: f64,
}

impl Segment {
    /// How far `number` is outside.
    fn distance(&self, number: f64) -> f64 {
        let (low, high) = (self.first.min(self.last), self.first.max(self.last));
        (low - number).max(number - high).max(0.0)
    }

    /// The value nearest to `number`; the middle where all values mean the same.
    pub(crate) fn value(&self, number: f64) -> u64 {
        if self.first == self.last {
            return middle(self.from, self.to);
        }
        along(self.from, self.to, (number - self.first) / (self.last - self.first))
    }

    /// The part whose values mean numbers from `low` to `high`.
    pub(crate) fn within(&self, low: f64, high: f64) -> Option<Self> {
        if self.first == self.last {
            return (low..=high).contains(&self.first).then_some(*self);
        }
        let length = (self.to - self.from) as f64;
        let place = |number: f64| (number - self.first) / (self.last - self.first) * length;
        let (a, b) = (place(low), place(high));
        // Rounding of the arithmetic must not cost the value at a limit.
        let (start, end) = ((a.min(b) - 1e-6).ceil().max(0.0), (a.max(b) + 1e-6).floor());
        let (start, end) = (start, end.min(length));
        if start > end {
            return None;
        }
        let (from, to) = (self.from + start as u64, (self.from + end as u64).min(self.to));
        Some(Self { from, to, first: self.read(from)?, last: self.read(to)? })
    }

    /// The number that `value` means, if it is inside.
    pub(crate) fn read(&self, value: u64) -> Option<f64> {
        (self.from..=self.to).contains(&value).then(|| {
            let length = (self.to - self.from).max(1) as f64;
            self.first + (self.last - self.first) * ((value - self.from) as f64 / length)
        })
    }
}

/// The value that means `number` or comes nearest to it; of several, the first segment's.
pub(crate) fn value_of<'a>(
    segments: impl IntoIterator<Item = &'a Segment>,
    number: f64,
) -> Option<u64> {
    segments
        .into_iter()
        .min_by(|a, b| a.distance(number).total_cmp(&b.distance(number)))
        .map(|segment| segment.value(number))
}

/// The least and the greatest number of all segments.
pub(crate) fn extent<'a>(segments: impl IntoIterator<Item = &'a Segment>) -> Option<(f64, f64)> {
    segments
        .into_iter()
        .map(|segment| (segment.first.min(segment.last), segment.first.max(segment.last)))
        .reduce(|(low, high), (first, last)| (low.min(first), high.max(last)))
}

/// The value at a fraction of a range, rounded; 0 and 1 are its ends, exactly.
pub(crate) fn along(from: u64, to: u64, fraction: f64) -> u64 {
    let length = to - from;
    if fraction >= 1.0 {
        return to;
    }
    // The cast cuts off what is after the point, so that half more rounds; it makes 0 of what is
    // not a number, and a length of 64 bits saturates and is cut to the range.
    from + (((length as f64) * fraction.max(0.0) + 0.5) as u64).min(length)
}

/// The middle of a range: where a fixture with loose thresholds still does what is meant.
pub(crate) fn middle(from: u64, to: u64) -> u64 {
    from + (to - from) / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_containing_or_nearest_segment_is_taken() {
        let segment = |from, to, first, last| Segment { from, to, first, last };
        let dimmer = [segment(0, 9, 0.0, 0.0), segment(10, 255, 0.01, 1.0)];
        assert_eq!(value_of(&dimmer, 0.0), Some(4));
        assert_eq!(value_of(&dimmer, 0.001), Some(4));
        assert_eq!(value_of(&dimmer, 0.009), Some(10));
        assert_eq!(value_of(&dimmer, 1.0), Some(255));
        assert_eq!(value_of(&dimmer, 7.0), Some(255));
        assert_eq!(value_of(&[], 1.0), None);
        let falling = [segment(0, 100, 10.0, 0.0)];
        assert_eq!(value_of(&falling, 9.0), Some(10));
        assert_eq!(falling[0].read(10), Some(9.0));
    }

    #[test]
    fn eight_slots_reach_both_ends() {
        assert_eq!(along(0, u64::MAX, 1.0), u64::MAX);
        assert_eq!(along(0, u64::MAX, 0.0), 0);
        assert_eq!(along(5, 9, f64::NAN), 5);
        assert_eq!(middle(0, u64::MAX), u64::MAX / 2);
    }

    proptest! {
        #[test]
        fn no_value_leaves_its_segment(from: u64, to: u64, fraction in -2.0..2.0) {
            let (from, to) = (from.min(to), from.max(to));
            prop_assert!((from..=to).contains(&along(from, to, fraction)));
        }
    }
}
