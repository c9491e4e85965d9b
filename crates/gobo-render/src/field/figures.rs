//! Fields of figures: rings, arms, waves, garlands and trees.

use std::f64::consts::TAU;

use gobo_show::effect::field::{
    Butterfly, ButterflyStyle, Fan, Garlands, Morph, Outline, Pinwheel, Plasma, Ripple, Shockwave,
    Spot, Tree, Wave2d,
};

use super::layout::Place;
use super::{Moment, Shade, between, relief, smooth};
use crate::color::fraction;
use crate::easing::{ease, shape};
use gobo_show::value::Easing;

/// Where a place is from a spot: how far, and at which part of a turn from the right on, against
/// the clock.
fn polar(moment: &Moment<'_>, spot: Spot, at: Place) -> (f64, f64) {
    let (x, y) = moment.layout().from(spot, at);
    (libm::hypot(x, y), libm::atan2(y, x) / TAU)
}

pub(super) fn butterfly(butterfly: &Butterfly, moment: &Moment<'_>, at: Place) -> Shade {
    let (x, y) = (at.x, at.y);
    let far = libm::hypot(x, y);
    let figure = match butterfly.style {
        // The cosine of twice the angle: four wings, mirrored both ways.
        ButterflyStyle::Wings => {
            let wing = (x * x - y * y) / (far * far).max(1e-9);
            0.5 * wing.abs() * far * 2.0 + far
        }
        ButterflyStyle::Petals => {
            let angle = libm::atan2(y, x);
            far * 2.0 + 0.3 * libm::sin(5.0 * angle)
        }
        ButterflyStyle::Weave => {
            0.25 * (libm::sin(TAU * 1.5 * (x + y)) + libm::sin(TAU * 1.5 * (x - y))) + 0.5
        }
    };
    let chunks = f64::from(butterfly.chunks);
    let is_cut = butterfly.chunks > 1 && fraction(figure * chunks) >= 0.5;
    let color = moment.palette().around(figure - moment.time);
    Shade { level: f64::from(!is_cut), color }
}

pub(super) fn fan(fan: &Fan, moment: &Moment<'_>, at: Place) -> Shade {
    let (far, angle) = polar(moment, fan.center, at);
    let turned = if fan.clockwise { moment.time } else { -moment.time };
    let (start, end) = (fan.start_radius, fan.end_radius.max(fan.start_radius + 1e-6));
    let out = (far - start) / (end - start);
    let blades = f64::from(fan.blades);
    let place = fraction(angle + turned + fan.bend_deg / 360.0 * out) * blades;
    let (within, color) = (fraction(place), moment.palette().nth(place.floor() as i64));
    if !(0.0..=1.0).contains(&out) || within >= fan.width {
        return Shade::dark(color);
    }
    let level = match fan.blend {
        true => smooth(within.min(fan.width - within) / (0.3 * fan.width)),
        false => 1.0,
    };
    Shade { level, color }
}

pub(super) fn pinwheel(wheel: &Pinwheel, moment: &Moment<'_>, at: Place) -> Shade {
    let (far, angle) = polar(moment, wheel.center, at);
    let turned = if wheel.clockwise { moment.time } else { -moment.time };
    let bent = wheel.twist_deg / 360.0 * far * 2.0;
    let place = fraction(angle + turned + bent) * f64::from(wheel.arms);
    let (within, color) = (fraction(place), moment.palette().nth(place.floor() as i64));
    if within >= wheel.thickness {
        return Shade::dark(color);
    }
    Shade { level: relief(wheel.relief, within / wheel.thickness), color }
}

pub(super) fn plasma(plasma: &Plasma, moment: &Moment<'_>, at: Place) -> Shade {
    let fine = plasma.density;
    let (x, y, time) = (at.x * fine, at.y * fine, moment.time);
    // Whole turns a period, so that it ends as it starts.
    let waves = libm::sin(TAU * (x + time))
        + libm::sin(TAU * (0.6 * y - 0.4 * x - time))
        + libm::sin(TAU * (libm::hypot(x - 0.3, y + 0.2) + time));
    Shade { level: 1.0, color: moment.palette().around(waves / 6.0 + time) }
}

pub(super) fn ripple(ripple: &Ripple, moment: &Moment<'_>, at: Place) -> Shade {
    let (x, y) = moment.layout().from(ripple.center, at);
    let far = match ripple.shape {
        Outline::Circle => libm::hypot(x, y),
        Outline::Square => x.abs().max(y.abs()),
        Outline::Diamond => x.abs() + y.abs(),
        // One of five points shows up.
        Outline::Star => {
            let angle = libm::atan2(x, y);
            libm::hypot(x, y) * (1.15 - 0.35 * libm::cos(5.0 * angle))
        }
    };
    let moved = if ripple.inward { -moment.time } else { moment.time };
    let place = far * 2.0 * f64::from(ripple.rings) - moved;
    let (within, color) = (fraction(place), moment.palette().nth(place.floor() as i64));
    if within >= ripple.thickness {
        return Shade::dark(color);
    }
    Shade { level: relief(ripple.relief, within / ripple.thickness), color }
}

pub(super) fn shockwave(wave: &Shockwave, moment: &Moment<'_>, at: Place) -> Shade {
    let (x, y) = moment.layout().from(wave.center, at);
    let radius = between(wave.start_radius, wave.end_radius, moment.run);
    let half = between(wave.start_width, wave.end_width, moment.run) / 2.0;
    let half = half.max(moment.layout().pitch());
    let away = (libm::hypot(x, y) - radius).abs() / half;
    let level = match wave.blend {
        true => (1.0 - away * away).max(0.0),
        false => f64::from(away < 1.0),
    };
    Shade { level, color: moment.palette().along(moment.run) }
}

pub(super) fn morph(morph: &Morph, moment: &Moment<'_>, at: Place) -> Shade {
    let (x, y) = moment.layout().from(morph.from, at);
    let to = Place {
        x: (morph.to.across - 0.5) * moment.layout().width,
        y: (morph.to.up - 0.5) * moment.layout().height,
        ..Place::default()
    };
    let (way_x, way_y) = moment.layout().from(morph.from, to);
    let square = (way_x * way_x + way_y * way_y).max(1e-9);
    let along = (x * way_x + y * way_y) / square;
    let aside = (x * way_y - y * way_x).abs() / square.sqrt();
    let color = moment.palette().along(along);
    let pitch = moment.layout().pitch();
    let half = between(morph.start_width, morph.end_width, along.clamp(0.0, 1.0)) / 2.0;
    let front = between(morph.head, 1.0, moment.run) + pitch;
    let behind = front - along;
    let head = morph.head + 2.0 * pitch;
    let level = match behind {
        behind if behind < 0.0 || aside > half.max(pitch) => 0.0,
        behind if behind <= head => 1.0,
        behind => (1.0 - (behind - head) / morph.tail.max(1e-6)).max(0.0),
    };
    Shade { level, color }
}

pub(super) fn wave(wave: &Wave2d, moment: &Moment<'_>, at: Place) -> Shade {
    let moved = if wave.reverse { -moment.time } else { moment.time };
    let swing = shape(wave.shape, fraction(at.across * wave.waves - moved)) - 0.5;
    let line = 0.5 + swing * wave.height;
    let half = (wave.thickness / 2.0).max(0.6 / f64::from(moment.layout().rows));
    let away = (at.up - line).abs() / half;
    let level = if wave.fill && at.up <= line { 1.0 } else { (1.0 - away * away).max(0.0) };
    Shade { level, color: moment.palette().along(at.up) }
}

/// The part of the time in which a garland falls.
const FALL: f64 = 0.35;

pub(super) fn garlands(garlands: &Garlands, moment: &Moment<'_>, at: Place) -> Shade {
    let count = f64::from(garlands.count);
    let bow = fraction(at.across * f64::from(garlands.swags));
    let up = at.up + garlands.depth * 4.0 * bow * (1.0 - bow);
    let half = (0.4 / count).max(0.6 / f64::from(moment.layout().rows));
    let mut shade = Shade::dark(moment.palette().nth(0));
    for index in 0..garlands.count {
        let place = f64::from(index);
        let end = garlands.depth + (place + 0.5) / count * (1.0 - garlands.depth);
        let start = place / count * (1.0 - FALL);
        let fallen = ((moment.run - start) / FALL).clamp(0.0, 1.0);
        let line = between(1.0 + garlands.depth + half, end, ease(Easing::Out, fallen));
        let away = (up - line).abs() / half;
        let level = (1.0 - away * away).max(0.0);
        if level > shade.level {
            shade = Shade { level, color: moment.palette().nth(index.into()) };
        }
    }
    shade
}

pub(super) fn tree(tree: &Tree, moment: &Moment<'_>, at: Place) -> Shade {
    let palette = moment.palette();
    let rows = f64::from(tree.branches);
    let row = (at.up * rows).floor().min(rows - 1.0);
    let within = at.up * rows - row;
    // Each row is wide below and narrow above, and the rows get narrower to the top.
    let half = (0.5 - 0.36 * row / rows) * (1.0 - 0.65 * within);
    let aside = at.across - 0.5;
    let edge = 0.5 / f64::from(moment.layout().columns);
    if aside.abs() > half.max(edge) {
        return Shade::dark(palette.nth(0));
    }
    let lights = f64::from(tree.lights);
    let place = (aside / half + 1.0) / 2.0 * lights + moment.time + 0.5 * row;
    let hangs = within < (1.0_f64 / 3.0).max(rows / f64::from(moment.layout().rows));
    let is_light = hangs && palette.len() > 1 && (fraction(place) - 0.5).abs() < 0.25;
    if !is_light {
        return Shade::of(palette.nth(0));
    }
    let others = palette.len() as i64 - 1;
    let index = (place.floor() as i64 - moment.time.floor() as i64 + row as i64).rem_euclid(others);
    Shade { level: 1.0, color: palette.nth(1 + index) }
}
