//! `gobo import ai-light-show`.

use anyhow::{Context, Result};
use gobo_import::ai_light_show::{self, Facts};

use super::disk::DiskFolder;
use super::finish;
use crate::args::AiLightShowArgs;
use crate::failure::Exit;
use crate::terminal::Terminal;

/// Runs the command.
pub(super) fn run(terminal: &Terminal, args: &AiLightShowArgs) -> Result<Exit> {
    let from = &args.folder;
    std::fs::read_dir(from).with_context(|| format!("cannot look into {}", from.display()))?;
    let facts = Facts { fps: args.fps, bpm: args.bpm, seconds: args.length };
    let folder = DiskFolder::new(from);
    let imported = ai_light_show::import(&folder, args.song.as_deref(), facts);
    finish(terminal, from, &args.into.output, args.into.force, imported)
}
