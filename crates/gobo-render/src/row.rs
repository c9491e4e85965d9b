//! The values of many heads of a bundle at once, a frame at a time: what a track gives where its
//! layers cover or add to each other. The arithmetic is that of [`Track::fill`], to the bit.

use std::ops::Range;

use gobo_show::value::Easing;

use crate::blend::{Limits, Mode};
use crate::course::Times;
use crate::curve::Curve;
use crate::easing::ease;
use crate::layer::Layer;
use crate::piece::Piece;
use crate::track::Track;
use crate::value::Value;
use crate::wide::wide;

/// A track over the frames of a cell, ready to be asked frame by frame.
pub(crate) struct Rows<'a, C: Curve> {
    track: &'a Track<C>,
    layers: Vec<LayerRows<'a, C>>,
    /// Whether all heads show the same: then one stands for all.
    pub(crate) is_uniform: bool,
}

struct LayerRows<'a, C: Curve> {
    mode: Mode,
    covers: bool,
    pieces: Vec<PieceRows<'a, C>>,
}

/// A piece over the frames of a cell.
struct PieceRows<'a, C: Curve> {
    piece: &'a Piece<C>,
    /// The frames of the cell in which it shows.
    within: Range<usize>,
    /// Whether nothing below shows through in any of them.
    is_full: bool,
    is_uniform: bool,
    /// Its times in the cell's [`Times`].
    times: usize,
    /// For each head, its place in the cue's selection; only the first where all show the same.
    ranks: Vec<u32>,
    /// What each head shows when the effect is over, or one value for all; empty if it is not over
    /// in any of the frames.
    held: Vec<C::Value>,
    /// The ramps of heads that each have their own, if all take the same course.
    ramps: Option<(Easing, Vec<[C::Value; 2]>)>,
}

impl<C: Curve> Track<C> {
    /// The track over `frames` for some heads; `None` where its layers do more than cover or add,
    /// and heads have to be looked at one by one.
    pub(crate) fn rows<'a>(
        &'a self,
        frames: &Range<u32>,
        members: &[usize],
        times: &mut Times,
    ) -> Option<Rows<'a, C>> {
        let mut layers = Vec::new();
        for layer in self.showing(frames) {
            let plain = layer.covers() || layer.mode.starts_from_nothing();
            if !plain || layer.veil.is_some() {
                return None;
            }
            layers.push(LayerRows::new(layer, frames, members, times)?);
        }
        let is_uniform =
            layers.iter().all(|layer| layer.pieces.iter().all(|piece| piece.is_uniform));
        Some(Rows { track: self, layers, is_uniform })
    }
}

impl<'a, C: Curve> LayerRows<'a, C> {
    fn new(
        layer: &'a Layer<C>,
        frames: &Range<u32>,
        members: &[usize],
        times: &mut Times,
    ) -> Option<Self> {
        let mut pieces = Vec::new();
        for piece in layer.visible(frames) {
            let shows = piece.within(frames);
            if shows.is_empty() {
                continue;
            }
            let (course, curve) = (&piece.write.course, &piece.write.of(0).curve);
            if curve.tints() || curve.fills() {
                return None;
            }
            let is_uniform = piece.is_uniform();
            let each = if is_uniform { &members[..1] } else { members };
            let ranks: Vec<u32> = each.iter().map(|&member| piece.rank(member)).collect();
            let held = |(&member, &rank)| piece.write.of(member).curve.held(course, rank);
            pieces.push(PieceRows {
                piece,
                is_full: piece.is_full(shows.start, shows.end - 1),
                within: (shows.start - frames.start) as usize..(shows.end - frames.start) as usize,
                is_uniform,
                times: times.index(course, curve.clock(), frames),
                ramps: (!piece.write.is_shared()).then(|| ramps(piece, members)).flatten(),
                held: match shows.end > course.end {
                    true => each.iter().zip(&ranks).map(held).collect(),
                    false => Vec::new(),
                },
                ranks,
            });
        }
        Some(Self { mode: layer.mode, covers: layer.covers(), pieces })
    }
}

/// The ends of the ramps of heads, if all of them ramp in the same way.
fn ramps<C: Curve>(piece: &Piece<C>, members: &[usize]) -> Option<(Easing, Vec<[C::Value; 2]>)> {
    let ramp = |&member: &usize| piece.write.of(member).curve.ramp();
    let easing = ramp(members.first()?)?.easing;
    let ends = |member| ramp(member).filter(|ramp| ramp.easing == easing);
    let ends = members.iter().map(|member| ends(member).map(|ramp| [ramp.from, ramp.to]));
    Some((easing, ends.collect::<Option<_>>()?))
}

/// Room to work in.
#[derive(Debug)]
pub(crate) struct RowRoom<V> {
    values: Vec<V>,
    sums: Vec<V>,
}

impl<V> Default for RowRoom<V> {
    fn default() -> Self {
        Self { values: Vec::new(), sums: Vec::new() }
    }
}

/// Which frame of which cell is asked for, and for which heads.
#[derive(Clone, Copy)]
pub(crate) struct Moment<'a> {
    /// The frame, counted from the cell's first.
    pub(crate) at: usize,
    /// The frame, counted from the show's first.
    pub(crate) frame: u32,
    pub(crate) members: &'a [usize],
    pub(crate) times: &'a Times,
}

impl<C: Curve> Rows<'_, C> {
    /// The values in a frame, to `out`, one for each head or one for all if they are uniform;
    /// false if nothing writes them.
    pub(crate) fn row(
        &self,
        now: Moment<'_>,
        out: &mut Vec<C::Value>,
        room: &mut RowRoom<C::Value>,
    ) -> bool {
        let count = if self.is_uniform { 1 } else { now.members.len() };
        out.resize(count, C::Value::ZERO);
        let rest = self.track.rest;
        let mut written = false;
        for layer in &self.layers {
            if layer.covers {
                for piece in &layer.pieces {
                    written |= piece.over(now, out, &mut room.values, written, Below::Rest(rest));
                }
                continue;
            }
            room.sums.resize(count, C::Value::ZERO);
            let mut adds = false;
            for piece in &layer.pieces {
                adds |= piece.over(now, &mut room.sums, &mut room.values, adds, Below::Nothing);
            }
            if !adds {
                continue;
            }
            if !written {
                out.fill(rest.unwrap_or(C::Value::ZERO));
            }
            let limits = self.track.limits;
            match layer.mode {
                // Known beforehand, it is a loop without branches.
                Mode::Add => wide(
                    #[inline(always)]
                    || lay(out, &room.sums, Mode::Add, limits),
                ),
                mode => lay(out, &room.sums, mode, limits),
            }
            written = true;
        }
        written
    }
}

/// Puts a row over what is below.
#[inline(always)]
fn lay<V: Value>(below: &mut [V], top: &[V], mode: Mode, limits: Limits) {
    for (below, top) in below.iter_mut().zip(top) {
        *below = below.apply(mode, *top, limits);
    }
}

/// What a piece fades from and to where nothing is below.
#[derive(Clone, Copy)]
enum Below<V> {
    /// Its own rest, or the track's, or itself.
    Rest(Option<V>),
    Nothing,
}

impl<C: Curve> PieceRows<'_, C> {
    /// Lays the piece over a row of which something is `written`; whether it shows.
    fn over(
        &self,
        now: Moment<'_>,
        out: &mut [C::Value],
        values: &mut Vec<C::Value>,
        written: bool,
        rest: Below<C::Value>,
    ) -> bool {
        if !self.within.contains(&now.at) {
            return false;
        }
        let start = now.times.meter.now();
        if self.is_full {
            self.values(now, out);
            now.times.meter.spend(&self.piece.write.course, start);
            return true;
        }
        values.resize(out.len(), C::Value::ZERO);
        self.values(now, values);
        let weight = self.piece.weight(now.frame, 0);
        for ((out, &value), at) in out.iter_mut().zip(values.iter()).zip(0..) {
            let below = match rest {
                _ if written => *out,
                Below::Nothing => C::Value::ZERO,
                Below::Rest(rest) => {
                    let own = self.piece.write.of(now.members[at]).rest;
                    own.or(rest).unwrap_or(value)
                }
            };
            *out = below.mix(value, weight);
        }
        now.times.meter.spend(&self.piece.write.course, start);
        true
    }

    /// The piece's own values in a frame.
    fn values(&self, now: Moment<'_>, out: &mut [C::Value]) {
        let write = &self.piece.write;
        let is_held = now.frame >= write.course.end;
        let time = now.times.at(self.times)[now.at];
        match (is_held, self.is_uniform) {
            (true, true) => out.fill(self.held[0]),
            (true, false) => out.copy_from_slice(&self.held),
            (false, true) => out.fill(write.of(0).curve.at(time, self.ranks[0])),
            (false, false) if write.is_shared() => write.of(0).curve.row(time, &self.ranks, out),
            (false, false) if let Some((easing, ramps)) = &self.ramps => {
                let along = ease(*easing, time);
                wide(
                    #[inline(always)]
                    || {
                        for (out, [from, to]) in out.iter_mut().zip(ramps) {
                            *out = from.mix(*to, along);
                        }
                    },
                );
            }
            (false, false) => {
                for ((out, &rank), &member) in out.iter_mut().zip(&self.ranks).zip(now.members) {
                    *out = write.of(member).curve.at(time, rank);
                }
            }
        }
    }
}
