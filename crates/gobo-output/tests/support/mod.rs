//! What several tests of the wire share.

#![allow(dead_code, unreachable_pub, reason = "each test takes its part")]

pub mod netns;
pub mod node;
pub mod olad;
