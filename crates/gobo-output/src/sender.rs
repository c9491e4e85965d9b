//! One route on the wire: its packets, encoded once and patched each frame, and
//! when they go. What happens here, happens in the real-time thread.

use std::time::{Duration, Instant};

use gobo_dmx::{SLOTS, Slots};

use crate::link::{Link, Packet, send_all};
use crate::pacing::{Cap, Freshness, Repeats, Spread};
use crate::report::{Ledger, Report};
use crate::{Output, StreamNumbers, artnet, sacn};

/// Where a protocol keeps what changes from frame to frame.
pub(crate) struct Layout {
    sequence: usize,
    slots: usize,
    /// The sequence number after 255.
    wrap: u8,
    /// The options byte, where streams are ended by one.
    options: Option<usize>,
}

/// ArtDmx: sequence 1 to 255; nothing ends a stream.
pub(crate) const ARTNET: Layout =
    Layout { sequence: artnet::SEQUENCE, slots: artnet::SLOTS_AT, wrap: 1, options: None };

/// E1.31 data: sequence 0 to 255.
pub(crate) const SACN: Layout = Layout {
    sequence: sacn::SEQUENCE,
    slots: sacn::SLOTS_AT,
    wrap: 0,
    options: Some(sacn::OPTIONS),
};

/// One universe's packets to one target.
pub(crate) struct Stream {
    index: usize,
    packet: Packet,
    freshness: Freshness,
    priorities: Option<(Packet, Freshness)>,
}

impl Stream {
    /// The stream of `frame[index]`, in packets like `packet`.
    pub(crate) fn new(index: usize, packet: Packet) -> Self {
        Self { index, packet, freshness: Freshness::default(), priorities: None }
    }

    /// Sends the priorities of its slots, before the first levels and then to keep them alive.
    pub(crate) fn with_priorities(mut self, packet: Option<Packet>) -> Self {
        self.priorities = packet.map(|packet| (packet, Freshness::default()));
        self
    }

    /// Its priorities, when they are to be sent.
    fn priorities_due(&mut self, now: Instant) -> Option<&mut Packet> {
        let (packet, freshness) = self.priorities.as_mut()?;
        freshness.due(now, false, Repeats::AfterChange(0)).then_some(packet)
    }
}

/// The packet that ends each frame, with its sequence number if it has one.
pub(crate) struct SyncPacket {
    pub(crate) packet: Packet,
    pub(crate) sequence: Option<usize>,
}

/// Packets that tell of all universes, every ten seconds (E1.31-2018 8).
#[derive(Default)]
pub(crate) struct Discovery {
    pub(crate) packets: Vec<Packet>,
    due: Option<Instant>,
}

const DISCOVERY_INTERVAL: Duration = Duration::from_secs(10);

impl Discovery {
    pub(crate) fn new(packets: Vec<Packet>) -> Self {
        Self { packets, due: None }
    }

    fn due(&mut self, now: Instant) -> bool {
        let due = !self.packets.is_empty() && self.due.is_none_or(|due| now >= due);
        if due {
            self.due = Some(now + DISCOVERY_INTERVAL);
        }
        due
    }
}

/// All packets of one route, and the way to its target.
pub(crate) struct Sender {
    pub(crate) name: String,
    pub(crate) link: Box<dyn Link>,
    pub(crate) layout: &'static Layout,
    pub(crate) streams: Vec<Stream>,
    pub(crate) sync: Option<SyncPacket>,
    pub(crate) discovery: Discovery,
    pub(crate) cap: Option<Cap>,
    pub(crate) spread: Option<Spread>,
    pub(crate) repeats: Repeats,
    pub(crate) state: State,
}

/// What a sender keeps from frame to frame, with room for every packet.
pub(crate) struct State {
    /// One for each stream, then one for the sync packet.
    numbers: StreamNumbers,
    ledger: Ledger,
    /// The streams that this frame sends.
    due: Vec<usize>,
    /// The streams that send the priorities of their slots.
    told: Vec<usize>,
    /// How many of them were sent, or given up.
    sent: usize,
    /// When the frame came.
    frame: Option<Instant>,
    unsynced: bool,
}

impl State {
    pub(crate) fn new(streams: usize, layout: &Layout) -> Self {
        Self {
            numbers: StreamNumbers::new(streams + 1, layout.wrap),
            ledger: Ledger::default(),
            due: Vec::with_capacity(streams),
            told: Vec::with_capacity(streams),
            sent: 0,
            frame: None,
            unsynced: false,
        }
    }
}

impl Sender {
    /// Sends the priorities of the streams whose turn it is.
    fn send_priorities(&mut self, now: Instant, frame: &[Slots]) {
        let Self { streams, layout, link, state, .. } = self;
        state.told.clear();
        for (position, stream) in streams.iter_mut().enumerate() {
            if stream.index < frame.len()
                && let Some(packet) = stream.priorities_due(now)
            {
                // They take part in the count of the stream's packets.
                packet.bytes[layout.sequence] = state.numbers.next(position);
                state.told.push(position);
            }
        }
        let told = state.told.iter().filter_map(|&position| streams[position].priorities.as_ref());
        send_all(&mut **link, told.map(|(packet, _)| packet), &mut state.ledger);
    }

    /// Makes packets of a frame, to be sent now or spread. What an earlier frame has left is
    /// in it, newer.
    fn load(&mut self, now: Instant, frame: &[Slots], repeats: Repeats) {
        let Self { streams, layout, state, .. } = self;
        for &left in state.due.get(state.sent..).unwrap_or_default() {
            streams[left].freshness.missed();
        }
        (state.sent, state.frame) = (0, Some(now));
        state.due.clear();
        for (position, stream) in streams.iter_mut().enumerate() {
            let Some(slots) = frame.get(stream.index) else { continue };
            let room = &mut stream.packet.bytes[layout.slots..layout.slots + SLOTS];
            if stream.freshness.due(now, room != slots, repeats) {
                room.copy_from_slice(slots);
                stream.packet.bytes[layout.sequence] = state.numbers.next(position);
                state.due.push(position);
            }
        }
    }

    /// Sends the first `count` of the frame's packets, as far as they are not sent yet.
    fn send_until(&mut self, count: usize) {
        let Self { streams, link, state, .. } = self;
        let now = state.due.get(state.sent..count).unwrap_or_default();
        if now.is_empty() {
            return;
        }
        let packets = now.iter().map(|&position| &streams[position].packet);
        send_all(&mut **link, packets, &mut state.ledger);
        (state.sent, state.unsynced) = (count, true);
    }

    /// Sends what is due of the frame's packets: all, unless they are spread.
    fn advance(&mut self, now: Instant) {
        let count = self.state.due.len();
        let due = match (&self.spread, self.state.frame) {
            (Some(spread), Some(frame)) => spread.due(count, now.saturating_duration_since(frame)),
            _ => count,
        };
        self.send_until(due);
    }
}

impl Output for Sender {
    fn name(&self) -> &str {
        &self.name
    }

    fn send(&mut self, now: Instant, frame: &[Slots]) {
        if !self.state.ledger.begin(now) {
            return;
        }
        if self.discovery.due(now) {
            send_all(&mut *self.link, self.discovery.packets.iter(), &mut self.state.ledger);
        }
        if self.cap.as_mut().is_none_or(|cap| cap.passes(now)) {
            self.send_priorities(now, frame);
            self.load(now, frame, self.repeats);
            self.advance(now);
        } else {
            self.state.ledger.report.held_back += 1;
        }
    }

    fn due(&self) -> Option<Instant> {
        let State { due, sent, frame, .. } = &self.state;
        let spread = self.spread.as_ref().filter(|_| *sent < due.len())?;
        Some((*frame)? + spread.next(due.len(), *sent))
    }

    fn turn(&mut self, now: Instant) {
        self.advance(now);
    }

    fn sync(&mut self, now: Instant) {
        if std::mem::take(&mut self.state.unsynced)
            && let Some(sync) = &mut self.sync
        {
            if let Some(at) = sync.sequence {
                // After those of the streams.
                sync.packet.bytes[at] = self.state.numbers.next(self.streams.len());
            }
            send_all(&mut *self.link, std::iter::once(&sync.packet), &mut self.state.ledger);
        }
        self.state.ledger.end(now);
    }

    fn last_look(&mut self, now: Instant, frame: &[Slots]) {
        self.state.ledger.begin(now);
        self.load(now, frame, Repeats::Always);
        self.send_until(self.state.due.len());
    }

    fn end(&mut self, now: Instant) {
        let Some(options) = self.layout.options else { return };
        self.state.ledger.begin(now);
        // Who has heard that the stream ends may be gone before it is said again: no fault.
        let fault = self.state.ledger.report.fault;
        let began = self.streams.iter_mut().enumerate();
        for (position, stream) in began.filter(|(_, stream)| stream.freshness.began()) {
            stream.packet.bytes[options] |= sacn::TERMINATED;
            stream.packet.bytes[self.layout.sequence] = self.state.numbers.next(position);
        }
        let ended = self.streams.iter().filter(|stream| stream.freshness.began());
        let packets = ended.map(|stream| &stream.packet);
        send_all(&mut *self.link, packets, &mut self.state.ledger);
        for stream in &mut self.streams {
            stream.packet.bytes[options] &= !sacn::TERMINATED;
        }
        self.state.ledger.end(now);
        self.state.ledger.report.fault = fault;
    }

    fn report(&self) -> Report {
        self.state.ledger.report
    }

    fn numbers(&self) -> Vec<StreamNumbers> {
        vec![self.state.numbers.clone()]
    }
}

#[cfg(test)]
mod tests;
