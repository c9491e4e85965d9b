//! The time of a graph: the stretch of its cue in seconds, beats and bars.

use gobo_show::grid::Grid;
use gobo_show::show::Cue;
use serde::Serialize;

use crate::course::{Clock, Course};

/// A moment of a clip, at one row of the selections.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Moment {
    /// Seconds since the start.
    pub(crate) seconds: f64,
    /// How far along it is, 0 to 1.
    pub(crate) progress: f64,
    /// Beats since the start.
    pub(crate) beats: f64,
    /// Bars since the start.
    pub(crate) bars: f64,
    /// The place in the selection.
    pub(crate) row: usize,
}

/// The time of a clip, relative to its start.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(crate) struct Clip {
    /// Its length in seconds.
    pub(crate) length: f64,
    /// Where the tempo changes.
    knots: Vec<Knot>,
}

#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
struct Knot {
    /// Seconds since the start.
    at: f64,
    beats: f64,
    bars: f64,
    beats_a_second: f64,
    bars_a_second: f64,
}

impl Clip {
    pub(crate) fn new(cue: &Cue, grid: &Grid) -> Self {
        let length = (cue.end - cue.start).max(0.0);
        let mut points = vec![0.0];
        if grid.has_tempo() {
            let first = grid.beat_at(cue.start).floor() + 1.0;
            let beats = (0_u32..).map(|beat| grid.seconds_at_beat(first + f64::from(beat)));
            let inside = beats.map(|at| at - cue.start).take_while(|at| *at < length);
            points.extend(inside.filter(|at| *at > 0.0));
        }
        // Beyond the end the tempo goes on.
        points.push(length.max(points[points.len() - 1] + 1e-3));
        let beats = |at: f64| billionth(grid.beat_at(cue.start + at) - grid.beat_at(cue.start));
        let bars = |at: f64| billionth(grid.bar_at(cue.start + at) - grid.bar_at(cue.start));
        let mut knots: Vec<Knot> = Vec::new();
        for pair in points.windows(2) {
            let (at, span) = (billionth(pair[0]), pair[1] - pair[0]);
            let foretold = knots.last().map(|knot| knot.at(pair[1]));
            let next = (beats(pair[1]), bars(pair[1]));
            let is_straight = foretold.is_some_and(|(beats, bars)| {
                (beats - next.0).abs() < 1e-7 && (bars - next.1).abs() < 1e-7
            });
            if !is_straight && span > 0.0 {
                let (beats, bars) = (beats(pair[0]), bars(pair[0]));
                let beats_a_second = (next.0 - beats) / span;
                let bars_a_second = (next.1 - bars) / span;
                knots.push(Knot { at, beats, bars, beats_a_second, bars_a_second });
            }
        }
        Self { length, knots }
    }

    /// The moment at `seconds` since the start.
    pub(crate) fn moment(&self, seconds: f64, row: usize) -> Moment {
        let after = self.knots.partition_point(|knot| knot.at <= seconds);
        let knot = after.checked_sub(1).and_then(|index| self.knots.get(index));
        let (beats, bars) = knot.or(self.knots.first()).map_or((0.0, 0.0), |k| k.at(seconds));
        let progress = if self.length > 0.0 { seconds / self.length } else { 1.0 };
        Moment { seconds, progress, beats: whole(beats), bars: whole(bars), row }
    }

    /// The seconds of every frame that the clip runs in.
    pub(crate) fn instants(&self, course: &Course) -> Vec<f64> {
        let frames = course.start..course.end.max(course.start + 1);
        frames.map(|frame| course.time(Clock::Progress, frame) * self.length).collect()
    }
}

impl Knot {
    fn at(&self, seconds: f64) -> (f64, f64) {
        let since = seconds - self.at;
        (self.beats + since * self.beats_a_second, self.bars + since * self.bars_a_second)
    }
}

/// A number that is all but whole as the whole number, so that frames meet their beats.
fn whole(number: f64) -> f64 {
    let near = number.round();
    if (number - near).abs() < 1e-6 { near } else { number }
}

fn billionth(number: f64) -> f64 {
    (number * 1e9).round() / 1e9
}
