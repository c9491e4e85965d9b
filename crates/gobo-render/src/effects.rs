//! The effects that shine, and the circle, as curves.

use std::sync::Arc;

use gobo_show::effect::{Circle, Effect};
use gobo_show::show::Cue;
use gobo_show::value::{Color, Direction, Level, Span};

use crate::aim::Angles;
use crate::chase::Chase;
use crate::curve::{Ramp, Scalar, Tint};
use crate::random;

/// How often an effect repeats, if it does.
pub(crate) fn every(effect: &Effect) -> Option<Span> {
    match effect {
        Effect::Strobe(strobe) => Some(strobe.every),
        Effect::Pulse(pulse) => Some(pulse.every),
        Effect::Chase(chase) => Some(chase.every),
        Effect::Rainbow(rainbow) => Some(rainbow.every),
        Effect::Wave(wave) => Some(wave.every),
        Effect::Circle(circle) => Some(circle.every),
        Effect::Set(_)
        | Effect::Fade(_)
        | Effect::Flash(_)
        | Effect::ColorFade(_)
        | Effect::Move(_) => None,
    }
}

/// The chase of a cue that is one.
pub(crate) fn chase(cue: &Cue) -> Option<Chase> {
    let Effect::Chase(chase) = &cue.effect else { return None };
    Some(Chase {
        ranks: cue.ranks,
        width: chase.width,
        tail: chase.tail,
        high: chase.high.0,
        low: chase.low.0,
        direction: chase.direction,
        seed: cue.seed,
    })
}

/// What an effect does to brightness and colour.
#[derive(Default)]
pub(crate) struct Light {
    pub(crate) dimmer: Option<Scalar>,
    pub(crate) color: Option<Tint>,
}

/// The curves of an effect that shines, for the place `rank` of its selection.
pub(crate) fn light(effect: &Effect, chase: Option<&Arc<Chase>>, rank: u32, cue: &Cue) -> Light {
    let constant = |color: Option<Color>| color.map(Tint::Constant);
    match effect {
        Effect::Flash(flash) => {
            let ramp = Ramp { from: flash.level.0, to: 0.0, easing: flash.easing };
            Light { dimmer: Some(Scalar::Ramp(ramp)), color: constant(flash.color) }
        }
        Effect::Strobe(strobe) => {
            let (Level(high), Level(low), duty) = (strobe.high, strobe.low, strobe.duty);
            let dimmer = Scalar::Strobe { high, low, duty };
            Light { dimmer: Some(dimmer), color: constant(strobe.color) }
        }
        Effect::Pulse(pulse) => {
            let (Level(high), Level(low), shape) = (pulse.high, pulse.low, pulse.shape);
            let dimmer = Scalar::Wave { high, low, shape, shift: 0.0, bounce: false };
            Light { dimmer: Some(dimmer), color: constant(pulse.color) }
        }
        Effect::Chase(source) => {
            let chase = chase.map(|chase| Scalar::Chase { chase: Arc::clone(chase), rank });
            Light { dimmer: chase, color: constant(source.color) }
        }
        Effect::Wave(wave) => {
            let (Level(high), Level(low), shape) = (wave.high, wave.low, wave.shape);
            let place = match wave.direction {
                Direction::Forward | Direction::Bounce => rank,
                Direction::Backward => cue.ranks.saturating_sub(rank + 1),
                Direction::Random => random::place(cue.seed, 0, rank, cue.ranks),
            };
            let shift = wave.spread * f64::from(place) / f64::from(cue.ranks.max(1));
            let bounce = wave.direction == Direction::Bounce;
            let dimmer = Scalar::Wave { high, low, shape, shift, bounce };
            Light { dimmer: Some(dimmer), color: constant(wave.color) }
        }
        Effect::Rainbow(rainbow) => {
            let shift = rainbow.spread * f64::from(rank) / f64::from(cue.ranks.max(1));
            let tint = Tint::Rainbow { shift, saturation: rainbow.saturation };
            let dimmer = rainbow.level.map(|Level(level)| Scalar::Constant(level));
            Light { dimmer, color: Some(tint) }
        }
        Effect::Set(_)
        | Effect::Fade(_)
        | Effect::ColorFade(_)
        | Effect::Move(_)
        | Effect::Circle(_) => Light::default(),
    }
}

/// Pan and tilt of a circle around `center`: it starts at the far end of the tilt.
pub(crate) fn circle(circle: &Circle, center: Angles, rank: u32, ranks: u32) -> [Scalar; 2] {
    let radius = circle.radius_deg;
    let last = f64::from(ranks.max(2) - 1);
    let shift = circle.spread * f64::from(rank) / last;
    // Behind the middle, pan turns the beam the other way as the fixture sees it.
    let leans_back = center.tilt_deg >= 0.0;
    let across = if circle.clockwise == leans_back { -radius } else { radius };
    [
        Scalar::Circle { center: center.pan_deg, radius: across, shift, quarter: 0.0 },
        Scalar::Circle { center: center.tilt_deg, radius, shift, quarter: 0.25 },
    ]
}
