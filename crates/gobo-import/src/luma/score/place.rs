//! When a clip runs: bars and beats, or seconds.

use std::fmt;

use gobo_show::Grid;

/// The grid's arithmetic, and what other systems round, is off by less than this: in seconds.
const NEAR: f64 = 1e-6;

/// A quarter of a beat in a bar.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Position {
    /// The bar, from 1.
    pub bar: u32,
    /// Quarters of beats after its start.
    pub quarters: u32,
}

/// When a clip runs; it ends before `end`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Range {
    /// By the song's bars.
    Bars {
        /// The start.
        start: Position,
        /// The end.
        end: Position,
    },
    /// In seconds of the show.
    Seconds {
        /// The start.
        start: f64,
        /// The end.
        end: f64,
    },
}

impl Position {
    /// The place at `seconds`, if it is a whole quarter of a beat in the song.
    pub fn at(seconds: f64, grid: &Grid) -> Option<Self> {
        if !grid.has_tempo() {
            return None;
        }
        let bar = (grid.bar_at(seconds) + 1e-6).floor();
        if !(0.0..1e6).contains(&bar) {
            return None;
        }
        let beats = grid.beat_at(seconds) - grid.beat_at(grid.seconds_at_bar(bar));
        let quarters = (beats * 4.0).round().max(0.0);
        let position = Self { bar: bar as u32 + 1, quarters: quarters as u32 };
        position.seconds(grid).filter(|found| (found - seconds).abs() < NEAR).map(|_| position)
    }

    /// When it is; `None` when its bar has no such beat.
    pub fn seconds(self, grid: &Grid) -> Option<f64> {
        let bar = f64::from(self.bar) - 1.0;
        let beat_at = |bar: f64| grid.beat_at(grid.seconds_at_bar(bar));
        let beat = beat_at(bar) + f64::from(self.quarters) / 4.0;
        (beat < beat_at(bar + 1.0) - 1e-6).then(|| grid.seconds_at_beat(beat))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (beat, quarter) = (self.quarters / 4, self.quarters % 4);
        match (beat, quarter) {
            (0, 0) => write!(f, "{}", self.bar),
            (beat, 0) => write!(f, "{}:{}", self.bar, beat + 1),
            (beat, quarter) => write!(f, "{}:{}:{}", self.bar, beat + 1, quarter + 1),
        }
    }
}

impl Range {
    /// From `start` to `end`, in seconds of the show: by bars when both ends are on the grid.
    pub fn new(start: f64, end: f64, grid: &Grid) -> Self {
        match (Position::at(start, grid), Position::at(end, grid)) {
            (Some(start), Some(end)) if start < end => Self::Bars { start, end },
            _ => Self::Seconds { start: rounded(start), end: rounded(end) },
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bars { start, end } => {
                let is_bar = start.quarters == 0 && end.quarters == 0 && end.bar == start.bar + 1;
                if is_bar { write!(f, "{start}") } else { write!(f, "{start}-{end}") }
            }
            Self::Seconds { start, end } => write!(f, "{start}s-{end}s"),
        }
    }
}

/// Seconds to a billionth, so that sums and differences of them come out even.
pub(crate) fn rounded(seconds: f64) -> f64 {
    // A negative zero would be written with its sign.
    (seconds * 1e9).round() / 1e9 + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_on_the_grid() {
        let grid = Grid::new((0..17).map(f64::from).collect(), vec![0, 4, 8, 12, 16], vec![]);
        let written = |start: f64, end: f64| Range::new(start, end, &grid).to_string();
        assert_eq!(written(0.0, 4.0), "1");
        assert_eq!(written(2.0, 8.0), "1:3-3");
        assert_eq!(written(4.25, 24.0), "2:1:2-7");
        assert_eq!(written(0.1, 4.0), "0.1s-4s");
        assert_eq!(Range::new(1.0, 2.0, &Grid::default()).to_string(), "1s-2s");
        assert_eq!(Position { bar: 2, quarters: 16 }.seconds(&grid), None);
        assert_eq!(Position { bar: 2, quarters: 15 }.seconds(&grid), Some(7.75));
    }
}
