//! `gobo check`: everything that is wrong, and what is odd, of a show or a project.

use std::path::Path;

use anyhow::Result;

use crate::args::{CheckArgs, Global, MessageFormat};
use crate::failure::{Exit, Unreadable};
use crate::project::{Project, project_of};
use crate::report::{Tally, report, summary};
use crate::terminal::{Style, Terminal};
use crate::world::FolderWorld;

/// Runs the command.
pub(crate) fn run(terminal: &Terminal, global: &Global, args: &CheckArgs) -> Result<Exit> {
    let project = project_of(global, args.show.as_deref())?;
    let world = FolderWorld::new(project.root());
    let (names, mut diagnostics) =
        match args.show.as_deref().filter(|typed| !is_root(&project, typed)) {
            Some(typed) => {
                let name = project.show(typed)?;
                let diagnostics = gobo_show::load(&world, &name).diagnostics;
                (vec![name], diagnostics)
            }
            None => {
                let shows = project.shows()?;
                let diagnostics = gobo_show::check_project(&world, &shows);
                (shows, diagnostics)
            }
        };
    // What only the lowered show tells: how fast heads are asked to turn.
    let shows = names.iter().filter_map(|name| gobo_show::load(&world, name).show);
    diagnostics.extend(shows.flat_map(|show| gobo_render::check(&show)));
    world.has_listed_all()?;
    let tally = report(terminal, &project, &diagnostics)?;
    summary(terminal, tally, "");
    if tally == Tally::default() && terminal.format == MessageFormat::Human {
        terminal.status(terminal.paint(Style::Green, tally))?;
    }
    if tally.errors > 0 && world.has_failed() {
        return Err(Unreadable.into());
    }
    match tally.errors > 0 || args.strict && tally.warnings > 0 {
        true => Ok(Exit::Faulty),
        false => Ok(Exit::Fine),
    }
}

/// Whether what was typed is the project's own folder.
fn is_root(project: &Project, typed: &str) -> bool {
    Path::new(typed).canonicalize().is_ok_and(|path| path == project.root())
}
