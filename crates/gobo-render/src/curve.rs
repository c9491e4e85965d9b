//! What a cue writes, as closed functions of time: constants, ramps and repeating curves.

mod tint;

use std::f64::consts::TAU;
use std::ops::Range;
use std::sync::Arc;

use gobo_show::value::{Easing, Shape};

use crate::chase::Chase;
use crate::color::fraction;
use crate::course::{Clock, Course};
use crate::easing::{ease, shape, to_and_fro};
use crate::field;
use crate::fingerprint::Fingerprint;
use crate::graph::Channel;
use crate::random;
use crate::steps::Steps;
use crate::value::Value;
use crate::vary::Varying;
use crate::wide::wide;

pub(crate) use tint::{Tint, between};

/// A function of a course's time.
pub(crate) trait Curve: Clone {
    /// What it gives.
    type Value: Value;

    /// The curve that is always this.
    fn still(value: Self::Value) -> Self;

    /// The value at a [`Course::time`], at the place `rank` of the selection.
    fn at(&self, time: f64, rank: u32) -> Self::Value;

    /// What its time counts: periods if it repeats, else how far along the course is.
    fn clock(&self) -> Clock;

    /// The value that stays when the course has ended: the exact end of what leads somewhere,
    /// the last frame of what repeats.
    fn held(&self, course: &Course, rank: u32) -> Self::Value;

    /// The value, if it never changes and is the same at every place.
    fn constant(&self) -> Option<Self::Value>;

    /// Whether places of the selection differ in it.
    fn by_rank(&self) -> bool;

    /// Whether the value only tints what is below: then [`Curve::alpha`] says how much.
    fn tints(&self) -> bool {
        false
    }

    /// How much the value takes the place of what is below, 0 to 1, at a [`Course::time`].
    fn alpha(&self, _time: f64, _rank: u32) -> f64 {
        1.0
    }

    /// Everything but the course that decides the value.
    fn fingerprint(&self, to: &mut Fingerprint);

    /// What stands for the values in some frames of the course, counted from its first, where
    /// nothing else matters there.
    fn in_frames(&self, _frames: &Range<u32>) -> Option<u128> {
        None
    }

    /// The one value in some frames of the course, counted from its first, if that is known.
    fn steady_in(&self, _frames: &Range<u32>) -> Option<Self::Value> {
        None
    }

    /// The values at a [`Course::time`], at each of `ranks`.
    fn row(&self, time: f64, ranks: &[u32], out: &mut [Self::Value]) {
        for (out, &rank) in out.iter_mut().zip(ranks) {
            *out = self.at(time, rank);
        }
    }

    /// The ramp, if it is one.
    fn ramp(&self) -> Option<&Ramp<Self::Value>> {
        None
    }

    /// Whether [`Curve::fill`] writes frames that [`Curve::at`] does not know of.
    fn fills(&self) -> bool {
        false
    }

    /// Writes the values in some frames of the course, counted from its first, all at once; false
    /// if it can only be asked frame by frame.
    fn fill(&self, _frames: &Range<u32>, _out: &mut [Option<Self::Value>]) -> bool {
        false
    }
}

/// A function of the places of heads, for all of them.
#[inline]
fn by_rank<V>(out: &mut [V], ranks: &[u32], value: impl Fn(f64) -> V) {
    wide(
        #[inline(always)]
        || {
            for (out, &rank) in out.iter_mut().zip(ranks) {
                // Places are far below the limit of a signed number, from which the way is shorter.
                *out = value(f64::from(rank.cast_signed()));
            }
        },
    );
}

/// From one value to another over the course.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Ramp<V> {
    pub(crate) from: V,
    pub(crate) to: V,
    pub(crate) easing: Easing,
}

impl<V: Value> Ramp<V> {
    fn at(&self, progress: f64) -> V {
        self.from.mix(self.to, ease(self.easing, progress))
    }

    fn fingerprint(&self, to: &mut Fingerprint) {
        self.from.fingerprint(to);
        self.to.fingerprint(to);
        to.integer(self.easing as u64);
    }
}

/// How far the places of a selection are apart in a repeating curve, in periods.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Spread {
    /// From one place to the next.
    pub(crate) step: f64,
    /// The places, if they are not in the selection's order.
    pub(crate) order: Option<Order>,
}

/// Another order of places.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Order {
    /// The last of so many comes first.
    Reversed(u32),
    /// So many in an order that is drawn from a seed.
    Drawn(u32, u64),
    /// The middle of so many comes first.
    Outward(u32),
    /// The ends of so many come first.
    Inward(u32),
}

/// How far a place is from the middle of `ranks`.
pub(crate) fn from_middle(rank: u32, ranks: u32) -> u32 {
    let (twice, last) = (u64::from(rank) * 2, u64::from(ranks.saturating_sub(1)));
    (twice.abs_diff(last) / 2) as u32
}

impl Spread {
    fn of(&self, rank: u32) -> f64 {
        let place = match self.order {
            None => rank,
            Some(Order::Reversed(ranks)) => ranks.saturating_sub(rank.saturating_add(1)),
            Some(Order::Drawn(ranks, seed)) => random::place(seed, 0, rank, ranks),
            Some(Order::Outward(ranks)) => from_middle(rank, ranks),
            Some(Order::Inward(ranks)) => {
                ranks.div_ceil(2).saturating_sub(1 + from_middle(rank, ranks))
            }
        };
        self.step * f64::from(place)
    }

    fn fingerprint(&self, to: &mut Fingerprint) {
        to.number(self.step);
        let (kind, ranks, seed) = match self.order {
            None => (0, 0, 0),
            Some(Order::Reversed(ranks)) => (1, ranks, 0),
            Some(Order::Drawn(ranks, seed)) => (2, ranks, seed),
            Some(Order::Outward(ranks)) => (3, ranks, 0),
            Some(Order::Inward(ranks)) => (4, ranks, 0),
        };
        to.integer(kind << 32 | u64::from(ranks));
        to.integer(seed);
    }
}

/// A number over time: a level, degrees, hertz, or a part of a range.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Scalar {
    Constant(f64),
    Ramp(Ramp<f64>),
    /// High for the first part of each period, `duty`.
    Strobe {
        high: f64,
        low: f64,
        duty: f64,
    },
    /// A shape that comes later from place to place; `bounce` runs every second period backwards.
    Wave {
        high: f64,
        low: f64,
        shape: Shape,
        spread: Spread,
        bounce: bool,
    },
    /// The light of a place of a chase.
    Chase(Arc<Chase>),
    /// One of the two angles of a circle: `radius` times the sine, `quarter` turns ahead.
    Circle {
        center: f64,
        radius: f64,
        spread: Spread,
        quarter: f64,
    },
    /// A value for each frame of the course: what could only be worked out step by step.
    Table(Arc<[f64]>),
    /// From `from` down to nothing, after a while at the top.
    Decay {
        from: f64,
        /// How much of the cue it stays at the top.
        hold: f64,
        /// The part of the cue at which it is down.
        end: f64,
        easing: Easing,
    },
    /// The brightness of an effect over places.
    Field(field::Shared),
    /// A curve of a look.
    Varying(Varying),
    /// What a graph works out.
    Graph(Channel),
    /// Values that change in given frames.
    Steps(Arc<Steps>),
}

impl Curve for Scalar {
    type Value = f64;

    fn still(value: f64) -> Self {
        Self::Constant(value)
    }

    fn at(&self, time: f64, rank: u32) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Ramp(ramp) => ramp.at(time),
            Self::Strobe { high, low, duty } => {
                if fraction(time) < *duty {
                    *high
                } else {
                    *low
                }
            }
            Self::Wave { high, low, shape: curve, spread, bounce } => {
                let run = if *bounce { to_and_fro(time) } else { time };
                low.mix(*high, shape(*curve, fraction(run - spread.of(rank))))
            }
            Self::Chase(chase) => chase.level(time, rank),
            Self::Circle { center, radius, spread, quarter } => {
                let turn = fraction(time - spread.of(rank) + quarter);
                center + radius * libm::sin(TAU * turn)
            }
            Self::Table(values) => {
                let frame = (time * values.len() as f64 + 0.5) as usize;
                values.get(frame).or(values.last()).copied().unwrap_or(0.0)
            }
            Self::Decay { from, hold, end, easing } => {
                let along = (time - hold) / (end - hold).max(f64::EPSILON);
                from.mix(0.0, ease(*easing, along.clamp(0.0, 1.0)))
            }
            Self::Field(field) => field.level(time, rank),
            Self::Varying(varying) => varying.at(time),
            Self::Graph(channel) => channel.number(time, rank),
            Self::Steps(steps) => steps.at(time as u32),
        }
    }

    fn clock(&self) -> Clock {
        match self {
            Self::Constant(_)
            | Self::Ramp(_)
            | Self::Table(_)
            | Self::Decay { .. }
            | Self::Graph(_) => Clock::Progress,
            Self::Field(field) => field.clock(),
            Self::Varying(varying) => varying.clock(),
            _ => Clock::Phase,
        }
    }

    fn held(&self, course: &Course, rank: u32) -> f64 {
        match self {
            Self::Constant(value) | Self::Ramp(Ramp { to: value, .. }) => *value,
            Self::Decay { .. } => 0.0,
            // What runs once has come to its end.
            Self::Field(field) if field.clock() == Clock::Progress => field.level(1.0, rank),
            Self::Varying(varying) => varying.held(course),
            _ => self.at(course.time(self.clock(), course.last()), rank),
        }
    }

    fn by_rank(&self) -> bool {
        match self {
            Self::Wave { spread, .. } | Self::Circle { spread, .. } => spread.step != 0.0,
            Self::Chase(_) | Self::Field(_) | Self::Graph(_) => true,
            _ => false,
        }
    }

    fn constant(&self) -> Option<f64> {
        if let Self::Constant(value) = self { Some(*value) } else { None }
    }

    fn fingerprint(&self, to: &mut Fingerprint) {
        match self {
            Self::Constant(value) => {
                to.integer(0);
                to.number(*value);
            }
            Self::Ramp(ramp) => {
                to.integer(1);
                ramp.fingerprint(to);
            }
            Self::Strobe { high, low, duty } => {
                to.integer(2);
                to.numbers(&[*high, *low, *duty]);
            }
            Self::Wave { high, low, shape, spread, bounce } => {
                to.integer(3);
                to.numbers(&[*high, *low]);
                to.integer(*shape as u64);
                spread.fingerprint(to);
                to.integer(u64::from(*bounce));
            }
            Self::Chase(chase) => {
                to.integer(4);
                chase.fingerprint(to);
            }
            Self::Circle { center, radius, spread, quarter } => {
                to.integer(5);
                to.numbers(&[*center, *radius, *quarter]);
                spread.fingerprint(to);
            }
            Self::Table(values) => {
                to.integer(40);
                to.numbers(values);
            }
            Self::Decay { from, hold, end, easing } => {
                to.integer(6);
                to.numbers(&[*from, *hold, *end]);
                to.integer(*easing as u64);
            }
            Self::Field(field) => {
                to.integer(7);
                field.fingerprint(to);
            }
            Self::Varying(varying) => {
                to.integer(8);
                varying.fingerprint(to);
            }
            Self::Graph(channel) => {
                to.integer(64);
                channel.fingerprint(to);
            }
            Self::Steps(steps) => {
                to.integer(41);
                to.wide(steps.in_frames(&(0..u32::MAX)));
            }
        }
    }

    fn in_frames(&self, frames: &Range<u32>) -> Option<u128> {
        match self {
            Self::Varying(varying) => varying.in_frames(frames),
            Self::Steps(steps) => Some(steps.in_frames(frames)),
            _ => None,
        }
    }

    fn steady_in(&self, frames: &Range<u32>) -> Option<f64> {
        if let Self::Steps(steps) = self { steps.steady_in(frames) } else { None }
    }

    fn row(&self, time: f64, ranks: &[u32], out: &mut [f64]) {
        match self {
            Self::Chase(chase) => chase.row(time, ranks, out),
            Self::Wave {
                high,
                low,
                shape: curve,
                spread: Spread { step, order: None },
                bounce,
            } => {
                let run = if *bounce { to_and_fro(time) } else { time };
                // As values: behind a reference, each write might change them.
                let (low, high, step) = (*low, *high, *step);
                // Told apart once, so that each is a loop of its own.
                macro_rules! each {
                    ($($shape:ident)*) => {
                        match curve {
                            $(Shape::$shape => by_rank(
                                out,
                                ranks,
                                #[inline(always)]
                                move |rank| {
                                    let at = fraction(run - step * rank);
                                    low.mix(high, shape(Shape::$shape, at))
                                },
                            ),)*
                        }
                    };
                }
                each!(Sine Triangle Saw Square Decay);
            }
            _ => {
                for (out, &rank) in out.iter_mut().zip(ranks) {
                    *out = self.at(time, rank);
                }
            }
        }
    }

    fn ramp(&self) -> Option<&Ramp<f64>> {
        if let Self::Ramp(ramp) = self { Some(ramp) } else { None }
    }

    fn fills(&self) -> bool {
        matches!(self, Self::Steps(_))
    }

    fn fill(&self, frames: &Range<u32>, out: &mut [Option<f64>]) -> bool {
        let Self::Steps(steps) = self else { return false };
        steps.fill(frames, out);
        true
    }
}
