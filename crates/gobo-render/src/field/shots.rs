//! Fields of single events: fireworks, strikes, spots that fall.

use std::f64::consts::TAU;

use gobo_show::effect::field::{Bursts, Fireworks, Lightning, Puddles};

use super::layout::Place;
use super::{Moment, Shade, between, unit};
use crate::color::fraction;
use crate::easing::ease;
use gobo_show::value::Easing;

/// One of some events that take turns: how old it is (0 to 1), and what the seed draws for it.
fn event(moment: &Moment<'_>, index: u32, count: u32) -> (f64, u64) {
    let time = moment.time + f64::from(index) / f64::from(count);
    (fraction(time), moment.draw(index.into(), time.floor() as u64))
}

pub(super) fn fireworks(works: &Fireworks, moment: &Moment<'_>, at: Place) -> Shade {
    let layout = moment.layout();
    let mut shade = Shade::dark(moment.palette().nth(0));
    let size = layout.pitch().max(0.02);
    for index in 0..works.bursts {
        let (age, bits) = event(moment, index, works.bursts);
        let x = (unit(bits << 12) - 0.5) * 0.8 * layout.width;
        let y = (unit(bits << 24) - 0.3) * 0.7 * layout.height;
        let (dx, dy) = (at.x - x, at.y - y + works.gravity * age * age);
        let out = works.radius * ease(Easing::Out, age);
        let far = libm::hypot(dx, dy);
        if far > out + 2.0 * size {
            continue;
        }
        // The spark whose direction is the nearest, on its own part of the way.
        let sparks = f64::from(works.sparks);
        let ray = (libm::atan2(dy, dx) / TAU * sparks).round();
        let which = (ray as i64).rem_euclid(i64::from(works.sparks)) as u64;
        let angle = ray / sparks * TAU;
        let reach = out * (0.55 + 0.45 * unit(crate::random::hash(bits, which)));
        // A spark draws a short trail behind it.
        let (along, aside) = (libm::cos(angle), libm::sin(angle));
        let out = (dx * along + dy * aside).clamp(0.7 * reach, reach);
        let away = libm::hypot(dx - out * along, dy - out * aside) / size;
        let flash = if age < 0.08 { 1.0 - far / (2.0 * size) } else { 0.0 };
        let level = (1.0 - away * away / 4.0).max(flash).max(0.0) * (1.0 - age * age);
        if level > shade.level {
            shade = Shade { level, color: moment.palette().drawn(bits) };
        }
    }
    shade
}

pub(super) fn bursts(bursts: &Bursts, moment: &Moment<'_>) -> Shade {
    let along = moment.run / bursts.active.max(1e-9);
    let flash = fraction(along * f64::from(bursts.flashes));
    let is_lit = along < 1.0 && flash < bursts.duty;
    Shade { level: f64::from(is_lit), color: moment.palette().nth(moment.round as i64) }
}

/// How fast a strike dies: e-folds in a period.
const DYING: f64 = 22.0;

pub(super) fn lightning(lightning: &Lightning, moment: &Moment<'_>, at: Place) -> Shade {
    let (round, palette) = (moment.round, moment.palette());
    let middle = moment.chance(round, 1);
    let (along, _) = moment.layout().parts(at);
    let aside = fraction(along - middle + 0.5) - 0.5;
    let strikes = moment.chance(round, 0) < lightning.chance;
    if !strikes || aside.abs() > lightning.spread / 2.0 {
        return Shade::dark(palette.nth(0));
    }
    let since = moment.run - 0.4 * moment.chance(round, 2);
    let light = |since: f64, strength: f64| match since >= 0.0 {
        true => strength * libm::exp(-DYING * since),
        false => 0.0,
    };
    let mut shade = Shade { level: light(since, 1.0), color: palette.nth(0) };
    for flicker in 0..u64::from(lightning.flickers) {
        let later = 0.04 + 0.3 * moment.chance(round, 3 + 2 * flicker);
        let strength = between(0.4, 0.9, moment.chance(round, 4 + 2 * flicker));
        let level = light(since - later, strength);
        if level > shade.level {
            shade = Shade { level, color: palette.nth(1 + flicker as i64) };
        }
    }
    shade
}

pub(super) fn puddles(puddles: &Puddles, moment: &Moment<'_>, at: Place) -> Shade {
    let layout = moment.layout();
    let mut shade = Shade::dark(moment.palette().nth(0));
    for index in 0..puddles.count {
        let (age, bits) = event(moment, index, puddles.count);
        let x = (unit(bits << 12) - 0.5) * layout.width;
        let y = (unit(bits << 24) - 0.5) * layout.height;
        let radius = (puddles.radius * ease(Easing::Out, age)).max(1.5 * layout.pitch());
        let away = libm::hypot(at.x - x, at.y - y) / radius;
        let level = (1.0 - away * away).max(0.0) * (1.0 - age);
        if level > shade.level {
            shade = Shade { level, color: moment.palette().drawn(bits) };
        }
    }
    shade
}
