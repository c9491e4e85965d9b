//! How much of a show changes from frame to frame: whether a benchmark show is a show at all.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use gobo_canvas::{Canvas, Reader};
use rayon::prelude::*;

/// At least this share of the used slots is to change in every frame.
pub(crate) const ENOUGH: f64 = 1.0 / 3.0;
/// How many universes are looked at, spread evenly over those of the show.
const LOOKED_AT: usize = 100;

/// Shares of the used slots, 0 to 1; those that change differ from the frame before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    /// What changes, over all frames but the first.
    pub(crate) mean: f64,
    /// What changes in the frame in which the fewest do.
    pub(crate) least: f64,
    /// The share of the frames in which at least [`ENOUGH`] change.
    pub(crate) enough: f64,
    /// What is not 0, over all frames but the first.
    pub(crate) lit: f64,
}

/// What changes in some slots over some frames.
#[derive(Clone, Default)]
pub(crate) struct Counts {
    /// Slots that changed, for each frame but the first.
    changed: Vec<u64>,
    slots: u64,
    lit: u64,
}

impl Counts {
    /// Counts the next frame of the slots.
    pub(crate) fn next(&mut self, before: &[u8], now: &[u8]) {
        let changed = now.iter().zip(before).filter(|(now, before)| now != before).count();
        self.changed.push(changed as u64);
        self.slots = now.len() as u64;
        self.lit += now.iter().filter(|level| **level != 0).count() as u64;
    }

    /// Adds those of other slots over the same frames.
    pub(crate) fn add(mut self, other: &Self) -> Self {
        self.changed.resize(other.changed.len().max(self.changed.len()), 0);
        self.changed.iter_mut().zip(&other.changed).for_each(|(sum, more)| *sum += more);
        self.slots += other.slots;
        self.lit += other.lit;
        self
    }

    /// What they come to.
    pub(crate) fn shares(&self) -> Change {
        let (frames, slots) = (self.changed.len() as f64, self.slots as f64);
        let enough = self.changed.iter().filter(|&&changed| changed as f64 >= slots * ENOUGH);
        Change {
            mean: self.changed.iter().sum::<u64>() as f64 / (frames * slots),
            least: self.changed.iter().min().map_or(0.0, |&least| least as f64 / slots),
            enough: enough.count() as f64 / frames,
            lit: self.lit as f64 / (frames * slots),
        }
    }
}

/// Reads frames of a canvas and counts.
pub(crate) fn of_canvas(path: &Path) -> Result<Change> {
    let canvas = Arc::new(Canvas::open(path)?);
    let universes = canvas.header().universes.len();
    let chosen: Vec<usize> = (0..universes).step_by(universes.div_ceil(LOOKED_AT)).collect();
    let counts = chosen
        .par_iter()
        .map(|&universe| of_universe(&canvas, universe))
        .try_reduce(Counts::default, |sum, more| Ok(sum.add(&more)))?;
    Ok(counts.shares())
}

fn of_universe(canvas: &Arc<Canvas>, universe: usize) -> Result<Counts> {
    let mut reader = Reader::new(Arc::clone(canvas));
    let mut before = reader.used(universe, 0)?.to_vec();
    let mut counts = Counts::default();
    for frame in 1..canvas.header().frames {
        let used = reader.used(universe, frame)?;
        counts.next(&before, used);
        before.copy_from_slice(used);
    }
    Ok(counts)
}
