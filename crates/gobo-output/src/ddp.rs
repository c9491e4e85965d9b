//! DDP, the Distributed Display Protocol of 3waylabs (<http://www.3waylabs.com/ddp/>): the
//! pixels of a display, end to end, over UDP. WLED and pixel controllers speak it.
//!
//! A route's universes lie one after the other, whole pixels of each; packets do not mind where
//! a universe ends. They are encoded once and patched in place, as those of the other protocols.

use std::ops::Range;
use std::time::Instant;

use gobo_dmx::{Pixels, SLOTS, Slots};

use crate::link::{Link, Packet, send_all};
use crate::open::{address, link, pace};
use crate::output::{Options, Output};
use crate::pacing::{Cap, Freshness, Repeats, Spread};
use crate::plan::{Carried, OpenError, Plan};
use crate::report::{Ledger, Report};

/// Bytes of the header without a timecode ("Header").
const HEADER: usize = 10;
/// The most bytes of data in a packet: 480 RGB or 360 RGBW pixels, and the packet fits Ethernet.
const ROOM: usize = 1440;
/// Bytes of a full packet.
pub(crate) const FULL: usize = HEADER + ROOM;
/// Version 1, in the two highest bits of the flags.
const VERSION: u8 = 0x40;
/// Show what was sent: the last packet of a frame.
const PUSH: u8 = 0x01;
/// Where the sequence number is, 1 to 15; 0 would mean that there is none.
const SEQUENCE: usize = 1;
/// The display as a whole ("Destination ID").
const DISPLAY: u8 = 1;

/// Three or four elements a pixel, eight bits each ("Data type").
const fn data_type(pixels: Pixels) -> u8 {
    match pixels {
        Pixels::Rgb => 0x0b,
        Pixels::Rgbw => 0x1b,
    }
}

/// Where the slots of one universe, or a part of them, go in one packet.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Piece {
    /// The universe's place in the frame.
    index: usize,
    slots: Range<usize>,
    packet: usize,
    /// Where in the packet the first of the slots goes.
    at: usize,
}

/// A display's packets, and the way to it.
pub(crate) struct Ddp {
    name: String,
    link: Box<dyn Link>,
    packets: Vec<Packet>,
    pieces: Vec<Piece>,
    sequence: u8,
    freshness: Freshness,
    repeats: Repeats,
    cap: Option<Cap>,
    spread: Option<Spread>,
    /// How many packets of the frame were sent, or given up, and when it came.
    sent: usize,
    frame: Option<Instant>,
    ledger: Ledger,
}

/// Opens a route to a display: its universes end to end, those slots of the last that the show
/// uses.
pub(crate) fn open(
    plan: &Plan<'_>,
    pixels: Pixels,
    spread: Option<Spread>,
    options: &Options,
) -> Result<Box<dyn Output>, OpenError> {
    let to = address(plan, 0)
        .map_err(|reason| OpenError::Encode { target: plan.name.clone(), reason })?;
    let last = plan.universes.last().map(|&(index, ..)| index);
    let used = last.and_then(|index| options.slots_used.get(index));
    let (mut packets, pieces) =
        lay_out(&plan.universes, pixels, used.map_or(SLOTS, |&used| used.into()));
    if let Some((last, _)) = packets.last_mut() {
        last[0] |= PUSH;
    }
    let packets = packets.into_iter().map(|(bytes, index)| {
        let universe = plan.universes.iter().find(|carried| carried.0 == index);
        Packet::new(bytes, to, universe.map(|carried| carried.1))
    });
    let (cap, repeats) = pace(plan.route, options, 0);
    Ok(Box::new(Ddp {
        name: plan.name.clone(),
        link: link(plan, options)?,
        packets: packets.collect(),
        pieces,
        sequence: 0,
        freshness: Freshness::default(),
        repeats,
        cap,
        spread,
        sent: 0,
        frame: None,
        ledger: Ledger::default(),
    }))
}

impl Ddp {
    /// Makes packets of a frame, to be sent now or spread. What an earlier frame has left is in
    /// it, newer.
    fn load(&mut self, now: Instant, frame: &[Slots], repeats: Repeats) {
        let mut changed = self.sent < self.packets.len() && self.frame.is_some();
        for piece in &self.pieces {
            let Some(slots) = frame.get(piece.index) else { continue };
            let slots = &slots[piece.slots.clone()];
            let room = &mut self.packets[piece.packet].bytes[piece.at..piece.at + slots.len()];
            if room != slots {
                room.copy_from_slice(slots);
                changed = true;
            }
        }
        if self.freshness.due(now, changed, repeats) {
            (self.sent, self.frame) = (0, Some(now));
        }
    }

    /// Sends the first `count` packets of the frame, as far as they are not sent yet.
    fn send_until(&mut self, count: usize) {
        let Some(now) = self.packets.get_mut(self.sent..count) else { return };
        for packet in now.iter_mut() {
            self.sequence = self.sequence % 15 + 1;
            packet.bytes[SEQUENCE] = self.sequence;
        }
        send_all(&mut *self.link, now.iter(), &mut self.ledger);
        self.sent = count;
    }

    /// Sends what is due of the frame: all of it, unless it is spread.
    fn advance(&mut self, now: Instant) {
        let count = self.packets.len();
        let due = match (&self.spread, self.frame) {
            (Some(spread), Some(frame)) => spread.due(count, now.saturating_duration_since(frame)),
            _ => count,
        };
        self.send_until(due);
    }
}

/// Packets, each with the place in the frame of the first universe in it, and what goes where.
fn lay_out(
    universes: &[Carried],
    pixels: Pixels,
    used: usize,
) -> (Vec<(Vec<u8>, usize)>, Vec<Piece>) {
    let whole = pixels.slots_of_universe();
    let (mut packets, mut pieces): (Vec<(Vec<u8>, usize)>, Vec<Piece>) = (Vec::new(), Vec::new());
    for (place, &(index, _, wire)) in universes.iter().enumerate() {
        let is_last = place + 1 == universes.len();
        let length = match is_last {
            true => used.next_multiple_of(pixels.slots()).clamp(pixels.slots(), whole),
            false => whole,
        };
        let mut done = 0;
        while done < length {
            let offset = usize::from(wire.get() - 1) * whole + done;
            let follows = packets
                .last()
                .is_some_and(|(bytes, _)| bytes.len() < HEADER + ROOM && end_of(bytes) == offset);
            if !follows {
                packets.push((header(pixels, offset), index));
            }
            let packet = packets.len() - 1;
            let bytes = &mut packets[packet].0;
            let at = bytes.len();
            let fits = (length - done).min(HEADER + ROOM - at);
            bytes.resize(at + fits, 0);
            let data = (bytes.len() - HEADER) as u16;
            bytes[8..10].copy_from_slice(&data.to_be_bytes());
            pieces.push(Piece { index, slots: done..done + fits, packet, at });
            done += fits;
        }
    }
    (packets, pieces)
}

/// A header for data from `offset` on, without data yet.
fn header(pixels: Pixels, offset: usize) -> Vec<u8> {
    let mut bytes = vec![VERSION, 0, data_type(pixels), DISPLAY];
    bytes.extend((offset as u32).to_be_bytes());
    bytes.extend([0, 0]);
    bytes
}

/// The offset that follows the data of a packet.
fn end_of(packet: &[u8]) -> usize {
    let offset = u32::from_be_bytes([packet[4], packet[5], packet[6], packet[7]]);
    offset as usize + packet.len() - HEADER
}

impl Output for Ddp {
    fn name(&self) -> &str {
        &self.name
    }

    fn send(&mut self, now: Instant, frame: &[Slots]) {
        if !self.ledger.begin(now) {
            return;
        }
        if self.cap.as_mut().is_none_or(|cap| cap.passes(now)) {
            self.load(now, frame, self.repeats);
            self.advance(now);
        } else {
            self.ledger.report.held_back += 1;
        }
    }

    fn due(&self) -> Option<Instant> {
        let count = self.packets.len();
        let spread = self.spread.as_ref().filter(|_| self.sent < count)?;
        Some(self.frame? + spread.next(count, self.sent))
    }

    fn turn(&mut self, now: Instant) {
        self.advance(now);
    }

    fn sync(&mut self, now: Instant) {
        self.ledger.end(now);
    }

    fn last_look(&mut self, now: Instant, frame: &[Slots]) {
        self.ledger.begin(now);
        self.load(now, frame, Repeats::Always);
        self.send_until(self.packets.len());
    }

    /// Nothing ends a stream of DDP: a display that hears no more falls back by itself.
    fn end(&mut self, _: Instant) {}

    fn report(&self) -> Report {
        self.ledger.report
    }
}

#[cfg(test)]
mod tests;
