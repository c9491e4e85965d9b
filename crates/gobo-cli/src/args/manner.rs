//! How a show is played, whether its files are edited meanwhile or not.

use std::time::Duration;

use clap::Args;
use gobo_dmx::LastLook;

/// How a show is played.
#[derive(Args, Debug)]
pub(crate) struct MannerArgs {
    /// Play at this many times the speed, 0.1 to 8; silent unless 1.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = crate::value::speed)]
    pub(crate) speed: f64,
    /// Send light this much later than sound; negative is earlier (`-30ms`, `0.05`).
    #[arg(long, value_name = "SPAN", allow_hyphen_values = true, value_parser = crate::value::span)]
    pub(crate) offset: Option<f64>,
    /// All dark at the end, whatever the show says.
    #[arg(long, conflicts_with = "hold")]
    pub(crate) blackout: bool,
    /// Leave the last frame at the end, whatever the show says.
    #[arg(long)]
    pub(crate) hold: bool,
    /// A sound device by name, `none` for silence, `null` for a device that only keeps time.
    #[arg(long, value_name = "DEVICE")]
    pub(crate) audio: Option<String>,
    /// The volume of the sound, `0%` to `100%` or 0 to 1.
    #[arg(long, value_name = "PART", default_value = "100%", value_parser = crate::value::volume)]
    pub(crate) volume: f32,
    /// Keep a core busy for this long before each frame instead of sleeping until then, where
    /// sleeping threads are woken late (`200us`, `1ms`).
    #[arg(long, value_name = "SPAN", value_parser = crate::value::spin)]
    pub(crate) spin: Option<Duration>,
}

impl MannerArgs {
    /// The last look, where the command line names one.
    pub(crate) fn last_look(&self) -> Option<LastLook> {
        match (self.blackout, self.hold) {
            (true, _) => Some(LastLook::Blackout),
            (_, true) => Some(LastLook::Hold),
            _ => None,
        }
    }
}
