//! The arguments of `gobo play` that tie a show to other clocks.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use clap::{ArgAction, Args};
use gobo_dmx::{ARTNET_PORT, host_and_port};
use gobo_play::CodeTarget;
use gobo_timecode::{CodeRate, Label};

use crate::wall::WallTime;

/// Other clocks.
#[derive(Args, Debug)]
#[command(next_help_heading = "Other clocks")]
pub(crate) struct TimecodeArgs {
    /// Begin at this time of the wall clock: `20:15`, `20:15:30`, `2026-12-24T20:15`, or `+90s`
    /// from now. Until then everything is ready and lights are left as they are.
    #[arg(long, value_name = "TIME", conflicts_with = "follow")]
    pub(crate) start_at: Option<WallTime>,
    /// Follow a timecode: `ltc` (sound input), `ltc:DEVICE`, `ltc:FILE`, `mtc:/dev/snd/midiC1D0`,
    /// `artnet`, `artnet:ADDRESS[:PORT]`. Plays without sound unless --audio is given.
    #[arg(long, value_name = "SOURCE", conflicts_with = "speed")]
    pub(crate) follow: Option<Followed>,
    /// The timecode at which the show's 0 lies, for --follow and --send-timecode.
    #[arg(long, value_name = "HH:MM:SS:FF", default_value = "00:00:00:00")]
    pub(crate) timecode_start: Label,
    /// How timecode counts: 24, 25, 29.97 (drop), 29.97nd, 30, 23.976. Found out for --follow;
    /// 25 for --send-timecode.
    #[arg(long, value_name = "RATE")]
    pub(crate) timecode_rate: Option<CodeRate>,
    /// How long the show goes on by itself when the timecode stops; then it holds its look.
    #[arg(long, value_name = "SPAN", requires = "follow", default_value = "2s",
          value_parser = crate::value::length)]
    pub(crate) freewheel: f64,
    /// Send where the show is as timecode: `artnet:HOST[:PORT]`, `mtc:PATH`. May be given more
    /// than once.
    #[arg(long, value_name = "TARGET", action = ArgAction::Append)]
    pub(crate) send_timecode: Vec<CodeTo>,
}

/// The source of `--follow`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Followed {
    /// Linear timecode: a file, a sound input, or the default input.
    Ltc(Option<String>),
    /// MIDI timecode: a device, or the only one.
    Mtc(Option<PathBuf>),
    /// ArtTimeCode that comes to an address.
    ArtNet(SocketAddr),
}

impl FromStr for Followed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, place) = match text.split_once(':') {
            Some((kind, place)) if !place.is_empty() => (kind, Some(place)),
            Some((kind, _)) => (kind, None),
            None => (text, None),
        };
        match (kind, place) {
            ("ltc", place) => Ok(Self::Ltc(place.map(str::to_owned))),
            ("mtc", place) => Ok(Self::Mtc(place.map(PathBuf::from))),
            ("artnet", None) => {
                Ok(Self::ArtNet(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), ARTNET_PORT)))
            }
            ("artnet", Some(place)) => {
                let (host, port) = host_and_port(place).map_err(|error| error.to_string())?;
                let address: IpAddr = host.parse().map_err(|_| {
                    format!("expected an address of this machine to listen on, found `{host}`")
                })?;
                Ok(Self::ArtNet(SocketAddr::new(address, port.unwrap_or(ARTNET_PORT))))
            }
            _ => Err(format!(
                "expected ltc[:DEVICE|:FILE], mtc[:PATH] or artnet[:ADDRESS[:PORT]], found `{text}`"
            )),
        }
    }
}

/// A target of `--send-timecode`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct CodeTo(pub(crate) CodeTarget);

impl FromStr for CodeTo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("mtc", path)) if !path.is_empty() => Ok(Self(CodeTarget::Mtc(path.into()))),
            Some(("artnet", place)) if !place.is_empty() => {
                let (host, port) = host_and_port(place).map_err(|error| error.to_string())?;
                Ok(Self(CodeTarget::ArtNet(host, port.unwrap_or(ARTNET_PORT))))
            }
            _ => Err(format!("expected artnet:HOST[:PORT] or mtc:PATH, found `{text}`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_and_targets() {
        let followed = |text: &str| text.parse::<Followed>();
        assert_eq!(followed("ltc:"), Ok(Followed::Ltc(None)));
        assert_eq!(followed("ltc:hw:1,0"), Ok(Followed::Ltc(Some("hw:1,0".into()))));
        assert_eq!(followed("artnet"), Ok(Followed::ArtNet("0.0.0.0:6454".parse().unwrap())));
        let at = followed("artnet:10.0.0.1:7000");
        assert_eq!(at, Ok(Followed::ArtNet("10.0.0.1:7000".parse().unwrap())));
        for bad in ["", "smpte", "artnet:desk", "artnet:1.2.3.4:0"] {
            assert!(followed(bad).is_err(), "{bad}");
        }
        let target = |text: &str| text.parse::<CodeTo>().map(|CodeTo(target)| target);
        assert_eq!(target("artnet:desk"), Ok(CodeTarget::ArtNet("desk".into(), 6454)));
        assert_eq!(target("mtc:/dev/x"), Ok(CodeTarget::Mtc("/dev/x".into())));
        assert!(target("artnet").is_err() && target("mtc:").is_err());
    }
}
