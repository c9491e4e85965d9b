//! `gobo serve --check`: everything is opened that would be, and closed again.

use std::sync::Arc;

use anyhow::{Context, Result};
use gobo_canvas::NewFile;
use gobo_live::Edition;
use gobo_live::sheet::Sheet;
use gobo_serve::{Config, Remote};

use super::told_as;
use crate::failure::{Exit, misuse};
use crate::follow::Words;
use crate::output::{Unwritten, make_folder_of};
use crate::terminal::Terminal;
use crate::world::FolderWorld;

/// Checks the configuration, the show, and all that is to be opened for them.
pub(super) fn check(
    terminal: &Terminal,
    words: &Words<'_>,
    name: &str,
    config: &Config,
) -> Result<Exit> {
    let project = words.project;
    Remote::check(config, project.root()).map_err(told_as)?;
    let canvas = project.canvas(name);
    make_folder_of(&canvas)?;
    // Nothing is written: what was begun is gone when it is dropped.
    NewFile::create(&canvas).with_context(|| Unwritten::file(&canvas))?;
    let world = FolderWorld::new(project.root());
    let loaded = gobo_show::load(&world, name);
    let tally = crate::report::report(terminal, project, &loaded.diagnostics)?;
    let show = match &loaded.show {
        Some(show) if tally.errors == 0 => show.clone(),
        _ => return Ok(Exit::Faulty),
    };
    let edition = Arc::new(Edition::of(show));
    crate::play::check(edition.header(), words.outputs).map_err(misuse)?;
    let unknown = config.live.colour.unknown(&Sheet::of(&edition, &world));
    if let Some(unknown) = unknown {
        return Err(misuse(unknown));
    }
    words.check(&edition)?;
    terminal.status(format_args!("{name} would be served at {}: {tally}", config.listen))?;
    Ok(Exit::Fine)
}
