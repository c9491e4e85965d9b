use std::fmt;
use std::str::FromStr;

/// The identity of a colour command: 26 characters of Crockford's Base32, a ULID as the field
/// writes it (`^[0-9A-HJKMNP-TV-Z]{26}$`).
///
/// Kept as it was written: what the schema allows beyond 128 bits is an identity all the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId([u8; 26]);

/// A text that is no identity of a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a ULID has 26 characters of 0 to 9 and A to Z, without I, L, O and U")]
pub struct CommandIdError;

/// Crockford's Base32.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl CommandId {
    /// The identity of a command of our own: a ULID of when it was, in ms since 1970, and a number.
    pub fn own(at_ms: u64, number: u64) -> Self {
        let mut rest = u128::from(at_ms) << 80 | u128::from(number);
        let mut letters = [0; 26];
        for letter in letters.iter_mut().rev() {
            *letter = LETTERS[(rest & 31) as usize];
            rest >>= 5;
        }
        Self(letters)
    }

    /// The identity as text.
    pub fn as_str(&self) -> &str {
        // Only ASCII gets in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for CommandId {
    type Err = CommandIdError;

    fn from_str(text: &str) -> Result<Self, CommandIdError> {
        let bytes: [u8; 26] = text.as_bytes().try_into().map_err(|_| CommandIdError)?;
        let allowed = |byte: &u8| {
            byte.is_ascii_digit() || byte.is_ascii_uppercase() && !b"ILOU".contains(byte)
        };
        if bytes.iter().all(allowed) { Ok(Self(bytes)) } else { Err(CommandIdError) }
    }
}

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_identities_are_ulids() {
        // The example of the ULID specification: 2016-07-30 23:54:10.259 UTC.
        let own = CommandId::own(1_469_922_850_259, 33);
        assert_eq!(own.as_str(), "01ARZ3NDEK0000000000000011");
        assert_eq!(own.as_str().parse(), Ok(own));
    }
}
