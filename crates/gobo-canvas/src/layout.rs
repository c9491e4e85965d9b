//! Where every byte of the file is; `FORMAT.md` in words. All integers are little-endian.

use xxhash_rust::xxh3::xxh3_64;

use crate::cell::Encoding;
use crate::error::{CanvasError, Part};

/// The version of the format that this crate writes, and the only one that it reads.
pub const FORMAT_VERSION: u32 = 1;

/// Not text, and broken by whatever changes line ends or drops the eighth bit, as PNG's.
pub(crate) const MAGIC: [u8; 8] = *b"\x89gobo\r\n\x1a";
pub(crate) const END_MAGIC: [u8; 8] = *b"gobo end";

pub(crate) const FIXED_LEN: u64 = 168;
pub(crate) const END_LEN: u64 = 24;
const ROW_LEN: u64 = 8;
const RUN_LEN: u64 = 12;
const RECORD_LEN: u64 = 48;

/// A part of the file behind the fixed header.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Extent {
    pub(crate) offset: u64,
    pub(crate) length: u64,
    /// XXH3-64 of the bytes; 0 for the cell store, whose cells have their own.
    pub(crate) checksum: u64,
}

impl Extent {
    fn end(self) -> Option<u64> {
        self.offset.checked_add(self.length)
    }
}

/// The fixed header at the start of the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Fixed {
    pub(crate) file_len: u64,
    pub(crate) universes: u32,
    pub(crate) frames: u32,
    pub(crate) cells: u32,
    pub(crate) frames_per_cell: u32,
    pub(crate) header: Extent,
    pub(crate) store: Extent,
    pub(crate) rows: Extent,
    pub(crate) runs: Extent,
    pub(crate) records: Extent,
}

impl Fixed {
    pub(crate) fn to_bytes(self) -> [u8; FIXED_LEN as usize] {
        let mut bytes = [0; FIXED_LEN as usize];
        let mut at = 0;
        let mut put = |field: &[u8]| {
            bytes[at..at + field.len()].copy_from_slice(field);
            at += field.len();
        };
        put(&MAGIC);
        put(&FORMAT_VERSION.to_le_bytes());
        put(&(FIXED_LEN as u32).to_le_bytes());
        put(&self.file_len.to_le_bytes());
        for number in [self.universes, self.frames, self.cells, self.frames_per_cell] {
            put(&number.to_le_bytes());
        }
        for extent in self.extents() {
            for number in [extent.offset, extent.length, extent.checksum] {
                put(&number.to_le_bytes());
            }
        }
        let (body, checksum) = bytes.split_at_mut(FIXED_LEN as usize - 8);
        checksum.copy_from_slice(&xxh3_64(body).to_le_bytes());
        bytes
    }

    /// Reads and checks the fixed header of a file of `file_len` bytes.
    pub(crate) fn from_bytes(
        bytes: &[u8; FIXED_LEN as usize],
        file_len: u64,
    ) -> Result<Self, CanvasError> {
        check_start(bytes)?;
        let (body, checksum) = bytes.split_at(FIXED_LEN as usize - 8);
        if xxh3_64(body).to_le_bytes() != checksum {
            return Err(CanvasError::Damaged {
                part: Part::FixedHeader,
                offset: 0,
                length: FIXED_LEN,
            });
        }
        let extent = |at| Extent {
            offset: u64_at(bytes, at),
            length: u64_at(bytes, at + 8),
            checksum: u64_at(bytes, at + 16),
        };
        let fixed = Self {
            file_len: u64_at(bytes, 16),
            universes: u32_at(bytes, 24),
            frames: u32_at(bytes, 28),
            cells: u32_at(bytes, 32),
            frames_per_cell: u32_at(bytes, 36),
            header: extent(40),
            store: extent(64),
            rows: extent(88),
            runs: extent(112),
            records: extent(136),
        };
        if fixed.file_len != file_len {
            return Err(CanvasError::WrongLength { promised: fixed.file_len, found: file_len });
        }
        fixed.check()?;
        Ok(fixed)
    }

    fn extents(&self) -> [Extent; 5] {
        [self.header, self.store, self.rows, self.runs, self.records]
    }

    /// The parts follow each other without gaps, and their lengths fit what they hold.
    fn check(&self) -> Result<(), CanvasError> {
        let bad = |reason: &str| Err(CanvasError::malformed(Part::FixedHeader, reason));
        let mut end = Some(FIXED_LEN);
        for extent in self.extents() {
            if end != Some(extent.offset) {
                return bad("its parts do not follow each other");
            }
            end = extent.end();
        }
        if end.and_then(|end| end.checked_add(END_LEN)) != Some(self.file_len) {
            return bad("its parts do not fill the file");
        }
        if self.rows.length != (u64::from(self.universes) + 1) * ROW_LEN
            || !self.runs.length.is_multiple_of(RUN_LEN)
            || !self.records.length.is_multiple_of(RECORD_LEN)
        {
            return bad("a table has a part of an entry");
        }
        if self.frames_per_cell == 0 || self.cells != self.frames.div_ceil(self.frames_per_cell) {
            return bad("its frames and cells disagree");
        }
        Ok(())
    }
}

/// Checks what stands at the same place in every version of the format.
fn check_start(bytes: &[u8; FIXED_LEN as usize]) -> Result<(), CanvasError> {
    if bytes[..8] != MAGIC {
        return Err(CanvasError::NotACanvas);
    }
    let found = u32_at(bytes, 8);
    if found != FORMAT_VERSION {
        return Err(CanvasError::UnknownVersion { found, known: FORMAT_VERSION });
    }
    Ok(())
}

/// The end marker: the file's length, the fixed header's checksum, and a last magic.
pub(crate) fn end_marker(fixed: &Fixed) -> [u8; END_LEN as usize] {
    let mut bytes = [0; END_LEN as usize];
    let fixed_bytes = fixed.to_bytes();
    bytes[..8].copy_from_slice(&fixed.file_len.to_le_bytes());
    bytes[8..16].copy_from_slice(&fixed_bytes[FIXED_LEN as usize - 8..]);
    bytes[16..].copy_from_slice(&END_MAGIC);
    bytes
}

/// Cells of one universe, one after another, that share a record; it ends where the next starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Run {
    pub(crate) first_cell: u32,
    pub(crate) record: u64,
}

impl Run {
    pub(crate) fn to_bytes(self) -> [u8; RUN_LEN as usize] {
        let mut bytes = [0; RUN_LEN as usize];
        bytes[..4].copy_from_slice(&self.first_cell.to_le_bytes());
        bytes[4..].copy_from_slice(&self.record.to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        Self { first_cell: u32_at(bytes, 0), record: u64_at(bytes, 4) }
    }
}

/// A unique cell: what it is and where its bytes are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Record {
    pub(crate) key: u128,
    pub(crate) offset: u64,
    pub(crate) length: u32,
    pub(crate) frames: u16,
    pub(crate) width: u16,
    /// XXH3-64 of the cell's bytes in the file.
    pub(crate) checksum: u64,
    pub(crate) encoding: Encoding,
}

impl Record {
    pub(crate) fn to_bytes(self) -> [u8; RECORD_LEN as usize] {
        let mut bytes = [0; RECORD_LEN as usize];
        bytes[..16].copy_from_slice(&self.key.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.offset.to_le_bytes());
        bytes[24..28].copy_from_slice(&self.length.to_le_bytes());
        bytes[28..30].copy_from_slice(&self.frames.to_le_bytes());
        bytes[30..32].copy_from_slice(&self.width.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.checksum.to_le_bytes());
        bytes[40..].copy_from_slice(&(self.encoding as u64).to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, CanvasError> {
        let (low, high) = (u64_at(bytes, 0), u64_at(bytes, 8));
        let encoding = u64_at(bytes, 40);
        let unknown = || {
            CanvasError::malformed(Part::Records, format!("a cell has unknown encoding {encoding}"))
        };
        Ok(Self {
            key: u128::from(high) << 64 | u128::from(low),
            offset: u64_at(bytes, 16),
            length: u32_at(bytes, 24),
            frames: u16::from_le_bytes([bytes[28], bytes[29]]),
            width: u16::from_le_bytes([bytes[30], bytes[31]]),
            checksum: u64_at(bytes, 32),
            encoding: Encoding::from_number(encoding).ok_or_else(unknown)?,
        })
    }

    /// The length of the decoded cell.
    pub(crate) fn decoded_len(&self) -> usize {
        usize::from(self.frames) * usize::from(self.width)
    }

    pub(crate) fn end(&self) -> Option<u64> {
        self.offset.checked_add(u64::from(self.length))
    }
}

pub(crate) fn parse_rows(bytes: &[u8]) -> Vec<u64> {
    bytes.chunks_exact(ROW_LEN as usize).map(|row| u64_at(row, 0)).collect()
}

pub(crate) fn parse_runs(bytes: &[u8]) -> Vec<Run> {
    bytes.chunks_exact(RUN_LEN as usize).map(Run::from_bytes).collect()
}

pub(crate) fn parse_records(bytes: &[u8]) -> Result<Vec<Record>, CanvasError> {
    bytes.chunks_exact(RECORD_LEN as usize).map(Record::from_bytes).collect()
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array_at(bytes, at))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(array_at(bytes, at))
}

/// `N` bytes at `at`, which callers take from slices of a fixed length.
fn array_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(&bytes[at..at + N]);
    array
}
