//! Heads as nodes see them: in groups, each with its place and where it hangs.

use std::f64::consts::TAU;

use gobo_show::graph::{AttributeName, AxisName, CapabilityName};
use gobo_show::rig::{Action, Capability, Function, HeadIndex, Rig};
use gobo_show::show::Selected;

use super::circle;
use crate::color::fraction;

/// A head of a selection.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Member {
    pub(super) head: HeadIndex,
    rank: u32,
    /// Metres, or what `mirror` made of them.
    position: [f64; 3],
}

/// A selection in groups, whose places are each group's own.
pub(super) type Groups = Vec<Vec<Member>>;

/// The heads of an argument, each where it hangs.
pub(super) fn members(groups: &[Vec<Selected>], rig: &Rig) -> Groups {
    let member = |selected: &Selected| {
        let head = rig.heads.get(selected.head as usize)?;
        Some(Member { head: selected.head, rank: selected.rank, position: head.position })
    };
    let groups = groups.iter().map(|group| group.iter().filter_map(member).collect());
    groups.filter(|group: &Vec<Member>| !group.is_empty()).collect()
}

/// The heads whose fixtures can do something.
pub(super) fn able(groups: &Groups, capability: CapabilityName, rig: &Rig) -> Groups {
    let can = |member: &&Member| {
        let fixture = rig.heads.get(member.head as usize).map(|head| head.fixture as usize);
        let channels = fixture.and_then(|fixture| rig.fixtures.get(fixture));
        channels.iter().flat_map(|fixture| &fixture.channels).any(|channel| {
            match &channel.function {
                Function::Fixed(all) => all.iter().any(|one| does(one, capability)),
                Function::Switched { cases, .. } => cases
                    .iter()
                    .flat_map(|case| &case.capabilities)
                    .any(|one| does(one, capability)),
            }
        })
    };
    let groups = groups.iter().map(|group| group.iter().filter(can).copied().collect());
    groups.filter(|group: &Vec<Member>| !group.is_empty()).collect()
}

fn does(one: &Capability, capability: CapabilityName) -> bool {
    match capability {
        CapabilityName::Movement => matches!(one.action, Action::Pan(..) | Action::Tilt(..)),
        CapabilityName::Color => matches!(one.action, Action::Emitter(..) | Action::Color(..)),
        CapabilityName::Strobe => matches!(one.action, Action::Strobe(..)),
        CapabilityName::Dimmer => matches!(one.action, Action::Intensity(..)),
    }
}

fn axis_of(axis: AxisName) -> usize {
    match axis {
        AxisName::X => 0,
        AxisName::Y => 1,
        AxisName::Z => 2,
    }
}

/// The selection folded at its middle, and on which side each head was. A middle within a tenth
/// of a metre of the room's is the room's.
pub(super) fn mirrored(groups: &Groups, axis: AxisName) -> (Groups, Vec<f64>) {
    let axis = axis_of(axis);
    let count = groups.iter().flatten().count().max(1) as f64;
    let mean = groups.iter().flatten().map(|member| member.position[axis]).sum::<f64>() / count;
    let middle = if mean.abs() < 0.1 { 0.0 } else { mean };
    let from_middle = |member: &Member| member.position[axis] - middle;
    let side = |member: &Member| match from_middle(member) {
        far if far > 0.5 => 1.0,
        far if far < -0.5 => -1.0,
        _ => 0.0,
    };
    let sides = groups.iter().flatten().map(side).collect();
    let fold = |member: &Member| {
        let mut folded = *member;
        folded.position[axis] = from_middle(member).abs();
        folded
    };
    let folded = groups.iter().map(|group| group.iter().map(fold).collect()).collect();
    (folded, sides)
}

/// The attribute of each head, one group after the other.
pub(super) fn attribute(groups: &Groups, name: AttributeName) -> Vec<f64> {
    let of = |group: &Vec<Member>| match name {
        AttributeName::Count => vec![group.len() as f64],
        _ => of_group(group, name),
    };
    groups.iter().flat_map(of).collect()
}

fn of_group(group: &[Member], name: AttributeName) -> Vec<f64> {
    let last = group.iter().map(|member| member.rank).max().unwrap_or(0).max(1);
    let each = |value: &dyn Fn(&Member) -> f64| group.iter().map(value).collect();
    let along = |axis: usize| {
        let (low, span) = extent(group, axis);
        each(&|member| (member.position[axis] - low) / span)
    };
    match name {
        AttributeName::Index => each(&|member| f64::from(member.rank)),
        AttributeName::NormalizedIndex => each(&|member| f64::from(member.rank) / f64::from(last)),
        AttributeName::PosX => each(&|member| member.position[0]),
        AttributeName::PosY => each(&|member| member.position[1]),
        AttributeName::PosZ => each(&|member| member.position[2]),
        AttributeName::RelX => along(0),
        AttributeName::RelY => along(1),
        AttributeName::RelZ => along(2),
        AttributeName::RelMajorSpan => along(longest(|axis| extent(group, axis).1)),
        AttributeName::RelMajorCount => along(longest(|axis| places(group, axis) as f64)),
        AttributeName::CircleRadius => {
            let [x, y] = middle(group);
            each(&|member| {
                let (dx, dy) = (member.position[0] - x, member.position[1] - y);
                (dx * dx + dy * dy).sqrt()
            })
        }
        AttributeName::AngularPosition => {
            let positions: Vec<[f64; 3]> = group.iter().map(|member| member.position).collect();
            circle::angles(&positions).unwrap_or_else(|| each(&|member| angle(group, member)))
        }
        AttributeName::AngularIndex => by_angle(group),
        AttributeName::Count => Vec::new(),
    }
}

/// The lowest place along an axis, and the length to the highest.
fn extent(group: &[Member], axis: usize) -> (f64, f64) {
    let along = || group.iter().map(|member| member.position[axis]);
    let (low, high) =
        (along().fold(f64::INFINITY, f64::min), along().fold(f64::NEG_INFINITY, f64::max));
    (low, (high - low).max(1e-3))
}

/// How many places, to a millimetre, there are along an axis.
fn places(group: &[Member], axis: usize) -> usize {
    let millimetres = |member: &Member| (member.position[axis] * 1000.0).round() as i64;
    let mut places: Vec<i64> = group.iter().map(millimetres).collect();
    places.sort_unstable();
    places.dedup();
    places.len()
}

/// The axis with the most, the first of several.
fn longest(of: impl Fn(usize) -> f64) -> usize {
    (1..3).fold(0, |best, axis| if of(axis) > of(best) { axis } else { best })
}

fn middle(group: &[Member]) -> [f64; 2] {
    let count = group.len().max(1) as f64;
    [0, 1].map(|axis| group.iter().map(|member| member.position[axis]).sum::<f64>() / count)
}

/// Where a direction stands on a circle seen from above, 0 to 1, counter-clockwise from the back.
pub(super) fn on_circle(x: f64, y: f64) -> f64 {
    fraction(libm::atan2(y, x) / TAU + 0.75)
}

fn angle(group: &[Member], member: &Member) -> f64 {
    let [x, y] = middle(group);
    on_circle(member.position[0] - x, member.position[1] - y)
}

/// Places by the angle around the middle; heads within half a metre of the one before share its.
fn by_angle(group: &[Member]) -> Vec<f64> {
    let mut order: Vec<(f64, usize)> =
        group.iter().enumerate().map(|(index, member)| (angle(group, member), index)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut places = vec![0.0; group.len()];
    let mut place = 0.0;
    for (at, (_, index)) in order.iter().enumerate() {
        if let Some((_, before)) = at.checked_sub(1).map(|before| order[before]) {
            let (a, b) = (group[before].position, group[*index].position);
            let apart = [0, 1, 2].map(|axis| (a[axis] - b[axis]) * (a[axis] - b[axis]));
            if apart.iter().sum::<f64>().sqrt() > 0.5 {
                place += 1.0;
            }
        }
        places[*index] = place;
    }
    places
}
