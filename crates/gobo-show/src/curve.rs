//! Values that vary, over time and over the places of a selection: what a look may give in place
//! of a constant.

pub mod color;
pub mod fan;
mod number;
pub mod source;
mod table;

use serde::Serialize;

pub use color::TintedValue;
pub(crate) use fan::FanSource;
pub use fan::{Fan, FanShape};
pub(crate) use number::Controlled;
pub use number::Varies;
pub use source::{AudioLevel, BeatEnvelope};
pub(crate) use table::rows;

use crate::decode::choice;
use crate::value::{Amount, Color, Easing, Shape, Span};

/// A number that varies: `form` goes from 0 to 1, and the value with it from `low` to `high`.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Curve {
    /// The value at 0.
    pub low: Fan<Amount>,
    /// The value at 1.
    pub high: Fan<Amount>,
    /// The course.
    pub form: Form,
}

/// The course of a [`Curve`].
#[derive(Clone, PartialEq, Debug, Serialize)]
pub enum Form {
    /// Always 0: what varies is `low`, from place to place.
    Still,
    /// From 0 to 1, over a length from the cue's start or else over the cue.
    Ramp {
        /// The length; the cue's when `None`.
        over: Option<Span>,
        /// The way between.
        easing: Easing,
    },
    /// Through points; these are values themselves, and `low` and `high` say nothing.
    Points {
        /// The points, by time.
        points: Vec<Point>,
        /// How often they repeat; `None` holds the last.
        every: Option<Span>,
    },
    /// A shape that repeats from the cue's start on.
    Wave {
        /// The shape.
        shape: Shape,
        /// Whether it runs backwards: a saw that rises.
        backwards: bool,
        /// The part of a square that is high, 0 to 1.
        duty: f64,
        /// One period.
        every: Span,
        /// Periods by which each place is ahead.
        phase: Fan<f64>,
        /// Periods that the selection shows at once; later places come later.
        spread: f64,
    },
    /// Smooth randomness.
    Noise {
        /// How it is made.
        kind: NoiseKind,
        /// From one random value to the next.
        every: Span,
        /// Layers, each twice as fast and half as strong as the one before: 1 to 8.
        octaves: u32,
        /// How far neighbouring places are apart: 0 all the same, 1 each its own.
        spread: f64,
        /// What it is drawn from, besides the cue's seed.
        seed: u64,
    },
    /// A pulse on every beat.
    Envelope(BeatEnvelope),
    /// How loud the song is.
    Audio(AudioLevel),
    /// How far the song is along its section.
    Section {
        /// The way between.
        easing: Easing,
    },
}

/// A point of [`Form::Points`].
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Point {
    /// When.
    pub at: PointTime,
    /// The value there.
    pub value: Amount,
    /// The way to it from the point before.
    pub easing: Easing,
}

/// When a point is.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub enum PointTime {
    /// So long after the cue's start, or the period's.
    After(Span),
    /// A part of the cue, or of the period, 0 to 1.
    Part(f64),
}

/// How [`Form::Noise`] is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub enum NoiseKind {
    /// Random slopes at even times, and a smooth way between (as Perlin's): wanders evenly.
    #[default]
    Gradient,
    /// Random values at even times, and a smooth way between: reaches its ends more often.
    Value,
}

choice! { NoiseKind, "noise kind":
    Gradient = "gradient", "Random slopes and a smooth way between, as Perlin's: wanders evenly.";
    Value = "value", "Random values and a smooth way between: reaches its ends more often.";
}

/// A colour that varies.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub enum Tinted {
    /// From place to place.
    Fan(Fan<Color>),
    /// Through colours, evenly spaced from 0 to 1, as a curve says.
    Gradient {
        /// The colours.
        colors: Vec<Color>,
        /// Where between them.
        by: Curve,
    },
    /// The hues of the colour circle.
    Rainbow {
        /// One turn.
        every: Span,
        /// Turns that the selection shows at once.
        spread: f64,
        /// Saturation, 0 to 1.
        saturation: f64,
    },
}

impl Curve {
    /// Whether it changes over time, and so needs time to run in.
    pub fn runs(&self) -> bool {
        self.form != Form::Still
    }

    /// Every value that it names.
    pub fn values(&self) -> impl Iterator<Item = Amount> + '_ {
        let points = match &self.form {
            Form::Points { points, .. } => points.as_slice(),
            _ => &[],
        };
        let ends = self.low.values.iter().chain(&self.high.values).copied();
        let none = if points.is_empty() { usize::MAX } else { 0 };
        ends.take(none).chain(points.iter().map(|point| point.value))
    }
}

impl Tinted {
    /// Whether it changes over time.
    pub fn runs(&self) -> bool {
        match self {
            Self::Fan(_) => false,
            Self::Gradient { by, .. } => by.runs(),
            Self::Rainbow { .. } => true,
        }
    }
}
