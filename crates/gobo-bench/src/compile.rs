//! Compile figures: cold, unchanged, one cue edited; memory and bytes.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::{limit, line, process};

const RUNS: usize = 3;

/// Prints the compile figures of one show.
pub(crate) fn report(gobo: &Path, project: &Path, universes: u16, seconds: u32) -> Result<()> {
    let raw = usize::from(universes) * seconds as usize * 60 * 512;
    let canvas = project.join("build/bench.canvas");
    println!("compile {universes} universes x {seconds} s, 2,000 cues, {} MB raw", raw / 1_000_000);

    let mut peak = 0;
    let cold = process::median(RUNS, || {
        let _ = fs::remove_file(&canvas);
        let run = process::run(gobo, project, &["compile", "bench"])?;
        peak = peak.max(run.peak_memory);
        Ok(run.wall)
    })?;
    let fill = process::median(RUNS, || Ok(limit::fill_memory(raw)))?;
    timed("  cold, against filling memory", cold, fill, "4x");

    let unchanged =
        process::median(RUNS, || Ok(process::run(gobo, project, &["compile", "bench"])?.wall))?;
    timed("  unchanged, against 50 ms", unchanged, Duration::from_millis(50), "1x");

    let edited = edit_one_cue(gobo, project)?;
    timed("  one cue edited, against cold", edited, cold, "");

    megabytes("  peak memory, against 300 MB", peak, 300_000_000, "1x");
    megabytes("  file, against raw", fs::metadata(&canvas)?.len(), raw as u64, "");
    Ok(())
}

/// Changes one number in the middle of the base layer and compiles.
fn edit_one_cue(gobo: &Path, project: &Path) -> Result<Duration> {
    let path = project.join("shows/bench/base.json");
    let text = fs::read_to_string(&path)?;
    let middle = text.len() / 2;
    let place = text[middle..].find("\"at\"").context("a cue in the second half")? + middle;
    let edited =
        format!("{}\"name\": \"edited\", \"fade_in\": 0.1, {}", &text[..place], &text[place..]);
    fs::write(&path, edited)?;
    let wall = process::run(gobo, project, &["compile", "bench"])?.wall;
    fs::write(&path, text)?;
    Ok(wall)
}

fn timed(what: &str, gobo: Duration, limit: Duration, target: &str) {
    let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
    line(what, &ms(gobo), &ms(limit), Some(gobo.as_secs_f64() / limit.as_secs_f64()), target);
}

fn megabytes(what: &str, gobo: u64, limit: u64, target: &str) {
    let mb = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
    line(what, &mb(gobo), &mb(limit), Some(gobo as f64 / limit as f64), target);
}
