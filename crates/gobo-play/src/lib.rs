//! The player: which frame is due, when, and out it goes.
//!
//! [`play`] streams a canvas to a [`FrameSink`] on a real-time thread, [`play_list`] several in a
//! row, and [`play_live`] one that changes while it plays; a [`Remote`] leads them, and the
//! [`State`] says where they are. Underneath, [`Player`] is a plain object that is ticked with the
//! time.
//!
//! This crate never sees a show's sources and never renders: a canvas is all it needs. It never
//! prints. Its real-time thread allocates nothing, takes no lock, logs nothing, opens nothing.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use gobo_canvas::Canvas;
//! use gobo_output::{Outputs, Uuid};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let canvas = Arc::new(Canvas::open("demo.canvas".as_ref())?);
//! let header = canvas.header();
//! let universes: Vec<_> = header.universes.iter().map(|entry| entry.universe).collect();
//! let options = gobo_output::Options::new(Uuid::from_u128(7));
//! let outputs = Outputs::open(&header.routes, &universes, &options)?;
//! let mut playback = gobo_play::play(canvas, outputs, None, &Default::default())?;
//! playback.remote().seek(12.0);
//! let place = playback.state().seconds;
//! let (ending, state, outputs) = playback.join();
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod ahead;
mod clock;
mod controls;
mod course;
mod fade;
mod grants;
mod lateness;
mod levels;
mod lineup;
mod looks;
mod playback;
mod player;
mod program;
mod range;
mod resume;
mod sink;
mod soundtrack;
mod source;
mod spread;
mod stage;
mod state;
mod tap;
mod timecode;
mod timer;
mod watch;

pub use clock::Clock;
pub use controls::Remote;
pub use course::Course;
pub use grants::RealTime;
pub use lateness::Lateness;
pub use levels::{
    Desk, Held, Hold, InputError, InputOptions, LevelState, Levels, NoLight, Settings, Spot,
    UnknownGroup, UnknownSpot,
};
pub use lineup::{Handover, Playlist, Towards};
pub use playback::{Ending, Options, PlayError, Playback, play, play_list, play_live, play_with};
pub use player::{Due, Lead, Player, Start, Tick};
pub use program::{Cue, Entry, Gap, Program, Transition};
pub use range::Range;
pub use resume::Resume;
pub use sink::{Faults, FrameSink};
pub use soundtrack::Soundtrack;
pub use source::FrameSource;
pub use spread::Spread;
pub use state::{CodeState, SoundState, State, Status};
pub use tap::{Sent, Tap, Tapped};
pub use timecode::{
    CodeError, CodeListener, CodePlan, CodeSender, CodeSource, CodeTarget, midi_ports,
};
pub use watch::Watch;
