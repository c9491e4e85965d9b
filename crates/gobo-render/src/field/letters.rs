//! Text as a picture: Noto Sans Mono's bitmaps at the height in which they are seen.

use gobo_show::effect::field::{Running, TextField};
use gobo_show::value::Color;
use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};

use super::canvas::{Canvas, Point, sides};
use super::layout::{Layout, Place};
use super::{Moment, Shade};

/// The rows of a raster that letters use, from the top of a capital to the bottom of a `g`.
const USED: std::ops::Range<usize> = 5..23;
const HEIGHT: RasterHeight = RasterHeight::Size24;
/// The columns of a raster that letters leave free, left and right.
const MARGIN: usize = 1;

/// The text as a canvas of one frame whose points are all of one colour.
pub(super) fn draw(text: &TextField, layout: &Layout) -> Canvas {
    let weight = FontWeight::Bold;
    let wide = get_raster_width(weight, HEIGHT) - MARGIN;
    let letters: Vec<char> = text.text.chars().collect();
    let (width, height) = (wide * letters.len(), USED.len());
    let mut ink = vec![0.0; width * height];
    for (index, letter) in letters.iter().enumerate() {
        let raster = get_raster(*letter, weight, HEIGHT).or(get_raster('?', weight, HEIGHT));
        let Some(raster) = raster else { continue };
        for (row, line) in raster.rows().skip(USED.start).take(height).enumerate() {
            for (column, &alpha) in line.iter().skip(MARGIN).take(wide).enumerate() {
                ink[row * width + index * wide + column] = f64::from(alpha) / 255.0;
            }
        }
    }
    let rows = ((f64::from(layout.rows) * text.height).round() as usize).clamp(5, height);
    let columns = (width * rows / height).max(1);
    let points = reduced(&ink, (width, height), columns, rows);
    let (box_width, box_height) = sides(layout);
    let across = text.height * box_height / box_width * width as f64 / height as f64;
    Canvas { columns, rows, until: vec![1.0], points, width: across, height: text.height }
}

/// Fewer points: each as much as the ink that it covers.
fn reduced(
    ink: &[f64],
    (width, height): (usize, usize),
    columns: usize,
    rows: usize,
) -> Vec<Point> {
    let white = Color { red: 1.0, green: 1.0, blue: 1.0 };
    // The mean over a stretch whose ends may lie within a pixel.
    let share = |from: f64, to: f64, pixel: usize| {
        ((pixel as f64 + 1.0).min(to) - (pixel as f64).max(from)).max(0.0) / (to - from)
    };
    let stretch = |index: usize, of: usize, pixels: usize| {
        let step = pixels as f64 / of as f64;
        (index as f64 * step, (index + 1) as f64 * step)
    };
    let mut points = Vec::with_capacity(columns * rows);
    for row in 0..rows {
        let (top, bottom) = stretch(row, rows, height);
        for column in 0..columns {
            let (left, right) = stretch(column, columns, width);
            let mut covered = 0.0;
            for y in top as usize..(bottom.ceil() as usize).min(height) {
                for x in left as usize..(right.ceil() as usize).min(width) {
                    covered += ink[y * width + x] * share(top, bottom, y) * share(left, right, x);
                }
            }
            // A little more contrast: few places show thin strokes.
            points.push(Point { color: white, opacity: (covered * 1.4).min(1.0) });
        }
    }
    points
}

/// What the text shows at a place.
pub(super) fn read(text: &TextField, canvas: &Canvas, moment: &Moment<'_>, at: Place) -> Shade {
    let run = moment.run;
    let (width, height) = (canvas.width, canvas.height);
    let (left, bottom) = ((1.0 - width) / 2.0, (1.0 - height) / 2.0);
    let (left, bottom) = match text.way {
        Running::Left => (1.0 - run * (1.0 + width), bottom),
        Running::Right => (run * (1.0 + width) - width, bottom),
        Running::Up => (left, run * (1.0 + height) - height),
        Running::Down => (left, 1.0 - run * (1.0 + height)),
        Running::Still => (left, bottom),
    };
    let across = (at.across - left) / width.max(1e-9);
    let point = canvas.point(0, across, (at.up - bottom) / height.max(1e-9));
    let color = moment.palette().along(across);
    point.map_or(Shade::dark(color), |point| Shade { level: point.opacity, color })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_letter_is_cut() {
        let ink = |letter| {
            get_raster(letter, FontWeight::Bold, HEIGHT).map(|raster| {
                let rows = raster.rows().enumerate();
                let inked = rows.filter(|(_, row)| row.iter().any(|ink| *ink > 60));
                inked.map(|(row, _)| row).collect::<Vec<_>>()
            })
        };
        for letter in ' '..='~' {
            let rows = ink(letter).expect("a letter of ASCII");
            assert!(rows.iter().all(|row| USED.contains(row)), "{letter}: {rows:?}");
        }
    }
}
