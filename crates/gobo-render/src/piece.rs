//! A closed piece of time in which one cue writes one attribute of one head.

use std::ops::Range;
use std::sync::Arc;

use crate::course::{Course, Times};
use crate::curve::Curve;
use crate::fingerprint::Fingerprint;
use crate::value::Value;

/// What a cue writes to an attribute of the heads of a bundle: a curve, then what is held of it.
#[derive(Clone, Debug)]
pub(crate) struct Write<C: Curve> {
    pub(crate) course: Arc<Course>,
    pub(crate) holds: bool,
    /// One for all heads, or one for each.
    own: Box<[Written<C>]>,
}

/// What is written on one head, or on all alike.
#[derive(Clone, Debug)]
pub(crate) struct Written<C: Curve> {
    pub(crate) curve: C,
    /// What it fades from and to where nothing is below; `None` takes the track's.
    pub(crate) rest: Option<C::Value>,
    /// Stands for all of it, its course too, but when it starts and whose place it is.
    stamp: u128,
}

impl<C: Curve> Written<C> {
    pub(crate) fn new(course: &Course, curve: C, rest: Option<C::Value>) -> Self {
        let mut hash = Fingerprint::new();
        course.fingerprint(&mut hash);
        curve.fingerprint(&mut hash);
        if let Some(rest) = rest {
            rest.fingerprint(&mut hash);
        }
        Self { curve, rest, stamp: hash.digest() }
    }
}

impl<C: Curve> Write<C> {
    /// The same on all heads.
    pub(crate) fn new(course: &Arc<Course>, curve: C, holds: bool, rest: Option<C::Value>) -> Self {
        let own = Box::new([Written::new(course, curve, rest)]);
        Self { course: Arc::clone(course), holds, own }
    }

    /// On each head what is its own; at least one.
    pub(crate) fn of_each(course: &Arc<Course>, holds: bool, mut own: Vec<Written<C>>) -> Self {
        if own.iter().all(|one| one.stamp == own[0].stamp) {
            own.truncate(1);
        }
        Self { course: Arc::clone(course), holds, own: own.into() }
    }

    /// What is written on a head of the bundle.
    pub(crate) fn of(&self, member: usize) -> &Written<C> {
        self.own.get(member).unwrap_or(&self.own[0])
    }

    /// Whether it is the same on all heads, but for their places.
    pub(crate) fn is_shared(&self) -> bool {
        self.own.len() == 1
    }
}

/// A closed piece of time that writes a value on the heads of a bundle.
#[derive(Clone, Debug)]
pub(crate) struct Piece<C: Curve> {
    pub(crate) write: Arc<Write<C>>,
    /// Where it was laid down; pieces that go by time may lie in a layer below.
    pub(crate) sheet: u32,
    /// The first frame: the course's, close at hand to be searched by.
    pub(crate) start: u32,
    /// The place of each head in the cue's selection.
    pub(crate) ranks: Arc<[u32]>,
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

    pub(crate) fn rank(&self, member: usize) -> u32 {
        self.ranks.get(member).copied().unwrap_or_default()
    }

    /// The same for some of its heads.
    pub(crate) fn subset(&self, members: &[usize]) -> Self {
        let ranks = members.iter().map(|&member| self.rank(member)).collect();
        let write = match self.write.is_shared() {
            true => Arc::clone(&self.write),
            false => {
                let own = members.iter().map(|&member| self.write.of(member).clone()).collect();
                Arc::new(Write { own, ..(*self.write).clone() })
            }
        };
        Self { write, ranks, ..self.clone() }
    }

    /// How much it weighs over what it fades from and to, 0 to 1.
    pub(crate) fn weight(&self, frame: u32, member: usize) -> f64 {
        let (course, curve) = (&self.write.course, &self.write.of(member).curve);
        let own = match curve.tints() {
            true => {
                let time = course.time(curve.clock(), frame.min(course.last()));
                course.weight(frame) * curve.alpha(time, self.rank(member))
            }
            false => course.weight(frame),
        };
        match &self.released {
            Some(release) if frame >= release.start => own * (1.0 - release.weight(frame)),
            _ => own,
        }
    }

    pub(crate) fn is_full(&self, first: u32, last: u32) -> bool {
        let held = self.released.as_ref().is_none_or(|release| last < release.start);
        held && !self.write.own[0].curve.tints() && self.write.course.is_full(first, last)
    }

    /// Ends it over a release that starts while it shows.
    pub(crate) fn release(&mut self, release: &Arc<Course>) {
        if self.start <= release.start && self.until > release.start {
            self.until = self.until.min(release.faded_in());
            self.released.get_or_insert_with(|| Arc::clone(release));
        }
    }

    /// The value in the first frame.
    pub(crate) fn first(&self, member: usize) -> C::Value {
        let (course, curve) = (&self.write.course, &self.write.of(member).curve);
        curve.at(course.time(curve.clock(), self.start), self.rank(member))
    }

    fn held(&self, member: usize) -> C::Value {
        self.write.of(member).curve.held(&self.write.course, self.rank(member))
    }

    /// The one value that the piece has over `frames`, if it does.
    pub(crate) fn steady(&self, frames: &Range<u32>, member: usize) -> Option<C::Value> {
        let curve = &self.write.of(member).curve;
        let steady = || {
            let within = self.start <= frames.start;
            within.then(|| curve.steady_in(&self.since(frames))).flatten()
        };
        curve
            .constant()
            .or_else(steady)
            .or_else(|| (frames.start >= self.write.course.end).then(|| self.held(member)))
    }

    /// Whether each of some heads has one value over `frames`.
    pub(crate) fn are_steady(&self, frames: &Range<u32>, members: &Range<usize>) -> bool {
        let mut told =
            if self.write.is_shared() { members.start..members.start + 1 } else { members.clone() };
        told.all(|member| self.steady(frames, member).is_some())
    }

    /// Whether all heads show the same.
    pub(crate) fn is_uniform(&self) -> bool {
        self.write.is_shared() && !self.write.own[0].curve.by_rank()
    }

    /// Frames, none before its first, counted from that.
    fn since(&self, frames: &Range<u32>) -> Range<u32> {
        frames.start - self.start..frames.end - self.start
    }

    /// The part of `frames` in which it shows.
    pub(crate) fn within(&self, frames: &Range<u32>) -> Range<u32> {
        self.start.max(frames.start)..self.until.min(frames.end)
    }

    /// Lays the piece over `out`, the values in `frames`; `rest` is what it fades from and to
    /// where nothing is below.
    pub(crate) fn over(
        &self,
        frames: &Range<u32>,
        member: usize,
        out: &mut [Option<C::Value>],
        rest: Option<C::Value>,
        times: &mut Times,
    ) {
        let within = self.within(frames);
        if within.is_empty() {
            return;
        }
        let (course, curve) = (&self.write.course, &self.write.of(member).curve);
        let first = (within.start - frames.start) as usize;
        let out = &mut out[first..first + within.len()];
        let full = self.is_full(within.start, within.end - 1);
        if let (true, Some(value)) = (full, self.steady(&within, member)) {
            out.fill(Some(value));
            return;
        }
        if full && within.end <= course.end && curve.fill(&self.since(&within), out) {
            return;
        }
        let start = times.meter.now();
        let held = (within.end > course.end).then(|| self.held(member));
        let rank = self.rank(member);
        let course_times = &times.of(course, curve.clock(), frames)[first..];
        for ((frame, out), &time) in within.zip(out).zip(course_times) {
            let value = match held {
                Some(held) if frame >= course.end => held,
                _ => curve.at(time, rank),
            };
            let below = if full { value } else { out.or(rest).unwrap_or(value) };
            *out = Some(if full { value } else { below.mix(value, self.weight(frame, member)) });
        }
        times.meter.spend(course, start);
    }

    /// Lays the piece over what its layer has of its own in `frames`, apart from what is below.
    pub(crate) fn cover(
        &self,
        frames: &Range<u32>,
        member: usize,
        out: &mut [Option<Own<C::Value>>],
        times: &mut Times,
    ) {
        let within = self.within(frames);
        if within.is_empty() {
            return;
        }
        let (course, own) = (&self.write.course, self.write.of(member));
        let Written { curve, rest, .. } = own;
        let start = times.meter.now();
        let first = (within.start - frames.start) as usize;
        let out = &mut out[first..first + within.len()];
        let held = (within.end > course.end).then(|| self.held(member));
        let rank = self.rank(member);
        let course_times = &times.of(course, curve.clock(), frames)[first..];
        for ((frame, out), &time) in within.zip(out).zip(course_times) {
            let value = match held {
                Some(held) if frame >= course.end => held,
                _ => curve.at(time, rank),
            };
            let weight = self.weight(frame, member);
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
        times.meter.spend(course, start);
    }

    /// All that decides the piece in `frames`, relative to their start, on some of its heads;
    /// with what it fades from and to where `rests` says that this decides it as well.
    pub(crate) fn fingerprint(
        &self,
        frames: &Range<u32>,
        members: &Range<usize>,
        rests: bool,
        to: &mut Fingerprint,
    ) {
        let within = self.within(frames);
        let (first, end) = (within.start - frames.start, within.end - frames.start);
        to.integer(u64::from(first) << 32 | u64::from(end));
        // Most heads of a bundle differ in their places only.
        let is_over = within.start >= self.write.course.end;
        let is_own = !self.write.is_shared() || is_over && self.write.own[0].curve.by_rank();
        let told = if is_own { members.clone() } else { members.start..members.start + 1 };
        to.integer(told.len() as u64);
        let full = self.is_full(within.start, within.end - 1);
        let (mut runs, mut by_rank) = (false, false);
        for member in told {
            let own = self.write.of(member);
            let values = || own.curve.in_frames(&self.since(&within));
            match (self.steady(&within, member), full.then(values).flatten()) {
                (Some(value), _) if full => {
                    to.integer(0);
                    value.fingerprint(to);
                }
                (None, Some(values)) => {
                    to.integer(1);
                    to.wide(values);
                }
                _ => {
                    to.wide(own.stamp);
                    runs = true;
                    by_rank |= own.curve.by_rank();
                }
            }
            if let Some(rest) = own.rest.filter(|_| rests) {
                rest.fingerprint(to);
            }
        }
        if by_rank {
            to.places(&self.ranks, members);
        }
        if runs {
            self.fingerprint_times(frames, to);
        }
    }

    /// How far the cue, and what releases it, are along in the first of `frames`.
    fn fingerprint_times(&self, frames: &Range<u32>, to: &mut Fingerprint) {
        let along = |start| (i64::from(frames.start) - i64::from(start)) as u64;
        to.integer(along(self.start));
        if let Some(release) = &self.released {
            to.integer(along(release.start));
            release.fingerprint(to);
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
