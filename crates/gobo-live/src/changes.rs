//! What an edition changes of the one before it.

use std::collections::BTreeSet;
use std::ops::Range;

use gobo_show::Show;
use gobo_show::show::{Cue, Layer};

use crate::Edition;

/// A cue that is not as it was, or was not there.
#[derive(Clone, PartialEq, Debug)]
pub struct ChangedCue {
    /// Its name; its layer and its place in it, from 1, where it has none: `rhythm 12`.
    pub name: String,
    /// When it starts, in seconds of the show.
    pub start: f64,
    /// When it ends.
    pub end: f64,
}

/// What is not as it was.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Changes {
    /// Cues that are new or not as they were, by start.
    pub cues: Vec<ChangedCue>,
    /// Cues that are gone.
    pub removed: usize,
    /// The fixtures of those, and those that are patched or made otherwise, by id.
    pub fixtures: BTreeSet<String>,
    /// The seconds of the show that show something else: from the first to before the last.
    pub seconds: Vec<Range<u32>>,
    /// How many cells, a second of a universe each, show something else.
    pub cells: usize,
}

impl Changes {
    /// The cues that an edition changes: what can be told before anything is rendered.
    pub fn of_cues(before: &Edition, after: &Edition) -> Self {
        let mut changes = Self::default();
        let (old, new) = (&before.show, &after.show);
        for layer in &new.layers {
            let known = old.layers.iter().find(|known| known.name == layer.name);
            let none = Layer::default();
            changes.compare(new, known.unwrap_or(&none), layer);
        }
        let gone =
            old.layers.iter().filter(|layer| !new.layers.iter().any(|one| one.name == layer.name));
        changes.removed += gone.map(|layer| layer.cues.len()).sum::<usize>();
        changes.cues.sort_by(|a, b| a.start.total_cmp(&b.start));
        let patched = new.rig.fixtures.iter().filter(|fixture| {
            old.rig.fixtures.iter().find(|known| known.id == fixture.id) != Some(fixture)
        });
        changes.fixtures.extend(patched.map(|fixture| fixture.id.to_string()));
        changes
    }

    /// The cues between those that both have at the start and at the end of a layer.
    fn compare(&mut self, show: &Show, old: &Layer, new: &Layer) {
        let pairs = || old.cues.iter().zip(&new.cues);
        let first = pairs().take_while(|(a, b)| is_alike(a, b)).count();
        let (old_rest, new_rest) = (&old.cues[first..], &new.cues[first..]);
        let pairs = old_rest.iter().rev().zip(new_rest.iter().rev());
        let last = pairs.take_while(|(a, b)| is_alike(a, b)).count();
        let (old_rest, new_rest) =
            (&old_rest[..old_rest.len() - last], &new_rest[..new_rest.len() - last]);
        let changed = new_rest.iter().enumerate().filter(|(index, cue)| {
            // Where some are as they were between others, they have not moved.
            old_rest.len() != new_rest.len() || !is_alike(&old_rest[*index], cue)
        });
        for (index, cue) in changed {
            let name = match cue.name.as_str() {
                "" => format!("{} {}", new.name, first + index + 1),
                name => name.to_owned(),
            };
            self.cues.push(ChangedCue { name, start: cue.start, end: cue.end });
            self.fixtures.extend(fixtures_of(show, cue));
        }
        self.removed += old_rest.len().saturating_sub(new_rest.len());
    }

    /// Adds the seconds and cells that show something else: those whose keys differ.
    pub fn with_cells(mut self, before: &Edition, after: &Edition) -> Self {
        let (old, new) = (before.keys(), after.keys());
        let universes: Vec<_> = before.timeline.universes().collect();
        let mut seconds = BTreeSet::new();
        for (universe, keys) in after.timeline.universes().zip(new) {
            let known = universes.binary_search(&universe).ok().and_then(|index| old.get(index));
            let known = known.map_or(&[][..], Vec::as_slice);
            let changed =
                (0_u32..).zip(keys).filter(|(cell, key)| known.get(*cell as usize) != Some(key));
            for (cell, _) in changed {
                seconds.insert(cell);
                self.cells += 1;
            }
        }
        for second in seconds {
            match self.seconds.last_mut() {
                Some(last) if last.end == second => last.end += 1,
                _ => self.seconds.push(second..second + 1),
            }
        }
        self
    }

    /// Whether the light is as it was.
    pub fn is_empty(&self) -> bool {
        self.cells == 0 && self.cues.is_empty() && self.fixtures.is_empty() && self.removed == 0
    }
}

/// Whether two cues are the same, wherever they stand in their files.
fn is_alike(old: &Cue, new: &Cue) -> bool {
    old == new
        || old.start == new.start
            && old.end == new.end
            && old.place != new.place
            && Cue { place: new.place.clone(), ..old.clone() } == *new
}

/// The ids of the fixtures that a cue drives.
fn fixtures_of(show: &Show, cue: &Cue) -> BTreeSet<String> {
    let heads =
        cue.selection.iter().filter_map(|selected| show.rig.heads.get(selected.head as usize));
    let fixtures = heads.filter_map(|head| show.rig.fixtures.get(head.fixture as usize));
    fixtures.map(|fixture| fixture.id.to_string()).collect()
}
