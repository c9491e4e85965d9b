//! A part of a show as a canvas of its own, which starts where the part starts.

use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result};
use gobo_canvas::{Cell, Compression, Header};
use gobo_render::Timeline;
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_128;

use super::create;
use crate::output::Unwritten;
use crate::screen::Interrupt;

/// The frames from the one nearest to `from` seconds to the one nearest to `to`, or to the end;
/// what to say when there are none.
pub(super) fn frames(
    header: &Header,
    (from, to): (f64, Option<f64>),
) -> Result<Range<u32>, String> {
    let frame = |seconds: f64| header.rate.nearest_frame(seconds).min(header.frames);
    let range = frame(from)..to.map_or(header.frames, frame);
    match range.is_empty() {
        true => Err(format!("the show is over at {} s, before the part", header.seconds())),
        false => Ok(range),
    }
}

/// Writes a part of a show to a canvas; returns its header.
pub(super) fn write(
    timeline: &Timeline,
    range: &Range<u32>,
    path: &Path,
    compression: Compression,
    interrupt: &Interrupt,
) -> Result<Header> {
    let failed = || Unwritten::file(path);
    let header = header(timeline.header(), range);
    let mut writer = create(path, &header)?;
    for (universe, entry) in header.universes.iter().enumerate() {
        if interrupt.came() {
            return Err(interrupt.end().into());
        }
        let cells = (0..header.cells()).into_par_iter().map(|cell| {
            let width = entry.slots_used;
            let first = range.start + header.first_frame(cell);
            let mut rows = vec![0; usize::from(header.frames_in(cell)) * usize::from(width)];
            for (row, frame) in rows.chunks_exact_mut(width.into()).zip(first..) {
                timeline.frame(universe, frame, row);
            }
            // The cells of a part are not those of the show: their own bytes are their keys.
            Cell::encode(xxh3_128(&rows), width, &rows, compression)
        });
        let cells: Vec<Cell> = cells.collect();
        for (cell, encoded) in cells.iter().enumerate() {
            writer.put(universe, cell as u32, encoded).with_context(failed)?;
        }
    }
    writer.finish().with_context(failed)?;
    Ok(header)
}

/// The header of the frames `range` of a canvas: times count from the first of them.
pub(crate) fn header(whole: &Header, range: &Range<u32>) -> Header {
    let (from, to) = (whole.rate.seconds_at(range.start), whole.rate.seconds_at(range.end));
    let inside = |start: f64, end: f64| end > from && start < to || (from..to).contains(&start);
    let shift = |start: &mut f64, end: &mut f64| {
        *start = (*start - from).max(0.0);
        *end = (*end - from).min(to - from);
    };
    let mut part = Header { frames: range.len() as u32, ..whole.clone() };
    part.sections.retain(|section| inside(section.start, section.end));
    part.sections.iter_mut().for_each(|section| shift(&mut section.start, &mut section.end));
    part.cues.retain(|cue| inside(cue.start, cue.end));
    part.cues.iter_mut().for_each(|cue| shift(&mut cue.start, &mut cue.end));
    part.bars.retain(|bar| (from..to).contains(bar));
    part.bars.iter_mut().for_each(|bar| *bar -= from);
    if let Some(song) = &mut part.song {
        song.offset += from;
    }
    part
}

#[cfg(test)]
mod tests {
    use gobo_canvas::{CueMark, SectionMark, SongReference};

    use super::*;

    #[test]
    fn times_count_from_the_start_of_the_part() {
        let section = |name: &str, start, end| SectionMark { name: name.into(), start, end };
        let cue = |start, end| CueMark {
            name: String::new(),
            effect: "set".into(),
            layer: 0,
            start,
            end,
            fixtures: Vec::new(),
        };
        let song =
            SongReference { path: "songs/a.ogg".into(), hash: 1, seconds: 60.0, offset: 0.5 };
        let whole = Header {
            frames: 3600,
            sections: vec![section("a", 0.0, 20.0), section("b", 20.0, 60.0)],
            cues: vec![cue(1.0, 2.0), cue(5.0, 15.0), cue(12.0, 12.0), cue(30.0, 31.0)],
            bars: vec![8.0, 10.0, 12.0, 40.0],
            song: Some(song),
            ..Header::default()
        };
        let part = header(&whole, &(600..1800));
        assert_eq!(part.frames, 1200);
        assert_eq!(part.sections, [section("a", 0.0, 10.0), section("b", 10.0, 20.0)]);
        assert_eq!(part.cues, [cue(0.0, 5.0), cue(2.0, 2.0)]);
        assert_eq!(part.bars, [0.0, 2.0]);
        assert_eq!(part.song.unwrap().offset, 10.5);
    }
}
