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
    /// When the source last changed, on any rising scale; later wins under LTP.
    pub changed: u64,
    /// Its levels.
    pub slots: &'a Slots,
}

/// Merges all sources of the highest priority into `out`; no source leaves zeros.
pub fn merge(mode: MergeMode, sources: &[Source<'_>], out: &mut Slots) {
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

    proptest! {
        #[test]
        fn htp_commutes(mut sources in proptest::collection::vec((0_u8..=200, 0_u64..9, 0_u8..), 0..6)) {
            let forwards = merged(MergeMode::Htp, &sources);
            sources.reverse();
            prop_assert_eq!(forwards, merged(MergeMode::Htp, &sources));
        }
    }
}
