//! Cues to pieces: each effect to the curves that it writes on each head.
//!
//! Whatever a cue takes from the past (a fade from what shows, the shortest turn from where a
//! head points) is worked out here, once, from the pieces of the layers below and the cues
//! before; the pieces that come out need no past.

use std::sync::Arc;

use gobo_show::effect::{Effect, Look, LookKey};
use gobo_show::grid::Grid;
use gobo_show::rig::Rig;
use gobo_show::show::{Cue, Selected, Show, Then};
use gobo_show::value::{Aim, Amount, Color, Easing};

use crate::aim::Angles;
use crate::attribute::Attribute;
use crate::channels;
use crate::chase::Chase;
use crate::color::Hsv;
use crate::course::Course;
use crate::curve::{Curve, Ramp, Scalar, Tint};
use crate::effects;
use crate::field::Field;
use crate::fixture::{FixturePlan, Part};
use crate::graph::{self, Written};
use crate::heads::HeadTracks;
use crate::layer::KnownSpans;
use crate::look::{self, Wanted};
use crate::mark;
use crate::stack::{self, LaidSheet, Mattes};
use crate::track::Write;
use crate::varied::{Heard, Place, Varied};

/// The tracks of every head of the show.
pub(crate) fn lower(show: &Show, plans: &[FixturePlan]) -> Vec<HeadTracks> {
    let mut known = KnownSpans::default();
    let order = stack::mattes(&show.layers);
    let mut mattes = Mattes::default();
    let mut heard = Heard::default();
    for &layer in &order {
        let mut heads = vec![HeadTracks::default(); show.rig.heads.len()];
        lay(show, plans, layer, &mut heads, &mut heard);
        finish(show, &mattes, &mut heads, &mut known);
        mattes.insert(layer, heads);
    }
    let mut tracks = vec![HeadTracks::default(); show.rig.heads.len()];
    for layer in (0..show.layers.len()).filter(|layer| !order.contains(layer)) {
        lay(show, plans, layer, &mut tracks, &mut heard);
    }
    finish(show, &mattes, &mut tracks, &mut known);
    for (head, masters) in tracks.iter_mut().zip(stack::masters(show)) {
        head.masters = masters;
    }
    tracks
}

/// Lays a layer over those below it.
fn lay(
    show: &Show,
    plans: &[FixturePlan],
    layer: usize,
    tracks: &mut [HeadTracks],
    heard: &mut Heard,
) {
    for sheet in LaidSheet::of(&show.layers[layer], layer, show.rate) {
        if !sheet.layer.channels.is_empty() {
            channels::lower(show, &sheet, tracks);
        }
        for &cue in &sheet.cues {
            let every = effects::every(&cue.effect);
            let course = Arc::new(Course::new(cue, show.rate, &show.grid, every));
            let chase = effects::chase(cue).map(Arc::new);
            let field = Field::of(cue, show).map(Arc::new);
            let mut shared = Shared::default();
            let mut varied = Varied::new(show, cue, &course);
            let mut write = |Selected { head, rank }, written: Option<&mut Written>| {
                if !sheet.reaches(head) {
                    return;
                }
                let Some(target) = target(&show.rig, plans, head) else { return };
                let Some(tracks) = tracks.get_mut(head as usize) else { return };
                let writer = Writer {
                    cue,
                    course: &course,
                    grid: &show.grid,
                    chase: chase.as_ref(),
                    field: field.as_ref(),
                    rank,
                    target,
                    sheet: &sheet,
                    tracks,
                    shared: &mut shared,
                    varied: &mut varied,
                    heard: &mut *heard,
                };
                match written {
                    Some(written) => writer.graph(written),
                    None => writer.write(),
                }
            };
            if let Effect::Graph(source) = &cue.effect {
                for mut written in graph::lower(source, cue, &course, show, plans) {
                    write(Selected { head: written.head, rank: 0 }, Some(&mut written));
                }
                continue;
            }
            cue.selection.iter().for_each(|selected| write(*selected, None));
        }
    }
}

/// Ends laying down.
fn finish(show: &Show, mattes: &Mattes, tracks: &mut [HeadTracks], known: &mut KnownSpans) {
    for (head, tracks) in tracks.iter_mut().enumerate() {
        mark::mark(tracks);
        mattes.veil(show, head, tracks);
        tracks.seal(known);
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

/// Writes one cue on one head.
struct Writer<'a, 's> {
    cue: &'s Cue,
    course: &'a Arc<Course>,
    grid: &'a Grid,
    chase: Option<&'a Arc<Chase>>,
    field: Option<&'a Arc<Field>>,
    rank: u32,
    target: Target<'a>,
    sheet: &'a LaidSheet<'a>,
    tracks: &'a mut HeadTracks,
    shared: &'a mut Shared,
    varied: &'a mut Varied<'s>,
    heard: &'a mut Heard,
}

impl<'s> Writer<'_, 's> {
    fn write(mut self) {
        match &self.cue.effect {
            Effect::Set(look) => self.set(look),
            Effect::Release(release) => {
                let sheet = self.sheet.replacing().number;
                self.tracks.release(sheet, &release.only, self.course);
            }
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
            pan_deg: start.scalar(Attribute::Pan).unwrap_or(self.before(Attribute::Pan)),
            tilt_deg: start.scalar(Attribute::Tilt).unwrap_or(self.before(Attribute::Tilt)),
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
        let sheet = self.sheet.for_scalar(attribute);
        match self.tracks.scalar(attribute) {
            Some(track) => track.before(&sheet, self.course.start).unwrap_or(0.0),
            None if sheet.mode.starts_from_nothing() => 0.0,
            None => self.target.part().rest(attribute).unwrap_or(0.0),
        }
    }

    fn angles_before(&self) -> Angles {
        Angles { pan_deg: self.before(Attribute::Pan), tilt_deg: self.before(Attribute::Tilt) }
    }

    fn color_before(&self) -> Color {
        let before = self.tracks.color.before(&self.sheet.for_color(), self.course.start);
        before.unwrap_or_else(|| self.unsaid())
    }

    /// The colour that shows where no colour is written.
    fn unsaid(&self) -> Color {
        let is_lit = self.tracks.scalar(Attribute::Dimmer).is_some_and(|dimmer| {
            dimmer.before(&self.sheet.replacing(), self.course.start).is_some_and(|d| d > 0.0)
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
        let holds = self.cue.then == Then::Hold;
        let write = share(&mut self.shared.colors, course, curve, holds, rest);
        self.tracks.color.push(&self.sheet.for_color(), &write, self.rank);
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
        let holds = self.cue.then == Then::Hold;
        let write = share(&mut self.shared.scalars, course, curve, holds, None);
        let sheet = self.sheet.for_scalar(attribute);
        self.tracks.scalar_mut(attribute, rest).push(&sheet, &write, self.rank);
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

/// The writes of a cue that more heads may share.
#[derive(Default)]
struct Shared {
    colors: Vec<Arc<Write<Tint>>>,
    scalars: Vec<Arc<Write<Scalar>>>,
}

/// The write of a curve: one that was made for a head before, if it is the same.
fn share<C: Curve + PartialEq>(
    known: &mut Vec<Arc<Write<C>>>,
    course: &Arc<Course>,
    curve: C,
    holds: bool,
    rest: Option<C::Value>,
) -> Arc<Write<C>> {
    // Heads differ in where a fade starts or a head turns: most are like those just before.
    let recent = known.iter().rev().take(8).find(|write| write.is(course, &curve, rest));
    if let Some(write) = recent {
        return Arc::clone(write);
    }
    let write = Arc::new(Write::new(course, curve, holds, rest));
    known.push(Arc::clone(&write));
    write
}
