//! A timeline to a canvas: all cells, on all cores, each rendered only if it must be.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gobo_canvas::{Canvas, CanvasWriter, Cell, Compression, Encoder, WriteError};
use rayon::prelude::*;

use crate::cell::Scratch;
use crate::meter::{Clock, Costs};
use crate::timeline::Timeline;

/// About how many cells are worked on at a time: what bounds memory, at 30 KB a cell at most.
const BATCH: usize = 1024;
/// How many cells of a universe at most have their keys worked out together.
const TOGETHER: u32 = 32;
/// Bytes of encoded cells kept to be shared by later ones.
const KEPT: usize = 16 << 20;

/// How far a compile has come, and where its cells came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// All cells of the canvas.
    pub cells: u64,
    /// Cells that are written.
    pub done: u64,
    /// Cells rendered.
    pub rendered: u64,
    /// Cells copied from the previous canvas.
    pub copied: u64,
    /// Cells equal to one that this compile rendered or copied before.
    pub shared: u64,
    /// Frames rendered, each of one universe.
    pub frames: u64,
}

/// What a compile did.
pub type Stats = Progress;

/// How a compile is to go.
#[derive(Clone, Copy, Default)]
pub struct Options {
    /// How hard cells are pressed.
    pub compression: Compression,
    /// Measures what it costs.
    pub clock: Option<Clock>,
}

/// What a compile came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Compiled {
    /// Where its cells came from.
    pub stats: Stats,
    /// What it cost.
    pub costs: Costs,
}

/// Why a compile ended early.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The canvas could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The progress callback asked to stop.
    #[error("cancelled")]
    Cancelled,
}

/// Gives every cell of `timeline` to `writer`, which was created with [`Timeline::header`].
///
/// A cell whose key `previous` holds is copied from there as it is. The cells, and so the bytes
/// of the canvas, are the same with any number of threads; they are those of the rayon pool in
/// which this is called. `progress` hears of every few hundred cells and may stop the work by
/// returning [`ControlFlow::Break`].
///
/// # Errors
/// [`CompileError::Write`] if the writer fails, [`CompileError::Cancelled`] if `progress` says so.
pub fn compile(
    timeline: &Timeline,
    previous: Option<&Canvas>,
    writer: &mut CanvasWriter,
    options: Options,
    mut progress: impl FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Compiled, CompileError> {
    let total = u64::from(timeline.header().cells()) * timeline.universes().len() as u64;
    let mut compiler = Compiler {
        timeline,
        previous: previous.map(Previous::new),
        options,
        costs: Mutex::default(),
        kept: HashMap::new(),
        kept_bytes: 0,
        progress: Progress { cells: total, ..Progress::default() },
    };
    let mut batches = batches(timeline);
    let mut ready = compiler.produce(&batches.next().unwrap_or_default());
    while !ready.is_empty() {
        let batch = batches.next().unwrap_or_default();
        // One batch is written while the next one is rendered.
        let write = || {
            let start = options.now();
            put(writer, &ready).map(|()| options.since(start))
        };
        let (written, produced) = rayon::join(write, || compiler.produce(&batch));
        compiler.spend(Costs { write: written?, ..Costs::default() });
        compiler.progress.done += ready.len() as u64;
        ready = produced;
        if progress(&compiler.progress).is_break() {
            return Err(CompileError::Cancelled);
        }
    }
    let costs = compiler.costs.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Compiled { stats: compiler.progress, costs })
}

impl Options {
    fn now(&self) -> Option<Duration> {
        self.clock.map(|clock| clock())
    }

    /// The time since `start`; none without a clock.
    fn since(&self, start: Option<Duration>) -> Duration {
        self.now().zip(start).map_or(Duration::ZERO, |(now, start)| now.saturating_sub(start))
    }
}

/// All cells, some seconds of all universes at a time; in those a universe's follow each other,
/// so that its pieces stay in the cache.
fn batches(timeline: &Timeline) -> impl Iterator<Item = Vec<(usize, u32)>> {
    let (universes, cells) = (timeline.universes().len(), timeline.header().cells());
    let seconds = (BATCH / universes.max(1)).max(1);
    (0..cells).step_by(seconds).map(move |first| {
        let seconds = first..cells.min(first + seconds as u32);
        let of = |universe| seconds.clone().map(move |cell| (universe, cell));
        (0..universes).flat_map(of).collect()
    })
}

type Ready = (usize, u32, Cell);

fn put(writer: &mut CanvasWriter, ready: &[Ready]) -> Result<(), WriteError> {
    ready.iter().try_for_each(|(universe, cell, encoded)| writer.put(*universe, *cell, encoded))
}

/// The cells of an earlier canvas by key.
struct Previous<'a> {
    canvas: &'a Canvas,
    places: HashMap<u128, (usize, u32)>,
}

impl<'a> Previous<'a> {
    fn new(canvas: &'a Canvas) -> Self {
        let universes = canvas.header().universes.len();
        let places = (0..universes)
            .flat_map(|universe| (0..canvas.cells()).map(move |cell| (universe, cell)))
            .filter_map(|place| Some((canvas.key(place.0, place.1).ok()?, place)));
        Self { canvas, places: places.collect() }
    }

    /// The cell with a key, unless it is not there or damaged.
    fn cell(&self, key: u128) -> Option<Cell> {
        let &(universe, cell) = self.places.get(&key)?;
        self.canvas.encoded(universe, cell).ok()
    }
}

struct Compiler<'a> {
    timeline: &'a Timeline,
    previous: Option<Previous<'a>>,
    options: Options,
    costs: Mutex<Costs>,
    /// Cells by key that later ones may share.
    kept: HashMap<u128, Cell>,
    kept_bytes: usize,
    progress: Progress,
}

/// Where a cell of a batch comes from.
enum Source {
    Kept(Cell),
    /// The nth of the cells that the batch makes.
    Made(usize),
}

impl Compiler<'_> {
    /// The encoded cells of a batch, in its order.
    fn produce(&mut self, batch: &[(usize, u32)]) -> Vec<Ready> {
        let timeline = self.timeline;
        let keys: Vec<u128> = batch
            .par_chunk_by(|a, b| a.0 == b.0 && b.1 % TOGETHER != 0)
            .flat_map_iter(|cells| {
                let (universe, first) = cells[0];
                let start = self.options.now();
                let keys = timeline.keys(universe, first..first + cells.len() as u32);
                self.spend(Costs { keys: self.options.since(start), ..Costs::default() });
                keys
            })
            .collect();
        let mut made: HashMap<u128, usize> = HashMap::new();
        let mut jobs = Vec::new();
        let mut sources = Vec::with_capacity(batch.len());
        for (&place, &key) in batch.iter().zip(&keys) {
            if let Some(cell) = self.kept.get(&key) {
                sources.push(Source::Kept(cell.clone()));
                continue;
            }
            sources.push(Source::Made(*made.entry(key).or_insert_with(|| {
                jobs.push((place, key));
                jobs.len() - 1
            })));
        }
        let cells = self.make(&jobs);
        self.progress.shared += (batch.len() - jobs.len()) as u64;
        cells.iter().for_each(|cell| self.keep(cell));
        let ready = batch.iter().zip(sources).map(|(&(universe, cell), source)| {
            let encoded = match source {
                Source::Kept(kept) => kept,
                Source::Made(index) => cells[index].clone(),
            };
            (universe, cell, encoded)
        });
        ready.collect()
    }

    /// Copies or renders cells.
    fn make(&mut self, jobs: &[((usize, u32), u128)]) -> Vec<Cell> {
        let room = || Room::new(self.options);
        // By time, so that what the universes of a second have in common stays at hand.
        let mut order: Vec<usize> = (0..jobs.len()).collect();
        order.sort_by_key(|&job| (jobs[job].0.1, jobs[job].0.0));
        let made: Vec<(Cell, bool)> = order
            .par_iter()
            .with_min_len(4)
            .map_init(room, |room, &job| {
                let ((universe, cell), key) = jobs[job];
                let start = self.options.now();
                let copied = self.previous.as_ref().and_then(|previous| previous.cell(key));
                if let Some(copied) = copied {
                    self.spend(Costs { copy: self.options.since(start), ..Costs::default() });
                    return (copied, false);
                }
                let (made, costs) = room.render(self.timeline, universe, cell, key);
                self.spend(costs);
                (made, true)
            })
            .collect();
        for (&job, (_, rendered)) in order.iter().zip(&made) {
            let ((_, cell), _) = jobs[job];
            self.progress.rendered += u64::from(*rendered);
            self.progress.copied += u64::from(!*rendered);
            let frames = self.timeline.header().frames_in(cell);
            self.progress.frames += u64::from(frames) * u64::from(*rendered);
        }
        let mut cells: Vec<_> = order.into_iter().zip(made).collect();
        cells.sort_unstable_by_key(|(job, _)| *job);
        cells.into_iter().map(|(_, (cell, _))| cell).collect()
    }

    /// Notes what a part of the work cost.
    fn spend(&self, costs: Costs) {
        if self.options.clock.is_some() {
            self.costs.lock().unwrap_or_else(PoisonError::into_inner).add(costs);
        }
    }

    fn keep(&mut self, cell: &Cell) {
        if self.kept_bytes > KEPT {
            self.kept.clear();
            self.kept_bytes = 0;
        }
        self.kept_bytes += cell.stored_len();
        self.kept.insert(cell.key(), cell.clone());
    }
}

/// What a thread needs to render cells.
struct Room {
    options: Options,
    rows: Vec<u8>,
    scratch: Scratch,
    encoder: Encoder,
}

impl Room {
    fn new(options: Options) -> Self {
        let mut scratch = Scratch::default();
        scratch.times.meter.clock = options.clock;
        Self { options, rows: Vec::new(), scratch, encoder: Encoder::new(options.compression) }
    }

    fn render(
        &mut self,
        timeline: &Timeline,
        universe: usize,
        cell: u32,
        key: u128,
    ) -> (Cell, Costs) {
        self.rows.resize(timeline.cell_len(universe, cell), 0);
        let start = self.options.now();
        timeline.render_with(universe, cell, &mut self.rows, &mut self.scratch);
        let render = self.options.since(start);
        let start = self.options.now();
        let made = self.encoder.encode(key, timeline.width(universe), &self.rows);
        let encode = self.options.since(start);
        let cues = self.scratch.times.meter.take();
        (made, Costs { render, encode, cues, ..Costs::default() })
    }
}
