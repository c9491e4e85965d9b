//! `gobo export`: shows of ours in the formats of other systems.

use anyhow::Result;
use gobo_import::luma::score;
use gobo_import::{ImportError, Note};

use crate::args::{ExportCommand, ExportScoreArgs, Global};
use crate::failure::Exit;
use crate::output;
use crate::project::project_of;
use crate::report::{report, summary};
use crate::terminal::Terminal;
use crate::world::FolderWorld;

/// Runs the command.
pub(crate) fn run(terminal: &Terminal, global: &Global, command: &ExportCommand) -> Result<Exit> {
    match command {
        ExportCommand::LumaScore(args) => luma_score(terminal, global, args),
    }
}

fn luma_score(terminal: &Terminal, global: &Global, args: &ExportScoreArgs) -> Result<Exit> {
    let project = project_of(global, args.show.as_deref())?;
    let show = match &args.show {
        Some(typed) => project.show(typed)?,
        None => project.only_show()?,
    };
    let exported = score::export(&FolderWorld::new(project.root()), &show);
    let (text, notes) = match exported {
        Ok(exported) => exported,
        Err(ImportError::Faulty(mistakes)) => {
            let tally = report(terminal, &project, &mistakes)?;
            summary(terminal, tally, "");
            return Ok(Exit::Faulty);
        }
        Err(error) => return Err(error.into()),
    };
    let notes: Vec<_> = notes.iter().map(Note::diagnostic).collect();
    let tally = report(terminal, &project, &notes)?;
    summary(terminal, tally, ": not everything can be said in a score");
    match &args.output {
        Some(path) => output::write(path, text)?,
        None => terminal.line(text.trim_end_matches('\n'))?,
    }
    Ok(Exit::Fine)
}
