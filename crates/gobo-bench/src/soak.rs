//! `make soak`: a show plays for a while, beside a bare loop of prebuilt packets, on an idle
//! machine and on a busy one. What leaves is measured from outside, by the times that the kernel
//! puts on packets as they arrive.

pub(crate) mod arrivals;
pub(crate) mod receiver;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::{limit, process, show, us};
use arrivals::Figures;
use receiver::Receiver;

/// Universes of the shows.
const SIZES: [u16; 2] = [100, 1_000];
/// Length of the show, which plays over and over, in seconds.
const SHOW_SECONDS: u32 = 60;
/// What the first moments do is not what a night does.
const SETTLING: Duration = Duration::from_secs(3);

/// What is measured: so many universes, in this way.
struct Case {
    name: &'static str,
    universes: u16,
    options: &'static [&'static str],
    busy: bool,
}

const CASES: [Case; 6] = [
    Case { name: "100 universes", universes: 100, options: &[], busy: false },
    Case {
        name: "100, awake 200 us before",
        universes: 100,
        options: &["--spin", "200us"],
        busy: false,
    },
    Case { name: "1,000 universes", universes: 1_000, options: &[], busy: false },
    Case { name: "1,000, spread over half", universes: 1_000, options: &["--pace"], busy: false },
    Case { name: "100, both cores busy", universes: 100, options: &[], busy: true },
    Case { name: "1,000, both cores busy", universes: 1_000, options: &[], busy: true },
];

/// Runs all cases within about `length`, and prints their figures.
pub(crate) fn report(gobo: &Path, folder: &Path, length: Duration) -> Result<()> {
    // A case is two streams.
    let seconds = length.as_secs_f64() / (2 * CASES.len()) as f64;
    let stream = Duration::from_secs_f64(seconds).saturating_sub(SETTLING).max(SETTLING);
    println!("soak: {} cases, each {:.0} s beside a bare loop", CASES.len(), stream.as_secs_f64());
    for universes in SIZES {
        let project = show::write(folder, universes, SHOW_SECONDS)?;
        process::run(gobo, &project, &["compile"])?;
    }
    println!(
        "{:<26}{:>7}{:>9}{:>9}{:>9}{:>9}{:>8}{:>8}{:>8}{:>9}",
        "jitter of frames, us", "", "p50", "p99", "p99.9", "max", "late", "lost", "CPU %", "growth"
    );
    for case in &CASES {
        let project = folder.join(format!("bench-{}-{SHOW_SECONDS}", case.universes));
        measure(gobo, &project, case, stream)?;
    }
    Ok(())
}

fn measure(gobo: &Path, project: &Path, case: &Case, stream: Duration) -> Result<()> {
    let _load = if case.busy { Some(Load::start()?) } else { None };
    let bare = bare(case.universes, stream)?;
    let ours = ours(gobo, project, case, stream)?;
    print(case.name, "bare", &bare);
    print("", "gobo", &ours);
    let [p50, p99, p999, max] = ours.figures.jitter.map(|time| time.as_secs_f64());
    let limits = bare.figures.jitter.map(|time| time.as_secs_f64());
    println!(
        "{:<26}{:>7}{:>8.2}x{:>8.2}x{:>8.2}x{:>8.2}x{:>24.2}x",
        "",
        "ratio",
        p50 / limits[0],
        p99 / limits[1],
        p999 / limits[2],
        max / limits[3],
        ours.cpu / bare.cpu
    );
    Ok(())
}

/// What a stream came to.
struct Stream {
    figures: Figures,
    /// CPU seconds a second.
    cpu: f64,
    /// By how many bytes resident memory grew.
    growth: Option<i64>,
}

fn print(case: &str, who: &str, stream: &Stream) {
    let Stream { figures, cpu, growth } = stream;
    let [p50, p99, p999, max] = figures.jitter.map(us);
    let growth = growth.map(|bytes| format!("{} kB", bytes / 1024)).unwrap_or_default();
    let (late, lost, cpu) = (figures.late, figures.lost, cpu * 100.0);
    println!(
        "{case:<26}{who:>7}{p50:>9}{p99:>9}{p999:>9}{max:>9}{late:>8}{lost:>8}{cpu:>8.1}{growth:>9}"
    );
    if figures.dropped_here > 0 {
        println!("  {} packets were lost in this machine's receiver", figures.dropped_here);
    }
}

fn bare(universes: u16, length: Duration) -> Result<Stream> {
    let receiver = Receiver::start(universes)?;
    let frames = ((SETTLING + length).as_secs_f64() * 60.0) as u32;
    let cpu = limit::bare_loop(receiver.address, universes, frames)?;
    let figures = receiver.stop(SETTLING, length)?;
    let cpu = cpu / (SETTLING + length).as_secs_f64();
    Ok(Stream { figures, cpu, growth: None })
}

fn ours(gobo: &Path, project: &Path, case: &Case, length: Duration) -> Result<Stream> {
    let receiver = Receiver::start(case.universes)?;
    let target = receiver.address.to_string();
    let arguments =
        ["play", "build/bench.canvas", "--loop", "--audio", "none", "--artnet", &target];
    let mut child = process::command(gobo, project, &arguments).args(case.options).spawn()?;
    // Memory settles when the show has been read and has started over.
    thread::sleep(SETTLING);
    let (start, cpu, memory) =
        (Instant::now(), process::cpu_seconds(child.id()), process::memory(&child));
    thread::sleep(length);
    let (elapsed, used) = (start.elapsed(), process::cpu_seconds(child.id()) - cpu);
    let growth = process::memory(&child) as i64 - memory as i64;
    // The last look keeps a time of its own, after what is measured.
    thread::sleep(Duration::from_millis(500));
    process::terminate(&mut child)?;
    let figures = receiver.stop(SETTLING, length)?;
    Ok(Stream { figures, cpu: used / elapsed.as_secs_f64(), growth: Some(growth) })
}

/// Both cores kept busy by others, until dropped.
struct Load(Child);

impl Load {
    fn start() -> Result<Self> {
        let cores = thread::available_parallelism()?.to_string();
        let mut stress = Command::new("stress-ng");
        stress.args(["--quiet", "--cpu", &cores, "--vm", "1", "--vm-bytes", "256m"]);
        let child = stress.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut load = Self(child.context("stress-ng is missing: apt-get install stress-ng")?);
        thread::sleep(Duration::from_secs(1));
        ensure!(load.0.try_wait()?.is_none(), "stress-ng ended by itself");
        Ok(load)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        // It takes its own children with it, which a kill would leave behind.
        let _ = process::terminate(&mut self.0);
    }
}
