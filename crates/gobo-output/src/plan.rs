//! From routes to plans: which universes of the show go where, by which number.
//! Looks hosts up; opens nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::num::NonZeroU32;

use gobo_dmx::{Delivery, IpVersion, Protocol, Route, SACN_PORT, Universe, UniverseSet};

use crate::interface::{self, InterfaceError};
use crate::link::Exit;
use crate::sacn;
use crate::usb_pro::WidgetPlace;

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
    /// The network interface cannot be used.
    #[error(transparent)]
    Interface(#[from] InterfaceError),
    /// No socket for the target.
    #[error("cannot open {target}: {error}")]
    Socket {
        /// The target's name.
        target: String,
        /// What the system said.
        error: io::Error,
    },
    /// Nodes cannot be polled for.
    #[error("cannot poll for Art-Net nodes by port {port}: {error}")]
    Poll {
        /// The UDP port.
        port: u16,
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
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Destination {
    Host(SocketAddr),
    /// From the interface that has this address when it is looked up.
    Multicast(Option<Ipv4Addr>),
    /// From the interface that has this number when it is looked up.
    MulticastV6(Option<NonZeroU32>),
    /// The nodes found on this interface, by this port.
    Nodes(Option<String>, u16),
    /// What is no network host.
    Widget(WidgetPlace),
}

impl Destination {
    /// The address of packets for the E1.31 universe `wire`; `None` where nodes tell it later,
    /// or there is none.
    pub(crate) fn address(&self, wire: u16) -> Option<SocketAddr> {
        match *self {
            Self::Host(address) => Some(address),
            Self::Multicast(_) => Some((sacn::group(wire), SACN_PORT).into()),
            // The groups are no link's own: the socket says by which interface.
            Self::MulticastV6(_) => Some((sacn::group_v6(wire), SACN_PORT).into()),
            Self::Nodes(..) | Self::Widget(_) => None,
        }
    }
}

/// A route once its host and its universes are known.
pub(crate) struct Plan<'a> {
    pub(crate) route: &'a Route,
    pub(crate) name: String,
    pub(crate) destination: Destination,
    /// Whether the host of the destination is a whole network.
    pub(crate) is_broadcast: bool,
    /// The interface that multicast leaves by, if one is named.
    pub(crate) exit: Option<Exit>,
    pub(crate) universes: Vec<Carried>,
}

/// Place in the frame, universe of the show, universe on the wire.
pub(crate) type Carried = (usize, Universe, Universe);

pub(crate) const fn protocol_name(protocol: &Protocol) -> &'static str {
    match protocol {
        Protocol::ArtNet { .. } => "Art-Net",
        Protocol::Sacn(_) => "E1.31",
        Protocol::Ddp { .. } => "DDP",
        Protocol::UsbPro => "DMX USB PRO",
        Protocol::Ola { .. } => "OLA",
    }
}

/// Where `route` goes, or by `delivery`, its backup.
pub(crate) fn plan<'a>(
    route: &'a Route,
    delivery: &Delivery,
    universes: &[Universe],
) -> Result<Plan<'a>, OpenError> {
    let destination = destination(&route.protocol, delivery)?;
    let protocol = protocol_name(&route.protocol);
    let name = match (&destination, delivery) {
        (Destination::Host(address), Delivery::Broadcast { .. }) => {
            format!("{protocol} broadcast to {address}")
        }
        (Destination::Host(address), _) => format!("{protocol} to {address}"),
        (Destination::Widget(place), _) => place.name(protocol),
        (Destination::Nodes(None, _), _) => format!("{protocol} to its nodes"),
        (Destination::Nodes(Some(on), _), _) => format!("{protocol} to the nodes on {on}"),
        (_, Delivery::Multicast { ip, interface }) => {
            let version = if *ip == IpVersion::V6 { " over IPv6" } else { "" };
            let from = interface.as_ref().map(|from| format!(" from {from}")).unwrap_or_default();
            format!("{protocol} multicast{version}{from}")
        }
        _ => format!("{protocol} multicast"),
    };
    let carried = universes.iter().enumerate().filter(|(_, show)| route.universes.contains(**show));
    let universes = (1..)
        .zip(carried)
        .map(|(place, (index, &show))| {
            // There are no universes in DDP, where the route's lie one after the other, and no
            // numbers at a widget's outputs.
            let number = match route.protocol {
                Protocol::Ddp { .. } | Protocol::UsbPro => place,
                _ => i32::from(show.get()),
            };
            wire_universe(route, show, number).map(|wire| (index, show, wire))
        })
        .collect::<Result<_, _>>()?;
    let is_broadcast = matches!(delivery, Delivery::Broadcast { .. });
    let exit = match delivery {
        Delivery::Multicast { ip, interface: Some(wanted) } => {
            Some(Exit { ip: *ip, wanted: wanted.clone() })
        }
        _ => None,
    };
    Ok(Plan { route, name, destination, is_broadcast, exit, universes })
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

fn destination(protocol: &Protocol, delivery: &Delivery) -> Result<Destination, OpenError> {
    let none = |delivery| OpenError::Delivery { protocol: protocol_name(protocol), delivery };
    match (protocol, delivery) {
        (Protocol::UsbPro, Delivery::Device { path }) => {
            Ok(Destination::Widget(WidgetPlace::Path(path.into())))
        }
        (Protocol::UsbPro, Delivery::Usb { serial }) => {
            Ok(Destination::Widget(WidgetPlace::Usb(serial.clone())))
        }
        (Protocol::UsbPro, Delivery::Unicast { .. }) => Err(none("network host")),
        (_, Delivery::Unicast { host, port }) => look_up(host, *port).map(Destination::Host),
        (Protocol::ArtNet { .. }, Delivery::Broadcast { address, port }) => {
            Ok(Destination::Host((*address, *port).into()))
        }
        (Protocol::ArtNet { .. }, Delivery::Nodes { on, port }) => {
            Ok(Destination::Nodes(on.clone(), *port))
        }
        (Protocol::Sacn(_), Delivery::Multicast { ip, interface }) => {
            let interface = interface.as_deref();
            Ok(match ip {
                IpVersion::V4 => {
                    Destination::Multicast(interface.map(interface::v4_of).transpose()?)
                }
                IpVersion::V6 => {
                    Destination::MulticastV6(interface.map(interface::index_of).transpose()?)
                }
            })
        }
        (_, Delivery::Multicast { .. }) => Err(none("multicast")),
        (_, Delivery::Broadcast { .. }) => Err(none("broadcast")),
        (_, Delivery::Nodes { .. }) => Err(none("polling for nodes")),
        (_, Delivery::Device { .. } | Delivery::Usb { .. }) => Err(none("serial device")),
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

/// Refuses plans that send the same universe to the same place: they would count apart.
pub(crate) fn refuse_twice<'a>(plans: impl Iterator<Item = &'a Plan<'a>>) -> Result<(), OpenError> {
    let mut taken = BTreeMap::new();
    // Routes to any widget share those that are there.
    let any_widget = Destination::Widget(WidgetPlace::Usb(None));
    for plan in plans.filter(|plan| plan.destination != any_widget) {
        let protocol = protocol_name(&plan.route.protocol);
        for &(_, second, wire) in &plan.universes {
            if let Some(first) = taken.insert((protocol, &plan.destination, wire), second) {
                let (wire, target) = (wire.get(), plan.name.clone());
                return Err(OpenError::Twice { first, second, wire, target });
            }
        }
    }
    Ok(())
}

/// The E1.31 universes of all routes: discovery tells of what a source sends, wherever it goes, for
/// receivers know it by its CID alone (E1.31-2018 8).
pub(crate) fn discovered_universes<'a>(plans: impl Iterator<Item = &'a Plan<'a>>) -> BTreeSet<u16> {
    let sacn = plans.filter(|plan| matches!(plan.route.protocol, Protocol::Sacn(_)));
    sacn.flat_map(|plan| &plan.universes).map(|(_, _, wire)| wire.get()).collect()
}
