use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{CommandId, Easing};

/// The most entries of one `dmx.patch`.
pub const PATCH_ENTRIES: usize = 64;
/// The most entries of one `dmx.fade`: a whole universe.
pub const FADE_ENTRIES: usize = 512;

/// What someone asks of live control, well formed.
#[derive(Clone, PartialEq, Debug)]
pub enum Command {
    /// Another colour.
    Colour(ColourCommand),
    /// A unified command.
    Unified(Unified),
}

impl Command {
    /// What its ack names: the identity that its sender gave it.
    pub fn id(&self) -> &str {
        match self {
            Self::Colour(colour) => colour.id.as_str(),
            Self::Unified(unified) => &unified.id,
        }
    }

    /// Where it says that it comes from; unified commands do not say.
    pub fn src(&self) -> Option<&str> {
        match self {
            Self::Colour(colour) => Some(&colour.src),
            Self::Unified(_) => None,
        }
    }
}

/// `demo.rgb.cmd.v1`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ColourCommand {
    /// By which it is known again.
    pub id: CommandId,
    /// Where it comes from: `ui`, `rest`, the name of a device; never empty.
    pub src: String,
    /// Red, green, blue.
    pub rgb: [u8; 3],
}

/// A command of the unified protocol.
#[derive(Clone, PartialEq, Debug)]
pub struct Unified {
    /// Any text that its sender knows it by.
    pub id: String,
    /// What it asks for.
    pub ask: Ask,
}

/// What a unified command asks for.
#[derive(Clone, PartialEq, Debug)]
pub enum Ask {
    /// `dmx.set` and `dmx.patch`: these levels, now.
    Patch {
        /// The universe's number; it need not be there.
        universe: u64,
        /// In the order in which they were given.
        changes: Vec<Change>,
    },
    /// `dmx.fade`: these levels, in time.
    Fade {
        /// The universe's number; it need not be there.
        universe: u64,
        /// In the order in which they were given.
        changes: Vec<Change>,
        /// How long it takes; 0 is at once.
        duration_ms: u64,
        /// Its course.
        easing: Easing,
    },
    /// `fixture.set`: attributes of a fixture, by name.
    Fixture {
        /// The fixture's id.
        fixture: String,
        /// What each attribute is to be.
        attributes: BTreeMap<String, Setting>,
    },
    /// `scene.save`.
    SaveScene {
        /// The scene's name, never empty.
        name: String,
        /// Its levels; the present ones if `None`.
        snapshot: Option<BTreeMap<ChannelKey, u8>>,
    },
    /// `scene.recall`.
    RecallScene {
        /// The scene's name.
        name: String,
    },
    /// `scene.delete`.
    DeleteScene {
        /// The scene's name.
        name: String,
    },
    /// `effect.apply`.
    Effect {
        /// The fixture's id.
        fixture: String,
        /// The effects as they were given, at least one.
        effects: Vec<Map<String, Value>>,
    },
    /// `motor.move`.
    Motor {
        /// The motor's id.
        motor: String,
    },
}

/// A level for a slot of a universe that is named elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Change {
    /// The slot, from 0 to 511; a channel of the protocol is one more.
    pub slot: u16,
    /// The level.
    pub value: u8,
}

/// What an attribute of a fixture is set to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Setting {
    /// 0 to 255: that part of what the attribute can.
    Byte(u8),
    /// 0 to 65535, for attributes of two slots.
    Word(u16),
}

impl Setting {
    /// The levels of an attribute's slots, coarsest first. A byte is repeated, so that 255 is full
    /// whatever the resolution; what is finer than the attribute is left out.
    pub fn levels(self, slots: usize) -> impl Iterator<Item = u8> {
        let bytes = match self {
            Self::Byte(byte) => [byte, byte],
            Self::Word(word) => word.to_be_bytes(),
        };
        bytes.into_iter().cycle().take(slots)
    }
}

/// A channel in a snapshot: `14` in the first universe, `2.14` in another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ChannelKey {
    /// The universe, if one is named.
    pub universe: Option<u16>,
    /// The slot, from 0 to 511; the key has one more.
    pub slot: u16,
}

impl ChannelKey {
    /// Reads `14` or `2.14`; `None` if it is neither.
    pub fn parse(key: &str) -> Option<Self> {
        let (universe, channel) = match key.split_once('.') {
            Some((universe, channel)) => (Some(number(universe)?), channel),
            None => (None, key),
        };
        let channel = number(channel).filter(|channel| (1..=512).contains(channel))?;
        Some(Self { universe, slot: channel - 1 })
    }
}

/// A number as people write it: no sign, no space.
fn number(text: &str) -> Option<u16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
