//! `make bench`: runs the `gobo` beside this binary on generated shows and prints figures as
//! ratios to what the same machine does in the same run. Nothing here is a test.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout)]

mod compile;
mod limit;
mod play;
mod process;
mod show;

use std::path::Path;

use anyhow::{Context, Result, ensure};

/// Length of the benchmark show (design: 5 minutes).
const SECONDS: u32 = 300;

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
    let gobo = std::env::current_exe()?.with_file_name("gobo");
    ensure!(gobo.exists(), "{} is missing: run make bench, which builds it", gobo.display());
    let quick = args.iter().any(|arg| arg == "--quick");
    let folder = tempfile::tempdir().context("no room for the benchmark shows")?;
    let sizes: &[u16] = if quick { &[1, 10] } else { &[1, 10, 100] };

    println!("{:<34}{:>12}{:>12}{:>9}{:>9}", "what", "gobo", "limit", "ratio", "target");
    for &universes in sizes {
        let project = show::write(folder.path(), universes, SECONDS)?;
        compile::report(&gobo, &project, universes, SECONDS)?;
    }
    let universes = *sizes.last().context("a size")?;
    play::report(&gobo, &show::folder(folder.path(), universes), universes)?;
    Ok(())
}

/// One line of the table; `target` is the ratio to hold, or empty.
fn line(what: &str, gobo: &str, limit: &str, ratio: Option<f64>, target: &str) {
    let ratio = ratio.map(|ratio| format!("{ratio:.2}x")).unwrap_or_default();
    println!("{what:<34}{gobo:>12}{limit:>12}{ratio:>9}{target:>9}");
}
