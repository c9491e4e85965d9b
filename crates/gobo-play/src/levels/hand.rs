//! Slots that are held by hand while a show runs.

use std::collections::BTreeMap;

use gobo_dmx::{Slots, Universe};

use super::rooms::Rooms;

/// What is held, by universe and slot. Apart from the plan: faders move 60 times a second, and
/// all else of a plan costs more than they do.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Hand(Box<[(u32, u16, u8)]>);

impl Hand {
    pub(super) fn new(rooms: &Rooms, held: &BTreeMap<(Universe, u16), u8>) -> Self {
        let placed = held.iter().filter_map(|(&(universe, slot), &level)| {
            Some((rooms.place(universe)? as u32, slot, level))
        });
        Self(placed.collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Lays what is held over a frame.
    pub(super) fn lay(&self, out: &mut [Slots]) {
        for &(universe, slot, level) in &self.0 {
            let slots = out.get_mut(universe as usize);
            if let Some(own) = slots.and_then(|slots| slots.get_mut(usize::from(slot))) {
                *own = level;
            }
        }
    }
}
