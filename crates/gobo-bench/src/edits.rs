//! `--edits N`: from a save to the wire, while a show of 100 universes plays under `gobo watch`.
//!
//! Beside the show's own fixtures there are three of one pixel or bar each, on a universe of their
//! own, lit by one cue in each of the two cue files of 1,000 cues. Each edit changes a colour of
//! such a cue, and is timed from before it is written to the kernel's stamp of the first packet
//! that shows it.

mod project;
pub(crate) mod wire;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::process::{memory, terminate};
use crate::show::Dice;
use project::Marked;
use wire::Wire;

/// How long an edit may take to be seen at all.
const PATIENCE: Duration = Duration::from_secs(5);
/// Edits of each kind that touches everything.
const LARGE: u32 = 20;
/// The shortest and the longest time between two edits, in milliseconds.
const BETWEEN: (u32, u32) = (120, 420);

/// Measures so many edits of one value, and some of the palette, a profile and the patch; prints
/// the table.
pub(crate) fn report(gobo: &Path, folder: &Path, count: u32) -> Result<()> {
    let mut project = Marked::write(folder)?;
    let wire = Wire::open()?;
    let mut watching = Watching::start(gobo, project.path(), &wire)?;
    wire.wait_for(&project.expected(), PATIENCE).context("the show does not begin")?;
    let before = memory(&watching.child);
    println!("{:<28}{:>7}{:>10}{:>10}{:>10}", "save to wire, ms", "edits", "p50", "p99", "max");
    let mut dice = Dice::new(u64::from(count));
    let mut measure =
        |name: &str, count: u32, edit: &mut dyn FnMut(&mut Marked, &mut Dice) -> Result<()>| {
            let mut taken = Vec::new();
            for _ in 0..count {
                thread::sleep(Duration::from_millis(
                    (BETWEEN.0 + dice.below(BETWEEN.1 - BETWEEN.0)).into(),
                ));
                let start = wire::now();
                edit(&mut project, &mut dice)?;
                let seen = wire.wait_for(&project.expected(), PATIENCE);
                let seen = seen.with_context(|| format!("an edit of {name} is not seen"))?;
                taken.push(seen.saturating_sub(start) as f64 / 1e6);
            }
            line(name, &mut taken);
            Ok::<(), anyhow::Error>(())
        };
    measure("one value of one cue", count, &mut |project, dice| project.edit_cue(dice))?;
    measure("the palette of all cues", LARGE, &mut |project, dice| project.edit_palette(dice))?;
    measure("a profile of all fixtures", LARGE, &mut |project, _| project.edit_profile())?;
    measure("the patch", LARGE, &mut |project, _| project.edit_patch())?;
    let grown = memory(&watching.child).saturating_sub(before);
    let told = watching.stop()?;
    steps(&told, count as usize);
    let places = told.iter().filter(|one| one["reason"] == "place");
    let late = places.filter_map(|one| one["late"].as_u64()).max().unwrap_or(0);
    println!("frames late or left out: {late}; memory grew by {} kB", grown / 1024);
    Ok(())
}

/// The steps of the first edits, as the command tells of them.
fn steps(told: &[Value], count: usize) {
    println!("{:<28}{:>7}{:>10}{:>10}{:>10}", "of which, of one cue", "edits", "p50", "p99", "max");
    let edits: Vec<&Value> =
        told.iter().filter(|one| one["reason"] == "edit").take(count).collect();
    for step in ["notice", "read", "lower", "render", "wire", "all"] {
        let taken = edits.iter().filter_map(|edit| edit["ms"][step].as_f64());
        line(&format!("  {step}"), &mut taken.collect::<Vec<_>>());
    }
}

fn line(name: &str, taken: &mut [f64]) {
    taken.sort_by(f64::total_cmp);
    let at = |part: f64| {
        let index = (taken.len() as f64 * part).ceil() as usize;
        taken.get(index.saturating_sub(1)).copied().unwrap_or(f64::NAN)
    };
    println!("{name:<28}{:>7}{:>10.1}{:>10.1}{:>10.1}", taken.len(), at(0.5), at(0.99), at(1.0));
}

/// A `gobo watch` that tells what it does.
struct Watching {
    child: Child,
    told: JoinHandle<Vec<Value>>,
}

impl Watching {
    fn start(gobo: &Path, project: &Path, wire: &Wire) -> Result<Self> {
        let args = ["watch", "bench", "--json", "--loop", "--audio", "none"];
        let mut command = Command::new(gobo);
        command.current_dir(project).args(args).args(wire.targets());
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().context("gobo did not start")?;
        let out = child.stdout.take().context("its output")?;
        let told = thread::spawn(move || {
            let lines = BufReader::new(out).lines().map_while(Result::ok);
            lines.filter_map(|line| serde_json::from_str(&line).ok()).collect()
        });
        Ok(Self { child, told })
    }

    /// Ends it; what it told.
    fn stop(&mut self) -> Result<Vec<Value>> {
        terminate(&mut self.child)?;
        let told = std::mem::replace(&mut self.told, thread::spawn(Vec::new)).join();
        let told = told.ok().context("its output was not read")?;
        ensure!(!told.is_empty(), "it told nothing");
        Ok(told)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
