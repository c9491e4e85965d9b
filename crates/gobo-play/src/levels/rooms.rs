//! What the levels know of the shows: the universes, the patch, the groups.

use std::collections::BTreeSet;

use gobo_canvas::{Header, PatchedFixture, PatchedGroup};
use gobo_dmx::Universe;

/// The patches of the shows that are played, each once: most evenings have one.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    /// The universes of all of them, rising: what a frame is made of.
    pub(super) universes: Vec<Universe>,
    pub(super) rooms: Vec<Room>,
}

/// A patch and its groups.
#[derive(PartialEq, Debug)]
pub(super) struct Room {
    pub(super) patch: Vec<PatchedFixture>,
    pub(super) groups: Vec<PatchedGroup>,
}

impl Rooms {
    pub(super) fn of<'h>(shows: impl IntoIterator<Item = &'h Header>) -> Self {
        let (mut universes, mut rooms) = (BTreeSet::new(), Vec::<Room>::new());
        for Header { universes: entries, patch, groups, .. } in shows {
            universes.extend(entries.iter().map(|entry| entry.universe));
            if !rooms.iter().any(|known| known.patch == *patch && known.groups == *groups) {
                rooms.push(Room { patch: patch.clone(), groups: groups.clone() });
            }
        }
        Self { universes: universes.into_iter().collect(), rooms }
    }

    /// The place of a universe in a frame.
    pub(super) fn place(&self, universe: Universe) -> Option<usize> {
        self.universes.binary_search(&universe).ok()
    }

    /// The names of all groups.
    pub(super) fn groups(&self) -> impl Iterator<Item = &str> {
        let groups = self.rooms.iter().flat_map(|room| &room.groups);
        groups.map(|group| group.name.as_str())
    }
}
