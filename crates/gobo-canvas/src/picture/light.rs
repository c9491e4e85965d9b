//! What each head shows over a stretch of time, a colour for each column of pixels.

use std::ops::Range;
use std::sync::Arc;

use gobo_dmx::SLOTS;

use super::paint::Rgb;
use crate::{Canvas, CanvasError, Header, PatchedFixture, Reader};

/// Frames that are looked at for one column, at most.
const SAMPLES: u32 = 16;

/// A stretch of the show, divided into columns.
pub(super) struct Window {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) columns: u32,
}

impl Window {
    /// The column that a time falls in, or where it would; may lie outside.
    pub(super) fn column(&self, seconds: f64) -> f64 {
        (seconds - self.from) / (self.to - self.from) * f64::from(self.columns)
    }

    /// When a column starts.
    fn start(&self, column: u32) -> f64 {
        self.from + (self.to - self.from) * f64::from(column) / f64::from(self.columns)
    }

    /// The frames of a column, at least one.
    fn frames(&self, column: u32, header: &Header) -> Range<u32> {
        let rate = header.rate.as_f64();
        let first = ((self.start(column) * rate) as u32).min(header.frames - 1);
        let end = ((self.start(column + 1) * rate) as u32).min(header.frames);
        first..end.max(first + 1)
    }
}

/// The colours of the drawn heads of one fixture: a row of columns for each.
pub(super) type FixtureRows = Vec<Vec<Rgb>>;

/// The rows of the first `fixtures` fixtures of the patch, for as many of the heads of each as
/// `heads_drawn` says, spread evenly.
///
/// A column shows a head as it was in the brightest of the column's frames: a flash stays a
/// flash, and no colour appears that was never there.
pub(super) fn rows(
    canvas: &Arc<Canvas>,
    window: &Window,
    fixtures: usize,
    heads_drawn: impl Fn(&PatchedFixture) -> usize,
) -> Result<Vec<FixtureRows>, CanvasError> {
    let header = canvas.header();
    let patch = &header.patch[..fixtures];
    let mut rows: Vec<FixtureRows> = patch
        .iter()
        .map(|fixture| vec![vec![[0; 3]; window.columns as usize]; heads_drawn(fixture)])
        .collect();
    let mut reader = Reader::new(Arc::clone(canvas));
    let mut slots = [0; SLOTS];
    for (universe, entry) in header.universes.iter().enumerate() {
        let mut here: Vec<_> = patch
            .iter()
            .zip(&mut rows)
            .filter(|(fixture, _)| fixture.universe == entry.universe)
            .collect();
        if here.is_empty() {
            continue;
        }
        for column in 0..window.columns {
            let frames = window.frames(column, header);
            let step = frames.len().div_ceil(SAMPLES as usize);
            for frame in frames.step_by(step) {
                reader.frame(universe, frame, &mut slots)?;
                for (fixture, rows) in &mut here {
                    let slots = fixture.slots(&slots);
                    let drawn = rows.len();
                    for (index, row) in rows.iter_mut().enumerate() {
                        let head = &fixture.heads[fixture.heads.len() * index / drawn];
                        brighten(&mut row[column as usize], head.shown(slots));
                    }
                }
            }
        }
    }
    Ok(rows)
}

fn brighten(best: &mut Rgb, shown: Rgb) {
    if brightness(shown) > brightness(*best) {
        *best = shown;
    }
}

/// Luma by Rec. 709, times 10,000.
fn brightness([r, g, b]: Rgb) -> u32 {
    2126 * u32::from(r) + 7152 * u32::from(g) + 722 * u32::from(b)
}
