//! `make loops`: counts the instructions of gobo's inner loops and holds them to `loops.toml`.
//!
//! Each loop runs in a process of its own under `valgrind --tool=callgrind`, which counts what
//! [`counted`] executes and nothing else. Loops keep to the registers that every x86-64 machine
//! has, and the C library is told the same, so that machines agree; with another compiler than the
//! one in `loops.toml` counts are shown and not judged.
//!
//! ```text
//! loops              counts all loops and compares
//! loops --write      counts all loops and writes loops.toml
//! loops --run NAME   runs one loop, for valgrind
//! ```
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod count;
mod figures;
mod work;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use figures::Figures;

fn main() -> Result<ExitCode> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--run", name] => run(name).map(|()| ExitCode::SUCCESS),
        [] if count::possible() => compare(),
        ["--write"] if count::possible() => write(),
        [] | ["--write"] => {
            println!("loops were not counted: that needs valgrind, on x86-64 and Linux");
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!("expected nothing, --write or --run NAME"),
    }
}

/// Runs a loop: once to warm up, and once to be counted.
fn run(name: &str) -> Result<()> {
    gobo_render::keep_to_baseline();
    let make = work::LOOPS.iter().find(|(known, _)| *known == name);
    let (_, make) = make.with_context(|| format!("there is no loop `{name}`"))?;
    // What is given to a pool of threads is to run in this one, where it is counted.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build()?;
    pool.install(|| {
        let mut work = make()?;
        work();
        counted(&mut work);
        Ok(())
    })
}

/// The function that is counted: valgrind is given its name.
#[inline(never)]
fn counted(work: &mut dyn FnMut()) {
    work();
    // Keeps the call above from being the last thing done, which would be a jump.
    std::hint::black_box(());
}

fn write() -> Result<ExitCode> {
    let figures = Figures::counted(count::all()?);
    figures.write()?;
    println!("{} loops are in {}", figures.loops.len(), figures::FILE);
    Ok(ExitCode::SUCCESS)
}

/// Counts and compares; a loop that takes more than is tolerated is a failure.
fn compare() -> Result<ExitCode> {
    let kept = Figures::read()?;
    let verdict = kept.compare(&count::all()?);
    verdict.lines.iter().for_each(|line| println!("{line}"));
    Ok(if verdict.fails { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
