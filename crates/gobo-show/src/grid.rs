//! The song's grid: beats, bars and sections against seconds of the show.

use serde::Serialize;

use crate::show::Section;
use crate::value::Span;

/// Beats, bars and sections in seconds of the show.
///
/// Outside the beats that are given, the tempo of the nearest pair goes on.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Grid {
    /// When each beat falls, rising, in seconds of the show; empty or at least two.
    beats: Vec<f64>,
    /// The beats, as indices into `beats`, that start a bar, rising.
    downbeats: Vec<u32>,
    /// Sections, by start.
    pub sections: Vec<Section>,
}

impl Grid {
    /// A grid of `beats` (rising seconds of the show), `downbeats` (indices into them that start
    /// a bar) and sections; fewer than two beats make a grid without tempo.
    pub fn new(beats: Vec<f64>, downbeats: Vec<u32>, sections: Vec<Section>) -> Self {
        let beats = if beats.len() < 2 { Vec::new() } else { beats };
        Self { beats, downbeats, sections }
    }

    /// Whether there is a tempo, so that beats and bars mean something.
    pub fn has_tempo(&self) -> bool {
        !self.beats.is_empty()
    }

    /// The beat at `seconds`: 0 at the first beat, fractions between, negative before it.
    /// Without a tempo, 120 a minute from 0.
    pub fn beat_at(&self, seconds: f64) -> f64 {
        let Some(pair) = self.pair(self.beats.partition_point(|&beat| beat <= seconds)) else {
            return seconds * 2.0;
        };
        let (start, next) = (self.beats[pair], self.beats[pair + 1]);
        pair as f64 + (seconds - start) / (next - start)
    }

    /// When `beat` falls, in seconds of the show; the inverse of [`Grid::beat_at`].
    pub fn seconds_at_beat(&self, beat: f64) -> f64 {
        let Some(pair) = self.pair(beat.floor().max(-1.0) as usize + 1) else { return beat / 2.0 };
        let (start, next) = (self.beats[pair], self.beats[pair + 1]);
        start + (beat - pair as f64) * (next - start)
    }

    /// The first of the two beats that set the tempo before the beat numbered `after`.
    fn pair(&self, after: usize) -> Option<usize> {
        let last = self.beats.len().checked_sub(2)?;
        Some(after.saturating_sub(1).min(last))
    }

    /// The bar at `seconds`: 0 at the first downbeat, fractions between.
    /// Without downbeats, four beats make a bar.
    pub fn bar_at(&self, seconds: f64) -> f64 {
        let beat = self.beat_at(seconds);
        match self.bar_pair(self.downbeats.partition_point(|&down| f64::from(down) <= beat)) {
            None => beat / 4.0,
            Some((bar, start, next)) => bar + (beat - start) / (next - start),
        }
    }

    /// When `bar` (0 is the first) starts, in seconds of the show; the inverse of [`Grid::bar_at`].
    pub fn seconds_at_bar(&self, bar: f64) -> f64 {
        let beat = match self.bar_pair(bar.floor().max(-1.0) as usize + 1) {
            None => bar * 4.0,
            Some((first, start, next)) => start + (bar - first) * (next - start),
        };
        self.seconds_at_beat(beat)
    }

    /// Number and beats of the bar before the downbeat numbered `after`, and of the next.
    fn bar_pair(&self, after: usize) -> Option<(f64, f64, f64)> {
        let last = self.downbeats.len().checked_sub(2)?;
        let pair = after.saturating_sub(1).min(last);
        let beat = |index: usize| f64::from(self.downbeats[index]);
        Some((pair as f64, beat(pair), beat(pair + 1)))
    }

    /// The end of a `span` that starts at `start`, in seconds of the show.
    pub fn after(&self, start: f64, span: Span) -> f64 {
        match span {
            Span::Seconds(seconds) => start + seconds,
            Span::Beats(beats) => self.seconds_at_beat(self.beat_at(start) + beats),
            Span::Bars(bars) => self.seconds_at_bar(self.bar_at(start) + bars),
        }
    }

    /// How often a `period` fits between `start` and `seconds`: the phase of a repeating effect.
    pub fn periods(&self, start: f64, seconds: f64, period: Span) -> f64 {
        match period {
            Span::Seconds(length) => (seconds - start) / length,
            Span::Beats(length) => (self.beat_at(seconds) - self.beat_at(start)) / length,
            Span::Bars(length) => (self.bar_at(seconds) - self.bar_at(start)) / length,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn beats_go_on_outside_the_song() {
        // A beat of 0.5 s, then one of 1 s; bars of two beats from the second beat.
        let grid = Grid::new(vec![1.0, 1.5, 2.5, 3.0, 3.5, 4.0], vec![1, 3, 5], vec![]);
        for (seconds, beat) in
            [(0.5, -1.0), (1.0, 0.0), (2.0, 1.5), (2.5, 2.0), (3.25, 3.5), (4.5, 6.0)]
        {
            assert!(near(grid.beat_at(seconds), beat), "{seconds}: {}", grid.beat_at(seconds));
            assert!(near(grid.seconds_at_beat(beat), seconds), "{beat}");
        }
        for (seconds, bar) in
            [(1.5, 0.0), (2.5, 0.5), (3.0, 1.0), (4.0, 2.0), (5.0, 3.0), (0.5, -1.0)]
        {
            assert!(near(grid.bar_at(seconds), bar), "{seconds}: {}", grid.bar_at(seconds));
            assert!(near(grid.seconds_at_bar(bar), seconds), "{bar}");
        }
        assert!(near(grid.after(1.5, Span::Bars(1.0)), 3.0));
        assert!(near(grid.periods(1.0, 2.5, Span::Beats(0.5)), 4.0));
    }

    #[test]
    fn no_beats_means_120() {
        let grid = Grid::default();
        assert!(!grid.has_tempo());
        assert!(near(grid.beat_at(3.0), 6.0) && near(grid.seconds_at_bar(2.0), 4.0));
    }
}
