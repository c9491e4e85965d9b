//! `gobo serve`, as its clients meet it: the binary on a project of its own, over loopback.

mod client;
#[path = "../common/mod.rs"]
mod common;
mod conversations;
mod house;
mod http;
