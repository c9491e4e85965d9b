//! The show over time, and the cells that it gives.

use std::ops::Range;
use std::sync::Arc;

use gobo_canvas::{Canvas, Header};
use gobo_dmx::Universe;
use gobo_show::show::Show;

use crate::bundle::Run;
use crate::cell::{self, DrivenFixture, Scratch};
use crate::fingerprint::Fingerprint;
use crate::layer::KnownSpans;
use crate::rigged::Rigged;
use crate::strip::{self, Block};
use crate::{ENGINE, bundle, header, lower, speed};

/// A show lowered to closed pieces of time for each attribute of each head.
///
/// Any cell, and any frame, can be rendered alone, in any order and on any thread.
#[derive(Clone, Debug)]
pub struct Timeline {
    header: Header,
    universes: Vec<DrivenUniverse>,
    rigged: Arc<Rigged>,
}

#[derive(Clone, Debug)]
struct DrivenUniverse {
    universe: Universe,
    slots_used: u16,
    fixtures: Vec<DrivenFixture>,
    blocks: Vec<Block>,
    /// The heads of all its fixtures, in their order.
    runs: Vec<Run>,
    /// Stands for the fixtures, but for what they are to show.
    plans: u128,
}

impl DrivenUniverse {
    fn new(universe: Universe) -> Self {
        Self {
            universe,
            slots_used: 1,
            fixtures: Vec::new(),
            blocks: Vec::new(),
            runs: Vec::new(),
            plans: 0,
        }
    }

    /// Ends adding fixtures.
    fn seal(&mut self) {
        self.blocks = strip::blocks(&self.fixtures);
        self.runs = bundle::joined(self.fixtures.iter().flat_map(|one| &one.heads));
        let mut plans = Fingerprint::new();
        self.fixtures.iter().for_each(|fixture| plans.wide(fixture.plan.fingerprint));
        self.plans = plans.digest();
    }
}

impl Timeline {
    /// Lowers a show. Universes are those that fixtures are patched to, rising.
    pub fn new(show: &Show) -> Self {
        Self::over(Arc::new(Rigged::new(&show.rig)), show)
    }

    /// Lowers a show as [`Timeline::new`] does; what depends on nothing but the rig is that of
    /// another timeline, if it is over the same one.
    pub fn after(before: &Self, show: &Show) -> Self {
        match Arc::ptr_eq(&before.rigged.rig, &show.rig) {
            true => Self::over(Arc::clone(&before.rigged), show),
            false => Self::new(show),
        }
    }

    fn over(rigged: Arc<Rigged>, show: &Show) -> Self {
        let mut bundles = lower::lower(show, &rigged.plans);
        let plans = &rigged.plans.fixtures;
        speed::limit(show, plans, &mut bundles, &mut KnownSpans::default());
        let mut universes: Vec<DrivenUniverse> = Vec::new();
        for (placed, heads) in rigged.placed.iter().zip(bundles.runs(&show.rig.fixtures)) {
            for place in placed {
                let index = universes.binary_search_by_key(&place.universe, |known| known.universe);
                let index = index.unwrap_or_else(|index| {
                    universes.insert(index, DrivenUniverse::new(place.universe));
                    index
                });
                let universe = &mut universes[index];
                universe.slots_used = universe.slots_used.max(place.slots_used);
                universe.fixtures.push(DrivenFixture::new(place, &heads));
            }
        }
        universes.iter_mut().for_each(DrivenUniverse::seal);
        let used = universes.iter().map(|universe| (universe.universe, universe.slots_used));
        let header = header::header(show, &rigged.patch, used);
        Self { header, universes, rigged }
    }

    /// The header of the show's canvas.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The universes, rising: what universe indices count.
    pub fn universes(&self) -> impl ExactSizeIterator<Item = Universe> {
        self.universes.iter().map(|universe| universe.universe)
    }

    /// How many bytes a cell takes: its frames times the universe's used slots. 0 for a cell or
    /// universe that is not there.
    pub fn cell_len(&self, universe: usize, cell: u32) -> usize {
        let width = self.universes.get(universe).map_or(0, |known| known.slots_used);
        usize::from(self.header.frames_in(cell)) * usize::from(width)
    }

    /// A hash of everything that can change a cell of `universe` (an index into
    /// [`Timeline::universes`]): equal keys mean equal bytes.
    ///
    /// Times in it are relative to the cell, so that the same second of a loop, or of a hold, has
    /// the same key.
    pub fn key(&self, universe: usize, cell: u32) -> u128 {
        self.keys_of_each(universe, cell..cell + 1)[0]
    }

    /// The keys of some cells of `universe`, each as [`Timeline::key`] gives it.
    pub fn keys(&self, universe: usize, cells: Range<u32>) -> Vec<u128> {
        let last = cells.end.saturating_sub(1);
        if last > cells.start && self.stands_still(universe, &(cells.start..last)) {
            let mut keys = vec![self.key(universe, cells.start); cells.len() - 1];
            keys.push(self.key(universe, last));
            return keys;
        }
        self.keys_of_each(universe, cells)
    }

    /// Whether some cells show one frame and nothing else. All but a canvas's last are as long as
    /// each other.
    fn stands_still(&self, universe: usize, cells: &Range<u32>) -> bool {
        let frames = self.frames(cells.start).start..self.frames(cells.end).start;
        let runs = self.universes.get(universe).map_or(&[][..], |universe| &universe.runs);
        runs.iter().all(|run| run.tracks.are_steady(&frames, &run.members))
    }

    fn keys_of_each(&self, universe: usize, cells: Range<u32>) -> Vec<u128> {
        let universe = self.universes.get(universe);
        let begun = |cell| {
            let mut hash = Fingerprint::new();
            hash.text(ENGINE);
            hash.integer(u64::from(self.header.rate.numerator()));
            hash.integer(u64::from(self.header.rate.denominator()));
            hash.integer(u64::from(self.header.frames_in(cell)));
            if let Some(known) = universe {
                hash.integer(u64::from(known.slots_used));
                hash.wide(known.plans);
            }
            (self.frames(cell), hash)
        };
        let mut hashes: Vec<(Range<u32>, Fingerprint)> = cells.map(begun).collect();
        // Run by run, so that the pieces of one stay at hand for all the cells.
        for run in universe.into_iter().flat_map(|universe| &universe.runs) {
            hashes.iter_mut().for_each(|(frames, hash)| {
                run.tracks.fingerprint(frames, &run.members, hash);
            });
        }
        hashes.into_iter().map(|(_, hash)| hash.digest()).collect()
    }

    /// Renders a cell of `universe` (an index into [`Timeline::universes`]) to rows of the
    /// universe's used slots, one for each frame.
    ///
    /// # Panics
    /// If `rows` is not [`Timeline::cell_len`] long.
    pub fn render(&self, universe: usize, cell: u32, rows: &mut [u8]) {
        self.render_with(universe, cell, rows, &mut Scratch::default());
    }

    /// Renders one frame alone, to the universe's used slots: as in its cell.
    ///
    /// # Panics
    /// If `row` is not as long as the universe's used slots.
    pub fn frame(&self, universe: usize, frame: u32, row: &mut [u8]) {
        self.rows(universe, frame..frame.saturating_add(1), row, &mut Scratch::default());
    }

    pub(crate) fn render_with(
        &self,
        universe: usize,
        cell: u32,
        rows: &mut [u8],
        scratch: &mut Scratch,
    ) {
        self.rows(universe, self.frames(cell), rows, scratch);
    }

    fn rows(&self, universe: usize, frames: Range<u32>, rows: &mut [u8], scratch: &mut Scratch) {
        let Some(universe) = self.universes.get(universe) else { return };
        let width = usize::from(universe.slots_used);
        assert_eq!(rows.len(), width * frames.len(), "one row of used slots for each frame");
        let Some((first, others)) = rows.split_at_mut_checked(width) else { return };
        first.fill(0);
        let still = frames.start..frames.start + 1;
        let (steady, moving): (Vec<_>, Vec<_>) = universe.blocks.iter().partition(|block| {
            let mut fixtures = universe.fixtures[block.fixtures.clone()].iter();
            fixtures.all(|fixture| fixture.is_steady(&frames))
        });
        for block in steady {
            cell::render(block, &universe.fixtures, &still, first, width, scratch);
        }
        others.chunks_exact_mut(width).for_each(|row| row.copy_from_slice(first));
        for block in moving {
            cell::render(block, &universe.fixtures, &frames, rows, width, scratch);
        }
    }

    /// Whether `canvas` is what this timeline would give, by its header and the keys of all its
    /// cells.
    pub fn is_current(&self, canvas: &Canvas) -> bool {
        canvas.header().apart() == self.header
            && self.cells().all(|(universe, cell)| {
                canvas.key(universe, cell).is_ok_and(|key| key == self.key(universe, cell))
            })
    }

    /// All cells as universe index and cell index, by time, then by universe.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (usize, u32)> {
        (0..self.header.cells())
            .flat_map(|cell| (0..self.universes.len()).map(move |universe| (universe, cell)))
    }

    pub(crate) fn width(&self, universe: usize) -> u16 {
        self.universes[universe].slots_used
    }

    fn frames(&self, cell: u32) -> Range<u32> {
        let first = self.header.first_frame(cell);
        first..first + u32::from(self.header.frames_in(cell))
    }
}
