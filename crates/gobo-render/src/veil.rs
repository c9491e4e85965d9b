//! How much of a layer shows: its opacity, and the levels that it is masked by.

use std::ops::Range;
use std::sync::Arc;

use crate::course::Times;
use crate::curve::Scalar;
use crate::fade::Fade;
use crate::fingerprint::Fingerprint;
use crate::track::{Room, Track};

/// What a layer of an attribute of a head shows as much as: all of these multiplied.
#[derive(Clone, Debug, Default)]
pub(crate) struct Veil {
    pub(crate) fade: Option<Arc<Fade>>,
    pub(crate) mattes: Vec<Matte>,
}

/// A level that says how much of something shows.
#[derive(Clone, Debug)]
pub(crate) struct Matte {
    pub(crate) level: Arc<Track<Scalar>>,
    /// The level where nothing writes it.
    pub(crate) otherwise: f64,
}

impl Matte {
    /// The same for some of its heads.
    pub(crate) fn subset(&self, members: &[usize]) -> Self {
        Self { level: Arc::new(self.level.subset(members)), otherwise: self.otherwise }
    }
}

impl Veil {
    /// The same for some of its heads.
    pub(crate) fn subset(&self, members: &[usize]) -> Self {
        let mattes = self.mattes.iter().map(|matte| matte.subset(members)).collect();
        Self { fade: self.fade.clone(), mattes }
    }

    /// Whether it is the same for all heads in `frames`.
    pub(crate) fn is_uniform(&self, frames: &Range<u32>) -> bool {
        self.mattes.iter().all(|matte| matte.level.is_uniform(frames))
    }

    /// Weights from 0 to 1 for each of `frames`, to `out` which is empty.
    pub(crate) fn fill(
        &self,
        frames: &Range<u32>,
        member: usize,
        out: &mut Vec<f64>,
        times: &mut Times,
    ) {
        match &self.fade {
            Some(fade) => out.extend(frames.clone().map(|frame| fade.at(f64::from(frame)))),
            None => out.resize(frames.len(), 1.0),
        }
        for matte in &self.mattes {
            let mut levels = vec![None; frames.len()];
            matte.level.fill(frames, member, &mut levels, &mut Room::default(), times);
            for (weight, level) in out.iter_mut().zip(levels) {
                *weight *= level.unwrap_or(matte.otherwise).clamp(0.0, 1.0);
            }
        }
    }

    pub(crate) fn are_steady(&self, frames: &Range<u32>, members: &Range<usize>) -> bool {
        self.fade.as_ref().is_none_or(|fade| fade.steady(frames).is_some())
            && self.mattes.iter().all(|matte| matte.level.are_steady(frames, members))
    }

    pub(crate) fn fingerprint(
        &self,
        frames: &Range<u32>,
        members: &Range<usize>,
        to: &mut Fingerprint,
    ) {
        to.integer(self.mattes.len() as u64);
        match &self.fade {
            Some(fade) => fade.fingerprint(frames, to),
            None => to.integer(u64::MAX),
        }
        for matte in &self.mattes {
            matte.level.fingerprint(0, frames, members, to);
            to.number(matte.otherwise);
        }
    }
}
