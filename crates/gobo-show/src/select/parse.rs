//! Reads selection expressions.

use std::fmt;
use std::str::FromStr;

use indexmap::IndexMap;

use super::{Heads, Selection};
use crate::decode::Argument;

/// Text that is no selection.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct SelectionError(pub String);

/// How deep parentheses may stand in each other.
const DEPTH: u32 = 64;

/// Reads a selection; `$name` is an argument of the pattern.
pub(super) fn parse(
    text: &str,
    arguments: &IndexMap<String, Argument>,
) -> Result<Selection, SelectionError> {
    nested(text, arguments, 0)
}

fn nested(
    text: &str,
    arguments: &IndexMap<String, Argument>,
    depth: u32,
) -> Result<Selection, SelectionError> {
    let mut reader = Reader { text, at: 0, arguments, depth };
    let selection = reader.binary(0)?;
    reader.space();
    match reader.peek() {
        None => Ok(selection),
        Some(')') => Err(SelectionError("a `)` closes nothing in this selection".into())),
        Some(c) => {
            let word = reader.word(in_name);
            let found = if word.is_empty() { c.to_string() } else { word.to_owned() };
            Err(SelectionError(format!(
                "expected `|` (and), `&` (both), `^` (either) or `>` (or else) before `{found}`"
            )))
        }
    }
}

impl FromStr for Selection {
    type Err = SelectionError;

    fn from_str(text: &str) -> Result<Self, SelectionError> {
        parse(text, &IndexMap::new())
    }
}

type Join = fn(Box<Selection>, Box<Selection>) -> Selection;

/// The operators, from loose to tight.
const OPERATORS: [(char, Join); 4] = [
    ('>', Selection::Fallback),
    ('|', Selection::Union),
    ('^', Selection::Either),
    ('&', Selection::Both),
];

struct Reader<'a> {
    text: &'a str,
    at: usize,
    arguments: &'a IndexMap<String, Argument>,
    depth: u32,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn take(&mut self, c: char) -> bool {
        let taken = self.peek() == Some(c);
        if taken {
            self.at += c.len_utf8();
        }
        taken
    }

    fn space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn word(&mut self, inside: impl Fn(char) -> bool) -> &'a str {
        let rest = &self.text[self.at..];
        let end = rest.find(|c| !inside(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// Reads operands joined by the operator of `level`, left to right.
    fn binary(&mut self, level: usize) -> Result<Selection, SelectionError> {
        let Some((operator, join)) = OPERATORS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        loop {
            self.space();
            if !self.take(*operator) {
                return Ok(left);
            }
            let right = self.binary(level + 1)?;
            left = join(Box::new(left), Box::new(right));
        }
    }

    fn deeper(&mut self) -> Result<(), SelectionError> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(SelectionError("this selection is nested too deep".into()));
        }
        Ok(())
    }

    fn unary(&mut self) -> Result<Selection, SelectionError> {
        self.space();
        if self.take('~') {
            self.deeper()?;
            let inner = self.unary()?;
            self.depth -= 1;
            return Ok(Selection::Not(Box::new(inner)));
        }
        let mut selection = self.atom()?;
        while self.take(':') {
            selection = Selection::Heads(Box::new(selection), self.heads()?);
        }
        Ok(selection)
    }

    fn atom(&mut self) -> Result<Selection, SelectionError> {
        if self.take('(') {
            self.deeper()?;
            let inner = self.binary(0)?;
            self.depth -= 1;
            self.space();
            return match self.take(')') {
                true => Ok(inner),
                false => Err(SelectionError("expected `)` at the end of this selection".into())),
            };
        }
        if self.take('$') {
            let name = self.word(|c| c.is_alphanumeric() || c == '_');
            let argument = self.arguments.get(name).and_then(|argument| argument.node.text());
            let text = argument.ok_or_else(|| {
                SelectionError(format!("`${name}` is no selection argument of this pattern"))
            })?;
            self.deeper()?;
            // An argument is read where the cue stands: it refers to no other.
            return nested(text, &IndexMap::new(), self.depth);
        }
        match (self.word(in_name), self.peek()) {
            ("", Some(c)) => {
                let message = format!("expected a fixture, a group or `all` before `{c}`");
                Err(SelectionError(message))
            }
            ("", None) => {
                let message = "expected a fixture, a group or `all` at the end of this selection";
                Err(SelectionError(message.into()))
            }
            ("all", _) => Ok(Selection::All),
            ("this", _) => Ok(Selection::This),
            (name, _) => Ok(Selection::Name(name.to_owned())),
        }
    }

    fn heads(&mut self) -> Result<Heads, SelectionError> {
        let word = self.word(|c| in_name(c) || c == ',');
        let bad = || {
            let message =
                format!("expected heads as `:3`, `:1-8`, `:odd` or `:even`, found `:{word}`");
            SelectionError(message)
        };
        let index = |text: &str| text.parse::<u32>().ok().filter(|index| *index > 0);
        match word {
            "odd" => Ok(Heads::Odd),
            "even" => Ok(Heads::Even),
            word if word.starts_with(|c: char| c.is_ascii_digit()) => {
                let (first, last) = word.split_once('-').unwrap_or((word, word));
                match index(first).zip(index(last)) {
                    Some((first, last)) if first <= last => Ok(Heads::Range(first, last)),
                    _ => Err(bad()),
                }
            }
            word if word.is_empty() || word.contains([',', '*', '?']) => Err(bad()),
            word => Ok(Heads::Named(word.to_owned())),
        }
    }
}

/// Whether a character may stand in the name of a fixture or a group.
pub(crate) fn in_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '*' | '?')
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (a, operator, b) = match self {
            Self::All => return f.write_str("all"),
            Self::This => return f.write_str("this"),
            Self::Name(name) => return f.write_str(name),
            Self::Not(inner) => return write!(f, "~{inner}"),
            Self::Heads(inner, heads) if matches!(**inner, Self::Not(_)) => {
                return write!(f, "({inner}):{heads}");
            }
            Self::Heads(inner, heads) => return write!(f, "{inner}:{heads}"),
            Self::Fallback(a, b) => (a, '>', b),
            Self::Union(a, b) => (a, '|', b),
            Self::Either(a, b) => (a, '^', b),
            Self::Both(a, b) => (a, '&', b),
        };
        write!(f, "({a} {operator} {b})")
    }
}

impl fmt::Display for Heads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Odd => f.write_str("odd"),
            Self::Even => f.write_str("even"),
            Self::Named(name) => f.write_str(name),
            Self::Range(first, last) if first == last => write!(f, "{first}"),
            Self::Range(first, last) => write!(f, "{first}-{last}"),
        }
    }
}
