//! Cues to pieces: each effect to the curves that it writes on each head.
//!
//! Whatever a cue takes from the past (a fade from what shows, the shortest turn from where a
//! head points) is worked out here, once, from the pieces of the layers below and the cues
//! before; the pieces that come out need no past.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use gobo_show::effect::{Effect, Look};
use gobo_show::show::{Cue, Selected, Show, Then};
use gobo_show::value::Aim;

use crate::before::Before;
use crate::bundle::{Bundle, Bundles};
use crate::channels;
use crate::chase::Chase;
use crate::course::Course;
use crate::effects;
use crate::field::Field;
use crate::fixture::FixturePlan;
use crate::graph::{self, Written};
use crate::implied::Implied;
use crate::layer::KnownSpans;
use crate::mark;
use crate::outcome::Outcome;
use crate::rigged::Plans;
use crate::stack::{self, LaidSheet, Mattes};
use crate::varied::{Heard, Varied};
use crate::write::{Target, Writer, target};

/// The tracks of every head of the show.
pub(crate) fn lower(show: &Show, Plans { fixtures: plans, kinds }: &Plans) -> Bundles {
    let mut known = KnownSpans::default();
    let order = stack::mattes(&show.layers);
    let mut mattes = Mattes::default();
    let mut heard = Heard::default();
    let masters = stack::masters(show);
    let mut bundles = Bundles::new(show, kinds, &masters);
    for &layer in &order {
        lay(show, plans, layer, &mut bundles, &mut heard);
        finish(show, &mattes, &mut bundles, &mut known);
        let blank = bundles.blank();
        mattes.insert(layer, std::mem::replace(&mut bundles, blank));
    }
    for layer in (0..show.layers.len()).filter(|layer| !order.contains(layer)) {
        lay(show, plans, layer, &mut bundles, &mut heard);
    }
    finish(show, &mattes, &mut bundles, &mut known);
    for bundle in &mut bundles.all {
        let own = bundle.heads.first().and_then(|head| masters.get(*head as usize));
        bundle.tracks.masters = own.cloned().unwrap_or_default();
    }
    bundles
}

/// Lays a layer over those below it.
fn lay(
    show: &Show,
    plans: &[Arc<FixturePlan>],
    layer: usize,
    bundles: &mut Bundles,
    heard: &mut Heard,
) {
    for sheet in LaidSheet::of(&show.layers[layer], layer, show.rate) {
        if !sheet.layer.channels.is_empty() {
            channels::lower(show, &sheet, bundles);
        }
        let mut ranks = KnownRanks::default();
        for &cue in &sheet.cues {
            let every = effects::every(&cue.effect);
            let course = Arc::new(Course::new(cue, show.rate, &show.grid, every));
            let chase = effects::chase(cue).map(Arc::new);
            let field = Field::of(cue, show).map(Arc::new);
            let mut laid = LaidCue {
                show,
                plans,
                cue,
                course: &course,
                chase: chase.as_ref(),
                field: field.as_ref(),
                sheet: &sheet,
                varied: Varied::new(show, cue, &course),
                heard,
            };
            if let Effect::Graph(source) = &cue.effect {
                laid.graph(graph::lower(source, cue, &course, show, plans), bundles);
            } else {
                laid.lay(bundles, &mut ranks);
            }
        }
    }
}

/// Ends laying down.
fn finish(show: &Show, mattes: &Mattes, bundles: &mut Bundles, known: &mut KnownSpans) {
    mark::mark(bundles);
    for bundle in &mut bundles.all {
        mattes.veil(show, bundle);
        bundle.tracks.seal(known);
    }
}

/// The selections looked at before, the latest first.
#[derive(Default)]
struct KnownRanks<'s>(VecDeque<KnownSelection<'s>>);

/// The places of the heads of bundles in a selection.
struct KnownSelection<'s> {
    selection: &'s Arc<[Selected]>,
    /// The bundles that the selection is of: how many heads each had, and their places.
    bundles: Vec<(usize, usize, Arc<[u32]>)>,
}

impl<'s> KnownRanks<'s> {
    /// As many as the cues of a layer take turns with, for the most part.
    const MOST: usize = 32;

    /// The bundles of a cue's selection, and the places of their heads there. Bundles that are
    /// selected in part are split.
    fn look_up(
        &mut self,
        cue: &'s Cue,
        sheet: &LaidSheet<'_>,
        bundles: &mut Bundles,
    ) -> &KnownSelection<'s> {
        let same = |known: &KnownSelection<'_>| {
            Arc::ptr_eq(known.selection, &cue.selection) || *known.selection == cue.selection
        };
        let known = self.0.iter().position(same).and_then(|at| self.0.remove(at));
        let known = known.filter(|known| known.is_whole(bundles));
        let known = known.unwrap_or_else(|| KnownSelection::new(cue, sheet, bundles));
        self.0.truncate(Self::MOST - 1);
        self.0.push_front(known);
        &self.0[0]
    }
}

impl<'s> KnownSelection<'s> {
    fn new(cue: &'s Cue, sheet: &LaidSheet<'_>, bundles: &mut Bundles) -> Self {
        let mut places: BTreeMap<usize, Vec<(usize, u32)>> = BTreeMap::new();
        for selected in cue.selection.iter().filter(|selected| sheet.reaches(selected.head)) {
            let Some((bundle, member)) = bundles.place(selected.head) else { continue };
            places.entry(bundle).or_default().push((member, selected.rank));
        }
        let mut known = Self { selection: &cue.selection, bundles: Vec::new() };
        for (bundle, mut ranked) in places {
            ranked.sort_by_key(|(member, _)| *member);
            ranked.dedup_by_key(|(member, _)| *member);
            let (members, ranks): (Vec<_>, Vec<_>) = ranked.into_iter().unzip();
            bundles.keep(bundle, &members);
            known.bundles.push((bundle, members.len(), ranks.into()));
        }
        known
    }

    /// Whether no bundle of it has been split since.
    fn is_whole(&self, bundles: &Bundles) -> bool {
        self.bundles.iter().all(|(bundle, heads, _)| bundles.all[*bundle].heads.len() == *heads)
    }
}

/// A cue being laid on its heads.
struct LaidCue<'a, 's> {
    show: &'s Show,
    plans: &'a [Arc<FixturePlan>],
    cue: &'s Cue,
    course: &'a Arc<Course>,
    chase: Option<&'a Arc<Chase>>,
    field: Option<&'a Arc<Field>>,
    sheet: &'a LaidSheet<'s>,
    varied: Varied<'s>,
    heard: &'a mut Heard,
}

impl<'s> LaidCue<'_, 's> {
    fn lay(&mut self, bundles: &mut Bundles, ranks: &mut KnownRanks<'s>) {
        for (index, _, ranks) in &ranks.look_up(self.cue, self.sheet, bundles).bundles {
            let bundle = &mut bundles.all[*index];
            if let Effect::Release(release) = &self.cue.effect {
                let sheet = self.sheet.replacing().number;
                let target = target(&self.show.rig, self.plans, bundle.heads[0]);
                let part = target.as_ref().map(Target::part);
                let implied = part.and_then(|part| {
                    Implied::new(part, bundle, &release.only, (self.course, sheet))
                });
                bundle.tracks.release(sheet, &release.only, self.course);
                implied.into_iter().for_each(|implied| implied.write(&mut bundle.tracks, ranks));
                continue;
            }
            let before = Before::of(bundle.heads.len());
            let first = self.outcome(bundle, &before, 0, ranks[0], None);
            let alike = is_alike(&self.cue.effect)
                && first.reads.get().are_uniform(&bundle.tracks, self.course.start);
            let members = if alike { 1 } else { bundle.heads.len() };
            let others = (1..members)
                .map(|member| self.outcome(bundle, &before, member, ranks[member], None));
            let outcomes = std::iter::once(first).chain(others.collect::<Vec<_>>()).collect();
            self.take(bundles, *index, outcomes, alike.then_some(ranks));
        }
    }

    /// Lays what a graph works out for each head.
    fn graph(&mut self, written: Vec<Written>, bundles: &mut Bundles) {
        let mut places: BTreeMap<usize, Vec<(usize, Written)>> = BTreeMap::new();
        for written in written.into_iter().filter(|written| self.sheet.reaches(written.head)) {
            let Some((bundle, member)) = bundles.place(written.head) else { continue };
            places.entry(bundle).or_default().push((member, written));
        }
        for (index, mut written) in places {
            written.sort_by_key(|(member, _)| *member);
            let members: Vec<usize> = written.iter().map(|(member, _)| *member).collect();
            bundles.keep(index, &members);
            let bundle = &bundles.all[index];
            let before = Before::of(bundle.heads.len());
            let outcome = |(member, (_, written)): (usize, &mut (usize, Written))| {
                self.outcome(bundle, &before, member, 0, Some(written))
            };
            let outcomes = written.iter_mut().enumerate().map(outcome).collect();
            self.take(bundles, index, outcomes, None);
        }
    }

    /// What the cue writes on a member of a bundle.
    fn outcome(
        &mut self,
        bundle: &Bundle,
        before: &Before,
        member: usize,
        rank: u32,
        written: Option<&mut Written>,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        let Some(target) = target(&self.show.rig, self.plans, bundle.heads[member]) else {
            return outcome;
        };
        let writer = Writer {
            cue: self.cue,
            course: self.course,
            grid: &self.show.grid,
            chase: self.chase,
            field: self.field,
            rank,
            target,
            sheet: self.sheet,
            tracks: &bundle.tracks,
            before,
            member,
            outcome: &mut outcome,
            varied: &mut self.varied,
            heard: &mut *self.heard,
        };
        match written {
            Some(written) => writer.graph(written),
            None => writer.write(),
        }
        outcome
    }

    /// Writes what came out for the members of a bundle, or for all alike, to its tracks. Members
    /// on which something else is written leave the bundle.
    fn take(
        &self,
        bundles: &mut Bundles,
        index: usize,
        mut outcomes: Vec<Outcome>,
        alike: Option<&Arc<[u32]>>,
    ) {
        let mut index = index;
        loop {
            let same: Vec<usize> =
                (0..outcomes.len()).filter(|&at| outcomes[at].is_like(&outcomes[0])).collect();
            let mut others = Vec::new();
            if same.len() < outcomes.len() {
                bundles.keep(index, &same);
                let mut kept = Vec::with_capacity(same.len());
                for (at, outcome) in outcomes.into_iter().enumerate() {
                    if same.binary_search(&at).is_ok() { &mut kept } else { &mut others }
                        .push(outcome);
                }
                outcomes = kept;
            }
            let holds = self.cue.then == Then::Hold;
            let tracks = &mut bundles.all[index].tracks;
            Outcome::write(outcomes, self.sheet, holds, alike, tracks);
            if others.is_empty() {
                return;
            }
            (index, outcomes) = (bundles.all.len() - 1, others);
        }
    }
}

/// Whether an effect writes the same on all heads of a bundle on which what it goes by is the same.
fn is_alike(effect: &Effect) -> bool {
    let look = |look: &Look| {
        let aims = matches!(look.position, Some(Aim::Point(_)));
        look.curves.is_empty() && look.coloring.is_none() && look.raw.is_empty() && !aims
    };
    match effect {
        Effect::Set(set) => look(set),
        Effect::Fade(fade) => look(&fade.from) && look(&fade.to),
        Effect::Move(_) | Effect::Circle(_) | Effect::Graph(_) => false,
        _ => true,
    }
}
