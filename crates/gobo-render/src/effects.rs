//! The effects that shine, and the circle, as curves.

use std::sync::Arc;

use gobo_show::effect::{Circle, Effect, Flash};
use gobo_show::grid::Grid;
use gobo_show::show::Cue;
use gobo_show::value::{Color, Direction, Level, Span};

use crate::aim::Angles;
use crate::chase::Chase;
use crate::curve::{Order, Ramp, Scalar, Spread, Tint};
use crate::field;

/// All places at once.
const TOGETHER: Spread = Spread { step: 0.0, order: None };

/// How often an effect repeats, if it does.
pub(crate) fn every(effect: &Effect) -> Option<Span> {
    match effect {
        Effect::Strobe(strobe) => Some(strobe.every),
        Effect::Pulse(pulse) => Some(pulse.every),
        Effect::Chase(chase) => Some(chase.every),
        Effect::Rainbow(rainbow) => Some(rainbow.every),
        Effect::Wave(wave) => Some(wave.every),
        Effect::Circle(circle) => Some(circle.every),
        Effect::Field(source) => field::every(source),
        Effect::Set(_)
        | Effect::Release(_)
        | Effect::Fade(_)
        | Effect::Flash(_)
        | Effect::ColorFade(_)
        | Effect::Move(_)
        | Effect::Graph(_) => None,
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

/// The curves of an effect that shines.
pub(crate) fn light(effect: &Effect, chase: Option<&Arc<Chase>>, cue: &Cue, grid: &Grid) -> Light {
    let constant = |color: Option<Color>| color.map(Tint::Constant);
    match effect {
        Effect::Flash(flash) => {
            Light { dimmer: Some(decay(flash, cue, grid)), color: constant(flash.color) }
        }
        Effect::Strobe(strobe) => {
            let (Level(high), Level(low), duty) = (strobe.high, strobe.low, strobe.duty);
            let dimmer = Scalar::Strobe { high, low, duty };
            Light { dimmer: Some(dimmer), color: constant(strobe.color) }
        }
        Effect::Pulse(pulse) => {
            let (Level(high), Level(low), shape) = (pulse.high, pulse.low, pulse.shape);
            let dimmer = Scalar::Wave { high, low, shape, spread: TOGETHER, bounce: false };
            Light { dimmer: Some(dimmer), color: constant(pulse.color) }
        }
        Effect::Chase(source) => {
            let chase = chase.map(|chase| Scalar::Chase(Arc::clone(chase)));
            Light { dimmer: chase, color: constant(source.color) }
        }
        Effect::Wave(wave) => {
            let (Level(high), Level(low), shape) = (wave.high, wave.low, wave.shape);
            let order = match wave.direction {
                Direction::Forward | Direction::Bounce => None,
                Direction::Backward => Some(Order::Reversed(cue.ranks)),
                Direction::Random => Some(Order::Drawn(cue.ranks, cue.seed)),
                Direction::Outward => Some(Order::Outward(cue.ranks)),
                Direction::Inward => Some(Order::Inward(cue.ranks)),
            };
            let spread = Spread { step: wave.spread / f64::from(cue.ranks.max(1)), order };
            let bounce = wave.direction == Direction::Bounce;
            let dimmer = Scalar::Wave { high, low, shape, spread, bounce };
            Light { dimmer: Some(dimmer), color: constant(wave.color) }
        }
        Effect::Rainbow(rainbow) => {
            let step = rainbow.spread / f64::from(cue.ranks.max(1));
            let spread = Spread { step, order: None };
            let tint = Tint::Rainbow { spread, saturation: rainbow.saturation };
            let dimmer = rainbow.level.map(|Level(level)| Scalar::Constant(level));
            Light { dimmer, color: Some(tint) }
        }
        Effect::Set(_)
        | Effect::Release(_)
        | Effect::Fade(_)
        | Effect::ColorFade(_)
        | Effect::Move(_)
        | Effect::Circle(_)
        | Effect::Field(_)
        | Effect::Graph(_) => Light::default(),
    }
}

/// The brightness of a flash.
fn decay(flash: &Flash, cue: &Cue, grid: &Grid) -> Scalar {
    let (from, easing) = (flash.level.0, flash.easing);
    if flash.hold.amount() == 0.0 && flash.decay.is_none() {
        return Scalar::Ramp(Ramp { from, to: 0.0, easing });
    }
    let length = (cue.end - cue.start).max(f64::EPSILON);
    let held = grid.after(cue.start, flash.hold);
    let down = flash.decay.map_or(cue.end, |decay| grid.after(held, decay));
    let part = |seconds: f64| (seconds - cue.start) / length;
    Scalar::Decay { from, hold: part(held), end: part(down), easing }
}

/// Pan and tilt of a circle around `center`: it starts at the far end of the tilt.
pub(crate) fn circle(circle: &Circle, center: Angles, ranks: u32) -> [Scalar; 2] {
    let radius = circle.radius_deg;
    let spread = Spread { step: circle.spread / f64::from(ranks.max(2) - 1), order: None };
    // Behind the middle, pan turns the beam the other way as the fixture sees it.
    let leans_back = center.tilt_deg >= 0.0;
    let across = if circle.clockwise == leans_back { -radius } else { radius };
    [
        Scalar::Circle { center: center.pan_deg, radius: across, spread, quarter: 0.0 },
        Scalar::Circle { center: center.tilt_deg, radius, spread, quarter: 0.25 },
    ]
}
