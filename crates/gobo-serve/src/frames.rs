//! What goes out on the wire, for those who draw it.

use axum::body::Bytes;
use std::sync::{Arc, Mutex, PoisonError};

use gobo_dmx::{SLOTS, Slots};
use gobo_play::Sent;

/// The kind of the binary message.
const FRAME: u8 = 1;
/// Set where all universes are there.
const WHOLE: u8 = 1;
/// How many messages are kept for others who want the same.
const KEPT: usize = 8;

/// A universe as it went out.
#[derive(Clone, Debug)]
struct Lit {
    number: u16,
    used: u16,
    /// The shot that changed it last.
    changed: u64,
    slots: Arc<Slots>,
}

/// A frame as it went out, with what each universe's last change was.
#[derive(Debug, Default)]
pub(crate) struct Shot {
    /// Rises by one with every shot that differs from the one before.
    serial: u64,
    frame: u32,
    seconds: f64,
    at_ms: f64,
    /// By number, rising.
    universes: Vec<Lit>,
    messages: Mutex<Vec<(u64, Bytes)>>,
}

impl Shot {
    /// The first shot of a stage: universes by number and slots used.
    pub(crate) fn of(universes: impl IntoIterator<Item = (u16, u16)>, after: &Self) -> Self {
        let serial = after.serial + 1;
        let slots = Arc::new([0; SLOTS]);
        let lit = |(number, used)| Lit { number, used, changed: serial, slots: Arc::clone(&slots) };
        let universes: Vec<Lit> = universes.into_iter().map(lit).collect();
        debug_assert!(universes.is_sorted_by_key(|lit| lit.number));
        Self { serial, universes, ..Self::default() }
    }

    /// The next shot, if it shows anything else.
    pub(crate) fn next(&self, sent: &Sent, at_ms: f64) -> Option<Self> {
        let serial = self.serial + 1;
        let is_new = sent.place.frame != self.frame || sent.place.seconds != self.seconds;
        let mut changes = is_new;
        let lit = self.universes.iter().zip(&sent.frame).map(|(lit, slots)| {
            if *lit.slots == *slots {
                return lit.clone();
            }
            changes = true;
            Lit { changed: serial, slots: Arc::new(*slots), ..*lit }
        });
        let universes = lit.collect();
        let (frame, seconds) = (sent.place.frame, sent.place.seconds);
        let messages = Mutex::default();
        changes.then_some(Self { serial, frame, seconds, at_ms, universes, messages })
    }

    /// Which shot it is.
    pub(crate) fn serial(&self) -> u64 {
        self.serial
    }

    /// The level of a slot (from 0) of a universe; 0 where there is none.
    pub(crate) fn level(&self, universe: u16, slot: u16) -> u8 {
        let place = self.universes.binary_search_by_key(&universe, |lit| lit.number);
        let lit = place.ok().map(|index| &self.universes[index]);
        lit.and_then(|lit| lit.slots.get(usize::from(slot))).copied().unwrap_or_default()
    }

    /// The levels of the first universe.
    pub(crate) fn first(&self) -> Option<&Slots> {
        self.universes.first().map(|lit| &*lit.slots)
    }

    /// The message for a client whose last was the shot `base`; 0 for one that has seen none.
    pub(crate) fn message(&self, base: u64) -> Bytes {
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = messages.iter().find(|(since, _)| *since == base) {
            return known.clone();
        }
        let message: Bytes = self.make(base).into();
        if messages.len() == KEPT {
            messages.remove(0);
        }
        messages.push((base, message.clone()));
        message
    }

    fn make(&self, base: u64) -> Vec<u8> {
        let told: Vec<&Lit> = self.universes.iter().filter(|lit| lit.changed > base).collect();
        let flags = if told.len() == self.universes.len() { WHOLE } else { 0 };
        let mut message = vec![FRAME, flags];
        message.extend((told.len() as u16).to_le_bytes());
        message.extend(self.frame.to_le_bytes());
        message.extend(self.seconds.to_le_bytes());
        message.extend(self.at_ms.to_le_bytes());
        for lit in told {
            message.extend(lit.number.to_le_bytes());
            message.extend(lit.used.to_le_bytes());
            message.extend(&lit.slots[..usize::from(lit.used).min(SLOTS)]);
        }
        message
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gobo_output::Place;

    fn sent(frame: u32, levels: [u8; 2]) -> Sent {
        let place = Place { frame, seconds: f64::from(frame) / 60.0, ..Place::default() };
        let slots = levels.map(|level| [level; SLOTS]);
        Sent { at: None, place, frame: slots.into() }
    }

    #[test]
    fn whoever_missed_frames_misses_no_change() {
        let first = Shot::of([(1, 3), (9, 2)], &Shot::default());
        let second = first.next(&sent(1, [7, 0]), 0.0).unwrap();
        let third = second.next(&sent(2, [7, 8]), 0.0).unwrap();
        assert!(third.next(&sent(2, [7, 8]), 1.0).is_none(), "nothing new");
        let whole = third.message(0);
        assert_eq!(whole[..4], [1, 1, 2, 0]);
        assert_eq!(whole[24..], [1, 0, 3, 0, 7, 7, 7, 9, 0, 2, 0, 8, 8]);
        assert_eq!(third.message(second.serial())[24..], [9, 0, 2, 0, 8, 8]);
        assert_eq!(third.message(first.serial()), whole, "both have changed since");
        assert_eq!(third.message(third.serial()).len(), 24);
        assert_eq!((third.level(9, 511), third.level(3, 0)), (8, 0));
    }
}
