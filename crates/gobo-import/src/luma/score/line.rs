//! A line of a score, letter by letter.

use std::ops::Range;

/// Why a line cannot be read: the bytes that it is about, the reason, and what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Fault {
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Fault {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// A line on its way from start to end. Offsets count from the start of the line.
#[derive(Clone, Debug)]
pub(super) struct Line<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Line<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn take(&mut self, c: char) -> bool {
        let taken = self.peek() == Some(c);
        if taken {
            self.at += c.len_utf8();
        }
        taken
    }

    pub(super) fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Whether nothing but a remark is left. A remark starts where a word could.
    pub(super) fn is_over(&mut self) -> bool {
        self.space();
        matches!(self.peek(), None | Some('#'))
    }

    pub(super) fn word(&mut self, inside: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !inside(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// The bytes of the word that starts here, at least one letter if there is any.
    pub(super) fn here(&self) -> Range<usize> {
        let rest = self.rest();
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let end = if end == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { end };
        self.at..self.at + end
    }

    /// A fault at the word that starts here.
    pub(super) fn fault(&self, expected: &str) -> Fault {
        let found = match self.rest().split_whitespace().next() {
            Some(word) => format!("found `{word}`"),
            None => "found the end of the line".to_owned(),
        };
        Fault::new(self.here(), format!("expected {expected}, {found}"))
    }

    /// A name: a word, or text in quotes.
    pub(super) fn name(&mut self, expected: &str) -> Result<String, Fault> {
        if self.peek() == Some('"') {
            return match self.json()? {
                serde_json::Value::String(text) => Ok(text),
                _ => Err(self.fault(expected)),
            };
        }
        let word = self.clone().word(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
        if word.is_empty() {
            return Err(self.fault(expected));
        }
        self.at += word.len();
        Ok(word.to_owned())
    }

    /// What stands between a bracket that was taken and the one that closes it.
    pub(super) fn bracketed(&mut self, open: char, close: char) -> Result<&'a str, Fault> {
        let (start, mut depth) = (self.at, 1_u32);
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            if c == open {
                depth += 1;
            } else if c == close {
                depth -= 1;
                if depth == 0 {
                    return Ok(&self.text[start..self.at - close.len_utf8()]);
                }
            }
        }
        let message = format!("this `{open}` is not closed: expected `{close}`");
        Err(Fault::new(start - open.len_utf8()..start, message))
    }

    /// A JSON value.
    pub(super) fn json(&mut self) -> Result<serde_json::Value, Fault> {
        let mut values = serde_json::Deserializer::from_str(self.rest()).into_iter();
        match values.next() {
            Some(Ok(value)) => {
                self.at += values.byte_offset();
                Ok(value)
            }
            Some(Err(error)) => {
                let message = format!("this is no JSON value: {error}");
                Err(Fault::new(self.at..self.text.trim_end().len().max(self.at), message))
            }
            None => Err(self.fault("a value")),
        }
    }
}
