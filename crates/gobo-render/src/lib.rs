//! A resolved show to a timeline to cells: effects, blending, colour and position to slots.
//!
//! [`Timeline::new`] lowers a [`Show`](gobo_show::show::Show) to closed pieces of time;
//! [`Timeline::render`] gives any cell of it, and [`compile`] gives all of them to a canvas.
//!
//! This crate never sees a file, a socket or a clock. Every frame is a pure function of the show
//! and the frame's number, to the same bytes on every machine and any number of threads: no
//! platform trigonometry, no iteration over hashes, no history, no unseeded randomness.

#![deny(clippy::iter_over_hash_type, clippy::disallowed_methods, clippy::disallowed_types)]

mod aim;
mod attribute;
mod cell;
mod chase;
mod color;
mod compile;
mod course;
mod curve;
mod effects;
mod emitters;
mod fingerprint;
mod fixture;
mod header;
mod heads;
mod look;
mod lower;
mod meaning;
mod random;
mod segment;
mod timeline;
mod track;
mod value;

pub use compile::{CompileError, Progress, Stats, compile};
pub use timeline::Timeline;

/// The version of the rendering, part of every cell's key: it rises with every change that can
/// change a byte of a frame, so that cells of older canvases are rendered anew.
pub const ENGINE: &str = "gobo-render/1";
