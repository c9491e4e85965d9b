//! Fields of stripes and bands, and those along a strand.

use gobo_show::effect::field::{
    Bars, ColorWash, Curtain, CurtainEdge, Marquee, Movement, SingleStrand, Spirals,
};
use gobo_show::value::Direction;

use super::layout::{Layout, Place};
use super::{Moment, Shade, relief, smooth};
use crate::color::fraction;
use crate::easing::to_and_fro;

pub(super) fn bars(bars: &Bars, moment: &Moment<'_>, at: Place) -> Shade {
    let palette = moment.palette();
    let along = moment.layout().along(bars.way, at);
    let place = fraction(along * f64::from(bars.repeats) - moment.time);
    let bar = place * palette.len() as f64;
    let color = if bars.blend { palette.around(place) } else { palette.nth(bar.floor() as i64) };
    Shade { level: relief(bars.relief, fraction(bar)), color }
}

/// Trembles of a colour wash in each of its periods.
const TREMBLES: f64 = 64.0;

pub(super) fn color_wash(wash: &ColorWash, moment: &Moment<'_>, at: Place) -> Shade {
    let fade = |part: f64| 1.0 - (2.0 * part - 1.0).abs();
    let mut level = 1.0;
    if wash.fade_across {
        level *= fade(at.across);
    }
    if wash.fade_up {
        level *= fade(at.up);
    }
    if wash.shimmer > 0.0 {
        let tick = (moment.time * TREMBLES).floor() as u64;
        level *= 1.0 - wash.shimmer * moment.chance(tick, u64::from(at.rank));
    }
    Shade { level, color: moment.palette().around(moment.time) }
}

pub(super) fn curtain(curtain: &Curtain, moment: &Moment<'_>, at: Place) -> Shade {
    let run = moment.run;
    let open = match curtain.movement {
        Movement::Open => run,
        Movement::Close => 1.0 - run,
        Movement::OpenThenClose => 1.0 - (2.0 * run - 1.0).abs(),
        Movement::CloseThenOpen => (2.0 * run - 1.0).abs(),
    };
    let (across, up) = moment.layout().parts(at);
    let sideways =
        matches!(curtain.edge, CurtainEdge::Left | CurtainEdge::Right | CurtainEdge::Center);
    let away = match curtain.edge {
        CurtainEdge::Left => across,
        CurtainEdge::Right => 1.0 - across,
        CurtainEdge::Bottom => up,
        CurtainEdge::Top => 1.0 - up,
        CurtainEdge::Center => (2.0 * across - 1.0).abs(),
        CurtainEdge::Middle => (2.0 * up - 1.0).abs(),
    };
    let behind = if sideways { 1.0 - at.up } else { 1.0 - at.across };
    let soft = curtain.soft.max(1e-3);
    let edge = open * (1.0 + soft + curtain.swag) - curtain.swag * behind;
    Shade { level: smooth((edge - away) / soft), color: moment.palette().along(away) }
}

/// The way once around the box at a depth, from the top left corner on, in places.
fn around(layout: &Layout, at: Place) -> (u32, f64) {
    let (columns, rows) = (layout.columns, layout.rows);
    let column = (at.across * f64::from(columns)).floor().clamp(0.0, f64::from(columns - 1)) as u32;
    let row = (at.up * f64::from(rows)).floor().clamp(0.0, f64::from(rows - 1)) as u32;
    if columns == 1 || rows == 1 {
        return (0, f64::from(column + row));
    }
    let depth = column.min(row).min(columns - 1 - column).min(rows - 1 - row);
    let (width, height) = (columns - 1 - 2 * depth, rows - 1 - 2 * depth);
    let (x, y) = (column - depth, row - depth);
    let way = if y == height {
        x
    } else if x == width {
        width + height - y
    } else if y == 0 {
        width + height + width - x
    } else {
        2 * width + height + y
    };
    (depth, f64::from(way))
}

pub(super) fn marquee(marquee: &Marquee, moment: &Moment<'_>, at: Place) -> Shade {
    let palette = moment.palette();
    let (depth, way) = around(moment.layout(), at);
    if depth >= marquee.depth() {
        return Shade::dark(palette.nth(0));
    }
    let band = f64::from(marquee.band);
    let total = band + f64::from(marquee.gap);
    let moved = moment.time * total;
    let moved = if marquee.steps { (moved / band).floor() * band } else { moved };
    let place = if marquee.reverse { way + moved } else { way - moved };
    let (index, within) =
        ((place / total).floor(), (place / total - (place / total).floor()) * total);
    // A place that the edge of a band runs through is lit in part.
    let (entering, leaving) = (within - (total - 1.0), (band - within).min(1.0));
    let level = entering.max(leaving).clamp(0.0, 1.0);
    let next = i64::from(entering > 0.0 && entering >= leaving);
    Shade { level, color: palette.nth(index as i64 + next) }
}

pub(super) fn single_strand(strand: &SingleStrand, moment: &Moment<'_>, at: Place) -> Shade {
    let count = f64::from(strand.count);
    let (along, _) = moment.layout().parts(at);
    let along = match strand.direction {
        Direction::Backward => 1.0 - along,
        Direction::Outward => (2.0 * along - 1.0).abs(),
        Direction::Inward => 1.0 - (2.0 * along - 1.0).abs(),
        _ => along,
    };
    let length = strand.length.max(1.0 / f64::from(moment.layout().columns.max(1)));
    let shade = |behind: f64, index: i64| {
        let lit = (0.0..length).contains(&behind);
        let level = if lit { relief(strand.relief, 1.0 - behind / length) } else { 0.0 };
        Shade { level, color: moment.palette().nth(index) }
    };
    let apart = |index: u32| match strand.direction {
        Direction::Bounce => {
            let time = moment.time + f64::from(index) / count;
            let head = length + (1.0 - length) * to_and_fro(2.0 * time);
            let forward = fraction(time) < 0.5;
            shade(if forward { head - along } else { along - (head - length) }, index.into())
        }
        _ => {
            let start = moment.chance(moment.round, index.into()) * (1.0 - length);
            let grown = length.min(moment.run * (1.0 + length));
            let behind = start + grown - along;
            let light = shade(behind, index.into());
            Shade { level: light.level * (1.0 - moment.run), ..light }
        }
    };
    match strand.direction {
        Direction::Bounce | Direction::Random => {
            let all = (0..strand.count).map(apart);
            let brighter = |a: Shade, b: Shade| if b.level > a.level { b } else { a };
            all.reduce(brighter).unwrap_or(Shade::dark(moment.palette().nth(0)))
        }
        _ => {
            let place = (along - moment.time) * count;
            let behind = (1.0 - fraction(place)) / count;
            shade(behind, place.floor() as i64)
        }
    }
}

pub(super) fn spirals(spirals: &Spirals, moment: &Moment<'_>, at: Place) -> Shade {
    let moved = if spirals.reverse { -moment.time } else { moment.time };
    let place = (at.across - at.up * spirals.turns) * f64::from(spirals.stripes) - moved;
    let within = fraction(place);
    let color = moment.palette().nth(place.floor() as i64);
    if within >= spirals.thickness {
        return Shade::dark(color);
    }
    Shade { level: relief(spirals.relief, within / spirals.thickness), color }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_around_meets_every_place_of_the_edge_once() {
        let (columns, rows) = (4_u32, 3_u32);
        let layout = Layout::grid(columns, rows);
        let mut ways: Vec<_> =
            (0..columns * rows).map(|rank| around(&layout, layout.place(rank))).collect();
        ways.sort_by_key(|way| (way.0, way.1 as u32));
        let edge: Vec<_> = ways.iter().filter(|way| way.0 == 0).map(|way| way.1 as u32).collect();
        assert_eq!(edge, (0..10).collect::<Vec<_>>());
        assert_eq!(ways.iter().filter(|way| way.0 == 1).count(), 2);
    }
}
