//! The resolved show: every name looked up, every time in seconds.

use std::sync::Arc;

use gobo_dmx::{FrameRate, LastLook};
use serde::Serialize;

use crate::diagnostic::Place;
use crate::effect::Effect;
use crate::grid::Grid;
use crate::rig::{HeadIndex, Rig};
use crate::spectrum::Spectrum;

/// A show ready to render: nothing in it refers to a file any more.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Show {
    /// Its name: the folder's.
    pub name: String,
    /// Its title for people.
    pub title: String,
    /// Frames a second.
    pub rate: FrameRate,
    /// Its length in frames; at least 1.
    pub frames: u32,
    /// The song, if it has one.
    pub song: Option<Song>,
    /// The song's beats, bars and sections.
    pub grid: Grid,
    /// The venue.
    pub rig: Rig,
    /// Layers, lowest first.
    pub layers: Vec<Layer>,
    /// What stays when the show ends.
    pub last_look: LastLook,
}

/// The song of a show.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Song {
    /// The file, relative to the project.
    pub path: String,
    /// XXH3-128 of the file.
    pub hash: u128,
    /// Its length in seconds.
    pub seconds: f64,
    /// Where show time 0 lies in the song, in seconds; negative starts the show before the song.
    pub offset: f64,
    /// What it sounds like over time, if anything of the show listens to it.
    #[serde(skip)]
    pub spectrum: Option<Arc<Spectrum>>,
}

/// A layer: one cue file.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Layer {
    /// Its name: the file's, without `.json`.
    pub name: String,
    /// How it goes over the layers below.
    pub blend: Blend,
    /// Its cues by start, then by their order in the file.
    pub cues: Vec<Cue>,
}

/// How a layer's values go over those below.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Blend {
    /// Takes their place.
    #[default]
    Replace,
    /// Adds to them (levels and colours up to 1; pan and tilt in degrees).
    Add,
}

/// A cue: what happens to which heads, and when.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Cue {
    /// Its name, or empty.
    pub name: String,
    /// Where it stands in the sources.
    pub place: Place,
    /// When it starts, in seconds of the show.
    pub start: f64,
    /// When it ends; not before `start`. A cue without length has `end == start`.
    pub end: f64,
    /// The heads, in the order of the selection.
    pub selection: Vec<Selected>,
    /// How many places the selection has: 1 + the highest [`Selected::rank`].
    pub ranks: u32,
    /// What it does.
    pub effect: Effect,
    /// Seconds from the start in which it takes over from what its layer showed before.
    pub fade_in: f64,
    /// Seconds before the end in which it gives way to what is below.
    pub fade_out: f64,
    /// What stays after the end.
    pub then: Then,
    /// Seeds whatever is random in it; from its place unless the source gives one.
    pub seed: u64,
}

/// A head in a cue's selection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub struct Selected {
    /// The head.
    pub head: HeadIndex,
    /// Its place along the selection, from 0: its own, or its fixture's if the cue spreads over
    /// fixtures.
    pub rank: u32,
}

/// What stays of a cue after its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Then {
    /// Its last values, until the layer's next write (tracking).
    #[default]
    Hold,
    /// Nothing: the layers below show again.
    Release,
}

/// A name for a stretch of the show.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Section {
    /// Its name: `chorus`.
    pub name: Arc<str>,
    /// When it starts, in seconds of the show.
    pub start: f64,
    /// When it ends.
    pub end: f64,
}
