//! What shows of a head when one part of its light is released: a colour without a dimmer is full,
//! and a dimmer without a colour white, on a head whose emitters dim by themselves. A release that
//! takes its time goes there, rather than to nothing and then back.

use std::sync::Arc;

use gobo_show::effect::AttributeKind;
use gobo_show::value::Color;

use crate::attribute::Attribute;
use crate::blend::Mode;
use crate::bundle::Bundle;
use crate::course::Course;
use crate::curve::{Curve, Ramp, Scalar, Tint};
use crate::fixture::Part;
use crate::heads::HeadTracks;
use crate::track::{Sheet, Track, Write, Written};

/// A way from what shows to what is implied, over the frames of a release.
pub(crate) enum Implied {
    Dimmer(Sheet, Write<Scalar>),
    Color(Sheet, Write<Tint>),
}

impl Implied {
    /// The way of the heads of a bundle; `None` where nothing is implied, or where something of
    /// another layer would show.
    pub(crate) fn new(
        part: &Part,
        bundle: &Bundle,
        only: &[AttributeKind],
        (release, number): (&Course, u32),
    ) -> Option<Self> {
        let frames = release.start..release.faded_in();
        let plain = part.plain.filter(|_| part.dims_emitters && !frames.is_empty())?;
        let (color, start) = (&bundle.tracks.color, release.start);
        let dimmer = bundle.tracks.scalar(Attribute::Dimmer)?;
        if !is_alone(color, number) || !is_alone(dimmer, number) {
            return None;
        }
        let sheet = Sheet { number, mode: Mode::Replace, veil: None };
        let course = Arc::new(Course::of_frames(frames));
        let members = 0..bundle.heads.len();
        let shown =
            |member| color.before(&sheet, start, member).filter(|it| *it != Color::default());
        let level = |member| dimmer.before(&sheet, start, member).unwrap_or(0.0);
        let easing = release.ease_in;
        let of = |kind| only.contains(&kind);
        match (of(AttributeKind::Dimmer), of(AttributeKind::Color)) {
            (true, false) => {
                let way = |member| {
                    let to = if shown(member).is_some() { 1.0 } else { 0.0 };
                    let ramp = Scalar::Ramp(Ramp { from: level(member), to, easing });
                    Written::new(&course, ramp, None)
                };
                let own = members.map(way).collect();
                let write = Write::of_each(&course, false, own);
                Some(Self::Dimmer(sheet, write))
            }
            (false, true) => {
                let way = |member| {
                    let ramp = Ramp { from: shown(member).unwrap_or(plain), to: plain, easing };
                    Written::new(&course, Tint::Ramp(ramp), None)
                };
                let own = members.map(way).collect();
                let write = Write::of_each(&course, false, own);
                Some(Self::Color(sheet, write))
            }
            _ => None,
        }
    }

    pub(crate) fn write(self, tracks: &mut HeadTracks, ranks: &Arc<[u32]>) {
        match self {
            Self::Dimmer(sheet, write) => {
                tracks.scalar_mut(Attribute::Dimmer, 0.0).push(&sheet, write, ranks);
            }
            Self::Color(sheet, write) => tracks.color.push(&sheet, write, ranks),
        }
    }
}

/// Whether a track has nothing but what a sheet lays over all that is below.
fn is_alone<C: Curve>(track: &Track<C>, sheet: u32) -> bool {
    let [layer] = track.layers.as_slice() else { return false };
    layer.sheet == sheet && layer.covers()
}
