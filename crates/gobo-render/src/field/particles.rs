//! Fields that the seed draws over all places: flames, snow, meteors, single lights.

use std::f64::consts::PI;

use gobo_show::effect::field::{
    Fire, FireEdge, Meteors, Snowflakes, Sparkle, SparkleStrobe, Twinkle, Way,
};

use super::layout::Place;
use super::{Moment, Shade, smooth, unit};
use crate::color::fraction;
use crate::value::Value;

/// A number from 0 to 1 for every point, smooth from point to point.
fn noise(moment: &Moment<'_>, x: f64, y: f64, layer: u64) -> f64 {
    let (left, below) = (x.floor(), y.floor());
    let (right, above) = (smooth(x - left), smooth(y - below));
    let corner = |dx: i64, dy: i64| {
        let column = (left as i64 + dx) as u64;
        moment.chance(column << 8 | layer, (below as i64 + dy) as u64)
    };
    let low = corner(0, 0) * (1.0 - right) + corner(1, 0) * right;
    let high = corner(0, 1) * (1.0 - right) + corner(1, 1) * right;
    low * (1.0 - above) + high * above
}

pub(super) fn fire(fire: &Fire, moment: &Moment<'_>, at: Place) -> Shade {
    let (across, up) = moment.layout().parts(at);
    let (along, away) = match fire.edge {
        FireEdge::Bottom => (across, up),
        FireEdge::Top => (across, 1.0 - up),
        FireEdge::Left => (up, across),
        FireEdge::Right => (up, 1.0 - across),
    };
    let flames = f64::from(fire.flames);
    let climbed = moment.time * 3.0;
    let broad = noise(moment, along * flames, away * 2.5 - climbed, 0);
    let fine = noise(moment, along * flames * 2.3, away * 6.0 - climbed * 1.7, 1);
    let height = fire.height.max(1e-3);
    let heat = 1.25 - away / height + (broad - 0.5) * 1.3 + (fine - 0.5) * 0.6;
    let heat = (heat / 1.6).clamp(0.0, 1.0);
    Shade { level: smooth(heat * 2.2), color: moment.palette().along(heat) }
}

/// The most lanes of meteors.
const LANES: u32 = 64;
/// Lanes around the middle.
const RAYS: u32 = 24;

pub(super) fn meteors(meteors: &Meteors, moment: &Moment<'_>, at: Place) -> Shade {
    let layout = moment.layout();
    let (across, up) = layout.parts(at);
    let turn = || libm::atan2(at.y, at.x) / (2.0 * PI) + 0.5;
    let (aside, lanes) = match meteors.way {
        Way::Down | Way::Up if layout.rows == 1 => (0.5, 1),
        Way::Left | Way::Right if layout.columns == 1 => (0.5, 1),
        Way::Down | Way::Up => (across, layout.columns.min(LANES)),
        Way::Left | Way::Right => (up, layout.rows.min(LANES)),
        Way::Expand | Way::Compress => (turn(), RAYS),
    };
    let along = layout.along(meteors.way, at);
    let lane = fraction(aside - meteors.wind * along) * f64::from(lanes);
    let lane = lane.floor() as u64;
    let each = f64::from(meteors.count) / f64::from(lanes);
    let tries = each.ceil().max(1.0);
    let pitch = 0.5 / f64::from(layout.rows.max(layout.columns));
    let length = meteors.length.max(pitch);
    let mut shade = Shade::dark(moment.palette().nth(0));
    for one in 0..tries as u64 {
        let key = lane << 16 | one;
        let time = moment.time + moment.chance(key, 0);
        let round = 1 + time.floor() as u64;
        let bits = moment.draw(key, round);
        if unit(bits) * tries >= each {
            continue;
        }
        let behind = fraction(time) * (1.0 + length) - along + pitch;
        let left = 1.0 - behind / length;
        if (0.0..=1.0).contains(&left) && left * left > shade.level {
            shade = Shade { level: left * left, color: moment.palette().drawn(bits) };
        }
    }
    shade
}

/// How fast and how large the flakes of the three distances are.
const DISTANCES: [f64; 3] = [1.0, 0.7, 0.45];

pub(super) fn snowflakes(snow: &Snowflakes, moment: &Moment<'_>, at: Place) -> Shade {
    let layout = moment.layout();
    let (across, up) = (at.across, layout.parts(at).1);
    let each = f64::from(snow.count) / DISTANCES.len() as f64;
    let cells = each.sqrt().ceil().max(1.0);
    let chance = each / (cells * cells);
    let (wide, high) = (layout.width.max(0.05), layout.height.max(0.05));
    let mut shade = Shade::dark(moment.palette().nth(0));
    for (layer, near) in (0_u64..).zip(DISTANCES) {
        let moved = moment.time * near;
        let x = (across - snow.wind * moved) * cells + 0.37 * layer as f64;
        let y = (up + moved) * cells;
        let (column, row) = (x.floor(), y.floor());
        let bits = moment.draw((column as i64 as u64) << 2 | layer, row as i64 as u64);
        if unit(bits) >= chance {
            continue;
        }
        let jitter = |bits: u64| 0.3 + 0.4 * unit(bits);
        let (dx, dy) = (x - column - jitter(bits << 20), y - row - jitter(bits << 40));
        let away = libm::hypot(dx / cells * wide, dy / cells * high);
        let radius = (snow.size * near / 2.0).max(1.5 * layout.pitch());
        let level = (1.0 - (away / radius) * (away / radius)).max(0.0) * (0.4 + 0.6 * near);
        if level > shade.level {
            shade = Shade { level, color: moment.palette().drawn(bits >> 8) };
        }
    }
    shade
}

pub(super) fn sparkle_strobe(strobe: &SparkleStrobe, moment: &Moment<'_>, at: Place) -> Shade {
    let bits = moment.draw(at.rank.into(), moment.round);
    let is_lit = unit(bits) < strobe.share && moment.run < strobe.duty;
    Shade { level: f64::from(is_lit), color: moment.palette().drawn(bits) }
}

/// The lit part of a strobing twinkle.
const BLINK: f64 = 0.15;

pub(super) fn twinkle(twinkle: &Twinkle, moment: &Moment<'_>, at: Place) -> Shade {
    let time = moment.time + moment.chance(at.rank.into(), 0);
    let bits = moment.draw(at.rank.into(), 1 + time.floor() as u64);
    let color = moment.palette().drawn(bits);
    if unit(bits) >= twinkle.share {
        return Shade::dark(color);
    }
    let along = fraction(time);
    let level = match twinkle.strobe {
        true => f64::from(along < BLINK),
        false => {
            let swell = libm::sin(PI * along);
            swell * swell
        }
    };
    Shade { level, color }
}

pub(super) fn sparkle(sparkle: &Sparkle, moment: &Moment<'_>, at: Place) -> Shade {
    let palette = moment.palette();
    let flashes = moment.chance(at.rank.into(), moment.round) < sparkle.share;
    let flash = if flashes { 1.0 - moment.run } else { 0.0 };
    Shade::of(palette.nth(0).mix(palette.last(), flash))
}
