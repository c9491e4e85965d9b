//! The command line as typed. Each subcommand's module turns its part into ready objects;
//! nothing here reads a file.

mod canvas;
mod export;
mod import;
mod levels;
mod list;
mod manner;
mod node;
mod outputs;
mod serve;
mod timecode;
mod watch;

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use gobo_canvas::SectionMark;
use gobo_dmx::{ARTNET_PORT, FrameRate, SACN_PORT, UniverseSet};

pub(crate) use canvas::{CanvasCommand, Emit, FilmArgs, FseqArgs, FseqPressing, PlaceArgs};
pub(crate) use export::{ExportCommand, ExportScoreArgs};
pub(crate) use import::{
    AiLightShowArgs, ImportCommand, LumaArgs, LumaScoreArgs, QlcplusArgs, WledArgs, XlightsArgs,
};
pub(crate) use levels::LevelArgs;
pub(crate) use list::ListArgs;
pub(crate) use manner::MannerArgs;
pub(crate) use node::{NodeCommand, NodeListArgs};
pub(crate) use outputs::OutputArgs;
#[cfg(test)]
pub(crate) use outputs::{OlaInterface, PixelKind};
pub(crate) use serve::ServeArgs;
pub(crate) use timecode::{Followed, TimecodeArgs};
pub(crate) use watch::{OnEdit, WatchArgs};

use crate::play::Pattern;
use crate::value::{Moment, StatsFormat};

/// A compiler and player for light shows.
///
/// Turns cue and pattern files into exact DMX frames, 60 a second, and plays them in sync with a
/// song to Art-Net, E1.31, DDP, USB widgets and OLA.
///
/// Exit codes: 0 fine, 1 the show has errors (or differs), 2 wrong usage, 3 the world failed
/// (a file, a device, the network).
#[derive(Parser, Debug)]
#[command(name = "gobo", version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Args, Debug)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Say only what went wrong.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// When to colour the output.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: When,
    /// How to print what is wrong, with a show or at all, and what `canvas` finds.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) message_format: MessageFormat,
    /// The project's folder, instead of the nearest one with `shows` and `fixtures` above.
    #[arg(long, short = 'C', global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) project: Option<PathBuf>,
}

/// When to use colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(crate) enum When {
    /// On a terminal, unless NO_COLOR is set; everywhere if CLICOLOR_FORCE is.
    #[default]
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// How diagnostics are printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(crate) enum MessageFormat {
    /// With the lines they are about, on stderr.
    #[default]
    Human,
    /// A JSON object a line, on stdout; what is said besides is on stderr.
    Json,
    /// Annotations of a GitHub workflow, on stdout.
    Github,
    /// A line each, on stdout, that editors find places in: `FILE:LINE:COLUMN: error: MESSAGE`.
    Short,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Make a project that compiles.
    New(NewArgs),
    /// Say everything that is wrong with a show or a project.
    Check(CheckArgs),
    /// Compile shows to canvases in build/.
    Compile(CompileArgs),
    /// Play shows or canvases to lights and sound.
    Play(Box<PlayArgs>),
    /// Play a show and follow every edit of its files.
    Watch(Box<WatchArgs>),
    /// Play a show that others lead: by a page, WebSockets, REST and MQTT.
    Serve(Box<ServeArgs>),
    /// Show what is on the wire: levels, or fixtures in the colours they have.
    Monitor(MonitorArgs),
    /// Look for what is on the network.
    #[command(subcommand)]
    Node(NodeCommand),
    /// Look into canvases.
    #[command(subcommand)]
    Canvas(CanvasCommand),
    /// Fixture profiles: bring them in, list them, show their modes.
    #[command(subcommand)]
    Fixture(FixtureCommand),
    /// Make a project of a show of another system.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Write a show in the format of another system.
    #[command(subcommand)]
    Export(ExportCommand),
    /// Look at songs.
    #[command(subcommand)]
    Song(SongCommand),
    /// List the effects, curves, blend modes and nodes, or say what one takes.
    Effects(EffectsArgs),
    /// Write the JSON Schemas of the source formats, for editors.
    Schema(SchemaArgs),
    /// Print a completion script for a shell.
    Completions(CompletionsArgs),
    /// Write the manual pages.
    Man(ManArgs),
}

/// Arguments of `gobo new`.
#[derive(Args, Debug)]
pub(crate) struct NewArgs {
    /// The folder to make; the last part of its path names the project.
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) path: PathBuf,
}

/// Arguments of `gobo check`.
#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    /// A show's name, its folder, a playlist, or a project's folder; without one, the whole
    /// project.
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) show: Option<String>,
    /// Exit 1 for warnings, too.
    #[arg(long)]
    pub(crate) strict: bool,
}

/// Arguments of `gobo compile`.
#[derive(Args, Debug)]
pub(crate) struct CompileArgs {
    /// Shows by name or folder; may be left out when the project has only one.
    #[arg(value_name = "SHOW", value_hint = ValueHint::DirPath)]
    pub(crate) shows: Vec<String>,
    /// Compile every show of the project.
    #[arg(long, conflicts_with_all = ["shows", "output"])]
    pub(crate) all: bool,
    /// Frames a second instead of the show's: 60, 29.97, 30000/1001.
    #[arg(long, value_name = "RATE")]
    pub(crate) fps: Option<FrameRate>,
    #[command(flatten)]
    pub(crate) part: PartArgs,
    /// Threads that render, 1 to 1024; all cores unless given. Any number makes the same bytes.
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Write nothing; exit 1 if the canvas on disk is not what the sources say.
    #[arg(long, conflicts_with_all = ["emit", "from", "to"])]
    pub(crate) check: bool,
    /// Write this besides the canvas.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) emit: Vec<Emit>,
    /// How hard to press the canvas: `small` takes longer and saves a part of it.
    #[arg(long, value_enum, value_name = "HOW", default_value_t)]
    pub(crate) compression: Pressing,
    /// Show where the time went: the work, the slowest cues and the slowest effects.
    #[arg(long, conflicts_with_all = ["check", "from", "to"])]
    pub(crate) timings: bool,
    /// Where to write the canvas, instead of build/SHOW.canvas; other formats go beside it.
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

/// A part of a show.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct PartArgs {
    /// Start here: seconds, m:ss.mmm, or a section (`chorus`, `chorus 2`).
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) from: Option<Moment>,
    /// End here; a section's name is its end.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) to: Option<Moment>,
}

impl PartArgs {
    /// Start and end in seconds of the show; the error says which section there is not.
    pub(crate) fn seconds(&self, sections: &[SectionMark]) -> Result<(f64, Option<f64>), String> {
        let from = self.from.as_ref().map_or(Ok(0.0), |from| from.start(sections))?;
        let to = self.to.as_ref().map(|to| to.end(sections)).transpose()?;
        match to.is_some_and(|to| to <= from) {
            true => Err(format!("the part ends at {} s, before it starts", to.unwrap_or(0.0))),
            false => Ok((from, to)),
        }
    }
}

/// How hard a canvas is pressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(crate) enum Pressing {
    /// What compiles fastest and is still small.
    #[default]
    Fast,
    /// What is smallest within what a player can decode in time.
    Small,
    /// Not at all: the largest file, and the least work to play.
    None,
}

/// What is said of shows that a test pattern has nothing of: it has no length, no sound, no place
/// and no levels but its own.
const OF_SHOWS: [&str; 22] = [
    "supervise",
    "stats",
    "from",
    "to",
    "repeat",
    "speed",
    "offset",
    "volume",
    "spin",
    "gap",
    "transition",
    "shuffle",
    "finish",
    "start_at",
    "follow",
    "send_timecode",
    "master",
    "group",
    "park",
    "input",
    "blackout",
    "hold",
];

/// Arguments of `gobo play`.
#[derive(Args, Debug)]
pub(crate) struct PlayArgs {
    /// A show's name or folder, a canvas, an FSEQ or DMXP file, or a playlist; several are played
    /// in a row. May be left out when the project has only one show.
    #[arg(value_name = "SHOW|FILE", value_hint = ValueHint::AnyPath)]
    pub(crate) shows: Vec<String>,
    #[command(flatten)]
    pub(crate) places: PlaceArgs,
    #[command(flatten)]
    pub(crate) part: PartArgs,
    /// Start over at the end, several shows with the first.
    #[arg(long = "loop")]
    pub(crate) repeat: bool,
    #[command(flatten)]
    pub(crate) manner: MannerArgs,
    /// Show this instead of a show, made of the patch alone, until told to leave: `all` fixtures
    /// at full, `chase` through them, slot after slot of each `universe`, one that flashes
    /// (`identify=FIXTURE`), red, green, blue and white (`rgb`), or `off`.
    #[arg(long, value_name = "PATTERN", conflicts_with_all = OF_SHOWS)]
    pub(crate) test_pattern: Option<Pattern>,
    /// The venue of the test pattern, instead of a show's or a canvas's.
    #[arg(long, value_name = "NAME", requires = "test_pattern", conflicts_with = "shows")]
    pub(crate) venue: Option<String>,
    /// Tell how it goes: `json` a line a second and one at the end, to stdout or to FILE
    /// (crates/STATS.md tells of the keys); `text` for people, at the end.
    #[arg(long, value_name = "json[=FILE]|text")]
    pub(crate) stats: Option<StatsFormat>,
    /// Between two lines of `--stats json`.
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0, requires = "stats",
          value_parser = crate::value::positive)]
    pub(crate) stats_interval: f64,
    /// Play in a process of its own, and when that crashes, in another from the same place on.
    #[arg(long, conflicts_with = "record")]
    pub(crate) supervise: bool,
    #[command(flatten)]
    pub(crate) list: ListArgs,
    #[command(flatten)]
    pub(crate) timecode: TimecodeArgs,
    #[command(flatten)]
    pub(crate) levels: LevelArgs,
    #[command(flatten)]
    pub(crate) outputs: OutputArgs,
}

/// Arguments of `gobo monitor`.
#[derive(Args, Debug)]
pub(crate) struct MonitorArgs {
    /// The address to listen on.
    #[arg(long, value_name = "ADDRESS", default_value = "0.0.0.0")]
    pub(crate) bind: IpAddr,
    /// The port to listen on for Art-Net.
    #[arg(long, value_name = "PORT", default_value_t = ARTNET_PORT)]
    pub(crate) artnet_port: u16,
    /// The port to listen on for E1.31.
    #[arg(long, value_name = "PORT", default_value_t = SACN_PORT)]
    pub(crate) sacn_port: u16,
    /// Join the multicast groups of these universes, over IPv4 and IPv6.
    #[arg(long, value_name = "UNIVERSES")]
    pub(crate) sacn: Option<UniverseSet>,
    /// Join them on this network interface, by its name or one of its addresses.
    #[arg(long, value_name = "INTERFACE", requires = "sacn")]
    pub(crate) interface: Option<String>,
    /// Answer ArtPoll, so that consoles find this monitor and send to it; with --only they are told
    /// which universes it wants.
    #[arg(long)]
    pub(crate) announce: bool,
    /// Only these universes.
    #[arg(long, value_name = "UNIVERSES")]
    pub(crate) only: Option<UniverseSet>,
    /// Show the fixtures of this canvas in their colours.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) canvas: Option<PathBuf>,
    /// Show the fixtures of this venue of the project in their colours.
    #[arg(long, value_name = "NAME", conflicts_with = "canvas")]
    pub(crate) venue: Option<String>,
    /// Print a JSON object a line: one per universe a second, and what happens.
    #[arg(long)]
    pub(crate) json: bool,
    /// Record every frame to this canvas.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) record: Option<PathBuf>,
    /// Record with this canvas's universes, rate and length, so that `canvas diff` can compare.
    #[arg(long, value_name = "CANVAS", requires = "record", value_hint = ValueHint::FilePath)]
    pub(crate) like: Option<PathBuf>,
    /// The rate to record at without --like.
    #[arg(long, value_name = "RATE", requires = "record", conflicts_with = "like")]
    pub(crate) fps: Option<FrameRate>,
    /// Leave after this many seconds.
    #[arg(long, value_name = "SECONDS", value_parser = crate::value::span)]
    pub(crate) seconds: Option<f64>,
    /// Leave when the streams end, or 2.5 s after the last packet.
    #[arg(long)]
    pub(crate) until_end: bool,
}

/// `gobo fixture ...`.
#[derive(Subcommand, Debug)]
pub(crate) enum FixtureCommand {
    /// Bring profiles into the project: Open Fixture Library JSON as it is, QLC+ .qxf converted.
    Import {
        /// The files.
        #[arg(required = true, value_hint = ValueHint::FilePath)]
        files: Vec<PathBuf>,
        /// The manufacturer's folder, for JSON files that do not lie in one.
        #[arg(long)]
        manufacturer: Option<String>,
        /// Write over profiles that are there.
        #[arg(long, short)]
        force: bool,
    },
    /// List the project's profiles with their modes.
    List,
    /// Show a profile's modes, slot by slot.
    Show {
        /// A profile of the project, `manufacturer/model`, or a file.
        #[arg(value_hint = ValueHint::FilePath)]
        profile: String,
        /// Only this mode.
        #[arg(long)]
        mode: Option<String>,
    },
}

/// `gobo song ...`.
#[derive(Subcommand, Debug)]
pub(crate) enum SongCommand {
    /// Say a song's length, format and what its sidecar knows.
    Info {
        /// The songs: names in the project's songs folder, or files.
        #[arg(required = true, value_hint = ValueHint::FilePath)]
        songs: Vec<String>,
    },
}

/// Arguments of `gobo effects`.
#[derive(Args, Debug)]
pub(crate) struct EffectsArgs {
    /// The name of an effect, a curve, a blend mode or a node.
    pub(crate) name: Option<String>,
    /// As JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Draw each into a PNG in this folder, or in the one that you are in.
    #[arg(long, value_name = "DIR", num_args = 0..=1, default_missing_value = ".",
          conflicts_with = "json", value_hint = ValueHint::DirPath)]
    pub(crate) png: Option<PathBuf>,
    /// Write the reference to this Markdown file, and its pictures to a folder beside it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["json", "png", "name"],
          value_hint = ValueHint::FilePath)]
    pub(crate) reference: Option<PathBuf>,
}

/// Arguments of `gobo schema`.
#[derive(Args, Debug)]
pub(crate) struct SchemaArgs {
    /// The folder to write to; the project's .gobo/schemas unless given.
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) folder: Option<PathBuf>,
    /// Write nothing; exit 1 if the files there are not these.
    #[arg(long)]
    pub(crate) check: bool,
}

/// Arguments of `gobo completions`.
#[derive(Args, Debug)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    pub(crate) shell: clap_complete::Shell,
}

/// Arguments of `gobo man`.
#[derive(Args, Debug)]
pub(crate) struct ManArgs {
    /// The folder to write to; made if it is not there.
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) folder: PathBuf,
}
