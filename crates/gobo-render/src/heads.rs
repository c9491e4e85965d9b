//! The tracks of a head, or of all heads that the show writes alike: every attribute of them.

use std::ops::Range;
use std::sync::Arc;

use gobo_show::effect::AttributeKind;

use crate::attribute::Attribute;
use crate::blend::Limits;
use crate::course::Course;
use crate::curve::{Scalar, Tint};
use crate::fade::Fade;
use crate::fingerprint::Fingerprint;
use crate::layer::KnownSpans;
use crate::track::Track;

/// The tracks of the heads of a bundle.
#[derive(Clone, Debug)]
pub(crate) struct HeadTracks {
    pub(crate) color: Track<Tint>,
    /// By attribute; only those that are written.
    pub(crate) scalars: Vec<(Attribute, Track<Scalar>)>,
    /// What lowers its light after all layers.
    pub(crate) masters: Vec<Arc<Fade>>,
}

impl Default for HeadTracks {
    fn default() -> Self {
        // A fade of a colour from nothing is there at once: the dimmer is what fades.
        Self {
            color: Track::new(None, Limits::default()),
            scalars: Vec::new(),
            masters: Vec::new(),
        }
    }
}

impl HeadTracks {
    pub(crate) fn scalar(&self, attribute: Attribute) -> Option<&Track<Scalar>> {
        let index = self.scalars.binary_search_by_key(&attribute, |known| known.0).ok()?;
        Some(&self.scalars[index].1)
    }

    /// The track of an attribute, made if it is not there; `rest` is what it rests at.
    pub(crate) fn scalar_mut(&mut self, attribute: Attribute, rest: f64) -> &mut Track<Scalar> {
        let index = match self.scalars.binary_search_by_key(&attribute, |known| known.0) {
            Ok(index) => index,
            Err(index) => {
                let track = Track::new(Some(rest), attribute.limits());
                self.scalars.insert(index, (attribute, track));
                index
            }
        };
        &mut self.scalars[index].1
    }

    /// The same for some of its heads.
    pub(crate) fn subset(&self, members: &[usize]) -> Self {
        let subset =
            |(attribute, track): &(Attribute, Track<Scalar>)| (*attribute, track.subset(members));
        Self {
            color: self.color.subset(members),
            scalars: self.scalars.iter().map(subset).collect(),
            masters: self.masters.clone(),
        }
    }

    /// Whether a channel by its number in the fixture is written.
    pub(crate) fn has_raw(&self) -> bool {
        self.scalars.iter().any(|(attribute, _)| matches!(attribute, Attribute::Raw(_)))
    }

    /// The same for a part of the fixture: `kept` are the channels that it has of the whole.
    pub(crate) fn of_channels(&self, kept: &[usize]) -> Self {
        let scalars = self.scalars.iter().filter_map(|(attribute, track)| {
            let attribute = match *attribute {
                Attribute::Raw(channel) => {
                    Attribute::Raw(kept.binary_search(&(channel as usize)).ok()? as u32)
                }
                other => other,
            };
            Some((attribute, track.clone()))
        });
        let (color, masters) = (self.color.clone(), self.masters.clone());
        Self { color, scalars: scalars.collect(), masters }
    }

    /// What the masters leave of the light in a frame, 0 to 1; `None` without any.
    pub(crate) fn mastered(&self, frame: u32) -> Option<f64> {
        let levels = self.masters.iter().map(|master| master.at(f64::from(frame)));
        levels.reduce(|a, b| a * b)
    }

    /// Ends what a sheet shows of some attributes, or of all, when a release starts.
    pub(crate) fn release(&mut self, sheet: u32, only: &[AttributeKind], release: &Arc<Course>) {
        let released = |kind| only.is_empty() || only.contains(&kind);
        if released(AttributeKind::Color) {
            self.color.release(sheet, release);
        }
        for (attribute, track) in &mut self.scalars {
            if released(attribute.kind()) {
                track.release(sheet, release);
            }
        }
    }

    pub(crate) fn seal(&mut self, known: &mut KnownSpans) {
        self.color.seal(known);
        self.scalars.iter_mut().for_each(|(_, track)| track.seal(known));
    }

    /// Whether what some heads show is the same in all of `frames`.
    pub(crate) fn are_steady(&self, frames: &Range<u32>, members: &Range<usize>) -> bool {
        self.color.are_steady(frames, members)
            && self.scalars.iter().all(|(_, track)| track.are_steady(frames, members))
            && self.masters.iter().all(|master| master.steady(frames).is_some())
    }

    /// All that decides what some of the heads show in `frames`.
    pub(crate) fn fingerprint(
        &self,
        frames: &Range<u32>,
        members: &Range<usize>,
        to: &mut Fingerprint,
    ) {
        to.integer(members.len() as u64);
        self.color.fingerprint(Attribute::COLOR, frames, members, to);
        for (attribute, track) in &self.scalars {
            track.fingerprint(attribute.number(), frames, members, to);
        }
        // A master that is full does nothing.
        for master in self.masters.iter().filter(|master| master.steady(frames) != Some(1.0)) {
            master.fingerprint(frames, to);
        }
    }
}
