//! Play figures: start to first packet, CPU a universe, jitter; against a bare loop in the same run.

use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::process;
use crate::{limit, line, timed, us};

/// How long each of the two streams runs.
const SECONDS: u32 = 8;
const RUNS: usize = 9;

/// Prints the play figures of the show in `project`.
pub(crate) fn report(gobo: &Path, project: &Path, universes: u16) -> Result<()> {
    println!("play {universes} universes x {SECONDS} s at 60 FPS, Art-Net on loopback");
    first_packet(gobo, project)?;

    let (ours_cpu, ours) = gobo_stream(gobo, project)?;
    let receiver = Receiver::start()?;
    let bare_cpu = limit::bare_loop(receiver.address, universes, SECONDS * 60)?;
    let bare = receiver.stop()?;

    let a_core = |cpu: f64| f64::from(universes) * f64::from(SECONDS) / cpu;
    line(
        "  universes a core, against bare",
        &format!("{:.0}", a_core(ours_cpu)),
        &format!("{:.0}", a_core(bare_cpu)),
        Some(bare_cpu / ours_cpu),
        "0.85x",
    );
    let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|part| (ours.jitter(part), bare.jitter(part)));
    for (name, (ours, bare), target) in
        [("p50", p50, ""), ("p99", p99, ""), ("p99.9", p999, "1.2x")]
    {
        let ratio = ours.as_secs_f64() / bare.as_secs_f64();
        line(&format!("  frame jitter {name}"), &us(ours), &us(bare), Some(ratio), target);
    }
    Ok(())
}

/// From starting the process to its first packet, median.
fn first_packet(gobo: &Path, project: &Path) -> Result<()> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.set_read_timeout(Some(Duration::from_secs(5)))?;
    let target = socket.local_addr()?.to_string();
    let time = process::median(RUNS, || {
        let start = Instant::now();
        let arguments =
            ["play", "build/bench.canvas", "--audio", "none", "--artnet", &target, "--to", "0.5"];
        let mut child = process::command(gobo, project, &arguments).spawn()?;
        let mut packet = [0; 600];
        socket.recv(&mut packet).context("no packet from gobo play")?;
        let elapsed = start.elapsed();
        child.wait()?;
        while socket.set_nonblocking(true).is_ok() && socket.recv(&mut packet).is_ok() {}
        socket.set_nonblocking(false)?;
        Ok(elapsed)
    })?;
    timed("  start to first packet", time, Duration::from_millis(30), "1x");
    Ok(())
}

/// CPU seconds of `gobo play`, scaled to exactly [`SECONDS`] of streaming, and its frames' arrivals.
fn gobo_stream(gobo: &Path, project: &Path) -> Result<(f64, Arrivals)> {
    let receiver = Receiver::start()?;
    let target = receiver.address.to_string();
    let end = (SECONDS + 2).to_string();
    let arguments =
        ["play", "build/bench.canvas", "--audio", "none", "--artnet", &target, "--to", &end];
    let mut child = process::command(gobo, project, &arguments).spawn()?;
    thread::sleep(Duration::from_secs(1));
    let (before, start) = (process::cpu_seconds(child.id()), Instant::now());
    thread::sleep(Duration::from_secs(u64::from(SECONDS)));
    let (after, elapsed) = (process::cpu_seconds(child.id()), start.elapsed());
    child.wait()?;
    let cpu = (after - before) * f64::from(SECONDS) / elapsed.as_secs_f64();
    Ok((cpu, receiver.stop()?))
}

/// When each packet of the first universe arrived.
struct Arrivals(Vec<Instant>);

impl Arrivals {
    /// How far intervals are from 1/60 s, at this part of the sorted list; the first and last
    /// half second are left out.
    fn jitter(&self, part: f64) -> Duration {
        let nominal = Duration::from_nanos(1_000_000_000 / 60);
        let inner = self.0.get(30..self.0.len().saturating_sub(30)).unwrap_or_default();
        let mut jitter: Vec<_> =
            inner.windows(2).map(|pair| (pair[1] - pair[0]).abs_diff(nominal)).collect();
        jitter.sort_unstable();
        let place = (jitter.len().saturating_sub(1) as f64 * part).round() as usize;
        jitter.get(place).copied().unwrap_or_default()
    }
}

/// A thread that takes packets and notes when universe 0 comes.
struct Receiver {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Vec<Instant>>,
}

impl Receiver {
    fn start() -> Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(Duration::from_millis(100)))?;
        let address = socket.local_addr()?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new().name("bench-receiver".into()).spawn(move || {
            let mut arrivals = Vec::with_capacity(100_000);
            let mut packet = [0; 600];
            while !stopped.load(Ordering::Relaxed) {
                let received = socket.recv(&mut packet);
                // An ArtDmx packet of port address 0 starts a frame.
                if received.is_ok_and(|size| size > 18)
                    && packet[8..10] == [0, 0x50]
                    && packet[14..16] == [0, 0]
                {
                    arrivals.push(Instant::now());
                }
            }
            arrivals
        })?;
        Ok(Self { address, stop, thread })
    }

    fn stop(self) -> Result<Arrivals> {
        thread::sleep(Duration::from_millis(50));
        self.stop.store(true, Ordering::Relaxed);
        Ok(Arrivals(self.thread.join().map_err(|_| anyhow::anyhow!("the receiver died"))?))
    }
}
