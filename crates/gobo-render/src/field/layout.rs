//! Where the places of a cue lie in the box of its field.

use gobo_show::effect::field::{Plane, Spot, Way};
use gobo_show::rig::Rig;
use gobo_show::show::Cue;

use crate::fingerprint::Fingerprint;

/// A place in the box.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Place {
    /// Across, 0 at the left edge to 1; rows and columns of a grid lie in the middle of theirs.
    pub(super) across: f64,
    /// Up, 0 at the bottom to 1.
    pub(super) up: f64,
    /// The same around the middle and true to shape: the longer side is 1.
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) rank: u32,
}

/// The places by rank, and the box.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Layout {
    places: Vec<Place>,
    /// Distinct places across, at least 1.
    pub(super) columns: u32,
    /// Distinct places up, at least 1.
    pub(super) rows: u32,
    /// The sides of the box, the longer one 1; a side of 0 is a line.
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Layout {
    pub(super) fn new(plane: Plane, cue: &Cue, rig: &Rig) -> Self {
        let points = points(cue, rig);
        let axes = axes(plane, &points);
        let Some((across, up)) = axes else { return Self::in_order(points.len()) };
        let line = |axis: Option<usize>| match axis {
            Some(axis) => Line::new(points.iter().map(|point| point[axis])),
            None => Line::new(points.iter().map(|_| 0.0)),
        };
        let (across, up) = (line(across), line(up));
        let scale = across.length.max(up.length);
        let scale = if scale > 0.0 { scale } else { 1.0 };
        let (width, height) = (across.length / scale, up.length / scale);
        let places = (0_u32..).zip(across.parts.iter().zip(&up.parts));
        let places = places.map(|(rank, (&across, &up))| Place {
            across,
            up,
            x: (across - 0.5) * width,
            y: (up - 0.5) * height,
            rank,
        });
        Self { places: places.collect(), columns: across.steps, rows: up.steps, width, height }
    }

    /// A line in the order of the selection.
    fn in_order(ranks: usize) -> Self {
        let place = |rank: usize| {
            let across = (rank as f64 + 0.5) / ranks.max(1) as f64;
            Place { across, up: 0.5, x: across - 0.5, y: 0.0, rank: rank as u32 }
        };
        let columns = ranks.max(1) as u32;
        Self { places: (0..ranks).map(place).collect(), columns, rows: 1, width: 1.0, height: 0.0 }
    }

    pub(super) fn place(&self, rank: u32) -> Place {
        self.places.get(rank as usize).copied().unwrap_or_default()
    }

    /// Across and up, where a box of one row or column is run along whatever the way.
    pub(super) fn parts(&self, at: Place) -> (f64, f64) {
        match (self.columns, self.rows) {
            (1, _) => (at.up, at.up),
            (_, 1) => (at.across, at.across),
            _ => (at.across, at.up),
        }
    }

    /// How far a place is along a way, 0 to 1.
    pub(super) fn along(&self, way: Way, at: Place) -> f64 {
        let (across, up) = self.parts(at);
        match way {
            Way::Up => up,
            Way::Down => 1.0 - up,
            Way::Right => across,
            Way::Left => 1.0 - across,
            Way::Expand => 2.0 * (across - 0.5).abs().max((up - 0.5).abs()),
            Way::Compress => 1.0 - 2.0 * (across - 0.5).abs().max((up - 0.5).abs()),
        }
    }

    /// The way from a spot to a place, true to shape.
    pub(super) fn from(&self, spot: Spot, at: Place) -> (f64, f64) {
        (at.x - (spot.across - 0.5) * self.width, at.y - (spot.up - 0.5) * self.height)
    }

    /// About half the way from a place to the next, true to shape.
    pub(super) fn pitch(&self) -> f64 {
        let across = self.width / f64::from(self.columns);
        let up = self.height / f64::from(self.rows);
        across.max(up) / 2.0
    }

    pub(super) fn fingerprint(&self, to: &mut Fingerprint) {
        to.integer(u64::from(self.columns) << 32 | u64::from(self.rows));
        to.numbers(&[self.width, self.height]);
        for place in &self.places {
            to.numbers(&[place.across, place.up]);
        }
    }
}

/// The point of each rank: the middle of the heads that share it.
fn points(cue: &Cue, rig: &Rig) -> Vec<[f64; 3]> {
    let mut sums = vec![([0.0; 3], 0_u32); cue.ranks as usize];
    for selected in cue.selection.iter() {
        let head = rig.heads.get(selected.head as usize);
        if let (Some(head), Some((sum, count))) = (head, sums.get_mut(selected.rank as usize)) {
            sum.iter_mut().zip(head.position).for_each(|(sum, part)| *sum += part);
            *count += 1;
        }
    }
    let middle = |(sum, count): ([f64; 3], u32)| sum.map(|part| part / f64::from(count.max(1)));
    sums.into_iter().map(middle).collect()
}

/// The axes that go across and up; `None` is the order of the selection.
fn axes(plane: Plane, points: &[[f64; 3]]) -> Option<(Option<usize>, Option<usize>)> {
    let (x, y, z) = (Some(0), Some(1), Some(2));
    Some(match plane {
        Plane::Front => (x, z),
        Plane::Top => (x, y),
        Plane::Side => (y, z),
        Plane::Across => (x, None),
        Plane::Back => (y, None),
        Plane::Up => (None, z),
        Plane::Order => return None,
        Plane::Auto => {
            let [across, back, up] = [0, 1, 2].map(|axis| extent(points, axis));
            if across.max(back).max(up) < SAME {
                return None;
            }
            // The shortest axis goes; the back before the others where they are equal.
            if back <= across && back <= up {
                (x, z)
            } else if up <= across {
                (x, y)
            } else {
                (y, z)
            }
        }
    })
}

/// Metres in which two places are one.
const SAME: f64 = 0.001;

fn extent(points: &[[f64; 3]], axis: usize) -> f64 {
    let ends = points.iter().map(|point| point[axis]);
    let ends = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), part| {
        (low.min(part), high.max(part))
    });
    if ends.1 >= ends.0 { ends.1 - ends.0 } else { 0.0 }
}

/// One axis of the box.
struct Line {
    parts: Vec<f64>,
    steps: u32,
    /// From edge to edge, in metres: half a step beyond the outer places.
    length: f64,
}

impl Line {
    fn new(points: impl Iterator<Item = f64>) -> Self {
        let points: Vec<f64> = points.collect();
        let mut sorted = points.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.dedup_by(|next, kept| *next - *kept < SAME);
        let steps = sorted.len().max(1) as f64;
        let (low, high) = (sorted.first().copied(), sorted.last().copied());
        let (low, high) = (low.unwrap_or(0.0), high.unwrap_or(0.0));
        let part = |point: f64| match high - low >= SAME {
            true => ((point - low) / (high - low) * (steps - 1.0) + 0.5) / steps,
            false => 0.5,
        };
        let length = if steps > 1.0 { (high - low) * steps / (steps - 1.0) } else { 0.0 };
        let parts = points.into_iter().map(part).collect();
        Self { parts, steps: steps as u32, length }
    }
}

#[cfg(test)]
impl Layout {
    /// A grid, column by column in each row from the bottom.
    pub(super) fn grid(columns: u32, rows: u32) -> Self {
        let (wide, high) = (f64::from(columns), f64::from(rows));
        let place = |rank: u32| {
            let across = (f64::from(rank % columns) + 0.5) / wide;
            let up = (f64::from(rank / columns) + 0.5) / high;
            Place { across, up, x: across - 0.5, y: (up - 0.5) * high / wide, rank }
        };
        let places = (0..columns * rows).map(place).collect();
        Self { places, columns, rows, width: 1.0, height: high / wide }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_columns_lie_in_the_middle_of_theirs() {
        let line = Line::new([3.0, 1.0, 2.0, 2.0, 4.0].into_iter());
        assert_eq!((line.steps, line.length), (4, 4.0));
        assert_eq!(line.parts, [0.625, 0.125, 0.375, 0.375, 0.875]);
        let point = Line::new([2.0, 2.0].into_iter());
        assert_eq!((point.steps, point.length, point.parts), (1, 0.0, vec![0.5, 0.5]));
    }

    #[test]
    fn the_room_is_laid_flat_along_its_longest_axes() {
        let auto = |points: &[[f64; 3]]| axes(Plane::Auto, points);
        let across = [[0.0, 0.0, 0.0], [4.0, 1.0, 2.0]];
        assert_eq!(auto(&across), Some((Some(0), Some(2))));
        assert_eq!(auto(&[[0.0; 3], [4.0, 3.0, 2.0]]), Some((Some(0), Some(1))));
        assert_eq!(auto(&[[0.0; 3], [1.0, 3.0, 2.0]]), Some((Some(1), Some(2))));
        assert_eq!(auto(&[[0.0; 3], [1.0, 0.0, 0.0]]), Some((Some(0), Some(2))));
        assert_eq!(auto(&[[1.0; 3], [1.0; 3]]), None);
    }
}
