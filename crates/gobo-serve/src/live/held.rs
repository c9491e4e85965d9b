use std::collections::BTreeMap;

use super::{Level, Place};

/// What live control holds, by universe and slot.
#[derive(Debug, Default)]
pub(super) struct Held(BTreeMap<u16, Box<[Option<u8>; 512]>>);

impl Held {
    /// At what a slot is held, if it is.
    pub(super) fn get(&self, place: Place) -> Option<u8> {
        let slots = self.0.get(&place.universe)?;
        slots.get(usize::from(place.slot)).copied().flatten()
    }

    /// Holds a slot, and says whether that is news. There are no slots beyond 511.
    pub(super) fn hold(&mut self, level: Level) -> bool {
        let Level { place, value } = level;
        let slots = self.0.entry(place.universe).or_insert_with(|| Box::new([None; 512]));
        let slot = slots.get_mut(usize::from(place.slot));
        slot.is_some_and(|slot| slot.replace(value) != Some(value))
    }

    /// Lets go of all, and says what that was, rising.
    pub(super) fn take(&mut self) -> Vec<Place> {
        let universes = std::mem::take(&mut self.0).into_iter();
        let places = universes.flat_map(|(universe, slots)| {
            let held = (0..).zip(*slots).filter(|(_, level)| level.is_some());
            held.map(move |(slot, _)| Place { universe, slot })
        });
        places.collect()
    }
}
