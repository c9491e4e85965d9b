//! MQTT, against a real broker: mosquitto, started for each test on a port of its own. Where it is
//! not installed, the tests say so and pass.

#![allow(clippy::print_stdout, reason = "a test that is skipped says so")]

mod broker;
mod configured;
mod mosquitto;
mod secure;
mod server;
