//! `gobo import luma` and `luma-score`.

use anyhow::Result;
use gobo_import::luma::{self, score};
use gobo_show::profile::slug;

use super::disk::DiskFolder;
use super::finish;
use super::others::{apart, definitions};
use crate::args::{LumaArgs, LumaScoreArgs};
use crate::failure::Exit;
use crate::project::Project;
use crate::terminal::Terminal;
use crate::world::FolderWorld;

/// Runs `gobo import luma`.
pub(super) fn database(terminal: &Terminal, args: &LumaArgs) -> Result<Exit> {
    let (folder, name) = apart(&args.file)?;
    let definitions = definitions(&args.fixtures)?;
    let imported = luma::import(&DiskFolder::new(&folder), &name, definitions);
    finish(terminal, &folder, &args.into.output, args.into.force, imported)
}

/// Runs `gobo import luma-score`.
pub(super) fn score(terminal: &Terminal, args: &LumaScoreArgs) -> Result<Exit> {
    let (folder, name) = apart(&args.file)?;
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let show = args.show.clone().unwrap_or_else(|| slug(stem));
    let world = FolderWorld::new(&args.into.output);
    let shows = Project::at(&args.into.output).shows()?;
    let into = score::Into {
        world: &world,
        show: &show,
        shows: &shows,
        venue: args.venue.as_deref(),
        song: args.song.as_deref(),
        tempo: args.bpm.map(|bpm| (bpm, args.beats_per_bar)),
    };
    let imported = score::import(&DiskFolder::beside(&folder), &name, &into);
    finish(terminal, &folder, &args.into.output, args.into.force, imported)
}
