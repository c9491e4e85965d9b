//! FSEQ, the file of xLights and the Falcon Player: read in versions 1 and 2, written in version
//! 2.0 within the limits that readers in the field have. Only a show whose frames are more than
//! 255 blocks can hold, half a terabyte, is written in version 2.1, which has more.
//!
//! A file has channels, not universes: the first channel is the first slot of a first universe,
//! and so many channels make a universe. Its step is whole milliseconds, so most frame rates can
//! not be said: frames are then chosen by time.
//!
//! The format has no checksums. What gobo writes with zstd carries zstd's own for each block, and
//! zlib always has one: a byte that is changed there is told of when the file is read. In frames
//! that are not pressed, or were pressed by others without a checksum, it cannot be seen.
//!
//! The layout is that of the Falcon Player's `docs/FSEQ_Sequence_File_Format.txt`; all numbers are
//! little-endian.

mod read;
mod write;

use std::io;
use std::ops::Range;

use crate::{CanvasError, WriteError};

pub use read::{FseqImport, import_fseq, read_fseq};
pub use write::{FseqExport, FseqOptions, export_fseq};

const MAGIC: [u8; 4] = *b"PSEQ";
/// Bytes of the fixed header of version 2.
const HEADER: usize = 32;
/// Bytes of the fixed header of version 1.
const HEADER_1: usize = 28;
/// Bytes of an entry of the block table, and of a sparse range.
const BLOCK: usize = 8;
const RANGE: usize = 6;
/// The most channels that readers in the field take.
pub const MOST_CHANNELS: u32 = 8_388_608;
/// The most blocks of version 2.0, and of those after it.
const MOST_BLOCKS: u32 = 255;
const MOST_BLOCKS_1: u32 = 4095;
/// The most bytes that the frames of a block may have: readers in the field count them in 31 bits.
const MOST_BLOCK_BYTES: u64 = i32::MAX as u64;

/// How the frames of an FSEQ file are pressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum FseqCompression {
    /// Not at all.
    None,
    /// Zstandard, in blocks.
    #[default]
    Zstd,
    /// zlib, in blocks.
    Zlib,
}

/// What an FSEQ file says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FseqHeader {
    /// Major and minor version.
    pub version: (u8, u8),
    /// Channels stored for each frame.
    pub channels: u32,
    /// The number of frames.
    pub frames: u32,
    /// Milliseconds from frame to frame.
    pub step_ms: u16,
    /// How the frames are pressed.
    pub compression: FseqCompression,
    /// The channels that are stored, counted from 0, in the order in which each frame has them.
    pub ranges: Vec<Range<u32>>,
    /// The sound that it belongs to, as its maker had it.
    pub media: Option<String>,
    /// What made it.
    pub producer: Option<String>,
    /// Its unique id; 0 in version 1.
    pub id: u64,
    /// Where the frames start.
    data: u64,
    /// The first frame and the bytes of each block; one block of all where nothing is pressed.
    blocks: Vec<(u32, u64)>,
}

/// Why an FSEQ file cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FseqError {
    /// The file starts with other bytes.
    #[error("this is not an FSEQ file: it does not start with `PSEQ`")]
    NotFseq,
    /// A version that nobody has described.
    #[error("the FSEQ file has version {0}.{1}, only 1 and 2.0 to 2.2 are known")]
    Version(u8, u8),
    /// The header contradicts itself.
    #[error("the header of the FSEQ file is wrong: {0}")]
    Header(String),
    /// The file ends early, or goes on after its end.
    #[error("the FSEQ file has {found} bytes, and its header makes {promised}")]
    Length {
        /// The bytes that the header makes.
        promised: u64,
        /// The bytes that are there.
        found: u64,
    },
    /// A block does not give its frames.
    #[error("block {block} of the FSEQ file, from frame {first} on, {reason}")]
    Block {
        /// Which one, from 0.
        block: usize,
        /// Its first frame.
        first: u32,
        /// What is wrong with it.
        reason: String,
    },
    /// It cannot be said in the format.
    #[error("{0}")]
    Unsayable(String),
    /// The canvas cannot be read.
    #[error(transparent)]
    Canvas(#[from] CanvasError),
    /// The canvas cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The file cannot be read or written.
    #[error("{0}")]
    Io(#[from] io::Error),
}

fn wrong(reason: impl Into<String>) -> FseqError {
    FseqError::Header(reason.into())
}
