//! How the pictures of the reference are laid out. Knows nothing of shows.

use gobo_canvas::picture::{Area, Image, Rgb, Type};

const WIDTH: u32 = 480;
const HEIGHT: u32 = 160;
const MARGIN: u32 = 8;
/// The width between the margins.
pub(super) const INNER_WIDTH: u32 = WIDTH - 2 * MARGIN;
/// Where the picture proper starts, and how high it is.
const TOP: u32 = 28;
const INNER_HEIGHT: u32 = 104;

const GROUND: Rgb = [20, 22, 27];
const PANEL: Rgb = [33, 36, 43];
const GRID: Rgb = [58, 62, 72];
const INK: Rgb = [226, 229, 235];
const FAINT: Rgb = [150, 156, 168];
/// The first and the second channel of a plot: pan and tilt.
const FIRST: Rgb = [255, 158, 66];
const SECOND: Rgb = [86, 182, 255];

/// A channel over time, as parts of its range.
pub(super) struct Line {
    pub(super) channel: String,
    pub(super) values: Vec<f64>,
}

fn sheet(title: &str) -> Image {
    let mut image = Image::new(WIDTH, HEIGHT, GROUND);
    image.text(MARGIN, 6, title, Type::SmallBold, INK);
    image
}

fn right(image: &mut Image, x: u32, y: u32, text: &str, color: Rgb) {
    image.text(x.saturating_sub(Type::Small.width(text)), y, text, Type::Small, color);
}

/// Levels as eyes see them on a screen: dark ones would be lost.
fn seen(level: u8) -> u8 {
    let part = f64::from(level) / 255.0;
    (part.sqrt() * 0.45 * 255.0 + part * 0.55 * 255.0).round() as u8
}

/// Fixtures from top to bottom, time to the right; `columns` are the colours at each time.
pub(super) fn heat(title: &str, columns: &[Vec<[u8; 3]>], seconds: f64) -> Image {
    let mut image = sheet(title);
    let fixtures = columns.first().map_or(0, Vec::len).max(1) as u32;
    let height = INNER_HEIGHT / fixtures;
    for (column, x) in columns.iter().zip(MARGIN..) {
        for (color, index) in column.iter().zip(0..) {
            let y = TOP + index * height;
            image.strip(x, y, height.saturating_sub(1).max(1), &[color.map(seen)]);
        }
    }
    axis(&mut image, seconds);
    image
}

/// The seconds under a picture whose time runs to the right.
fn axis(image: &mut Image, seconds: f64) {
    let y = TOP + INNER_HEIGHT + 6;
    image.text(MARGIN, y, "0 s", Type::Small, FAINT);
    right(image, WIDTH - MARGIN, y, &format!("{seconds:.2} s"), FAINT);
    let middle = MARGIN + INNER_WIDTH / 2;
    image.text(middle - Type::Small.width("time") / 2, y, "time", Type::Small, FAINT);
}

/// The channels of one or more fixtures over time, around the middle of their ranges or from 0.
pub(super) fn lines(title: &str, lines: &[Line], is_around_middle: bool) -> Image {
    let mut image = sheet(title);
    let area = Area { x: MARGIN, y: TOP, width: INNER_WIDTH, height: INNER_HEIGHT };
    image.rounded(area, 4, PANEL, 255);
    image.fill(Area { y: TOP + INNER_HEIGHT / 2, height: 1, ..area }, GRID, 255);
    let first = lines.first().map_or("", |line| &line.channel);
    let mut edge = WIDTH - MARGIN;
    if let Some(second) = lines.iter().find(|line| line.channel != first) {
        let word = second.channel.to_lowercase();
        right(&mut image, edge, 6, &word, SECOND);
        edge -= Type::Small.width(&format!("{word} "));
    }
    right(&mut image, edge, 6, &first.to_lowercase(), FIRST);
    let far = lines.iter().flat_map(|line| &line.values);
    let far = match is_around_middle {
        true => far.map(|value| (value - 0.5).abs()).fold(0.05, f64::max) * 1.1,
        false => 0.55,
    };
    for line in lines {
        let color = if line.channel == first { FIRST } else { SECOND };
        let place = |value: f64| {
            let up = ((value - 0.5) / far + 1.0) / 2.0;
            TOP + ((1.0 - up.clamp(0.0, 1.0)) * f64::from(INNER_HEIGHT - 3)) as u32
        };
        let mut before = line.values.first().map_or(TOP, |value| place(*value));
        for (value, x) in line.values.iter().zip(MARGIN..) {
            let y = place(*value);
            let (top, bottom) = (y.min(before), y.max(before));
            image.fill(Area { x, y: top, width: 1, height: bottom - top + 2 }, color, 220);
            before = y;
        }
    }
    image.text(MARGIN, TOP + INNER_HEIGHT + 6, "time", Type::Small, FAINT);
    image
}

/// Pictures of a matrix side by side, each with a word below; its first row is the lowest.
pub(super) fn stills(
    title: &str,
    (columns, rows): (u32, u32),
    stills: impl IntoIterator<Item = (String, Vec<[u8; 3]>)>,
) -> Image {
    let mut image = sheet(title);
    let stills: Vec<_> = stills.into_iter().collect();
    let gap = 6;
    let room = (INNER_WIDTH + gap) / stills.len().max(1) as u32 - gap;
    let side = (room / columns).min(INNER_HEIGHT / rows).max(1);
    let (width, height) = (side * columns, side * rows);
    let apart =
        if stills.len() > 1 { (INNER_WIDTH - width) / (stills.len() as u32 - 1) } else { 0 };
    for ((word, colors), index) in stills.iter().zip(0..) {
        let left = MARGIN + index * apart;
        image.fill(Area { x: left, y: TOP, width, height }, [8, 8, 10], 255);
        for (color, at) in colors.iter().zip(0..) {
            let (column, row) = (at % columns, at / columns);
            let (x, y) = (left + column * side, TOP + (rows - 1 - row) * side);
            let lamp = Area { x, y, width: side.max(2) - 1, height: side.max(2) - 1 };
            image.fill(lamp, color.map(seen), 255);
        }
        let below = left + width / 2 - (Type::Small.width(word) / 2).min(width / 2);
        image.text(below, TOP + INNER_HEIGHT + 6, word, Type::Small, FAINT);
    }
    image
}
