//! The arguments of `gobo play` for several shows in a row, and for when to leave.

use clap::Args;
use gobo_show::source::{GapSource, TransitionSource};

use crate::wall::WallTime;

/// Several shows in a row.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Several shows")]
pub(crate) struct ListArgs {
    /// What lies between two shows: `5s`, or `go` to wait for Enter, g or SIGUSR1.
    #[arg(long, value_name = "SPAN|go")]
    pub(crate) gap: Option<GapSource>,
    /// How the look changes to the next show: `cut` (in a gap, the show before leaves its own last
    /// look), `hold`, `blackout`, `crossfade=3s`.
    #[arg(long, value_name = "HOW")]
    pub(crate) transition: Option<TransitionSource>,
    /// Play each round in another order, the same on every day.
    #[arg(long)]
    pub(crate) shuffle: bool,
    /// Leave at this time of the wall clock: `23:00`, `2026-12-24T20:15`, or `+2h` from now. A time
    /// that is past is tomorrow's.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<WallTime>,
    /// With --until, let the show that plays end first.
    #[arg(long, requires = "until")]
    pub(crate) finish: bool,
}
