//! Cues to pieces: each effect to the curves that it writes on each head.
//!
//! Whatever a cue takes from the past (a fade from what shows, the shortest turn from where a
//! head points) is worked out here, once, from the pieces of the layers below and the cues
//! before; the pieces that come out need no past.

use std::collections::BTreeMap;
use std::sync::Arc;

use gobo_show::effect::{Effect, Look, LookKey};
use gobo_show::grid::Grid;
use gobo_show::rig::Rig;
use gobo_show::show::{Cue, Selected, Show, Then};
use gobo_show::value::{Aim, Amount, Color, Easing};

use crate::aim::Angles;
use crate::attribute::Attribute;
use crate::bundle::{Bundle, Bundles};
use crate::channels;
use crate::chase::Chase;
use crate::color::Hsv;
use crate::course::Course;
use crate::curve::{Ramp, Scalar, Tint};
use crate::effects;
use crate::field::Field;
use crate::fixture::{FixturePlan, Part};
use crate::graph::{self, Written};
use crate::heads::HeadTracks;
use crate::layer::KnownSpans;
use crate::look::{self, Wanted};
use crate::mark;
use crate::outcome::{OfHead, Outcome};
use crate::stack::{self, LaidSheet, Mattes};
use crate::track;
use crate::varied::{Heard, Place, Varied};

/// The tracks of every head of the show.
pub(crate) fn lower(show: &Show, plans: &[FixturePlan]) -> Bundles {
    let mut known = KnownSpans::default();
    let order = stack::mattes(&show.layers);
    let mut mattes = Mattes::default();
    let mut heard = Heard::default();
    let masters = stack::masters(show);
    let mut bundles = Bundles::new(show, plans, &masters);
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
fn lay(show: &Show, plans: &[FixturePlan], layer: usize, bundles: &mut Bundles, heard: &mut Heard) {
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

/// A head, its fixture's plan and its place in it.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) rig: &'a gobo_show::rig::Fixture,
    pub(crate) plan: &'a FixturePlan,
    pub(crate) head: usize,
}

impl Target<'_> {
    pub(crate) fn part(&self) -> &Part {
        &self.plan.parts[self.head]
    }
}

fn target<'a>(rig: &'a Rig, plans: &'a [FixturePlan], head: u32) -> Option<Target<'a>> {
    let fixture = rig.heads.get(head as usize)?.fixture as usize;
    let (rig, plan) = (rig.fixtures.get(fixture)?, plans.get(fixture)?);
    rig.heads.contains(&head).then(|| Target { rig, plan, head: (head - rig.heads.start) as usize })
}

/// The places of the heads of a bundle in the selection looked at last.
#[derive(Default)]
struct KnownRanks<'s> {
    selection: &'s [Selected],
    /// For each bundle that the selection is of, its members with their places.
    of: Vec<(usize, Vec<usize>, Arc<[u32]>)>,
}

impl<'s> KnownRanks<'s> {
    /// The bundles of a selection, and the places of their heads there. Bundles that are selected
    /// in part are split.
    fn of(&mut self, cue: &'s Cue, sheet: &LaidSheet<'_>, bundles: &mut Bundles) {
        let is_known = !self.of.is_empty() && self.selection == cue.selection;
        let is_whole = |(bundle, members, _): &(usize, Vec<usize>, Arc<[u32]>)| {
            bundles.all[*bundle].heads.len() == members.len()
        };
        if is_known && self.of.iter().all(is_whole) {
            return;
        }
        let mut places: BTreeMap<usize, Vec<(usize, u32)>> = BTreeMap::new();
        for selected in cue.selection.iter().filter(|selected| sheet.reaches(selected.head)) {
            let Some((bundle, member)) = bundles.place(selected.head) else { continue };
            places.entry(bundle).or_default().push((member, selected.rank));
        }
        self.selection = &cue.selection;
        self.of.clear();
        for (bundle, mut ranked) in places {
            ranked.sort_by_key(|(member, _)| *member);
            ranked.dedup_by_key(|(member, _)| *member);
            let (members, ranks): (Vec<_>, Vec<_>) = ranked.into_iter().unzip();
            bundles.keep(bundle, &members);
            self.of.push((bundle, members, ranks.into()));
        }
    }
}

/// A cue being laid on its heads.
struct LaidCue<'a, 's> {
    show: &'s Show,
    plans: &'a [FixturePlan],
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
        ranks.of(self.cue, self.sheet, bundles);
        for (index, _, ranks) in &ranks.of {
            let bundle = &mut bundles.all[*index];
            if let Effect::Release(release) = &self.cue.effect {
                let sheet = self.sheet.replacing().number;
                bundle.tracks.release(sheet, &release.only, self.course);
                continue;
            }
            let first = self.outcome(bundle, 0, ranks[0], None);
            let alike = is_alike(&self.cue.effect)
                && first.reads.get().are_uniform(&bundle.tracks, self.course.start);
            let members = if alike { 1 } else { bundle.heads.len() };
            let others =
                (1..members).map(|member| self.outcome(bundle, member, ranks[member], None));
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
            let outcome = |(member, (_, written)): (usize, &mut (usize, Written))| {
                self.outcome(bundle, member, 0, Some(written))
            };
            let outcomes = written.iter_mut().enumerate().map(outcome).collect();
            self.take(bundles, index, outcomes, None);
        }
    }

    /// What the cue writes on a member of a bundle.
    fn outcome(
        &mut self,
        bundle: &Bundle,
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

/// Writes one cue on one head.
struct Writer<'a, 's> {
    cue: &'s Cue,
    course: &'a Arc<Course>,
    grid: &'a Grid,
    chase: Option<&'a Arc<Chase>>,
    field: Option<&'a Arc<Field>>,
    rank: u32,
    target: Target<'a>,
    sheet: &'a LaidSheet<'s>,
    /// What was written before on the heads of its bundle, and which of them it is.
    tracks: &'a HeadTracks,
    member: usize,
    outcome: &'a mut Outcome,
    varied: &'a mut Varied<'s>,
    heard: &'a mut Heard,
}

impl<'s> Writer<'_, 's> {
    fn write(mut self) {
        match &self.cue.effect {
            Effect::Set(look) => self.set(look),
            // Takes effect on the tracks of a bundle as they are.
            Effect::Release(_) => {}
            Effect::Fade(fade) => self.fade(&fade.from, &fade.to, fade.easing),
            Effect::ColorFade(fade) => {
                let from = fade.from.unwrap_or_else(|| self.color_before());
                let (to, easing) = (fade.to, fade.easing);
                let curve = if fade.around {
                    let (from, target) = Hsv::of(from).toward(Hsv::of(to));
                    Tint::Around { from, to: target, end: to, easing }
                } else {
                    Tint::Ramp(Ramp { from, to, easing })
                };
                self.color(curve, false);
            }
            Effect::Move(way) => self.travel(way.from, way.to, way.easing),
            Effect::Circle(circle) => {
                let now = self.angles_before();
                let (pan, tilt) = look::aim(self.target.part(), circle.center, now);
                let center = Angles {
                    pan_deg: pan.unwrap_or(now.pan_deg),
                    tilt_deg: tilt.unwrap_or(now.tilt_deg),
                };
                let [pan, tilt] = effects::circle(circle, center, self.cue.ranks);
                self.scalar(Attribute::Pan, pan);
                self.scalar(Attribute::Tilt, tilt);
            }
            Effect::Field(_) => {
                let Some(field) = self.field else { return };
                self.color(Tint::Field(Arc::clone(field)), true);
                self.scalar(Attribute::Dimmer, Scalar::Field(Arc::clone(field)));
            }
            effect => {
                let curves = effects::light(effect, self.chase, self.cue, self.grid);
                let dims = curves.dimmer.is_some();
                if let Some(curve) = curves.color {
                    self.color(curve, dims);
                }
                if let Some(curve) = curves.dimmer {
                    self.scalar(Attribute::Dimmer, curve);
                }
            }
        }
    }

    /// Writes what a graph works out for the head.
    fn graph(mut self, written: &mut Written) {
        let dims = written.numbers.iter().any(|(attribute, ..)| *attribute == Attribute::Dimmer);
        if let Some((curve, row)) = written.color.take() {
            self.rank = row;
            self.color(curve, dims);
        }
        for (attribute, curve, row) in written.numbers.drain(..) {
            self.rank = row;
            self.scalar(attribute, curve);
        }
    }

    fn set(&mut self, look: &'s Look) {
        let wanted = self.wanted(look, self.angles_before());
        if let Some(color) = wanted.color {
            self.color(Tint::Constant(color), dims(look));
        }
        for (attribute, value) in wanted.scalars.into_iter().chain(wanted.steps) {
            self.scalar(attribute, Scalar::Constant(value));
        }
        self.vary(look, false);
    }

    /// Writes what varies in a look.
    fn vary(&mut self, look: &'s Look, crossfades: bool) {
        let target = self.target;
        if let Some(tint) = &look.coloring {
            let number = |amount| Some(plain(amount));
            let place =
                Place { rank: self.rank, salt: Attribute::COLOR, number: &number, crossfades };
            if let Some(closed) = self.varied.color(tint, &place, self.heard) {
                self.color_over(&closed.course, closed.curve, dims(look));
            }
        }
        for (key, curve) in &look.curves {
            for attribute in look::attributes(key, &target) {
                let number = |amount| match attribute {
                    Attribute::Beam(parameter) => target.plan.ranges.fraction(parameter, amount),
                    _ => Some(plain(amount)),
                };
                let salt = attribute.number();
                let place = Place { rank: self.rank, salt, number: &number, crossfades };
                if let Some(closed) = self.varied.number(curve, &place, self.heard) {
                    self.scalar_over(&closed.course, attribute, closed.curve);
                }
            }
        }
    }

    /// Writes constants of a look for keys of which the other end of a fade varies.
    fn set_for(&mut self, look: &Look, other: &Look, crossfades: bool) {
        let course = self.varied.course(None, crossfades);
        let wanted = self.wanted(look, self.angles_before());
        if let Some(color) = wanted.color.filter(|_| other.coloring.is_some()) {
            self.color_over(&course, Tint::Constant(color), dims(look));
        }
        for (attribute, value) in wanted.scalars {
            if look::varies(other, attribute, &self.target) {
                self.scalar_over(&course, attribute, Scalar::Constant(value));
            }
        }
    }

    /// Fades what varies at one end at least: one end goes over the other.
    fn fade_varied(&mut self, from: &'s Look, to: &'s Look) {
        self.set_for(from, to, false);
        self.vary(from, false);
        self.set_for(to, from, true);
        self.vary(to, true);
    }

    fn fade(&mut self, from: &'s Look, to: &'s Look, easing: Easing) {
        let start = self.wanted(from, self.angles_before());
        let toward = Angles {
            pan_deg: start.scalar(Attribute::Pan).unwrap_or(self.shown(Attribute::Pan)),
            tilt_deg: start.scalar(Attribute::Tilt).unwrap_or(self.shown(Attribute::Tilt)),
        };
        let end = self.wanted(to, toward);
        self.fade_varied(from, to);
        let is_dimmed = dims(to);
        let varied = |look: &Look, attribute| look::varies(look, attribute, &self.target);
        let scalars: Vec<_> = end
            .scalars
            .iter()
            .filter(|(attribute, _)| !varied(from, *attribute))
            .copied()
            .collect();
        if let Some(to) = end.color.filter(|_| from.coloring.is_none()) {
            let from = start.color.unwrap_or_else(|| self.color_before());
            self.color(Tint::Ramp(Ramp { from, to, easing }), is_dimmed);
        }
        for (attribute, to) in scalars {
            let from = start.scalar(attribute).unwrap_or_else(|| self.before(attribute));
            self.scalar(attribute, Scalar::Ramp(Ramp { from, to, easing }));
        }
        // A wheel has nothing between its slots to fade through.
        for (attribute, value) in end.steps {
            self.scalar(attribute, Scalar::Constant(value));
        }
    }

    fn travel(&mut self, from: Option<Aim>, to: Aim, easing: Easing) {
        let now = self.angles_before();
        let part = self.target.part();
        let (pan, tilt) = from.map_or((None, None), |aim| look::aim(part, aim, now));
        let start =
            Angles { pan_deg: pan.unwrap_or(now.pan_deg), tilt_deg: tilt.unwrap_or(now.tilt_deg) };
        let (pan, tilt) = look::aim(part, to, start);
        let ramp = |from, to| Scalar::Ramp(Ramp { from, to, easing });
        if let Some(pan) = pan {
            self.scalar(Attribute::Pan, ramp(start.pan_deg, pan));
        }
        if let Some(tilt) = tilt {
            self.scalar(Attribute::Tilt, ramp(start.tilt_deg, tilt));
        }
    }

    fn wanted(&self, look: &Look, now: Angles) -> Wanted {
        Wanted::new(look, &self.target, now)
    }

    /// The value of an attribute that a fade of this cue starts from.
    fn before(&self, attribute: Attribute) -> f64 {
        self.outcome.read(|reads| match attribute {
            Attribute::Dimmer => reads.dimmer = true,
            _ => reads.others = true,
        });
        self.shown(attribute)
    }

    fn shown(&self, attribute: Attribute) -> f64 {
        let sheet = self.sheet.for_scalar(attribute);
        match self.tracks.scalar(attribute) {
            Some(track) => track.before(&sheet, self.course.start, self.member).unwrap_or(0.0),
            None if sheet.mode.starts_from_nothing() => 0.0,
            None => self.target.part().rest(attribute).unwrap_or(0.0),
        }
    }

    /// Where the head points: matters to effects that are a head's own only.
    fn angles_before(&self) -> Angles {
        Angles { pan_deg: self.shown(Attribute::Pan), tilt_deg: self.shown(Attribute::Tilt) }
    }

    fn color_before(&self) -> Color {
        self.outcome.read(|reads| reads.color = true);
        let sheet = self.sheet.for_color();
        let before = self.tracks.color.before(&sheet, self.course.start, self.member);
        before.unwrap_or_else(|| self.unsaid())
    }

    /// The colour that shows where no colour is written.
    fn unsaid(&self) -> Color {
        self.outcome.read(|reads| reads.dimmer = true);
        let is_lit = self.tracks.scalar(Attribute::Dimmer).is_some_and(|dimmer| {
            let sheet = self.sheet.replacing();
            dimmer.before(&sheet, self.course.start, self.member).is_some_and(|d| d > 0.0)
        });
        self.target.part().unsaid(is_lit)
    }

    /// Writes the colour, if the head has one; `dims` says whether the cue fades the dimmer too,
    /// so that the colour need not.
    fn color(&mut self, curve: Tint, dims: bool) {
        let course = Arc::clone(self.course);
        self.color_over(&course, curve, dims);
    }

    fn color_over(&mut self, course: &Arc<Course>, curve: Tint, dims: bool) {
        let part = self.target.part();
        let is_black = matches!(curve, Tint::Constant(color) if color == Color::default());
        // A wheel has no black: it stays where it is.
        if !part.has_color() || (part.presets_only && is_black) {
            return;
        }
        let rest = (!dims).then(|| self.unsaid());
        self.outcome.colors.push(OfHead {
            attribute: (),
            course: Arc::clone(course),
            written: track::Written::new(course, curve, rest),
            rank: self.rank,
        });
    }

    /// Writes an attribute, if the head has it.
    fn scalar(&mut self, attribute: Attribute, curve: Scalar) {
        let course = Arc::clone(self.course);
        self.scalar_over(&course, attribute, curve);
    }

    fn scalar_over(&mut self, course: &Arc<Course>, attribute: Attribute, curve: Scalar) {
        let rest = match attribute {
            Attribute::Raw(channel) => look::raw_rest(&self.target, channel),
            Attribute::Tint => self.target.part().has_color().then_some(1.0),
            _ => self.target.part().rest(attribute),
        };
        let Some(rest) = rest else { return };
        self.outcome.scalars.push(OfHead {
            attribute: (attribute, rest),
            course: Arc::clone(course),
            written: track::Written::new(course, curve, None),
            rank: self.rank,
        });
    }
}

/// Whether a look gives the dimmer.
fn dims(look: &Look) -> bool {
    look.dimmer.is_some() || look.curves.iter().any(|(key, _)| *key == LookKey::Dimmer)
}

/// An amount as a number, in whatever unit it is.
fn plain(amount: Amount) -> f64 {
    let (Amount::Fraction(number) | Amount::Physical(number)) = amount;
    number
}
