//! A show that changes while it plays: edits in, changed light out.
//!
//! A [`Compiler`] makes an [`Edition`] of the sources as they are now. Nothing of it is
//! rendered yet: every frame is a pure function of the show and its number, so [`Stock`] renders
//! each cell as it is wanted, and keeps it by its key for the editions that come after. [`Live`]
//! hands editions to a player that runs: the next frame is one of the new edition, at the same
//! place, on the same clock, with the same sound. [`Changes`] says what an edition changes.
//!
//! It reads sources only through [`gobo_show::World`], and never prints.
#![forbid(unsafe_code)]

pub mod author;
mod changes;
mod channel;
mod edition;
mod ground;
mod live;
pub mod preview;
pub mod sheet;
mod sources;
mod stock;

pub use changes::{ChangedCue, Changes};
pub use edition::{Compiled, Compiler, Edition, Steps};
pub use ground::{Ground, Hands, Unloaded};
pub use live::{Live, Part, Shown, SoundChange, first};
pub use stock::Stock;
