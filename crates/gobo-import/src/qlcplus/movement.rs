//! A movement as a pattern: straight fades from corner to corner of its path.

use gobo_show::rig::{Action, Channel};
use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::efx::{self, ALGORITHMS};
use super::function::{Efx, EfxFixture, Function, RunOrder};
use super::patch::Patched;
use super::patterns::{Draft, Patterns};
use crate::native::{number, seconds};

/// Heads that move alike: which way, from where, and by which channels.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Alike {
    backward: bool,
    /// In millionths of a degree, so that it can be compared.
    start: i64,
    /// The channels of pan and tilt, with how many bytes each has.
    axes: [Option<(String, usize)>; 2],
}

/// The pattern of a movement; `None`, which is noted, when nothing moves.
pub(super) fn draft(patterns: &mut Patterns<'_>, function: &Function, efx: &Efx) -> Option<Draft> {
    if !ALGORITHMS.contains(&efx.algorithm.as_str()) {
        patterns
            .note(function, format!("runs a circle: `{}` is no path that is known", efx.algorithm));
    }
    if efx.relative {
        patterns.note(function, "moves about its own middle: relative movement is not carried");
    }
    let duration = function.speed.duration;
    if !(duration > 0.0 && duration.is_finite()) {
        patterns.note(function, "is left out: it has no speed");
        return None;
    }
    if efx.propagation == "Serial" {
        patterns.note(function, "starts all its heads at once, each at its place on the path");
    }
    let groups = alike(patterns, function, efx);
    let mut draft = Draft { cycle: duration, ..Draft::default() };
    for (alike, heads) in &groups {
        let on = patterns.patch.select(&heads.iter().map(String::as_str).collect::<Vec<_>>());
        round(efx, alike, &on, 0.0, duration, &mut draft.steps);
        if function.order == RunOrder::PingPong {
            let back = Alike { backward: !alike.backward, ..alike.clone() };
            round(efx, &back, &on, duration, duration, &mut draft.steps);
        }
    }
    if function.order == RunOrder::PingPong {
        draft.cycle *= 2.0;
    }
    if function.order != RunOrder::SingleShot {
        draft.every = Some(seconds(draft.cycle));
    }
    Some(draft)
}

/// The heads of a movement by how they move; heads that cannot are noted.
fn alike(
    patterns: &mut Patterns<'_>,
    function: &Function,
    efx: &Efx,
) -> IndexMap<Alike, Vec<String>> {
    let mut groups: IndexMap<Alike, Vec<String>> = IndexMap::new();
    let spread = matches!(efx.propagation.as_str(), "Serial" | "Asymmetric");
    let mut lost: IndexMap<&str, Vec<String>> = IndexMap::new();
    for (index, member) in efx.fixtures.iter().enumerate() {
        let Some((_, fixture)) = patterns.patch.get(member.fixture) else {
            lost.entry("not in the patch").or_default().push(member.fixture.to_string());
            continue;
        };
        let axes = axes(fixture, member);
        if axes == [None, None] {
            let lacks = match member.mode {
                0 => "no pan and tilt there",
                1 => "no dimmer there",
                _ => "colours along a path are not carried",
            };
            lost.entry(lacks).or_default().push(fixture.name.clone());
            continue;
        }
        let shift = if spread { index as f64 / (efx.fixtures.len() + 1) as f64 } else { 0.0 };
        let backward = member.backward != function.backward;
        let alike = Alike { start: start(member, shift, backward), backward, axes };
        let head = match fixture.heads {
            0 | 1 => fixture.id.clone(),
            _ => format!("{}:{}", fixture.id, member.head + 1),
        };
        groups.entry(alike).or_default().push(head);
    }
    for (why, names) in lost {
        patterns.note(function, format!("does not move {}: {why}", names.join(", ")));
    }
    groups
}

/// The channels that a head is moved by: pan and tilt, or the dimmer.
fn axes(fixture: &Patched, member: &EfxFixture) -> [Option<(String, usize)>; 2] {
    let axis = |does: fn(&Action) -> bool| {
        let found = fixture.channel_for(member.head, does);
        found.map(|channel: &Channel| (channel.key.to_string(), channel.slots.len()))
    };
    match member.mode {
        0 => [
            axis(|action| matches!(action, Action::Pan(..))),
            axis(|action| matches!(action, Action::Tilt(..))),
        ],
        1 => [None, axis(|action| matches!(action, Action::Intensity(..)))],
        _ => [None, None],
    }
}

/// Where a head starts, `shift` turns ahead, in millionths of a degree.
fn start(member: &EfxFixture, shift: f64, backward: bool) -> i64 {
    let ahead = if backward { -shift } else { shift };
    ((member.start_deg + ahead * 360.0) * 1e6).round() as i64
}

/// Adds the steps of one turn from the time `at` on.
fn round(efx: &Efx, alike: &Alike, on: &str, at: f64, duration: f64, steps: &mut Vec<Value>) {
    let corners = efx::corners(efx);
    let start_deg = alike.start as f64 / 1e6;
    let levels = |turn: f64| efx::levels(efx, turn, alike.backward, start_deg);
    let on = Value::from(on);
    let mut last = None;
    for pair in turns(corners.count, alike.backward, start_deg + efx.start_deg).windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let mut step = Map::new();
        if at + from * duration > 0.0 {
            step.insert("at".into(), seconds(at + from * duration));
        }
        if corners.jumps {
            step.insert("on".into(), on.clone());
            let middle = look(alike, levels((from + to) / 2.0));
            if last.as_ref() != Some(&middle) {
                step.insert("set".into(), middle.clone());
                steps.push(step.into());
            }
            last = Some(middle);
            continue;
        }
        // A hair inside, for a path may jump at a corner.
        let (first, end) = (look(alike, levels(from + 1e-9)), look(alike, levels(to - 1e-9)));
        if last.as_ref() != Some(&first) {
            let mut set = step.clone();
            set.insert("on".into(), on.clone());
            set.insert("set".into(), first);
            steps.push(set.into());
        }
        step.insert("for".into(), seconds((to - from) * duration));
        step.insert("on".into(), on.clone());
        step.insert("fade".into(), json!({"to": end}));
        steps.push(step.into());
        last = Some(end);
    }
}

/// The parts of a turn at which a head passes a corner, with 0 and 1.
fn turns(count: u32, backward: bool, start_deg: f64) -> Vec<f64> {
    let corner = |index: u32| {
        let corner = f64::from(index) / f64::from(count) - start_deg / 360.0;
        let turn = if backward { -corner } else { corner };
        turn - turn.floor()
    };
    let mut turns: Vec<f64> =
        (0..count).map(corner).filter(|turn| (1e-6..1.0 - 1e-6).contains(turn)).collect();
    turns.extend([0.0, 1.0]);
    turns.sort_by(f64::total_cmp);
    turns
}

/// Levels, 0 to 255, as values of the channels of pan and tilt.
fn look(alike: &Alike, levels: [f64; 2]) -> Value {
    let value = |(axis, level): (&Option<(String, usize)>, f64)| {
        let (key, bytes) = axis.as_ref()?;
        // QLC+ writes whole steps to the coarse byte and the rest to the fine one.
        let value = if *bytes > 1 { level * 256.0 / 65_535.0 * 255.0 } else { level.floor() };
        Some((key.clone(), number(value)))
    };
    let channels: Map<String, Value> = alike.axes.iter().zip(levels).filter_map(value).collect();
    json!({"channels": channels})
}
