//! Randomness as a function of a seed and numbers: never of what was drawn before.

/// A number that seed and `draw` stand for, evenly spread over all of `u64`.
pub(crate) fn hash(seed: u64, draw: u64) -> u64 {
    // SplitMix64 (Steele, Lea, Flood 2014), its state set instead of stepped.
    let mut z = seed ^ draw.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Where `index` of `0..count` goes in the order that `seed` and `round` draw.
///
/// A Feistel network over the next power of four, walked until it falls inside: a permutation of
/// `0..count` that costs the same for any count.
pub(crate) fn place(seed: u64, round: u64, index: u32, count: u32) -> u32 {
    if index >= count {
        return index;
    }
    let half_bits = (u32::BITS - (count - 1).leading_zeros()).div_ceil(2).max(1);
    let mask = (1_u32 << half_bits) - 1;
    let key = hash(seed, round);
    let mut at = index;
    loop {
        let (mut left, mut right) = (at >> half_bits, at & mask);
        for turn in 0..4 {
            let mixed = hash(key, u64::from(right) << 2 | turn) as u32 & mask;
            (left, right) = (right, left ^ mixed);
        }
        at = left << half_bits | right;
        if at < count {
            return at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_an_order_of_their_own_each_round() {
        for count in [1, 2, 3, 7, 64, 170, 1000] {
            let order = |round| -> Vec<u32> {
                (0..count).map(|index| place(7, round, index, count)).collect()
            };
            let mut sorted = order(0);
            sorted.sort_unstable();
            assert!(sorted.into_iter().eq(0..count), "{count}");
            assert!(count < 7 || (order(0) != order(1) && order(0) != order(2)), "{count}");
        }
    }
}
