use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};

use crate::{FrameRate, OutputDelay, Priority, SLOTS, UniverseSet};

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
    /// To a serial device (USB PRO only).
    Device {
        /// Its path: `/dev/ttyUSB0`, or better a name under `/dev/serial/by-id`.
        path: String,
    },
    /// To a widget that is looked for on USB (USB PRO only).
    Usb {
        /// Its serial number; `None` takes the first that no other route has.
        serial: Option<String>,
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
