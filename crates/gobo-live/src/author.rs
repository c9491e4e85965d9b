//! Source files rewritten.

mod disk;
mod leftover;
mod refusal;
mod rewrite;

pub use refusal::{Fault, Refusal};
