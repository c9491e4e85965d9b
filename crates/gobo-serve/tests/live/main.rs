//! Live control, from outside.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a test that is skipped says so")]

mod ack;
mod commands;
mod common;
mod configured;
mod engine;
mod fades;
mod folder;
mod queue;
mod schemas;
mod seen;
