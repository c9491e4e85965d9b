//! What a cue does: every effect with its parameters, resolved.

use std::sync::Arc;

use serde::Serialize;

use crate::value::{Aim, Amount, Color, Direction, Easing, Level, Shape, Span};

/// Values for some attributes of a head; `None` leaves one as it is.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Look {
    /// Brightness.
    pub dimmer: Option<Level>,
    /// Colour.
    pub color: Option<Color>,
    /// Where the head points.
    pub position: Option<Aim>,
    /// Shutter strobe in hertz; 0 is an open shutter.
    pub strobe_hz: Option<f64>,
    /// Beam parameters: zoom, focus, iris, frost, prism, speed.
    pub beam: Vec<(BeamParameter, Amount)>,
    /// Gobo or other wheel slots by name: the wheel (or attribute) and its slot.
    pub wheels: Vec<(Arc<str>, Arc<str>)>,
    /// Channels by their profile key, as a fraction of the channel's range, 0 to 1.
    pub raw: Vec<(Arc<str>, f64)>,
}

/// A beam parameter with a continuous range.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub enum BeamParameter {
    /// Beam angle.
    Zoom,
    /// Focus.
    Focus,
    /// Iris opening.
    Iris,
    /// Diffusion.
    Frost,
    /// Prism: 0 out, above 0 in.
    Prism,
    /// Rotation of the prism.
    PrismRotation,
    /// Speed of pan and tilt, or of the fixture's own programs.
    Speed,
    /// White point, in kelvin when physical.
    ColorTemperature,
    /// Fog or haze output.
    Fog,
}

/// What a cue does to its selection while it runs.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub enum Effect {
    /// Holds values.
    Set(Look),
    /// Changes values evenly over the cue.
    Fade(Fade),
    /// Full at once, then down to nothing over the cue.
    Flash(Flash),
    /// On and off, hard, by the dimmer.
    Strobe(Strobe),
    /// The dimmer up and down, all together.
    Pulse(Pulse),
    /// A light that runs along the selection, step by step.
    Chase(Chase),
    /// The hues of the colour circle, spread over the selection and turning.
    Rainbow(Rainbow),
    /// A wave of brightness that runs along the selection.
    Wave(Wave),
    /// From one colour to another over the cue.
    ColorFade(ColorFade),
    /// Turns the heads to a place over the cue.
    Move(Move),
    /// Moves the beams in a circle around a place.
    Circle(Circle),
}

/// Parameters of [`Effect::Fade`].
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Fade {
    /// Where it starts; attributes not named start from what the layer shows at that time.
    pub from: Look,
    /// Where it ends.
    pub to: Look,
    /// Its course.
    pub easing: Easing,
}

/// Parameters of [`Effect::Flash`].
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Flash {
    /// The level at the start.
    pub level: Level,
    /// The colour; `None` leaves it.
    pub color: Option<Color>,
    /// The course of the decay.
    pub easing: Easing,
}

/// Parameters of [`Effect::Strobe`].
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Strobe {
    /// One flash and one dark.
    pub every: Span,
    /// The part of it that is lit, 0 to 1.
    pub duty: f64,
    /// The level when lit.
    pub high: Level,
    /// The level when dark.
    pub low: Level,
    /// The colour; `None` leaves it.
    pub color: Option<Color>,
}

/// Parameters of [`Effect::Pulse`].
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Pulse {
    /// One pulse.
    pub every: Span,
    /// Its curve.
    pub shape: Shape,
    /// The highest level.
    pub high: Level,
    /// The lowest level.
    pub low: Level,
    /// The colour; `None` leaves it.
    pub color: Option<Color>,
}

/// Parameters of [`Effect::Chase`].
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Chase {
    /// One step, from one place of the selection to the next.
    pub every: Span,
    /// How many places are lit at once; at least 1.
    pub width: f64,
    /// How many places the light trails behind, fading; 0 cuts hard.
    pub tail: f64,
    /// The level of lit places.
    pub high: Level,
    /// The level of the others.
    pub low: Level,
    /// The colour; `None` leaves it.
    pub color: Option<Color>,
    /// The way it runs.
    pub direction: Direction,
}

/// Parameters of [`Effect::Rainbow`].
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Rainbow {
    /// One turn of the colour circle.
    pub every: Span,
    /// Turns of the circle that the selection shows at once; 0 gives all the same hue.
    pub spread: f64,
    /// Saturation, 0 (white) to 1.
    pub saturation: f64,
    /// The dimmer; `None` leaves it.
    pub level: Option<Level>,
}

/// Parameters of [`Effect::Wave`].
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Wave {
    /// The time a crest takes to run through one wavelength.
    pub every: Span,
    /// Wavelengths that the selection shows at once.
    pub spread: f64,
    /// Its curve.
    pub shape: Shape,
    /// The highest level.
    pub high: Level,
    /// The lowest level.
    pub low: Level,
    /// The colour; `None` leaves it.
    pub color: Option<Color>,
    /// The way it runs (random is drawn once).
    pub direction: Direction,
}

/// Parameters of [`Effect::ColorFade`].
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ColorFade {
    /// Where it starts; `None` is what the layer shows at that time.
    pub from: Option<Color>,
    /// Where it ends.
    pub to: Color,
    /// Whether it goes round the colour circle by the shorter way instead of straight.
    pub around: bool,
    /// Its course.
    pub easing: Easing,
}

/// Parameters of [`Effect::Move`].
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Move {
    /// Where it starts; `None` is where the layer points at that time.
    pub from: Option<Aim>,
    /// Where it ends.
    pub to: Aim,
    /// Its course.
    pub easing: Easing,
}

/// Parameters of [`Effect::Circle`].
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Circle {
    /// The middle.
    pub center: Aim,
    /// How far from the middle, in degrees of pan and tilt.
    pub radius_deg: f64,
    /// One turn.
    pub every: Span,
    /// Turns by which the last place of the selection is behind the first.
    pub spread: f64,
    /// Whether it turns clockwise, seen from the fixture.
    pub clockwise: bool,
}
