use clap::{ArgAction, Args, ValueEnum};
use gobo_dmx::MergeMode;

use crate::value::{InputSource, Named};

/// What is done to the levels on their way out.
#[derive(Args, Debug)]
#[command(next_help_heading = "Levels")]
pub(crate) struct LevelArgs {
    /// Lower all light to this part of it (`80%`, `0.8`).
    #[arg(long, value_name = "LEVEL", value_parser = crate::value::part)]
    pub(crate) master: Option<f64>,
    /// Lower the light of a group of the venue; masters of more than one multiply. May be given
    /// more than once.
    #[arg(long, value_name = "NAME=LEVEL", action = ArgAction::Append)]
    pub(crate) group: Vec<Named>,
    /// Hold a fixture's light, an attribute (`front1.red`) or a slot of it (`front1.3`) at a
    /// level, whatever the show, masters and blackout say; without a level, all of it as it is
    /// in the first frame. May be given more than once.
    #[arg(long, value_name = "FIXTURE[.ATTRIBUTE][=LEVEL]", action = ArgAction::Append)]
    pub(crate) park: Vec<Named>,
    /// Merge in what comes by Art-Net or E1.31 from others, for these universes of the show; it
    /// is gone after 3 s of silence. An address is one of this machine's.
    #[arg(long, value_name = "artnet|sacn[@ADDRESS[:PORT]][=UNIVERSES]")]
    pub(crate) input: Option<InputSource>,
    /// How input of the show's own priority is merged: the highest level of each slot, or the
    /// latest to change it. Input of a higher priority takes the universe, of a lower is ignored.
    #[arg(long, value_enum, value_name = "HOW", default_value_t, requires = "input")]
    pub(crate) merge: Merge,
    /// The priority of the input, 0 to 200, instead of that of its packets (Art-Net: 100).
    #[arg(long, value_name = "PRIORITY", requires = "input",
          value_parser = clap::value_parser!(u8).range(0..=200))]
    pub(crate) input_priority: Option<u8>,
    /// Add this to the number of a universe that comes in to get that of the show.
    #[arg(long, value_name = "NUMBER", requires = "input", default_value_t = 0,
          allow_negative_numbers = true,
          value_parser = clap::value_parser!(i32).range(-63_998..=63_998))]
    pub(crate) input_offset: i32,
}

/// How input is merged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(crate) enum Merge {
    /// The highest level takes precedence.
    #[default]
    Htp,
    /// The latest change takes precedence.
    Ltp,
}

impl From<Merge> for MergeMode {
    fn from(merge: Merge) -> Self {
        match merge {
            Merge::Htp => Self::Htp,
            Merge::Ltp => Self::Ltp,
        }
    }
}
