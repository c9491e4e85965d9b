//! A resolved show to a timeline to cells: effects, blending, colour and position to slots.
//!
//! [`Timeline::new`] lowers a [`Show`](gobo_show::show::Show) to closed pieces of time;
//! [`Timeline::render`] gives any cell of it, and [`compile`] gives all of them to a canvas.
//!
//! # How cues combine
//!
//! For each attribute of each head, layers go from the lowest to the highest. Within a layer a
//! later cue goes over an earlier one; while it fades in or out, what is below shows through: the
//! earlier cue, or the layers beneath. A value that is held after its cue ends at the layer's next
//! write of that attribute (at the end of that write's fade in); a released one ends with its
//! cue. A layer that replaces covers those below it where it writes; one that adds puts its value
//! on top: levels, colours and parts of a range up to 1, degrees without limit. Where nothing
//! writes, a channel has its default, or the venue's own value.
//!
//! # How attributes become slots
//!
//! A head without a dimmer channel is dimmed by its emitters, and by its shutter if it has none.
//! Before several heads, a common dimmer takes the highest of them and their emitters do the
//! rest; of other common channels the first head that writes one decides. A colour alone lights
//! emitters that need no dimmer; a dimmer alone lights dark emitters white. A wheel takes the
//! preset of the nearest hue, and stays for black. Pan and tilt count from the middle of the
//! range. A raw channel goes before every attribute.
//!
//! # What it never does
//!
//! This crate never sees a file, a socket or a clock. Every frame is a pure function of the show
//! and the frame's number, to the same bytes on every machine and any number of threads: no
//! platform trigonometry, no iteration over hashes, no history, no unseeded randomness.

#![deny(clippy::iter_over_hash_type, clippy::disallowed_methods, clippy::disallowed_types)]

mod aim;
mod attribute;
mod before;
mod blend;
mod block;
mod bundle;
mod cell;
mod channels;
mod chase;
mod color;
mod compile;
mod course;
mod curve;
mod easing;
mod effects;
mod emitters;
mod envelope;
mod fade;
mod fan;
mod field;
mod fingerprint;
mod fixture;
mod graph;
mod header;
mod heads;
mod implied;
mod layer;
mod look;
mod lower;
mod lowered;
mod mark;
mod meaning;
mod meter;
mod noise;
mod outcome;
mod piece;
mod points;
mod random;
mod reach;
mod rigged;
mod row;
mod segment;
mod span;
mod speed;
mod stack;
mod steps;
mod strip;
mod timeline;
mod tint;
mod too_fast;
mod track;
mod value;
mod varied;
mod vary;
mod veil;
mod wide;
mod winding;
mod write;

pub use compile::{CompileError, Compiled, Options, Progress, Stats, compile};
pub use meter::{Clock, Costs};
pub use timeline::Timeline;
pub use wide::keep_to_baseline;

/// The version of the rendering, part of every cell's key: it rises with every change that can
/// change a byte of a frame, so that cells of older canvases are rendered anew.
pub const ENGINE: &str = "gobo-render/4";

/// What a show asks of heads that they cannot do: warnings at the cues that ask it.
///
/// Told of are points beyond the reach of a head that is to aim at them (`beyond-reach`), movements
/// that wind up a head's pan (`pan-ends`), those faster than a head whose speed is known can turn
/// (`too-fast`), and what a blocking cue does not say again (`block-leaves-out`).
pub fn check(show: &gobo_show::show::Show) -> Vec<gobo_show::Diagnostic> {
    let lowered = lowered::Lowered::new(show);
    let mut found = reach::check(&lowered);
    found.extend(block::check(&lowered));
    found.extend(winding::check(&lowered));
    found.extend(too_fast::check(&lowered));
    found
}
