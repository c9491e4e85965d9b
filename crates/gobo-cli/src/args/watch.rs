//! The arguments of `gobo watch`.

use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::{LevelArgs, MannerArgs, OutputArgs, PartArgs};
use crate::value::{Moment, span};

/// Arguments of `gobo watch`.
#[derive(Args, Debug)]
pub(crate) struct WatchArgs {
    /// A show's name or folder; may be left out when the project has only one.
    #[arg(value_name = "SHOW", value_hint = ValueHint::DirPath)]
    pub(crate) show: Option<String>,
    #[command(flatten)]
    pub(crate) part: PartArgs,
    /// Start over at the end.
    #[arg(long = "loop")]
    pub(crate) repeat: bool,
    /// Play one section again and again: `chorus`, `chorus 2`.
    #[arg(long, value_name = "SECTION", conflicts_with_all = ["from", "to"])]
    pub(crate) loop_section: Option<Moment>,
    /// Stand at this place instead of playing: seconds, m:ss.mmm, or a section.
    #[arg(long, value_name = "TIME", conflicts_with_all = ["from", "loop_section"])]
    pub(crate) hold_at: Option<Moment>,
    /// Where to go after an edit: `stay` where the show is, to the `start` of what is played, to
    /// the start of the edited `cue`, or so long before that (`2s`).
    #[arg(long, value_name = "stay|start|cue|SPAN", default_value = "stay")]
    pub(crate) on_edit: OnEdit,
    /// Gather edits, and play them once Enter or g is pressed or SIGUSR1 comes.
    #[arg(long)]
    pub(crate) hold_edits: bool,
    /// Look at the files every 100 ms, or as often as told, instead of waiting for the system to
    /// tell of changes: for network file systems.
    #[arg(long, value_name = "SPAN", num_args = 0..=1, require_equals = true,
          default_missing_value = "100ms", value_parser = poll)]
    pub(crate) poll: Option<Duration>,
    /// Tell what happens as JSON objects, a line each: `--message-format json`.
    #[arg(long, conflicts_with = "stdout")]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) manner: MannerArgs,
    #[command(flatten)]
    pub(crate) levels: LevelArgs,
    #[command(flatten)]
    pub(crate) outputs: OutputArgs,
}

/// Where the show goes after an edit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum OnEdit {
    /// Nowhere.
    Stay,
    /// To the start of what is played.
    Start,
    /// So many seconds before the edited cue.
    Before(f64),
}

impl FromStr for OnEdit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "stay" => Ok(Self::Stay),
            "start" => Ok(Self::Start),
            "cue" => Ok(Self::Before(0.0)),
            _ => match span(text) {
                Ok(seconds) if seconds >= 0.0 => Ok(Self::Before(seconds)),
                _ => Err("expected `stay`, `start`, `cue`, or a span such as `2s`".to_owned()),
            },
        }
    }
}

/// How often files are looked at: 10 ms to a minute.
pub(super) fn poll(text: &str) -> Result<Duration, String> {
    match span(text)? {
        seconds if (0.01..=60.0).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err("files are looked at every 10 ms at most, and every minute at least".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_leads_somewhere() {
        let parsed = |text: &str| text.parse::<OnEdit>();
        assert_eq!(parsed("cue"), Ok(OnEdit::Before(0.0)));
        assert_eq!(parsed("1500ms"), Ok(OnEdit::Before(1.5)));
        assert!(parsed("-1").is_err() && parsed("begin").is_err());
        assert_eq!(poll("1s"), Ok(Duration::from_secs(1)));
        assert!(poll("0").is_err());
    }
}
