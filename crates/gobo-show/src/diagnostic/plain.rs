//! Diagnostics as plain text, a line each: for tests, logs and terminals without colour.

use std::fmt::Write;

use super::{Diagnostic, Place, Severity, Spot};
use crate::tree::locate;

/// The line and the column of a byte of a text, both from 1; columns count characters.
pub fn line_and_column(text: &str, byte: usize) -> (usize, usize) {
    let mut end = byte.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}

impl Diagnostic {
    /// The diagnostic as `file:line:column: error[code]: message`, then labels and hints indented.
    /// `text` gives the text of a file.
    pub fn plain<T: AsRef<str>>(&self, text: impl Fn(&str) -> Option<T>) -> String {
        let at = |place: &Place| {
            let text = text(&place.file).filter(|_| place.spot != Spot::File);
            let bytes = text.as_ref().and_then(|text| locate(text.as_ref(), place));
            match text.zip(bytes) {
                Some((text, bytes)) => {
                    let (line, column) = line_and_column(text.as_ref(), bytes.start);
                    format!("{}:{line}:{column}", place.file)
                }
                None => place.file.to_string(),
            }
        };
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let mut plain =
            format!("{}: {severity}[{}]: {}\n", at(&self.place), self.code, self.message);
        // Writing to a string cannot fail.
        for label in &self.labels {
            let _ = writeln!(plain, "  {}: {}", at(&label.place), label.message);
        }
        for hint in &self.hints {
            let _ = writeln!(plain, "  hint: {hint}");
        }
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "a\nüx\n";
        assert_eq!(line_and_column(text, 0), (1, 1));
        assert_eq!(line_and_column(text, 4), (2, 2));
        // In the middle of a character, and past the end.
        assert_eq!(line_and_column(text, 3), (2, 1));
        assert_eq!(line_and_column(text, 99), (3, 1));
    }
}
