//! Opens a canvas, checks all but the cells, and finds each cell's bytes. What has passed these
//! checks is relied on below; what has not is never used.

use std::path::Path;

use gobo_dmx::Slots;
use xxhash_rust::xxh3::xxh3_64;

use crate::cell::{Cell, Decoder};
use crate::error::{CanvasError, Fault, FaultReason, Part};
use crate::header::Header;
use crate::layout::{
    END_LEN, Extent, FIXED_LEN, Fixed, MAGIC, Record, Run, end_marker, parse_records, parse_rows,
    parse_runs,
};
use crate::storage::Storage;

/// A canvas open for reading.
///
/// Opening reads and checks the header and the tables; cells are read from the file when asked
/// for, each against its checksum, so a canvas may be larger than memory. Reading from many
/// threads at once is fine. A file replaced by a rename meanwhile goes on being the old one.
#[derive(Clone, Debug)]
pub struct Canvas {
    storage: Storage,
    header: Header,
    /// Where each universe's runs start in `runs`, and where the last one's end.
    rows: Vec<u64>,
    runs: Vec<Run>,
    records: Vec<Record>,
}

impl Canvas {
    /// Opens a canvas file.
    pub fn open(path: &Path) -> Result<Self, CanvasError> {
        Self::from_storage(Storage::open(path)?)
    }

    /// Reads a canvas from memory.
    pub fn from_bytes(bytes: impl Into<std::sync::Arc<[u8]>>) -> Result<Self, CanvasError> {
        Self::from_storage(Storage::Memory(bytes.into()))
    }

    fn from_storage(storage: Storage) -> Result<Self, CanvasError> {
        let fixed = read_fixed(&storage)?;
        let header: Header =
            serde_json::from_slice(&read_part(&storage, Part::Header, fixed.header)?)
                .map_err(|error| CanvasError::malformed(Part::Header, error.to_string()))?;
        header.check().map_err(|reason| CanvasError::malformed(Part::Header, reason))?;
        if header.universes.len() != fixed.universes as usize
            || header.frames != fixed.frames
            || header.rate.frames_per_cell() != fixed.frames_per_cell
        {
            return Err(CanvasError::malformed(Part::Header, "it disagrees with the fixed header"));
        }
        let rows = parse_rows(&read_part(&storage, Part::Rows, fixed.rows)?);
        let runs = parse_runs(&read_part(&storage, Part::Runs, fixed.runs)?);
        let records = parse_records(&read_part(&storage, Part::Records, fixed.records)?)?;
        check_records(&records, fixed.store)?;
        let canvas = Self { storage, header, rows, runs, records };
        canvas.check_rows()?;
        Ok(canvas)
    }

    /// Reads the whole file into memory, from where all is read after that: no slow disk delays
    /// it, and a file that is cut short, overwritten or on a volume that goes away does no harm.
    pub fn load(&self) -> std::io::Result<()> {
        self.storage.load()
    }

    /// What the canvas says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// How many cells each universe has.
    pub fn cells(&self) -> u32 {
        self.header.cells()
    }

    /// How many different cells the file holds.
    pub fn unique_cells(&self) -> usize {
        self.records.len()
    }

    /// The length of the file in bytes.
    pub fn file_len(&self) -> u64 {
        self.storage.len()
    }

    /// The key of a cell.
    pub fn key(&self, universe: usize, cell: u32) -> Result<u128, CanvasError> {
        Ok(self.record(self.record_index(universe, cell)?).key)
    }

    /// The encoded cell, checked but not decoded: to be put in another canvas as it is.
    pub fn encoded(&self, universe: usize, cell: u32) -> Result<Cell, CanvasError> {
        let index = self.record_index(universe, cell)?;
        let record = self.record(index);
        let mut bytes = Vec::new();
        self.read_record(index, &mut bytes)?;
        Ok(Cell {
            key: record.key,
            frames: record.frames,
            width: record.width,
            encoding: record.encoding,
            checksum: record.checksum,
            bytes: bytes.into(),
        })
    }

    /// Decodes a cell to rows of the universe's used slots, in the place of what `out` held.
    pub fn cell(&self, universe: usize, cell: u32, out: &mut Vec<u8>) -> Result<(), CanvasError> {
        let index = self.record_index(universe, cell)?;
        self.decode(index, &mut Decoder::new(), &mut Vec::new(), out)
    }

    /// One frame of a universe, alone. To read many, use a [`Reader`](crate::Reader).
    pub fn frame(&self, universe: usize, frame: u32, out: &mut Slots) -> Result<(), CanvasError> {
        let (cell, row) = self.locate(frame)?;
        let mut rows = Vec::new();
        self.cell(universe, cell, &mut rows)?;
        let width = usize::from(self.header.universes[universe].slots_used);
        out.fill(0);
        out[..width].copy_from_slice(&rows[row * width..][..width]);
        Ok(())
    }

    /// Reads every cell against its checksum and decodes it; the faults found, in file order.
    pub fn verify(&self) -> Result<Vec<Fault>, CanvasError> {
        let (mut decoder, mut bytes, mut rows) = (Decoder::new(), Vec::new(), Vec::new());
        let mut faults = Vec::new();
        for index in 0..self.records.len() as u64 {
            match self.decode(index, &mut decoder, &mut bytes, &mut rows) {
                Ok(()) => {}
                Err(CanvasError::Cell(fault)) => faults.push(fault),
                Err(error) => return Err(error),
            }
        }
        Ok(faults)
    }

    /// Whether the bytes of every cell are those that were written; quicker than
    /// [`Canvas::verify`], for nothing is decoded.
    pub fn is_whole(&self) -> bool {
        let mut bytes = Vec::new();
        (0..self.records.len() as u64).all(|index| self.read_record(index, &mut bytes).is_ok())
    }

    /// The cell that a frame is in, and its row there.
    pub(crate) fn locate(&self, frame: u32) -> Result<(u32, usize), CanvasError> {
        let count = self.header.frames;
        if frame >= count {
            return Err(CanvasError::NoFrame { frame, count });
        }
        let per_cell = self.header.rate.frames_per_cell();
        Ok((frame / per_cell, (frame % per_cell) as usize))
    }

    /// The runs of a universe.
    pub(crate) fn row(&self, universe: usize) -> Result<&[Run], CanvasError> {
        let count = self.header.universes.len();
        if universe >= count {
            return Err(CanvasError::NoUniverse { index: universe, count });
        }
        // Checked on opening: the rows rise and end at the last run.
        Ok(&self.runs[self.rows[universe] as usize..self.rows[universe + 1] as usize])
    }

    pub(crate) fn record_index(&self, universe: usize, cell: u32) -> Result<u64, CanvasError> {
        let row = self.row(universe)?;
        let count = self.cells();
        if cell >= count {
            return Err(CanvasError::NoCell { cell, count });
        }
        // Checked on opening: a row has a run that starts at 0.
        let after = row.partition_point(|run| run.first_cell <= cell);
        Ok(row[after - 1].record)
    }

    /// The end of the run of equal cells that a cell is in.
    pub(crate) fn run_end(&self, universe: usize, cell: u32) -> Result<u32, CanvasError> {
        let row = self.row(universe)?;
        let after = row.partition_point(|run| run.first_cell <= cell);
        Ok(row.get(after).map_or(self.cells(), |run| run.first_cell))
    }

    pub(crate) fn record(&self, index: u64) -> &Record {
        // Checked on opening: runs name records that there are.
        &self.records[index as usize]
    }

    /// Decodes a record to `out`; `bytes` is room for what the file holds.
    pub(crate) fn decode(
        &self,
        index: u64,
        decoder: &mut Decoder,
        bytes: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<(), CanvasError> {
        self.read_record(index, bytes)?;
        let record = self.record(index);
        out.resize(record.decoded_len(), 0);
        if decoder.decode(record.encoding, bytes, record.width.into(), out) {
            return Ok(());
        }
        Err(CanvasError::Cell(self.fault(index, FaultReason::Undecodable)))
    }

    /// Reads what the file holds of a record, against its checksum.
    pub(crate) fn read_record(&self, index: u64, bytes: &mut Vec<u8>) -> Result<(), CanvasError> {
        let record = self.record(index);
        bytes.resize(record.length as usize, 0);
        self.storage.read_at(record.offset, bytes)?;
        if xxh3_64(bytes) == record.checksum {
            return Ok(());
        }
        Err(CanvasError::Cell(self.fault(index, FaultReason::Checksum)))
    }

    /// A fault in a record, with the first place that uses it.
    fn fault(&self, index: u64, reason: FaultReason) -> Fault {
        let record = self.record(index);
        let run = self.runs.iter().position(|run| run.record == index).unwrap_or_default();
        let universe = self.rows.partition_point(|&start| start <= run as u64) - 1;
        Fault {
            universe: self.header.universes[universe].universe,
            cell: self.runs[run].first_cell,
            offset: record.offset,
            length: record.length.into(),
            reason,
        }
    }

    /// The tables cover every cell of every universe with records of the right shape.
    fn check_rows(&self) -> Result<(), CanvasError> {
        let bad = |part, reason: String| Err(CanvasError::malformed(part, reason));
        let rise = self.rows.windows(2).all(|pair| pair[0] < pair[1]);
        let ends = (self.rows.first().copied(), self.rows.last().copied());
        if !rise || ends != (Some(0), Some(self.runs.len() as u64)) {
            return bad(Part::Rows, "the rows do not divide the runs".to_owned());
        }
        for (index, entry) in self.header.universes.iter().enumerate() {
            if let Err(reason) = self.check_row(self.row(index)?, entry.slots_used) {
                return bad(Part::Runs, format!("universe {}: {reason}", entry.universe));
            }
        }
        let mut used = vec![false; self.records.len()];
        self.runs.iter().for_each(|run| used[run.record as usize] = true);
        if used.contains(&false) {
            return bad(Part::Records, "a cell is used nowhere".to_owned());
        }
        Ok(())
    }

    fn check_row(&self, row: &[Run], width: u16) -> Result<(), &'static str> {
        if row[0].first_cell != 0 {
            return Err("its first run does not start at cell 0");
        }
        let ends = row[1..].iter().map(|run| run.first_cell).chain([self.cells()]);
        for (run, end) in row.iter().zip(ends) {
            if run.first_cell >= end {
                return Err("its runs do not rise");
            }
            let record = usize::try_from(run.record).ok().and_then(|index| self.records.get(index));
            let Some(record) = record else {
                return Err("a run names a cell that there is not");
            };
            let whole = [run.first_cell, end - 1].map(|cell| self.header.frames_in(cell));
            if record.width != width || whole != [record.frames; 2] {
                return Err("a cell has other frames or slots than its place");
            }
        }
        Ok(())
    }
}

fn read_fixed(storage: &Storage) -> Result<Fixed, CanvasError> {
    let found = storage.len();
    let mut start = [0; FIXED_LEN as usize];
    let have = found.min(FIXED_LEN) as usize;
    storage.read_at(0, &mut start[..have])?;
    if have < start.len() {
        if have == 0 || !MAGIC.starts_with(&start[..have.min(MAGIC.len())]) {
            return Err(CanvasError::NotACanvas);
        }
        return Err(CanvasError::WrongLength { promised: FIXED_LEN + END_LEN, found });
    }
    let fixed = Fixed::from_bytes(&start, found)?;
    let mut end = [0; END_LEN as usize];
    let offset = found - END_LEN;
    storage.read_at(offset, &mut end)?;
    if end != end_marker(&fixed) {
        return Err(CanvasError::Damaged { part: Part::EndMarker, offset, length: END_LEN });
    }
    Ok(fixed)
}

fn read_part(storage: &Storage, part: Part, extent: Extent) -> Result<Vec<u8>, CanvasError> {
    let Extent { offset, length, checksum } = extent;
    let bytes = storage.read(offset, length)?;
    if xxh3_64(&bytes) != checksum {
        return Err(CanvasError::Damaged { part, offset, length });
    }
    Ok(bytes)
}

/// The records fill the cell store in order, without a gap; some may share bytes before them.
fn check_records(records: &[Record], store: Extent) -> Result<(), CanvasError> {
    let bad = |reason: &str| Err(CanvasError::malformed(Part::Records, reason));
    let mut end = store.offset;
    for record in records {
        match record.end() {
            Some(record_end) if record.offset == end => end = record_end,
            Some(record_end) if record.offset >= store.offset && record_end <= end => {}
            _ => return bad("the cells do not follow each other"),
        }
    }
    if end != store.offset + store.length {
        return bad("the cells do not fill their store");
    }
    Ok(())
}
