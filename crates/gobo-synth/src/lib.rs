//! The demo's song: composed, rendered and described, the same bytes on every machine.
//!
//! What is played stands in [`SECTIONS`] as patterns a bar long; how it sounds stands in the
//! instruments. Beats fall on whole samples, so the song's facts are exact. It must never use the
//! platform's trigonometry, a clock or a random source.
#![forbid(unsafe_code)]

mod arrangement;
mod drums;
mod dsp;
mod mix;
mod score;
mod sidecar;
mod space;
mod tones;

pub use arrangement::{BARS, Chord, SECTIONS, Section, Sound};
pub use mix::render;
pub use sidecar::sidecar;

/// Frames a second.
pub const RATE: u32 = 44_100;

/// Beats a minute.
pub const BPM: u32 = 126;

/// Beats in a bar.
pub const BEATS_PER_BAR: u32 = 4;

/// Frames in a sixteenth note; at this tempo a whole number.
pub const SIXTEENTH: usize = (RATE * 60 / BPM / 4) as usize;

/// Frames in a bar.
pub const BAR: usize = SIXTEENTH * 16;

/// Frames before the first downbeat: a breath, into which a cymbal swells.
pub const LEAD_IN: usize = RATE as usize / 2;

/// Frames after the last bar, for the echoes to die away.
pub const TAIL: usize = RATE as usize * 2;

/// The song's length in frames.
pub const LENGTH: usize = LEAD_IN + BARS * BAR + TAIL;

const _: () = assert!((RATE * 60).is_multiple_of(BPM * 4), "beats fall on whole frames");
