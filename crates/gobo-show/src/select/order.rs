//! The places of a selection: sorted, drawn, mirrored, shared.

use std::f64::consts::PI;

use super::side::{self, CLOSE};
use crate::rig::Rig;
use crate::show::Selected;

/// The same order of places, from 0 without gaps.
pub(super) fn dense(mut heads: Vec<Selected>) -> Vec<Selected> {
    let mut ranks: Vec<_> = heads.iter().map(|selected| selected.rank).collect();
    ranks.sort_unstable();
    ranks.dedup();
    // Most are without gaps already.
    if ranks.last().is_some_and(|last| *last as usize + 1 != ranks.len()) {
        for selected in &mut heads {
            selected.rank = ranks.partition_point(|rank| *rank < selected.rank) as u32;
        }
    }
    heads
}

/// How many places there are.
fn places(heads: &[Selected]) -> u32 {
    heads.iter().map(|selected| selected.rank + 1).max().unwrap_or(0)
}

/// Gives each place a new one, and sorts the heads by it if asked to.
fn replaced(mut heads: Vec<Selected>, sorts: bool, place: impl Fn(u32) -> u32) -> Vec<Selected> {
    heads.iter_mut().for_each(|selected| selected.rank = place(selected.rank));
    if sorts {
        heads.sort_by_key(|selected| selected.rank);
    }
    dense(heads)
}

/// Sorted by a key; heads whose keys are as close as `close` to the one before share a place.
fn sorted(mut heads: Vec<Selected>, close: f64, key: impl Fn(&Selected) -> f64) -> Vec<Selected> {
    let mut keyed: Vec<_> = heads.drain(..).map(|selected| (key(&selected), selected)).collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut rank, mut before) = (0, None);
    keyed
        .into_iter()
        .map(|(key, selected)| {
            rank += u32::from(before.is_some_and(|before| key - before > close));
            before = Some(key);
            Selected { rank, ..selected }
        })
        .collect()
}

pub(super) fn by_axis(heads: Vec<Selected>, axis: usize, rig: &Rig) -> Vec<Selected> {
    sorted(heads, CLOSE, |selected| side::position(selected, rig)[axis])
}

pub(super) fn by_distance(
    heads: Vec<Selected>,
    from: Option<[f64; 3]>,
    rig: &Rig,
) -> Vec<Selected> {
    let from = from.unwrap_or_else(|| side::middle(side::extent(&heads, rig)));
    sorted(heads, CLOSE, |selected| side::distance(side::position(selected, rig), from))
}

/// Clockwise in the plane of x and the axis along which the heads reach further, z before y.
pub(super) fn by_angle(heads: Vec<Selected>, rig: &Rig) -> Vec<Selected> {
    let extent = side::extent(&heads, rig);
    let middle = side::middle(extent);
    let length = |axis: usize| extent[axis].1 - extent[axis].0;
    let up = if length(1) > length(2) { 1 } else { 2 };
    sorted(heads, PI / 18_000.0, |selected| {
        let at = side::position(selected, rig);
        let angle = libm::atan2(at[0] - middle[0], at[up] - middle[up]);
        if angle < -1e-9 { angle + 2.0 * PI } else { angle }
    })
}

pub(super) fn reversed(heads: Vec<Selected>) -> Vec<Selected> {
    let last = places(&heads).saturating_sub(1);
    let mut heads = replaced(heads, false, |rank| last - rank);
    heads.reverse();
    heads
}

pub(super) fn shuffled(heads: Vec<Selected>, seed: u64) -> Vec<Selected> {
    let mut drawn: Vec<u32> = (0..places(&heads)).collect();
    drawn.sort_by_key(|rank| {
        (xxhash_rust::xxh3::xxh3_64_with_seed(&rank.to_le_bytes(), seed), *rank)
    });
    let mut place = vec![0; drawn.len()];
    for (to, &from) in (0..).zip(&drawn) {
        place[from as usize] = to;
    }
    replaced(heads, true, |rank| place[rank as usize])
}

pub(super) fn from_center(heads: Vec<Selected>) -> Vec<Selected> {
    let last = places(&heads);
    replaced(wings(heads, 2), false, |rank| last - rank)
}

pub(super) fn blocks(heads: Vec<Selected>, count: u32) -> Vec<Selected> {
    replaced(heads, false, |rank| rank / count.max(1))
}

pub(super) fn repeats(heads: Vec<Selected>, count: u32) -> Vec<Selected> {
    replaced(heads, false, |rank| rank % count.max(1))
}

/// Each place by where its middle lies in its wing; exact, so that mirrored places meet.
pub(super) fn wings(heads: Vec<Selected>, count: u32) -> Vec<Selected> {
    let (whole, count) = (2 * u64::from(places(&heads)), u64::from(count.max(1)));
    replaced(heads, false, |rank| {
        let at = (2 * u64::from(rank) + 1) * count;
        let within = at % whole;
        let place = if (at / whole).is_multiple_of(2) { within } else { whole - within };
        u32::try_from(place).unwrap_or(u32::MAX)
    })
}

pub(crate) fn by_fixture(mut heads: Vec<Selected>, rig: &Rig) -> Vec<Selected> {
    let fixture = |selected: &Selected| rig.heads[selected.head as usize].fixture as usize;
    let mut first = vec![u32::MAX; rig.fixtures.len()];
    for selected in &heads {
        let place = &mut first[fixture(selected)];
        *place = selected.rank.min(*place);
    }
    heads.iter_mut().for_each(|selected| selected.rank = first[fixture(selected)]);
    dense(heads)
}
