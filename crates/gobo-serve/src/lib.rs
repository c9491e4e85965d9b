//! The remote of a show that runs.
#![forbid(unsafe_code)]

pub mod live;
pub mod mqtt;
mod state;
