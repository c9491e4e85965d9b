//! The canvas: every frame of a compiled show in one file that plays without its sources.
//!
//! This crate lays out the file ([`CanvasWriter`]), reads it ([`Canvas`], [`Reader`]), compares
//! two ([`diff()`]), carries frames to and from foreign formats ([`import_dmxp`] and others) and
//! draws a canvas, over time or in motion ([`picture`]). The layout is written down in `FORMAT.md`.
//!
//! It never renders a show and never sends a packet, and it never trusts a file: whatever the
//! bytes are, reading ends in frames that match their checksums or in a [`CanvasError`].
//!
//! ```
//! use gobo_canvas::{Canvas, CanvasWriter, Cell, Compression, Header, UniverseEntry};
//! use gobo_dmx::Universe;
//!
//! // Half a second of one universe, in which four slots are used.
//! let universe = UniverseEntry { universe: Universe::FIRST, name: "stage".into(), slots_used: 4 };
//! let header = Header { frames: 30, universes: vec![universe], ..Header::default() };
//! let frames: Vec<u8> = (0..30).flat_map(|frame| [frame, 0, 0, 255]).collect();
//!
//! # let folder = tempfile::tempdir()?;
//! let path = folder.path().join("fade.canvas");
//! let mut writer = CanvasWriter::create(&path, &header)?;
//! writer.put(0, 0, &Cell::encode(0xfade, 4, &frames, Compression::Fast))?;
//! writer.finish()?;
//!
//! let mut slots = [0; 512];
//! Canvas::open(&path)?.frame(0, 17, &mut slots)?;
//! assert_eq!(slots[..5], [17, 0, 0, 255, 0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod canvas;
mod cell;
mod diff;
mod emitter;
mod error;
pub mod fseq;
mod group;
mod header;
mod interchange;
mod layout;
mod new_file;
mod patch;
pub mod picture;
mod reader;
mod storage;
mod track;
mod transpose;
mod writer;

pub use canvas::Canvas;
pub use cell::{Cell, Compression, Decoder, Encoder, Encoding};
pub use diff::{Diff, FixtureDiff, Span, UniverseDiff, diff};
pub use emitter::{emitter_color, emitter_name};
pub use error::{CanvasError, Fault, FaultReason, Part, WriteError};
pub use group::PatchedGroup;
pub use header::{
    CueMark, Header, MadeFrom, SectionMark, SongReference, SourceKind, SourceMark, UniverseEntry,
};
pub use interchange::{InterchangeError, export_dmxp, export_raw, import_dmxp};
pub use layout::FORMAT_VERSION;
pub use new_file::NewFile;
pub use patch::{Gives, PatchedChannel, PatchedFixture, PatchedHead, ValueRange, When};
pub use reader::Reader;
pub use track::Track;
pub use writer::CanvasWriter;
