//! What can be wrong with a canvas, in words for people. A message names the part and the place,
//! never only that something failed.

use std::fmt;
use std::io;

use gobo_dmx::Universe;

/// A part of a canvas file, as an error names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// The fixed header at the start of the file.
    FixedHeader,
    /// The JSON header.
    Header,
    /// The cells.
    Cells,
    /// Where each universe's row of runs starts.
    Rows,
    /// The runs of equal cells.
    Runs,
    /// The records of the unique cells.
    Records,
    /// The marker at the end of the file.
    EndMarker,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FixedHeader => "fixed header",
            Self::Header => "JSON header",
            Self::Cells => "cell store",
            Self::Rows => "row table",
            Self::Runs => "run table",
            Self::Records => "record table",
            Self::EndMarker => "end marker",
        })
    }
}

/// Why a canvas cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CanvasError {
    /// The system refused.
    #[error("cannot read the canvas: {0}")]
    Io(#[from] io::Error),
    /// The file does not start as a canvas does.
    #[error("this is not a canvas: it starts with other bytes than a canvas file does")]
    NotACanvas,
    /// A version of the format that this program does not know.
    #[error(
        "the canvas has format version {found}, this gobo reads version {known}: update gobo, or compile the show again"
    )]
    UnknownVersion {
        /// The version in the file.
        found: u32,
        /// The version that this program reads and writes.
        known: u32,
    },
    /// The file is not as long as it says.
    #[error("the canvas is {found} bytes long, but says {promised}: {}", if found < promised {
        "it was cut short, copy it or compile the show again"
    } else {
        "something was appended to it"
    })]
    WrongLength {
        /// The length that the file says, in bytes.
        promised: u64,
        /// Its length, in bytes.
        found: u64,
    },
    /// A part does not match its checksum.
    #[error(
        "the canvas is damaged: its {part} (byte {offset}, {length} long) does not match its checksum; compile the show again"
    )]
    Damaged {
        /// The part.
        part: Part,
        /// Where the part starts in the file.
        offset: u64,
        /// How many bytes it takes.
        length: u64,
    },
    /// A part matches its checksum, but makes no sense.
    #[error("the canvas is malformed: {part}: {reason}")]
    Malformed {
        /// The part.
        part: Part,
        /// What is wrong with it.
        reason: String,
    },
    /// A cell is damaged.
    #[error("the canvas is damaged: {0}; compile the show again")]
    Cell(Fault),
    /// A universe that the canvas has not.
    #[error("the canvas has {count} universes, none with index {index}")]
    NoUniverse {
        /// The index asked for, from 0.
        index: usize,
        /// How many universes there are.
        count: usize,
    },
    /// A frame past the end.
    #[error("the canvas has {count} frames, none numbered {frame}")]
    NoFrame {
        /// The frame asked for, from 0.
        frame: u32,
        /// How many frames there are.
        count: u32,
    },
    /// A cell past the end.
    #[error("the canvas has {count} cells a universe, none numbered {cell}")]
    NoCell {
        /// The cell asked for, from 0.
        cell: u32,
        /// How many cells each universe has.
        count: u32,
    },
}

impl CanvasError {
    pub(crate) fn malformed(part: Part, reason: impl Into<String>) -> Self {
        Self::Malformed { part, reason: reason.into() }
    }
}

/// A damaged cell, and the first place in the show where it is used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("universe {universe}, cell {cell} ({length} bytes at byte {offset}): {reason}")]
pub struct Fault {
    /// The universe.
    pub universe: Universe,
    /// The cell, from 0: the second, where the rate is whole.
    pub cell: u32,
    /// Where the cell's bytes start in the file.
    pub offset: u64,
    /// How many bytes it takes in the file.
    pub length: u64,
    /// What is wrong.
    pub reason: FaultReason,
}

/// What is wrong with a cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FaultReason {
    /// The bytes do not match the checksum.
    #[error("its bytes do not match their checksum")]
    Checksum,
    /// The bytes match the checksum, but do not decode to the frames they should.
    #[error("its bytes do not decode to the frames that they should")]
    Undecodable,
}

/// Why a canvas cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The system refused.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Something is at the place that cannot be replaced: a pipe, a device.
    #[error("a canvas can only be a file, and there is something else")]
    NotAFile,
    /// The header cannot be that of a canvas.
    #[error("cannot write the canvas: {0}")]
    Header(String),
    /// A cell for a universe that the header has not, or past the end.
    #[error(
        "the canvas has {universes} universes of {cells} cells; there is no universe index {universe}, cell {cell}"
    )]
    NoSuchCell {
        /// The universe's index asked for.
        universe: usize,
        /// The cell asked for.
        cell: u32,
        /// How many universes there are.
        universes: usize,
        /// How many cells each has.
        cells: u32,
    },
    /// A cell whose rows or frames are not as many as the header says.
    #[error(
        "universe index {universe}, cell {cell} takes {frames} frames of {width} slots, not {found_frames} of {found_width}"
    )]
    WrongShape {
        /// The universe's index.
        universe: usize,
        /// The cell.
        cell: u32,
        /// The frames it must have.
        frames: u16,
        /// The slots it must have.
        width: u16,
        /// The frames it has.
        found_frames: u16,
        /// The slots it has.
        found_width: u16,
    },
    /// A cell was put a second time.
    #[error("universe index {universe}, cell {cell} was put twice")]
    PutTwice {
        /// The universe's index.
        universe: usize,
        /// The cell.
        cell: u32,
    },
    /// A cell was never put.
    #[error("universe index {universe}, cell {cell} was never put")]
    Missing {
        /// The universe's index.
        universe: usize,
        /// The cell.
        cell: u32,
    },
}
