//! One route on the wire: its packets, encoded once and patched each frame, and
//! when they go. What happens here, happens in the real-time thread.

use std::time::{Duration, Instant};

use gobo_dmx::{SLOTS, Slots};

use crate::link::{Link, Packet, send_all};
use crate::pacing::{Freshness, Pacing, Repeats};
use crate::report::{Ledger, Report};
use crate::{Output, artnet, sacn};

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
}

impl Stream {
    /// The stream of `frame[index]`, in packets like `packet`.
    pub(crate) fn new(index: usize, packet: Packet) -> Self {
        Self { index, packet, freshness: Freshness::default() }
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
    pub(crate) pacing: Option<Pacing>,
    pub(crate) repeats: Repeats,
    pub(crate) state: State,
}

/// What a sender keeps from frame to frame, with room for every packet.
#[derive(Default)]
pub(crate) struct State {
    ledger: Ledger,
    due: Vec<usize>,
    unsynced: bool,
}

impl State {
    pub(crate) fn with_room_for(streams: usize) -> Self {
        Self { due: Vec::with_capacity(streams), ..Self::default() }
    }
}

impl Sender {
    fn send_frame(&mut self, now: Instant, frame: &[Slots], repeats: Repeats) {
        let Self { streams, layout, link, state, .. } = self;
        state.due.clear();
        for (position, stream) in streams.iter_mut().enumerate() {
            let Some(slots) = frame.get(stream.index) else { continue };
            let room = &mut stream.packet.bytes[layout.slots..layout.slots + SLOTS];
            if stream.freshness.due(now, room != slots, repeats) {
                room.copy_from_slice(slots);
                count_up(&mut stream.packet, layout.sequence, layout.wrap);
                state.due.push(position);
            }
        }
        let due = state.due.iter().map(|&position| &streams[position].packet);
        send_all(&**link, due, &mut state.ledger);
        state.unsynced |= !state.due.is_empty();
    }
}

fn count_up(packet: &mut Packet, at: usize, wrap: u8) {
    let sequence = &mut packet.bytes[at];
    *sequence = sequence.checked_add(1).unwrap_or(wrap);
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
            send_all(&*self.link, self.discovery.packets.iter(), &mut self.state.ledger);
        }
        if self.pacing.as_mut().is_none_or(|pacing| pacing.passes(now)) {
            self.send_frame(now, frame, self.repeats);
        } else {
            self.state.ledger.report.held_back += 1;
        }
    }

    fn sync(&mut self, now: Instant) {
        if std::mem::take(&mut self.state.unsynced)
            && let Some(sync) = &mut self.sync
        {
            if let Some(at) = sync.sequence {
                count_up(&mut sync.packet, at, 0);
            }
            send_all(&*self.link, std::iter::once(&sync.packet), &mut self.state.ledger);
        }
        self.state.ledger.end(now);
    }

    fn last_look(&mut self, now: Instant, frame: &[Slots]) {
        self.state.ledger.begin(now);
        self.send_frame(now, frame, Repeats::Always);
    }

    fn end(&mut self, now: Instant) {
        let Some(options) = self.layout.options else { return };
        self.state.ledger.begin(now);
        let began = self.streams.iter_mut().filter(|stream| stream.freshness.began());
        for stream in began {
            stream.packet.bytes[options] |= sacn::TERMINATED;
            count_up(&mut stream.packet, self.layout.sequence, self.layout.wrap);
        }
        let ended = self.streams.iter().filter(|stream| stream.freshness.began());
        send_all(&*self.link, ended.map(|stream| &stream.packet), &mut self.state.ledger);
        for stream in &mut self.streams {
            stream.packet.bytes[options] &= !sacn::TERMINATED;
        }
        self.state.ledger.end(now);
    }

    fn report(&self) -> Report {
        self.state.ledger.report
    }
}

#[cfg(test)]
mod tests;
