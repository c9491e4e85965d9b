//! One source of one universe, as a receiver follows it: the order of its
//! packets, its rate, its levels, and whether they wait for a sync packet.

use std::collections::VecDeque;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use gobo_dmx::{DEFAULT_PRIORITY, Priority, SLOTS, Slots, Universe};
use uuid::Uuid;

/// Who sends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SourceId {
    /// An Art-Net controller, told from others by its address.
    ArtNet(IpAddr),
    /// An E1.31 source, by its component identifier.
    Sacn(Uuid),
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ArtNet(address) => address.fmt(f),
            Self::Sacn(cid) => cid.fmt(f),
        }
    }
}

/// A source that stays silent so long is gone (E1.31-2018 6.7.1).
pub(crate) const DATA_LOSS_TIMEOUT: Duration = Duration::from_millis(2500);
/// An ArtSync is forgotten after this (Art-Net 4, "ArtSync").
pub(crate) const ART_SYNC_TIMEOUT: Duration = Duration::from_secs(4);
/// The rate is taken over this long.
const RATE_WINDOW: Duration = Duration::from_secs(1);
/// Arrivals remembered: a second at the highest frame rate.
const MOST_ARRIVALS: usize = 1000;

/// A source of a universe, and what was heard of it.
#[derive(Clone, Debug)]
pub struct HeardSource {
    /// Who it is.
    pub id: SourceId,
    /// Where its last packet came from.
    pub address: SocketAddr,
    /// Its name, if the protocol tells one.
    pub name: String,
    /// Its priority; 100 for Art-Net, which has none.
    pub priority: Priority,
    /// Whether its levels are meant for visualisers only.
    pub preview: bool,
    /// Its last sequence number.
    pub sequence: u8,
    /// Packets of levels taken.
    pub packets: u64,
    /// Packets missing, by the gaps in the sequence.
    pub lost: u64,
    /// Packets dropped because a later one had come before.
    pub late: u64,
    pub(crate) heard: Instant,
    pub(crate) changed: Instant,
    pub(crate) sync: Sync,
    levels: Box<Slots>,
    /// The priorities of its slots, and when they were told last.
    slot_priorities: Option<(Box<Slots>, Instant)>,
    held: Option<Box<Slots>>,
    order: Order,
    arrivals: VecDeque<Instant>,
}

/// What the levels of a source wait for.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Sync {
    pub(crate) universe: Option<Universe>,
    pub(crate) heard: Option<Instant>,
}

impl HeardSource {
    pub(crate) fn new(id: SourceId, address: SocketAddr, now: Instant) -> Self {
        let numbers = match id {
            SourceId::ArtNet(_) => 255,
            SourceId::Sacn(_) => 256,
        };
        Self {
            id,
            address,
            name: String::new(),
            priority: DEFAULT_PRIORITY,
            preview: false,
            sequence: 0,
            packets: 0,
            lost: 0,
            late: 0,
            heard: now,
            changed: now,
            sync: Sync::default(),
            levels: Box::new([0; SLOTS]),
            slot_priorities: None,
            held: None,
            order: Order { numbers, last: None },
            arrivals: VecDeque::new(),
        }
    }

    /// The levels it shows: the last ones, or the last ones that were synced.
    pub fn levels(&self) -> &Slots {
        &self.levels
    }

    /// The priorities of its slots, 0 for those that it does not drive, where it tells them (start
    /// code 0xDD); they take the place of [`HeardSource::priority`].
    pub fn slot_priorities(&self) -> Option<&Slots> {
        self.slot_priorities.as_ref().map(|(slots, _)| &**slots)
    }

    /// Takes the priorities of its slots; those it leaves out are 0, and what is above 200 is no
    /// higher.
    pub(crate) fn prioritise(&mut self, now: Instant, priorities: &[u8]) {
        let mut slots = [0; SLOTS];
        for (slot, &priority) in slots.iter_mut().zip(priorities) {
            *slot = priority.min(200);
        }
        self.slot_priorities = Some((Box::new(slots), now));
    }

    /// Goes by its own priority again once it has not told those of its slots for as long as
    /// sources are waited for; whether it did until now.
    pub(crate) fn forget_priorities(&mut self, now: Instant) -> bool {
        let silent =
            |(_, told): &mut (_, Instant)| now.saturating_duration_since(*told) > DATA_LOSS_TIMEOUT;
        self.slot_priorities.take_if(silent).is_some()
    }

    /// Whether sync packets for its levels were heard.
    pub fn is_synced(&self) -> bool {
        self.sync.heard.is_some()
    }

    /// Frames a second over the last second before `now`.
    pub fn rate(&self, now: Instant) -> f64 {
        let recent = |at: &&Instant| now.saturating_duration_since(**at) <= RATE_WINDOW;
        let mut recent = self.arrivals.iter().filter(recent);
        let (Some(first), Some(last)) = (recent.next(), recent.next_back()) else { return 0.0 };
        (recent.count() + 1) as f64 / last.saturating_duration_since(*first).as_secs_f64()
    }

    /// Whether the packet numbered `sequence` is news; counts it if not.
    pub(crate) fn accepts(&mut self, now: Instant, sequence: u8) -> bool {
        self.heard = now;
        match self.order.next(sequence) {
            Some(lost) => {
                self.sequence = sequence;
                self.lost += u64::from(lost);
                true
            }
            None => {
                self.late += 1;
                false
            }
        }
    }

    /// Takes new levels, to show at once or to hold until the sync packet.
    pub(crate) fn take(&mut self, now: Instant, levels: &[u8], hold: bool) {
        self.packets += 1;
        while self.arrivals.len() >= MOST_ARRIVALS
            || self.arrivals.front().is_some_and(|at| now.duration_since(*at) > RATE_WINDOW)
        {
            self.arrivals.pop_front();
        }
        self.arrivals.push_back(now);
        let mut slots = self.held.take().unwrap_or_else(|| Box::new([0; SLOTS]));
        let count = levels.len().min(SLOTS);
        slots[..count].copy_from_slice(&levels[..count]);
        slots[count..].fill(0);
        self.held = Some(slots);
        if !hold {
            self.release(now);
        }
    }

    /// Shows held levels; false when there are none.
    pub(crate) fn release(&mut self, now: Instant) -> bool {
        let Some(held) = self.held.take() else { return false };
        if *held != *self.levels {
            self.levels = held;
            self.changed = now;
        }
        true
    }
}

/// The order of packets by their numbers, which wrap.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// How many numbers there are: 256, or 255 where 0 means "not counted".
    pub(crate) numbers: i16,
    pub(crate) last: Option<u8>,
}

impl Order {
    /// How many packets went missing before this one; `None` when it is late,
    /// which is when -20 < difference <= 0 (E1.31-2018 6.7.2).
    pub(crate) fn next(&mut self, sequence: u8) -> Option<u8> {
        if self.numbers == 255 && sequence == 0 {
            self.last = None;
            return Some(0);
        }
        let Some(last) = self.last.replace(sequence) else { return Some(0) };
        let ahead = (i16::from(sequence) - i16::from(last)).rem_euclid(self.numbers);
        let difference = if ahead < 128 { ahead } else { ahead - self.numbers };
        match difference {
            -19..=0 => {
                self.last = Some(last);
                None
            }
            // At most 127, and a source that began anew lost nothing.
            1.. => Some((difference - 1) as u8),
            _ => Some(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(numbers: i16, sequences: &[u8]) -> Vec<Option<u8>> {
        let mut order = Order { numbers, last: None };
        sequences.iter().map(|&sequence| order.next(sequence)).collect()
    }

    #[test]
    fn late_packets_are_told_from_lost_ones_and_from_new_starts() {
        let (ok, late) = (Some(0), None);
        assert_eq!(lost(256, &[7, 8, 11, 10, 11, 12]), [ok, ok, Some(2), late, late, ok]);
        assert_eq!(lost(256, &[254, 255, 0, 2, 255]), [ok, ok, ok, Some(1), late]);
        assert_eq!(lost(256, &[100, 81, 80]), [ok, late, ok]);
        assert_eq!(lost(255, &[254, 255, 1, 3, 255]), [ok, ok, ok, Some(1), late]);
        assert_eq!(lost(255, &[9, 0, 0, 4]), [ok, ok, ok, ok]);
    }

    #[test]
    fn the_rate_is_that_of_the_last_second() {
        let start = Instant::now();
        let id = SourceId::Sacn(Uuid::nil());
        let mut source = HeardSource::new(id, ([127, 0, 0, 1], 9).into(), start);
        assert_eq!(source.rate(start), 0.0);
        for frame in 0..200_u32 {
            let period = Duration::from_millis(if frame < 100 { 40 } else { 20 });
            source.take(
                start + period * frame + Duration::from_secs(u64::from(frame / 100)),
                &[],
                false,
            );
        }
        let end = start + Duration::from_millis(199 * 20 + 1000);
        assert!((source.rate(end) - 50.0).abs() < 0.01, "{}", source.rate(end));
        assert_eq!(source.rate(end + Duration::from_secs(2)), 0.0);
    }
}
