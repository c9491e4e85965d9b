//! One cue on one head: its effect to the curves that it writes there.

use std::sync::Arc;

use gobo_show::effect::{Effect, Look, LookKey};
use gobo_show::grid::Grid;
use gobo_show::rig::Rig;
use gobo_show::show::Cue;
use gobo_show::value::{Aim, Amount, Color, Easing};

use crate::aim::Angles;
use crate::attribute::Attribute;
use crate::before::Before;
use crate::chase::Chase;
use crate::color::Hsv;
use crate::course::Course;
use crate::curve::{Ramp, Scalar, Tint};
use crate::effects;
use crate::field::Field;
use crate::fixture::{FixturePlan, Part};
use crate::graph::Written;
use crate::heads::HeadTracks;
use crate::look::{self, Wanted};
use crate::outcome::{OfHead, Outcome};
use crate::stack::LaidSheet;
use crate::track;
use crate::varied::{Heard, Place, Varied};

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

pub(crate) fn target<'a>(
    rig: &'a Rig,
    plans: &'a [Arc<FixturePlan>],
    head: u32,
) -> Option<Target<'a>> {
    let fixture = rig.heads.get(head as usize)?.fixture as usize;
    let (rig, plan) = (rig.fixtures.get(fixture)?, plans.get(fixture)?);
    rig.heads.contains(&head).then(|| Target { rig, plan, head: (head - rig.heads.start) as usize })
}

/// Writes one cue on one head.
pub(crate) struct Writer<'a, 's> {
    pub(crate) cue: &'s Cue,
    pub(crate) course: &'a Arc<Course>,
    pub(crate) grid: &'a Grid,
    pub(crate) chase: Option<&'a Arc<Chase>>,
    pub(crate) field: Option<&'a Arc<Field>>,
    pub(crate) rank: u32,
    pub(crate) target: Target<'a>,
    pub(crate) sheet: &'a LaidSheet<'s>,
    /// What was written before on the heads of its bundle, and which of them it is.
    pub(crate) tracks: &'a HeadTracks,
    pub(crate) before: &'a Before,
    pub(crate) member: usize,
    pub(crate) outcome: &'a mut Outcome,
    pub(crate) varied: &'a mut Varied<'s>,
    pub(crate) heard: &'a mut Heard,
}

impl<'s> Writer<'_, 's> {
    pub(crate) fn write(mut self) {
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
    pub(crate) fn graph(mut self, written: &mut Written) {
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
            let from = start.scalar(attribute).unwrap_or_else(|| self.start(attribute));
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
    fn start(&self, attribute: Attribute) -> f64 {
        self.outcome.read(|reads| match attribute {
            Attribute::Dimmer => reads.dimmer = true,
            _ => reads.others = true,
        });
        self.shown(attribute)
    }

    fn shown(&self, attribute: Attribute) -> f64 {
        let sheet = self.sheet.for_scalar(attribute);
        match self.tracks.scalar(attribute) {
            Some(track) => {
                let track = (attribute, track);
                self.before.number(track, &sheet, self.course.start, self.member).unwrap_or(0.0)
            }
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
        let (track, start) = (&self.tracks.color, self.course.start);
        let before = self.before.color(track, &sheet, start, self.member);
        before.unwrap_or_else(|| self.unsaid())
    }

    /// The colour that shows where no colour is written.
    fn unsaid(&self) -> Color {
        self.outcome.read(|reads| reads.dimmer = true);
        let is_lit = self.tracks.scalar(Attribute::Dimmer).is_some_and(|dimmer| {
            let sheet = self.sheet.replacing();
            let dimmer = (Attribute::Dimmer, dimmer);
            let level = self.before.number(dimmer, &sheet, self.course.start, self.member);
            level.is_some_and(|level| level > 0.0)
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
