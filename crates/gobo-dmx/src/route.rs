use serde::{Deserialize, Serialize};

use crate::{
    Address, Delivery, FrameRate, OutputDelay, Priorities, Priority, SLOTS, Slots, Universe,
    UniverseSet,
};

/// The UDP port of Art-Net (Art-Net 4, "Network topology").
pub const ARTNET_PORT: u16 = 6454;

/// The UDP port of E1.31 (E1.31-2018 9.3.3).
pub const SACN_PORT: u16 = 5568;

/// The UDP port of DDP (3waylabs, "Distributed Display Protocol").
pub const DDP_PORT: u16 = 4048;

/// The TCP port of olad's RPC.
pub const OLA_RPC_PORT: u16 = 9010;

/// The TCP port of olad's web server.
pub const OLA_HTTP_PORT: u16 = 9090;

/// Which universes go where: one row of a venue's outputs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Route {
    /// The universes that this route carries.
    pub universes: UniverseSet,
    /// The protocol, with what only it knows.
    pub protocol: Protocol,
    /// Where the packets go.
    pub delivery: Delivery,
    /// Where they go while they cannot go there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup: Option<Delivery>,
    /// Added to each universe number on the wire; the result must stay legal.
    #[serde(default)]
    pub offset: i32,
    /// The most frames a second that the target takes; `None` sends every frame.
    #[serde(default)]
    pub max_rate: Option<FrameRate>,
    /// How much later than its time the target gets a frame.
    #[serde(default)]
    pub delay: OutputDelay,
    /// Sends a universe when it changes and to keep it alive, not with each frame.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_changes: bool,
}

impl Route {
    /// A route that carries `universes` by their own numbers, every frame, in time.
    pub const fn new(universes: UniverseSet, protocol: Protocol, delivery: Delivery) -> Self {
        Self {
            universes,
            protocol,
            delivery,
            backup: None,
            offset: 0,
            max_rate: None,
            delay: OutputDelay::ZERO,
            only_changes: false,
        }
    }
}

/// A wire protocol, with the settings that only it has.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Art-Net 4.
    ArtNet {
        /// Whether an ArtSync follows the packets of each frame.
        sync: bool,
    },
    /// E1.31, streaming ACN.
    Sacn(SacnStreams),
    /// DDP, to controllers of pixels: the route's universes laid end to end.
    Ddp {
        /// What a pixel is made of.
        pixels: Pixels,
    },
    /// The serial protocol of the Enttec DMX USB PRO and its kin; one universe, or two.
    UsbPro,
    /// olad, the daemon of the Open Lighting Architecture.
    Ola {
        /// How it is spoken to.
        via: OlaApi,
        /// The priority of the levels; by RPC only.
        priority: Priority,
    },
}

/// What a pixel is made of. A universe holds whole pixels only, from slot 0 on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pixels {
    /// Red, green and blue: 170 pixels a universe, 510 slots.
    #[default]
    Rgb,
    /// Red, green, blue and white: 128 pixels a universe, 512 slots.
    Rgbw,
}

impl Pixels {
    /// Slots of a pixel.
    pub const fn slots(self) -> usize {
        match self {
            Self::Rgb => 3,
            Self::Rgbw => 4,
        }
    }

    /// Slots of a universe that hold whole pixels.
    pub const fn slots_of_universe(self) -> usize {
        SLOTS / self.slots() * self.slots()
    }
}

/// How olad is spoken to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OlaApi {
    /// By its remote procedure calls, as its own tools do.
    #[default]
    Rpc,
    /// By its web server: slower, and without priority.
    Http,
}

impl OlaApi {
    /// Its usual TCP port.
    pub const fn port(self) -> u16 {
        match self {
            Self::Rpc => OLA_RPC_PORT,
            Self::Http => OLA_HTTP_PORT,
        }
    }
}

/// What E1.31 says of the streams of a route, one for each universe.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct SacnStreams {
    /// The priority of each stream.
    #[serde(default)]
    pub priority: Priorities,
    /// The priorities of single slots; none are sent when this is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub address_priority: Vec<AddressPriority>,
    /// What the streams are synchronised by.
    #[serde(default)]
    pub sync: Option<SacnSync>,
}

impl SacnStreams {
    /// Every stream at the usual priority, nothing synchronised.
    pub const PLAIN: Self =
        Self { priority: Priorities::USUAL, address_priority: Vec::new(), sync: None };

    /// The priority of each slot of a universe, 0 for those that are not driven; `None` when the
    /// route gives slots no priorities.
    pub fn slot_priorities(&self, universe: Universe) -> Option<Slots> {
        if self.address_priority.is_empty() {
            return None;
        }
        let mut slots = [0; SLOTS];
        for range in self.address_priority.iter().filter(|range| range.universe == universe) {
            if let Some(slots) = slots.get_mut(range.first.slot()..=range.last.slot()) {
                slots.fill(range.priority.get());
            }
        }
        Some(slots)
    }
}

/// The priority of neighbouring slots of a universe, sent under start code 0xDD. It takes the
/// place of the stream's, and slots that have none are not driven: an extension by ETC that
/// consoles and gateways know.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AddressPriority {
    /// The show's universe.
    pub universe: Universe,
    /// The first slot.
    pub first: Address,
    /// The last slot.
    pub last: Address,
    /// Their priority; 0 leaves them to other sources.
    pub priority: Priority,
}

/// E1.31 synchronisation (E1.31-2018 11).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SacnSync {
    /// The universe of the sync packets.
    pub universe: Universe,
    /// Whether receivers that lose the sync packets go on without them, rather than freeze
    /// (E1.31-2018 6.2.6, `Force_Synchronization`).
    pub force: bool,
}

impl From<Universe> for SacnSync {
    /// Sync packets on `universe`; receivers that lose them go on.
    fn from(universe: Universe) -> Self {
        Self { universe, force: true }
    }
}

/// What the lights do when a show ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LastLook {
    /// All slots to 0.
    #[default]
    Blackout,
    /// The last frame stays.
    Hold,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_without_a_priority_are_not_driven() {
        let range = |universe, first, last, priority| AddressPriority {
            universe: Universe::new(universe).unwrap(),
            first: Address::new(first).unwrap(),
            last: Address::new(last).unwrap(),
            priority: Priority::new(priority).unwrap(),
        };
        let universe = |number| Universe::new(number).unwrap();
        let mut streams = SacnStreams::PLAIN;
        assert_eq!(streams.slot_priorities(universe(1)), None);
        streams.address_priority = vec![range(1, 1, 3, 120), range(1, 512, 512, 90)];
        let slots = streams.slot_priorities(universe(1)).unwrap();
        assert_eq!((slots[..4].to_vec(), slots[511]), (vec![120, 120, 120, 0], 90));
        assert_eq!(streams.slot_priorities(universe(2)), Some([0; SLOTS]));
    }
}
