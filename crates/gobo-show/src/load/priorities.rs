//! Priorities of E1.31, by universe and by slot: which universes and which patched slots the
//! words of a venue mean.

use std::collections::BTreeMap;

use gobo_dmx::{
    Address, AddressPriority, Priorities, Priority, SLOTS, Slots, Universe, UniverseSet,
};

use super::Loader;
use super::venue::{Declared, as_key};
use crate::decode::Spanned;
use crate::diagnostic::{Diagnostic, Place};
use crate::rig::{Fixture, HeadIndex, Rig};
use crate::select::{Scope, Selection, SelectionError};
use crate::source::{SlotPriority, StreamPriority};

impl Loader<'_> {
    /// The priority of each universe.
    pub(super) fn stream_priorities(
        &mut self,
        source: Option<&Spanned<StreamPriority>>,
    ) -> Option<Priorities> {
        let each = match source.map(|source| &source.value) {
            None => return Some(Priorities::USUAL),
            Some(StreamPriority::One(priority)) => return Some((*priority).into()),
            Some(StreamPriority::Each(each)) => each,
        };
        let mut sets: Vec<(UniverseSet, Priority)> = Vec::new();
        for (written, priority) in each {
            match written.parse::<UniverseSet>() {
                Ok(set) => {
                    let all = UniverseSet::all();
                    let meets = |(other, _): &&(UniverseSet, _)| *other != all && other.meets(&set);
                    if let (Some((other, _)), true) = (sets.iter().find(meets), set != all) {
                        let message = format!("universes {set} and {other} share some");
                        let place = as_key(&priority.place);
                        self.decoder.say(Diagnostic::error("conflict", place, message));
                        return None;
                    }
                    sets.push((set, priority.value));
                }
                Err(message) => {
                    let place = as_key(&priority.place);
                    self.decoder.say(Diagnostic::error("bad-value", place, message));
                    return None;
                }
            }
        }
        Priorities::of(sets).ok()
    }

    /// The priorities of the slots that are patched, in the universes of a route.
    pub(super) fn slot_priorities(
        &mut self,
        source: Option<&Spanned<SlotPriority>>,
        streams: &Priorities,
        universes: &UniverseSet,
        rig: &Rig,
        declared: &mut Declared,
    ) -> Option<Vec<AddressPriority>> {
        let mut slots = SlotMap { streams, slots: BTreeMap::new() };
        let priority = match source.map(|source| &source.value) {
            None | Some(SlotPriority::Flag(false)) => return Some(Vec::new()),
            Some(SlotPriority::One(priority)) => Some(*priority),
            Some(SlotPriority::Flag(true) | SlotPriority::Each(_)) => None,
        };
        for fixture in &rig.fixtures {
            slots.fixture(fixture, priority);
        }
        if let Some(SlotPriority::Each(each)) = source.map(|source| &source.value) {
            for (written, priority) in each {
                let on = self.selection_key(written, &as_key(&priority.place))?;
                let mut found = on.value.find(Scope { rig, this: None, seed: 0 });
                declared.groups_used.append(&mut found.groups);
                slots.heads(&found.heads, rig, priority.value);
                self.check_found((&on.value, &on.place), &mut found, true);
            }
        }
        Some(slots.ranges(universes))
    }

    /// A selection that is a key.
    fn selection_key(&mut self, written: &str, place: &Place) -> Option<Spanned<Selection>> {
        match written.parse::<Selection>() {
            Ok(value) => Some(Spanned { value, place: place.clone() }),
            Err(SelectionError { message, hint }) => {
                let error = Diagnostic::error("bad-selection", place.clone(), message);
                self.decoder.say(hint.into_iter().fold(error, Diagnostic::hint));
                None
            }
        }
    }
}

/// The priority of every slot, 0 for those that nothing is patched to.
struct SlotMap<'a> {
    streams: &'a Priorities,
    slots: BTreeMap<Universe, Slots>,
}

impl SlotMap<'_> {
    /// All slots of a fixture, at the priority of their streams unless another is given.
    fn fixture(&mut self, fixture: &Fixture, priority: Option<Priority>) {
        for slot in fixture.slots() {
            self.slot(fixture, slot, priority);
        }
    }

    /// The slots of heads: where those are all heads of a fixture, all its slots.
    fn heads(&mut self, heads: &[HeadIndex], rig: &Rig, priority: Priority) {
        for index in super::picked::fixtures_of(heads, rig) {
            let fixture = &rig.fixtures[index as usize];
            if fixture.heads.clone().all(|head| heads.contains(&head)) {
                self.fixture(fixture, Some(priority));
                continue;
            }
            let of_heads = fixture.channels.iter();
            let of_heads =
                of_heads.filter(|channel| channel.head.is_some_and(|head| heads.contains(&head)));
            for slot in of_heads.flat_map(|channel| &channel.slots) {
                self.slot(fixture, usize::from(*slot), Some(priority));
            }
        }
    }

    fn slot(&mut self, fixture: &Fixture, slot: usize, priority: Option<Priority>) {
        let Some(universe) = fixture.universes().nth(slot / SLOTS) else { return };
        // What is patched is driven, by a stream of priority 0 as well.
        let priority =
            priority.map_or_else(|| self.streams.get(universe).get().max(1), Priority::get);
        self.slots.entry(universe).or_insert([0; SLOTS])[slot % SLOTS] = priority;
    }

    /// Neighbours of equal priority as one, in the universes wanted.
    fn ranges(&self, universes: &UniverseSet) -> Vec<AddressPriority> {
        let wanted = self.slots.iter().filter(|(universe, _)| universes.contains(**universe));
        wanted.flat_map(|(&universe, slots)| ranges(universe, slots)).collect()
    }
}

fn ranges(universe: Universe, slots: &Slots) -> Vec<AddressPriority> {
    let mut first = 0;
    let mut range = |equal: &[u8]| {
        let (start, end) = (first + 1, first + equal.len());
        first = end;
        Some(AddressPriority {
            universe,
            first: Address::new(start as u16).ok()?,
            last: Address::new(end as u16).ok()?,
            priority: Priority::new(equal[0]).ok().filter(|priority| priority.get() > 0)?,
        })
    };
    slots.chunk_by(|a, b| a == b).filter_map(&mut range).collect()
}
