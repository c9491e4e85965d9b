//! The frame between the canvas and the outputs, on the real-time thread.

use std::collections::BTreeSet;
use std::time::Instant;

use gobo_canvas::PatchedFixture;
use gobo_dmx::{SLOTS, Slots};
use triple_buffer::Output;

use super::desk::{Ends, Held};
use super::hand::Hand;
use super::merge::{Feed, Merger};
use super::plan::{Applied, Parked, Plan, lower};
use super::rooms::Rooms;

/// What the levels of a show are, as its last frame had them.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LevelState {
    /// The grand master, 0.0 to 1.0.
    pub grand: f64,
    /// Groups whose master is not full.
    pub groups: u32,
    /// Whether all light is put out.
    pub blackout: bool,
    /// Whether the frame stays as it is while the show goes on.
    pub frozen: bool,
    /// Slots that are parked.
    pub parked: u32,
    /// Universes into which input is merged, or that it has taken over.
    pub input: u32,
}

impl Default for LevelState {
    /// Everything at full.
    fn default() -> Self {
        let (groups, parked, input) = (0, 0, 0);
        Self { grand: 1.0, groups, blackout: false, frozen: false, parked, input }
    }
}

/// Turns frames of the canvas into those that go out. It allocates nothing once made.
pub(crate) struct Mixer {
    plan: Output<Plan>,
    hand: Output<Hand>,
    mergers: Vec<Merger>,
    /// The frame that goes out.
    out: Box<[Slots]>,
    /// The frame that was frozen.
    frozen: Box<[Slots]>,
    is_frozen: bool,
    /// What slots were at when they were parked.
    kept: Box<[Slots]>,
    /// The last parking whose slots are kept.
    parkings: u64,
    state: LevelState,
}

impl Mixer {
    pub(super) fn new(Ends { plan, hand }: Ends, universes: usize) -> Self {
        let frame = || vec![[0; SLOTS]; universes].into_boxed_slice();
        Self {
            plan,
            hand,
            mergers: Vec::new(),
            out: frame(),
            frozen: frame(),
            is_frozen: false,
            kept: frame(),
            parkings: 0,
            state: LevelState::default(),
        }
    }

    /// How many universes its frames have.
    pub(crate) fn universes(&self) -> usize {
        self.out.len()
    }

    /// Merges what comes in through these, and nothing else, into the universes of the shows.
    pub(super) fn feed(&mut self, feeds: Vec<Feed>, rooms: &Rooms) {
        let mergers = feeds.into_iter().map(|feed| {
            let fine = rooms.universes.get(feed.universe).map(|universe| {
                let patches = rooms.rooms.iter().flat_map(|room| &room.patch);
                let channels = patches.filter(|one| one.universe == *universe).flat_map(fine);
                channels.collect::<BTreeSet<Box<[u16]>>>()
            });
            Merger::new(feed, fine.into_iter().flatten().collect())
        });
        self.mergers = mergers.collect();
    }

    /// What goes out at `now` for the canvas's frame `shown`.
    pub(crate) fn mix<'a>(&'a mut self, now: Instant, shown: &'a [Slots]) -> &'a [Slots] {
        let Self { plan, hand, mergers, out, frozen, is_frozen, kept, parkings, state } = self;
        let (plan, hand) = (plan.read(), hand.read());
        if plan.settings.frozen && !*is_frozen {
            copy(frozen, shown);
        }
        *is_frozen = plan.settings.frozen;
        let shown = if *is_frozen { &**frozen } else { shown };
        let mut input = 0;
        mergers.iter_mut().for_each(|merger| input += u32::from(merger.listen(now)));
        *state = state_of(plan, input);
        if plan.is_neutral() && input == 0 && hand.is_empty() {
            return shown;
        }
        match plan.settings.stands_by {
            true => out.fill([0; SLOTS]),
            false => copy(out, shown),
        }
        for merger in mergers.iter_mut() {
            if let Some(slots) = out.get_mut(merger.universe()) {
                merger.merge(plan.settings.merge, slots);
            }
        }
        hand.lay(out);
        for (slots, parts) in out.iter_mut().zip(&plan.parts) {
            if let Some(parts) = parts {
                lower(slots, parts);
            }
        }
        for (dimmer, part) in &plan.dimmers {
            if let Some(slots) = out.get_mut(dimmer.universe as usize) {
                dimmer.lower(slots, *part);
            }
        }
        keep(kept, parkings, out, &plan.parked);
        park(out, kept, &plan.parked);
        out
    }

    /// What stays of the frame `shown` when all goes dark at the end: what is parked.
    pub(crate) fn dark(&mut self, now: Instant, shown: &[Slots]) -> &[Slots] {
        self.mix(now, shown);
        self.out.fill([0; SLOTS]);
        park(&mut self.out, &self.kept, &self.plan.output_buffer().parked);
        &self.out
    }

    /// What was done to the last frame.
    pub(crate) fn state(&self) -> LevelState {
        self.state
    }
}

/// The channels of a fixture that take more than one slot, by their slots in the universe.
fn fine(fixture: &PatchedFixture) -> impl Iterator<Item = Box<[u16]>> {
    let first = fixture.address.slot() as u16;
    let channels = fixture.heads.iter().flat_map(|head| &head.channels);
    let fine = channels.filter(|channel| channel.slots.len() > 1);
    fine.map(move |channel| channel.slots.iter().map(|slot| first.saturating_add(*slot)).collect())
}

fn state_of(plan: &Plan, input: u32) -> LevelState {
    let Applied { grand, groups, blackout, frozen, .. } = plan.settings;
    LevelState { grand, groups, blackout, frozen, parked: plan.parked.len() as u32, input }
}

fn copy(to: &mut [Slots], from: &[Slots]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}

/// Keeps the levels of what is newly parked as it is.
fn keep(kept: &mut [Slots], parkings: &mut u64, out: &[Slots], parked: &[Parked]) {
    let mut newest = *parkings;
    for one in parked {
        let Held::AsItWas(parking) = one.held else { continue };
        if parking <= *parkings {
            continue;
        }
        newest = newest.max(parking);
        let (universe, slot) = (one.universe as usize, usize::from(one.slot));
        if let (Some(kept), Some(out)) = (kept.get_mut(universe), out.get(universe)) {
            kept[slot] = out[slot];
        }
    }
    *parkings = newest;
}

fn park(out: &mut [Slots], kept: &[Slots], parked: &[Parked]) {
    for one in parked {
        let (universe, slot) = (one.universe as usize, usize::from(one.slot));
        let (Some(out), Some(kept)) = (out.get_mut(universe), kept.get(universe)) else { continue };
        out[slot] = match one.held {
            Held::At(level) => level,
            Held::AsItWas(_) => kept[slot],
        };
    }
}
