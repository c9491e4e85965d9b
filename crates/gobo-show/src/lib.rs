//! Show sources to a resolved [`Show`]: profiles, patch, selections, the song's
//! grid, and every diagnostic. Reads only through [`World`]; never touches a file.
#![forbid(unsafe_code)]

pub mod blend;
pub mod curve;
pub mod decode;
pub mod diagnostic;
pub mod effect;
pub mod graph;
pub mod grid;
pub mod load;
pub mod pretty;
pub mod profile;
pub mod reference;
pub mod rig;
pub mod select;
pub mod show;
pub mod source;
pub mod spectrum;
pub mod time;
pub mod tree;
pub mod value;
pub mod world;

pub use diagnostic::{Diagnostic, Place, Severity};
pub use grid::Grid;
pub use load::{Loaded, Memory, PLAYLIST_ENDING, check_project, load, load_again, load_playlist};
pub use rig::{Channel, Fixture, Head, Rig};
pub use show::{Cue, Layer, Show};
pub use source::schemas;
pub use spectrum::Spectrum;
pub use world::{MemoryWorld, Source, World};
