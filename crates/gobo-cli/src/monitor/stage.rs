//! Fixtures as coloured blocks where they hang: rows of the room, seen from the audience.

use gobo_canvas::{Gives, PatchedFixture};
use gobo_dmx::Slots;

use super::sheet::{Rgb, Sheet};

/// What a dark lamp looks like, so that it can be seen to be there.
const DARK: Rgb = [38, 38, 42];
/// The colour of names.
const NAME: Rgb = [130, 130, 140];
/// Pixels that a fixture with one head takes.
const LAMP: (usize, usize) = (4, 2);

/// Where each fixture's block goes on a sheet of a certain size.
pub(crate) struct Stage {
    blocks: Vec<Block>,
    rows: usize,
}

/// A fixture's block.
struct Block {
    /// An index into the patch.
    fixture: usize,
    /// Its left column.
    column: usize,
    /// Its top row of text.
    row: usize,
    sprite: Sprite,
    /// How much of its name fits, in characters; 0 shows none.
    name: usize,
}

/// The pixels of a fixture: which head each one shows.
#[derive(Clone)]
struct Sprite {
    width: usize,
    height: usize,
    /// The pixels of each head, `x` and `y` from the block's corner.
    heads: Vec<Vec<(usize, usize)>>,
}

impl Stage {
    /// Lays the fixtures that give light out on so many columns and, if it can, rows of text.
    pub(crate) fn new(patch: &[PatchedFixture], columns: usize, rows: usize) -> Self {
        let sprites: Vec<Sprite> =
            patch.iter().map(|fixture| Sprite::of(fixture, columns.max(1))).collect();
        // Fixtures that hang at nearly the same height and depth share a row; what "nearly" is
        // grows until all rows fit.
        let mut stage = Self { blocks: Vec::new(), rows: 0 };
        for (near_m, names) in [(0.1, true), (0.5, true), (1.0, true), (1.0, false), (4.0, false)] {
            stage = Self::lay_out(patch, &sprites, columns.max(1), near_m, names);
            if stage.rows <= rows {
                break;
            }
        }
        stage
    }

    /// Rows of text that the stage takes.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    fn lay_out(
        patch: &[PatchedFixture],
        sprites: &[Sprite],
        columns: usize,
        near_m: f64,
        names: bool,
    ) -> Self {
        let (mut blocks, mut row) = (Vec::new(), 0);
        for line in lines(patch, near_m).into_iter().flat_map(|line| split(line, sprites, columns))
        {
            let starts = starts(&line, patch, sprites, columns);
            let height = line.iter().map(|&index| sprites[index].height.div_ceil(2)).max();
            for (place, &fixture) in line.iter().enumerate() {
                let next = starts.get(place + 1).map_or(columns, |&next| next.saturating_sub(1));
                let name = if names { next.saturating_sub(starts[place]) } else { 0 };
                let sprite = sprites[fixture].clone();
                blocks.push(Block { fixture, column: starts[place], row, sprite, name });
            }
            row += height.unwrap_or(0) + if names { 2 } else { 1 };
        }
        Self { blocks, rows: row.saturating_sub(1) }
    }

    /// Draws the fixtures as they are in frames of their universes, from a row of the sheet on.
    pub(crate) fn draw<'a>(
        &self,
        patch: &[PatchedFixture],
        slots: impl Fn(&PatchedFixture) -> Option<&'a Slots>,
        top: usize,
        sheet: &mut Sheet,
    ) {
        for block in &self.blocks {
            let Some(fixture) = patch.get(block.fixture) else { continue };
            let lit = slots(fixture);
            for (head, pixels) in fixture.heads.iter().zip(&block.sprite.heads) {
                let color = lit.map_or(DARK, |slots| visible(head.shown(fixture.slots(slots))));
                for &(x, y) in pixels {
                    sheet.pixel(block.column + x, 2 * (top + block.row) + y, color);
                }
            }
            // Of a name too long for its place the end says more: its number.
            let cut = fixture.id.chars().count().saturating_sub(block.name);
            let name: String = fixture.id.chars().skip(cut).collect();
            let under = top + block.row + block.sprite.height.div_ceil(2);
            sheet.text(under, block.column, &name, Some(NAME));
        }
    }
}

/// Whether a fixture gives light at all; a hazer does not.
fn shines(fixture: &PatchedFixture) -> bool {
    let light = |gives: &Gives| !matches!(gives, Gives::Pan(..) | Gives::Tilt(..));
    let channels = fixture.heads.iter().flat_map(|head| &head.channels);
    channels.flat_map(|channel| &channel.ranges).any(|range| light(&range.gives))
}

/// A lamp's colour, never so dark that the lamp is lost.
fn visible(color: Rgb) -> Rgb {
    let mut seen = color;
    for (seen, dark) in seen.iter_mut().zip(DARK) {
        *seen = (*seen).max(dark);
    }
    seen
}

impl Sprite {
    /// One pixel a head where the heads lie apart, a block where there is one.
    fn of(fixture: &PatchedFixture, columns: usize) -> Self {
        let count = fixture.heads.len();
        if count <= 1 {
            let (width, height) = LAMP;
            let all = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).collect();
            return Self { width, height, heads: vec![all] };
        }
        let at = |axis: usize| -> Vec<i64> {
            fixture
                .head_positions
                .iter()
                .map(|place| (place[axis] * 1000.0).round() as i64)
                .collect()
        };
        let (xs, zs) = (distinct(at(0)), distinct(at(2)));
        let flat = fixture.head_positions.len() != count || xs.len() * zs.len() < count;
        let (wide, high) = if flat { (count, 1) } else { (xs.len(), zs.len()) };
        // Strips longer than the terminal show every second head, or every third.
        let step = wide.div_ceil(columns);
        // A single row of pixels is drawn twice as high, to be seen; so is a single column.
        let (stretch_x, stretch_y) = (if wide == 1 { 2 } else { 1 }, if high == 1 { 2 } else { 1 });
        let mut heads = Vec::with_capacity(count);
        for index in 0..count {
            let (column, row) = match flat {
                true => (index, 0),
                false => (
                    rank(&xs, fixture.head_positions[index][0]),
                    high - 1 - rank(&zs, fixture.head_positions[index][2]),
                ),
            };
            let pixels = (0..stretch_y)
                .flat_map(|dy| (0..stretch_x).map(move |dx| (dx, dy)))
                .map(|(dx, dy)| (column / step * stretch_x + dx, row * stretch_y + dy))
                .collect();
            heads.push(pixels);
        }
        Self { width: wide.div_ceil(step) * stretch_x, height: high * stretch_y, heads }
    }
}

fn distinct(mut values: Vec<i64>) -> Vec<i64> {
    values.sort_unstable();
    values.dedup();
    values
}

fn rank(sorted_mm: &[i64], metres: f64) -> usize {
    sorted_mm.partition_point(|&value| value < (metres * 1000.0).round() as i64)
}

/// Fixtures by row: high ones first, then those further back; left to right in each.
fn lines(patch: &[PatchedFixture], near_m: f64) -> Vec<Vec<usize>> {
    let rounded = |metres: f64| (metres / near_m).round() as i64;
    let key = |&index: &usize| {
        let [_, y, z] = patch[index].position;
        (-rounded(z), -rounded(y))
    };
    let mut order: Vec<usize> = (0..patch.len()).filter(|&index| shines(&patch[index])).collect();
    order.sort_by(|a, b| {
        let left = |index: usize| patch[index].position[0];
        key(a).cmp(&key(b)).then(left(*a).total_cmp(&left(*b)))
    });
    order.chunk_by(|a, b| key(a) == key(b)).map(<[usize]>::to_vec).collect()
}

/// A row in parts that fit beside each other.
fn split(line: Vec<usize>, sprites: &[Sprite], columns: usize) -> Vec<Vec<usize>> {
    let mut parts: Vec<Vec<usize>> = Vec::new();
    let mut used = columns;
    for index in line {
        let width = sprites[index].width + 1;
        match parts.last_mut() {
            Some(part) if used + width <= columns + 1 => {
                part.push(index);
                used += width;
            }
            _ => {
                parts.push(vec![index]);
                used = width;
            }
        }
    }
    parts
}

/// The left column of each block of a row: where the fixture hangs, pushed apart.
fn starts(
    line: &[usize],
    patch: &[PatchedFixture],
    sprites: &[Sprite],
    columns: usize,
) -> Vec<usize> {
    let middle = |fixture: &PatchedFixture| match fixture.head_positions.as_slice() {
        [] => fixture.position[0],
        heads => heads.iter().map(|place| place[0]).sum::<f64>() / heads.len() as f64,
    };
    let xs = || patch.iter().map(middle);
    let (left, right) =
        (xs().fold(f64::INFINITY, f64::min), xs().fold(f64::NEG_INFINITY, f64::max));
    let widest = sprites.iter().map(|sprite| sprite.width).max().unwrap_or(0).min(columns / 2);
    let scale = columns.saturating_sub(widest) as f64 / (right - left).max(1.0);
    let mut starts = Vec::with_capacity(line.len());
    let mut free = 0;
    for &index in line {
        let center = (middle(&patch[index]) - left) * scale + widest as f64 / 2.0;
        let start = (center - sprites[index].width as f64 / 2.0).round().max(0.0) as usize;
        starts.push(start.max(free));
        free = starts[starts.len() - 1] + sprites[index].width + 1;
    }
    // What was pushed over the right edge pushes back.
    let mut edge = columns + 1;
    for (start, &index) in starts.iter_mut().zip(line).rev() {
        *start = (*start).min(edge.saturating_sub(sprites[index].width + 1));
        edge = *start;
    }
    starts
}

#[cfg(test)]
mod tests {
    use gobo_canvas::{PatchedChannel, PatchedHead, ValueRange};
    use gobo_dmx::{Address, SLOTS, Universe};

    use super::*;

    /// A fixture of red heads, one slot each, from an address on.
    fn fixture(id: &str, address: u16, position: [f64; 3], heads: &[[f64; 3]]) -> PatchedFixture {
        let count = heads.len().max(1) as u16;
        let head = |slot: u16| PatchedHead {
            name: slot.to_string(),
            channels: vec![PatchedChannel {
                slots: vec![slot],
                when: None,
                ranges: vec![ValueRange {
                    from: 0,
                    to: 255,
                    gives: Gives::Emitter([255, 0, 0], 0.0, 1.0),
                }],
            }],
        };
        PatchedFixture {
            id: id.to_owned(),
            name: String::new(),
            universe: Universe::FIRST,
            address: Address::new(address).unwrap(),
            footprint: count,
            position,
            rotation_deg: [0.0; 3],
            head_positions: heads.to_vec(),
            heads: (0..count).map(head).collect(),
        }
    }

    fn room() -> Vec<PatchedFixture> {
        let across: Vec<[f64; 3]> =
            (0..8).map(|pixel| [-0.5 + 0.125 * f64::from(pixel), 2.0, 3.0]).collect();
        let upright: Vec<[f64; 3]> =
            (0..6).map(|pixel| [4.0, 2.0, 0.25 * f64::from(pixel)]).collect();
        vec![
            fixture("par-1", 1, [-4.0, 0.0, 4.0], &[]),
            fixture("par-2", 2, [0.0, 0.0, 4.0], &[]),
            fixture("par-3", 3, [4.0, 0.0, 4.0], &[]),
            fixture("bar", 4, [0.0, 2.0, 3.0], &across),
            fixture("tube", 12, [4.0, 2.0, 0.0], &upright),
            fixture("floor", 18, [-4.0, 2.0, 0.0], &[]),
        ]
    }

    fn drawn(columns: usize, rows: usize) -> String {
        let (patch, mut slots) = (room(), [0; SLOTS]);
        for (slot, level) in slots.iter_mut().enumerate().take(17) {
            *level = (slot * 15) as u8;
        }
        let stage = Stage::new(&patch, columns, rows);
        let mut sheet = Sheet::new(columns, rows);
        stage.draw(&patch, |_| Some(&slots), 0, &mut sheet);
        sheet.lines(false).join("\n")
    }

    #[test]
    fn fixtures_stand_where_they_hang() {
        insta::assert_snapshot!(drawn(44, 12));
    }

    #[test]
    fn a_narrow_terminal_stacks_them() {
        insta::assert_snapshot!(drawn(9, 30));
    }

    #[test]
    fn no_size_is_too_small() {
        for (columns, rows) in [(0, 0), (1, 1), (3, 2), (300, 1)] {
            drawn(columns, rows);
        }
    }
}
