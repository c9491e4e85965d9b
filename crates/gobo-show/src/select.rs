//! Selections: which heads, and in which order. `(front | bars:odd) & ~par3`.
//!
//! From loose to tight: `>` (the right side when the left is empty), `|` (both), `^` (one side,
//! drawn from the seed), `&` (both at once), `~` (all but). The order is as written, groups in
//! their defined order; a head that comes twice keeps its first place. `:3`, `:1-8`, `:odd` and
//! `:even` count the heads of what stands before them, from 1; `:name` picks heads by name.

pub(crate) mod parse;

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::decode::{About, At, Decode, Decoder, Definitions};
use crate::diagnostic::nearest;
use crate::rig::{HeadIndex, Rig};

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
    /// Some heads of a selection.
    Heads(Box<Selection>, Heads),
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
    /// By their name in the fixture.
    Named(String),
}

/// What a selection is looked up in.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The venue.
    pub rig: &'a Rig,
    /// What `this` stands for.
    pub this: Option<&'a [HeadIndex]>,
    /// Draws the sides of `^`.
    pub seed: u64,
}

/// Heads, and the names that a selection used on the way.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// The heads in order, each once.
    pub heads: Vec<HeadIndex>,
    /// The groups named.
    pub groups: BTreeSet<String>,
    /// The fixtures named by their own id, as indices.
    pub fixtures: BTreeSet<u32>,
    /// What is wrong: a code, a message, a hint.
    pub faults: Vec<(&'static str, String, Option<String>)>,
}

impl Selection {
    /// The heads of the selection.
    pub fn find(&self, scope: Scope<'_>) -> Found {
        let mut found = Found::default();
        let mut place = 0;
        let heads = find(self, scope, &mut place, &mut found);
        found.heads = once(heads, scope.rig);
        found
    }
}

/// The heads of one node; `place` numbers the `^` nodes so that each draws for itself.
fn find(node: &Selection, scope: Scope<'_>, place: &mut u64, found: &mut Found) -> Vec<HeadIndex> {
    let mut sides = |a: &Selection, b: &Selection, found: &mut Found| {
        (find(a, scope, place, found), find(b, scope, place, found))
    };
    match node {
        Selection::All => all(scope.rig).collect(),
        Selection::This => match scope.this {
            Some(heads) => heads.to_vec(),
            None => {
                let message = "`this` is the selection of a pattern's cue: there is none here";
                found.faults.push(("unknown-fixture", message.into(), None));
                Vec::new()
            }
        },
        Selection::Name(name) => named(name, scope.rig, found),
        Selection::Heads(inner, which) => {
            let inner = once(find(inner, scope, place, found), scope.rig);
            pick(&inner, which, scope.rig, found)
        }
        Selection::Fallback(a, b) => {
            let (a, b) = sides(a, b, found);
            if a.is_empty() { b } else { a }
        }
        Selection::Union(a, b) => {
            let (a, b) = sides(a, b, found);
            [a, b].concat()
        }
        Selection::Either(a, b) => {
            *place += 1;
            let draw = xxhash_rust::xxh3::xxh3_64_with_seed(&place.to_le_bytes(), scope.seed);
            let (a, b) = (find(a, scope, place, found), find(b, scope, place, found));
            if draw & 1 == 0 { a } else { b }
        }
        Selection::Both(a, b) => {
            let (a, b) = sides(a, b, found);
            let b = members(&b, scope.rig);
            a.into_iter().filter(|head| b[*head as usize]).collect()
        }
        Selection::Not(inner) => {
            let not = members(&find(inner, scope, place, found), scope.rig);
            all(scope.rig).filter(|head| !not[*head as usize]).collect()
        }
    }
}

fn all(rig: &Rig) -> impl Iterator<Item = HeadIndex> + '_ {
    rig.fixtures.iter().flat_map(|fixture| fixture.heads.clone())
}

/// For each head of the venue, whether it is one of `heads`.
fn members(heads: &[HeadIndex], rig: &Rig) -> Vec<bool> {
    let mut members = vec![false; rig.heads.len()];
    heads.iter().for_each(|head| members[*head as usize] = true);
    members
}

fn once(mut heads: Vec<HeadIndex>, rig: &Rig) -> Vec<HeadIndex> {
    let mut seen = vec![false; rig.heads.len()];
    heads.retain(|head| !std::mem::replace(&mut seen[*head as usize], true));
    heads
}

fn named(name: &str, rig: &Rig, found: &mut Found) -> Vec<HeadIndex> {
    if let Some(group) = rig.groups.get(name) {
        found.groups.insert(name.to_owned());
        return group.clone();
    }
    let glob = name.contains(['*', '?']);
    let mut heads = Vec::new();
    let mut hit = false;
    for (index, fixture) in rig.fixtures.iter().enumerate() {
        if glob && matches(name.as_bytes(), fixture.id.as_bytes()) || *fixture.id == *name {
            hit = true;
            heads.extend(fixture.heads.clone());
            if !glob {
                found.fixtures.insert(index as u32);
            }
        }
    }
    if !hit {
        let known = rig.fixtures.iter().map(|fixture| &*fixture.id);
        let known = known.chain(rig.groups.keys().map(String::as_str)).chain(["all"]);
        let hint = nearest(name, known).map(|near| format!("did you mean `{near}`?"));
        let message = if glob {
            format!("no fixture of the venue matches `{name}`")
        } else {
            format!("the venue has no fixture or group `{name}`")
        };
        found.faults.push(("unknown-fixture", message, hint));
    }
    heads
}

/// Whether a glob (`*` any characters, `?` one) matches.
fn matches(glob: &[u8], text: &[u8]) -> bool {
    let (mut g, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match glob.get(g) {
            Some(b'*') => {
                star = Some((g, t));
                g += 1;
            }
            Some(&byte) if byte == b'?' || byte == text[t] => (g, t) = (g + 1, t + 1),
            // No match: let the last star take one more.
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    (g, t) = (at + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    glob[g..].iter().all(|byte| *byte == b'*')
}

fn pick(heads: &[HeadIndex], which: &Heads, rig: &Rig, found: &mut Found) -> Vec<HeadIndex> {
    let every_other = |from| heads.iter().copied().skip(from).step_by(2).collect();
    match which {
        Heads::Odd => every_other(0),
        Heads::Even => every_other(1),
        Heads::Range(first, last) => {
            // What could not be found has been said: an empty selection needs no second message.
            if *last as usize > heads.len() && !heads.is_empty() {
                let count = heads.len();
                let message = format!("there is no head {last} here: the selection has {count}");
                found.faults.push(("unknown-head", message, None));
            }
            let from = (*first as usize - 1).min(heads.len());
            heads[from..(*last as usize).clamp(from, heads.len())].to_vec()
        }
        Heads::Named(name) => {
            let head_name =
                |head: &HeadIndex| rig.heads.get(*head as usize).map(|head| &*head.name);
            let picked: Vec<_> =
                heads.iter().copied().filter(|head| head_name(head) == Some(name)).collect();
            if picked.is_empty() && !heads.is_empty() {
                let hint = nearest(name, heads.iter().filter_map(head_name))
                    .map(|near| format!("did you mean `{near}`?"));
                let message = format!("no head here has the name `{name}`");
                found.faults.push(("unknown-head", message, hint));
            }
            picked
        }
    }
}

impl Decode for Selection {
    fn about() -> About {
        About::new("selection", "a selection such as `front`, `par* & ~par3` or `bar1:1-8`")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let Some(text) = at.node.text() else { return decoder.wrong::<Self, _>(at) };
        match parse::parse(text, decoder.arguments.as_ref().unwrap_or(&IndexMap::new())) {
            Ok(selection) => Some(selection),
            Err(error) => {
                decoder.error("bad-selection", at, error.to_string());
                None
            }
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("selection", |_| {
            json!({
                "description": "Fixtures, groups, `all`, globs (`par*`), heads (`bar1:3`, \
                    `bar1:1-8`, `bars:odd`), joined by `>` `|` `^` `&` `~` and parentheses.",
                "type": "string",
                "minLength": 1,
            })
        })
    }
}
