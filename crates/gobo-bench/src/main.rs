//! `make bench`: runs the `gobo` beside this binary on generated shows and prints figures as
//! ratios to what the same machine does in the same run. Nothing here is a test.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bytes;
mod change;
mod compile;
mod decode;
mod edits;
mod filling;
mod growth;
mod limit;
mod play;
mod process;
mod remote;
mod show;
mod soak;
mod songs;
mod stamped;
#[cfg(feature = "sync")]
mod sync;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

const USAGE: &str = "usage: gobo-bench [--quick | --soak SECONDS | --sync SECONDS | \
                     --edits N | --remote SECONDS | --write FOLDER UNIVERSES]";

/// Length of the benchmark show (design: 5 minutes).
const SECONDS: u32 = 300;
/// Universes of the shows, and of those that are left out by `--quick`.
const SIZES: [u16; 2] = [1, 10];
const LARGE_SIZES: [u16; 2] = [100, 1_000];
/// Universes of the show that is read and played, if it was made.
const PLAYED: u16 = 100;

/// How large a show is.
#[derive(Clone, Copy)]
struct Size {
    universes: u16,
    seconds: u32,
}

impl Size {
    /// All frames, 60 a second, with all 512 slots.
    fn raw_bytes(self) -> usize {
        usize::from(self.universes) * self.seconds as usize * 60 * 512
    }

    /// How often what takes long is measured.
    fn runs(self) -> usize {
        if self.universes > 100 { 1 } else { 3 }
    }
}

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    // `--write FOLDER UNIVERSES` leaves a show there, for a profiler or a debugger.
    if let [flag, folder, universes] = args.as_slice()
        && flag == "--write"
    {
        let project = show::write(Path::new(folder), universes.parse()?, SECONDS)?;
        println!("{}", project.display());
        return Ok(());
    }
    if let [flag, seconds] = args.as_slice()
        && flag == "--soak"
    {
        let (gobo, folder) = (gobo()?, tempfile::tempdir()?);
        return soak::report(&gobo, folder.path(), Duration::from_secs(seconds.parse()?));
    }
    if let [flag, count] = args.as_slice()
        && flag == "--edits"
    {
        return edits::report(&gobo()?, tempfile::tempdir()?.path(), count.parse()?);
    }
    if let Some(done) = remote(&args) {
        return done;
    }
    #[cfg(feature = "sync")]
    if let Some(done) = synced(&args) {
        return done;
    }
    let quick = match args.as_slice() {
        [] => false,
        [flag] if flag == "--quick" => true,
        _ => {
            eprintln!("{USAGE}");
            std::process::exit(2);
        }
    };
    let folder = tempfile::tempdir().context("no room for the benchmark shows")?;
    report(&gobo()?, folder.path(), quick)
}

/// What `--remote SECONDS` asks for, and how it calls itself as what it is measured against.
fn remote(args: &[String]) -> Option<Result<()>> {
    let run = |seconds: &String| {
        let seconds = Duration::from_secs(seconds.parse()?);
        remote::report(&gobo()?, tempfile::tempdir()?.path(), seconds)
    };
    match args {
        [flag, seconds] if flag == "--remote" => Some(run(seconds)),
        [flag] if flag == remote::BARE => Some(remote::bare()),
        _ => None,
    }
}

/// What `--sync SECONDS` asks for, and how it calls itself where the sound leads to its own server.
#[cfg(feature = "sync")]
fn synced(args: &[String]) -> Option<Result<()>> {
    let run = |seconds: &String| sync::report(&gobo()?, tempfile::tempdir()?.path(), seconds);
    match args {
        [flag, seconds] if flag == "--sync" => Some(run(seconds)),
        [flag, project, seconds, light] if flag == "--sync-here" => {
            Some(sync::measure(Path::new(project), seconds, light))
        }
        _ => None,
    }
}

/// The command that is measured: the one beside this.
fn gobo() -> Result<PathBuf> {
    let gobo = std::env::current_exe()?.with_file_name("gobo");
    ensure!(gobo.exists(), "{} is missing: run make bench, which builds it", gobo.display());
    Ok(gobo)
}

fn report(gobo: &Path, folder: &Path, quick: bool) -> Result<()> {
    println!("{:<34}{:>12}{:>12}{:>9}{:>9}", "what", "gobo", "limit", "ratio", "target");
    let large: &[u16] = if quick { &[] } else { &LARGE_SIZES };
    let mut figures = Vec::new();
    let mut played = None;
    for &universes in SIZES.iter().chain(large) {
        let size = Size { universes, seconds: SECONDS };
        let project = show::write(folder, universes, SECONDS)?;
        figures.push(compile::report(gobo, &project, size)?);
        if universes <= PLAYED {
            played = Some((project, size));
        }
    }
    growth::report(&figures);
    compile::memory_by_length(gobo, folder)?;
    songs::report(gobo, folder)?;
    let (project, size) = played.context("a show to play")?;
    decode::report(gobo, &project, size)?;
    play::report(gobo, &project, size.universes)
}

/// One line of the table; `target` is the ratio to hold, or empty.
fn line(what: &str, gobo: &str, limit: &str, ratio: Option<f64>, target: &str) {
    let ratio = ratio.map(|ratio| format!("{ratio:.2}x")).unwrap_or_default();
    println!("{what:<34}{gobo:>12}{limit:>12}{ratio:>9}{target:>9}");
}

/// A line of two times.
fn timed(what: &str, gobo: Duration, limit: Duration, target: &str) {
    line(what, &ms(gobo), &ms(limit), Some(gobo.as_secs_f64() / limit.as_secs_f64()), target);
}

/// A time in milliseconds.
fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// A time in microseconds.
fn us(time: Duration) -> String {
    format!("{:.0} us", time.as_secs_f64() * 1e6)
}
