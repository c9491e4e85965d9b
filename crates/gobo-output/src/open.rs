//! From plans to senders: sockets opened, packets encoded.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use gobo_dmx::{Delivery, Protocol, Route, SLOTS, Universe};
use socket2::{Domain, Socket, Type};

use crate::ddp::{self, Ddp};
use crate::link::{DryLink, HostLink, Link, Packet};
use crate::output::{Options, Output};
use crate::pacing::{Cap, Repeats, Spread};
use crate::plan::{
    Carried, Destination, OpenError, Plan, Reason, discovered_universes, plan, protocol_name,
    refuse_twice,
};
use crate::sender::{ARTNET, Discovery, Layout, SACN, Sender, State, Stream, SyncPacket};
use crate::{artnet, ola, sacn, usb_pro};

/// The output of each route, in their order.
pub(crate) fn open(
    routes: &[Route],
    universes: &[Universe],
    options: &Options,
) -> Result<Vec<Box<dyn Output>>, OpenError> {
    let on_network = |route: &&Route| route.protocol != Protocol::UsbPro;
    let plans: Vec<_> = routes
        .iter()
        .filter(on_network)
        .map(|route| plan(route, universes))
        .collect::<Result<_, _>>()?;
    refuse_twice(&plans)?;
    usb_pro::refuse_shared(routes)?;
    let mut discovered = discovered_universes(&plans);
    let mut plans = spreads(&plans, options).into_iter().zip(plans);
    let claims = usb_pro::Claims::default();
    let mut outputs = Vec::with_capacity(routes.len());
    for (number, route) in routes.iter().enumerate() {
        if route.protocol == Protocol::UsbPro {
            outputs.push(usb_pro::open(route, universes, claims.of(number), options)?);
        } else if let Some((spread, plan)) = plans.next() {
            // The first route to a destination tells of the universes of all.
            let discovery = match route.protocol {
                Protocol::Sacn { .. } => discovered.remove(&plan.destination),
                _ => None,
            };
            outputs.push(output(plan, discovery.as_ref(), spread, options)?);
        }
    }
    Ok(outputs)
}

/// The part of the frame that each plan's packets get: one target after the other, each as long
/// as it has packets.
fn spreads(plans: &[Plan<'_>], options: &Options) -> Vec<Option<Spread>> {
    let packets = |plan: &Plan<'_>| match plan.route.protocol {
        // It goes its own way.
        Protocol::Ola { .. } => 0,
        _ => plan.universes.len(),
    };
    let all: usize = plans.iter().map(packets).sum();
    let mut before = 0;
    let mut part = |plan: &Plan<'_>| {
        let window = options.spread?;
        let of_window = |count: usize| window.mul_f64(count as f64 / all.max(1) as f64);
        let count = packets(plan);
        let spread = Spread::new(of_window(before), of_window(count));
        before += count;
        Some(spread)
    };
    plans.iter().map(&mut part).collect()
}

fn output(
    plan: Plan<'_>,
    discovered: Option<&BTreeSet<u16>>,
    spread: Option<Spread>,
    options: &Options,
) -> Result<Box<dyn Output>, OpenError> {
    let encode = |reason| OpenError::Encode { target: plan.name.clone(), reason };
    let packets = match plan.route.protocol {
        Protocol::ArtNet { sync } => artnet_packets(&plan, sync).map_err(encode)?,
        Protocol::Sacn { priority, sync } => {
            let source_name = options.source_name.as_str();
            let stream = sacn::Stream { cid: options.cid, source_name, priority, sync };
            sacn_packets(&plan, &stream, discovered, options).map_err(encode)?
        }
        Protocol::Ddp { pixels } => {
            let link = open_link(&plan, options)?;
            let last = plan.universes.last().map(|&(index, ..)| index);
            let used = last.and_then(|index| options.slots_used.get(index));
            let used = used.map_or(SLOTS, |&used| used.into());
            let mut ddp = Ddp::new(&plan, pixels, used, link, options);
            ddp.spread = spread;
            return Ok(Box::new(ddp));
        }
        Protocol::Ola { via, priority } => return ola::open(plan, via, priority, options),
        Protocol::UsbPro => {
            let protocol = protocol_name(&plan.route.protocol);
            return Err(OpenError::Delivery { protocol, delivery: "network host" });
        }
    };
    let link = open_link(&plan, options)?;
    Ok(Box::new(Sender { spread, ..sender(plan, packets, link, options) }))
}

fn open_link(plan: &Plan<'_>, options: &Options) -> Result<Box<dyn Link>, OpenError> {
    if options.dry_run {
        return Ok(Box::new(DryLink));
    }
    let failed = |error| OpenError::Socket { target: plan.name.clone(), error };
    let socket = socket(plan.destination, options).map_err(failed)?;
    let local = socket.local_addr().map_err(failed)?.as_socket();
    let link = link(socket, plan, options);
    let Some(capture) = &options.capture else { return Ok(link) };
    let port = local.map_or(0, |local| local.port());
    Ok(capture.tap(link, port, plan.destination.address(1)))
}

/// All that goes to the target of a route, encoded.
pub(crate) struct Packets {
    layout: &'static Layout,
    streams: Vec<Stream>,
    sync: Option<SyncPacket>,
    discovery: Discovery,
    /// How often a change is repeated at once.
    repeats: u8,
}

pub(crate) fn sender(
    plan: Plan<'_>,
    packets: Packets,
    link: Box<dyn Link>,
    options: &Options,
) -> Sender {
    let Packets { layout, streams, sync, discovery, repeats } = packets;
    Sender {
        name: plan.name,
        link,
        layout,
        state: State::with_room_for(streams.len()),
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
    }
}

pub(crate) fn artnet_packets(plan: &Plan<'_>, sync: bool) -> Result<Packets, Reason> {
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
    Ok(Packets { layout: &ARTNET, streams, sync, discovery: Discovery::default(), repeats: 0 })
}

pub(crate) fn sacn_packets(
    plan: &Plan<'_>,
    stream: &sacn::Stream<'_>,
    discovered: Option<&BTreeSet<u16>>,
    options: &Options,
) -> Result<Packets, Reason> {
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
    let discovery = match discovered {
        Some(universes) => discovery(plan.destination, universes, options)?,
        None => Discovery::default(),
    };
    Ok(Packets { layout: &SACN, streams, sync, discovery, repeats: 3 })
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
fn link(socket: Socket, plan: &Plan<'_>, options: &Options) -> Box<dyn Link> {
    let (Destination::Host(to), Delivery::Unicast { .. }) =
        (plan.destination, &plan.route.delivery)
    else {
        return Box::new(socket);
    };
    let mut link = HostLink::new(socket, to.into());
    let length = match plan.route.protocol {
        Protocol::ArtNet { .. } => Some(artnet::SLOTS_AT + SLOTS),
        Protocol::Sacn { .. } => Some(sacn::SLOTS_AT + SLOTS),
        Protocol::Ddp { .. } => Some(ddp::FULL),
        Protocol::UsbPro | Protocol::Ola { .. } => None,
    };
    if let Some(length) = length.filter(|_| options.segmentation && plan.universes.len() >= MANY) {
        link.cut_at(length);
    }
    Box::new(link)
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

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The sender of a route by Art-Net or E1.31, over a link of the test's.
    pub(crate) fn sender(
        route: &Route,
        universes: &[Universe],
        link: impl Link + 'static,
        options: &Options,
    ) -> Sender {
        let plan = plan(route, universes).unwrap();
        let discovered = discovered_universes(std::slice::from_ref(&plan));
        let discovered = discovered.get(&plan.destination);
        let packets = match plan.route.protocol {
            Protocol::ArtNet { sync } => artnet_packets(&plan, sync).unwrap(),
            Protocol::Sacn { priority, sync } => {
                let source_name = options.source_name.as_str();
                let stream = sacn::Stream { cid: options.cid, source_name, priority, sync };
                sacn_packets(&plan, &stream, discovered, options).unwrap()
            }
            _ => panic!("no packets a universe"),
        };
        super::sender(plan, packets, Box::new(link), options)
    }
}
