//! Values in the field's terms, as cues say them and as rendering takes them.

mod aim;
mod color;
mod css;
mod mixing;
mod number;
mod span;
pub(crate) mod written;

use serde::Serialize;

use crate::decode::choice;

pub use aim::Angles;
pub use color::ColorError;
pub use number::{
    Angle, BarLength, Bend, ChannelValue, Extent, Frequency, Gain, Hertz, Metres, Moment, Octaves,
    Part, Pulses, Radius, Reach, Seconds, StrobeRate, Tail, Tempo, TravelTime, TurnSpeed, Turns,
    Weight, Width,
};
pub(crate) use span::LONGEST;
pub use span::{Every, Shift, SpanError};

/// What refers to an argument of a pattern, in schemas.
pub(crate) const ARGUMENT_PATTERN: &str = r"^\$";

/// A level from 0 (dark) to 1 (full). Typed as `0.8` or `80%`.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Default, Serialize)]
pub struct Level(pub f64);

/// A colour as linear light, each part 0 to 1 of what its emitter gives: `#ff8800` is
/// (1, 136/255, 0).
///
/// A part is proportional to the DMX level that it becomes, unless the fixture has a dimmer curve
/// and dims by its emitters. Colours picked on a screen, which encodes them with a gamma, look
/// the same when written as `srgb(255, 136, 0)`.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct Color {
    /// Red, 0 to 1.
    pub red: f64,
    /// Green, 0 to 1.
    pub green: f64,
    /// Blue, 0 to 1.
    pub blue: f64,
}

/// A length of time that may follow the song: `1.5s`, `2 beats`, `4 bars`.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub enum Span {
    /// Seconds.
    Seconds(f64),
    /// Beats of the song's grid.
    Beats(f64),
    /// Bars of the song's grid.
    Bars(f64),
}

/// How often something repeats: `every: "1 beat"`, or `every: "4 Hz"` (its period).
pub type Period = Span;

/// Where a head points.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub enum Aim {
    /// Pan and tilt in degrees; 0 is the middle of the head's range.
    Angles {
        /// Pan; `None` leaves it.
        pan_deg: Option<f64>,
        /// Tilt; `None` leaves it.
        tilt_deg: Option<f64>,
    },
    /// A point of the room in metres (x right, y to the back, z up), such as a POI.
    Point([f64; 3]),
}

/// The course of a change from 0 to 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub enum Easing {
    /// Even.
    #[default]
    Linear,
    /// Slow start (cubic).
    In,
    /// Slow end (cubic).
    Out,
    /// Slow at both ends (cubic).
    InOut,
    /// Slow start (sine).
    SineIn,
    /// Slow end (sine).
    SineOut,
    /// Slow at both ends (sine).
    SineInOut,
    /// Slow start (square).
    QuadIn,
    /// Slow end (square).
    QuadOut,
    /// Slow at both ends (square).
    QuadInOut,
    /// Very slow start (2 to the power of 10).
    ExpoIn,
    /// Very slow end (2 to the power of 10).
    ExpoOut,
    /// Very slow at both ends (2 to the power of 10).
    ExpoInOut,
    /// The start value until the end, then the end value.
    Step,
}

/// One period of a repeating curve.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub enum Shape {
    /// Smooth, low at the start and the end, high in the middle.
    #[default]
    Sine,
    /// Straight up, straight down.
    Triangle,
    /// Jumps high, falls straight.
    Saw,
    /// High for the first half, low for the second.
    Square,
    /// Jumps high, dies away: e^(-8t).
    Decay,
}

/// The way an effect runs along a selection.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub enum Direction {
    /// First to last.
    #[default]
    Forward,
    /// Last to first.
    Backward,
    /// To the end and back.
    Bounce,
    /// In an order drawn from the cue's seed, new each time round.
    Random,
    /// From the middle to both ends.
    Outward,
    /// From both ends to the middle.
    Inward,
}

/// How much of a beam parameter.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub enum Amount {
    /// Of the fixture's range, 0 to 1.
    Fraction(f64),
    /// In the parameter's own unit (zoom degrees, hertz).
    Physical(f64),
}

choice! { Easing, "easing":
    Linear = "linear", "Even.";
    In = "in", "Slow start.";
    Out = "out", "Slow end.";
    InOut = "in_out", "Slow at both ends.";
    SineIn = "sine_in", "Gently slow start.";
    SineOut = "sine_out", "Gently slow end.";
    SineInOut = "sine_in_out", "Gently slow at both ends.";
    QuadIn = "quad_in", "Slow start, as a square.";
    QuadOut = "quad_out", "Slow end, as a square.";
    QuadInOut = "quad_in_out", "Slow at both ends, as a square.";
    ExpoIn = "expo_in", "Very slow start.";
    ExpoOut = "expo_out", "Very slow end.";
    ExpoInOut = "expo_in_out", "Very slow at both ends.";
    Step = "step", "The start value until the end, then the end value.";
}

choice! { Shape, "shape":
    Sine = "sine", "Smooth, high in the middle.";
    Triangle = "triangle", "Straight up, straight down.";
    Saw = "saw", "Jumps high, falls straight.";
    Square = "square", "High for the first half, low for the second.";
    Decay = "decay", "Jumps high and dies away: e^(-8t).";
}

choice! { Direction, "direction":
    Forward = "forward", "First to last.";
    Backward = "backward", "Last to first.";
    Bounce = "bounce", "To the end and back.";
    Random = "random", "In an order drawn from the seed, new each time round.";
    Outward = "outward", "From the middle to both ends.";
    Inward = "inward", "From both ends to the middle.";
}
