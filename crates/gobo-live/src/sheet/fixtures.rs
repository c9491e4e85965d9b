//! Fixtures, groups and points of the venue as programs see them.

use std::collections::HashMap;
use std::sync::Arc;

use gobo_show::rig::{Channel, Fixture, Rig};
use indexmap::IndexMap;
use serde::Serialize;

use crate::channel::{Purpose, fixed};

/// A fixture, without what changes while it is played.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct FixtureRow {
    /// Its id in the venue.
    pub id: Arc<str>,
    /// Its name for people.
    pub name: String,
    /// What it is: `moving_head`, `pixels`, `par`, `dimmer` or `other`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its profile: `manufacturer/model`.
    pub profile: String,
    /// Its universe, the first one where it spans several.
    pub universe: u16,
    /// Its first address.
    pub address: u16,
    /// How many slots it takes.
    pub footprint: u16,
    /// Where it hangs, in metres: x right, y to the back, z up.
    pub position: [f64; 3],
    /// Its channels; fixtures of one mode share them.
    pub channels: Arc<[ChannelRow]>,
}

/// A channel of a fixture.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ChannelRow {
    /// Its key in the profile.
    pub name: Arc<str>,
    /// What it is for: `level`, `color`, `pan`, `tilt` or `other`.
    pub kind: &'static str,
    /// Its slots within the fixture, from 0, coarsest first.
    pub slots: Vec<u16>,
    /// The emitter that it is the level of: `red`.
    pub emitter: Option<&'static str>,
    /// The lowest value.
    pub min: u64,
    /// The highest value, at full resolution.
    pub max: u64,
    /// Ranges of values that have a name.
    pub labels: Vec<Label>,
}

/// A named range of a channel's values.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Label {
    /// The name.
    pub name: Arc<str>,
    /// The first value.
    pub from: u64,
    /// The last value.
    pub to: u64,
}

/// A group of the venue.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct GroupRow {
    /// Its name.
    pub name: String,
    /// The fixtures that belong to it, each once, in its order.
    pub fixtures: Vec<Arc<str>>,
}

/// A point of interest.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PointRow {
    /// Its name in the venue.
    pub id: String,
    /// The same: points have no other name.
    pub name: String,
    /// Where it is, in metres.
    pub location: Location,
    /// The pan and tilt of fixtures that point at it, as measured.
    pub fixtures: IndexMap<Arc<str>, PanTilt>,
}

/// A place in metres: x right, y to the back, z up.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Location {
    pub x: f64,
    pub y: f64,
    pub z: f64,
}

/// Pan and tilt as fixtures count them, 0 to 65535 from end stop to end stop.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[allow(missing_docs)]
pub struct PanTilt {
    pub pan: u16,
    pub tilt: u16,
}

pub(super) fn fixtures(rig: &Rig) -> IndexMap<Arc<str>, FixtureRow> {
    let mut known: HashMap<(&str, &str), Arc<[ChannelRow]>> = HashMap::new();
    let mut rows = IndexMap::with_capacity(rig.fixtures.len());
    for fixture in &rig.fixtures {
        let mode = (fixture.profile.as_str(), fixture.mode.as_str());
        let alike = known.get(&mode).filter(|rows| is_alike(rows, fixture)).cloned();
        let channels = alike.unwrap_or_else(|| {
            let first = fixture.address.slot() as u16;
            let rows = fixture.channels.iter().map(|channel| channel_row(channel, first));
            Arc::clone(known.entry(mode).insert_entry(rows.collect()).get())
        });
        rows.insert(Arc::clone(&fixture.id), row(fixture, channels));
    }
    rows
}

/// Whether rows are those of a fixture's channels: what the venue says of one fixture may make it
/// other than its mode.
fn is_alike(rows: &[ChannelRow], fixture: &Fixture) -> bool {
    let first = fixture.address.slot() as u16;
    let is_alike = |(row, channel): (&ChannelRow, &Channel)| {
        let slots = channel.slots.iter().map(|slot| slot.saturating_sub(first));
        row.name == channel.key && slots.eq(row.slots.iter().copied())
    };
    rows.len() == fixture.channels.len() && rows.iter().zip(&fixture.channels).all(is_alike)
}

fn row(fixture: &Fixture, channels: Arc<[ChannelRow]>) -> FixtureRow {
    FixtureRow {
        id: Arc::clone(&fixture.id),
        name: fixture.name.clone(),
        kind: kind(fixture),
        profile: fixture.profile.clone(),
        universe: fixture.universe.get(),
        address: fixture.address.get(),
        footprint: fixture.footprint,
        position: fixture.position,
        channels,
    }
}

fn channel_row(channel: &Channel, first: u16) -> ChannelRow {
    let purpose = Purpose::of(channel);
    let named = fixed(channel).iter().filter(|one| !one.name.is_empty());
    let label = |one: &gobo_show::rig::Capability| Label {
        name: Arc::clone(&one.name),
        from: one.from,
        to: one.to,
    };
    ChannelRow {
        name: Arc::clone(&channel.key),
        kind: purpose.word(),
        slots: channel.slots.iter().map(|slot| slot.saturating_sub(first)).collect(),
        emitter: match purpose {
            Purpose::Emitter(emitter) => Some(emitter.word()),
            _ => None,
        },
        min: 0,
        max: channel.max(),
        labels: named.map(label).collect(),
    }
}

/// What a fixture is, by its channels.
fn kind(fixture: &Fixture) -> &'static str {
    let has = |wanted: fn(Purpose) -> bool| {
        fixture.channels.iter().any(|channel| wanted(Purpose::of(channel)))
    };
    if has(|purpose| matches!(purpose, Purpose::Pan | Purpose::Tilt)) {
        "moving_head"
    } else if fixture.heads.len() > 1 {
        "pixels"
    } else if has(|purpose| matches!(purpose, Purpose::Emitter(_) | Purpose::Color)) {
        "par"
    } else if has(|purpose| purpose == Purpose::Level) {
        "dimmer"
    } else {
        "other"
    }
}

pub(super) fn groups(rig: &Rig) -> Vec<GroupRow> {
    let group = |(name, heads): (&String, &Vec<u32>)| {
        let mut fixtures: Vec<u32> = Vec::new();
        let mut seen = vec![false; rig.fixtures.len()];
        for head in heads.iter().filter_map(|head| rig.heads.get(*head as usize)) {
            if let Some(seen) = seen.get_mut(head.fixture as usize)
                && !std::mem::replace(seen, true)
            {
                fixtures.push(head.fixture);
            }
        }
        let id = |fixture: &u32| Some(Arc::clone(&rig.fixtures.get(*fixture as usize)?.id));
        GroupRow { name: name.clone(), fixtures: fixtures.iter().filter_map(id).collect() }
    };
    rig.groups.iter().map(group).collect()
}

pub(super) fn points(rig: &Rig) -> Vec<PointRow> {
    let aim = |(fixture, [pan, tilt]): (&u32, &[u16; 2])| {
        let fixture = rig.fixtures.get(*fixture as usize)?;
        Some((Arc::clone(&fixture.id), PanTilt { pan: *pan, tilt: *tilt }))
    };
    let point = |(id, [x, y, z]): (&String, &[f64; 3])| PointRow {
        id: id.clone(),
        name: id.clone(),
        location: Location { x: *x, y: *y, z: *z },
        fixtures: rig.aims.get(id).into_iter().flatten().filter_map(aim).collect(),
    };
    rig.points.iter().map(point).collect()
}
