//! Live control, from outside.

mod ack;
mod commands;
mod common;
mod engine;
mod fades;
mod folder;
mod queue;
mod schemas;
mod seen;
