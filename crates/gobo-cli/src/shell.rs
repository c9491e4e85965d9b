//! Completion scripts and manual pages, made from the arguments.

use std::fs;

use anyhow::{Context, Result};
use clap::CommandFactory;

use crate::args::{Arguments, CompletionsArgs, ManArgs};
use crate::failure::Exit;
use crate::output::Unwritten;
use crate::terminal::Terminal;

/// `gobo completions`.
pub(crate) fn completions(terminal: &Terminal, args: &CompletionsArgs) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Arguments::command(), "gobo", &mut script);
    terminal.bytes(&script)?;
    Ok(Exit::Fine)
}

/// `gobo man`.
pub(crate) fn man(terminal: &Terminal, args: &ManArgs) -> Result<Exit> {
    let failed = || Unwritten::file(&args.folder);
    fs::create_dir_all(&args.folder).with_context(failed)?;
    clap_mangen::generate_to(Arguments::command(), &args.folder).with_context(failed)?;
    terminal.status(format_args!("manual pages are in {}", args.folder.display()))?;
    Ok(Exit::Fine)
}
