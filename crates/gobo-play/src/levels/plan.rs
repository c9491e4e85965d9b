//! What the real-time thread does to a frame, worked out beforehand.

use gobo_dmx::{MergeMode, SLOTS};

use super::desk::{Held, Settings};
use super::lamps::{Dimmer, Lamps};
use super::rooms::Rooms;

/// What a part is counted in: 1.0 of the light.
const WHOLE: u16 = 1 << 15;

/// The part of each slot of a universe that stays, in [`WHOLE`]ths.
pub(super) type Parts = [u16; SLOTS];

/// What is to be done to each frame.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub(super) settings: Applied,
    /// By universe; `None` where no slot is lowered by its value alone. Empty where none is.
    pub(super) parts: Box<[Option<Box<Parts>>]>,
    pub(super) dimmers: Box<[(Dimmer, f64)]>,
    pub(super) parked: Box<[Parked]>,
}

/// Settings as they are applied.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Applied {
    pub(super) grand: f64,
    pub(super) groups: u32,
    pub(super) blackout: bool,
    pub(super) frozen: bool,
    pub(super) stands_by: bool,
    pub(super) merge: MergeMode,
}

impl Default for Applied {
    fn default() -> Self {
        let merge = MergeMode::default();
        Self { grand: 1.0, groups: 0, blackout: false, frozen: false, stands_by: false, merge }
    }
}

/// A slot that is held, whatever the show says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Parked {
    pub(super) universe: u32,
    pub(super) slot: u16,
    pub(super) held: Held,
}

impl Plan {
    /// The plan for settings, and lamps if any light is lowered.
    pub(super) fn new(rooms: &Rooms, settings: &Settings, lamps: Option<&Lamps>) -> Self {
        let groups = settings.groups.values().filter(|level| **level < 1.0).count() as u32;
        let Settings { grand, blackout, frozen, stands_by, merge, .. } = *settings;
        let parked = settings.parked.iter().filter_map(|(&(universe, slot), &held)| {
            let universe = rooms.place(universe)? as u32;
            Some(Parked { universe, slot, held })
        });
        let mut plan = Self {
            settings: Applied { grand, groups, blackout, frozen, stands_by, merge },
            parked: parked.collect(),
            ..Self::default()
        };
        if let Some(lamps) = lamps {
            plan.lower(rooms, settings, lamps);
        }
        plan
    }

    fn lower(&mut self, rooms: &Rooms, settings: &Settings, lamps: &Lamps) {
        let grand = if settings.blackout { 0.0 } else { settings.grand };
        let mut left = vec![grand; lamps.heads as usize];
        for (name, runs) in &lamps.groups {
            let Some(level) = settings.groups.get(name) else { continue };
            for run in runs {
                let heads = left.get_mut(run.start as usize..run.end as usize);
                heads.into_iter().flatten().for_each(|left| *left *= level);
            }
        }
        // Heads that share a channel get as much of it as the one that is left the most.
        let part = |heads: &std::ops::Range<u32>| {
            let heads = left.get(heads.start as usize..heads.end as usize).unwrap_or_default();
            heads.iter().copied().fold(0.0, f64::max)
        };
        self.parts = vec![None; rooms.universes.len()].into();
        for plain in &lamps.plain {
            let part = (part(&plain.heads) * f64::from(WHOLE)).round() as u16;
            let Some(parts) = self.parts.get_mut(plain.universe as usize) else { continue };
            if part < WHOLE {
                let parts = parts.get_or_insert_with(|| Box::new([WHOLE; SLOTS]));
                let own = &mut parts[usize::from(plain.slot)];
                *own = part.min(*own);
            }
        }
        let dimmers = lamps.others.iter().map(|dimmer| (dimmer, part(&dimmer.heads)));
        let lowered = dimmers.filter(|(_, part)| *part < 1.0);
        self.dimmers = lowered.map(|(dimmer, part)| (dimmer.clone(), part)).collect();
    }

    /// Whether frames go out as they are, but for what comes in.
    pub(super) fn is_neutral(&self) -> bool {
        !self.settings.frozen
            && !self.settings.stands_by
            && self.parts.iter().all(Option::is_none)
            && self.dimmers.is_empty()
            && self.parked.is_empty()
    }
}

/// Lowers each slot to its part, to the nearest level.
pub(super) fn lower(slots: &mut [u8; SLOTS], parts: &Parts) {
    for (slot, part) in slots.iter_mut().zip(parts) {
        let level = u32::from(*slot) * u32::from(*part);
        *slot = ((level + u32::from(WHOLE / 2)) >> 15) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_rounded_to_the_nearest_level() {
        for part in [0, 1, 64, WHOLE / 2, WHOLE - 1, WHOLE] {
            let mut slots: [u8; SLOTS] = std::array::from_fn(|slot| slot as u8);
            lower(&mut slots, &[part; SLOTS]);
            for (level, lowered) in (0..=255_u8).zip(slots) {
                let exact = f64::from(level) * f64::from(part) / f64::from(WHOLE);
                assert!((f64::from(lowered) - exact).abs() <= 0.5, "{level} {part}");
            }
        }
    }
}
