//! What an edition changes of the one before it.

use std::collections::BTreeSet;
use std::ops::Range;

use gobo_show::Show;
use gobo_show::show::{ChannelCue, Cue, Layer};

use crate::Edition;

/// What is new or other between what both lists have at the start and at the end, with its place in
/// the new one; and how many are gone.
fn between<'c, C>(
    old: &[C],
    new: &'c [C],
    is_alike: impl Fn(&C, &C) -> bool,
) -> (Vec<(usize, &'c C)>, usize) {
    let alike = |(a, b): &(&C, &C)| is_alike(a, b);
    let first = old.iter().zip(new).take_while(alike).count();
    let (old, new) = (&old[first..], &new[first..]);
    let last = old.iter().rev().zip(new.iter().rev()).take_while(alike).count();
    let (old, new) = (&old[..old.len() - last], &new[..new.len() - last]);
    let changed = new.iter().enumerate().filter(|(index, cue)| {
        // Where some are as they were between others, they have not moved.
        old.len() != new.len() || !is_alike(&old[*index], cue)
    });
    let changed = changed.map(|(index, cue)| (first + index, cue)).collect();
    (changed, old.len().saturating_sub(new.len()))
}

fn is_alike_channel(a: &ChannelCue, b: &ChannelCue) -> bool {
    (a.start, a.seconds, a.fixture, &a.effect) == (b.start, b.seconds, b.fixture, &b.effect)
}

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
        changes.removed += gone.map(|layer| layer.cues.len() + layer.channels.len()).sum::<usize>();
        changes.cues.sort_by(|a, b| a.start.total_cmp(&b.start));
        let patched = new.rig.fixtures.iter().filter(|fixture| {
            old.rig.fixtures.iter().find(|known| known.id == fixture.id) != Some(fixture)
        });
        changes.fixtures.extend(patched.map(|fixture| fixture.id.to_string()));
        changes
    }

    /// The cues between those that both have at the start and at the end of a layer.
    fn compare(&mut self, show: &Show, old: &Layer, new: &Layer) {
        let named = |name: &str, index: usize| match name {
            "" => format!("{} {}", new.name, index + 1),
            name => name.to_owned(),
        };
        let (changed, gone) = between(&old.cues, &new.cues, is_alike);
        self.removed += gone;
        for (index, cue) in changed {
            let name = named(cue.name.as_str(), index);
            self.cues.push(ChangedCue { name, start: cue.start, end: cue.end });
            self.fixtures.extend(fixtures_of(show, cue));
        }
        let (changed, gone) = between(&old.channels, &new.channels, is_alike_channel);
        self.removed += gone;
        for (index, cue) in changed {
            let (name, end) = (named("", index), cue.start + cue.seconds);
            self.cues.push(ChangedCue { name, start: cue.start, end });
            let fixture = show.rig.fixtures.get(cue.fixture as usize);
            self.fixtures.extend(fixture.map(|fixture| fixture.id.to_string()));
        }
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
