//! The canvas: every frame of a compiled show in one file that plays without its sources.
//!
//! This crate lays out the file ([`CanvasWriter`]), reads it ([`Canvas`], [`Reader`]), compares
//! two, carries frames to and from foreign formats and draws a canvas over time. The layout is written down in `FORMAT.md`.
//!
//! It never renders a show and never sends a packet, and it never trusts a file: whatever the
//! bytes are, reading ends in frames that match their checksums or in a [`CanvasError`].

mod canvas;
mod cell;
mod diff;
mod error;
mod header;
mod interchange;
mod layout;
mod patch;
pub mod picture;
mod reader;
mod storage;
mod transpose;
mod writer;

pub use canvas::Canvas;
pub use cell::{Cell, Compression, Decoder, Encoder, Encoding};
pub use diff::{Diff, FixtureDiff, Span, UniverseDiff, diff};
pub use error::{CanvasError, Fault, FaultReason, Part, WriteError};
pub use header::{CueMark, Header, SectionMark, SongReference, UniverseEntry};
pub use interchange::{InterchangeError, export_dmxp, export_raw, import_dmxp};
pub use layout::FORMAT_VERSION;
pub use patch::{Gives, PatchedChannel, PatchedFixture, PatchedHead, ValueRange, When};
pub use reader::Reader;
pub use writer::CanvasWriter;
