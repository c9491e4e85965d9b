//! Curves of looks, closed: what each is at a time, at one place of a selection.

use std::ops::Range;
use std::sync::Arc;

use gobo_show::curve::NoiseKind;
use gobo_show::value::{Easing, Shape};

use crate::color::fraction;
use crate::course::{Clock, Course};
use crate::easing::{ease, shape};
use crate::envelope::Envelope;
use crate::fingerprint::Fingerprint;
use crate::noise;
use crate::points::Points;
use crate::value::Value;

/// A number that varies, at one place.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Varying {
    /// The course, which other places may share.
    pub(crate) form: Arc<Form>,
    /// The value where the course is 0, and where it is 1.
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// Periods by which this place is ahead.
    pub(crate) phase: f64,
    /// Where this place is in what varies from place to place.
    pub(crate) place: f64,
}

/// A course from 0 to 1.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Form {
    /// Once, over the cue or over a period.
    Ramp { clock: Clock, easing: Easing },
    /// Through points, over frames of the cue, or again in each period.
    Points { points: Points, repeats: bool },
    /// A shape that repeats; `duty` is for a square.
    Wave { shape: Shape, backwards: bool, duty: f64 },
    /// Smooth randomness, of a cue's seed.
    Noise { kind: NoiseKind, octaves: u32, seed: u64 },
    /// A pulse each period.
    Envelope { envelope: Envelope, amplitude: f64 },
    /// A value for each frame of the cue.
    Table(Vec<f64>),
}

impl Varying {
    /// The value at a [`Course::time`] by the form's clock.
    pub(crate) fn at(&self, time: f64) -> f64 {
        self.low.mix(self.high, self.along(time))
    }

    fn along(&self, time: f64) -> f64 {
        match &*self.form {
            Form::Ramp { easing, .. } => ease(*easing, time.min(1.0)),
            Form::Points { points, repeats: false } => points.at(time),
            Form::Points { points, repeats: true } => points.at(self.within(time)),
            Form::Wave { shape: which, backwards, duty } => {
                let at = self.within(time);
                match (which, backwards) {
                    (Shape::Square, _) => f64::from(at < *duty),
                    (which, false) => shape(*which, at),
                    (which, true) => 1.0 - shape(*which, at),
                }
            }
            Form::Noise { kind, octaves, seed } => {
                let noise: fn(u64, f64, f64) -> f64 = match kind {
                    NoiseKind::Gradient => noise::gradient,
                    NoiseKind::Value => noise::value,
                };
                noise::layered(noise, *octaves, (*seed, time, self.place))
            }
            Form::Envelope { envelope, amplitude } => amplitude * envelope.level(self.within(time)),
            Form::Table(values) => {
                let last = values.len().saturating_sub(1);
                values.get((time as usize).min(last)).copied().unwrap_or(0.0)
            }
        }
    }

    /// How far a period is along at this place; a start that is missed by rounding is met.
    fn within(&self, time: f64) -> f64 {
        let at = time + self.phase;
        let whole = at.round();
        if (at - whole).abs() < 1e-6 { 0.0 } else { fraction(at) }
    }

    pub(crate) fn clock(&self) -> Clock {
        match &*self.form {
            Form::Ramp { clock, .. } => *clock,
            Form::Points { repeats: false, .. } => Clock::Elapsed,
            Form::Table(_) => Clock::Frame,
            Form::Points { .. }
            | Form::Wave { .. }
            | Form::Noise { .. }
            | Form::Envelope { .. } => Clock::Phase,
        }
    }

    /// What stays after the course: the exact end of what leads somewhere, the last frame of what
    /// goes on and on.
    pub(crate) fn held(&self, course: &Course) -> f64 {
        let leads = matches!(&*self.form, Form::Ramp { .. } | Form::Points { repeats: false, .. });
        let frame = if leads { course.end } else { course.last() };
        self.at(course.time(self.clock(), frame))
    }

    /// What stands for the values in some frames of the course, where these alone matter.
    pub(crate) fn in_frames(&self, frames: &Range<u32>) -> Option<u128> {
        let Form::Table(_) = &*self.form else { return None };
        let mut hash = Fingerprint::new();
        frames.clone().for_each(|frame| hash.number(self.at(f64::from(frame))));
        Some(hash.digest())
    }

    pub(crate) fn fingerprint(&self, to: &mut Fingerprint) {
        to.numbers(&[self.low, self.high, self.phase, self.place]);
        match &*self.form {
            Form::Ramp { clock, easing } => {
                to.integer(0);
                to.integer((*clock as u64) << 32 | *easing as u64);
            }
            Form::Points { points, repeats } => {
                to.integer(1 << 32 | u64::from(*repeats));
                points.fingerprint(to);
            }
            Form::Wave { shape, backwards, duty } => {
                to.integer(2 << 32 | (*shape as u64) << 1 | u64::from(*backwards));
                to.number(*duty);
            }
            Form::Noise { kind, octaves, seed } => {
                to.integer(3 << 32 | (*kind as u64) << 8 | u64::from(*octaves));
                to.integer(*seed);
            }
            Form::Envelope { envelope, amplitude } => {
                to.integer(4 << 32);
                envelope.fingerprint(to);
                to.number(*amplitude);
            }
            Form::Table(values) => {
                to.integer(5 << 32);
                to.integer(values.len() as u64);
                to.numbers(values);
            }
        }
    }
}
