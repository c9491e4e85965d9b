//! One attribute of one head over the show: the pieces that write it, layer over layer.

use std::ops::Range;
use std::sync::Arc;

use gobo_show::show::Blend;

use crate::course::Course;
use crate::curve::Curve;
use crate::fingerprint::Fingerprint;
use crate::value::Value;

/// A closed piece of time that writes a value: a curve, then what is held of it.
#[derive(Clone, Debug)]
pub(crate) struct Piece<C: Curve> {
    pub(crate) course: Arc<Course>,
    pub(crate) curve: C,
    /// The value from the course's end on.
    held: C::Value,
    /// The frame after the last in which it shows.
    until: u32,
    /// What it fades from and to where nothing is below.
    rest: Option<C::Value>,
}

impl<C: Curve> Piece<C> {
    fn covers(&self, frames: &Range<u32>) -> bool {
        self.course.start <= frames.start && self.until >= frames.end
    }

    /// Whether nothing below shows through in any of `frames`.
    fn hides(&self, frames: &Range<u32>) -> bool {
        self.covers(frames) && self.course.is_full(frames.start, frames.end - 1)
    }

    /// The one value that the piece has over `frames`, if it does.
    fn steady(&self, frames: &Range<u32>) -> Option<C::Value> {
        let held = (frames.start >= self.course.end).then_some(self.held);
        held.or_else(|| self.curve.constant())
    }

    fn at(&self, frame: u32) -> C::Value {
        if frame < self.course.end { self.curve.at(&self.course, frame) } else { self.held }
    }

    /// Lays the piece over `out`, the values in `frames`.
    fn over(&self, frames: &Range<u32>, out: &mut [Option<C::Value>]) {
        let first = self.course.start.max(frames.start);
        let end = self.until.min(frames.end);
        if first >= end {
            return;
        }
        let out = &mut out[(first - frames.start) as usize..(end - frames.start) as usize];
        let full = self.course.is_full(first, end - 1);
        if let (true, Some(value)) = (full, self.steady(&(first..end))) {
            out.fill(Some(value));
        } else if full {
            (first..end).zip(out).for_each(|(frame, out)| *out = Some(self.at(frame)));
        } else {
            for (frame, out) in (first..end).zip(out) {
                let value = self.at(frame);
                let below = out.or(self.rest).unwrap_or(value);
                *out = Some(below.mix(value, self.course.weight(frame)));
            }
        }
    }

    /// All that decides the piece in `frames`, relative to their start.
    fn fingerprint(&self, frames: &Range<u32>, to: &mut Fingerprint) {
        let first = self.course.start.max(frames.start);
        let end = self.until.min(frames.end);
        to.integer(u64::from(first - frames.start) << 32 | u64::from(end - frames.start));
        match self.steady(&(first..end)) {
            Some(value) if self.course.is_full(first, end - 1) => {
                to.integer(0);
                value.fingerprint(to);
            }
            _ => {
                to.integer(1);
                self.course.fingerprint(first, end, to);
                self.curve.fingerprint(to);
                self.held.fingerprint(to);
                if let Some(rest) = self.rest {
                    rest.fingerprint(to);
                }
            }
        }
    }
}

/// The pieces of one layer, by start.
#[derive(Clone, Debug)]
struct Layer<C: Curve> {
    layer: u32,
    blend: Blend,
    pieces: Vec<Piece<C>>,
    /// The highest `until` of the pieces up to each.
    reach: Vec<u32>,
    /// Pieces that hold until the next write: indices into `pieces`.
    holding: Vec<usize>,
}

impl<C: Curve> Layer<C> {
    fn new(layer: u32, blend: Blend) -> Self {
        Self { layer, blend, pieces: Vec::new(), reach: Vec::new(), holding: Vec::new() }
    }

    /// Ends what held until this write, and adds it.
    fn push(&mut self, piece: Piece<C>, holds: bool) {
        let (start, faded_in) = (piece.course.start, piece.course.faded_in());
        let pieces = &mut self.pieces;
        self.holding.retain(|&index| {
            let ended = pieces[index].course.end <= start;
            if ended {
                pieces[index].until = faded_in.min(piece.until);
            }
            !ended
        });
        if holds {
            self.holding.push(self.pieces.len());
        }
        self.pieces.push(piece);
    }

    fn seal(&mut self) {
        self.holding = Vec::new();
        let reach = self.pieces.iter().scan(0, |most, piece| {
            *most = piece.until.max(*most);
            Some(*most)
        });
        self.reach = reach.collect();
    }

    /// The pieces that may show in `frames`, from the last that hides the others on.
    fn visible(&self, frames: &Range<u32>) -> impl Iterator<Item = &Piece<C>> {
        // While the layer is being built, reach is empty and nothing is skipped.
        let first = self.reach.partition_point(|&until| until <= frames.start);
        let end = self.pieces.partition_point(|piece| piece.course.start < frames.end);
        let pieces = &self.pieces[first.min(end)..end];
        let hiding = pieces.iter().rposition(|piece| piece.hides(frames)).unwrap_or(0);
        pieces[hiding..].iter().filter(|piece| piece.until > frames.start.max(piece.course.start))
    }

    fn hides(&self, frames: &Range<u32>) -> bool {
        self.blend == Blend::Replace
            && self.visible(frames).next().is_some_and(|piece| piece.hides(frames))
    }
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

/// A write of a cue to a track.
#[derive(Clone, Debug)]
pub(crate) struct Write<C: Curve> {
    pub(crate) course: Arc<Course>,
    pub(crate) curve: C,
    pub(crate) holds: bool,
    /// What it fades from where nothing is below; `None` takes the track's.
    pub(crate) rest: Option<C::Value>,
}

impl<C: Curve> Track<C> {
    pub(crate) fn new(rest: Option<C::Value>, ceiling: f64) -> Self {
        Self { layers: Vec::new(), rest, ceiling }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// Adds a write; layers from the lowest, and in each by start.
    pub(crate) fn push(&mut self, layer: u32, blend: Blend, write: Write<C>) {
        if self.layers.last().is_none_or(|last| last.layer != layer) {
            self.layers.push(Layer::new(layer, blend));
        }
        let rest = match blend {
            Blend::Replace => write.rest.or(self.rest),
            Blend::Add => Some(C::Value::ZERO),
        };
        let held = write.curve.held(&write.course);
        let until = if write.holds { u32::MAX } else { write.course.end };
        if let Some(last) = self.layers.last_mut() {
            let Write { course, curve, holds, .. } = write;
            last.push(Piece { course, curve, held, until, rest }, holds);
        }
    }

    /// Ends building: nothing is pushed after it.
    pub(crate) fn seal(&mut self) {
        self.layers.iter_mut().for_each(Layer::seal);
    }

    /// What a fade of `layer` that starts at `frame` starts from: what shows there by then, or
    /// for an adding layer what it adds.
    pub(crate) fn before(&self, layer: u32, blend: Blend, frame: u32) -> Option<C::Value> {
        let frames = frame..frame.saturating_add(1);
        let mut out = [None];
        match (blend, self.layers.last()) {
            (Blend::Replace, _) => {
                self.fill(&frames, &mut out, &mut Vec::new());
                out[0].or(self.rest)
            }
            (Blend::Add, Some(last)) if last.layer == layer => {
                last.visible(&frames).for_each(|piece| piece.over(&frames, &mut out));
                out[0].or(Some(C::Value::ZERO))
            }
            (Blend::Add, _) => Some(C::Value::ZERO),
        }
    }

    /// The layers that show in `frames`.
    fn showing(&self, frames: &Range<u32>) -> &[Layer<C>] {
        let hiding = self.layers.iter().rposition(|layer| layer.hides(frames)).unwrap_or(0);
        &self.layers[hiding..]
    }

    /// The values in `frames`, `None` where nothing writes; `sum` is room to work in.
    pub(crate) fn fill(
        &self,
        frames: &Range<u32>,
        out: &mut [Option<C::Value>],
        sum: &mut Vec<Option<C::Value>>,
    ) {
        out.fill(None);
        for layer in self.showing(frames) {
            if layer.blend == Blend::Replace {
                layer.visible(frames).for_each(|piece| piece.over(frames, out));
                continue;
            }
            sum.clear();
            sum.resize(out.len(), None);
            layer.visible(frames).for_each(|piece| piece.over(frames, sum));
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

    /// Whether anything writes in `frames`.
    pub(crate) fn shows(&self, frames: &Range<u32>) -> bool {
        self.layers.iter().any(|layer| layer.visible(frames).next().is_some())
    }

    /// All that decides the values in `frames`, relative to their start.
    pub(crate) fn fingerprint(&self, frames: &Range<u32>, to: &mut Fingerprint) {
        for layer in self.showing(frames) {
            let mut pieces = layer.visible(frames).peekable();
            if pieces.peek().is_some() {
                to.integer(2 + layer.blend as u64);
                pieces.for_each(|piece| piece.fingerprint(frames, to));
            }
        }
        // Ends the track: what follows is another's.
        to.integer(u64::MAX);
    }
}
