//! From routes to plans: which universes of the show go where, by which number.
//! Looks hosts up; opens nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};

use gobo_dmx::{Delivery, Protocol, Route, SACN_PORT, Universe, UniverseSet};

use crate::sacn;

/// Why a protocol's crate did not encode a packet.
pub(crate) type Reason = Box<dyn Error + Send + Sync>;

/// Why an output cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The host's name leads nowhere.
    #[error("cannot find the host `{host}`: {error}")]
    Host {
        /// The name as written.
        host: String,
        /// What the system said.
        error: io::Error,
    },
    /// No socket for the target.
    #[error("cannot open {target}: {error}")]
    Socket {
        /// The target's name.
        target: String,
        /// What the system said.
        error: io::Error,
    },
    /// The universe has no number in the protocol.
    #[error("universe {universe} with offset {offset} is outside what {protocol} can number")]
    Range {
        /// The show's universe.
        universe: Universe,
        /// The route's offset.
        offset: i32,
        /// The protocol's name.
        protocol: &'static str,
    },
    /// Two routes send to the same universe of the same target.
    #[error("{} to universe {wire} of {target}", both(*first, *second))]
    Twice {
        /// The universe that came first.
        first: Universe,
        /// The universe that came second; may be the same.
        second: Universe,
        /// The universe on the wire, as the show would number it.
        wire: u16,
        /// The target's name.
        target: String,
    },
    /// The protocol has no such delivery.
    #[error("{protocol} has no {delivery}")]
    Delivery {
        /// The protocol's name.
        protocol: &'static str,
        /// The delivery's name.
        delivery: &'static str,
    },
    /// More universes than the target has outputs.
    #[error("{target} has {outputs} outputs: universes {universes} are more than go there")]
    Crowded {
        /// The target's name.
        target: String,
        /// How many universes go there.
        outputs: usize,
        /// The universes of the route.
        universes: UniverseSet,
    },
    /// Two routes go to one device.
    #[error("two routes go to {target}")]
    Shared {
        /// The target's name.
        target: String,
    },
    /// The system gives no thread for an output that needs one.
    #[error("cannot start a thread for {target}: {error}")]
    Thread {
        /// The target's name.
        target: String,
        /// What the system said.
        error: io::Error,
    },
    /// The packet cannot be written.
    #[error("cannot encode packets for {target}: {reason}")]
    Encode {
        /// The target's name.
        target: String,
        /// Why.
        reason: Reason,
    },
}

fn both(first: Universe, second: Universe) -> String {
    match first == second {
        true => format!("universe {first} goes twice"),
        false => format!("universes {first} and {second} both go"),
    }
}

/// Where the packets of a route go.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Destination {
    Host(SocketAddr),
    Multicast(Option<Ipv4Addr>),
}

impl Destination {
    /// The address of packets for the E1.31 universe `wire`.
    pub(crate) fn address(self, wire: u16) -> SocketAddr {
        match self {
            Self::Host(address) => address,
            Self::Multicast(_) => (sacn::group(wire), SACN_PORT).into(),
        }
    }
}

/// A route once its host and its universes are known.
pub(crate) struct Plan<'a> {
    pub(crate) route: &'a Route,
    pub(crate) name: String,
    pub(crate) destination: Destination,
    pub(crate) universes: Vec<Carried>,
}

/// Place in the frame, universe of the show, universe on the wire.
pub(crate) type Carried = (usize, Universe, Universe);

pub(crate) const fn protocol_name(protocol: &Protocol) -> &'static str {
    match protocol {
        Protocol::ArtNet { .. } => "Art-Net",
        Protocol::Sacn { .. } => "E1.31",
        Protocol::Ddp { .. } => "DDP",
        Protocol::UsbPro => "DMX USB PRO",
        Protocol::Ola { .. } => "OLA",
    }
}

pub(crate) fn plan<'a>(route: &'a Route, universes: &[Universe]) -> Result<Plan<'a>, OpenError> {
    let destination = destination(route)?;
    let protocol = protocol_name(&route.protocol);
    let name = match (destination, &route.delivery) {
        (Destination::Multicast(None), _) => format!("{protocol} multicast"),
        (Destination::Multicast(Some(interface)), _) => {
            format!("{protocol} multicast from {interface}")
        }
        (Destination::Host(address), Delivery::Broadcast { .. }) => {
            format!("{protocol} broadcast to {address}")
        }
        (Destination::Host(address), _) => format!("{protocol} to {address}"),
    };
    let carried = universes.iter().enumerate().filter(|(_, show)| route.universes.contains(**show));
    let universes = (1..)
        .zip(carried)
        .map(|(place, (index, &show))| {
            // DDP has no universes: the route's lie one after the other.
            let number = match route.protocol {
                Protocol::Ddp { .. } => place,
                _ => i32::from(show.get()),
            };
            wire_universe(route, show, number).map(|wire| (index, show, wire))
        })
        .collect::<Result<_, _>>()?;
    Ok(Plan { route, name, destination, universes })
}

fn wire_universe(route: &Route, universe: Universe, number: i32) -> Result<Universe, OpenError> {
    let number = number.saturating_add(route.offset);
    let wire = u16::try_from(number).ok().and_then(|number| Universe::new(number).ok());
    let numbered = |wire: &Universe| match route.protocol {
        Protocol::ArtNet { .. } => wire.port_address().is_some(),
        _ => true,
    };
    wire.filter(numbered).ok_or_else(|| {
        let protocol = protocol_name(&route.protocol);
        OpenError::Range { universe, offset: route.offset, protocol }
    })
}

fn destination(route: &Route) -> Result<Destination, OpenError> {
    let delivery =
        |delivery| OpenError::Delivery { protocol: protocol_name(&route.protocol), delivery };
    match (&route.protocol, &route.delivery) {
        (Protocol::UsbPro, Delivery::Unicast { .. }) => Err(delivery("network host")),
        (_, Delivery::Unicast { host, port }) => look_up(host, *port).map(Destination::Host),
        (Protocol::ArtNet { .. }, Delivery::Broadcast { address, port }) => {
            Ok(Destination::Host((*address, *port).into()))
        }
        (Protocol::Sacn { .. }, Delivery::Multicast { interface }) => match interface {
            None => Ok(Destination::Multicast(None)),
            Some(IpAddr::V4(address)) => Ok(Destination::Multicast(Some(*address))),
            Some(IpAddr::V6(_)) => Err(delivery("multicast over IPv6 yet")),
        },
        (_, Delivery::Multicast { .. }) => Err(delivery("multicast")),
        (_, Delivery::Broadcast { .. }) => Err(delivery("broadcast")),
        (_, Delivery::Device { .. } | Delivery::Usb { .. }) => Err(delivery("serial device")),
    }
}

/// The host's address, an IPv4 one if there is any: few nodes speak IPv6.
fn look_up(host: &str, port: u16) -> Result<SocketAddr, OpenError> {
    let failed = |error| OpenError::Host { host: host.to_owned(), error };
    let found: Vec<SocketAddr> = (host, port).to_socket_addrs().map_err(failed)?.collect();
    let v4 = found.iter().find(|address| address.is_ipv4());
    v4.or(found.first())
        .copied()
        .ok_or_else(|| failed(io::Error::new(io::ErrorKind::NotFound, "it has no address")))
}

pub(crate) fn refuse_twice(plans: &[Plan<'_>]) -> Result<(), OpenError> {
    let mut taken = BTreeMap::new();
    for plan in plans {
        let protocol = protocol_name(&plan.route.protocol);
        for &(_, second, wire) in &plan.universes {
            if let Some(first) = taken.insert((protocol, plan.destination, wire), second) {
                let (wire, target) = (wire.get(), plan.name.clone());
                return Err(OpenError::Twice { first, second, wire, target });
            }
        }
    }
    Ok(())
}

/// The E1.31 universes that each destination gets, over all routes.
pub(crate) fn discovered_universes(plans: &[Plan<'_>]) -> BTreeMap<Destination, BTreeSet<u16>> {
    let mut discovered: BTreeMap<_, BTreeSet<u16>> = BTreeMap::new();
    for plan in plans {
        if let Protocol::Sacn { .. } = plan.route.protocol {
            let universes = plan.universes.iter().map(|(_, _, wire)| wire.get());
            discovered.entry(plan.destination).or_default().extend(universes);
        }
    }
    discovered
}
