//! Selections: which heads, and in which order. `(front | bars:odd) & ~par3`.
//!
//! From loose to tight: `>` (the right side when the left is empty), `|` (both), `^` (one side,
//! drawn from the seed), `&` (both at once), `~` (all but). The order is as written, groups in
//! their defined order; a head that comes twice keeps its first place. `:3`, `:1-8`, `:odd`,
//! `:even`, `:every(3)`, `:first(2)` and `:last(2)` count the heads of what stands before them,
//! from 1; `:name` picks heads by name.
//!
//! Fixtures are named by id, by glob (`par*`), by range (`par1..par8`) or by tag (`#floor`), and
//! heads by what they can do (`has(pan)`). [`Function`]s pick by position (`left(pars)`) and set
//! the order (`by_x(pars)`, `mirror(bars)`), so that heads may share a place.

mod find;
mod function;
mod has;
mod order;
pub(crate) mod parse;
mod print;
mod side;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::decode::{About, At, Decode, Decoder, Definitions};
use crate::diagnostic::Diagnostic;
use crate::rig::{HeadIndex, Rig};
use crate::show::Selected;

pub use function::{Function, FunctionRow, Side, functions};
pub use has::Ability;
pub(crate) use order::by_fixture;
pub use parse::SelectionError;

/// A selection as written.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub enum Selection {
    /// `all`: every head of the venue.
    All,
    /// `this`: in a pattern, the selection of the cue.
    This,
    /// A fixture, a group, or a glob over fixture ids.
    Name(String),
    /// `#floor`: the fixtures with a tag, or with any that a glob matches.
    Tag(String),
    /// `par1..par8`: fixtures by number when the ids differ in it only, else those from the first
    /// to the last in the venue.
    Span(String, String),
    /// `has(pan)`: every head that can do this.
    Has(Ability),
    /// Some heads of a selection.
    Heads(Box<Selection>, Heads),
    /// A function of a selection: some of its heads, or all in another order.
    Call(Function, Box<Selection>),
    /// `a > b`: the second when the first is empty.
    Fallback(Box<Selection>, Box<Selection>),
    /// `a | b`: both.
    Union(Box<Selection>, Box<Selection>),
    /// `a ^ b`: one of them, drawn from the seed.
    Either(Box<Selection>, Box<Selection>),
    /// `a & b`: what is in both, in the order of the first.
    Both(Box<Selection>, Box<Selection>),
    /// `~a`: all but this, in the venue's order.
    Not(Box<Selection>),
}

/// Which heads of a selection.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub enum Heads {
    /// From the first to the last, counted from 1.
    Range(u32, u32),
    /// The first, third, fifth…
    Odd,
    /// The second, fourth, sixth…
    Even,
    /// One of so many, from the one that the second number counts, from 1.
    Every(u32, u32),
    /// So many from the start.
    First(u32),
    /// So many before the end.
    Last(u32),
    /// By their name in the fixture.
    Named(String),
}

/// What a selection is looked up in.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The venue.
    pub rig: &'a Rig,
    /// What `this` stands for.
    pub this: Option<&'a [Selected]>,
    /// Draws the sides of `^` and shuffles.
    pub seed: u64,
}

/// What is wrong in a selection: a code, a message, a hint.
pub type Fault = (&'static str, String, Option<String>);

/// Heads, and the names that a selection used on the way.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// The heads in order, each once.
    pub heads: Vec<HeadIndex>,
    /// The place of each along the selection, from 0 without gaps; heads may share one.
    pub ranks: Vec<u32>,
    /// The groups named.
    pub groups: BTreeSet<String>,
    /// The fixtures named by their own id, as indices.
    pub fixtures: BTreeSet<u32>,
    /// Whether another seed may give something else.
    pub draws: bool,
    /// What is wrong.
    pub faults: Vec<Fault>,
    /// What is wrong on the side of a `>` that is not taken.
    pub replaced: Vec<Fault>,
    /// Why there may be no head, where that is not plain to see.
    pub hint: Option<String>,
}

impl Found {
    /// The heads with their places.
    pub fn selected(&self) -> Vec<Selected> {
        let both = self.heads.iter().zip(&self.ranks);
        both.map(|(&head, &rank)| Selected { head, rank }).collect()
    }
}

impl Selection {
    /// The heads of the selection.
    pub fn find(&self, scope: Scope<'_>) -> Found {
        let mut found = Found::default();
        let mut draws = 0;
        let selected = find::find(self, scope, &mut draws, &mut found);
        found.draws = draws > 0;
        let selected = order::dense(find::once(selected, scope.rig));
        found.heads = selected.iter().map(|selected| selected.head).collect();
        found.ranks = selected.iter().map(|selected| selected.rank).collect();
        found
    }
}

impl Selection {
    /// The fixtures, groups and globs that it names.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::All | Self::This | Self::Has(_) | Self::Tag(_) => Vec::new(),
            Self::Name(name) => vec![name],
            Self::Span(first, last) => vec![first, last],
            Self::Heads(inner, _) | Self::Call(_, inner) | Self::Not(inner) => inner.names(),
            Self::Fallback(a, b) | Self::Union(a, b) | Self::Either(a, b) | Self::Both(a, b) => {
                [a.names(), b.names()].concat()
            }
        }
    }
}

impl Decode for Selection {
    fn about() -> About {
        About::new("selection", "a selection such as `front`, `par* & ~par3` or `bar1:1-8`")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let Some(text) = at.node.text() else { return decoder.wrong::<Self, _>(at) };
        decoder.mention(text);
        match parse::parse(text, &decoder.scope()) {
            Ok(selection) => Some(selection),
            Err(SelectionError { message, hint }) => {
                let error = Diagnostic::error("bad-selection", at.place(), message);
                decoder.say(hint.into_iter().fold(error, Diagnostic::hint));
                None
            }
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("selection", |_| {
            json!({
                "description": "Fixtures, groups, `all`, globs (`par*`), ranges (`par1..par8`), \
                    tags (`#floor`), abilities (`has(pan)`), heads (`bar1:3`, `bar1:1-8`, \
                    `bars:odd`, `bars:every(3)`), positions (`left(pars)`), orders (`by_x(pars)`, \
                    `mirror(bars)`), joined by `>` `|` `^` `&` `~` and parentheses.",
                "type": "string",
                "minLength": 1,
            })
        })
    }
}

/// Read once for all that are on the same.
impl Decode for Arc<Selection> {
    fn about() -> About {
        Selection::about()
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let Some(text) = at.node.text().filter(|text| !text.contains('$')) else {
            return Selection::decode(at, decoder).map(Self::new);
        };
        if let Some(known) = decoder.selections.get(text) {
            return Some(Self::clone(known));
        }
        let selection = Selection::decode(at, decoder).map(Self::new)?;
        decoder.selections.insert(text.to_owned(), Self::clone(&selection));
        Some(selection)
    }

    fn schema(definitions: &mut Definitions) -> Json {
        Selection::schema(definitions)
    }
}
