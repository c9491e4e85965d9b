//! Why a packet was refused.

/// Why bytes are no packet of the protocol they came in by.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Malformed {
    /// The protocol's opening bytes are missing: something else uses the port.
    #[error("not a packet of this protocol")]
    Foreign,
    /// The packet ends before its fields do.
    #[error("cut short: {found} bytes where {expected} are needed")]
    Short {
        /// Bytes needed.
        expected: usize,
        /// Bytes there.
        found: usize,
    },
    /// A length field contradicts the packet around it or the standard.
    #[error("the length of the {layer} is wrong: {length}")]
    Length {
        /// The layer or field whose length it is.
        layer: &'static str,
        /// What the field says.
        length: usize,
    },
    /// A field holds a value that the standard forbids.
    #[error("refused: {0}")]
    Field(String),
}

impl Malformed {
    /// The kind in a word, to count by.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Foreign => "foreign",
            Self::Short { .. } => "short",
            Self::Length { .. } => "length",
            Self::Field(_) => "field",
        }
    }

    /// The first `expected` bytes, or what is missing.
    pub(crate) fn at_least(bytes: &[u8], expected: usize) -> Result<(), Self> {
        let found = bytes.len();
        if found < expected { Err(Self::Short { expected, found }) } else { Ok(()) }
    }
}
