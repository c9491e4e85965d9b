//! Luma's scores as text and as cues:
//! `pattern(selection) @5:3-7 arg=0.5 color=#rrggbb blend=add`, a clip a line.
//!
//! Bars and beats count from 1, and a range ends before its second place: `@5` is bar 5,
//! `@5:3-7` goes from the third beat of bar 5 to the start of bar 7, `@5:3:2` means the second
//! quarter of that beat, and `@1.5s-3s` is in seconds. A blank line starts the next layer; before
//! its clips may stand its height, as in `layer -7:`. What follows a `#` is a remark.

mod cue;
mod interface;
mod line;
mod patterns;
mod place;
mod project;
mod read;
mod write;

use gobo_show::diagnostic::Place;
use gobo_show::show::Blend;
use serde_json::Value;

pub use interface::Interface;
pub use place::{Position, Range};
pub use project::{Into, export, import};
pub use read::read;
pub use write::write;

pub(crate) use cue::layer;
pub(crate) use place::rounded;
pub(crate) use project::file_name;

/// A score: its layers, as written.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Score {
    /// The layers.
    pub layers: Vec<ScoreLayer>,
}

/// Clips of one height.
#[derive(Clone, PartialEq, Debug)]
pub struct ScoreLayer {
    /// The height: higher ones go over lower ones.
    pub z: i64,
    /// The clips.
    pub clips: Vec<Clip>,
}

/// A pattern over a stretch of the song.
#[derive(Clone, PartialEq, Debug)]
pub struct Clip {
    /// The pattern's name.
    pub pattern: String,
    /// The heads; the pattern's own default when not given.
    pub on: Option<Chosen>,
    /// When it runs.
    pub range: Range,
    /// The arguments, in the order in which they are written.
    pub args: Vec<(String, Value)>,
    /// How it goes over what is below.
    pub blend: Blend,
    /// What its random choices come from, if it says so.
    pub seed: Option<u64>,
    /// Where it stands.
    pub place: Place,
}

/// Some heads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chosen {
    /// The selection.
    pub expression: String,
    /// Whether each group has places of its own.
    pub by_group: bool,
}

/// A blend mode by its name.
pub(crate) fn blend(name: &str) -> Option<Blend> {
    Blend::ALL.iter().copied().find(|blend| blend_name(*blend) == name)
}

/// The name of a blend mode.
fn blend_name(blend: Blend) -> String {
    match serde_json::to_value(blend) {
        Ok(Value::String(name)) => name,
        _ => String::new(),
    }
}

/// Whether text is a name that needs no quotes.
fn is_plain(text: &str) -> bool {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
