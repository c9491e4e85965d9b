//! The resolved show: every name looked up, every time in seconds.

use std::sync::Arc;

use gobo_dmx::{FrameRate, LastLook};
use serde::Serialize;

pub use crate::blend::Blend;
use crate::diagnostic::Place;
use crate::effect::{ChannelEffect, Effect};
use crate::grid::Grid;
use crate::rig::{HeadIndex, Rig};
use crate::spectrum::Spectrum;
use crate::value::Easing;

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
    pub rig: Arc<Rig>,
    /// Layers, lowest first.
    pub layers: Vec<Layer>,
    /// What lowers the light after all of them.
    pub masters: Vec<Master>,
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
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Layer {
    /// Its name: the file's, without `.json`.
    pub name: String,
    /// How it goes over the layers below.
    pub blend: Blend,
    /// How much of it shows over the show's time; all of it when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opacity: Option<Fader>,
    /// The heads that it shows on, rising; all when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask: Option<Vec<HeadIndex>>,
    /// The layer, an index into [`Show::layers`], whose dimmer it shows as much as, head by head.
    /// That layer itself is not seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask_by: Option<usize>,
    /// What its colours show as much as.
    #[serde(skip_serializing_if = "is_default")]
    pub alpha: Alpha,
    /// Its cues by start, then by their order in the file.
    pub cues: Vec<Cue>,
    /// The cues of a channel layer, in the order of the file; such a layer has no other.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<ChannelCue>,
}

/// A cue of a channel layer: what happens to the slots of a fixture, and when.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ChannelCue {
    /// When it starts, in seconds of the show.
    pub start: f64,
    /// How long it runs, in seconds; not below 0.
    pub seconds: f64,
    /// The fixture, an index into [`Rig::fixtures`].
    pub fixture: u32,
    /// What it does.
    pub effect: Arc<ChannelEffect>,
    /// Where the cue stands that it comes from: it, or the one that runs a chaser.
    #[serde(skip)]
    pub place: Arc<Place>,
}

/// What a layer's colours show as much as.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Alpha {
    /// They cover what is below wherever the layer writes them.
    #[default]
    None,
    /// As much as the layer's own dimmer is up.
    Dimmer,
}

/// A level over the show's time: straight or eased from point to point. The first holds before it
/// and the last after it.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Fader {
    /// The points, by time rising; at least one.
    pub points: Vec<FaderPoint>,
}

/// A point of a [`Fader`].
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct FaderPoint {
    /// When, in seconds of the show.
    pub at: f64,
    /// The level, 0 to 1.
    pub level: f64,
    /// The course of the change from the point before.
    pub easing: Easing,
}

impl Fader {
    /// Always at one level.
    pub fn constant(level: f64) -> Self {
        Self { points: vec![FaderPoint { at: 0.0, level, easing: Easing::Linear }] }
    }
}

/// What lowers the light of heads after all layers, and never raises it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Master {
    /// The heads, rising; `None` is all of them.
    pub heads: Option<Vec<HeadIndex>>,
    /// How much of their light is left.
    pub level: Fader,
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
    pub selection: Arc<[Selected]>,
    /// How many places the selection has: 1 + the highest [`Selected::rank`].
    pub ranks: u32,
    /// What it does.
    pub effect: Effect,
    /// Seconds from the start in which it takes over from what its layer showed before.
    pub fade_in: f64,
    /// The course of that.
    #[serde(skip_serializing_if = "is_default")]
    pub ease_in: Easing,
    /// Seconds before the end in which it gives way to what is below.
    pub fade_out: f64,
    /// The course of that, from the end backwards.
    #[serde(skip_serializing_if = "is_default")]
    pub ease_out: Easing,
    /// What stays after the end.
    pub then: Then,
    /// Whether heads that are dark turn, and change what shows only in light, before it starts
    /// (move in black).
    #[serde(skip_serializing_if = "is_default")]
    pub mark: bool,
    /// How it goes over the rest of its layer, and over the layers below, if not as its layer
    /// does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blend: Option<Blend>,
    /// How much of it shows, over the show's time; all of it when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opacity: Option<Fader>,
    /// Whether it is the end of what a blocking cue does not let through: the cue itself follows.
    #[serde(skip_serializing_if = "is_default")]
    pub blocks: bool,
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
    /// What the layer held before (cue only).
    #[serde(rename = "cue_only")]
    CueOnly,
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

pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
