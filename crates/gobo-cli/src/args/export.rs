//! The arguments of `gobo export`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

/// `gobo export ...`.
#[derive(Subcommand, Debug)]
pub(crate) enum ExportCommand {
    /// The patterns of a show as a Luma score.
    LumaScore(ExportScoreArgs),
}

/// Arguments of `gobo export luma-score`.
#[derive(Args, Debug)]
pub(crate) struct ExportScoreArgs {
    /// A show's name or folder; may be left out when the project has only one.
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) show: Option<String>,
    /// Where to write it, instead of on the terminal.
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}
