//! Art-Net to the nodes that answered polls, each universe to those that
//! subscribe to it. The roll of nodes is written by the thread that polls, packets
//! and all; the real-time thread patches and sends them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::time::Instant;

use gobo_dmx::{PortAddress, SLOTS, Slots, Universe};
use triple_buffer::{Input, Output as Newest, TripleBuffer};

use crate::link::{Link, Packet, send_all};
use crate::pacing::{Cap, Freshness, Repeats};
use crate::plan::Carried;
use crate::report::{Fault, Ledger, Report, Subscribers};
use crate::{Output, StreamNumbers, artnet};

/// The nodes to send to, with the packets of each.
#[derive(Default)]
pub(crate) struct Roll {
    nodes: Vec<Subscriber>,
    subscribers: Subscribers,
}

/// A node's packets: of each universe that it subscribes to, with the universe's place on the
/// route.
struct Subscriber {
    packets: Vec<(usize, Packet)>,
    sync: Option<Packet>,
    unsynced: bool,
    ledger: Ledger,
}

/// Writes rolls of the universes of one route.
pub(crate) struct RollWriter {
    universes: Vec<(Universe, PortAddress)>,
    sync: bool,
    written: BTreeMap<Ipv4Addr, Vec<usize>>,
    input: Input<Roll>,
}

/// Both ends of the roll of a route: before any node is known it says that nobody subscribes.
pub(crate) fn roll(carried: &[Carried], sync: bool) -> (RollWriter, Newest<Roll>) {
    let port = |&(_, show, wire): &Carried| Some((show, wire.port_address()?));
    let universes: Vec<_> = carried.iter().filter_map(port).collect();
    let (input, output) = TripleBuffer::default().split();
    let mut writer = RollWriter { universes, sync, written: BTreeMap::new(), input };
    writer.publish(Vec::new());
    (writer, output)
}

impl RollWriter {
    /// Publishes who subscribes to what, if that is news; whether every universe has a node.
    pub(crate) fn write(
        &mut self,
        nodes: &BTreeMap<Ipv4Addr, &BTreeSet<PortAddress>>,
        port: u16,
    ) -> bool {
        let places = |ports: &BTreeSet<PortAddress>| -> Vec<usize> {
            let numbered = self.universes.iter().enumerate();
            numbered.filter(|(_, (_, port))| ports.contains(port)).map(|(at, _)| at).collect()
        };
        let wanted: BTreeMap<Ipv4Addr, Vec<usize>> = nodes
            .iter()
            .map(|(&node, ports)| (node, places(ports)))
            .filter(|(_, places)| !places.is_empty())
            .collect();
        if wanted != self.written {
            let nodes = wanted.iter().map(|(&node, places)| self.subscriber(node, places, port));
            let nodes = nodes.collect();
            self.written = wanted;
            self.publish(nodes);
        }
        self.unclaimed().next().is_none()
    }

    fn subscriber(&self, node: Ipv4Addr, places: &[usize], port: u16) -> Subscriber {
        let to = (node, port).into();
        let packet = |&place: &usize| {
            let (show, port) = self.universes[place];
            let bytes = artnet::dmx_template(port).ok()?;
            Some((place, Packet::new(bytes, to, Some(show))))
        };
        Subscriber {
            packets: places.iter().filter_map(packet).collect(),
            sync: self.sync.then(|| Packet::new(artnet::sync_packet(), to, None)),
            unsynced: false,
            ledger: Ledger::default(),
        }
    }

    /// The universes that no node subscribes to.
    fn unclaimed(&self) -> impl Iterator<Item = Universe> {
        let claimed: BTreeSet<usize> = self.written.values().flatten().copied().collect();
        let numbered = self.universes.iter().enumerate();
        numbered.filter(move |(at, _)| !claimed.contains(at)).map(|(_, (show, _))| *show)
    }

    fn publish(&mut self, nodes: Vec<Subscriber>) {
        let subscribers = Subscribers {
            nodes: nodes.len() as u32,
            unclaimed: self.unclaimed().count() as u32,
            first_unclaimed: self.unclaimed().next(),
        };
        self.input.write(Roll { nodes, subscribers });
    }
}

/// A universe of the route as it was last sent.
struct Sent {
    index: usize,
    slots: Box<Slots>,
    /// The number of its last packet.
    sequence: u8,
    freshness: Freshness,
    due: bool,
}

/// The route to all nodes.
pub(crate) struct NodesOutput {
    name: String,
    link: Box<dyn Link>,
    roll: Newest<Roll>,
    universes: Vec<Sent>,
    numbers: StreamNumbers,
    cap: Option<Cap>,
    repeats: Repeats,
    /// What became of the packets of earlier rolls.
    past: Report,
    /// Whether nodes are polled for; a dry run does not, and has no more to say of them.
    polled: bool,
}

impl NodesOutput {
    pub(crate) fn new(
        name: String,
        link: Box<dyn Link>,
        carried: &[Carried],
        roll: Newest<Roll>,
        cap: Option<Cap>,
        repeats: Repeats,
        polled: bool,
    ) -> Self {
        let fresh = |&(index, ..): &Carried| Sent {
            index,
            slots: Box::new([0; SLOTS]),
            sequence: 0,
            freshness: Freshness::default(),
            due: false,
        };
        let universes = carried.iter().map(fresh).collect();
        let (numbers, past) = (StreamNumbers::new(carried.len(), 1), Report::default());
        Self { name, link, roll, universes, numbers, cap, repeats, past, polled }
    }

    /// Takes the newest roll; whoever is new on it gets all universes at once.
    fn take_roll(&mut self) {
        if !self.roll.updated() {
            return;
        }
        self.past = self.report();
        self.roll.update();
        for universe in &mut self.universes {
            universe.freshness = Freshness::default();
        }
    }

    fn send_frame(&mut self, now: Instant, frame: &[Slots], repeats: Repeats, resting: bool) {
        for (place, universe) in self.universes.iter_mut().enumerate() {
            let slots = frame.get(universe.index);
            universe.due = slots.is_some_and(|slots| {
                universe.freshness.due(now, slots != &*universe.slots, repeats)
            });
            if let (Some(slots), true) = (slots, universe.due) {
                *universe.slots = *slots;
                universe.sequence = self.numbers.next(place);
            }
        }
        let universes = &self.universes;
        for node in &mut self.roll.output_buffer_mut().nodes {
            // One that fails rests alone.
            if !node.ledger.begin(now) && resting {
                continue;
            }
            for (place, packet) in &mut node.packets {
                let universe = &universes[*place];
                packet.bytes[artnet::SEQUENCE] = universe.sequence;
                packet.bytes[artnet::SLOTS_AT..artnet::SLOTS_AT + SLOTS]
                    .copy_from_slice(&universe.slots[..]);
            }
            let due = node.packets.iter().filter(|(place, _)| universes[*place].due);
            node.unsynced |= due.clone().next().is_some();
            send_all(&mut *self.link, due.map(|(_, packet)| packet), &mut node.ledger);
        }
    }
}

impl Output for NodesOutput {
    fn name(&self) -> &str {
        &self.name
    }

    fn send(&mut self, now: Instant, frame: &[Slots]) {
        self.take_roll();
        if self.cap.as_mut().is_none_or(|cap| cap.passes(now)) {
            self.send_frame(now, frame, self.repeats, true);
        } else {
            self.past.held_back += 1;
        }
    }

    fn sync(&mut self, now: Instant) {
        for node in &mut self.roll.output_buffer_mut().nodes {
            if std::mem::take(&mut node.unsynced) {
                send_all(&mut *self.link, node.sync.iter(), &mut node.ledger);
                node.ledger.end(now);
            }
        }
    }

    fn last_look(&mut self, now: Instant, frame: &[Slots]) {
        self.take_roll();
        self.send_frame(now, frame, Repeats::Always, false);
    }

    fn numbers(&self) -> Vec<StreamNumbers> {
        vec![self.numbers.clone()]
    }

    /// Art-Net has no word for the end.
    fn end(&mut self, _: Instant) {}

    fn report(&self) -> Report {
        let roll = self.roll.output_buffer();
        let subscribers = self.polled.then_some(roll.subscribers);
        let mut all = Report { subscribers, ..self.past };
        if let Some(fault) = &mut all.fault {
            fault.failing = false;
        }
        for node in &roll.nodes {
            let report = node.ledger.report;
            all.packets += report.packets;
            all.bytes += report.bytes;
            all.fault = Fault::joined(all.fault, report.fault);
        }
        all
    }
}

#[cfg(test)]
mod tests;
