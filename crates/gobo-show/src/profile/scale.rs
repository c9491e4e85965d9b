//! DMX values between resolutions, by the Open Fixture Library's rules; never rounds on its own.
//!
//! A resolution is a number of slots, 1 to 8: 1 is 8 bit, 2 is 16 bit.

use crate::rig::max_of;

/// The most slots whose value fits the 64 bits that a channel's values have.
pub(super) const WIDEST: usize = 8;

/// `value` of a channel of `from` slots as that of `to` slots: upwards the last byte repeats (so
/// that the highest value stays the highest), downwards the fine bytes go.
pub(super) fn value(value: u64, from: usize, to: usize) -> u64 {
    let value = value.min(max_of(from));
    if to <= from {
        return value >> (8 * (from - to));
    }
    (from..to).fold(value, |value, _| value << 8 | value & 0xff)
}

/// The range `start..=end` of a channel of `from` slots as that of `to` slots.
///
/// Upwards it covers every finer value. Downwards the start moves up past a value that it covers
/// only in part, unless nothing would be left.
pub(super) fn range((start, end): (u64, u64), from: usize, to: usize) -> (u64, u64) {
    let max = max_of(from);
    let (start, end) = (start.min(max), end.min(max));
    if to >= from {
        let shift = 8 * (to - from) as u32;
        return (start << shift, end << shift | ((1 << shift) - 1));
    }
    let end = end >> (8 * (from - to));
    let start = (to..from).fold(start, |start, _| {
        let coarse = start >> 8;
        coarse + u64::from(start & 0xff != 0)
    });
    (start.min(end), end)
}

/// `percent` of the highest value of a channel of `slots` slots, rounded down.
pub(super) fn percent(percent: f64, slots: usize) -> u64 {
    let max = max_of(slots);
    ((percent / 100.0 * max as f64) as u64).min(max)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_values() {
        assert_eq!(value(0x7f, 1, 2), 0x7f7f);
        assert_eq!(value(0x1234, 2, 3), 0x12_3434);
        assert_eq!(value(0x12_3456, 3, 1), 0x12);
        assert_eq!(range((10, 20), 1, 2), (0x0a00, 0x14ff));
        assert_eq!(range((0x0a01, 0x14fe), 2, 1), (0x0b, 0x14));
        assert_eq!(range((0x0a01, 0x0afe), 2, 1), (0x0a, 0x0a));
        assert_eq!(range((0, 255), 1, 8), (0, u64::MAX));
        assert_eq!((percent(50.0, 1), percent(100.0, 2), percent(50.0, 2)), (127, 65535, 32767));
    }

    proptest! {
        #[test]
        fn ends_stay_ends(from in 1_usize..=8, to in 1_usize..=8) {
            prop_assert_eq!(value(0, from, to), 0);
            prop_assert_eq!(value(max_of(from), from, to), max_of(to));
            prop_assert_eq!(range((0, max_of(from)), from, to), (0, max_of(to)));
        }

        #[test]
        fn up_and_down_again_is_the_same(raw: u64, from in 1_usize..=8, more in 0_usize..=7) {
            let to = (from + more).min(8);
            let raw = raw & max_of(from);
            prop_assert_eq!(value(value(raw, from, to), to, from), raw);
        }

        #[test]
        fn neighbours_never_overlap_when_refined(cut: u8, to in 1_usize..=8) {
            prop_assume!(cut < 255);
            let (low, high) = ((0, u64::from(cut)), (u64::from(cut) + 1, 255));
            prop_assert_eq!(range(low, 1, to).1 + 1, range(high, 1, to).0);
        }

        #[test]
        fn order_is_kept(a: u64, b: u64, from in 1_usize..=8, to in 1_usize..=8) {
            let (low, high) = (a.min(b) & max_of(from), (a.max(b)) & max_of(from));
            prop_assume!(low <= high);
            prop_assert!(value(low, from, to) <= value(high, from, to));
            let (start, end) = range((low, high), from, to);
            prop_assert!(start <= end && end <= max_of(to));
        }
    }
}
