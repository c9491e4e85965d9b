//! The patched venue: fixtures, heads and channels, down to slots.

mod preset;
mod setup;

use std::ops::Range;
use std::sync::Arc;

use gobo_dmx::{Address, Route, SLOTS, Universe};
use indexmap::IndexMap;
use serde::Serialize;

use crate::effect::BeamParameter;
use crate::source::Movement;
use crate::value::Color;

pub use setup::{Axis, DimmerCurve, Setup, White};

/// A venue with its patch resolved: what rendering turns values into slots with.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Rig {
    /// The venue's name.
    pub venue: String,
    /// Every fixture, in the order of the venue file.
    pub fixtures: Vec<Fixture>,
    /// Every head of every fixture; a fixture's are next to each other.
    pub heads: Vec<Head>,
    /// Named groups of heads, in their defined order.
    pub groups: IndexMap<String, Vec<HeadIndex>>,
    /// The places of the heads of those groups in which heads share one, or that run in another
    /// order than they stand in.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub group_ranks: IndexMap<String, Vec<u32>>,
    /// The heads with each tag, in the order of the venue file.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub tags: IndexMap<String, Vec<HeadIndex>>,
    /// Where the heads of a group move, by the group.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub movements: IndexMap<String, Movement>,
    /// Points of interest, in metres.
    pub points: IndexMap<String, [f64; 3]>,
    /// Pan and tilt of fixtures for points, by point and fixture (an index into `fixtures`), as
    /// fixtures count them: 0 to 65535.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub aims: IndexMap<String, IndexMap<u32, [u16; 2]>>,
    /// The points that pan and tilt of other places are worked out from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// The size of the room in metres, from the origin on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room: Option<[f64; 3]>,
    /// Default output routing.
    pub routes: Vec<Route>,
}

/// An index into [`Rig::heads`].
pub type HeadIndex = u32;

/// A patched fixture.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Fixture {
    /// Its id in the venue.
    pub id: Arc<str>,
    /// Its name for people.
    pub name: String,
    /// The profile, `manufacturer/model`.
    pub profile: String,
    /// The mode's name.
    pub mode: String,
    /// The universe it hangs on, the first one where it spans several.
    pub universe: Universe,
    /// Its first address.
    pub address: Address,
    /// How many slots it takes, from its first to its last.
    pub footprint: u16,
    /// Where it hangs, in metres: x right, y to the back, z up, seen from the audience.
    pub position: [f64; 3],
    /// How it hangs, in degrees about x, y and z.
    pub rotation_deg: [f64; 3],
    /// Seconds that pan and tilt take from end stop to end stop, where the venue says so.
    #[serde(skip)]
    pub travel_seconds: [Option<f64>; 2],
    /// Its heads in [`Rig::heads`]; at least one.
    pub heads: Range<HeadIndex>,
    /// Its channels.
    pub channels: Vec<Channel>,
    /// How the venue sets it up.
    #[serde(skip_serializing_if = "Setup::is_default")]
    pub setup: Setup,
}

impl Fixture {
    /// The slots it takes, counted like [`Channel::slots`].
    pub fn slots(&self) -> Range<usize> {
        let first = self.address.slot();
        first..first + usize::from(self.footprint)
    }

    /// The universes that it is patched to, rising.
    pub fn universes(&self) -> impl Iterator<Item = Universe> + use<> {
        let (first, count) = (self.universe.get(), self.slots().end.div_ceil(SLOTS).max(1));
        (0..count).filter_map(move |more| Universe::new(first.checked_add(more as u16)?).ok())
    }
}

/// One part of a fixture that shines by itself: a pixel, a cell, or all of a simple fixture.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Head {
    /// The fixture, an index into [`Rig::fixtures`].
    pub fixture: u32,
    /// Its name within the fixture: a pixel key, or `1` for the only head.
    pub name: Arc<str>,
    /// Where it is in the room, in metres.
    pub position: [f64; 3],
}

/// A control channel of a patched fixture.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Channel {
    /// Its key in the profile.
    pub key: Arc<str>,
    /// The head it belongs to, an index into [`Rig::heads`]; `None` is the fixture as a whole.
    pub head: Option<HeadIndex>,
    /// Its slots, coarsest first, 0-based from the first slot of the fixture's universe; those
    /// from 512 on lie in the universes after it. One slot is 8 bits, two are 16.
    pub slots: Vec<u16>,
    /// The key of each slot in the profile's mode.
    #[serde(skip)]
    pub slot_keys: Vec<Arc<str>>,
    /// The value when nothing writes it, at the channel's full resolution.
    pub default: u64,
    /// The value for finding the fixture, at full resolution.
    pub highlight: u64,
    /// The venue's own value before any cue, at full resolution; takes the place of `default`.
    pub arm: Option<u64>,
    /// Whether the highest writer wins (HTP) rather than the latest.
    pub htp: bool,
    /// What its values mean.
    pub function: Function,
}

impl Channel {
    /// The highest value: `256^slots - 1`.
    pub fn max(&self) -> u64 {
        max_of(self.slots.len())
    }
}

/// The highest value of a channel of `slots` slots.
pub fn max_of(slots: usize) -> u64 {
    match slots {
        0..=7 => (1 << (8 * slots)) - 1,
        _ => u64::MAX,
    }
}

/// What a channel's values mean.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub enum Function {
    /// Always the same.
    Fixed(Arc<[Capability]>),
    /// Depends on the value of another channel of the fixture (OFL: switching channel).
    Switched {
        /// That channel, an index into [`Fixture::channels`].
        trigger: u32,
        /// What it is for each range of the trigger's value; ranges do not overlap.
        cases: Vec<Case>,
    },
}

/// One meaning of a switching channel.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Case {
    /// The trigger's first value, at the trigger's full resolution.
    pub from: u64,
    /// The trigger's last value.
    pub to: u64,
    /// The channel's default in this case, at full resolution.
    pub default: u64,
    /// What its values mean in this case.
    pub capabilities: Vec<Capability>,
}

/// A range of a channel's values and its meaning.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Capability {
    /// The first value, at the channel's full resolution.
    pub from: u64,
    /// The last value.
    pub to: u64,
    /// What it does.
    pub action: Action,
    /// The profile's words for it, shown to people and matched by name; may be empty.
    pub name: Arc<str>,
}

/// What a capability does; where a pair is given, the first holds at `from`, the second at `to`.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub enum Action {
    /// Nothing.
    None,
    /// Brightness, 0 to 1.
    Intensity(f64, f64),
    /// The brightness of one emitter, 0 to 1.
    Emitter(Emitter, f64, f64),
    /// Open shutter.
    ShutterOpen,
    /// Closed shutter.
    ShutterClosed,
    /// Strobe by the shutter, in hertz (0 to 1 of its range when the profile gives no hertz).
    Strobe(Rate, Rate),
    /// Hue of a fixture that makes colours by hue and saturation, in turns of the colour circle:
    /// 0 is red, 1/3 green.
    Hue(f64, f64),
    /// Saturation of such a fixture, 0 (white) to 1.
    Saturation(f64, f64),
    /// Pan in degrees, as the profile counts (from the end stop).
    Pan(f64, f64),
    /// Tilt in degrees, as the profile counts.
    Tilt(f64, f64),
    /// A fixed colour: a wheel slot, filter or preset; two are split colours.
    Color(Color, Option<Color>),
    /// A wheel slot that is no colour (a gobo, a prism facet), by the wheel's key and slot number.
    WheelSlot(Arc<str>, f64, f64),
    /// A continuous beam parameter in its own unit, or 0 to 1 when the profile gives no unit.
    Beam(BeamParameter, Unit, f64, f64),
    /// Anything else, by its type in the profile; reached by name or raw only.
    Other(Arc<str>),
}

/// A rate as a profile gives it.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub enum Rate {
    /// In hertz.
    Hertz(f64),
    /// As a part of the fixture's range, 0 to 1.
    Fraction(f64),
}

/// What a beam parameter's numbers are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Unit {
    /// 0 to 1 of the range.
    Fraction,
    /// The parameter's physical unit: degrees, hertz, metres, kelvin.
    Physical,
}

/// A light source of one colour.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[allow(missing_docs)]
pub enum Emitter {
    Red,
    Green,
    Blue,
    Cyan,
    Magenta,
    Yellow,
    Amber,
    White,
    WarmWhite,
    ColdWhite,
    Uv,
    Lime,
    Indigo,
}

impl Emitter {
    /// Every emitter, in the order of their declaration.
    pub const ALL: [Self; 13] = [
        Self::Red,
        Self::Green,
        Self::Blue,
        Self::Cyan,
        Self::Magenta,
        Self::Yellow,
        Self::Amber,
        Self::White,
        Self::WarmWhite,
        Self::ColdWhite,
        Self::Uv,
        Self::Lime,
        Self::Indigo,
    ];

    /// How looks write it: `warm_white`.
    pub fn word(self) -> &'static str {
        EMITTER_WORDS[self as usize]
    }
}

/// How looks write the emitters.
pub(crate) const EMITTER_WORDS: [&str; 13] = [
    "red",
    "green",
    "blue",
    "cyan",
    "magenta",
    "yellow",
    "amber",
    "white",
    "warm_white",
    "cold_white",
    "uv",
    "lime",
    "indigo",
];
