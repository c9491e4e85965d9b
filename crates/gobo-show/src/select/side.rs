//! Heads by where they hang.

use super::{Found, Side};
use crate::rig::Rig;
use crate::show::Selected;

/// Positions closer than this, in metres, are the same.
pub(super) const CLOSE: f64 = 1e-3;

/// The lowest and the highest coordinate of some heads along each axis.
pub(super) fn extent(heads: &[Selected], rig: &Rig) -> [(f64, f64); 3] {
    let mut extent = [(f64::INFINITY, f64::NEG_INFINITY); 3];
    for selected in heads {
        let position = position(selected, rig);
        for (range, at) in extent.iter_mut().zip(position) {
            *range = (range.0.min(at), range.1.max(at));
        }
    }
    extent
}

pub(super) fn middle(extent: [(f64, f64); 3]) -> [f64; 3] {
    extent.map(|(low, high)| f64::midpoint(low, high))
}

pub(super) fn position(selected: &Selected, rig: &Rig) -> [f64; 3] {
    rig.heads.get(selected.head as usize).map_or([0.0; 3], |head| head.position)
}

pub(super) fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    let [x, y, z] = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    libm::sqrt(x * x + y * y + z * z)
}

/// The heads on a side, in the order that they had.
pub(super) fn side(
    heads: Vec<Selected>,
    side: Side,
    count: Option<u32>,
    rig: &Rig,
    found: &mut Found,
) -> Vec<Selected> {
    let extent = extent(&heads, rig);
    let middle = middle(extent);
    // How far a head is towards the side, and how far the side's half begins.
    let (axis, sign) = match side {
        Side::Left => (0, -1.0),
        Side::Right => (0, 1.0),
        Side::Front => (1, -1.0),
        Side::Back => (1, 1.0),
        Side::Bottom => (2, -1.0),
        Side::Top => (2, 1.0),
        Side::Center => return center(heads, extent, count, rig),
    };
    let toward = |selected: &Selected| (position(selected, rig)[axis] - middle[axis]) * sign;
    if let Some(count) = count {
        return nearest(&heads, count, |selected| -toward(selected));
    }
    let some = !heads.is_empty();
    let picked: Vec<_> =
        heads.into_iter().filter(|selected| toward(selected) > CLOSE / 2.0).collect();
    if some && picked.is_empty() {
        let axis = ["x", "y", "z"][axis];
        found.hint = Some(format!(
            "all these heads have the same {axis}; `{}(…, 1)` would take the first of them",
            side.name()
        ));
    }
    picked
}

fn center(
    heads: Vec<Selected>,
    extent: [(f64, f64); 3],
    count: Option<u32>,
    rig: &Rig,
) -> Vec<Selected> {
    let middle = middle(extent);
    if let Some(count) = count {
        return nearest(&heads, count, |selected| distance(position(selected, rig), middle));
    }
    let is_within = |selected: &Selected| {
        let axes = position(selected, rig).into_iter().zip(middle).zip(extent);
        axes.into_iter()
            .all(|((at, middle), (low, high))| (at - middle).abs() <= (high - low) / 4.0 + CLOSE)
    };
    heads.into_iter().filter(is_within).collect()
}

/// So many of the heads with the lowest key, the earlier of equals, in the order that they had.
fn nearest(heads: &[Selected], count: u32, key: impl Fn(&Selected) -> f64) -> Vec<Selected> {
    let mut order: Vec<_> = heads.iter().enumerate().map(|(at, head)| (at, key(head))).collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    order.truncate(count as usize);
    order.sort_by_key(|(at, _)| *at);
    order.into_iter().map(|(at, _)| heads[at]).collect()
}
