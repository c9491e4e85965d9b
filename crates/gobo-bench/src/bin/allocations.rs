//! A part of `make soak`: what all threads of a player allocate while a show plays on, after it
//! has started: nothing.
#![allow(clippy::print_stdout)]

use std::alloc::System;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use gobo_canvas::Canvas;
use gobo_dmx::{Delivery, Protocol, Route, UniverseSet};
use gobo_output::{Outputs, Uuid};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [canvas, seconds] = &arguments[..] else {
        anyhow::bail!("usage: allocations CANVAS SECONDS")
    };
    let length = Duration::from_secs(seconds.parse().context("SECONDS is a number")?);
    let canvas = Arc::new(Canvas::open(Path::new(canvas))?);
    let sink = std::net::UdpSocket::bind("127.0.0.1:0")?;
    let to = sink.local_addr()?;
    let delivery = Delivery::Unicast { host: to.ip().to_string(), port: to.port() };
    let route = Route::new(UniverseSet::all(), Protocol::ArtNet { sync: true }, delivery);
    let universes: Vec<_> = canvas.header().universes.iter().map(|one| one.universe).collect();
    let options = gobo_output::Options::new(Uuid::nil());
    let outputs = Outputs::open(&[route], &universes, &options)?;
    let options = gobo_play::Options { repeat: true, ..Default::default() };
    let playback = gobo_play::play(canvas, outputs, None, &options)?;
    thread::sleep(Duration::from_secs(3));
    let region = Region::new(COUNTED);
    thread::sleep(length);
    let change = region.change();
    let sent = playback.state().sent;
    println!(
        "{} allocations of {} bytes in {} s, by all threads, over {sent} frames of {} universes",
        change.allocations + change.reallocations,
        change.bytes_allocated,
        length.as_secs(),
        universes.len(),
    );
    ensure!(change.allocations + change.reallocations == 0, "a player in its stride allocates");
    Ok(())
}
