//! Shows of other systems to native gobo projects: a module for each system.
//!
//! Pure: foreign files come in through [`Folder`], the files of a project and a [`Note`] for all
//! that could not be carried go out. Nothing here writes, prints or judges a show.
#![forbid(unsafe_code)]

pub mod ai_light_show;
mod definitions;
pub mod folder;
pub mod imported;
pub mod luma;
pub mod native;
pub mod qlcplus;
pub mod wled;
pub mod xlights;
mod xml;

pub use folder::{Folder, MemoryFolder, ReadError};
pub use imported::{ImportError, Imported, Note};
