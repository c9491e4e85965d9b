//! What a target says of itself, in a report that is copied as it is: words without a heap.

use std::fmt;

/// The most bytes kept; what is longer is cut.
const MOST: usize = 110;

/// A short text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Words {
    bytes: [u8; MOST],
    length: u8,
}

impl Words {
    /// `text` in one line, as far as there is room for it.
    pub(crate) fn new(text: &str) -> Self {
        let mut words = Self { bytes: [0; MOST], length: 0 };
        for letter in text.chars() {
            let letter = if letter.is_control() { ' ' } else { letter };
            let start = usize::from(words.length);
            let Some(room) = words.bytes.get_mut(start..start + letter.len_utf8()) else { break };
            letter.encode_utf8(room);
            words.length += letter.len_utf8() as u8;
        }
        words
    }

    pub(crate) fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..self.length.into()).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn words_are_the_beginning_of_a_text(text: String) {
            let line: String =
                text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
            let words = Words::new(&text);
            prop_assert!(line.starts_with(words.as_str()));
            prop_assert!(words.as_str() == line || words.as_str().len() > MOST - 4);
        }
    }
}
