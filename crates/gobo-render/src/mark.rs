//! Move in black: what a marked cue writes on a head, besides its light, is there as soon as the
//! head is dark before it.

use std::ops::Range;
use std::sync::Arc;

use gobo_show::value::Color;

use crate::attribute::Attribute;
use crate::blend::Limits;
use crate::bundle::Bundles;
use crate::course::Times;
use crate::curve::{Curve, Scalar, Tint};
use crate::fade::Fade;
use crate::heads::HeadTracks;
use crate::track::{Room, Track};
use crate::value::Value;

/// How many frames are looked at together, from the cue backwards.
const STRIDE: u32 = 64;

/// Lets the marked cues of all heads show early. A head with one is alone in its bundle: when it
/// goes dark is its own.
pub(crate) fn mark(bundles: &mut Bundles) {
    let marked: Vec<_> = bundles.all.iter().filter(|bundle| is_marked(&bundle.tracks)).collect();
    let heads: Vec<_> = marked.iter().flat_map(|bundle| bundle.heads.clone()).collect();
    for head in heads {
        if let Some(tracks) = bundles.alone(head) {
            mark_head(tracks);
        }
    }
}

/// Whether a cue is marked there.
fn is_marked(tracks: &HeadTracks) -> bool {
    let color = tracks.color.layers.iter().any(|layer| !layer.marked().is_empty());
    let scalar = |(_, track): &(Attribute, Track<Scalar>)| {
        track.layers.iter().any(|layer| !layer.marked().is_empty())
    };
    color || tracks.scalars.iter().any(scalar)
}

fn mark_head(head: &mut HeadTracks) {
    let light = Light::of(head);
    // A colour may come early where the dimmer keeps it dark, not where it was black itself.
    let dimmed = Light { color: Track::new(Some(Color::ONE), Limits::default()), ..light.clone() };
    show_early(&mut head.color, &dimmed);
    for (attribute, track) in &mut head.scalars {
        if !matches!(attribute, Attribute::Dimmer | Attribute::Strobe | Attribute::Tint) {
            show_early(track, &light);
        }
    }
}

fn show_early<C: Curve>(track: &mut Track<C>, light: &Light) {
    for layer in &mut track.layers {
        for (at, floor) in layer.marked() {
            let dark = light.dark_since(floor, layer.starts(at));
            layer.show_early(at, dark);
        }
        layer.sort();
    }
}

/// What makes a head shine, as it was before anything showed early.
#[derive(Clone)]
pub(crate) struct Light {
    dimmer: Option<Track<Scalar>>,
    color: Track<Tint>,
    masters: Vec<Arc<Fade>>,
}

impl Light {
    pub(crate) fn of(head: &HeadTracks) -> Self {
        Self {
            dimmer: head.scalar(Attribute::Dimmer).cloned(),
            color: head.color.clone(),
            masters: head.masters.clone(),
        }
    }

    /// In which frames a head shines.
    pub(crate) fn in_frames(&self, frames: &Range<u32>, member: usize) -> Vec<bool> {
        let starts = frames.clone().step_by(STRIDE as usize);
        let stride = |start: u32| start..frames.end.min(start + STRIDE);
        starts.flat_map(|start| self.in_stride(&stride(start), member)).collect()
    }

    fn in_stride(&self, frames: &Range<u32>, member: usize) -> Vec<bool> {
        let (mut levels, mut colors) = (vec![None; frames.len()], vec![None; frames.len()]);
        let mut times = Times::default();
        if let Some(dimmer) = &self.dimmer {
            dimmer.fill(frames, member, &mut levels, &mut Room::default(), &mut times);
        }
        self.color.fill(frames, member, &mut colors, &mut Room::default(), &mut times);
        let mastered = |frame: u32| {
            let mut levels = self.masters.iter().map(|master| master.at(f64::from(frame)));
            levels.all(|level| level > 0.0)
        };
        let shines = |((level, color), frame): ((&Option<f64>, &Option<Color>), u32)| {
            let lit = match (level, color) {
                (Some(level), color) => *level > 0.0 && *color != Some(Color::ZERO),
                (None, color) => {
                    color.or(self.color.rest).is_some_and(|color| color != Color::ZERO)
                }
            };
            lit && mastered(frame)
        };
        levels.iter().zip(&colors).zip(frames.clone()).map(shines).collect()
    }

    /// The first frame, not before `floor`, from which the head is dark until `start`.
    fn dark_since(&self, floor: u32, start: u32) -> u32 {
        let mut end = start;
        while end > floor {
            let frames = end.saturating_sub(STRIDE).max(floor)..end;
            let last = self.in_stride(&frames, 0).iter().rposition(|lit| *lit);
            if let Some(last) = last {
                return frames.start + last as u32 + 1;
            }
            end = frames.start;
        }
        floor
    }
}
