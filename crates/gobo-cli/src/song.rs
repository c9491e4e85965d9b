//! `gobo song`: what songs are.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use gobo_show::show::Section;
use gobo_show::{Grid, Severity};

use crate::args::{Global, SongCommand};
use crate::failure::{Exit, fault};
use crate::project::{Project, shown};
use crate::report::report;
use crate::terminal::{Style, Terminal};
use crate::value::minutes;
use crate::world::{Overlay, hash};

/// The name of a show that is not there, and its files; no folder can have it.
const SHOW: &str = ".song";
const SHOW_FILE: &str = "shows/.song/show.toml";
const VENUE_FILE: &str = "fixtures/.none.toml";

/// Runs the command.
pub(crate) fn run(terminal: &Terminal, global: &Global, command: &SongCommand) -> Result<Exit> {
    let SongCommand::Info { songs } = command;
    let mut exit = Exit::Fine;
    for typed in songs {
        if !info(terminal, &find(global, typed))? {
            exit = Exit::Faulty;
        }
    }
    Ok(exit)
}

/// The file that was typed: a path, or a name in the project's folder of songs.
fn find(global: &Global, typed: &str) -> PathBuf {
    let path = Path::new(typed);
    let inside = || Some(Project::open(global).ok()?.root().join("songs").join(typed));
    match path.exists() {
        true => path.to_owned(),
        false => inside().filter(|inside| inside.exists()).unwrap_or_else(|| path.to_owned()),
    }
}

/// Says what a song is; false when its sidecar has errors, which are printed.
fn info(terminal: &Terminal, path: &Path) -> Result<bool> {
    let hash = hash(path).with_context(|| format!("cannot read {}", path.display()))?;
    let length = gobo_audio::probe(path).map_err(|error| fault(error.to_string()))?;
    let mut facts = vec![
        ("length", format!("{}, {} samples", minutes(length.seconds), length.frames)),
        ("sound", format!("{} Hz, {} channels", length.sample_rate, length.channels)),
        ("hash", format!("{hash:032x}")),
    ];
    let grid = grid(terminal, path)?;
    facts.extend(grid.iter().flat_map(|grid| grid_facts(grid, length.seconds)));
    terminal.line(terminal.paint(Style::Bold, shown(path)))?;
    for (name, value) in facts {
        let name = terminal.paint(Style::Dim, format!("{name:<9}"));
        terminal.line(format_args!("  {name} {value}"))?;
    }
    Ok(grid.is_some())
}

/// The beats, bars and sections that a song's sidecar gives, read as those of a show that has
/// nothing but the song; without tempo where there is no sidecar, `None` when it has errors.
fn grid(terminal: &Terminal, path: &Path) -> Result<Option<Grid>> {
    let whole = path.canonicalize()?;
    let (Some(folder), Some(name)) = (whole.parent(), whole.file_name()) else {
        return Ok(Some(Grid::default()));
    };
    // Shows find songs in a folder of that name.
    let Some(root) = folder.parent().filter(|_| folder.ends_with("songs")) else {
        return Ok(Some(Grid::default()));
    };
    let song = serde_json::Value::from(name.to_string_lossy());
    let show = format!("song = {song}\nvenue = \".none\"\ncues = []\n");
    let files = [(SHOW_FILE, show), (VENUE_FILE, "name = \"none\"\n".to_owned())];
    let mut loaded = gobo_show::load(&Overlay::new(root, files), SHOW);
    loaded.diagnostics.retain(|one| one.severity == Severity::Error);
    report(terminal, &Project::at(root), &loaded.diagnostics)?;
    Ok(loaded.show.map(|show| show.grid))
}

fn grid_facts(grid: &Grid, seconds: f64) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if grid.has_tempo() {
        let beats = grid.beat_at(seconds) - grid.beat_at(0.0);
        let first = minutes(grid.seconds_at_bar(0.0));
        let tempo = beats / seconds * 60.0;
        facts.push(("tempo", format!("{tempo:.2} beats a minute, the first bar at {first}")));
    }
    if !grid.sections.is_empty() {
        let section = |section: &Section| format!("{} {}", minutes(section.start), section.name);
        let names: Vec<String> = grid.sections.iter().map(section).collect();
        facts.push(("sections", names.join(", ")));
    }
    facts
}
