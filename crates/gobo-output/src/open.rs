//! From routes to senders: hosts looked up, sockets opened, packets encoded.
//! All that can fail before a show, fails here.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

use gobo_dmx::{Delivery, Protocol, Route, SACN_PORT, Universe};
use socket2::{Domain, Socket, Type};

use crate::link::{DryLink, Link, Packet};
use crate::output::Options;
use crate::pacing::{Pacing, Repeats};
use crate::sender::{ARTNET, Discovery, SACN, Sender, State, Stream, SyncPacket};
use crate::{artnet, sacn};

/// Why a protocol's crate did not encode a packet.
type Reason = Box<dyn Error + Send + Sync>;

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
    #[error("universes {first} and {second} both go to {wire} of {target}")]
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
    /// The packet cannot be written.
    #[error("cannot encode packets for {target}: {reason}")]
    Encode {
        /// The target's name.
        target: String,
        /// Why.
        reason: Reason,
    },
}

/// Where the packets of a route go.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Destination {
    Host(SocketAddr),
    Multicast(Option<Ipv4Addr>),
}

impl Destination {
    /// The address of packets for the E1.31 universe `wire`.
    fn address(self, wire: u16) -> SocketAddr {
        match self {
            Self::Host(address) => address,
            Self::Multicast(_) => (sacn::group(wire), SACN_PORT).into(),
        }
    }
}

/// A route once its host and its universes are known.
struct Plan<'a> {
    route: &'a Route,
    name: String,
    destination: Destination,
    universes: Vec<Carried>,
}

/// Place in the frame, universe of the show, universe on the wire.
type Carried = (usize, Universe, Universe);

pub(crate) fn open(
    routes: &[Route],
    universes: &[Universe],
    options: &Options,
) -> Result<Vec<Sender>, OpenError> {
    let plans: Vec<_> =
        routes.iter().map(|route| plan(route, universes)).collect::<Result<_, _>>()?;
    refuse_twice(&plans)?;
    let mut discovered = discovered_universes(&plans);
    plans
        .into_iter()
        .map(|plan| {
            // The first route to a destination tells of the universes of all.
            let discovery = match plan.route.protocol {
                Protocol::Sacn { .. } => discovered.remove(&plan.destination),
                Protocol::ArtNet { .. } => None,
            };
            sender(plan, discovery.as_ref(), options)
        })
        .collect()
}

const fn protocol_name(protocol: &Protocol) -> &'static str {
    match protocol {
        Protocol::ArtNet { .. } => "Art-Net",
        Protocol::Sacn { .. } => "E1.31",
    }
}

fn plan<'a>(route: &'a Route, universes: &[Universe]) -> Result<Plan<'a>, OpenError> {
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
    let universes = carried
        .map(|(index, &show)| wire_universe(route, show).map(|wire| (index, show, wire)))
        .collect::<Result<_, _>>()?;
    Ok(Plan { route, name, destination, universes })
}

fn wire_universe(route: &Route, universe: Universe) -> Result<Universe, OpenError> {
    let protocol = protocol_name(&route.protocol);
    let range = OpenError::Range { universe, offset: route.offset, protocol };
    let number = i32::from(universe.get()).saturating_add(route.offset);
    let wire = u16::try_from(number).ok().and_then(|number| Universe::new(number).ok());
    match wire {
        Some(wire) if protocol == "E1.31" || wire.port_address().is_some() => Ok(wire),
        _ => Err(range),
    }
}

fn destination(route: &Route) -> Result<Destination, OpenError> {
    let delivery =
        |delivery| OpenError::Delivery { protocol: protocol_name(&route.protocol), delivery };
    match (&route.protocol, &route.delivery) {
        (_, Delivery::Unicast { host, port }) => look_up(host, *port).map(Destination::Host),
        (Protocol::ArtNet { .. }, Delivery::Broadcast { address, port }) => {
            Ok(Destination::Host((*address, *port).into()))
        }
        (Protocol::Sacn { .. }, Delivery::Multicast { interface }) => match interface {
            None => Ok(Destination::Multicast(None)),
            Some(IpAddr::V4(address)) => Ok(Destination::Multicast(Some(*address))),
            Some(IpAddr::V6(_)) => Err(delivery("multicast over IPv6 yet")),
        },
        (Protocol::ArtNet { .. }, Delivery::Multicast { .. }) => Err(delivery("multicast")),
        (Protocol::Sacn { .. }, Delivery::Broadcast { .. }) => Err(delivery("broadcast")),
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

fn refuse_twice(plans: &[Plan<'_>]) -> Result<(), OpenError> {
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
fn discovered_universes(plans: &[Plan<'_>]) -> BTreeMap<Destination, BTreeSet<u16>> {
    let mut discovered: BTreeMap<_, BTreeSet<u16>> = BTreeMap::new();
    for plan in plans {
        if let Protocol::Sacn { .. } = plan.route.protocol {
            let universes = plan.universes.iter().map(|(_, _, wire)| wire.get());
            discovered.entry(plan.destination).or_default().extend(universes);
        }
    }
    discovered
}

fn sender(
    plan: Plan<'_>,
    discovered: Option<&BTreeSet<u16>>,
    options: &Options,
) -> Result<Sender, OpenError> {
    let target = plan.name.clone();
    let encode = |reason| OpenError::Encode { target: plan.name.clone(), reason };
    let link: Box<dyn Link> = if options.dry_run {
        Box::new(DryLink)
    } else {
        let socket = socket(plan.destination, options);
        Box::new(socket.map_err(|error| OpenError::Socket { target, error })?)
    };
    let (layout, streams, sync, repeats) = match plan.route.protocol {
        Protocol::ArtNet { sync } => {
            let (streams, sync) = artnet_packets(&plan, sync).map_err(encode)?;
            (&ARTNET, streams, sync, 0)
        }
        Protocol::Sacn { priority, sync } => {
            let source_name = options.source_name.as_str();
            let stream = sacn::Stream { cid: options.cid, source_name, priority, sync };
            let (streams, sync) = sacn_packets(&plan, &stream).map_err(encode)?;
            (&SACN, streams, sync, 3)
        }
    };
    let discovery = match discovered {
        Some(universes) => discovery(plan.destination, universes, options).map_err(encode)?,
        None => Discovery::default(),
    };
    Ok(Sender {
        name: plan.name,
        link,
        layout,
        state: State::with_room_for(streams.len()),
        streams,
        sync,
        discovery,
        pacing: plan.route.max_rate.map(Pacing::new),
        repeats: if options.on_change_only {
            Repeats::AfterChange(repeats)
        } else {
            Repeats::Always
        },
    })
}

fn artnet_packets(
    plan: &Plan<'_>,
    sync: bool,
) -> Result<(Vec<Stream>, Option<SyncPacket>), Reason> {
    let to = plan.destination.address(0);
    let packet = |&(index, show, wire): &Carried| -> Result<_, Reason> {
        let port = wire.port_address().ok_or("no such port address")?;
        Ok(Stream::new(index, Packet::new(artnet::dmx_template(port)?, to, Some(show))))
    };
    let streams = plan.universes.iter().map(packet).collect::<Result<_, _>>()?;
    let sync = sync.then(|| SyncPacket {
        packet: Packet::new(artnet::sync_packet(), to, None),
        sequence: None,
    });
    Ok((streams, sync))
}

fn sacn_packets(
    plan: &Plan<'_>,
    stream: &sacn::Stream<'_>,
) -> Result<(Vec<Stream>, Option<SyncPacket>), Reason> {
    let packet = |&(index, show, wire): &Carried| -> Result<_, Reason> {
        let bytes = sacn::data_template(stream, wire)?;
        let to = plan.destination.address(wire.get());
        Ok(Stream::new(index, Packet::new(bytes, to, Some(show))))
    };
    let streams = plan.universes.iter().map(packet).collect::<Result<_, _>>()?;
    let sync = match stream.sync {
        Some(universe) => {
            let bytes = sacn::sync_packet(stream.cid, universe)?;
            let packet = Packet::new(bytes, plan.destination.address(universe.get()), None);
            Some(SyncPacket { packet, sequence: Some(sacn::SYNC_SEQUENCE) })
        }
        None => None,
    };
    Ok((streams, sync))
}

fn discovery(
    destination: Destination,
    universes: &BTreeSet<u16>,
    options: &Options,
) -> Result<Discovery, Reason> {
    let universes: Vec<u16> = universes.iter().copied().collect();
    let to = destination.address(sacn::DISCOVERY_UNIVERSE);
    let pages = sacn::discovery_packets(options.cid, &options.source_name, &universes)?;
    Ok(Discovery::new(pages.into_iter().map(|page| Packet::new(page, to, None)).collect()))
}

/// Room for a frame of a thousand universes, if the system grants it.
const SEND_BUFFER: usize = 4 << 20;

/// A socket of its own for each route, so that none waits for another's buffer.
fn socket(destination: Destination, options: &Options) -> io::Result<Socket> {
    let v6 = matches!(destination, Destination::Host(SocketAddr::V6(_)));
    let domain = if v6 { Domain::IPV6 } else { Domain::IPV4 };
    let socket = Socket::new(domain, Type::DGRAM, None)?;
    socket.set_nonblocking(true)?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    match destination {
        Destination::Host(SocketAddr::V4(_)) => socket.set_broadcast(true)?,
        Destination::Host(SocketAddr::V6(_)) => {}
        Destination::Multicast(interface) => {
            socket.set_multicast_ttl_v4(options.multicast_ttl)?;
            // A monitor on this machine must hear what the others do.
            socket.set_multicast_loop_v4(true)?;
            if let Some(interface) = interface {
                socket.set_multicast_if_v4(&interface)?;
            }
        }
    }
    let any = if v6 { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() };
    socket.bind(&SocketAddr::new(options.source.unwrap_or(any), 0).into())?;
    Ok(socket)
}
