//! Reading figures: a frame anywhere, and frames one after another, through the reader.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use gobo_canvas::{Canvas, Reader};
use gobo_dmx::SLOTS;

use crate::show::Dice;
use crate::{Size, line, process, us};

/// Frames asked for at random.
const FRAMES: usize = 1_000;
/// Seconds read one after another.
const SECONDS: u32 = 60;

/// Prints the reading figures of the show in `project`, for each way of pressing it.
pub(crate) fn report(gobo: &Path, project: &Path, size: Size) -> Result<()> {
    for pressing in ["fast", "small"] {
        println!("read {} universes, --compression {pressing}, one core, warm", size.universes);
        let path = project.join(format!("build/{pressing}.canvas"));
        let output = path.to_str().context("a path of text")?;
        process::run(
            gobo,
            project,
            &["compile", "bench", "--compression", pressing, "-o", output],
        )?;
        // Reads the file, so that it is in memory.
        let bytes = fs::read(&path)?.len();
        println!("    {:.1} MB", bytes as f64 / 1e6);
        let canvas = Arc::new(Canvas::open(&path)?);
        at_random("a universe of a frame", &canvas, 1)?;
        at_random("all universes of a frame", &canvas, usize::from(size.universes))?;
        in_order(&canvas)?;
    }
    Ok(())
}

/// Reads `universes` of the canvas in frames anywhere, those of each frame in a row.
fn at_random(what: &str, canvas: &Arc<Canvas>, universes: usize) -> Result<()> {
    let mut reader = Reader::new(Arc::clone(canvas));
    let mut dice = Dice::new(7);
    let (frames, all) = (canvas.header().frames, canvas.header().universes.len());
    let mut slots = [0; SLOTS];
    let mut times = Vec::with_capacity(FRAMES);
    // The first one makes room.
    for round in 0..=FRAMES {
        let frame = dice.below(frames);
        let first = if universes == all { 0 } else { dice.below(all as u32) as usize };
        let start = Instant::now();
        for universe in first..(first + universes).min(all) {
            reader.frame(universe, frame, &mut slots)?;
        }
        if round > 0 {
            times.push(start.elapsed());
        }
        std::hint::black_box(&slots);
    }
    times.sort_unstable();
    let limit = Duration::from_millis(1);
    for (name, time) in [
        ("median", times[FRAMES / 2]),
        ("p99", times[FRAMES * 99 / 100]),
        ("max", times[FRAMES - 1]),
    ] {
        let ratio = time.as_secs_f64() / limit.as_secs_f64();
        line(&format!("  {what}, {name}"), &us(time), &us(limit), Some(ratio), "1x");
    }
    Ok(())
}

/// Reads every universe frame by frame, as the player does.
fn in_order(canvas: &Arc<Canvas>) -> Result<()> {
    let mut reader = Reader::new(Arc::clone(canvas));
    let universes = canvas.header().universes.len();
    let frames = canvas.header().frames.min(SECONDS * 60);
    let mut slots = [0; SLOTS];
    let start = Instant::now();
    for frame in 0..frames {
        for universe in 0..universes {
            reader.frame(universe, frame, &mut slots)?;
            std::hint::black_box(&slots);
        }
    }
    let played = f64::from(frames) / 60.0 * universes as f64;
    let universes = played / start.elapsed().as_secs_f64();
    let ratio = Some(universes / 1_000.0);
    line("  universes a core at 60 FPS", &format!("{universes:.0}"), "1000", ratio, ">1x");
    Ok(())
}
