//! A venue file: the patch, points of interest, groups, outputs.

use gobo_dmx::{Address, FrameRate, OlaApi, OutputDelay, Pixels, Priority, Universe, UniverseSet};
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::{FixtureSource, SlotPriority, StreamPriority};
use crate::decode::{About, At, Decode, Decoder, Definitions, Spanned, choice, record};
use crate::effect::AxisValue;
use crate::select::Selection;
use crate::tree::{Node, Value};
use crate::value::{Angle, Extent};

record! {
    /// A venue: which fixtures hang where, and how they are reached.
    pub struct VenueSource as "venue" {
        /// The venue's name for people.
        pub name: Option<String>,
        /// The fixtures, in the order of `all`.
        pub fixture: Vec<Spanned<FixtureSource>>,
        /// Named selections.
        pub groups: IndexMap<String, Spanned<Selection>>,
        /// Points of interest, in metres: x right, y to the back, z up, seen from the audience.
        pub poi: IndexMap<String, [f64; 3]>,
        /// How far the heads of a group move, by the group's name.
        pub movement: IndexMap<String, Spanned<Movement>>,
        /// The implementation that a pattern has here, by the pattern's name.
        pub implementations: IndexMap<String, Spanned<String>>,
        /// Pan and tilt of fixtures for points of interest, as measured: for each point, its
        /// fixtures with both numbers from 0 to 65535. Channel layers go by them.
        pub aim: IndexMap<String, IndexMap<String, Spanned<[AxisValue; 2]>>>,
        /// The points of interest, measured for many fixtures, that the pan and tilt of places
        /// between them are worked out from: best the corners of the room.
        pub references: Vec<Spanned<String>>,
        /// The size of the room in metres, from the origin on: circles of channel layers stay
        /// inside.
        pub room: Option<[f64; 3]>,
        /// Where the universes go.
        pub output: Vec<Spanned<OutputSource>>,
    }
}

record! {
    /// Where the heads of a group move: what a movement of a graph means for them.
    pub struct Movement as "movement" {
        /// Where the middle is, as a direction: x right, y to the back, z up.
        pub direction: [f64; 3] = straight_down(),
        /// How many degrees to each side the movement 1 is.
        pub extent_u: f64 as Extent = 30.0,
        /// How many degrees up and down the movement 1 is.
        pub extent_v: f64 as Extent = 30.0,
        /// How far the movement is turned around the middle, in degrees.
        pub uv_rotation: f64 as Angle = 0.0,
    }
}

fn straight_down() -> Value {
    Value::List([0.0, 0.0, -1.0].map(Node::from).into())
}

record! {
    /// A route of universes to a target. Several outputs may have the same universes: each gets a
    /// copy.
    pub struct OutputSource as "output" {
        /// The universes: "1-6", "1,3", "all", or one number.
        pub universes: UniverseSet = "all",
        /// The protocol.
        pub protocol: ProtocolName,
        /// The target: a host with or without a port. Art-Net: or `nodes`, which are those that
        /// answer polls and subscribe to a universe, or `broadcast`. E1.31: or `multicast`, or
        /// `multicast6` over IPv6. `nodes@eth0` and `multicast@eth0` choose the interface. USB
        /// PRO: a device such as `/dev/ttyUSB0`, `usb` for the first that is found, or
        /// `usb:EN123456` for the one of this serial number. OLA: this machine unless given.
        pub to: Option<Spanned<String>>,
        /// The target that stands in while the first fails, written like it.
        pub backup: Option<Spanned<String>>,
        /// The most frames a second that the target takes; 40 for USB PRO and OLA's web server
        /// unless given.
        pub rate: Option<FrameRate>,
        /// How much later than the others this output is; negative is earlier.
        pub delay: Option<OutputDelay>,
        /// Sends a universe when it changes and every 0.9 seconds, not with each frame.
        pub only_changes: bool = false,
        /// Added to each universe number on the wire. DDP lays the universes of a route end to
        /// end: there it is how many universes later they begin.
        pub offset: Option<Spanned<i32>>,
        /// Art-Net: true sends ArtSync. E1.31: the universe of the sync packets.
        pub sync: Option<Spanned<Sync>>,
        /// E1.31: whether receivers that lose the sync packets go on without them; true unless
        /// given. With false they freeze.
        pub force_sync: Option<Spanned<bool>>,
        /// E1.31: the priority of the streams, 0 to 200; or one for some universes each:
        /// `{ "1-4" = 120, all = 90 }`. OLA: the priority of the levels.
        pub priority: Option<Spanned<StreamPriority>>,
        /// E1.31: sends the priority of each slot (start code 0xDD): true gives patched slots that
        /// of their stream and leaves the others to other sources, a number gives patched slots
        /// another, and `{ house = 50 }` gives it to the slots of a selection.
        pub address_priority: Option<Spanned<SlotPriority>>,
        /// DDP: what a pixel is made of; `rgb` unless given.
        pub pixels: Option<Spanned<Pixels>>,
        /// OLA: how the daemon is spoken to; `rpc` unless given.
        pub via: Option<Spanned<OlaApi>>,
        /// Multicast and `nodes`: the network interface, by its name or one of its addresses.
        pub interface: Option<Spanned<String>>,
    }
}

/// A protocol by name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum ProtocolName {
    /// Art-Net 4.
    ArtNet,
    /// E1.31.
    Sacn,
    /// DDP.
    Ddp,
    /// Enttec DMX USB PRO.
    UsbPro,
    /// olad.
    Ola,
}

impl ProtocolName {
    /// The protocol's name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::ArtNet => "Art-Net",
            Self::Sacn => "E1.31",
            Self::Ddp => "DDP",
            Self::UsbPro => "DMX USB PRO",
            Self::Ola => "OLA",
        }
    }
}

choice! { ProtocolName, "protocol":
    ArtNet = "artnet", "Art-Net 4.";
    Sacn = "sacn", "E1.31, streaming ACN.";
    Ddp = "ddp", "DDP, for WLED and pixel controllers.";
    UsbPro = "usbpro", "Enttec DMX USB PRO and its kin, on a serial line.";
    Ola = "ola", "The daemon of the Open Lighting Architecture, olad.";
}

choice! { Pixels, "pixels":
    Rgb = "rgb", "Red, green, blue: 170 pixels a universe, its first 510 slots.";
    Rgbw = "rgbw", "Red, green, blue, white: 128 pixels a universe.";
}

choice! { OlaApi, "olad's interface":
    Rpc = "rpc", "Its remote procedure calls, TCP port 9010.";
    Http = "http", "Its web server, TCP port 9090: slower, and without priority.";
}

/// How an output keeps its universes together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Sync {
    /// ArtSync, or none.
    Flag(bool),
    /// E1.31 sync packets on this universe.
    Universe(Universe),
}

impl Decode for Sync {
    fn about() -> About {
        About::new("sync", "true, false, or (E1.31) a universe")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match at.node.value {
            Value::Bool(flag) => Some(Self::Flag(flag)),
            Value::Number(_) => Universe::decode(at, decoder).map(Self::Universe),
            _ => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"anyOf": [{"type": "boolean"}, {"type": "integer", "minimum": 1, "maximum": 63999}]})
    }
}

/// A whole number with a range, which a type of `gobo-dmx` checks too.
macro_rules! whole {
    ($( $type:ty: $kind:literal, $expected:literal, $low:literal, $high:literal, $number:ty; )*) => {$(
        impl Decode for $type {
            fn about() -> About {
                About { range: Some(($low, $high)), ..About::new($kind, $expected) }
            }

            fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
                match at.node.number().filter(|number| number.fract() == 0.0) {
                    Some(number) => {
                        let number = decoder.in_range(at, number, $low, $high)?;
                        Self::new(number as $number).ok()
                    }
                    None => decoder.wrong::<Self, _>(at),
                }
            }

            fn schema(_: &mut Definitions) -> Json {
                json!({"type": "integer", "minimum": $low as u32, "maximum": $high as u32})
            }
        }
    )*};
}

whole! {
    Universe: "universe", "a universe from 1 to 63999", 1.0, 63_999.0, u16;
    Address: "address", "a DMX address from 1 to 512", 1.0, 512.0, u16;
    Priority: "priority", "a priority from 0 to 200", 0.0, 200.0, u8;
}

impl Decode for UniverseSet {
    fn about() -> About {
        About::new("universes", "universes such as `1-6`, `1,3` or `all`")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        match &at.node.value {
            Value::Number(_) => {
                Universe::decode(at, decoder).map(|only| [only].into_iter().collect())
            }
            Value::Text(text) => match text.parse() {
                Ok(set) => Some(set),
                Err(message) => {
                    decoder.error("bad-value", at, message);
                    None
                }
            },
            _ => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"anyOf": [
            {"type": "integer", "minimum": 1, "maximum": 63999},
            {"type": "string", "pattern": r"^\s*(all|[0-9]+\s*(-\s*[0-9]+)?(\s*,\s*[0-9]+\s*(-\s*[0-9]+)?)*)\s*$"},
        ]})
    }
}
