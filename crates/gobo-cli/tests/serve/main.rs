//! `gobo serve`, as its clients meet it: the binary on a project of its own, over loopback.

mod broker;
mod chat;
mod client;
mod commands;
#[path = "../common/mod.rs"]
mod common;
mod conversations;
mod doors;
mod faders;
mod follow;
mod hostile;
mod house;
mod http;
mod killed;
mod oldest;
mod previews;
mod state;
