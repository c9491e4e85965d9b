//! The source files as written: what each key means, before any name is looked up.

mod channels;
mod cue;
mod fading;
mod fixture;
mod level;
mod pattern;
mod pixels;
mod playlist;
mod priority;
mod song;
mod variable;
mod venue;

use gobo_dmx::{FrameRate, LastLook, OutputDelay};
use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use crate::decode::{
    About, At, Decode, Decoder, Definitions, Spanned, choice, file_schema, record,
};
use crate::diagnostic::Diagnostic;
use crate::tree::Value;
use crate::value::{Color, Shift, Span};

pub(crate) use channels::is_channel_file;
pub use channels::{
    ChannelAction, ChannelChaser, ChannelCueKeys, ChannelCueSource, ChannelFile, ChannelStep,
    ChannelStepKeys, ChaserCall, ColorWave, Rules,
};
pub use cue::{
    Action, CueFile, CueKeys, CueSource, Include, IncludeKeys, LayerSettings, Length, PatternCall,
    Spread,
};
pub use fading::{Delay, DelayFan, FadeKey, Fading};
pub use fixture::{AngleRange, FixtureSource};
pub use level::{CuePoint, GroupMasterSource, LevelSource, MastersSource, ShowPoint};
pub(crate) use pattern::check_argument;
pub use pattern::{
    ArgumentSource, Arguments, ChaserSource, Implementation, PatternBody, PatternSource, StepKeys,
    StepSource,
};
pub use pixels::{Corner, LayoutShape, LayoutSource, Packing, PixelCount, PixelOrder};
pub use playlist::{
    EntryKeys, GapSource, PlaylistEntry, PlaylistSource, Position, Rounds, TransitionSource,
};
pub use priority::{SlotPriority, StreamPriority};
pub use song::{ChordSource, HintSource, SectionSource, SongSource};
pub use variable::{Variable, Vars};
pub use venue::{Movement, OutputSource, ProtocolName, Sync, VenueSource};

record! {
    /// A show: its song, its venue, and its cue files.
    pub struct ShowSource as "show" {
        /// The title for people; the folder's name when not given.
        pub title: Option<String>,
        /// The song, a file in `songs/`.
        pub song: Option<Spanned<String>>,
        /// The venue, a file in `fixtures/` without its `.toml`.
        pub venue: Spanned<String>,
        /// Frames a second: 60, or a fraction such as "30000/1001".
        pub fps: FrameRate = 60.0,
        /// The cue files, lowest layer first; each is a layer.
        pub cues: Vec<Spanned<String>>,
        /// Folders of patterns, relative to the show; `patterns` when not given.
        pub patterns: Option<Vec<Spanned<String>>>,
        /// Where the show starts in the song; below 0, the show starts before the song.
        pub song_offset: Shift = 0.0,
        /// How long the show is; the song's length when not given, or else the last cue's end.
        pub length: Option<Spanned<Span>>,
        /// What stays when the show ends.
        pub last_look: LastLook = "blackout",
        /// What lowers the light after all layers.
        pub masters: Option<MastersSource>,
        /// Values by name: `$name` stands for one in every cue file and pattern.
        pub vars: Vars,
        /// Looks by name, for cues to set: `"set": "warm"`, or `"preset": "warm"` within a look.
        pub presets: Vars,
        /// The palette: colours by name, for every cue to use.
        pub colors: IndexMap<String, Spanned<Color>>,
    }
}

choice! { LastLook, "last look":
    Blackout = "blackout", "All slots go to 0.";
    Hold = "hold", "The last frame stays.";
}

impl Decode for OutputDelay {
    fn about() -> About {
        let expected = "a delay from -2s to 2s such as `20ms` or `-0.1s`";
        About { unit: "s", range: Some((-2.0, 2.0)), ..About::new("output delay", expected) }
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let delay = match &at.node.value {
            Value::Number(seconds) => Self::from_seconds(*seconds).ok(),
            Value::Text(text) => text.parse().ok(),
            _ => None,
        };
        if delay.is_none() {
            return decoder.wrong::<Self, _>(at);
        }
        delay
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("output delay", |_| {
            json!({
                "description": "A delay from -2 to 2 seconds: 0.02, `20ms`, `-0.1s`.",
                "anyOf": [{"type": "number", "minimum": -2, "maximum": 2}, {"type": "string"}],
            })
        })
    }
}

impl Decode for FrameRate {
    fn about() -> About {
        let expected = "frames a second such as 60 or `30000/1001`";
        About { unit: "fps", range: Some((1.0, 1000.0)), ..About::new("frame rate", expected) }
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let text = match &at.node.value {
            Value::Number(number) => number.to_string(),
            Value::Text(text) => text.clone(),
            _ => return decoder.wrong::<Self, _>(at),
        };
        match text.parse() {
            Ok(rate) => Some(rate),
            Err(error @ gobo_dmx::RateError::OutOfRange(..)) => {
                decoder.say(Diagnostic::error("out-of-range", at.place(), error.to_string()));
                None
            }
            Err(_) => decoder.wrong::<Self, _>(at),
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        definitions.define("frame rate", |_| {
            json!({
                "description": "Frames a second: 60, 29.97, or `30000/1001`.",
                "anyOf": [
                    {"type": "number", "minimum": 1, "maximum": 1000},
                    {"type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+|\s*/\s*[0-9]+)?\s*$"},
                ],
            })
        })
    }
}

/// The JSON Schemas (draft 2020-12) of the formats that are gobo's own, with their file names.
pub fn schemas() -> Vec<(&'static str, Json)> {
    vec![
        ("show.schema.json", file_schema::<ShowSource>("gobo show (show.toml)")),
        ("cues.schema.json", file_schema::<CueFile>("gobo cue file")),
        ("channels.schema.json", file_schema::<ChannelFile>("gobo cue file of a channel layer")),
        ("chaser.schema.json", file_schema::<ChannelChaser>("gobo chaser of channel layers")),
        ("pattern.schema.json", file_schema::<PatternSource>("gobo pattern")),
        ("venue.schema.json", file_schema::<VenueSource>("gobo venue")),
        ("playlist.schema.json", file_schema::<PlaylistSource>("gobo playlist (*.playlist.toml)")),
        ("song.schema.json", file_schema::<SongSource>("gobo song facts")),
    ]
}
