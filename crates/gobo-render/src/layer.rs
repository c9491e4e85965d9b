//! The pieces of one layer, and when they show.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use crate::blend::Mode;
use crate::course::{Course, Times};
use crate::curve::{Curve, Scalar};
use crate::piece::{Own, Piece, Write};
use crate::value::Value;
use crate::veil::Veil;

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
pub(crate) struct Layer<C: Curve> {
    /// The layer, and which of its sheets.
    pub(crate) sheet: u32,
    pub(crate) mode: Mode,
    /// What it shows as much as; `None` is all of it.
    pub(crate) veil: Option<Arc<Veil>>,
    pieces: Vec<Piece<C>>,
    /// When they show; `None` while the layer is being built.
    spans: Option<Arc<Spans>>,
    /// Pieces that hold until the next write: indices into `pieces`.
    holding: Vec<usize>,
}

impl Layer<Scalar> {
    /// The layer alone, as what others show as much as.
    pub(crate) fn alone(&self) -> Self {
        Self { mode: Mode::Replace, veil: None, ..self.clone() }
    }
}

impl<C: Curve> Layer<C> {
    pub(crate) fn new(sheet: u32, mode: Mode, veil: Option<Arc<Veil>>) -> Self {
        Self { sheet, mode, veil, pieces: Vec::new(), spans: None, holding: Vec::new() }
    }

    /// The same for some of its heads.
    pub(crate) fn subset(&self, members: &[usize]) -> Self {
        Self {
            sheet: self.sheet,
            mode: self.mode,
            veil: self.veil.as_ref().map(|veil| Arc::new(veil.subset(members))),
            pieces: self.pieces.iter().map(|piece| piece.subset(members)).collect(),
            spans: self.spans.clone(),
            holding: self.holding.clone(),
        }
    }

    /// Whether all heads show the same in `frames`.
    pub(crate) fn is_uniform(&self, frames: &Range<u32>) -> bool {
        self.visible(frames).all(Piece::is_uniform)
            && self.veil.as_ref().is_none_or(|veil| veil.is_uniform(frames))
    }

    /// Whether it is laid over what is below piece by piece.
    pub(crate) fn covers(&self) -> bool {
        self.veil.is_none() && matches!(self.mode, Mode::Replace | Mode::Latest)
    }

    /// Lays the pieces of a layer that goes by time among its own.
    pub(crate) fn merge(&mut self, latest: Self) {
        self.pieces.extend(latest.pieces);
        self.pieces.sort_by_key(|piece| piece.start);
    }

    /// Ends what held until this write, and adds it.
    pub(crate) fn push(&mut self, piece: Piece<C>) {
        let (start, faded_in) = (piece.start, piece.write.course.faded_in());
        let (pieces, returns) = (&mut self.pieces, piece.write.course.returns);
        self.holding.retain(|&index| {
            if returns {
                return true;
            }
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

    /// Ends what shows when a release starts.
    pub(crate) fn release(&mut self, release: &Arc<Course>) {
        self.holding.clear();
        self.pieces.iter_mut().for_each(|piece| piece.release(release));
    }

    /// The pieces whose values are there before they start, where heads are dark: their places,
    /// each with the frame before which nothing of its may show.
    pub(crate) fn marked(&self) -> Vec<(usize, u32)> {
        let marked = self.pieces.iter().enumerate().filter(|(_, piece)| piece.write.course.marks);
        let floor = |(at, piece): (usize, &Piece<C>)| {
            let before = self.pieces[..at].iter().map(|before| before.write.course.end);
            (at, before.filter(|&end| end <= piece.start).max().unwrap_or(0))
        };
        marked.map(floor).collect()
    }

    /// Shows the first value of a piece from `dark` on.
    pub(crate) fn show_early(&mut self, at: usize, dark: u32) {
        let piece = &self.pieces[at];
        if dark >= piece.start {
            return;
        }
        let mut course = Course::of_frames(dark..piece.start);
        (course.place, course.is_early) = (piece.write.course.place.clone(), true);
        let course = Arc::new(course);
        // Only heads alone are marked.
        let write = Write::new(&course, C::still(piece.first(0)), false, piece.write.of(0).rest);
        let until = piece.write.course.faded_in().max(piece.start);
        let early = Piece {
            write: Arc::new(write),
            sheet: piece.sheet,
            start: dark,
            ranks: Arc::clone(&piece.ranks),
            until,
            released: piece.released.clone(),
        };
        self.pieces.push(early);
    }

    /// Puts pieces that were added in their places.
    pub(crate) fn sort(&mut self) {
        self.pieces.sort_by_key(|piece| piece.start);
    }

    pub(crate) fn starts(&self, at: usize) -> u32 {
        self.pieces[at].start
    }

    pub(crate) fn seal(&mut self, known: &mut KnownSpans) {
        self.holding = Vec::new();
        let starts = self.pieces.iter().map(|piece| piece.start).collect();
        let reach = self.pieces.iter().scan(0, |most, piece| {
            *most = piece.until.max(*most);
            Some(*most)
        });
        self.spans = Some(known.share(Spans { starts, reach: reach.collect() }));
    }

    /// The pieces that may show in `frames`, from the last that hides the others on.
    pub(crate) fn visible(&self, frames: &Range<u32>) -> impl Iterator<Item = &Piece<C>> {
        let near = match &self.spans {
            Some(spans) => spans.near(frames),
            None => 0..self.pieces.partition_point(|piece| piece.start < frames.end),
        };
        let pieces = &self.pieces[near];
        let hiding = pieces.iter().rposition(|piece| piece.hides(frames)).unwrap_or(0);
        pieces[hiding..].iter().filter(|piece| piece.until > frames.start.max(piece.start))
    }

    /// Lays the layer over what is below.
    pub(crate) fn replace(
        &self,
        frames: &Range<u32>,
        member: usize,
        out: &mut [Option<C::Value>],
        rest: Option<C::Value>,
        times: &mut Times,
    ) {
        for piece in self.visible(frames) {
            piece.over(frames, member, out, piece.write.of(member).rest.or(rest), times);
        }
    }

    /// What the layer adds to what is below, to `out` which is empty.
    pub(crate) fn add(
        &self,
        frames: &Range<u32>,
        member: usize,
        out: &mut [Option<C::Value>],
        times: &mut Times,
    ) {
        for piece in self.visible(frames) {
            piece.over(frames, member, out, Some(C::Value::ZERO), times);
        }
    }

    /// What the layer has of its own in `frames`, to `out` which is empty.
    pub(crate) fn own(
        &self,
        frames: &Range<u32>,
        member: usize,
        out: &mut [Option<Own<C::Value>>],
        times: &mut Times,
    ) {
        self.visible(frames).for_each(|piece| piece.cover(frames, member, out, times));
    }

    /// Whether what it has of its own on some heads, and how much of it shows, are the same in all
    /// of `frames`.
    pub(crate) fn are_steady(&self, frames: &Range<u32>, members: &Range<usize>) -> bool {
        let veil = self.veil.as_ref();
        self.visible(frames).all(|piece| piece.hides(frames) && piece.are_steady(frames, members))
            && veil.is_none_or(|veil| veil.are_steady(frames, members))
    }

    pub(crate) fn hides(&self, frames: &Range<u32>) -> bool {
        self.covers() && self.visible(frames).next().is_some_and(|piece| piece.hides(frames))
    }
}
