//! From a selection as written to heads with their places.

use std::collections::BTreeMap;

use super::{Fault, Found, Function, Heads, Scope, Selection, order, side};
use crate::diagnostic::nearest;
use crate::rig::{HeadIndex, Rig};
use crate::show::Selected;

/// The heads of one node; `place` numbers the nodes that draw, so that each draws for itself.
pub(super) fn find(
    node: &Selection,
    scope: Scope<'_>,
    place: &mut u64,
    found: &mut Found,
) -> Vec<Selected> {
    let rig = scope.rig;
    let mut sides = |a: &Selection, b: &Selection, found: &mut Found| {
        (find(a, scope, place, found), find(b, scope, place, found))
    };
    match node {
        Selection::All => ranked(all(rig)),
        Selection::This => match scope.this {
            Some(heads) => heads.to_vec(),
            None => {
                let message = "`this` is the selection of a pattern's cue: there is none here";
                found.faults.push(("unknown-fixture", message.into(), None));
                Vec::new()
            }
        },
        Selection::Name(name) => named(name, rig, found),
        Selection::Tag(tag) => tagged(tag, rig, found),
        Selection::Span(first, last) => span(first, last, rig, found),
        Selection::Has(ability) => {
            let able: Vec<_> = all(rig).filter(|head| ability.is_of(*head, rig)).collect();
            if able.is_empty() {
                found.hint = Some(format!("no head of the venue has `{}`", ability.name()));
            }
            ranked(able)
        }
        Selection::Heads(inner, which) => {
            let inner = once(find(inner, scope, place, found), rig);
            pick(&inner, which, rig, found)
        }
        Selection::Call(function, inner) => {
            if matches!(function, Function::Shuffled(None)) {
                *place += 1;
            }
            let drawn = draw(*place, scope.seed);
            let inner = order::dense(once(find(inner, scope, place, found), rig));
            call(function, inner, drawn, rig, found)
        }
        Selection::Fallback(a, b) => {
            let before = found.faults.len();
            let a = find(a, scope, place, found);
            let wrong_a = found.faults.split_off(before);
            let b = find(b, scope, place, found);
            let wrong_b = found.faults.split_off(before);
            fallback((a, wrong_a), (b, wrong_b), found)
        }
        Selection::Union(a, b) => {
            let (a, b) = sides(a, b, found);
            joined(a, b)
        }
        Selection::Either(a, b) => {
            *place += 1;
            let draw = draw(*place, scope.seed);
            let (a, b) = (find(a, scope, place, found), find(b, scope, place, found));
            if draw & 1 == 0 { a } else { b }
        }
        Selection::Both(a, b) => {
            let (a, b) = sides(a, b, found);
            let b = members(&b, rig);
            a.into_iter().filter(|selected| b[selected.head as usize]).collect()
        }
        Selection::Not(inner) => {
            let not = members(&find(inner, scope, place, found), rig);
            ranked(all(rig).filter(|head| !not[*head as usize]))
        }
    }
}

/// The first side, or the second where the first is empty; each comes with what is wrong in it.
fn fallback(
    (a, wrong_a): (Vec<Selected>, Vec<Fault>),
    (b, wrong_b): (Vec<Selected>, Vec<Fault>),
    found: &mut Found,
) -> Vec<Selected> {
    // A name that this venue does not have is what the other side is for.
    if a.is_empty() && b.is_empty() {
        found.faults.extend(wrong_a.into_iter().chain(wrong_b));
        return a;
    }
    let (taken, wrong, replaced) =
        if a.is_empty() { (b, wrong_b, wrong_a) } else { (a, wrong_a, wrong_b) };
    found.faults.extend(wrong);
    found.replaced.extend(replaced);
    taken
}

fn draw(place: u64, seed: u64) -> u64 {
    xxhash_rust::xxh3::xxh3_64_with_seed(&place.to_le_bytes(), seed)
}

fn call(
    function: &Function,
    heads: Vec<Selected>,
    drawn: u64,
    rig: &Rig,
    found: &mut Found,
) -> Vec<Selected> {
    match function {
        Function::Side(which, count) => side::side(heads, *which, *count, rig, found),
        Function::By(axis) => order::by_axis(heads, *axis, rig),
        Function::ByAngle => order::by_angle(heads, rig),
        Function::ByDistance(None) => order::by_distance(heads, None, rig),
        Function::ByDistance(Some(name)) => match rig.points.get(name) {
            Some(point) => order::by_distance(heads, Some(*point), rig),
            None => {
                let known = rig.points.keys().map(String::as_str);
                let hint = nearest(name, known).map(|near| format!("did you mean `{near}`?"));
                let message = format!("the venue has no point of interest `{name}`");
                found.faults.push(("unknown-poi", message, hint));
                heads
            }
        },
        Function::Reversed => order::reversed(heads),
        Function::Shuffled(seed) => order::shuffled(heads, seed.unwrap_or(drawn)),
        Function::Mirror => order::wings(heads, 2),
        Function::FromCenter => order::from_center(heads),
        Function::Blocks(count) => order::blocks(heads, *count),
        Function::Repeats(count) => order::repeats(heads, *count),
        Function::Wings(count) => order::wings(heads, *count),
        Function::Fixtures => order::by_fixture(heads, rig),
    }
}

fn all(rig: &Rig) -> impl Iterator<Item = HeadIndex> + '_ {
    rig.fixtures.iter().flat_map(|fixture| fixture.heads.clone())
}

/// Heads with a place each.
fn ranked(heads: impl IntoIterator<Item = HeadIndex>) -> Vec<Selected> {
    (0..).zip(heads).map(|(rank, head)| Selected { head, rank }).collect()
}

/// The places of `b` after those of `a`.
fn joined(mut a: Vec<Selected>, b: Vec<Selected>) -> Vec<Selected> {
    let first = a.iter().map(|selected| selected.rank + 1).max().unwrap_or(0);
    a.extend(b.into_iter().map(|selected| Selected { rank: selected.rank + first, ..selected }));
    a
}

/// For each head of the venue, whether it is one of `heads`.
fn members(heads: &[Selected], rig: &Rig) -> Vec<bool> {
    let mut members = vec![false; rig.heads.len()];
    heads.iter().for_each(|selected| members[selected.head as usize] = true);
    members
}

pub(super) fn once(mut heads: Vec<Selected>, rig: &Rig) -> Vec<Selected> {
    let mut seen = vec![false; rig.heads.len()];
    heads.retain(|selected| !std::mem::replace(&mut seen[selected.head as usize], true));
    heads
}

fn named(name: &str, rig: &Rig, found: &mut Found) -> Vec<Selected> {
    if let Some(group) = rig.groups.get(name) {
        found.groups.insert(name.to_owned());
        let Some(ranks) = rig.group_ranks.get(name) else { return ranked(group.iter().copied()) };
        let both = group.iter().zip(ranks);
        return both.map(|(&head, &rank)| Selected { head, rank }).collect();
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
    if !hit && glob {
        let message = format!("no fixture of the venue matches `{name}`");
        found.faults.push(("unknown-fixture", message, None));
    } else if !hit {
        unknown(name, rig, found);
    }
    ranked(heads)
}

fn unknown(name: &str, rig: &Rig, found: &mut Found) {
    let known = rig.fixtures.iter().map(|fixture| &*fixture.id);
    let known = known.chain(rig.groups.keys().map(String::as_str)).chain(["all"]);
    let near = nearest(name, known).map(|near| format!("did you mean `{near}`?"));
    let tag = || rig.tags.contains_key(name).then(|| format!("did you mean the tag `#{name}`?"));
    let message = format!("the venue has no fixture or group `{name}`");
    found.faults.push(("unknown-fixture", message, near.or_else(tag)));
}

fn tagged(tag: &str, rig: &Rig, found: &mut Found) -> Vec<Selected> {
    let fits = |known: &str| known == tag || matches(tag.as_bytes(), known.as_bytes());
    let tags: Vec<_> = rig.tags.iter().filter(|(known, _)| fits(known)).collect();
    if tags.is_empty() {
        let known = rig.tags.keys().map(String::as_str);
        let near = nearest(tag, known).map(|near| format!("did you mean `#{near}`?"));
        let group = || rig.groups.contains_key(tag).then(|| format!("`{tag}` is a group"));
        let message = format!("no fixture of the venue has the tag `{tag}`");
        found.faults.push(("unknown-tag", message, near.or_else(group)));
    }
    let heads = tags.into_iter().flat_map(|(_, heads)| heads.iter().copied());
    once(ranked(heads), rig)
}

/// The number at the end of an id, with what stands before it.
fn numbered(id: &str) -> Option<(&str, u64)> {
    let name = id.trim_end_matches(|c: char| c.is_ascii_digit());
    Some((name, id[name.len()..].parse().ok()?))
}

fn span(first: &str, last: &str, rig: &Rig, found: &mut Found) -> Vec<Selected> {
    let index = |id: &str| rig.fixtures.iter().position(|fixture| *fixture.id == *id);
    let mut end = |id: &str| {
        let index = index(id);
        if index.is_none() {
            unknown(id, rig, found);
        }
        index
    };
    let (Some(from), Some(to)) = (end(first), end(last)) else { return Vec::new() };
    let mut backward = |order: &str| {
        let message = format!("`{first}..{last}` runs backwards: {order}");
        let hint = format!("`{last}..{first}`, or `reversed({last}..{first})`");
        found.faults.push(("backward-range", message, Some(hint)));
        Vec::new()
    };
    let heads = |indices: &mut dyn Iterator<Item = usize>| {
        ranked(indices.flat_map(|index| rig.fixtures[index].heads.clone()))
    };
    match (numbered(first), numbered(last)) {
        (Some((name, low)), Some((other, high))) if name == other => {
            if low > high {
                return backward(&format!("{low} comes after {high}"));
            }
            let numbers = rig.fixtures.iter().enumerate().filter_map(|(index, fixture)| {
                let (known, number) = numbered(&fixture.id)?;
                (known == name && (low..=high).contains(&number)).then_some(((number, index), ()))
            });
            let sorted: BTreeMap<_, _> = numbers.collect();
            heads(&mut sorted.into_keys().map(|(_, index)| index))
        }
        _ if from > to => backward(&format!("the venue has `{first}` after `{last}`")),
        _ => heads(&mut (from..=to)),
    }
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

fn pick(heads: &[Selected], which: &Heads, rig: &Rig, found: &mut Found) -> Vec<Selected> {
    let every = |count: u32, from: u32| {
        heads.iter().copied().skip(from as usize).step_by(count.max(1) as usize).collect()
    };
    match which {
        Heads::Odd => every(2, 0),
        Heads::Even => every(2, 1),
        Heads::Every(count, from) => every(*count, from.saturating_sub(1)),
        Heads::First(count) => heads.iter().copied().take(*count as usize).collect(),
        Heads::Last(count) => heads[heads.len().saturating_sub(*count as usize)..].to_vec(),
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
                |selected: &Selected| rig.heads.get(selected.head as usize).map(|head| &*head.name);
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
