//! Compile figures: cold, unchanged, one cue edited; memory and bytes.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::change::{self, Change};
use crate::{Size, bytes, filling, line, process, show, timed};

/// The most raw bytes that `zstd -1` is given: of a larger show, its first seconds.
const PRESSED: u64 = 1 << 30;

/// What compiling a show of one size took.
pub(crate) struct Figures {
    pub(crate) size: Size,
    pub(crate) cold: Duration,
    pub(crate) fill: Duration,
    pub(crate) unchanged: Duration,
    pub(crate) edited: Duration,
    /// Bytes of resident memory.
    pub(crate) peak: u64,
    /// Bytes of the canvas.
    pub(crate) file: u64,
}

/// Prints the compile figures of one show.
pub(crate) fn report(gobo: &Path, project: &Path, size: Size) -> Result<Figures> {
    let canvas = canvas(project);
    let raw = size.raw_bytes();
    println!(
        "compile {} universes x {} s, 2,000 cues, {:.0} MB raw, {}",
        size.universes,
        size.seconds,
        raw as f64 / 1e6,
        if size.runs() == 1 { "one run".into() } else { format!("median of {}", size.runs()) },
    );
    let (cold, peak) = cold(gobo, project, size.runs())?;
    let fill = process::median(size.runs(), || Ok(filling::memory(raw)))?;
    timed("  cold, against filling memory", cold, fill, "4x");
    against_file(project, cold, size)?;

    let unchanged = process::median(3, || process::wall(gobo, project, &["compile", "bench"]))?;
    timed("  unchanged, against 50 ms", unchanged, Duration::from_millis(50), "1x");
    let edited = edit_one_cue(gobo, project)?;
    timed("  one cue edited, against cold", edited, cold, "");

    megabytes("  peak memory, against 300 MB", peak, 300_000_000, "1x");
    let file = fs::metadata(&canvas)?.len();
    megabytes("  file, against raw", file, raw as u64, "");
    against_zstd(gobo, project, size)?;
    print_change(&change::of_canvas(&canvas)?);
    Ok(Figures { size, cold, fill, unchanged, edited, peak, file })
}

fn canvas(project: &Path) -> PathBuf {
    project.join("build/bench.canvas")
}

/// The median time of compiling from nothing, and the highest memory of all runs.
fn cold(gobo: &Path, project: &Path, runs: usize) -> Result<(Duration, u64)> {
    let mut peak = 0;
    let cold = process::median(runs, || {
        let _ = fs::remove_file(canvas(project));
        let run = process::run(gobo, project, &["compile", "bench"])?;
        peak = peak.max(run.peak_memory);
        Ok(run.wall)
    })?;
    Ok((cold, peak))
}

/// The same raw bytes written beside the canvas.
fn against_file(project: &Path, cold: Duration, size: Size) -> Result<()> {
    let path = project.join("build/bench.filled");
    let mut synced = Vec::new();
    let written = process::median(size.runs(), || {
        let file = filling::file(&path, size.raw_bytes())?;
        synced.push(file.synced);
        Ok(file.written)
    })?;
    synced.sort_unstable();
    timed("  cold, against writing a file", cold, written, "");
    timed("  .. and fsync, as gobo does", cold, synced[synced.len() / 2], "");
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
    let wall = process::wall(gobo, project, &["compile", "bench"])?;
    fs::write(&path, text)?;
    Ok(wall)
}

/// The canvas, or that of its first seconds if it is large, against what zstd makes of its frames.
fn against_zstd(gobo: &Path, project: &Path, size: Size) -> Result<()> {
    let a_second = size.raw_bytes() as u64 / u64::from(size.seconds);
    let seconds = PRESSED / a_second / 10 * 10;
    let (what, path) = if seconds >= size.seconds.into() {
        ("  file, against zstd -1 of raw".to_owned(), canvas(project))
    } else {
        let end = seconds.to_string();
        process::run(gobo, project, &["compile", "bench", "--to", &end])?;
        (
            format!("  .. first {seconds} s, against zstd -1"),
            canvas(project).with_extension("part.canvas"),
        )
    };
    megabytes(&what, fs::metadata(&path)?.len(), bytes::zstd_len(&path)?, "");
    Ok(())
}

fn print_change(change: &Change) {
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let Change { mean, least, enough, lit } = *change;
    let ratio = Some(least / change::ENOUGH);
    line("  slots changed in a frame, least", &percent(least), "33 %", ratio, "1x");
    println!(
        "    {} on average, a third or more in {} of the frames; {} of the slots are lit",
        percent(mean),
        percent(enough),
        percent(lit)
    );
}

/// Prints the memory that shows of ten universes and rising length take.
pub(crate) fn memory_by_length(gobo: &Path, folder: &Path) -> Result<()> {
    println!("memory against the length of the show, 10 universes");
    let mut first = None;
    for minutes in [1, 5, 20] {
        let size = Size { universes: 10, seconds: minutes * 60 };
        let project = show::write(folder, size.universes, size.seconds)?;
        let (_, peak) = cold(gobo, &project, 3)?;
        let first = *first.get_or_insert(peak);
        megabytes(&format!("  {minutes} min, against 1 min"), peak, first, "");
    }
    Ok(())
}

fn megabytes(what: &str, gobo: u64, limit: u64, target: &str) {
    let mb = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
    line(what, &mb(gobo), &mb(limit), Some(gobo as f64 / limit as f64), target);
}
