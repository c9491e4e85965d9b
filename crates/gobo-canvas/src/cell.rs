//! One universe for one second, to bytes and back. Pure: no file, no table, no other cell.

use std::sync::Arc;

use gobo_dmx::SLOTS;
use xxhash_rust::xxh3::xxh3_64;
use zstd::bulk::{Compressor, Decompressor};

use crate::transpose::transpose;

/// How hard to press the cells.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Compression {
    /// Raw or constant only.
    None,
    /// What compiles fastest and is still small.
    #[default]
    Fast,
    /// What is smallest within the decode budget.
    Small,
}

impl Compression {
    /// The zstd level, or `None` where nothing is compressed.
    fn level(self) -> Option<i32> {
        match self {
            Self::None => None,
            Self::Fast => Some(1),
            // Beyond, it takes ten times as long and saves two parts in a hundred.
            Self::Small => Some(9),
        }
    }
}

/// How the bytes of a cell in the file become frames. The numbers are the file's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u64)]
pub enum Encoding {
    /// The frames, one after another.
    Raw = 0,
    /// One frame, which all are equal to.
    Constant = 1,
    /// zstd over the wrapping differences of each level to the same slot's in the frame before,
    /// the first frame's to 0; slot by slot, all frames of a slot together.
    DeltaZstd = 2,
}

impl Encoding {
    pub(crate) fn from_number(number: u64) -> Option<Self> {
        [Self::Raw, Self::Constant, Self::DeltaZstd].into_iter().find(|&e| e as u64 == number)
    }
}

/// One universe for one second, encoded and ready to be written. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cell {
    pub(crate) key: u128,
    pub(crate) frames: u16,
    pub(crate) width: u16,
    pub(crate) encoding: Encoding,
    pub(crate) checksum: u64,
    pub(crate) bytes: Arc<[u8]>,
}

impl Cell {
    /// Encodes `frames`, rows of `width` slots (1 to 512) one after another, under a key that
    /// stands for their content. Pure: the same input gives the same cell on any thread.
    ///
    /// Encoding many, keep an [`Encoder`] for each thread instead.
    ///
    /// # Panics
    /// If `frames` is no whole number of rows, or more than 65535 rows.
    pub fn encode(key: u128, width: u16, frames: &[u8], compression: Compression) -> Self {
        Encoder::new(compression).encode(key, width, frames)
    }

    /// The key that stands for the content.
    pub fn key(&self) -> u128 {
        self.key
    }

    /// How the bytes are encoded.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// How many bytes the cell takes in the file.
    pub fn stored_len(&self) -> usize {
        self.bytes.len()
    }
}

/// Encodes cells one after another without allocating anew for each.
pub struct Encoder {
    zstd: Option<Compressor<'static>>,
    deltas: Vec<u8>,
    planes: Vec<u8>,
    packed: Vec<u8>,
}

impl Encoder {
    /// An encoder that presses as hard as `compression` says.
    pub fn new(compression: Compression) -> Self {
        // Only memory can lack here; a cell stored raw is still a right one.
        let zstd = compression.level().and_then(|level| Compressor::new(level).ok());
        Self { zstd, deltas: Vec::new(), planes: Vec::new(), packed: Vec::new() }
    }

    /// As [`Cell::encode`], which see.
    ///
    /// # Panics
    /// If `frames` is no whole number of rows, or more than 65535 rows.
    pub fn encode(&mut self, key: u128, width: u16, frames: &[u8]) -> Cell {
        let row = usize::from(width);
        assert!((1..=SLOTS).contains(&row), "a row is 1 to 512 slots, not {row}");
        assert!(frames.len().is_multiple_of(row), "{} bytes are no rows of {row}", frames.len());
        let count = u16::try_from(frames.len() / row).expect("a cell has at most 65535 frames");
        let (encoding, bytes) = if count > 0 && all_rows_equal(frames, row) {
            (Encoding::Constant, &frames[..row])
        } else {
            match self.press(frames, row) {
                Some(packed) => (Encoding::DeltaZstd, packed),
                None => (Encoding::Raw, frames),
            }
        };
        let checksum = xxh3_64(bytes);
        Cell { key, frames: count, width, encoding, checksum, bytes: bytes.into() }
    }

    /// The frames as compressed differences, if that is smaller.
    fn press(&mut self, frames: &[u8], row: usize) -> Option<&[u8]> {
        let zstd = self.zstd.as_mut()?;
        self.deltas.resize(frames.len(), 0);
        if let (Some((first, rest)), Some((out, deltas))) =
            (frames.split_at_checked(row), self.deltas.split_at_mut_checked(row))
        {
            out.copy_from_slice(first);
            for ((delta, level), before) in deltas.iter_mut().zip(rest).zip(frames) {
                *delta = level.wrapping_sub(*before);
            }
        }
        self.planes.resize(frames.len(), 0);
        transpose(&self.deltas, row, &mut self.planes);
        // No room for more than is worth it: zstd gives up early on what does not shrink.
        self.packed.resize(frames.len().saturating_sub(1), 0);
        let length = zstd.compress_to_buffer(&self.planes, &mut self.packed[..]).ok()?;
        Some(&self.packed[..length])
    }
}

/// A slice whose every row equals the next equals itself moved by one row.
fn all_rows_equal(frames: &[u8], row: usize) -> bool {
    frames[row..] == frames[..frames.len() - row]
}

/// Decodes cells one after another without allocating for each.
pub struct Decoder {
    zstd: Option<Decompressor<'static>>,
    planes: Vec<u8>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// A decoder.
    pub fn new() -> Self {
        Self::with_room(0)
    }

    /// A decoder that needs no more memory for cells of up to `len` decoded bytes.
    pub fn with_room(len: usize) -> Self {
        Self { zstd: Decompressor::new().ok(), planes: Vec::with_capacity(len) }
    }

    /// Decodes `bytes` to `out`, whose length says how much there must be; rows are `row` wide.
    /// False if the bytes do not give exactly that.
    #[must_use]
    pub(crate) fn decode(
        &mut self,
        encoding: Encoding,
        bytes: &[u8],
        row: usize,
        out: &mut [u8],
    ) -> bool {
        match encoding {
            Encoding::Raw if bytes.len() == out.len() => out.copy_from_slice(bytes),
            Encoding::Constant if bytes.len() == row => {
                out.chunks_exact_mut(row).for_each(|frame| frame.copy_from_slice(bytes));
            }
            Encoding::DeltaZstd => {
                let Some(zstd) = &mut self.zstd else { return false };
                self.planes.resize(out.len(), 0);
                let length = zstd.decompress_to_buffer(bytes, &mut self.planes[..]);
                if length.ok() != Some(out.len()) || out.is_empty() {
                    return false;
                }
                transpose(&self.planes, out.len() / row, out);
                sum_rows(out, row);
            }
            Encoding::Raw | Encoding::Constant => return false,
        }
        true
    }
}

/// Turns differences to the row before into levels.
fn sum_rows(rows: &mut [u8], row: usize) {
    let mut rows = rows.chunks_exact_mut(row);
    let Some(mut before) = rows.next() else { return };
    for this in rows {
        for (level, before) in this.iter_mut().zip(before.iter()) {
            *level = level.wrapping_add(*before);
        }
        before = this;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(cell: &Cell) -> Option<Vec<u8>> {
        let mut out = vec![0xaa; usize::from(cell.frames) * usize::from(cell.width)];
        Decoder::new()
            .decode(cell.encoding, &cell.bytes, cell.width.into(), &mut out)
            .then_some(out)
    }

    #[test]
    fn the_smallest_encoding_is_chosen() {
        let of = |width, frames: &[u8], compression| {
            let cell = Cell::encode(1, width, frames, compression);
            assert_eq!(decoded(&cell).as_deref(), Some(frames));
            (cell.encoding(), cell.stored_len())
        };
        let fade: Vec<u8> = (0..60).flat_map(|frame| [frame * 4; 40]).collect();
        let still = [[7; 40]; 60].concat();
        let noise: Vec<u8> = (0..2400_u64).map(|i| xxh3_64(&i.to_le_bytes()) as u8).collect();
        assert_eq!(of(40, &still, Compression::Fast), (Encoding::Constant, 40));
        assert_eq!(of(40, &still, Compression::None), (Encoding::Constant, 40));
        assert_eq!(of(40, &fade, Compression::None), (Encoding::Raw, 2400));
        assert_eq!(of(40, &noise, Compression::Small), (Encoding::Raw, 2400));
        let (encoding, length) = of(40, &fade, Compression::Fast);
        assert_eq!(encoding, Encoding::DeltaZstd);
        assert!(length < 60, "{length}");
    }

    #[test]
    fn what_does_not_decode_says_so() {
        let mut out = [0; 12];
        for (encoding, bytes) in [
            (Encoding::Raw, &[0; 11][..]),
            (Encoding::Constant, &[0; 3]),
            (Encoding::DeltaZstd, &[0; 9]),
            (Encoding::DeltaZstd, &zstd::bulk::compress(&[0; 11], 1).unwrap()),
            (Encoding::DeltaZstd, &zstd::bulk::compress(&[0; 13], 1).unwrap()),
        ] {
            assert!(!Decoder::new().decode(encoding, bytes, 4, &mut out), "{encoding:?}");
        }
    }

    proptest! {
        #[test]
        fn decode_undoes_encode(
            (width, frames) in (1_usize..=512, 0_usize..20).prop_flat_map(|(width, frames)| {
                (Just(width), proptest::collection::vec(0_u8..4, width * frames))
            }),
            compression in prop_oneof![
                Just(Compression::None), Just(Compression::Fast), Just(Compression::Small)
            ],
        ) {
            let cell = Cell::encode(0, width as u16, &frames, compression);
            prop_assert!(cell.stored_len() <= frames.len());
            prop_assert_eq!(decoded(&cell), Some(frames));
        }

        #[test]
        fn a_used_encoder_gives_what_a_new_one_does(
            cells in proptest::collection::vec(proptest::collection::vec(0_u8..3, 80), 1..8),
        ) {
            let mut encoder = Encoder::new(Compression::Fast);
            for frames in &cells {
                let cell = encoder.encode(5, 8, frames);
                prop_assert_eq!(cell, Cell::encode(5, 8, frames, Compression::Fast));
            }
        }
    }
}
