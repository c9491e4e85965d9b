//! One attribute of one head over the show: the pieces that write it, layer over layer.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use gobo_show::show::Blend;

use crate::course::{Course, Times};
use crate::curve::Curve;
use crate::fingerprint::Fingerprint;
use crate::value::Value;

/// What a cue writes to an attribute: a curve, then what is held of it. Heads for which it is the
/// same share it.
#[derive(Clone, Debug)]
pub(crate) struct Write<C: Curve> {
    course: Arc<Course>,
    curve: C,
    holds: bool,
    /// What it fades from and to where nothing is below; `None` takes the track's.
    rest: Option<C::Value>,
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

    /// Whether this writes `curve` in the same way.
    pub(crate) fn is(&self, curve: &C, rest: Option<C::Value>) -> bool
    where
        C: PartialEq,
    {
        self.rest == rest && self.curve == *curve
    }
}

/// A closed piece of time that writes a value.
#[derive(Clone, Debug)]
struct Piece<C: Curve> {
    write: Arc<Write<C>>,
    /// The first frame: the course's, close at hand to be searched by.
    start: u32,
    /// The head's place in the cue's selection.
    rank: u32,
    /// The frame after the last in which it shows.
    until: u32,
}

impl<C: Curve> Piece<C> {
    /// Whether nothing below shows through in any of `frames`.
    fn hides(&self, frames: &Range<u32>) -> bool {
        self.start <= frames.start
            && self.until >= frames.end
            && self.write.course.is_full(frames.start, frames.end - 1)
    }

    fn held(&self) -> C::Value {
        self.write.curve.held(&self.write.course, self.rank)
    }

    /// The one value that the piece has over `frames`, if it does.
    fn steady(&self, frames: &Range<u32>) -> Option<C::Value> {
        let constant = self.write.curve.constant();
        constant.or_else(|| (frames.start >= self.write.course.end).then(|| self.held()))
    }

    /// The part of `frames` in which it shows.
    fn within(&self, frames: &Range<u32>) -> Range<u32> {
        self.start.max(frames.start)..self.until.min(frames.end)
    }

    /// Lays the piece over `out`, the values in `frames`; `rest` is what it fades from and to
    /// where nothing is below.
    fn over(
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
        let full = course.is_full(within.start, within.end - 1);
        if let (true, Some(value)) = (full, self.steady(&within)) {
            out.fill(Some(value));
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
            *out = Some(if full { value } else { below.mix(value, course.weight(frame)) });
        }
    }

    /// All that decides the piece in `frames`, relative to their start.
    fn fingerprint(&self, frames: &Range<u32>, to: &mut Fingerprint) {
        let within = self.within(frames);
        let (first, end) = (within.start - frames.start, within.end - frames.start);
        to.integer(u64::from(first) << 32 | u64::from(end));
        match self.steady(&within) {
            Some(value) if self.write.course.is_full(within.start, within.end - 1) => {
                to.integer(0);
                value.fingerprint(to);
            }
            _ => {
                // How far the cue is along in the first frame, and whose place it is.
                let along = i64::from(frames.start) - i64::from(self.start);
                to.integer(along as u64);
                to.wide(self.write.stamp);
                to.integer(u64::from(self.rank));
            }
        }
    }
}

/// When the pieces of a layer show, close together to be searched. Heads that the same cues write
/// share it.
#[derive(PartialEq, Eq, Debug)]
struct Spans {
    /// The first frame of each piece, rising.
    starts: Vec<u32>,
    /// The highest `until` of the pieces up to each.
    reach: Vec<u32>,
}

impl Spans {
    /// The pieces of which some may show in `frames`.
    fn near(&self, frames: &Range<u32>) -> Range<usize> {
        let first = self.reach.partition_point(|&until| until <= frames.start);
        let end = self.starts.partition_point(|&start| start < frames.end);
        first.min(end)..end
    }
}

/// The spans of the heads sealed last, for the next ones to share.
#[derive(Debug, Default)]
pub(crate) struct KnownSpans(VecDeque<Arc<Spans>>);

impl KnownSpans {
    /// More than the layers and attributes of most heads.
    const MOST: usize = 32;

    fn share(&mut self, spans: Spans) -> Arc<Spans> {
        if let Some(known) = self.0.iter().find(|known| ***known == spans) {
            return Arc::clone(known);
        }
        let spans = Arc::new(spans);
        self.0.truncate(Self::MOST - 1);
        self.0.push_front(Arc::clone(&spans));
        spans
    }
}

/// The pieces of one layer, by start.
#[derive(Clone, Debug)]
struct Layer<C: Curve> {
    layer: u32,
    blend: Blend,
    pieces: Vec<Piece<C>>,
    /// When they show; `None` while the layer is being built.
    spans: Option<Arc<Spans>>,
    /// Pieces that hold until the next write: indices into `pieces`.
    holding: Vec<usize>,
}

impl<C: Curve> Layer<C> {
    fn new(layer: u32, blend: Blend) -> Self {
        Self { layer, blend, pieces: Vec::new(), spans: None, holding: Vec::new() }
    }

    /// Ends what held until this write, and adds it.
    fn push(&mut self, piece: Piece<C>) {
        let (start, faded_in) = (piece.start, piece.write.course.faded_in());
        let pieces = &mut self.pieces;
        self.holding.retain(|&index| {
            let ended = pieces[index].write.course.end <= start;
            if ended {
                pieces[index].until = faded_in.min(piece.until);
            }
            !ended
        });
        if piece.write.holds {
            self.holding.push(self.pieces.len());
        }
        self.pieces.push(piece);
    }

    fn seal(&mut self, known: &mut KnownSpans) {
        self.holding = Vec::new();
        let starts = self.pieces.iter().map(|piece| piece.start).collect();
        let reach = self.pieces.iter().scan(0, |most, piece| {
            *most = piece.until.max(*most);
            Some(*most)
        });
        self.spans = Some(known.share(Spans { starts, reach: reach.collect() }));
    }

    /// The pieces that may show in `frames`, from the last that hides the others on.
    fn visible(&self, frames: &Range<u32>) -> impl Iterator<Item = &Piece<C>> {
        let near = match &self.spans {
            Some(spans) => spans.near(frames),
            None => 0..self.pieces.partition_point(|piece| piece.start < frames.end),
        };
        let pieces = &self.pieces[near];
        let hiding = pieces.iter().rposition(|piece| piece.hides(frames)).unwrap_or(0);
        pieces[hiding..].iter().filter(|piece| piece.until > frames.start.max(piece.start))
    }

    /// Lays the layer over what is below.
    fn replace(
        &self,
        frames: &Range<u32>,
        out: &mut [Option<C::Value>],
        rest: Option<C::Value>,
        times: &mut Times,
    ) {
        for piece in self.visible(frames) {
            piece.over(frames, out, piece.write.rest.or(rest), times);
        }
    }

    /// What the layer adds to what is below, to `out` which is empty.
    fn add(&self, frames: &Range<u32>, out: &mut [Option<C::Value>], times: &mut Times) {
        self.visible(frames).for_each(|piece| piece.over(frames, out, Some(C::Value::ZERO), times));
    }

    fn hides(&self, frames: &Range<u32>) -> bool {
        self.blend == Blend::Replace
            && self.visible(frames).next().is_some_and(|piece| piece.hides(frames))
    }
}

/// The topmost cue that writes an attribute.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Writer {
    pub(crate) layer: u32,
    /// The frames that its effect runs.
    pub(crate) frames: Range<u32>,
}

/// All layers of an attribute of a head.
#[derive(Clone, Debug)]
pub(crate) struct Track<C: Curve> {
    layers: Vec<Layer<C>>,
    /// The value where nothing writes, for fades and sums that need one.
    rest: Option<C::Value>,
    /// The most that sums give.
    ceiling: f64,
}

impl<C: Curve> Track<C> {
    pub(crate) fn new(rest: Option<C::Value>, ceiling: f64) -> Self {
        Self { layers: Vec::new(), rest, ceiling }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// Adds a write; layers from the lowest, and in each by start.
    pub(crate) fn push(&mut self, layer: u32, blend: Blend, write: &Arc<Write<C>>, rank: u32) {
        if self.layers.last().is_none_or(|last| last.layer != layer) {
            self.layers.push(Layer::new(layer, blend));
        }
        let until = if write.holds { u32::MAX } else { write.course.end };
        if let Some(last) = self.layers.last_mut() {
            let start = write.course.start;
            last.push(Piece { write: Arc::clone(write), start, rank, until });
        }
    }

    /// Ends building: nothing is pushed after it.
    pub(crate) fn seal(&mut self, known: &mut KnownSpans) {
        self.layers.iter_mut().for_each(|layer| layer.seal(known));
    }

    /// What a fade of `layer` that starts at `frame` starts from: what shows there by then, or
    /// for an adding layer what it adds.
    pub(crate) fn before(&self, layer: u32, blend: Blend, frame: u32) -> Option<C::Value> {
        let frames = frame..frame.saturating_add(1);
        let mut out = [None];
        match (blend, self.layers.last()) {
            (Blend::Replace, _) => {
                self.fill(&frames, &mut out, &mut Vec::new(), &mut Times::default());
                out[0].or(self.rest)
            }
            (Blend::Add, Some(last)) if last.layer == layer => {
                last.add(&frames, &mut out, &mut Times::default());
                out[0].or(Some(C::Value::ZERO))
            }
            (Blend::Add, _) => Some(C::Value::ZERO),
        }
    }

    /// Who writes the value in a frame.
    pub(crate) fn writer(&self, frame: u32) -> Option<Writer> {
        let frames = frame..frame.saturating_add(1);
        self.layers.iter().rev().find_map(|layer| {
            let course = &layer.visible(&frames).last()?.write.course;
            Some(Writer { layer: layer.layer, frames: course.start..course.end })
        })
    }

    /// The layers that show in `frames`.
    fn showing(&self, frames: &Range<u32>) -> &[Layer<C>] {
        // Nothing is below the lowest, whether it hides it or not.
        let above = self.layers.get(1..).unwrap_or_default();
        let hiding = above.iter().rposition(|layer| layer.hides(frames));
        &self.layers[hiding.map_or(0, |above| above + 1)..]
    }

    /// The values in `frames`, `None` where nothing writes; `sum` is room to work in.
    pub(crate) fn fill(
        &self,
        frames: &Range<u32>,
        out: &mut [Option<C::Value>],
        sum: &mut Vec<Option<C::Value>>,
        times: &mut Times,
    ) {
        out.fill(None);
        for layer in self.showing(frames) {
            if layer.blend == Blend::Replace {
                layer.replace(frames, out, self.rest, times);
                continue;
            }
            sum.clear();
            sum.resize(out.len(), None);
            layer.add(frames, sum, times);
            for (out, sum) in out.iter_mut().zip(sum.iter()) {
                if let Some(sum) = sum {
                    let below = out.or(self.rest).unwrap_or(C::Value::ZERO);
                    *out = Some(below.plus(*sum, self.ceiling));
                }
            }
        }
    }

    /// Whether the value is the same in all of `frames`.
    pub(crate) fn is_steady(&self, frames: &Range<u32>) -> bool {
        self.showing(frames).iter().all(|layer| {
            layer.visible(frames).all(|piece| piece.hides(frames) && piece.steady(frames).is_some())
        })
    }

    /// All that decides the values in `frames`, relative to their start, after `name`. A track
    /// without a piece in these frames leaves no trace, so that what is written elsewhere in the
    /// show does not touch a key.
    pub(crate) fn fingerprint(&self, name: u64, frames: &Range<u32>, to: &mut Fingerprint) {
        let mut named = false;
        for layer in self.showing(frames) {
            let mut begun = false;
            for piece in layer.visible(frames) {
                if !named {
                    to.integer(name);
                    named = true;
                }
                if !begun {
                    to.integer(u64::MAX - layer.blend as u64);
                    begun = true;
                }
                piece.fingerprint(frames, to);
            }
        }
        if named {
            to.integer(u64::MAX - 2);
        }
    }
}
