//! `gobo check`: everything that is wrong, and what is odd, of a show, a playlist or a project.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use gobo_show::Diagnostic;

use crate::args::{CheckArgs, Global, MessageFormat};
use crate::failure::{Exit, Unreadable};
use crate::play::list::{playlist_path, read_playlist};
use crate::project::{Project, project_of};
use crate::report::{Tally, report, summary};
use crate::terminal::{Style, Terminal};
use crate::world::FolderWorld;

/// Runs the command.
pub(crate) fn run(terminal: &Terminal, global: &Global, args: &CheckArgs) -> Result<Exit> {
    if let Some(path) = args.show.as_deref().and_then(|typed| playlist_path(global, typed)) {
        return playlist(terminal, global, args, &path);
    }
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
    diagnostics.extend(lowered(&world, &names));
    world.has_listed_all()?;
    let tally = report(terminal, &project, &diagnostics)?;
    conclude(terminal, args, tally, world.has_failed())
}

/// What only the lowered show tells: how fast heads are asked to turn.
fn lowered(world: &FolderWorld, names: &[String]) -> Vec<Diagnostic> {
    let shows = names.iter().filter_map(|name| gobo_show::load(world, name).show);
    shows.flat_map(|show| gobo_render::check(&show)).collect()
}

/// A playlist, and the shows that it names.
fn playlist(terminal: &Terminal, global: &Global, args: &CheckArgs, path: &Path) -> Result<Exit> {
    let read = read_playlist(global, path)?;
    let mut tally = report(terminal, &read.project, &read.diagnostics)?;
    let mut has_failed = false;
    if let Some(project) = &read.shows_of {
        let world = FolderWorld::new(project.root());
        let named = read.source.iter().flat_map(gobo_show::source::PlaylistSource::names);
        let names: BTreeSet<String> = named.map(str::to_owned).collect();
        let names: Vec<String> = names.into_iter().collect();
        let loaded = names.iter().map(|name| gobo_show::load(&world, name).diagnostics);
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        for found in loaded.flatten().chain(lowered(&world, &names)) {
            // Shows of one venue have the same to say of it.
            if !diagnostics.contains(&found) {
                diagnostics.push(found);
            }
        }
        world.has_listed_all()?;
        let Tally { errors, warnings } = report(terminal, project, &diagnostics)?;
        tally = Tally { errors: tally.errors + errors, warnings: tally.warnings + warnings };
        has_failed = world.has_failed();
    }
    conclude(terminal, args, tally, has_failed)
}

/// Says what it comes to.
fn conclude(terminal: &Terminal, args: &CheckArgs, tally: Tally, has_failed: bool) -> Result<Exit> {
    summary(terminal, tally, "");
    if tally == Tally::default() && terminal.format == MessageFormat::Human {
        terminal.status(terminal.paint(Style::Green, tally))?;
    }
    if tally.errors > 0 && has_failed {
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
