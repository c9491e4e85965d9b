//! Times of cues in seconds of the show, and "until next".

use super::include::ShiftedCue;
use super::starts::shifted;
use crate::decode::Spanned;
use crate::grid::Grid;
use crate::show::{Selected, Song};
use crate::source::Length;
use crate::value::Span;

/// The show's length, and the grid that its times are read with.
#[derive(Debug)]
pub(super) struct Timing<'a> {
    pub(super) grid: &'a Grid,
    /// The show's length in seconds; 0 until it is known.
    pub(super) length: f64,
    known: bool,
    /// Whether nothing is missing in the song.
    pub(super) is_whole: bool,
}

impl<'a> Timing<'a> {
    /// The length that the show or its song gives.
    pub(super) fn new(
        grid: &'a Grid,
        length: Option<&Spanned<Span>>,
        song: Option<&Song>,
        is_whole: bool,
    ) -> Self {
        let length = length
            .map(|length| grid.after(0.0, length.value))
            .or(song.map(|song| (song.seconds - song.offset).max(0.0)));
        Self { grid, length: length.unwrap_or(0.0), known: length.is_some(), is_whole }
    }

    /// Without a length of its own, a show is as long as its cues.
    /// `channels_end` is the end of the last cue of a channel layer.
    pub(super) fn measure<'f>(
        &mut self,
        cues: impl Iterator<Item = &'f ShiftedCue>,
        channels_end: f64,
    ) {
        if self.known {
            return;
        }
        let ends = cues.filter_map(|ShiftedCue { cue, shifts }| {
            let at = &cue.keys.at.value;
            let start = at.seconds(self.grid, 0.0).ok().filter(|_| !at.from_end())?;
            let start = shifted(self.grid, start, shifts);
            Some(match cue.keys.length.as_ref().map(|length| length.value) {
                Some(Length::Span(span)) => self.grid.after(start, span),
                _ => start,
            })
        });
        self.length = ends.fold(channels_end, f64::max);
        self.known = true;
    }
}

/// Something that writes heads from a time on.
#[derive(Debug)]
pub(super) struct Written<'a> {
    pub(super) start: f64,
    /// When it ends; `None` is when the next that writes any of its heads starts.
    pub(super) end: Option<f64>,
    pub(super) heads: &'a [Selected],
}

/// The ends of all, where `last` ends what nothing follows.
pub(super) fn ends(all: &[Written<'_>], last: f64) -> Vec<f64> {
    let mut order: Vec<_> = (0..all.len()).collect();
    order.sort_by(|&a, &b| all[b].start.total_cmp(&all[a].start));
    let mut ends = vec![last; all.len()];
    let heads = all.iter().flat_map(|written| written.heads).map(|selected| selected.head).max();
    let mut next = vec![last; heads.map_or(0, |head| head as usize + 1)];
    // From the latest to the earliest, those that start together at once: `next` knows only what
    // starts later than they do.
    for group in order.chunk_by(|&a, &b| all[a].start == all[b].start) {
        for &index in group {
            let written = &all[index];
            let starts = written.heads.iter().map(|selected| next[selected.head as usize]);
            ends[index] = written.end.unwrap_or_else(|| starts.fold(last, f64::min));
            ends[index] = ends[index].max(written.start);
        }
        for &index in group {
            let Written { start, heads, .. } = all[index];
            heads.iter().for_each(|selected| next[selected.head as usize] = start);
        }
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_is_the_first_later_one_that_shares_a_head() {
        let on: Vec<_> = (0..10).map(|head| Selected { head, rank: 0 }).collect();
        let written = |start, end, heads| Written { start, end, heads };
        let all = [
            written(1.0, None, &on[1..=2]),
            written(1.0, None, &on[2..=2]),
            written(0.0, None, &on[1..=1]),
            written(2.0, Some(5.0), &on[3..=3]),
            written(3.0, None, &on[2..=2]),
            written(9.0, None, &on[9..=9]),
        ];
        assert_eq!(ends(&all, 8.0), [3.0, 3.0, 1.0, 5.0, 8.0, 9.0]);
    }
}
