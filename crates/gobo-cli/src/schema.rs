//! `gobo schema`: the JSON Schemas of the source formats as files.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::args::{Global, SchemaArgs};
use crate::failure::Exit;
use crate::output;
use crate::project::{Project, shown};
use crate::terminal::Terminal;

/// Where a project keeps them, so that its files can name them by a relative path.
pub(crate) const FOLDER: &str = ".gobo/schemas";

/// Runs the command.
pub(crate) fn run(terminal: &Terminal, global: &Global, args: &SchemaArgs) -> Result<Exit> {
    let folder = match &args.folder {
        Some(folder) => folder.clone(),
        None => Project::open(global)?.root().join(FOLDER),
    };
    if !args.check {
        let count = write(&folder)?;
        terminal.status(format_args!("{count} schemas are in {}", shown(&folder)))?;
        return Ok(Exit::Fine);
    }
    let mut exit = Exit::Fine;
    for (name, text) in texts()? {
        let path = folder.join(name);
        if fs::read_to_string(&path).ok() != Some(text) {
            terminal.note(format_args!("{} is not what `gobo schema` writes", shown(&path)));
            exit = Exit::Faulty;
        }
    }
    Ok(exit)
}

/// Writes every schema into a folder, which is made if it is not there; says how many.
pub(crate) fn write(folder: &Path) -> Result<usize> {
    let texts = texts()?;
    for (name, text) in &texts {
        output::write(&folder.join(name), text)?;
    }
    Ok(texts.len())
}

/// File names and texts.
fn texts() -> Result<Vec<(&'static str, String)>> {
    let text = |(name, schema)| Ok((name, serde_json::to_string_pretty(&schema)? + "\n"));
    gobo_show::schemas().into_iter().map(text).collect()
}
