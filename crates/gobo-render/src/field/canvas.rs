//! Pictures at the size in which they are seen.

use gobo_show::effect::field::{Animation, Picture, Scale, Way};
use gobo_show::value::Color;

use super::layout::{Layout, Place};
use super::{Moment, Shade};
use crate::fingerprint::Fingerprint;

/// The frames of a picture, each point with its opacity, at most as fine as the box is.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Canvas {
    pub(super) columns: usize,
    pub(super) rows: usize,
    /// When each frame gives way to the next, as a part of the whole.
    pub(super) until: Vec<f64>,
    /// Frame by frame, row by row from the top.
    pub(super) points: Vec<Point>,
    /// The part of the box that the whole covers.
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A point of a picture.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Point {
    pub(super) color: Color,
    pub(super) opacity: f64,
}

/// The sides of a box; one that is a line is taken to be as high as one of its places.
pub(super) fn sides(layout: &Layout) -> (f64, f64) {
    let side = |side: f64, others: u32| if side > 0.0 { side } else { 1.0 / f64::from(others) };
    (side(layout.width, layout.rows), side(layout.height, layout.columns))
}

impl Canvas {
    pub(super) fn of(picture: &Picture, layout: &Layout) -> Self {
        let Some(animation) = picture.file.animation.as_deref() else { return Self::empty() };
        let (wide, high) = sides(layout);
        let shape = f64::from(animation.width) / f64::from(animation.height) * high / wide;
        let (width, height) = match picture.scale {
            Scale::Stretch => (1.0, 1.0),
            Scale::Fit => (shape.min(1.0), (1.0 / shape).min(1.0)),
            Scale::Fill => (shape.max(1.0), (1.0 / shape).max(1.0)),
        };
        let fine = |places: u32, part: f64, pixels: u32| {
            ((f64::from(places) * part).round() as usize).clamp(1, pixels as usize)
        };
        let columns = fine(layout.columns, width, animation.width);
        let rows = fine(layout.rows, height, animation.height);
        let stills = 0..animation.stills.len();
        let points = stills.flat_map(|still| reduced(animation, still, columns, rows)).collect();
        let whole = animation.seconds();
        let until = animation.stills.iter().map(|still| still.until / whole).collect();
        Self { columns, rows, until, points, width, height }
    }

    fn empty() -> Self {
        let points = vec![Point::default()];
        Self { columns: 1, rows: 1, until: vec![1.0], points, width: 1.0, height: 1.0 }
    }

    /// The point of a frame at a part of the picture from the left and from the bottom.
    pub(super) fn point(&self, frame: usize, across: f64, up: f64) -> Option<Point> {
        if !(0.0..1.0).contains(&across) || !(0.0..1.0).contains(&up) {
            return None;
        }
        let column = ((across * self.columns as f64) as usize).min(self.columns - 1);
        let row = (((1.0 - up) * self.rows as f64) as usize).min(self.rows - 1);
        self.points.get((frame * self.rows + row) * self.columns + column).copied()
    }

    /// What a picture shows at a place.
    pub(super) fn read(&self, picture: &Picture, moment: &Moment<'_>, at: Place) -> Shade {
        let run = moment.run;
        let frame = self.until.partition_point(|until| *until <= run).min(self.until.len() - 1);
        let (mut across, mut up) = (at.across - 0.5, at.up - 0.5);
        let mut size = 1.0;
        match picture.way {
            None => {}
            Some(Way::Left) => across += (run - 0.5) * (1.0 + self.width),
            Some(Way::Right) => across -= (run - 0.5) * (1.0 + self.width),
            Some(Way::Up) => up -= (run - 0.5) * (1.0 + self.height),
            Some(Way::Down) => up += (run - 0.5) * (1.0 + self.height),
            Some(Way::Expand) => size = run,
            Some(Way::Compress) => size = 1.0 - run,
        }
        let size = f64::max(size, 1e-6);
        let part = |from_middle: f64, side: f64| from_middle / (side * size) + 0.5;
        let palette = moment.palette();
        let point = self.point(frame, part(across, self.width), part(up, self.height));
        let Some(point) = point else { return Shade::dark(palette.nth(0)) };
        let shade = Shade::of(point.color);
        let level = shade.level * point.opacity;
        let color = if picture.tint { palette.along(shade.level) } else { shade.color };
        Shade { level, color }
    }

    pub(super) fn fingerprint(&self, to: &mut Fingerprint) {
        to.integer((self.columns as u64) << 32 | self.rows as u64);
        to.numbers(&[self.width, self.height]);
        to.numbers(&self.until);
        for Point { color, opacity } in &self.points {
            to.numbers(&[color.red, color.green, color.blue, *opacity]);
        }
    }
}

/// A frame with fewer points: each the mean of the pixels that it covers.
fn reduced(animation: &Animation, still: usize, columns: usize, rows: usize) -> Vec<Point> {
    let (width, height) = (animation.width as usize, animation.height as usize);
    let pixels = &animation.stills[still].pixels;
    let covered = |index: usize, of: usize, pixels: usize| {
        let first = index * pixels / of;
        first..((index + 1) * pixels).div_ceil(of).clamp(first + 1, pixels)
    };
    let mut points = Vec::with_capacity(columns * rows);
    for row in 0..rows {
        for column in 0..columns {
            let (mut sum, mut opaque, mut count) = (Color::default(), 0.0, 0.0);
            for y in covered(row, rows, height) {
                for x in covered(column, columns, width) {
                    let Some(&[red, green, blue, alpha]) = pixels.get(y * width + x) else {
                        continue;
                    };
                    let alpha = f64::from(alpha) / 255.0;
                    sum.red += f64::from(red) / 255.0 * alpha;
                    sum.green += f64::from(green) / 255.0 * alpha;
                    sum.blue += f64::from(blue) / 255.0 * alpha;
                    opaque += alpha;
                    count += 1.0;
                }
            }
            let part = |sum: f64| if opaque > 0.0 { (sum / opaque).min(1.0) } else { 0.0 };
            let color = Color { red: part(sum.red), green: part(sum.green), blue: part(sum.blue) };
            points.push(Point { color, opacity: opaque / f64::max(count, 1.0) });
        }
    }
    points
}
