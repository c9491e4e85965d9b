//! `gobo import`: shows of other systems become projects of ours.

mod ai_light_show;
mod disk;
mod luma;
mod others;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use gobo_import::{ImportError, Imported, Note};
use gobo_show::diagnostic::Severity;

use crate::args::ImportCommand;
use crate::failure::{Exit, fault, misuse};
use crate::output;
use crate::project::{Project, shown};
use crate::report::{report, summary};
use crate::terminal::{Style, Terminal};
use crate::world::FolderWorld;

/// Runs the command.
pub(crate) fn run(terminal: &Terminal, command: &ImportCommand) -> Result<Exit> {
    match command {
        ImportCommand::AiLightShow(args) => ai_light_show::run(terminal, args),
        ImportCommand::Qlcplus(args) => others::qlcplus(terminal, args),
        ImportCommand::Wled(args) => others::wled(terminal, args),
        ImportCommand::Xlights(args) => others::xlights(terminal, args),
        ImportCommand::Luma(args) => luma::database(terminal, args),
        ImportCommand::LumaScore(args) => luma::score(terminal, args),
    }
}

/// Writes what an import came to and prints its notes; `from` is the folder that their places
/// are relative to.
fn finish(
    terminal: &Terminal,
    from: &Path,
    to: &Path,
    force: bool,
    imported: Result<Imported, ImportError>,
) -> Result<Exit> {
    let foreign = Project::at(&from.canonicalize().unwrap_or_else(|_| from.to_owned()));
    let imported = match imported {
        Ok(imported) => imported,
        Err(ImportError::Faulty(mistakes)) => {
            let tally = report(terminal, &foreign, &mistakes)?;
            summary(terminal, tally, "");
            return Ok(Exit::Faulty);
        }
        Err(error @ ImportError::Unknown(_)) => return Err(misuse(error.to_string())),
        Err(error @ ImportError::Missing(_)) => return Err(fault(error.to_string())),
    };
    let written = write(to, force, &imported)?;
    let notes: Vec<_> = imported.notes.iter().map(Note::diagnostic).collect();
    let tally = report(terminal, &foreign, &notes)?;
    summary(terminal, tally, ": not everything could be carried");
    let verb = terminal.paint(Style::Green, "imported");
    let files = if written == 1 { "file" } else { "files" };
    terminal.status(format_args!("{verb} {written} {files} to {}", shown(to)))?;
    check(terminal, to, &imported)
}

/// Tells of what cannot be compiled in the shows that an import has written: numbers may be beyond
/// what ours take.
fn check(terminal: &Terminal, to: &Path, imported: &Imported) -> Result<Exit> {
    let project = Project::at(&to.canonicalize().unwrap_or_else(|_| to.to_owned()));
    let world = FolderWorld::new(project.root());
    let show =
        |path: &str| Some(path.strip_prefix("shows/")?.strip_suffix("/show.toml")?.to_owned());
    let mut errors = Vec::new();
    for name in imported.files.keys().filter_map(|path| show(path)) {
        let said = gobo_show::load(&world, &name).diagnostics;
        errors.extend(said.into_iter().filter(|said| said.severity == Severity::Error));
    }
    let tally = report(terminal, &project, &errors)?;
    summary(terminal, tally, "");
    Ok(if tally.errors > 0 { Exit::Faulty } else { Exit::Fine })
}

/// Writes the files: all of them, or none when one is there and differs. When one cannot be
/// written, those that were not there before are taken away again.
fn write(to: &Path, force: bool, imported: &Imported) -> Result<usize> {
    let paths: Vec<(PathBuf, &[u8])> =
        imported.files.iter().map(|(path, bytes)| (to.join(path), &**bytes)).collect();
    let differs =
        |path: &Path, bytes: &[u8]| path.exists() && fs::read(path).ok().as_deref() != Some(bytes);
    if let Some((path, _)) = paths.iter().find(|(path, bytes)| !force && differs(path, bytes)) {
        let shown = shown(path);
        return Err(misuse(format!("{shown} is there and differs; --force writes over it")));
    }
    let mut made = Vec::new();
    for (path, bytes) in &paths {
        let is_new = !path.exists();
        if let Err(error) = output::write(path, bytes) {
            // What cannot be taken away is whole, and an import over it goes on from there.
            made.iter().for_each(|path| drop(fs::remove_file(path)));
            return Err(error);
        }
        made.extend(is_new.then_some(path));
    }
    Ok(paths.len())
}
