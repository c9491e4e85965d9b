use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A universe number as E1.31 counts them: 1 to 63999 (E1.31-2018 6.2.7).
///
/// Art-Net counts from 0: [`Universe::port_address`] is one less.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Universe(u16);

/// A number that is no universe.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a universe is 1 to 63999, not {0}")]
pub struct UniverseError(pub u16);

impl Universe {
    /// The lowest universe.
    pub const FIRST: Self = Self(1);
    /// The highest universe that E1.31 allows for data.
    pub const LAST: Self = Self(63_999);

    /// A universe from its E1.31 number, 1 to 63999.
    pub const fn new(number: u16) -> Result<Self, UniverseError> {
        if number >= Self::FIRST.0 && number <= Self::LAST.0 {
            Ok(Self(number))
        } else {
            Err(UniverseError(number))
        }
    }

    /// The E1.31 number, 1 to 63999.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// The Art-Net port address of this universe, or `None` above 32768.
    pub const fn port_address(self) -> Option<PortAddress> {
        match PortAddress::new(self.0 - 1) {
            Ok(port) => Some(port),
            Err(_) => None,
        }
    }
}

impl TryFrom<u16> for Universe {
    type Error = UniverseError;

    fn try_from(number: u16) -> Result<Self, UniverseError> {
        Self::new(number)
    }
}

impl From<Universe> for u16 {
    fn from(universe: Universe) -> u16 {
        universe.get()
    }
}

impl fmt::Display for Universe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An Art-Net port address: net (7 bits), sub-net (4), universe (4); 0 to 32767.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PortAddress(u16);

/// A number that is no Art-Net port address.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("an Art-Net port address is 0 to 32767, not {0}")]
pub struct PortAddressError(pub u16);

impl PortAddress {
    /// A port address from its 15-bit number.
    pub const fn new(number: u16) -> Result<Self, PortAddressError> {
        if number < 1 << 15 { Ok(Self(number)) } else { Err(PortAddressError(number)) }
    }

    /// The 15-bit number.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// Bits 14 to 8: the net, 0 to 127.
    pub const fn net(self) -> u8 {
        (self.0 >> 8) as u8
    }

    /// Bits 7 to 4: the sub-net, 0 to 15.
    pub const fn subnet(self) -> u8 {
        (self.0 >> 4) as u8 & 0xf
    }

    /// The universe that gobo calls by this port address (one more).
    pub const fn universe(self) -> Universe {
        Universe(self.0 + 1)
    }
}

impl fmt::Display for PortAddress {
    /// Net, sub-net and universe, as consoles show them: `0:1:15`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.net(), self.subnet(), self.0 & 0xf)
    }
}

/// A set of universes, written `1-4,7`; kept as sorted ranges that do not touch.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UniverseSet(Vec<(Universe, Universe)>);

impl UniverseSet {
    /// Every universe there is.
    pub fn all() -> Self {
        Self(vec![(Universe::FIRST, Universe::LAST)])
    }

    /// Whether no universe is in the set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `universe` is in the set.
    pub fn contains(&self, universe: Universe) -> bool {
        self.0.iter().any(|&(first, last)| (first..=last).contains(&universe))
    }

    /// Whether some universe is in both sets.
    pub fn meets(&self, other: &Self) -> bool {
        let overlaps = |(first, last): &(Universe, Universe)| {
            other.0.iter().any(|(a, b)| a <= last && first <= b)
        };
        self.0.iter().any(overlaps)
    }

    /// The ranges, sorted, both ends inside.
    pub fn ranges(&self) -> &[(Universe, Universe)] {
        &self.0
    }
}

impl FromIterator<Universe> for UniverseSet {
    fn from_iter<I: IntoIterator<Item = Universe>>(universes: I) -> Self {
        universes.into_iter().map(|universe| (universe, universe)).collect()
    }
}

impl FromIterator<(Universe, Universe)> for UniverseSet {
    fn from_iter<I: IntoIterator<Item = (Universe, Universe)>>(ranges: I) -> Self {
        let mut ranges: Vec<_> = ranges.into_iter().collect();
        ranges.sort_unstable();
        let mut merged: Vec<(Universe, Universe)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match merged.last_mut() {
                Some((_, end)) if first.0 <= end.0 + 1 => *end = last.max(*end),
                _ => merged.push((first, last)),
            }
        }
        Self(merged)
    }
}

impl FromStr for UniverseSet {
    type Err = String;

    /// Reads `1-4,7` or `all`; the error says what was expected.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim() == "all" {
            return Ok(Self::all());
        }
        let universe = |part: &str| -> Result<Universe, String> {
            let number: u16 = part
                .trim()
                .parse()
                .map_err(|_| format!("expected universes as `1-4,7` or `all`, found `{part}`"))?;
            Universe::new(number).map_err(|error| error.to_string())
        };
        text.split(',')
            .map(|part| match part.split_once('-') {
                None => universe(part).map(|only| (only, only)),
                Some((first, last)) => match (universe(first)?, universe(last)?) {
                    (first, last) if first <= last => Ok((first, last)),
                    _ => Err(format!("the range `{}` runs backwards", part.trim())),
                },
            })
            .collect()
    }
}

impl TryFrom<String> for UniverseSet {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<UniverseSet> for String {
    fn from(set: UniverseSet) -> String {
        set.to_string()
    }
}

impl fmt::Display for UniverseSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::all() {
            return f.write_str("all");
        }
        for (index, (first, last)) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            if first == last { write!(f, "{first}")? } else { write!(f, "{first}-{last}")? }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn art_net_counts_from_zero() {
        let port = Universe::new(1).unwrap().port_address().unwrap();
        assert_eq!((port.get(), port.universe().get()), (0, 1));
        let port = Universe::new(0x1234 + 1).unwrap().port_address().unwrap();
        assert_eq!((port.net(), port.subnet(), port.to_string()), (0x12, 3, "18:3:4".into()));
        assert_eq!(Universe::new(32_769).unwrap().port_address(), None);
        assert_eq!(PortAddress::new(32_768), Err(PortAddressError(32_768)));
    }

    #[test]
    fn sets_read_merge_and_print() {
        let set: UniverseSet = "7, 1-3,4, 9-10".parse().unwrap();
        assert_eq!(set.to_string(), "1-4,7,9-10");
        let inside = |n| set.contains(Universe::new(n).unwrap());
        assert!(inside(1) && inside(4) && inside(9) && !inside(5) && !inside(11));
        assert_eq!("all".parse::<UniverseSet>().unwrap(), UniverseSet::all());
        for bad in ["", "0", "64000", "4-1", "a", "1-"] {
            assert!(bad.parse::<UniverseSet>().is_err(), "{bad}");
        }
    }
}
