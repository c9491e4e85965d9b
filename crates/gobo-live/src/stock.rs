//! Cells as they are wanted, each rendered once.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gobo_canvas::{Canvas, Header};
use gobo_dmx::{SLOTS, Slots};
use gobo_play::FrameSource;
use gobo_render::Timeline;
use rayon::prelude::*;

/// The rows of a cell, one for each frame, as wide as the universe's used slots.
type Rows = Arc<[u8]>;

/// About how many bytes of cells are kept of either age: a second of 1,000 universes, ten of 100.
const KEPT: usize = 32 << 20;

/// Cells by key, from wherever they are had the quickest: those rendered before, the canvas on
/// the disk, the compiler. What was not wanted for long is forgotten.
#[derive(Default)]
pub struct Stock {
    kept: Mutex<Kept>,
    canvas: Mutex<Option<Arc<Canvas>>>,
}

/// Two ages of cells: when the young are too many they become the old, and the old go.
#[derive(Default)]
struct Kept {
    young: HashMap<u128, Rows>,
    old: HashMap<u128, Rows>,
    bytes: usize,
}

impl Kept {
    fn find(&mut self, key: u128) -> Option<Rows> {
        if let Some(rows) = self.young.get(&key) {
            return Some(Arc::clone(rows));
        }
        let rows = self.old.remove(&key)?;
        self.keep(key, &rows);
        Some(rows)
    }

    fn keep(&mut self, key: u128, rows: &Rows) {
        if self.bytes > KEPT {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        if self.young.insert(key, Arc::clone(rows)).is_none() {
            self.bytes += rows.len();
        }
    }
}

impl Stock {
    /// Takes cells from this canvas, too, which the same build of gobo made.
    pub fn take_from(&self, canvas: Arc<Canvas>) {
        *self.canvas.lock().unwrap_or_else(PoisonError::into_inner) = Some(canvas);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Whole at any moment: a cell is there or it is not.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A cell, and whether it had to be rendered.
    fn cell(&self, timeline: &Timeline, universe: usize, cell: u32) -> (Rows, bool) {
        let key = timeline.key(universe, cell);
        if let Some(rows) = self.kept().find(key) {
            return (rows, false);
        }
        let canvas = self.canvas.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let stored = canvas.and_then(|canvas| stored(&canvas, key, universe, cell));
        let is_rendered = stored.is_none();
        let rows = stored.unwrap_or_else(|| {
            let mut rows = vec![0; timeline.cell_len(universe, cell)];
            timeline.render(universe, cell, &mut rows);
            rows
        });
        let rows = Rows::from(rows);
        self.kept().keep(key, &rows);
        (rows, is_rendered)
    }

    /// Makes sure that the cells of some seconds are there, on all cores; how many had to be
    /// rendered.
    pub fn fill(&self, timeline: &Timeline, cells: Range<u32>) -> usize {
        let universes = 0..timeline.universes().len();
        let all = cells.flat_map(|cell| universes.clone().map(move |universe| (universe, cell)));
        let all: Vec<(usize, u32)> = all.collect();
        let made = all.par_iter().with_min_len(8);
        made.filter(|(universe, cell)| self.cell(timeline, *universe, *cell).1).count()
    }

    /// Renders what is not there yet, from a place (in seconds) outward, both ways by turns, up to
    /// so many seconds each way, for as long as it may go on.
    pub fn fill_outward(
        &self,
        timeline: &Timeline,
        seconds: f64,
        reach: u32,
        goes_on: impl Fn() -> bool,
    ) {
        let (header, here) = (timeline.header(), cell_at(timeline.header(), seconds));
        let both = |step| [here.checked_add(step), here.checked_sub(step)];
        let cells = (0..=reach).flat_map(both).flatten().filter(|cell| *cell < header.cells());
        for cell in cells.take_while(|_| goes_on()) {
            self.fill(timeline, cell..cell + 1);
        }
    }
}

/// The cell at a place in the show, in seconds, or the last one.
pub(crate) fn cell_at(header: &Header, seconds: f64) -> u32 {
    let last = header.frames.saturating_sub(1);
    place(header, header.rate.nearest_frame(seconds.max(0.0)).min(last)).0
}

/// A cell of a canvas, if it has this key there.
fn stored(canvas: &Canvas, key: u128, universe: usize, cell: u32) -> Option<Vec<u8>> {
    let mut rows = Vec::new();
    let is_there = canvas.key(universe, cell).is_ok_and(|stored| stored == key);
    (is_there && canvas.cell(universe, cell, &mut rows).is_ok()).then_some(rows)
}

/// The frames of a timeline, by way of a stock.
pub(crate) struct StockFrames {
    timeline: Arc<Timeline>,
    stock: Arc<Stock>,
    /// The cell of each universe that was read last.
    at_hand: Vec<Option<(u32, Rows)>>,
}

impl StockFrames {
    pub(crate) fn new(timeline: Arc<Timeline>, stock: Arc<Stock>) -> Self {
        let at_hand = vec![None; timeline.universes().len()];
        Self { timeline, stock, at_hand }
    }
}

impl FrameSource for StockFrames {
    fn frame(&mut self, universe: usize, frame: u32, slots: &mut Slots) -> bool {
        let header = self.timeline.header();
        let (cell, row) = place(header, frame);
        let (Some(at_hand), Some(entry)) =
            (self.at_hand.get_mut(universe), header.universes.get(universe))
        else {
            return false;
        };
        if frame >= header.frames {
            return false;
        }
        let known = at_hand.take().filter(|(known, _)| *known == cell);
        let (_, rows) = at_hand.insert(
            known.unwrap_or_else(|| (cell, self.stock.cell(&self.timeline, universe, cell).0)),
        );
        let width = usize::from(entry.slots_used);
        let Some(row) = rows.get(row * width..(row + 1) * width) else { return false };
        slots[..width].copy_from_slice(row);
        slots[width..SLOTS].fill(0);
        true
    }
}

/// The cell that a frame is in, and its row there.
pub(crate) fn place(header: &Header, frame: u32) -> (u32, usize) {
    let each = header.rate.frames_per_cell();
    (frame / each, (frame % each) as usize)
}
