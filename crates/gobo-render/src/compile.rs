//! A timeline to a canvas: all cells, on all cores, each rendered only if it must be.

use std::collections::{HashMap, VecDeque};
use std::ops::{ControlFlow, Range};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gobo_canvas::{Canvas, CanvasWriter, Cell, Compression, Encoder, WriteError};
use rayon::prelude::*;

use crate::cell::Scratch;
use crate::meter::{Clock, Costs};
use crate::timeline::Timeline;

/// About how many cells are worked on at a time: what bounds memory, at 30 KB a cell at most.
const BATCH: usize = 1024;
/// How many cells of a universe at least have their keys worked out together.
const TOGETHER: u32 = 32;
/// How many seconds are looked at together where nothing moves.
const STILL: u32 = 4096;
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
    let mut stretches = Stretches::new(timeline);
    let first = stretches.batch(&compiler);
    let mut ready = compiler.produce(&first);
    while !ready.is_empty() {
        let batch = stretches.batch(&compiler);
        // One batch is written while the next one is rendered.
        let write = || {
            let start = options.now();
            put(writer, &ready).map(|()| options.since(start))
        };
        let (written, produced) = rayon::join(write, || compiler.produce(&batch));
        compiler.spend(Costs { write: written?, ..Costs::default() });
        compiler.progress.done += ready.iter().map(|(stretch, _)| stretch.len()).sum::<u64>();
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

/// Cells of a universe that follow each other and are the same.
#[derive(Clone)]
struct Stretch {
    universe: usize,
    cells: Range<u32>,
    key: u128,
}

impl Stretch {
    fn len(&self) -> u64 {
        self.cells.len() as u64
    }
}

/// All cells in stretches, by their first, then by universe.
struct Stretches<'a> {
    timeline: &'a Timeline,
    /// The cell that is looked at next, and how many with it.
    next: u32,
    window: u32,
    waiting: VecDeque<Stretch>,
}

impl<'a> Stretches<'a> {
    fn new(timeline: &'a Timeline) -> Self {
        let window = Self::usual(timeline);
        Self { timeline, next: 0, window, waiting: VecDeque::new() }
    }

    /// How many seconds of all universes are looked at together.
    fn usual(timeline: &Timeline) -> u32 {
        ((BATCH / timeline.universes().len().max(1)) as u32).max(TOGETHER)
    }

    /// The stretches that are made next; none at the end.
    fn batch(&mut self, compiler: &Compiler<'_>) -> Vec<Stretch> {
        let cells = self.timeline.header().cells();
        while self.waiting.len() < BATCH && self.next < cells {
            let window = self.next..cells.min(self.next.saturating_add(self.window));
            let found = compiler.stretches(&window);
            // Where nothing moves, more is looked at at a time.
            self.window = match found.len() <= self.timeline.universes().len() {
                true => (self.window * 2).min(STILL.max(self.window)),
                false => Self::usual(self.timeline),
            };
            self.waiting.extend(found);
            self.next = window.end;
        }
        self.waiting.drain(..BATCH.min(self.waiting.len())).collect()
    }
}

/// A stretch and the cell that all of it is.
type Ready = (Stretch, Cell);

fn put(writer: &mut CanvasWriter, ready: &[Ready]) -> Result<(), WriteError> {
    ready.iter().try_for_each(|(stretch, encoded)| {
        writer.put_run(stretch.universe, stretch.cells.clone(), encoded)
    })
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

/// Those that follow each other with one key made one.
fn joined(stretches: impl Iterator<Item = Stretch>) -> Vec<Stretch> {
    let mut joined: Vec<Stretch> = Vec::new();
    for stretch in stretches {
        match joined.last_mut() {
            Some(last)
                if last.universe == stretch.universe
                    && last.key == stretch.key
                    && last.cells.end == stretch.cells.start =>
            {
                last.cells.end = stretch.cells.end;
            }
            _ => joined.push(stretch),
        }
    }
    joined
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
    /// The stretches of some seconds of all universes, by their first cell, then by universe.
    fn stretches(&self, window: &Range<u32>) -> Vec<Stretch> {
        let each = (window.len() as u32 / 8).max(TOGETHER);
        let parts = window.clone().step_by(each as usize);
        let parts: Vec<Range<u32>> =
            parts.map(|first| first..window.end.min(first + each)).collect();
        let universes = 0..self.timeline.universes().len();
        let of = |universe| parts.iter().map(move |part| (universe, part.clone()));
        let work: Vec<(usize, Range<u32>)> = universes.flat_map(of).collect();
        let keys = |(universe, cells): (usize, Range<u32>)| {
            let start = self.options.now();
            let keys = self.timeline.keys(universe, cells.clone());
            self.spend(Costs { keys: self.options.since(start), ..Costs::default() });
            joined(cells.zip(keys).map(|(cell, key)| Stretch {
                universe,
                cells: cell..cell + 1,
                key,
            }))
        };
        let found: Vec<Vec<Stretch>> = work.into_par_iter().map(keys).collect();
        let mut found = joined(found.into_iter().flatten());
        found.sort_by_key(|stretch| (stretch.cells.start, stretch.universe));
        found
    }

    /// The encoded cells of a batch, in its order.
    fn produce(&mut self, batch: &[Stretch]) -> Vec<Ready> {
        let mut made: HashMap<u128, usize> = HashMap::new();
        let mut jobs = Vec::new();
        let mut sources = Vec::with_capacity(batch.len());
        for stretch in batch {
            if let Some(cell) = self.kept.get(&stretch.key) {
                sources.push(Source::Kept(cell.clone()));
                continue;
            }
            sources.push(Source::Made(*made.entry(stretch.key).or_insert_with(|| {
                jobs.push(((stretch.universe, stretch.cells.start), stretch.key));
                jobs.len() - 1
            })));
        }
        let cells = self.make(&jobs);
        let all: u64 = batch.iter().map(Stretch::len).sum();
        self.progress.shared += all - jobs.len() as u64;
        cells.iter().for_each(|cell| self.keep(cell));
        let ready = batch.iter().zip(sources).map(|(stretch, source)| {
            let encoded = match source {
                Source::Kept(kept) => kept,
                Source::Made(index) => cells[index].clone(),
            };
            (stretch.clone(), encoded)
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
