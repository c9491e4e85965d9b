//! Puts cells into a file in their one order. It never encodes, and never shows half a file.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::Path;

use xxhash_rust::xxh3::{Xxh3, xxh3_64, xxh3_128};

use crate::cell::{Cell, Encoding};
use crate::error::WriteError;
use crate::header::Header;
use crate::layout::{END_LEN, Extent, FIXED_LEN, Fixed, Record, Run, end_marker};
use crate::new_file::NewFile;

/// Writes a canvas beside its place and moves it there when it is whole.
///
/// Cells may be put in any order, and the bytes of the file do not depend on it: a cell lies by
/// second, then by universe. A second is written once all universes have given it; until then
/// its cells wait in memory, so put them roughly in the order of time. Equal cells (by key, or
/// by bytes) are written once.
///
/// Dropped before [`CanvasWriter::finish`], it leaves nothing behind and the old file as it was.
pub struct CanvasWriter {
    header: Header,
    file: NewFile,
    header_extent: Extent,
    /// Cells put, not yet placed: (first cell, universe) -> (end, cell).
    waiting: BTreeMap<(u32, usize), (u32, Cell)>,
    /// For each universe, the end of the cells that have been placed.
    placed: Vec<u32>,
    /// All universes are placed up to this cell.
    frontier: u32,
    /// How many universes still owe the cell at the frontier.
    owed: usize,
    rows: Vec<Vec<Run>>,
    records: Vec<Record>,
    by_key: HashMap<Identity, u64>,
    by_content: HashMap<(u128, Encoding), u64>,
    /// Where the next cell goes in the file.
    end: u64,
}

/// What makes cells equal without a look at their bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Identity {
    key: u128,
    frames: u16,
    width: u16,
}

impl CanvasWriter {
    /// Starts a canvas that will be at `path`; folders must exist.
    pub fn create(path: &Path, header: &Header) -> Result<Self, WriteError> {
        header.check().map_err(WriteError::Header)?;
        let json = serde_json::to_vec(header).map_err(|e| WriteError::Header(e.to_string()))?;
        if std::fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
            // Its first bytes are written last.
            return Err(WriteError::NotAFile);
        }
        let mut file = NewFile::create(path)?;
        file.write_all(&[0; FIXED_LEN as usize])?;
        file.write_all(&json)?;
        let header_extent =
            Extent { offset: FIXED_LEN, length: json.len() as u64, checksum: xxh3_64(&json) };
        let universes = header.universes.len();
        Ok(Self {
            header: header.clone(),
            file,
            header_extent,
            waiting: BTreeMap::new(),
            placed: vec![0; universes],
            frontier: 0,
            owed: universes,
            rows: vec![Vec::new(); universes],
            records: Vec::new(),
            by_key: HashMap::new(),
            by_content: HashMap::new(),
            end: FIXED_LEN + json.len() as u64,
        })
    }

    /// The header that the canvas was started with.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Puts a cell of a universe (an index into [`Header::universes`]).
    pub fn put(&mut self, universe: usize, cell: u32, encoded: &Cell) -> Result<(), WriteError> {
        self.put_run(universe, cell..cell.saturating_add(1), encoded)
    }

    /// Puts the same cell at each of `cells`, at the cost of one.
    pub fn put_run(
        &mut self,
        universe: usize,
        cells: Range<u32>,
        encoded: &Cell,
    ) -> Result<(), WriteError> {
        if cells.is_empty() {
            return Ok(());
        }
        self.check_shape(universe, &cells, encoded)?;
        let twice = Err(WriteError::PutTwice { universe, cell: cells.start });
        if cells.start < self.placed[universe] {
            return twice;
        }
        let entry = (cells.end, encoded.clone());
        if self.waiting.insert((cells.start, universe), entry).is_some() {
            return twice;
        }
        if cells.start == self.frontier {
            self.owed -= 1;
        }
        self.place_seconds()
    }

    fn check_shape(
        &self,
        universe: usize,
        cells: &Range<u32>,
        encoded: &Cell,
    ) -> Result<(), WriteError> {
        let count = self.header.cells();
        let entry = self.header.universes.get(universe).filter(|_| cells.end <= count);
        let Some(entry) = entry else {
            return Err(WriteError::NoSuchCell {
                universe,
                cell: cells.end - 1,
                universes: self.header.universes.len(),
                cells: count,
            });
        };
        let width = entry.slots_used;
        for cell in [cells.start, cells.end - 1] {
            let frames = self.header.frames_in(cell);
            if (encoded.frames, encoded.width) != (frames, width) {
                let (found_frames, found_width) = (encoded.frames, encoded.width);
                return Err(WriteError::WrongShape {
                    universe,
                    cell,
                    frames,
                    width,
                    found_frames,
                    found_width,
                });
            }
        }
        Ok(())
    }

    /// Places every second that all universes have given.
    fn place_seconds(&mut self) -> Result<(), WriteError> {
        while self.owed == 0 && self.frontier < self.header.cells() {
            while let Some(entry) = self.waiting.first_entry() {
                let (cell, universe) = *entry.key();
                if cell > self.frontier {
                    break;
                }
                let (end, encoded) = entry.remove();
                if cell < self.placed[universe] {
                    return Err(WriteError::PutTwice { universe, cell });
                }
                self.place(universe, cell, &encoded)?;
                self.placed[universe] = end;
            }
            self.frontier = self.placed.iter().copied().min().unwrap_or(self.header.cells());
            let due = self.placed.iter().filter(|&&end| end == self.frontier).count();
            let here = (self.frontier, 0)..(self.frontier, usize::MAX);
            self.owed = due.saturating_sub(self.waiting.range(here).count());
        }
        Ok(())
    }

    fn place(&mut self, universe: usize, first_cell: u32, cell: &Cell) -> Result<(), WriteError> {
        let identity = Identity { key: cell.key, frames: cell.frames, width: cell.width };
        let record = match self.by_key.get(&identity) {
            Some(&record) => record,
            None => {
                let record = self.records.len() as u64;
                let stored = self.store(cell)?;
                self.records.push(stored);
                self.by_key.insert(identity, record);
                record
            }
        };
        let row = &mut self.rows[universe];
        if row.last().is_none_or(|run| run.record != record) {
            row.push(Run { first_cell, record });
        }
        Ok(())
    }

    /// Writes a cell's bytes, unless some cell has the same.
    fn store(&mut self, cell: &Cell) -> io::Result<Record> {
        let content = (xxh3_128(&cell.bytes), cell.encoding);
        let offset = match self.by_content.get(&content) {
            Some(&offset) => offset,
            None => {
                self.file.write_all(&cell.bytes)?;
                let offset = self.end;
                self.end += cell.bytes.len() as u64;
                self.by_content.insert(content, offset);
                offset
            }
        };
        Ok(Record {
            key: cell.key,
            offset,
            // A cell is at most 1000 rows of 512 slots.
            length: cell.bytes.len() as u32,
            frames: cell.frames,
            width: cell.width,
            checksum: cell.checksum,
            encoding: cell.encoding,
        })
    }

    /// Writes the tables, brings everything to the disk, and moves the canvas to its place.
    pub fn finish(mut self) -> Result<(), WriteError> {
        self.check_whole()?;
        let tables = self.write_tables()?;
        let [rows, runs, records] = tables;
        let fixed = Fixed {
            file_len: records.offset + records.length + END_LEN,
            universes: self.header.universes.len() as u32,
            frames: self.header.frames,
            cells: self.header.cells(),
            frames_per_cell: self.header.rate.frames_per_cell(),
            header: self.header_extent,
            store: Extent {
                offset: self.header_extent.offset + self.header_extent.length,
                length: rows.offset - self.header_extent.offset - self.header_extent.length,
                checksum: 0,
            },
            rows,
            runs,
            records,
        };
        self.file.write_all(&end_marker(&fixed))?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&fixed.to_bytes())?;
        Ok(self.file.finish()?)
    }

    /// Every cell of every universe has been put, once.
    fn check_whole(&self) -> Result<(), WriteError> {
        if let Some((&(cell, universe), _)) =
            self.waiting.iter().find(|&(&(cell, universe), _)| cell < self.placed[universe])
        {
            return Err(WriteError::PutTwice { universe, cell });
        }
        let missing = |(universe, &end): (usize, &u32)| {
            (end < self.header.cells() && !self.waiting.contains_key(&(end, universe)))
                .then_some(WriteError::Missing { universe, cell: end })
        };
        match self.placed.iter().enumerate().find_map(missing) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// Writes the rows, the runs and the records.
    fn write_tables(&mut self) -> io::Result<[Extent; 3]> {
        let mut starts = vec![0_u64];
        for row in &self.rows {
            starts.push(starts[starts.len() - 1] + row.len() as u64);
        }
        let rows = self.write_table(starts.iter().map(|start| start.to_le_bytes()))?;
        let runs = std::mem::take(&mut self.rows);
        let runs = self.write_table(runs.iter().flatten().map(|run| run.to_bytes()))?;
        let records = std::mem::take(&mut self.records);
        let records = self.write_table(records.iter().map(|record| record.to_bytes()))?;
        Ok([rows, runs, records])
    }

    fn write_table<const N: usize>(
        &mut self,
        entries: impl Iterator<Item = [u8; N]>,
    ) -> io::Result<Extent> {
        let (offset, mut hash) = (self.end, Xxh3::new());
        for entry in entries {
            hash.update(&entry);
            self.file.write_all(&entry)?;
            self.end += N as u64;
        }
        Ok(Extent { offset, length: self.end - offset, checksum: hash.digest() })
    }
}
