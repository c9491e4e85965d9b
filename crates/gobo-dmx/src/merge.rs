use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{SLOTS, Slots};

/// The priority of a source, 0 to 200 (E1.31-2018 6.2.3); the highest wins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Priority(u8);

/// The priority of a source that names none (E1.31-2018 6.2.3).
pub const DEFAULT_PRIORITY: Priority = Priority(100);

/// A number that is no priority.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a priority is 0 to 200, not {0}")]
pub struct PriorityError(pub u8);

impl Priority {
    /// A priority from its number, 0 to 200.
    pub const fn new(number: u8) -> Result<Self, PriorityError> {
        if number <= 200 { Ok(Self(number)) } else { Err(PriorityError(number)) }
    }

    /// The number, 0 to 200.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl Default for Priority {
    fn default() -> Self {
        DEFAULT_PRIORITY
    }
}

impl TryFrom<u8> for Priority {
    type Error = PriorityError;

    fn try_from(number: u8) -> Result<Self, PriorityError> {
        Self::new(number)
    }
}

impl From<Priority> for u8 {
    fn from(priority: Priority) -> u8 {
        priority.get()
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How sources of equal priority share a universe.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MergeMode {
    /// The highest level of each slot takes precedence.
    #[default]
    Htp,
    /// The source that changed last takes precedence, whole.
    Ltp,
}

/// One source's levels for a universe.
#[derive(Clone, Debug)]
pub struct Source<'a> {
    /// The source's priority: lower ones are ignored while a higher one speaks.
    pub priority: Priority,
    /// The priority of each slot in place of the source's, 1 to 200, where it tells them; it does
    /// not drive those of 0.
    pub slot_priorities: Option<&'a Slots>,
    /// When the source last changed, on any rising scale; later wins under LTP.
    pub changed: u64,
    /// Its levels.
    pub slots: &'a Slots,
}

impl Source<'_> {
    /// The rank of a slot; `None` when the source does not drive it. A source of priority 0 drives
    /// its slots, at the lowest there is.
    fn rank(&self, slot: usize) -> Option<u8> {
        match self.slot_priorities {
            None => Some(self.priority.get().max(1)),
            Some(priorities) => Some(priorities[slot]).filter(|priority| *priority > 0),
        }
    }
}

/// Merges all sources of the highest priority into `out`, slot by slot where sources tell their
/// slots' priorities; a slot that no source drives is 0.
pub fn merge(mode: MergeMode, sources: &[Source<'_>], out: &mut Slots) {
    if sources.iter().any(|source| source.slot_priorities.is_some()) {
        for (slot, level) in out.iter_mut().enumerate() {
            *level = merged_slot(mode, sources, slot);
        }
        return;
    }
    *out = [0; SLOTS];
    let Some(highest) = sources.iter().map(|source| source.priority).max() else { return };
    let mut winners = sources.iter().filter(|source| source.priority == highest);
    match mode {
        MergeMode::Htp => {
            for source in winners {
                for (level, &slot) in out.iter_mut().zip(source.slots) {
                    *level = slot.max(*level);
                }
            }
        }
        MergeMode::Ltp => {
            if let Some(latest) = winners.by_ref().max_by_key(|source| source.changed) {
                *out = *latest.slots;
            }
        }
    }
}

/// The level of one slot.
fn merged_slot(mode: MergeMode, sources: &[Source<'_>], slot: usize) -> u8 {
    let ranked = sources.iter().filter_map(|source| Some((source.rank(slot)?, source)));
    let winner = ranked.max_by_key(|(rank, source)| match mode {
        MergeMode::Htp => (*rank, u64::from(source.slots[slot])),
        MergeMode::Ltp => (*rank, source.changed),
    });
    winner.map_or(0, |(_, source)| source.slots[slot])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn merged(mode: MergeMode, sources: &[(u8, u64, u8)]) -> u8 {
        let slots: Vec<Slots> = sources.iter().map(|&(_, _, level)| [level; SLOTS]).collect();
        let sources: Vec<_> = sources
            .iter()
            .zip(&slots)
            .map(|(&(priority, changed, _), slots)| Source {
                priority: Priority::new(priority).unwrap(),
                slot_priorities: None,
                changed,
                slots,
            })
            .collect();
        let mut out = [0xff; SLOTS];
        merge(mode, &sources, &mut out);
        out[0]
    }

    #[test]
    fn priority_comes_first() {
        assert_eq!(merged(MergeMode::Htp, &[]), 0);
        assert_eq!(merged(MergeMode::Htp, &[(100, 0, 9), (100, 0, 200), (50, 9, 255)]), 200);
        assert_eq!(merged(MergeMode::Ltp, &[(100, 5, 9), (100, 3, 200), (50, 9, 255)]), 9);
    }

    #[test]
    fn slots_with_priorities_are_won_one_by_one() {
        let slots = |levels: [u8; 3]| {
            let mut slots = [0; SLOTS];
            slots[..3].copy_from_slice(&levels);
            slots
        };
        let (high, low) = (slots([0, 150, 100]), slots([10, 20, 30]));
        let (patched, plain) = (slots([9, 8, 7]), slots([90, 5, 200]));
        let source = |priority, slot_priorities, changed, slots| Source {
            priority: Priority::new(priority).unwrap(),
            slot_priorities,
            changed,
            slots,
        };
        let sources = [source(200, Some(&high), 1, &patched), source(100, None, 2, &plain)];
        let mut out = [0xff; SLOTS];
        merge(MergeMode::Htp, &sources, &mut out);
        assert_eq!(out[..4], [90, 8, 200, 0], "not driven, higher, equal");
        merge(MergeMode::Ltp, &sources, &mut out);
        assert_eq!(out[..3], [90, 8, 200]);
        merge(
            MergeMode::Htp,
            &[source(0, None, 1, &plain), source(9, Some(&low), 1, &patched)],
            &mut out,
        );
        assert_eq!(out[..4], [9, 8, 7, 0]);
        merge(MergeMode::Htp, &[source(100, Some(&high), 1, &patched)], &mut out);
        assert_eq!(out[..4], [0, 8, 7, 0], "alone, it still drives no more than it says");
    }

    proptest! {
        #[test]
        fn slot_priorities_that_are_all_the_sources_change_nothing(
            sources in proptest::collection::vec((1_u8..=200, 0_u64..9, 0_u8..), 1..6),
            latest in proptest::bool::ANY,
        ) {
            let mode = if latest { MergeMode::Ltp } else { MergeMode::Htp };
            let slots: Vec<Slots> = sources.iter().map(|source| [source.2; SLOTS]).collect();
            let priorities: Vec<Slots> = sources.iter().map(|source| [source.0; SLOTS]).collect();
            let told = sources.iter().zip(&slots).zip(&priorities);
            let told = told.map(|((&(_, changed, _), slots), priorities)| Source {
                priority: DEFAULT_PRIORITY,
                slot_priorities: Some(priorities),
                changed,
                slots,
            });
            let mut out = [0xff; SLOTS];
            merge(mode, &told.collect::<Vec<_>>(), &mut out);
            prop_assert_eq!(out[0], merged(mode, &sources));
        }

        #[test]
        fn htp_commutes(mut sources in proptest::collection::vec((0_u8..=200, 0_u64..9, 0_u8..), 0..6)) {
            let forwards = merged(MergeMode::Htp, &sources);
            sources.reverse();
            prop_assert_eq!(forwards, merged(MergeMode::Htp, &sources));
        }
    }
}
