//! Reads selection expressions.

use std::str::FromStr;

use indexmap::IndexMap;

use super::function::functions;
use super::{Ability, Function, Heads, Selection, Side};
use crate::decode::{Argument, listed};
use crate::diagnostic::nearest;

/// Text that is no selection.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}")]
pub struct SelectionError {
    /// What is wrong.
    pub message: String,
    /// What may be meant.
    pub hint: Option<String>,
}

impl SelectionError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }
}

/// How deep parentheses may stand in each other.
const DEPTH: u32 = 64;
/// How many parts one selection may join: what walks it goes one deeper for each.
const PARTS: u32 = 2_000;

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
    let mut reader = Reader { text, at: 0, arguments, depth, parts: 0, calls: 0 };
    let selection = reader.binary(0)?;
    reader.space();
    match reader.peek() {
        None => Ok(selection),
        Some(')') => Err(SelectionError::new("a `)` closes nothing in this selection")),
        Some(c) => {
            let word = reader.word(in_name);
            let found = if word.is_empty() { c.to_string() } else { word.to_owned() };
            Err(SelectionError::new(format!(
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
    /// How many operators there have been.
    parts: u32,
    /// How many functions are open: in them a comma ends a selection.
    calls: u32,
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
            self.parts += 1;
            if self.parts > PARTS {
                let message = format!("this selection joins more than {PARTS} parts");
                return Err(SelectionError::new(message));
            }
            let right = self.binary(level + 1)?;
            left = join(Box::new(left), Box::new(right));
        }
    }

    fn deeper(&mut self) -> Result<(), SelectionError> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(SelectionError::new("this selection is nested too deep"));
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
                false => Err(SelectionError::new("expected `)` at the end of this selection")),
            };
        }
        if self.take('$') {
            let name = self.word(|c| c.is_alphanumeric() || c == '_');
            let argument = self.arguments.get(name).and_then(|argument| argument.node.text());
            let text = argument.ok_or_else(|| {
                SelectionError::new(format!(
                    "`${name}` is no selection: no argument or variable of that name is text"
                ))
            })?;
            self.deeper()?;
            // What stands for itself in the end goes too deep.
            return nested(text, self.arguments, self.depth);
        }
        if self.take('#') {
            return match self.word(in_name) {
                "" => Err(SelectionError::new("expected the name of a tag after `#`")),
                tag => Ok(Selection::Tag(tag.to_owned())),
            };
        }
        match (self.word(in_name), self.peek()) {
            ("", Some(c)) => {
                let message = format!("expected a fixture, a group or `all` before `{c}`");
                Err(SelectionError::new(message))
            }
            ("", None) => {
                let message = "expected a fixture, a group or `all` at the end of this selection";
                Err(SelectionError::new(message))
            }
            (name, Some('(')) => self.call(name),
            ("all", _) => Ok(Selection::All),
            ("this", _) => Ok(Selection::This),
            (name, _) => match name.split_once("..") {
                Some((first, last)) => span(first, last),
                None => Ok(Selection::Name(name.to_owned())),
            },
        }
    }

    /// Reads what stands in the parentheses after the name of a function.
    fn call(&mut self, name: &str) -> Result<Selection, SelectionError> {
        self.take('(');
        self.space();
        if name == "has" {
            let word = self.word(in_name);
            if word.is_empty() {
                let message = "expected what heads can do in `has(`, such as `pan`";
                return Err(SelectionError::new(message));
            }
            let ability = Ability::named(word)
                .map_err(|(message, hint)| SelectionError { message, hint: Some(hint) })?;
            return self.closed(name, Selection::Has(ability));
        }
        let known = functions().iter().map(|row| row.name).chain(["has"]);
        if !known.clone().any(|known| known == name) {
            let message = format!("there is no function `{name}` of selections");
            let hint = match nearest(name, known.clone()) {
                Some(near) => format!("did you mean `{near}(…)`?"),
                None => format!("there are {}", listed(known)),
            };
            return Err(SelectionError { message, hint: Some(hint) });
        }
        self.deeper()?;
        self.calls += 1;
        let inner = self.binary(0)?;
        self.calls -= 1;
        self.depth -= 1;
        let function = self.function(name)?;
        self.closed(name, Selection::Call(function, Box::new(inner)))
    }

    fn closed(&mut self, name: &str, selection: Selection) -> Result<Selection, SelectionError> {
        self.space();
        match self.take(')') {
            true => Ok(selection),
            false => Err(SelectionError::new(match self.peek() {
                Some(c) => format!("expected `)` after what `{name}(` needs, found `{c}`"),
                None => format!("expected `)` at the end of `{name}(`"),
            })),
        }
    }

    /// Reads what a function needs besides its selection.
    fn function(&mut self, name: &str) -> Result<Function, SelectionError> {
        Ok(match name {
            "by_x" => Function::By(0),
            "by_y" => Function::By(1),
            "by_z" => Function::By(2),
            "by_angle" => Function::ByAngle,
            "by_distance" if self.comma() => match self.word(in_name) {
                "" => {
                    let message = "expected a point of interest in `by_distance(`";
                    return Err(SelectionError::new(message));
                }
                point => Function::ByDistance(Some(point.to_owned())),
            },
            "by_distance" => Function::ByDistance(None),
            "reversed" => Function::Reversed,
            "shuffled" if self.comma() => Function::Shuffled(Some(self.number(name, 0)?)),
            "shuffled" => Function::Shuffled(None),
            "mirror" => Function::Mirror,
            "from_center" => Function::FromCenter,
            "blocks" => Function::Blocks(self.needed(name)?),
            "repeats" => Function::Repeats(self.needed(name)?),
            "wings" => Function::Wings(self.needed(name)?),
            _ => match Side::named(name) {
                Some(side) if self.comma() => Function::Side(side, Some(self.number(name, 1)?)),
                Some(side) => Function::Side(side, None),
                None => Function::Fixtures,
            },
        })
    }

    fn comma(&mut self) -> bool {
        self.space();
        let found = self.take(',');
        self.space();
        found
    }

    fn needed(&mut self, name: &str) -> Result<u32, SelectionError> {
        if self.comma() {
            return self.number(name, 1);
        }
        let error = SelectionError::new(format!("`{name}` needs a count after its selection"));
        Err(SelectionError { hint: Some(format!("`{name}(…, 2)`")), ..error })
    }

    /// Reads a whole number, at least `low`, or an argument of the pattern that is one.
    fn number<T>(&mut self, name: &str, low: T) -> Result<T, SelectionError>
    where
        T: Copy + FromStr + PartialOrd + std::fmt::Display,
    {
        let given = if self.take('$') {
            let argument = self.word(|c| c.is_alphanumeric() || c == '_');
            let node = self.arguments.get(argument).map(|argument| &argument.node);
            node.and_then(|node| match node.number() {
                Some(number) => Some(number.to_string()),
                None => node.text().map(str::to_owned),
            })
        } else {
            Some(self.word(in_name).to_owned())
        };
        let given = given.unwrap_or_default();
        given.trim().parse().ok().filter(|number| *number >= low).ok_or_else(|| {
            let found = if given.is_empty() { "nothing" } else { &given };
            let message = format!("`{name}` counts in whole numbers from {low}, found {found}");
            SelectionError::new(message)
        })
    }

    fn heads(&mut self) -> Result<Heads, SelectionError> {
        let in_call = self.calls > 0;
        let word = self.word(|c| in_name(c) || (c == ',' && !in_call));
        if self.peek() == Some('(') {
            return self.counted(word);
        }
        let bad = || {
            let message =
                format!("expected heads as `:3`, `:1-8`, `:odd` or `:even`, found `:{word}`");
            SelectionError::new(message)
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

    /// Reads `every(3)`, `every(3, 2)`, `first(2)` or `last(2)` after its word.
    fn counted(&mut self, word: &str) -> Result<Heads, SelectionError> {
        const WORDS: [&str; 3] = ["every", "first", "last"];
        if !WORDS.contains(&word) {
            let message = format!("heads are not picked by `:{word}(…)`");
            let hint = match nearest(word, WORDS) {
                Some(near) => format!("did you mean `:{near}(…)`?"),
                None => format!("there are {}", listed(WORDS)),
            };
            return Err(SelectionError { message, hint: Some(hint) });
        }
        self.take('(');
        self.space();
        let count = self.number(word, 1)?;
        let heads = match word {
            "first" => Heads::First(count),
            "last" => Heads::Last(count),
            _ if self.comma() => Heads::Every(count, self.number(word, 1)?),
            _ => Heads::Every(count, 1),
        };
        self.space();
        match self.take(')') {
            true => Ok(heads),
            false => Err(SelectionError::new(format!("expected `)` at the end of `:{word}(`"))),
        }
    }
}

fn span(first: &str, last: &str) -> Result<Selection, SelectionError> {
    if first.is_empty()
        || last.is_empty()
        || [first, last].iter().any(|id| id.contains(['*', '?']) || id.contains(".."))
    {
        let message =
            format!("expected a range of fixtures as `par1..par8`, found `{first}..{last}`");
        return Err(SelectionError::new(message));
    }
    Ok(Selection::Span(first.to_owned(), last.to_owned()))
}

/// Whether a character may stand in the name of a fixture or a group.
pub(crate) fn in_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '*' | '?')
}
