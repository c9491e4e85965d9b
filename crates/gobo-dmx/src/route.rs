use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};

use crate::{FrameRate, OutputDelay, Priority, UniverseSet};

/// The UDP port of Art-Net (Art-Net 4, "Network topology").
pub const ARTNET_PORT: u16 = 6454;

/// The UDP port of E1.31 (E1.31-2018 9.3.3).
pub const SACN_PORT: u16 = 5568;

/// Which universes go where: one row of a venue's outputs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Route {
    /// The universes that this route carries.
    pub universes: UniverseSet,
    /// The protocol, with what only it knows.
    pub protocol: Protocol,
    /// Where the packets go.
    pub delivery: Delivery,
    /// Added to each universe number on the wire; the result must stay legal.
    #[serde(default)]
    pub offset: i32,
    /// The most frames a second that the target takes; `None` sends every frame.
    #[serde(default)]
    pub max_rate: Option<FrameRate>,
    /// How much later than its time the target gets a frame.
    #[serde(default)]
    pub delay: OutputDelay,
}

impl Route {
    /// A route that carries `universes` by their own numbers, every frame, in time.
    pub const fn new(universes: UniverseSet, protocol: Protocol, delivery: Delivery) -> Self {
        let (offset, max_rate, delay) = (0, None, OutputDelay::ZERO);
        Self { universes, protocol, delivery, offset, max_rate, delay }
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
    Sacn {
        /// The priority of the stream.
        priority: Priority,
        /// The universe of the sync packets; `None` sends none.
        sync: Option<crate::Universe>,
    },
}

/// How packets reach their target.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// To one host.
    Unicast {
        /// The host's name or address.
        host: String,
        /// Its UDP port.
        port: u16,
    },
    /// To everyone on a network, by this broadcast address (Art-Net only).
    Broadcast {
        /// The broadcast address: 255.255.255.255 or a network's own.
        address: Ipv4Addr,
        /// The UDP port.
        port: u16,
    },
    /// To each universe's multicast group (E1.31 only).
    Multicast {
        /// The address of the interface to send from; `None` lets the system choose.
        interface: Option<IpAddr>,
    },
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
