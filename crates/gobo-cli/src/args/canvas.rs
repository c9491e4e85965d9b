//! Arguments of `gobo canvas`, and of what else writes and reads files of frames.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use gobo_dmx::{FrameRate, Universe};

use super::PartArgs;

/// What a canvas is written as, too.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Emit {
    /// A DMXP file, as the AI Light Show plays it.
    Dmxp,
    /// An FSEQ file, as the Falcon Player, WLED and xLights play it: frames by time, 40 a second
    /// where the canvas's own rate has no whole milliseconds.
    Fseq,
    /// Every universe's 512 bytes, universe after universe, frame after frame, and nothing else.
    Raw,
}

/// How an FSEQ file is written.
#[derive(Args, Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct FseqArgs {
    /// FSEQ: milliseconds from frame to frame.
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u8).range(1..))]
    pub(crate) step: Option<u8>,
    /// FSEQ: store only the slots that are used.
    #[arg(long)]
    pub(crate) sparse: bool,
    /// FSEQ: how frames are pressed.
    #[arg(long, value_enum, value_name = "HOW", default_value_t)]
    pub(crate) pressing: FseqPressing,
    /// FSEQ: the name of the sound that it belongs to, instead of the song's.
    #[arg(long, value_name = "NAME")]
    pub(crate) media: Option<String>,
}

/// How the frames of an FSEQ file are pressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(crate) enum FseqPressing {
    /// Zstandard: what the field writes today.
    #[default]
    Zstd,
    /// zlib.
    Zlib,
    /// Not at all: what every reader takes. Nothing tells of bytes that are changed later.
    None,
}

/// `gobo canvas ...`.
#[derive(Subcommand, Debug)]
pub(crate) enum CanvasCommand {
    /// Say what a canvas holds.
    Info {
        /// The canvas.
        #[arg(value_hint = ValueHint::FilePath)]
        canvas: PathBuf,
        /// As one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Check every byte of canvases; exit 1 if one is damaged.
    Verify {
        /// The canvases.
        #[arg(required = true, value_hint = ValueHint::FilePath)]
        canvases: Vec<PathBuf>,
    },
    /// Say which universes, fixtures and seconds differ; exit 1 if any do.
    Diff {
        /// One canvas.
        #[arg(value_hint = ValueHint::FilePath)]
        old: PathBuf,
        /// Another.
        #[arg(value_hint = ValueHint::FilePath)]
        new: PathBuf,
    },
    /// Draw a canvas over time: a row a fixture, in the colour it shows.
    Png {
        /// The canvas.
        #[arg(value_hint = ValueHint::FilePath)]
        canvas: PathBuf,
        /// The picture; beside the canvas unless given.
        #[arg(long, short, value_hint = ValueHint::FilePath)]
        output: Option<PathBuf>,
        /// The picture's width in pixels.
        #[arg(long, value_name = "PIXELS", default_value_t = 1800,
              value_parser = clap::value_parser!(u32).range(400..=16_384))]
        width: u32,
        #[command(flatten)]
        part: PartArgs,
    },
    /// Draw the stage as an animated GIF: the light of each head where it hangs. Ten seconds of it,
    /// unless the part has an end.
    Gif {
        /// The canvas.
        #[arg(value_hint = ValueHint::FilePath)]
        canvas: PathBuf,
        /// The GIF; beside the canvas unless given.
        #[arg(long, short, value_hint = ValueHint::FilePath)]
        output: Option<PathBuf>,
        #[command(flatten)]
        film: FilmArgs,
        #[command(flatten)]
        part: PartArgs,
    },
    /// Write a canvas in another format.
    Export {
        /// The canvas.
        #[arg(value_hint = ValueHint::FilePath)]
        canvas: PathBuf,
        /// The format.
        #[arg(long = "as", value_enum)]
        format: Emit,
        /// The file; beside the canvas unless given.
        #[arg(long, short, value_hint = ValueHint::FilePath)]
        output: Option<PathBuf>,
        #[command(flatten)]
        fseq: FseqArgs,
    },
    /// Make a canvas of an FSEQ or DMXP file.
    Import {
        /// The file.
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
        /// The canvas; beside the file unless given.
        #[arg(long, short, value_hint = ValueHint::FilePath)]
        output: Option<PathBuf>,
        #[command(flatten)]
        places: PlaceArgs,
    },
}

/// How a moving picture is drawn.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct FilmArgs {
    /// Frames a second, at most 50: GIF counts time in hundredths of a second.
    #[arg(long, value_name = "RATE", default_value = "20", value_parser = crate::value::film_rate)]
    pub(crate) fps: FrameRate,
    /// The picture's width in pixels.
    #[arg(long, value_name = "PIXELS", default_value_t = 480,
          value_parser = clap::value_parser!(u32).range(64..=1920))]
    pub(crate) width: u32,
}

/// Where the channels of a file without universes go.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct PlaceArgs {
    /// The universe of the first channel.
    #[arg(long, value_name = "UNIVERSE", default_value = "1", value_parser = crate::value::universe)]
    pub(crate) first: Universe,
    /// FSEQ: how many channels make a universe.
    #[arg(long, value_name = "CHANNELS", default_value_t = 512,
          value_parser = clap::value_parser!(u16).range(1..=512))]
    pub(crate) universe_size: u16,
}
