use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{DEFAULT_PRIORITY, Priority, Universe, UniverseSet};

/// A priority for each universe.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Priorities {
    /// The priority of the universes that `of` does not name.
    rest: Priority,
    of: Vec<(UniverseSet, Priority)>,
}

impl Priorities {
    /// [`DEFAULT_PRIORITY`] for every universe.
    pub const USUAL: Self = Self { rest: DEFAULT_PRIORITY, of: Vec::new() };

    /// Priorities of some universes each; the set of all universes stands for the rest. The error
    /// names a set that shares universes with another.
    pub fn of(
        sets: impl IntoIterator<Item = (UniverseSet, Priority)>,
    ) -> Result<Self, UniverseSet> {
        let mut priorities = Self::USUAL;
        let all = UniverseSet::all();
        for (set, priority) in sets {
            if set == all {
                priorities.rest = priority;
            } else if priorities.of.iter().any(|(other, _)| other.meets(&set)) {
                return Err(set);
            } else {
                priorities.of.push((set, priority));
            }
        }
        Ok(priorities)
    }

    /// The priority of a universe.
    pub fn get(&self, universe: Universe) -> Priority {
        let named = self.of.iter().find(|(set, _)| set.contains(universe));
        named.map_or(self.rest, |(_, priority)| *priority)
    }
}

impl Default for Priorities {
    fn default() -> Self {
        Self::USUAL
    }
}

impl From<Priority> for Priorities {
    fn from(rest: Priority) -> Self {
        Self { rest, of: Vec::new() }
    }
}

/// One number for all, or a number for each set.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    One(Priority),
    Each(BTreeMap<String, Priority>),
}

impl From<Priorities> for Written {
    fn from(priorities: Priorities) -> Self {
        if priorities.of.is_empty() {
            return Self::One(priorities.rest);
        }
        let rest = (UniverseSet::all(), priorities.rest);
        let sets = priorities.of.into_iter().chain([rest]);
        Self::Each(sets.map(|(set, priority)| (set.to_string(), priority)).collect())
    }
}

impl TryFrom<Written> for Priorities {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let sets = match written {
            Written::One(priority) => return Ok(priority.into()),
            Written::Each(sets) => sets,
        };
        let sets: Vec<(UniverseSet, Priority)> = sets
            .into_iter()
            .map(|(set, priority)| set.parse().map(|set| (set, priority)))
            .collect::<Result<_, _>>()?;
        Self::of(sets).map_err(|set| format!("universes {set} have two priorities"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sets(of: &[(&str, u8)]) -> Result<Priorities, UniverseSet> {
        let set = |&(set, priority): &(&str, u8)| {
            (set.parse().unwrap(), Priority::new(priority).unwrap())
        };
        Priorities::of(of.iter().map(set))
    }

    #[test]
    fn each_universe_has_one() {
        let priorities = sets(&[("1-4", 120), ("7", 90), ("all", 50)]).unwrap();
        let of = |number| priorities.get(Universe::new(number).unwrap()).get();
        assert_eq!([1, 4, 5, 7, 8].map(of), [120, 120, 50, 90, 50]);
        assert_eq!(sets(&[("1-4", 1), ("4-5", 2)]), Err("4-5".parse().unwrap()));
        let usual = sets(&[("9", 1)]).unwrap();
        assert_eq!(usual.get(Universe::FIRST), DEFAULT_PRIORITY);
    }
}
