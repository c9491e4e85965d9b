//! Fields that draw things: flames, snow, letters, pictures.

use serde::Serialize;

use super::{Colors, Common, Count, PictureFile, Plane, Way, field};
use crate::decode::{About, At, Decode, Decoder, Definitions, choice, record};
use crate::value::{Color, Level, Part, Reach, Turns};

/// An edge of the box.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[allow(missing_docs)]
pub enum FireEdge {
    Bottom,
    Top,
    Left,
    Right,
}

choice! { FireEdge, "edge":
    Bottom = "bottom", "The bottom.";
    Top = "top", "The top.";
    Left = "left", "The left side.";
    Right = "right", "The right side.";
}

field! {
    /// Parameters of `fire`.
    Fire as "fire", every "The time in which a flame climbs the box." = "1 bar",
    colors ["#8a0a00", "#ff3c00", "#ffa000", "#ffe9a0"], plane "auto" {
        /// How high the flames reach, as a part of the box.
        pub height: f64 as Part = "70%",
        /// The edge that they lick from.
        pub edge: FireEdge = "bottom",
        /// About how many flames stand side by side.
        pub flames: u32 as Count = 5.0,
    }
}

field! {
    /// Parameters of `fireworks`.
    Fireworks as "fireworks", every "The time from a burst until its sparks are out." = "2 beats",
    colors ["red", "gold", "lime", "deepskyblue", "magenta"], plane "auto" {
        /// How many there are in the air at once.
        pub bursts: u32 as Count = 3.0,
        /// How many sparks each has.
        pub sparks: u32 as Count = 14.0,
        /// How far the sparks fly, as a part of the box's longer side.
        pub radius: f64 as Reach = 0.4,
        /// How far they fall meanwhile, as a part of the box's longer side.
        pub gravity: f64 as Reach = 0.15,
    }
}

field! {
    /// Parameters of `garlands`.
    Garlands as "garlands", every "The time until all have come down; once over the cue when not given.",
    colors ["red", "lime", "blue", "gold"], plane "auto" {
        /// How many garlands.
        pub count: u32 as Count = 6.0,
        /// How many bows each hangs in.
        pub swags: u32 as Count = 2.0,
        /// How deep a bow hangs, as a part of the box.
        pub depth: f64 as Part = "12%",
    }
}

field! {
    /// Parameters of `meteors`.
    Meteors as "meteors", every "The time in which one crosses the box." = "1 bar",
    colors ["white", "lightskyblue"], plane "auto" {
        /// About how many there are at once.
        pub count: u32 as Count = 8.0,
        /// How long their tails are, as a part of the box.
        pub length: f64 as Part = "40%",
        /// The way they fly.
        pub way: Way = "down",
        /// How far they are blown aside on their way, as a part of the box; below 0 to the left.
        pub wind: f64 as Turns = 0.0,
    }
}

field! {
    /// Parameters of `picture`.
    Picture as "picture", every "One movement over the box, or without `way` one showing of all frames; a GIF's own pace when not given.",
    colors ["white"], plane "auto" {
        /// A PNG or GIF, by its path in the project.
        pub file: PictureFile,
        /// The way it moves, with `every` again and again and else once over the cue; it stands
        /// when not given.
        pub way: Option<Way>,
        /// How it is brought to the shape of the box.
        pub scale: Scale = "fit",
        /// Whether its colours are dyed in the effect's own.
        pub tint: bool = false,
    }
}

/// How a picture is brought to the shape of a box.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[allow(missing_docs)]
pub enum Scale {
    Fit,
    Fill,
    Stretch,
}

choice! { Scale, "scale":
    Fit = "fit", "As large as it fits in whole.";
    Fill = "fill", "As small as it covers the box.";
    Stretch = "stretch", "To the shape of the box.";
}

field! {
    /// Parameters of `snowflakes`.
    Snowflakes as "snowflakes", every "The time in which a near flake falls through the box." = "2 bars",
    colors ["white"], plane "auto" {
        /// About how many there are at once.
        pub count: u32 as Count = 20.0,
        /// How large a near flake is, as a part of the box's longer side.
        pub size: f64 as Reach = 0.06,
        /// How far the wind blows them while they fall, as a part of the box; below 0 to the left.
        pub wind: f64 as Turns = 0.0,
    }
}

field! {
    /// Parameters of `sparkle_strobe`.
    SparkleStrobe as "sparkle_strobe", every "One flash and the dark after it." = "10 Hz",
    colors ["white"], plane "auto" {
        /// The part of the lights that flash each time.
        pub share: f64 as Part = "15%",
        /// The part of the time that a flash is lit.
        pub duty: f64 as Part = "50%",
    }
}

/// Text to be drawn, at least one letter.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Words(String);

impl From<Words> for String {
    fn from(words: Words) -> Self {
        words.0
    }
}

/// The most letters that a text has.
const LETTERS: usize = 500;

impl Decode for Words {
    fn about() -> About {
        About::new("words", "text of at least one letter")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let Some(text) = at.node.text() else { return decoder.wrong::<Self, _>(at) };
        let letters = text.chars().count();
        if text.trim().is_empty() {
            decoder.error("empty-text", at, "there is nothing to draw: the text has no letter");
            return None;
        }
        if letters > LETTERS {
            let message = format!("the text has {letters} letters: at most {LETTERS} are drawn");
            decoder.error("out-of-range", at, message);
            return None;
        }
        Some(Self(text.to_owned()))
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({"type": "string", "minLength": 1, "maxLength": LETTERS})
    }
}

field! {
    /// Parameters of `text`.
    TextField as "text effect", every "The time in which the whole text runs through." = "4 bars",
    colors ["white"], plane "auto" {
        /// What is written.
        pub text: String as Words,
        /// The way it runs.
        pub way: Running = "left",
        /// How high its letters are, as a part of the box.
        pub height: f64 as Part = "100%",
    }
}

/// The way that text runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[allow(missing_docs)]
pub enum Running {
    Left,
    Right,
    Up,
    Down,
    Still,
}

choice! { Running, "running":
    Left = "left", "From right to left.";
    Right = "right", "From left to right.";
    Up = "up", "From the bottom to the top.";
    Down = "down", "From the top to the bottom.";
    Still = "still", "It stands in the middle.";
}

field! {
    /// Parameters of `tree`.
    Tree as "tree", every "The time in which the lights move on by one." = "1 beat",
    colors ["#0a5a14", "red", "gold", "deepskyblue"], plane "auto" {
        /// How many rows of branches.
        pub branches: u32 as Count = 3.0,
        /// How many lights hang on a row.
        pub lights: u32 as Count = 4.0,
    }
}

field! {
    /// Parameters of `twinkle`.
    Twinkle as "twinkle", every "The time in which a light comes and goes." = "2 beats",
    colors ["white"], plane "auto" {
        /// The part of the lights that twinkle at a time.
        pub share: f64 as Part = "40%",
        /// Whether they flash instead of coming softly.
        pub strobe: bool = false,
    }
}

/// What a meter shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[allow(missing_docs)]
pub enum MeterStyle {
    Bars,
    Level,
    Pulse,
}

choice! { MeterStyle, "meter style":
    Bars = "bars", "A bar for each band, low ones on the left.";
    Level = "level", "One bar over the whole box.";
    Pulse = "pulse", "The whole box as bright as the song is loud.";
}

record! {
    /// Parameters of `vu_meter`.
    pub struct VuMeter as "vu_meter" {
        /// What it shows.
        pub style: MeterStyle = "bars",
        /// How many bars there are; they cover the spectrum in equal steps of pitch.
        pub bands: u32 as Count = 12.0,
        /// How much it is turned up.
        pub gain: f64 as Reach = 1.0,
        /// Its colours, from the lowest level to the highest.
        pub colors: Vec<Color> as Colors = ["lime", "yellow", "red"],
        /// How the places of the selection in the room are laid flat.
        pub plane: Plane = "auto",
        /// The level where it is full.
        pub level: Level = "100%",
    }
}

impl VuMeter {
    /// What every field has; the song leads it, so that it has no period.
    pub fn common(&self) -> Common<'_> {
        Common { every: None, colors: &self.colors, plane: self.plane, level: self.level.0 }
    }
}
