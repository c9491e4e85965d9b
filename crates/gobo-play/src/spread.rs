use std::time::Duration;

/// Up to 2^`EXACT_BITS` microseconds, each microsecond is a class of its own.
const EXACT_BITS: u32 = 6;
/// From there, an octave is cut into 2^`CUT_BITS` classes, so that each is 1/32 wide or less.
const CUT_BITS: u32 = 5;
/// Octaves that are cut: the last ends at 2^24 microseconds, 16.8 s.
const OCTAVES: usize = 18;
const EXACT: usize = 1 << EXACT_BITS;
const CUTS: usize = 1 << CUT_BITS;
const CLASSES: usize = EXACT + OCTAVES * CUTS;

/// How durations spread: a histogram of microseconds, whose classes are 3 % wide at most.
///
/// Counting allocates nothing. What is longer than 16.8 s counts in the last class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spread {
    classes: [u32; CLASSES],
    count: u64,
    most: Duration,
}

impl Default for Spread {
    fn default() -> Self {
        Self { classes: [0; CLASSES], count: 0, most: Duration::ZERO }
    }
}

impl Spread {
    /// Counts a duration.
    pub fn add(&mut self, duration: Duration) {
        // What is longer is as good as this.
        let micros = duration.as_micros().min(u128::from(u32::MAX)) as u32;
        let class = &mut self.classes[class(micros)];
        // Two years at 60 a second.
        *class = class.saturating_add(1);
        self.count += 1;
        self.most = self.most.max(duration);
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The longest of all.
    pub fn most(&self) -> Duration {
        self.most
    }

    /// What `share` of all, 0.0 to 1.0, did not exceed: the upper end of a class, so up to 3 %
    /// too long, but never above the longest. Zero when nothing was counted.
    pub fn percentile(&self, share: f64) -> Duration {
        let wanted = (self.count as f64 * share.clamp(0.0, 1.0)).ceil().max(1.0) as u64;
        let mut counted = 0;
        for (class, count) in self.classes.iter().enumerate() {
            counted += u64::from(*count);
            if counted >= wanted {
                return Duration::from_micros(end(class)).min(self.most);
            }
        }
        self.most
    }
}

/// The class of so many microseconds.
fn class(micros: u32) -> usize {
    if micros < 1 << EXACT_BITS {
        return micros as usize;
    }
    let octave = micros.ilog2();
    let cut = (micros >> (octave - CUT_BITS)) as usize - CUTS;
    (EXACT + (octave - EXACT_BITS) as usize * CUTS + cut).min(CLASSES - 1)
}

/// The longest that a class holds, in microseconds: what comes in between is cut off.
fn end(class: usize) -> u64 {
    let Some(over) = class.checked_sub(EXACT) else { return class as u64 + 1 };
    let (octave, cut) = (over / CUTS, over % CUTS);
    ((CUTS + cut + 1) as u64) << (octave as u32 + EXACT_BITS - CUT_BITS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn classes_follow_each_other_without_a_gap() {
        assert_eq!(class(0), 0);
        for class_now in 0..CLASSES - 1 {
            let next = end(class_now) as u32;
            assert_eq!((class(next - 1), class(next)), (class_now, class_now + 1));
        }
        assert_eq!(class(u32::MAX), CLASSES - 1);
    }

    proptest! {
        #[test]
        fn percentiles_are_those_of_the_sorted_list(
            micros in proptest::collection::vec(0_u32..5_000_000, 1..300),
            share in 0.0_f64..=1.0,
        ) {
            let mut spread = Spread::default();
            let mut sorted = micros;
            sorted.iter().for_each(|&micros| spread.add(Duration::from_micros(micros.into())));
            sorted.sort_unstable();
            let rank = (sorted.len() as f64 * share).ceil() as usize;
            let truth = u128::from(sorted[rank.saturating_sub(1)]);
            let told = spread.percentile(share).as_micros();
            prop_assert!(told >= truth && told <= truth * 33 / 32 + 1, "{told} for {truth}");
            prop_assert_eq!(spread.percentile(1.0), spread.most());
            prop_assert_eq!(spread.count(), sorted.len() as u64);
        }
    }
}
