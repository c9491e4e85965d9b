//! One attribute over the show, of one head or of all that are written alike: the pieces that
//! write it, layer over layer.

use std::ops::Range;
use std::sync::Arc;

use crate::blend::{Limits, Mode};
use crate::course::{Course, Times};
use crate::curve::Curve;
use crate::fingerprint::Fingerprint;
use crate::layer::{KnownSpans, Layer};
use crate::piece::{Own, Piece};
use crate::stack::SHEETS;
use crate::value::Value;
use crate::veil::Veil;

pub(crate) use crate::piece::{Write, Written};

/// What a layer writes last in a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writer<'a> {
    pub(crate) course: &'a Arc<Course>,
    /// Whether its value may change there.
    pub(crate) moves: bool,
    /// Whether nothing below it shows.
    hides: bool,
}

/// All layers of an attribute of the heads of a bundle.
#[derive(Clone, Debug)]
pub(crate) struct Track<C: Curve> {
    pub(crate) layers: Vec<Layer<C>>,
    /// The value where nothing writes, for fades and sums that need one.
    pub(crate) rest: Option<C::Value>,
    pub(crate) limits: Limits,
}

/// Where a write goes: a sheet of a layer, how that goes over what is below, and how much of it
/// shows.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    /// The layer, and which of its sheets; rising with the stack.
    pub(crate) number: u32,
    pub(crate) mode: Mode,
    pub(crate) veil: Option<Arc<Veil>>,
}

/// Room to work in, kept from track to track.
#[derive(Debug)]
pub(crate) struct Room<V> {
    sums: Vec<Option<V>>,
    owns: Vec<Option<Own<V>>>,
    weights: Vec<f64>,
}

impl<V> Default for Room<V> {
    fn default() -> Self {
        Self { sums: Vec::new(), owns: Vec::new(), weights: Vec::new() }
    }
}

impl<C: Curve> Track<C> {
    pub(crate) fn new(rest: Option<C::Value>, limits: Limits) -> Self {
        Self { layers: Vec::new(), rest, limits }
    }

    /// One layer alone, over `rest`.
    pub(crate) fn alone(layer: Layer<C>, rest: C::Value) -> Self {
        Self { layers: vec![layer], rest: Some(rest), limits: Limits::default() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// The same for some of its heads.
    pub(crate) fn subset(&self, members: &[usize]) -> Self {
        let layers = self.layers.iter().map(|layer| layer.subset(members)).collect();
        Self { layers, rest: self.rest, limits: self.limits }
    }

    /// Whether all heads show the same in `frames`.
    pub(crate) fn is_uniform(&self, frames: &Range<u32>) -> bool {
        self.showing(frames).iter().all(|layer| layer.is_uniform(frames))
    }

    /// The same over another rest.
    pub(crate) fn over(self, rest: C::Value) -> Self {
        Self { rest: Some(rest), ..self }
    }

    /// Adds a write, with the place of each head in its selection; sheets from the lowest, and in
    /// each by start.
    pub(crate) fn push(&mut self, sheet: &Sheet, write: Write<C>, ranks: &Arc<[u32]>) {
        if self.layers.last().is_none_or(|last| last.sheet != sheet.number) {
            self.layers.push(Layer::new(sheet.number, sheet.mode, sheet.veil.clone()));
        }
        let until = if write.holds { u32::MAX } else { write.course.end };
        if let Some(last) = self.layers.last_mut() {
            let start = write.course.start;
            let sheet = sheet.number;
            last.push(Piece {
                write: Arc::new(write),
                sheet,
                start,
                ranks: Arc::clone(ranks),
                until,
                released: None,
            });
        }
    }

    /// Ends what a sheet shows when a release starts.
    pub(crate) fn release(&mut self, sheet: u32, release: &Arc<Course>) {
        let layer = self.layers.iter_mut().find(|layer| layer.sheet == sheet);
        layer.into_iter().for_each(|layer| layer.release(release));
    }

    /// Ends building: nothing is pushed after it.
    pub(crate) fn seal(&mut self, known: &mut KnownSpans) {
        let mut stack: Vec<Layer<C>> = Vec::with_capacity(self.layers.len());
        for layer in self.layers.drain(..) {
            match stack.last_mut() {
                Some(below) if layer.mode == Mode::Latest && below.covers() => below.merge(layer),
                _ => stack.push(layer),
            }
        }
        self.layers = stack;
        self.layers.iter_mut().for_each(|layer| layer.seal(known));
    }

    /// What a fade of a sheet that starts at `frame` starts from: what shows there by then, or
    /// what the sheet has of its own if that is no more than a part of what shows.
    pub(crate) fn before(&self, sheet: &Sheet, frame: u32, member: usize) -> Option<C::Value> {
        let frames = frame..frame.saturating_add(1);
        let mut out = [None];
        if !matches!(sheet.mode, Mode::Replace | Mode::Latest) {
            let own = self.layers.last().filter(|last| last.sheet == sheet.number);
            if let Some(own) = own {
                own.add(&frames, member, &mut out, &mut Times::default());
            }
            if out[0].is_some() || sheet.mode.starts_from_nothing() {
                return out[0].or(Some(C::Value::ZERO));
            }
        }
        self.fill(&frames, member, &mut out, &mut Room::default(), &mut Times::default());
        out[0].or(self.rest)
    }

    /// What each layer writes in a frame, topmost first.
    pub(crate) fn writers(&self, frame: u32) -> impl Iterator<Item = Option<Writer<'_>>> {
        let frames = frame..frame.saturating_add(1);
        self.layers.iter().rev().map(move |layer| {
            let piece = layer.visible(&frames).last()?;
            let moves = piece.write.of(0).curve.constant().is_none() || !piece.hides(&frames);
            Some(Writer { course: &piece.write.course, moves, hides: layer.hides(&frames) })
        })
    }

    /// What writes the value in a frame and may change it.
    pub(crate) fn mover(&self, frame: u32) -> Option<Writer<'_>> {
        self.writers(frame).flatten().find(|writer| writer.moves || writer.hides)
    }

    /// What the topmost layer that goes over to another cue at a frame, and is to be seen, writes
    /// before and then.
    pub(crate) fn takeover(&self, frame: u32) -> Option<[Option<Writer<'_>>; 2]> {
        let mut hidden = false;
        let pairs = self.writers(frame - 1).zip(self.writers(frame));
        let seen = pairs.map(|(before, now)| [before, now]).take_while(|pair| {
            let hides = pair.iter().all(|one| one.is_some_and(|one| one.hides));
            !std::mem::replace(&mut hidden, hides)
        });
        let courses =
            |pair: &[Option<Writer<'_>>; 2]| pair.map(|one| one.map(|one| Arc::as_ptr(one.course)));
        seen.map(|pair| (courses(&pair), pair))
            .find(|([before, now], _)| before != now)
            .map(|(_, pair)| pair)
    }

    /// The value that a layer, an index into the show's, held until `frame`, if a release ended it
    /// there and nothing of the layer starts in its place.
    pub(crate) fn released(&self, layer: u32, member: usize, frame: u32) -> Option<C::Value> {
        let last = frame.checked_sub(1)?;
        let of_layer = |piece: &&Piece<C>| piece.sheet / SHEETS == layer;
        let pieces = |frames: Range<u32>| {
            self.layers.iter().flat_map(move |layer| layer.visible(&frames).collect::<Vec<_>>())
        };
        if pieces(frame..frame + 1).filter(of_layer).any(|piece| piece.start == frame) {
            return None;
        }
        let ended =
            |piece: &&Piece<C>| piece.released.as_ref().is_some_and(|end| end.start == frame);
        pieces(last..frame).filter(of_layer).find(ended)?;
        let mut out = [None];
        self.fill(&(last..frame), member, &mut out, &mut Room::default(), &mut Times::default());
        out[0]
    }

    /// The layers that show in `frames`.
    pub(crate) fn showing(&self, frames: &Range<u32>) -> &[Layer<C>] {
        // Nothing is below the lowest, whether it hides it or not.
        let above = self.layers.get(1..).unwrap_or_default();
        let hiding = above.iter().rposition(|layer| layer.hides(frames));
        &self.layers[hiding.map_or(0, |above| above + 1)..]
    }

    /// The values in `frames`, `None` where nothing writes.
    pub(crate) fn fill(
        &self,
        frames: &Range<u32>,
        member: usize,
        out: &mut [Option<C::Value>],
        room: &mut Room<C::Value>,
        times: &mut Times,
    ) {
        out.fill(None);
        for layer in self.showing(frames) {
            if layer.covers() {
                layer.replace(frames, member, out, self.rest, times);
                continue;
            }
            room.weights.clear();
            if let Some(veil) = &layer.veil {
                veil.fill(frames, member, &mut room.weights, times);
            }
            if layer.mode.starts_from_nothing() {
                self.scaled(layer, (frames, member), out, room, times);
            } else {
                self.blended(layer, (frames, member), out, room, times);
            }
        }
    }

    /// Lays a layer over `out` whose fades come from nothing of its own.
    fn scaled(
        &self,
        layer: &Layer<C>,
        (frames, member): (&Range<u32>, usize),
        out: &mut [Option<C::Value>],
        room: &mut Room<C::Value>,
        times: &mut Times,
    ) {
        let Room { sums, weights, .. } = room;
        sums.clear();
        sums.resize(out.len(), None);
        layer.add(frames, member, sums, times);
        for (at, (out, sum)) in out.iter_mut().zip(sums.iter()).enumerate() {
            let weight = weights.get(at).copied().unwrap_or(1.0);
            let Some(sum) = sum.filter(|_| weight > 0.0) else { continue };
            let below = out.or(self.rest).unwrap_or(C::Value::ZERO);
            *out = Some(if layer.mode == Mode::Highest {
                below.apply(layer.mode, C::Value::ZERO.mix(sum, weight), self.limits)
            } else {
                below.toward(below.apply(layer.mode, sum, self.limits), weight)
            });
        }
    }

    /// Lays a layer over `out` whose fades come from what is below.
    fn blended(
        &self,
        layer: &Layer<C>,
        (frames, member): (&Range<u32>, usize),
        out: &mut [Option<C::Value>],
        room: &mut Room<C::Value>,
        times: &mut Times,
    ) {
        let Room { owns, weights, .. } = room;
        owns.clear();
        owns.resize(out.len(), None);
        layer.own(frames, member, owns, times);
        for (at, (out, own)) in out.iter_mut().zip(owns.iter()).enumerate() {
            let Some(own) = own else { continue };
            let weight = own.cover * weights.get(at).copied().unwrap_or(1.0);
            if weight <= 0.0 {
                continue;
            }
            let nothing = match layer.mode {
                Mode::Replace | Mode::Latest => own.value,
                _ => C::Value::ZERO,
            };
            let below = match (*out, layer.mode) {
                (Some(below), _) => below,
                (None, Mode::Factor) => C::Value::ONE,
                (None, _) => own.rest.or(self.rest).unwrap_or(nothing),
            };
            *out = Some(below.toward(below.apply(layer.mode, own.value, self.limits), weight));
        }
    }

    /// Whether the value of each of some heads is the same in all of `frames`.
    pub(crate) fn are_steady(&self, frames: &Range<u32>, members: &Range<usize>) -> bool {
        self.showing(frames).iter().all(|layer| layer.are_steady(frames, members))
    }

    /// All that decides the values of some heads in `frames`, relative to their start, after `name`. A track
    /// without a piece in these frames leaves no trace, so that what is written elsewhere in the
    /// show does not touch a key.
    pub(crate) fn fingerprint(
        &self,
        name: u64,
        frames: &Range<u32>,
        members: &Range<usize>,
        to: &mut Fingerprint,
    ) {
        let mut named = false;
        for layer in self.showing(frames) {
            let mut begun = false;
            for piece in layer.visible(frames) {
                if !named {
                    to.integer(name);
                    named = true;
                }
                if !begun {
                    to.integer(u64::MAX - 2 - layer.mode as u64);
                    if let Some(veil) = &layer.veil {
                        veil.fingerprint(frames, members, to);
                    }
                    begun = true;
                }
                // What a piece lies over decides it here even where it is all there.
                piece.fingerprint(frames, members, !layer.covers(), to);
            }
        }
        if named {
            to.integer(u64::MAX - 1);
        }
    }
}
