//! What a timeline needs to know of a rig, whatever the show does with it: worked out once for all
//! timelines over the same rig.

use std::sync::Arc;

use gobo_dmx::{SLOTS, Universe};
use gobo_show::rig::{Fixture, Rig, Setup};

use crate::fixture::{FixturePlan, Part};
use crate::header::Patch;
use crate::span::{self, ELSEWHERE, Piece};
use crate::strip::{self, StripHead};

/// The fixtures of a rig, ready to be driven.
#[derive(Debug)]
pub(crate) struct Plans {
    pub(crate) fixtures: Vec<Arc<FixturePlan>>,
    /// For each head, a number that stands for what it can do: two of the same can be written
    /// alike.
    pub(crate) kinds: Vec<usize>,
}

impl Plans {
    pub(crate) fn new(rig: &Rig) -> Self {
        let plan = |fixture| Arc::new(FixturePlan::new(rig, fixture));
        let fixtures: Vec<_> = rig.fixtures.iter().map(plan).collect();
        Self { kinds: kinds(rig, &fixtures), fixtures }
    }
}

/// A rig with its plans and its patch.
#[derive(Debug)]
pub(crate) struct Rigged {
    pub(crate) rig: Arc<Rig>,
    pub(crate) plans: Plans,
    /// Each fixture in its universes.
    pub(crate) placed: Vec<Vec<Placed>>,
    pub(crate) patch: Patch,
}

impl Rigged {
    pub(crate) fn new(rig: &Arc<Rig>) -> Self {
        let plans = Plans::new(rig);
        let placed = rig.fixtures.iter().zip(&plans.fixtures);
        let placed = placed.map(|(fixture, plan)| Placed::all_of(fixture, plan)).collect();
        Self { rig: Arc::clone(rig), plans, placed, patch: Patch::of(rig) }
    }
}

/// What of a fixture lies in one universe.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) universe: Universe,
    /// The number of slots up to the last that it uses.
    pub(crate) slots_used: u16,
    pub(crate) plan: Arc<FixturePlan>,
    /// Its heads, if they can be drawn in strips.
    pub(crate) strips: Option<Arc<[StripHead]>>,
    /// The piece of a fixture over several universes, and the channels of the whole that it keeps.
    pub(crate) part: Option<(Piece, Vec<usize>)>,
}

impl Placed {
    fn all_of(fixture: &Fixture, plan: &Arc<FixturePlan>) -> Vec<Self> {
        let place = |universe, slots_used, plan: Arc<FixturePlan>, part| {
            let strips = strip::heads(&plan).map(Arc::from);
            Self { universe, slots_used, plan, strips, part }
        };
        let pieces = span::pieces(fixture);
        if let [only] = pieces.as_slice()
            && only.before == 0
        {
            return vec![place(only.universe, last_slot(fixture), Arc::clone(plan), None)];
        }
        let used = |plan: &FixturePlan| {
            let slots = plan.channels.iter().flat_map(|channel| &channel.slots);
            slots.filter(|slot| **slot != ELSEWHERE).map(|slot| slot + 1).max().unwrap_or(1)
        };
        let part = |piece: Piece| {
            let (plan, kept) = plan.cut(&piece);
            place(piece.universe, used(&plan), Arc::new(plan), Some((piece, kept)))
        };
        pieces.into_iter().map(part).collect()
    }
}

/// The number of slots up to the last that a fixture uses.
fn last_slot(fixture: &Fixture) -> u16 {
    let patched = fixture.address.slot() as u16 + fixture.footprint;
    let used = fixture.channels.iter().flat_map(|channel| &channel.slots).map(|slot| slot + 1);
    used.fold(patched, u16::max).min(SLOTS as u16)
}

/// For each head, a number that stands for what it can do: two of the same can be written alike.
fn kinds(rig: &Rig, plans: &[Arc<FixturePlan>]) -> Vec<usize> {
    let mut models: Vec<(&str, &str, &Setup, Vec<usize>)> = Vec::new();
    let mut parts: Vec<&Part> = Vec::new();
    let mut kinds = vec![usize::MAX; rig.heads.len()];
    for (fixture, plan) in rig.fixtures.iter().zip(plans) {
        let name = (fixture.profile.as_str(), fixture.mode.as_str(), &fixture.setup);
        let known = models.iter().position(|model| (model.0, model.1, model.2) == name);
        let model = known.unwrap_or_else(|| {
            models.push((name.0, name.1, name.2, Vec::new()));
            models.len() - 1
        });
        for (part, head) in plan.parts.iter().zip(fixture.heads.clone()) {
            let same = |index: &&usize| parts[**index].is_like(part);
            let kind = models[model].3.iter().find(same).copied().unwrap_or_else(|| {
                parts.push(part);
                models[model].3.push(parts.len() - 1);
                parts.len() - 1
            });
            if let Some(of_head) = kinds.get_mut(head as usize) {
                *of_head = kind;
            }
        }
    }
    kinds
}
