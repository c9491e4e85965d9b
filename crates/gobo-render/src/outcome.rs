//! What a cue writes on the heads of a bundle, gathered before it goes to their tracks.

use std::cell::Cell;
use std::sync::Arc;

use crate::attribute::Attribute;
use crate::course::Course;
use crate::curve::{Curve, Scalar, Tint};
use crate::heads::HeadTracks;
use crate::stack::LaidSheet;
use crate::track::{Write, Written};

/// What a cue writes on one head.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) colors: Vec<OfHead<(), Tint>>,
    /// By attribute, each with what it rests at.
    pub(crate) scalars: Vec<OfHead<(Attribute, f64), Scalar>>,
    /// What it was worked out from.
    pub(crate) reads: Cell<Reads>,
}

/// What showed before a cue, as far as the cue goes by it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Reads {
    pub(crate) color: bool,
    pub(crate) dimmer: bool,
    pub(crate) others: bool,
}

impl Reads {
    /// Whether it is the same on all heads of a bundle in a frame.
    pub(crate) fn are_uniform(self, tracks: &HeadTracks, frame: u32) -> bool {
        let frames = frame..frame.saturating_add(1);
        let read = |attribute| match attribute {
            Attribute::Dimmer => self.dimmer,
            _ => self.others,
        };
        let mut scalars = tracks.scalars.iter().filter(|(attribute, _)| read(*attribute));
        (!self.color || tracks.color.is_uniform(&frames))
            && scalars.all(|(_, track)| track.is_uniform(&frames))
    }
}

/// One write on one head.
pub(crate) struct OfHead<A, C: Curve> {
    pub(crate) attribute: A,
    pub(crate) course: Arc<Course>,
    pub(crate) written: Written<C>,
    /// The head's place in the cue's selection.
    pub(crate) rank: u32,
}

impl<A: PartialEq, C: Curve> OfHead<A, C> {
    /// Whether both can be pieces of one track.
    fn is_like(&self, other: &Self) -> bool {
        self.attribute == other.attribute
            && self.written.curve.tints() == other.written.curve.tints()
            && (Arc::ptr_eq(&self.course, &other.course) || self.course == other.course)
    }
}

impl Outcome {
    /// Notes what it is worked out from.
    pub(crate) fn read(&self, note: impl FnOnce(&mut Reads)) {
        let mut reads = self.reads.get();
        note(&mut reads);
        self.reads.set(reads);
    }

    /// Whether both are of the same form: the same attributes at the same time.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        fn all<A: PartialEq, C: Curve>(one: &[OfHead<A, C>], other: &[OfHead<A, C>]) -> bool {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| a.is_like(b))
        }
        all(&self.colors, &other.colors) && all(&self.scalars, &other.scalars)
    }

    /// Writes what is of one form to the tracks of the bundle: for each head its own, or one for
    /// `alike`, the places of all.
    pub(crate) fn write(
        outcomes: Vec<Self>,
        sheet: &LaidSheet<'_>,
        holds: bool,
        alike: Option<&Arc<[u32]>>,
        tracks: &mut HeadTracks,
    ) {
        let (colors, scalars): (Vec<_>, Vec<_>) =
            outcomes.into_iter().map(|outcome| (outcome.colors, outcome.scalars)).unzip();
        for (_, write, ranks) in joined(colors, holds, alike) {
            tracks.color.push(&sheet.for_color(), write, &ranks);
        }
        for ((attribute, rest), write, ranks) in joined(scalars, holds, alike) {
            let sheet = sheet.for_scalar(attribute);
            tracks.scalar_mut(attribute, rest).push(&sheet, write, &ranks);
        }
    }
}

/// The writes of all heads, those at the same place of each list joined.
fn joined<A, C: Curve>(
    heads: Vec<Vec<OfHead<A, C>>>,
    holds: bool,
    alike: Option<&Arc<[u32]>>,
) -> Vec<(A, Write<C>, Arc<[u32]>)> {
    let mut lists: Vec<_> = heads.into_iter().map(Vec::into_iter).collect();
    let mut writes = Vec::new();
    loop {
        let at: Vec<_> = lists.iter_mut().filter_map(Iterator::next).collect();
        let (mut own, mut ranks) = (Vec::with_capacity(at.len()), Vec::with_capacity(at.len()));
        let mut first = None;
        for OfHead { attribute, course, written, rank } in at {
            own.push(written);
            ranks.push(rank);
            first.get_or_insert((attribute, course));
        }
        let Some((attribute, course)) = first else { return writes };
        let ranks = alike.map_or_else(|| ranks.into(), Arc::clone);
        writes.push((attribute, Write::of_each(&course, holds, own), ranks));
    }
}
