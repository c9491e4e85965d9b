//! From plans to senders: sockets opened, packets encoded.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use gobo_dmx::{Delivery, Protocol, Route, SLOTS, Universe};
use socket2::{Domain, Socket, Type};

use crate::link::{DryLink, HostLink, Link, Packet};
use crate::output::Options;
use crate::pacing::{Cap, Repeats, Spread};
use crate::plan::{
    Carried, Destination, OpenError, Plan, Reason, discovered_universes, plan, refuse_twice,
};
use crate::sender::{ARTNET, Discovery, SACN, Sender, State, Stream, SyncPacket};
use crate::{artnet, sacn};

pub(crate) fn open(
    routes: &[Route],
    universes: &[Universe],
    options: &Options,
) -> Result<Vec<Sender>, OpenError> {
    let plans: Vec<_> =
        routes.iter().map(|route| plan(route, universes)).collect::<Result<_, _>>()?;
    refuse_twice(&plans)?;
    let mut discovered = discovered_universes(&plans);
    let spreads = spreads(&plans, options);
    plans
        .into_iter()
        .zip(spreads)
        .map(|(plan, spread)| {
            // The first route to a destination tells of the universes of all.
            let discovery = match plan.route.protocol {
                Protocol::Sacn { .. } => discovered.remove(&plan.destination),
                Protocol::ArtNet { .. } => None,
            };
            let sender = sender(plan, discovery.as_ref(), options)?;
            Ok(Sender { spread, ..sender })
        })
        .collect()
}

/// The part of the frame that each plan's packets get: one target after the other, each as long
/// as it has packets.
fn spreads(plans: &[Plan<'_>], options: &Options) -> Vec<Option<Spread>> {
    let all: usize = plans.iter().map(|plan| plan.universes.len()).sum();
    let mut before = 0;
    let mut part = |plan: &Plan<'_>| {
        let window = options.spread?;
        let of_window = |count: usize| window.mul_f64(count as f64 / all.max(1) as f64);
        let count = plan.universes.len();
        let spread = Spread::new(of_window(before), of_window(count));
        before += count;
        Some(spread)
    };
    plans.iter().map(&mut part).collect()
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
        let link = link(&plan, options);
        link.map_err(|error| OpenError::Socket { target, error })?
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
        state: State::new(streams.len(), layout),
        streams,
        sync,
        discovery,
        cap: plan.route.max_rate.map(Cap::new),
        spread: None,
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

/// Room for a frame of a thousand universes; the system may grant less.
const SEND_BUFFER: usize = 4 << 20;

/// A target of so many universes gets them many at a time. Below that it saves little, and what
/// captures on this machine show as one packet would puzzle people.
const MANY: usize = 64;

/// A way of its own to each target.
fn link(plan: &Plan<'_>, options: &Options) -> io::Result<Box<dyn Link>> {
    let socket = socket(plan.destination, options)?;
    let (Destination::Host(to), Delivery::Unicast { .. }) =
        (plan.destination, &plan.route.delivery)
    else {
        return Ok(Box::new(socket));
    };
    let mut link = HostLink::new(socket, to.into());
    if options.segmentation && plan.universes.len() >= MANY {
        link.cut_at(match plan.route.protocol {
            Protocol::ArtNet { .. } => artnet::SLOTS_AT + SLOTS,
            Protocol::Sacn { .. } => sacn::SLOTS_AT + SLOTS,
        });
    }
    Ok(Box::new(link))
}

/// A socket of its own for each route, so that none waits for another's buffer.
fn socket(destination: Destination, options: &Options) -> io::Result<Socket> {
    let v6 = matches!(destination, Destination::Host(SocketAddr::V6(_)));
    let domain = if v6 { Domain::IPV6 } else { Domain::IPV4 };
    let socket = Socket::new(domain, Type::DGRAM, None)?;
    socket.set_nonblocking(true)?;
    let _ = socket.set_send_buffer_size(SEND_BUFFER);
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
