//! What of a head a cue can write, besides its colour.

use gobo_show::effect::BeamParameter;
use gobo_show::rig::Emitter;

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

    /// The most that adding layers make of it.
    pub(crate) fn ceiling(self) -> f64 {
        match self {
            Self::Dimmer | Self::Beam(_) | Self::Emitter(_) | Self::Raw(_) => 1.0,
            Self::Pan | Self::Tilt | Self::Strobe => f64::INFINITY,
        }
    }

    /// A number that stands for it in keys.
    pub(crate) fn number(self) -> u64 {
        match self {
            Self::Dimmer => 0,
            Self::Pan => 1,
            Self::Tilt => 2,
            Self::Strobe => 3,
            Self::Beam(parameter) => 4 + parameter as u64,
            Self::Emitter(emitter) => 1 << 17 | emitter as u64,
            Self::Raw(channel) => 1 << 32 | u64::from(channel),
        }
    }
}
