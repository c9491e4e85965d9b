//! A closed piece of time in which one cue writes one attribute of one head.

use std::ops::Range;
use std::sync::Arc;

use crate::course::{Course, Times};
use crate::curve::Curve;
use crate::fingerprint::Fingerprint;
use crate::value::Value;

/// What a cue writes to an attribute: a curve, then what is held of it. Heads for which it is the
/// same share it.
#[derive(Clone, Debug)]
pub(crate) struct Write<C: Curve> {
    pub(crate) course: Arc<Course>,
    curve: C,
    pub(crate) holds: bool,
    /// What it fades from and to where nothing is below; `None` takes the track's.
    pub(crate) rest: Option<C::Value>,
    /// Stands for all of it but when it starts.
    stamp: u128,
}

impl<C: Curve> Write<C> {
    pub(crate) fn new(course: &Arc<Course>, curve: C, holds: bool, rest: Option<C::Value>) -> Self {
        let mut hash = Fingerprint::new();
        course.fingerprint(&mut hash);
        curve.fingerprint(&mut hash);
        if let Some(rest) = rest {
            rest.fingerprint(&mut hash);
        }
        Self { course: Arc::clone(course), curve, holds, rest, stamp: hash.digest() }
    }

    /// Whether this writes `curve` in the same way and at the same time.
    pub(crate) fn is(&self, course: &Arc<Course>, curve: &C, rest: Option<C::Value>) -> bool
    where
        C: PartialEq,
    {
        Arc::ptr_eq(&self.course, course) && self.rest == rest && self.curve == *curve
    }
}

/// A closed piece of time that writes a value.
#[derive(Clone, Debug)]
pub(crate) struct Piece<C: Curve> {
    pub(crate) write: Arc<Write<C>>,
    /// Where it was laid down; pieces that go by time may lie in a layer below.
    pub(crate) sheet: u32,
    /// The first frame: the course's, close at hand to be searched by.
    pub(crate) start: u32,
    /// The head's place in the cue's selection.
    pub(crate) rank: u32,
    /// The frame after the last in which it shows.
    pub(crate) until: u32,
    /// The release that it fades out over, if one ends it.
    pub(crate) released: Option<Arc<Course>>,
}

impl<C: Curve> Piece<C> {
    /// Whether nothing below shows through in any of `frames`.
    pub(crate) fn hides(&self, frames: &Range<u32>) -> bool {
        self.start <= frames.start
            && self.until >= frames.end
            && self.is_full(frames.start, frames.end - 1)
    }

    /// How much it weighs over what it fades from and to, 0 to 1.
    fn weight(&self, frame: u32) -> f64 {
        let Write { course, curve, .. } = &*self.write;
        let own = match curve.tints() {
            true => {
                let time = course.time(curve.clock(), frame.min(course.last()));
                course.weight(frame) * curve.alpha(time, self.rank)
            }
            false => course.weight(frame),
        };
        match &self.released {
            Some(release) if frame >= release.start => own * (1.0 - release.weight(frame)),
            _ => own,
        }
    }

    fn is_full(&self, first: u32, last: u32) -> bool {
        let held = self.released.as_ref().is_none_or(|release| last < release.start);
        held && !self.write.curve.tints() && self.write.course.is_full(first, last)
    }

    /// Ends it over a release that starts while it shows.
    pub(crate) fn release(&mut self, release: &Arc<Course>) {
        if self.start <= release.start && self.until > release.start {
            self.until = self.until.min(release.faded_in());
            self.released.get_or_insert_with(|| Arc::clone(release));
        }
    }

    /// The value in the first frame.
    pub(crate) fn first(&self) -> C::Value {
        let Write { course, curve, .. } = &*self.write;
        curve.at(course.time(curve.clock(), self.start), self.rank)
    }

    fn held(&self) -> C::Value {
        self.write.curve.held(&self.write.course, self.rank)
    }

    /// The one value that the piece has over `frames`, if it does.
    pub(crate) fn steady(&self, frames: &Range<u32>) -> Option<C::Value> {
        let curve = &self.write.curve;
        let steady = || {
            let within = self.start <= frames.start;
            within.then(|| curve.steady_in(&self.since(frames))).flatten()
        };
        curve
            .constant()
            .or_else(steady)
            .or_else(|| (frames.start >= self.write.course.end).then(|| self.held()))
    }

    /// Frames, none before its first, counted from that.
    fn since(&self, frames: &Range<u32>) -> Range<u32> {
        frames.start - self.start..frames.end - self.start
    }

    /// The part of `frames` in which it shows.
    fn within(&self, frames: &Range<u32>) -> Range<u32> {
        self.start.max(frames.start)..self.until.min(frames.end)
    }

    /// Lays the piece over `out`, the values in `frames`; `rest` is what it fades from and to
    /// where nothing is below.
    pub(crate) fn over(
        &self,
        frames: &Range<u32>,
        out: &mut [Option<C::Value>],
        rest: Option<C::Value>,
        times: &mut Times,
    ) {
        let within = self.within(frames);
        if within.is_empty() {
            return;
        }
        let Write { course, curve, .. } = &*self.write;
        let first = (within.start - frames.start) as usize;
        let out = &mut out[first..first + within.len()];
        let full = self.is_full(within.start, within.end - 1);
        if let (true, Some(value)) = (full, self.steady(&within)) {
            out.fill(Some(value));
            return;
        }
        if full && within.end <= course.end && curve.fill(&self.since(&within), out) {
            return;
        }
        let held = (within.end > course.end).then(|| self.held());
        let times = &times.of(course, curve.clock(), frames)[first..];
        for ((frame, out), &time) in within.zip(out).zip(times) {
            let value = match held {
                Some(held) if frame >= course.end => held,
                _ => curve.at(time, self.rank),
            };
            let below = if full { value } else { out.or(rest).unwrap_or(value) };
            *out = Some(if full { value } else { below.mix(value, self.weight(frame)) });
        }
    }

    /// Lays the piece over what its layer has of its own in `frames`, apart from what is below.
    pub(crate) fn cover(
        &self,
        frames: &Range<u32>,
        out: &mut [Option<Own<C::Value>>],
        times: &mut Times,
    ) {
        let within = self.within(frames);
        if within.is_empty() {
            return;
        }
        let Write { course, curve, rest, .. } = &*self.write;
        let first = (within.start - frames.start) as usize;
        let out = &mut out[first..first + within.len()];
        let held = (within.end > course.end).then(|| self.held());
        let times = &times.of(course, curve.clock(), frames)[first..];
        for ((frame, out), &time) in within.zip(out).zip(times) {
            let value = match held {
                Some(held) if frame >= course.end => held,
                _ => curve.at(time, self.rank),
            };
            let weight = self.weight(frame);
            let below = out.filter(|below| below.cover > 0.0 && weight < 1.0);
            *out = Some(match below {
                None => Own { value, cover: weight, rest: *rest },
                Some(below) => {
                    let cover = weight + below.cover * (1.0 - weight);
                    let value = below.value.mix(value, weight / cover);
                    Own { value, cover, rest: below.rest }
                }
            });
        }
    }

    /// All that decides the piece in `frames`, relative to their start.
    pub(crate) fn fingerprint(&self, frames: &Range<u32>, to: &mut Fingerprint) {
        let within = self.within(frames);
        let (first, end) = (within.start - frames.start, within.end - frames.start);
        to.integer(u64::from(first) << 32 | u64::from(end));
        let full = self.is_full(within.start, within.end - 1);
        let since = self.since(&within);
        let values = || self.write.curve.in_frames(&since);
        match (self.steady(&within), full.then(values).flatten()) {
            (Some(value), _) if full => {
                to.integer(0);
                value.fingerprint(to);
            }
            (None, Some(values)) => {
                to.integer(1);
                to.wide(values);
            }
            _ => {
                // How far the cue is along in the first frame, and whose place it is.
                let along = i64::from(frames.start) - i64::from(self.start);
                to.integer(along as u64);
                to.wide(self.write.stamp);
                to.integer(u64::from(self.rank));
                if let Some(release) = &self.released {
                    let along = i64::from(frames.start) - i64::from(release.start);
                    to.integer(along as u64);
                    release.fingerprint(to);
                }
            }
        }
    }
}

/// What a layer has of its own in a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Own<V> {
    pub(crate) value: V,
    /// How much of it there is, 0 to 1.
    pub(crate) cover: f64,
    /// What stands in for what is below where that is nothing.
    pub(crate) rest: Option<V>,
}
