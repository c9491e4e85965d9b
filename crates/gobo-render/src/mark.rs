//! Move in black: what a marked cue writes on a head, besides its light, is there as soon as the
//! head is dark before it.

use std::ops::Range;

use gobo_show::value::Color;

use crate::attribute::Attribute;
use crate::bundle::Bundles;
use crate::course::Times;
use crate::curve::{Curve, Scalar, Tint};
use crate::heads::HeadTracks;
use crate::track::{Room, Track};

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
    show_early(&mut head.color, &light);
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
pub(crate) struct Light {
    dimmer: Option<Track<Scalar>>,
    color: Track<Tint>,
}

impl Light {
    pub(crate) fn of(head: &HeadTracks) -> Self {
        Self { dimmer: head.scalar(Attribute::Dimmer).cloned(), color: head.color.clone() }
    }

    /// In which frames a head shines.
    pub(crate) fn in_frames(&self, frames: &Range<u32>, member: usize) -> Vec<bool> {
        let (mut levels, mut colors) = (vec![None; frames.len()], vec![None; frames.len()]);
        let mut times = Times::default();
        if let Some(dimmer) = &self.dimmer {
            dimmer.fill(frames, member, &mut levels, &mut Room::default(), &mut times);
        }
        self.color.fill(frames, member, &mut colors, &mut Room::default(), &mut times);
        let shines = |(level, color): (&Option<f64>, &Option<Color>)| match level {
            Some(level) => *level > 0.0,
            None => color.is_some_and(|color| color != Color::default()),
        };
        levels.iter().zip(&colors).map(shines).collect()
    }

    /// The first frame, not before `floor`, from which the head is dark until `start`.
    fn dark_since(&self, floor: u32, start: u32) -> u32 {
        let mut end = start;
        while end > floor {
            let frames = end.saturating_sub(STRIDE).max(floor)..end;
            let last = self.in_frames(&frames, 0).iter().rposition(|lit| *lit);
            if let Some(last) = last {
                return frames.start + last as u32 + 1;
            }
            end = frames.start;
        }
        floor
    }
}
