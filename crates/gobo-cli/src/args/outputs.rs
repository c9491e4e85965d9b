//! Where `gobo play` sends, and what it writes down of that.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum, ValueHint};
use gobo_dmx::{OlaApi, Pixels, UniverseSet};

use crate::value::{ArtNetTarget, DdpTarget, OlaTarget, SacnTarget, UsbProTarget};

/// Where frames go instead of where the canvas says.
#[derive(Args, Debug)]
#[command(next_help_heading = "Outputs")]
pub(crate) struct OutputArgs {
    /// Send Art-Net here; `nodes` polls for nodes and sends each universe to those that subscribe
    /// to it, on the network of an interface or a broadcast address as in `nodes@eth0`;
    /// `broadcast` and addresses that end in .255 are broadcast. May be given more than once.
    #[arg(long, value_name = "HOST[:PORT][=UNIVERSES]", action = ArgAction::Append)]
    pub(crate) artnet: Vec<ArtNetTarget>,
    /// Send E1.31 here; multicast without a host, as in `--sacn` or `--sacn =1-4`, from an
    /// interface as in `multicast@eth0`, over IPv6 as `multicast6`. May be given more than once.
    #[arg(long, value_name = "HOST[:PORT][=UNIVERSES]", num_args = 0..=1,
          default_missing_value = "multicast", action = ArgAction::Append)]
    pub(crate) sacn: Vec<SacnTarget>,
    /// Send DDP here, for WLED and pixel controllers: the universes laid end to end. May be given
    /// more than once.
    #[arg(long, value_name = "HOST[:PORT][=UNIVERSES]", action = ArgAction::Append)]
    pub(crate) ddp: Vec<DdpTarget>,
    /// What pixels of --ddp are made of.
    #[arg(long, value_enum, value_name = "PIXELS", default_value_t, requires = "ddp")]
    pub(crate) pixels: PixelKind,
    /// Send to an Enttec DMX USB PRO: a device, usb:SERIAL, or the first that is found, as in
    /// `--usbpro` or `--usbpro =2`. May be given more than once.
    #[arg(long, value_name = "DEVICE[=UNIVERSES]", num_args = 0..=1,
          default_missing_value = "usb", action = ArgAction::Append)]
    pub(crate) usbpro: Vec<UsbProTarget>,
    /// Send to olad here, or on this machine, as in `--ola` or `--ola =1-4`. May be given more than
    /// once.
    #[arg(long, value_name = "HOST[:PORT][=UNIVERSES]", num_args = 0..=1,
          default_missing_value = "", action = ArgAction::Append)]
    pub(crate) ola: Vec<OlaTarget>,
    /// Speak to olad's RPC, or to its web server.
    #[arg(long, value_enum, value_name = "API", default_value_t, requires = "ola")]
    pub(crate) ola_via: OlaInterface,
    /// Print every frame as a JSON object a line: its number, its time, and the levels of each
    /// universe up to the last lit slot. Ends the show when nobody reads it and nothing else is
    /// sent to.
    #[arg(long)]
    pub(crate) stdout: bool,
    /// Record what is sent, too: FILE.canvas its frames, FILE.pcapng its packets. May be given more
    /// than once.
    #[arg(long, value_name = "FILE", action = ArgAction::Append, value_hint = ValueHint::FilePath)]
    pub(crate) record: Vec<PathBuf>,
    /// Send a sync packet after every frame to the Art-Net and E1.31 targets given here.
    #[arg(long)]
    pub(crate) sync: bool,
    /// Send a universe when it changes and every 0.9 s, instead of with each frame.
    #[arg(long)]
    pub(crate) only_changes: bool,
    /// Only these universes: 1-4,7.
    #[arg(long, value_name = "UNIVERSES")]
    pub(crate) only: Option<UniverseSet>,
    /// Spread each frame's packets over this part of the frame, for switches that lose packets
    /// when all come at once.
    #[arg(long, value_name = "PART", num_args = 0..=1, require_equals = true,
          default_missing_value = "50%", value_parser = crate::value::part)]
    pub(crate) pace: Option<f64>,
    /// Give the system packets one by one also where it could cut them from larger pieces, so
    /// that captures on this machine show them as they are on the wire.
    #[arg(long)]
    pub(crate) no_offload: bool,
    /// Send nothing: keep time, make sound, and say what would go where.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// What a pixel is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(crate) enum PixelKind {
    /// Red, green, blue: the first 510 slots of a universe.
    #[default]
    Rgb,
    /// Red, green, blue, white: all 512.
    Rgbw,
}

impl From<PixelKind> for Pixels {
    fn from(kind: PixelKind) -> Self {
        match kind {
            PixelKind::Rgb => Self::Rgb,
            PixelKind::Rgbw => Self::Rgbw,
        }
    }
}

/// How olad is spoken to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(crate) enum OlaInterface {
    /// Its remote procedure calls, port 9010.
    #[default]
    Rpc,
    /// Its web server, port 9090: slower, at most 40 frames a second.
    Http,
}

impl From<OlaInterface> for OlaApi {
    fn from(interface: OlaInterface) -> Self {
        match interface {
            OlaInterface::Rpc => Self::Rpc,
            OlaInterface::Http => Self::Http,
        }
    }
}
