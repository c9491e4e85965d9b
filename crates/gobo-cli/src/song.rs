//! `gobo song`: what songs are.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::args::{Global, SongCommand};
use crate::failure::{Exit, fault};
use crate::project::{Project, shown};
use crate::terminal::{Style, Terminal};
use crate::value::minutes;
use crate::world::hash;

/// Runs the command.
pub(crate) fn run(terminal: &Terminal, global: &Global, command: &SongCommand) -> Result<Exit> {
    let SongCommand::Info { songs } = command;
    for typed in songs {
        info(terminal, &find(global, typed))?;
    }
    Ok(Exit::Fine)
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

fn info(terminal: &Terminal, path: &Path) -> Result<()> {
    let hash = hash(path).with_context(|| format!("cannot read {}", path.display()))?;
    let length = gobo_audio::probe(path).map_err(|error| fault(error.to_string()))?;
    terminal.line(terminal.paint(Style::Bold, shown(path)))?;
    let facts = [
        ("length", format!("{}, {} samples", minutes(length.seconds), length.frames)),
        ("sound", format!("{} Hz, {} channels", length.sample_rate, length.channels)),
        ("hash", format!("{hash:032x}")),
    ];
    for (name, value) in facts {
        terminal
            .line(format_args!("  {} {value}", terminal.paint(Style::Dim, format!("{name:<9}"))))?;
    }
    Ok(())
}
