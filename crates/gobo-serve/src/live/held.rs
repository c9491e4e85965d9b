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

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
