//! What several tests of the wire share.

#![allow(dead_code, unreachable_pub, reason = "each test takes its part")]

#[cfg(target_os = "linux")]
pub mod netns;
pub mod node;
#[cfg(target_os = "linux")]
pub mod olad;
