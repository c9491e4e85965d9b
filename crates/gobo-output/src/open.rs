//! From plans to outputs: sockets opened, packets encoded.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use gobo_dmx::{Delivery, Protocol, Route, SLOTS, SacnStreams, Universe};
use socket2::{Domain, Socket, Type};

use crate::failover::Failover;
use crate::link::{DryLink, Exit, HostLink, Link, MulticastLink, Packet};
use crate::nodes::{self, NodesOutput};
use crate::output::{Options, Output};
use crate::pacing::{Cap, Repeats, Spread};
use crate::plan::{
    Carried, Destination, OpenError, Plan, Reason, discovered_universes, plan, refuse_twice,
};
use crate::poller::{Poller, Quest};
use crate::sender::{ARTNET, Discovery, SACN, Sender, State, Stream, SyncPacket};
use crate::{artnet, ddp, ola, sacn, usb_pro};

/// The outputs of routes, in their order, and the threads that look for their nodes.
pub(crate) struct Opened {
    pub(crate) outputs: Vec<Box<dyn Output>>,
    pub(crate) pollers: Vec<Poller>,
}

pub(crate) fn open(
    routes: &[Route],
    universes: &[Universe],
    options: &Options,
) -> Result<Opened, OpenError> {
    let both = |route| -> Result<_, OpenError> {
        let planned = |delivery: &Delivery| plan(route, delivery, universes);
        Ok((planned(&route.delivery)?, route.backup.as_ref().map(planned).transpose()?))
    };
    let plans: Vec<(Plan<'_>, Option<Plan<'_>>)> =
        routes.iter().map(both).collect::<Result<_, _>>()?;
    let all = || plans.iter().flat_map(|(primary, backup)| std::iter::once(primary).chain(backup));
    refuse_twice(all())?;
    let mut opening = Opening {
        options,
        discovered: discovered_universes(all()),
        primaries: plans.iter().map(|(primary, _)| &primary.destination).collect(),
        announced: BTreeSet::new(),
        quests: BTreeMap::new(),
        claims: usb_pro::Claims::default(),
    };
    let packets = |plan: &Plan<'_>| match plan.route.protocol {
        // They go their own ways.
        Protocol::UsbPro | Protocol::Ola { .. } => 0,
        _ => plan.universes.len(),
    };
    let spreads = spreads(plans.iter().map(|(primary, _)| packets(primary)), options);
    let mut outputs = Vec::with_capacity(plans.len());
    for ((primary, backup), spread) in plans.iter().zip(spreads) {
        outputs.push(opening.route(primary, backup.as_ref(), spread)?);
    }
    Ok(Opened { outputs, pollers: opening.pollers()? })
}

/// The part of the frame that the packets of each route get: one target after the other, each as
/// long as it has packets.
fn spreads(counts: impl Iterator<Item = usize> + Clone, options: &Options) -> Vec<Option<Spread>> {
    let all: usize = counts.clone().sum();
    let mut before = 0;
    let part = |count: usize| {
        let window = options.spread?;
        let of_window = |count: usize| window.mul_f64(count as f64 / all.max(1) as f64);
        let spread = Spread::new(of_window(before), of_window(count));
        before += count;
        Some(spread)
    };
    counts.map(part).collect()
}

/// What is to be known of all routes while each is opened.
struct Opening<'a> {
    options: &'a Options,
    /// The universes sent by E1.31, of which every destination is told.
    discovered: BTreeSet<u16>,
    /// Where routes go while all is well.
    primaries: BTreeSet<&'a Destination>,
    /// Those of them that are told by a route that is open.
    announced: BTreeSet<Destination>,
    /// What is to be polled for, by UDP port.
    quests: BTreeMap<u16, Quest>,
    /// Which route has which widget.
    claims: usb_pro::Claims,
}

impl Opening<'_> {
    fn route(
        &mut self,
        primary: &Plan<'_>,
        backup: Option<&Plan<'_>>,
        spread: Option<Spread>,
    ) -> Result<Box<dyn Output>, OpenError> {
        // The first route to a destination tells it, and a backup that stands in elsewhere.
        let tells = self.announced.insert(primary.destination.clone());
        let output = self.output(primary, spread, tells)?;
        let Some(backup) = backup else { return Ok(output) };
        let silent = self.watch(primary);
        let tells = !self.primaries.contains(&backup.destination);
        Ok(Box::new(Failover::new(output, self.output(backup, spread, tells)?, silent)))
    }

    fn output(
        &mut self,
        plan: &Plan<'_>,
        spread: Option<Spread>,
        tells: bool,
    ) -> Result<Box<dyn Output>, OpenError> {
        if let (Destination::Nodes(on, port), Protocol::ArtNet { sync }) =
            (&plan.destination, &plan.route.protocol)
        {
            let (writer, roll) = nodes::roll(&plan.universes, *sync);
            self.quests.entry(*port).or_default().find(on.as_deref(), writer)?;
            let link = link(plan, self.options)?;
            let (cap, repeats) = pace(plan.route, self.options, 0);
            let (name, polled) = (plan.name.clone(), !self.options.dry_run);
            let output = NodesOutput::new(name, link, &plan.universes, roll, cap, repeats, polled);
            return Ok(Box::new(output));
        }
        match plan.route.protocol {
            Protocol::ArtNet { .. } | Protocol::Sacn(_) => {
                let discovered = tells.then_some(&self.discovered);
                let sender = sender(plan, discovered, self.options)?;
                Ok(Box::new(Sender { spread, ..sender }))
            }
            Protocol::Ddp { pixels } => ddp::open(plan, pixels, spread, self.options),
            Protocol::UsbPro => usb_pro::open(plan, self.claims.next(), self.options),
            Protocol::Ola { via, priority } => ola::open(plan, via, priority, self.options),
        }
    }

    /// Polls the primary, where it is one that answers polls.
    fn watch(&mut self, plan: &Plan<'_>) -> Option<Arc<AtomicBool>> {
        match (&plan.route.protocol, &plan.destination) {
            (Protocol::ArtNet { .. }, Destination::Host(SocketAddr::V4(host)))
                if !plan.is_broadcast =>
            {
                Some(self.quests.entry(host.port()).or_default().watch(*host.ip()))
            }
            _ => None,
        }
    }

    fn pollers(self) -> Result<Vec<Poller>, OpenError> {
        if self.options.dry_run {
            return Ok(Vec::new());
        }
        let mut pollers = Vec::new();
        for (port, quest) in self.quests {
            let vital = quest.is_vital();
            match Poller::start(quest, port) {
                Ok(poller) => {
                    if vital {
                        poller.await_first_answers();
                    }
                    pollers.push(poller);
                }
                Err(error) if vital => return Err(OpenError::Poll { port, error }),
                // Send errors alone tell then whether a primary is well.
                Err(_) => {}
            }
        }
        Ok(pollers)
    }
}

/// How often a route is sent: its cap, and its repeats of what does not change.
pub(crate) fn pace(route: &Route, options: &Options, repeats: u8) -> (Option<Cap>, Repeats) {
    let only_changes = route.only_changes || options.on_change_only;
    let repeats = if only_changes { Repeats::AfterChange(repeats) } else { Repeats::Always };
    (route.max_rate.map(Cap::new), repeats)
}

pub(crate) fn sender(
    plan: &Plan<'_>,
    discovered: Option<&BTreeSet<u16>>,
    options: &Options,
) -> Result<Sender, OpenError> {
    let encode = |reason| OpenError::Encode { target: plan.name.clone(), reason };
    let link = link(plan, options)?;
    let (layout, streams, sync, repeats) = match &plan.route.protocol {
        Protocol::ArtNet { sync } => {
            let (streams, sync) = artnet_packets(plan, *sync).map_err(encode)?;
            (&ARTNET, streams, sync, 0)
        }
        Protocol::Sacn(settings) => {
            let (streams, sync) = sacn_packets(plan, settings, options).map_err(encode)?;
            (&SACN, streams, sync, 3)
        }
        Protocol::Ddp { .. } | Protocol::UsbPro | Protocol::Ola { .. } => {
            return Err(encode("its packets are no universes".into()));
        }
    };
    let discovery = match (discovered, &plan.route.protocol) {
        (Some(universes), Protocol::Sacn(_)) => {
            discovery(plan, universes, options).map_err(encode)?
        }
        _ => Discovery::default(),
    };
    let (cap, repeats) = pace(plan.route, options, repeats);
    let state = State::new(streams.len(), layout);
    let name = plan.name.clone();
    Ok(Sender { name, link, layout, state, streams, sync, discovery, cap, spread: None, repeats })
}

/// The address of packets that go to one, whatever the nodes.
pub(crate) fn address(plan: &Plan<'_>, wire: u16) -> Result<SocketAddr, Reason> {
    plan.destination.address(wire).ok_or_else(|| "its address is not known".into())
}

fn artnet_packets(
    plan: &Plan<'_>,
    sync: bool,
) -> Result<(Vec<Stream>, Option<SyncPacket>), Reason> {
    let to = address(plan, 0)?;
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
    settings: &SacnStreams,
    options: &Options,
) -> Result<(Vec<Stream>, Option<SyncPacket>), Reason> {
    let packet = |&(index, show, wire): &Carried| -> Result<_, Reason> {
        let stream = sacn::Stream {
            cid: options.cid,
            source_name: &options.source_name,
            priority: settings.priority.get(show),
            sync: settings.sync,
        };
        let to = address(plan, wire.get())?;
        let packet = |bytes| Packet::new(bytes, to, Some(show));
        let levels = packet(sacn::data_template(&stream, wire)?);
        let priorities = settings.slot_priorities(show);
        let priorities = priorities.map(|slots| sacn::priorities_packet(&stream, wire, &slots));
        Ok(Stream::new(index, levels).with_priorities(priorities.transpose()?.map(packet)))
    };
    let streams = plan.universes.iter().map(packet).collect::<Result<_, _>>()?;
    let sync = match settings.sync {
        Some(sync) => {
            let bytes = sacn::sync_packet(options.cid, sync.universe)?;
            let packet = Packet::new(bytes, address(plan, sync.universe.get())?, None);
            Some(SyncPacket { packet, sequence: Some(sacn::SYNC_SEQUENCE) })
        }
        None => None,
    };
    Ok((streams, sync))
}

fn discovery(
    plan: &Plan<'_>,
    universes: &BTreeSet<u16>,
    options: &Options,
) -> Result<Discovery, Reason> {
    let universes: Vec<u16> = universes.iter().copied().collect();
    let to = address(plan, sacn::DISCOVERY_UNIVERSE)?;
    let pages = sacn::discovery_packets(options.cid, &options.source_name, &universes)?;
    Ok(Discovery::new(pages.into_iter().map(|page| Packet::new(page, to, None)).collect()))
}

/// Room for a frame of a thousand universes; the system may grant less.
const SEND_BUFFER: usize = 4 << 20;

/// A target of so many universes gets them many at a time. Below that it saves little, and what
/// captures on this machine show as one packet would puzzle people.
const MANY: usize = 64;

/// A way of its own to each target; what goes there is captured, if anything is.
pub(crate) fn link(plan: &Plan<'_>, options: &Options) -> Result<Box<dyn Link>, OpenError> {
    if options.dry_run {
        return Ok(Box::new(DryLink));
    }
    let failed = |error| OpenError::Socket { target: plan.name.clone(), error };
    let socket = socket(&plan.destination, plan.exit.as_ref(), options).map_err(failed)?;
    let local = socket.local_addr().map_err(failed)?.as_socket();
    let link = wired(socket, plan, options).map_err(failed)?;
    let Some(capture) = &options.capture else { return Ok(link) };
    let port = local.map_or(0, |local| local.port());
    Ok(capture.tap(link, port, plan.destination.address(1)))
}

/// The link over a socket.
fn wired(socket: Socket, plan: &Plan<'_>, options: &Options) -> io::Result<Box<dyn Link>> {
    if let Some(exit) = &plan.exit {
        return Ok(Box::new(MulticastLink::new(socket, exit.clone())?));
    }
    let Destination::Host(to) = plan.destination else { return Ok(Box::new(socket)) };
    if plan.is_broadcast {
        return Ok(Box::new(socket));
    }
    let mut link = HostLink::new(socket, to.into());
    let length = match plan.route.protocol {
        Protocol::ArtNet { .. } => Some(artnet::SLOTS_AT + SLOTS),
        Protocol::Sacn(_) => Some(sacn::SLOTS_AT + SLOTS),
        Protocol::Ddp { .. } => Some(ddp::FULL),
        Protocol::UsbPro | Protocol::Ola { .. } => None,
    };
    if let Some(length) = length.filter(|_| options.segmentation && plan.universes.len() >= MANY) {
        link.cut_at(length);
    }
    Ok(Box::new(link))
}

/// A socket of its own for each route, so that none waits for another's buffer.
fn socket(destination: &Destination, exit: Option<&Exit>, options: &Options) -> io::Result<Socket> {
    let v6 =
        matches!(destination, Destination::Host(SocketAddr::V6(_)) | Destination::MulticastV6(_));
    let domain = if v6 { Domain::IPV6 } else { Domain::IPV4 };
    let socket = Socket::new(domain, Type::DGRAM, None)?;
    socket.set_nonblocking(true)?;
    let _ = socket.set_send_buffer_size(SEND_BUFFER);
    match *destination {
        Destination::Host(SocketAddr::V4(_)) => socket.set_broadcast(true)?,
        Destination::Host(SocketAddr::V6(_)) | Destination::Nodes(..) | Destination::Widget(_) => {}
        // A monitor on this machine must hear what the others do.
        Destination::Multicast(_) => {
            socket.set_multicast_ttl_v4(options.multicast_ttl)?;
            socket.set_multicast_loop_v4(true)?;
        }
        Destination::MulticastV6(_) => {
            socket.set_multicast_hops_v6(options.multicast_ttl)?;
            socket.set_multicast_loop_v6(true)?;
        }
    }
    if let Some(exit) = exit {
        exit.apply(&socket)?;
    }
    let any: IpAddr = if v6 { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() };
    // An address of the other protocol says nothing of this one.
    let source = options.source.filter(|source| source.is_ipv6() == v6);
    socket.bind(&SocketAddr::new(source.unwrap_or(any), 0).into())?;
    Ok(socket)
}

/// A route's sender, for tests that look inside.
#[cfg(test)]
pub(crate) fn only_sender(
    route: &Route,
    universes: &[Universe],
    options: &Options,
) -> Result<Sender, OpenError> {
    let plan = plan(route, &route.delivery, universes)?;
    sender(&plan, Some(&discovered_universes(std::iter::once(&plan))), options)
}
