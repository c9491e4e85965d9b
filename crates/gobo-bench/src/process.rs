//! Running `gobo` and watching what it takes.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

/// What a finished run took.
pub(crate) struct Run {
    pub wall: Duration,
    /// The highest resident memory seen, in bytes, read every few milliseconds.
    pub peak_memory: u64,
}

/// A `gobo` command in a project, silent.
pub(crate) fn command(gobo: &Path, project: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(gobo);
    command.current_dir(project).args(args).arg("--quiet");
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// Runs it to its end; an exit code other than 0 is an error.
pub(crate) fn run(gobo: &Path, project: &Path, args: &[&str]) -> Result<Run> {
    let start = Instant::now();
    let mut child = command(gobo, project, args).spawn().context("gobo did not start")?;
    let mut peak_memory = 0;
    let status = loop {
        peak_memory = peak_memory.max(memory_peak(&child));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        thread::sleep(Duration::from_millis(2));
    };
    let wall = start.elapsed();
    ensure!(status.success(), "gobo {} ended with {status}", args.join(" "));
    Ok(Run { wall, peak_memory })
}

/// Runs it to its end with nothing else going on, and tells how long it took.
pub(crate) fn wall(gobo: &Path, project: &Path, args: &[&str]) -> Result<Duration> {
    let start = Instant::now();
    let status = command(gobo, project, args).status().context("gobo did not start")?;
    let wall = start.elapsed();
    ensure!(status.success(), "gobo {} ended with {status}", args.join(" "));
    Ok(wall)
}

/// Asks a process to end, and waits for it.
pub(crate) fn terminate(child: &mut Child) -> Result<()> {
    let pid = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
    child.wait()?;
    Ok(())
}

/// The high-water mark of a process's resident memory, in bytes (proc(5): VmHWM, in kB).
fn memory_peak(child: &Child) -> u64 {
    status_bytes(child, "VmHWM:")
}

/// A process's resident memory, in bytes (proc(5): VmRSS, in kB).
pub(crate) fn memory(child: &Child) -> u64 {
    status_bytes(child, "VmRSS:")
}

fn status_bytes(child: &Child, field: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix(field))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok())
        .map_or(0, |kilobytes| kilobytes * 1024)
}

/// Linux counts the time of processes in hundredths of a second (time(7): USER_HZ).
const TICKS_A_SECOND: f64 = 100.0;

/// CPU seconds of a running process so far (proc(5): fields 14 and 15 of stat, in ticks).
pub(crate) fn cpu_seconds(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    ticks as f64 / TICKS_A_SECOND
}

/// The median of so many runs of `measure`.
pub(crate) fn median(
    runs: usize,
    mut measure: impl FnMut() -> Result<Duration>,
) -> Result<Duration> {
    let mut times = (0..runs).map(|_| measure()).collect::<Result<Vec<_>>>()?;
    times.sort_unstable();
    Ok(times[times.len() / 2])
}
