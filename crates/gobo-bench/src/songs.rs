//! The songs of the AI Light Show, against what its own renderer takes.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::{line, ms, process};

const RUNS: usize = 15;

/// A song: its name, frame rate, length in seconds, beats a minute, and what the original took to
/// render it, in milliseconds.
struct Song(&'static str, &'static str, &'static str, &'static str, u64);

const SONGS: [Song; 2] = [
    Song("What a Feeling - Courtney Storm", "50", "205.590", "120", 1_500),
    Song("Yonaka - Seize the Power", "50", "159.060", "120", 5_300),
];

/// Prints how long the songs take as whole processes, from nothing; says so if they are not there.
pub(crate) fn report(gobo: &Path, folder: &Path) -> Result<()> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/ai-light-show");
    let Ok(shared) = shared.canonicalize() else {
        println!("songs of the AI Light Show: ../shared/data/ai-light-show is not there");
        return Ok(());
    };
    println!("songs of the AI Light Show, cold, and how many times as fast as its renderer");
    for (index, song) in SONGS.iter().enumerate() {
        let project = import(gobo, folder, &shared, song, index)?;
        let show = only_show(&project)?;
        let canvas = project.join("build").join(&show).with_extension("canvas");
        let time = process::median(RUNS, || {
            let _ = fs::remove_file(&canvas);
            process::wall(gobo, &project, &["compile", &show])
        })?;
        ensure!(canvas.exists(), "{} was not written", canvas.display());
        let theirs = Duration::from_millis(song.4);
        let times = theirs.as_secs_f64() / time.as_secs_f64();
        line(&format!("  {}", song.0), &ms(time), &ms(theirs), Some(times), "500x");
    }
    Ok(())
}

fn import(gobo: &Path, folder: &Path, shared: &Path, song: &Song, index: usize) -> Result<PathBuf> {
    let project = folder.join(format!("song-{index}"));
    let (from, to) = (shared.to_string_lossy(), project.to_string_lossy());
    let Song(name, fps, length, bpm, _) = song;
    let facts = ["--song", name, "--fps", fps, "--length", length, "--bpm", bpm];
    let args = [&["import", "ai-light-show", &from, "-o", &to], &facts[..]].concat();
    process::run(gobo, folder, &args)?;
    Ok(project)
}

/// The name of the one show of a project.
fn only_show(project: &Path) -> Result<String> {
    let show = fs::read_dir(project.join("shows"))?.next().context("an imported show")??;
    Ok(show.file_name().to_string_lossy().into_owned())
}
