//! The arguments of `gobo import`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

/// `gobo import ...`.
#[derive(Subcommand, Debug)]
pub(crate) enum ImportCommand {
    /// Songs of the AI Light Show, of any version: fixtures, points, chasers and cue sheets.
    AiLightShow(AiLightShowArgs),
    /// A QLC+ workspace: its fixtures, groups, functions and shows.
    Qlcplus(QlcplusArgs),
    /// A WLED light server: its boards, presets and programs.
    Wled(WledArgs),
    /// An xLights sequence, with the models and networks beside it.
    Xlights(XlightsArgs),
    /// A Luma database: its venues, patterns, tracks and scores.
    Luma(LumaArgs),
    /// A Luma score as text, into a show.
    LumaScore(LumaScoreArgs),
}

/// Where an import goes.
#[derive(Args, Debug)]
pub(crate) struct IntoArgs {
    /// The project's folder; made if it is not there.
    #[arg(long, short, value_name = "PROJECT", value_hint = ValueHint::DirPath)]
    pub(crate) output: PathBuf,
    /// Write over files that are there.
    #[arg(long, short)]
    pub(crate) force: bool,
}

/// Arguments of `gobo import ai-light-show`.
#[derive(Args, Debug)]
pub(crate) struct AiLightShowArgs {
    /// Its `backend` folder, or any folder that holds those files by name.
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) folder: PathBuf,
    /// Only this song, with or without an extension.
    #[arg(long, value_name = "NAME")]
    pub(crate) song: Option<String>,
    /// Frames a second; the original's 60 unless given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) fps: Option<u32>,
    /// The tempo, instead of the song's.
    #[arg(long, value_name = "BPM", value_parser = crate::value::positive)]
    pub(crate) bpm: Option<f64>,
    /// The song's length, instead of what its files say.
    #[arg(long, value_name = "SECONDS", value_parser = crate::value::positive)]
    pub(crate) length: Option<f64>,
    #[command(flatten)]
    pub(crate) into: IntoArgs,
}

/// Arguments of `gobo import qlcplus`.
#[derive(Args, Debug)]
pub(crate) struct QlcplusArgs {
    /// The workspace (.qxw).
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// A folder of fixture definitions (.qxf); those beside the workspace are found without.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) fixtures: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) into: IntoArgs,
}

/// Arguments of `gobo import wled`.
#[derive(Args, Debug)]
pub(crate) struct WledArgs {
    /// The server's folder, with boards.toml, programs and presets.
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) folder: PathBuf,
    #[command(flatten)]
    pub(crate) into: IntoArgs,
}

/// Arguments of `gobo import xlights`.
#[derive(Args, Debug)]
pub(crate) struct XlightsArgs {
    /// The sequence (.xsq).
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) into: IntoArgs,
}

/// Arguments of `gobo import luma`.
#[derive(Args, Debug)]
pub(crate) struct LumaArgs {
    /// The database (luma.db).
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// A folder of fixture definitions (.qxf); those beside the database are found without.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) fixtures: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) into: IntoArgs,
}

/// Arguments of `gobo import luma-score`.
#[derive(Args, Debug)]
pub(crate) struct LumaScoreArgs {
    /// The score: `pattern(selection) @5:3-7 arg=0.5 color=#ff8800 blend=add`, a clip a line.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// The show, there or new; by the file's name unless given.
    #[arg(long, value_name = "NAME")]
    pub(crate) show: Option<String>,
    /// The venue of a new show; the project's only one unless given.
    #[arg(long, value_name = "NAME")]
    pub(crate) venue: Option<String>,
    /// The song of a new show, a file in songs/.
    #[arg(long, value_name = "FILE")]
    pub(crate) song: Option<String>,
    /// The tempo where no song gives one; the score's bars become seconds.
    #[arg(long, value_name = "BPM", value_parser = crate::value::positive)]
    pub(crate) bpm: Option<f64>,
    /// The beats in a bar of that tempo.
    #[arg(long, value_name = "N", default_value_t = 4, requires = "bpm", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) beats_per_bar: u32,
    #[command(flatten)]
    pub(crate) into: IntoArgs,
}
