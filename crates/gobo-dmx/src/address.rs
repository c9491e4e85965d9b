use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Slots in a full DMX512 packet (ANSI E1.11, 8.9).
pub const SLOTS: usize = 512;

/// The levels of one universe in one frame, slot 0 first.
pub type Slots = [u8; SLOTS];

/// A DMX address as printed on a fixture: 1 to 512.
///
/// The slot, the index into [`Slots`], is one less.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Address(u16);

/// A number that is no DMX address.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a DMX address is 1 to 512, not {0}")]
pub struct AddressError(pub u16);

impl Address {
    /// The first address of a universe.
    pub const FIRST: Self = Self(1);

    /// An address from the number printed on a fixture, 1 to 512.
    pub const fn new(address: u16) -> Result<Self, AddressError> {
        if address >= 1 && address <= SLOTS as u16 {
            Ok(Self(address))
        } else {
            Err(AddressError(address))
        }
    }

    /// The number printed on a fixture, 1 to 512.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// The 0-based index into [`Slots`].
    pub const fn slot(self) -> usize {
        self.0 as usize - 1
    }
}

impl TryFrom<u16> for Address {
    type Error = AddressError;

    fn try_from(address: u16) -> Result<Self, AddressError> {
        Self::new(address)
    }
}

impl From<Address> for u16 {
    fn from(address: Address) -> u16 {
        address.get()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        text.parse().map_err(|_| AddressError(0)).and_then(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_1_to_512() {
        assert_eq!(Address::new(0), Err(AddressError(0)));
        assert_eq!(Address::new(1).unwrap().slot(), 0);
        assert_eq!(Address::new(512).unwrap().slot(), 511);
        assert_eq!(Address::new(513), Err(AddressError(513)));
        assert!("x".parse::<Address>().is_err());
    }
}
