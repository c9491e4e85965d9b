//! What of a head a cue can write, besides its colour.

use gobo_show::effect::{AttributeKind, BeamParameter};
use gobo_show::rig::Emitter;

use crate::blend::Limits;

/// An attribute with one number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Attribute {
    /// Brightness, 0 to 1.
    Dimmer,
    /// Degrees from the middle.
    Pan,
    /// Degrees from the middle.
    Tilt,
    /// Hertz; 0 is an open shutter.
    Strobe,
    /// How much of its layer's colour covers the one below, 0 to 1: no channel of its own.
    Tint,
    /// A part of the fixture's range, 0 to 1.
    Beam(BeamParameter),
    /// The drive of one emitter by name, 0 to 1.
    Emitter(Emitter),
    /// A part of the range of a channel, an index into the fixture's: 0 to 1.
    Raw(u32),
}

impl Attribute {
    /// The number that stands for colour in keys: none of [`Attribute::number`].
    pub(crate) const COLOR: u64 = 1 << 16;

    /// The least and the most that layers make of it by adding and taking away.
    pub(crate) fn limits(self) -> Limits {
        match self {
            Self::Dimmer | Self::Tint | Self::Beam(_) | Self::Emitter(_) | Self::Raw(_) => {
                Limits::default()
            }
            Self::Strobe => Limits { high: f64::INFINITY, ..Limits::default() },
            Self::Pan | Self::Tilt => Limits { low: f64::NEG_INFINITY, high: f64::INFINITY },
        }
    }

    /// What a release calls it.
    pub(crate) fn kind(self) -> AttributeKind {
        match self {
            Self::Dimmer => AttributeKind::Dimmer,
            Self::Pan | Self::Tilt => AttributeKind::Position,
            Self::Strobe => AttributeKind::Strobe,
            Self::Beam(_) => AttributeKind::Beam,
            Self::Raw(_) => AttributeKind::Channels,
            _ => AttributeKind::Color,
        }
    }

    /// A number that stands for it in keys.
    pub(crate) fn number(self) -> u64 {
        match self {
            Self::Dimmer => 0,
            Self::Pan => 1,
            Self::Tilt => 2,
            Self::Strobe => 3,
            Self::Tint => (1 << 16) + 1,
            Self::Beam(parameter) => 4 + parameter as u64,
            Self::Emitter(emitter) => 1 << 17 | emitter as u64,
            Self::Raw(channel) => 1 << 32 | u64::from(channel),
        }
    }
}
