//! What a cue does: every effect with its parameters, resolved.

mod channel;
mod emitters;
pub mod field;
mod look;
mod preset;
mod presets;
mod registry;

use std::sync::Arc;

use serde::Serialize;

pub use channel::{
    AxisPair, AxisValue, ChannelEffect, CircleSlots, ColorFadeSlots, FadeIn, FadeOut, FadeSlots,
    FlashSlots, Focus, LightSlots, MoveToPoi, OrbitSlots, Plain, PointName, SetChannels, SlotValue,
    StrobeSlots, SweepSlots,
};
pub(crate) use channel::{CHANNEL_EFFECTS, channel_schemas, rows as channel_rows};
pub use field::Field;
pub use look::LookSource;
pub(crate) use look::{LOOK_KINDS, check_looks};
pub use preset::Parts;
pub use presets::PresetSource;
pub use registry::effects;
pub(crate) use registry::{names, schemas};

use crate::curve::{Curve, Tinted};
use crate::decode::{choice, record};
use crate::graph::Graph;
use crate::rig::Emitter;
use crate::tree::Value;
use crate::value::{
    Aim, Amount, Color, Direction, Easing, Every, Level, Part, Radius, Shape, Span, Tail, Turns,
    Width,
};

/// Values for some attributes of a head; `None` leaves one as it is.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Look {
    /// Brightness.
    pub dimmer: Option<Level>,
    /// Colour.
    pub color: Option<Color>,
    /// How much of the colour covers the one below.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tint: Option<Level>,
    /// Where the head points.
    pub position: Option<Aim>,
    /// Shutter strobe in hertz; 0 is an open shutter.
    pub strobe_hz: Option<f64>,
    /// Beam parameters: zoom, focus, iris, frost, prism, speed.
    pub beam: Vec<(BeamParameter, Amount)>,
    /// Gobo or other wheel slots by name: the wheel (or attribute) and its slot.
    pub wheels: Vec<(Arc<str>, Arc<str>)>,
    /// Emitters by themselves, past the colour.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emitters: Vec<(Emitter, Level)>,
    /// Ranges of channels by name: a wheel that turns or shakes, an effect of the fixture's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub presets: Vec<Preset>,
    /// Channels by their profile key, as a fraction of the channel's range, 0 to 1.
    pub raw: Vec<(Arc<str>, f64)>,
    /// Numbers that vary, each of an attribute that nothing above gives.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub curves: Vec<(LookKey, Curve)>,
    /// A colour that varies, when `color` gives none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coloring: Option<Box<Tinted>>,
    /// Other values for some of the heads.
    #[serde(skip_serializing_if = "crate::show::is_default")]
    pub parts: Parts,
}

/// A number of a [`Look`].
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum LookKey {
    /// Brightness.
    Dimmer,
    /// How much of the colour covers what is below.
    Tint,
    /// Pan, in degrees.
    Pan,
    /// Tilt, in degrees.
    Tilt,
    /// Shutter strobe, in hertz.
    Strobe,
    /// A beam parameter.
    Beam(BeamParameter),
    /// An emitter by itself.
    Emitter(Emitter),
    /// A channel, by its profile key.
    Raw(Arc<str>),
}

impl Look {
    /// Whether any of it changes over time.
    pub fn runs(&self) -> bool {
        self.curves.iter().any(|(_, curve)| curve.runs())
            || self.coloring.as_deref().is_some_and(Tinted::runs)
            || self.parts.0.iter().any(|(_, look)| look.runs())
    }
}

/// A range of a channel by name.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Preset {
    /// The channel or its wheel, or a part of the name of either.
    pub channel: Arc<str>,
    /// The range, by the profile's words for it or by what it does, or a part of that.
    pub name: Arc<str>,
    /// Where in the range, 0 to 1; `None` is the middle.
    pub amount: Option<f64>,
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
#[allow(clippy::large_enum_variant, reason = "a cue has one, and there are few beside frames")]
#[derive(Clone, PartialEq, Debug, Serialize)]
pub enum Effect {
    /// Holds values.
    Set(Look),
    /// Gives attributes back to the layers below.
    Release(Release),
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
    /// An effect over places: a picture that moves over the selection.
    Field(Box<Field>),
    /// What a pattern's graph works out.
    Graph(Arc<Graph>),
}

impl Effect {
    /// Whether it can be done in an instant: it sets values that do not change over time, or
    /// gives some back.
    pub fn writes_once(&self) -> bool {
        match self {
            Self::Set(look) => !look.runs(),
            Self::Release(_) => true,
            _ => false,
        }
    }
}

record! {
    /// Parameters of [`Effect::Release`].
    pub struct Release as "release" {
        /// The attributes; all of them when not given.
        pub only: Vec<AttributeKind>,
    }
}

/// A kind of attributes of a head.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum AttributeKind {
    /// Brightness.
    Dimmer,
    /// Colour.
    Color,
    /// Pan and tilt.
    Position,
    /// The shutter's strobe.
    Strobe,
    /// Zoom, focus, iris and the like.
    Beam,
    /// Wheels and raw channels.
    Channels,
}

choice! { AttributeKind, "attribute":
    Dimmer = "dimmer", "Brightness.";
    Color = "color", "Colour.";
    Position = "position", "Pan and tilt.";
    Strobe = "strobe", "The shutter's strobe.";
    Beam = "beam", "Zoom, focus, iris and the like.";
    Channels = "channels", "Wheels and raw channels.";
}

record! {
    /// Parameters of [`Effect::Fade`].
    pub struct Fade as "fade" {
        /// Where it starts; attributes not named start from what the layer shows at that time.
        pub from: Look = Value::Object(Vec::new()),
        /// Where it ends.
        pub to: Look,
        /// Its course.
        pub easing: Easing = "linear",
    }
}

record! {
    /// Parameters of [`Effect::Flash`].
    pub struct Flash as "flash" {
        /// The level at the start.
        pub level: Level = "100%",
        /// The colour; left as it is when not given.
        pub color: Option<Color>,
        /// The time it stays full before it decays.
        pub hold: Span = 0.0,
        /// The time of the decay; the rest of the cue when not given.
        pub decay: Option<Span>,
        /// The course of the decay.
        pub easing: Easing = "linear",
    }
}

record! {
    /// Parameters of [`Effect::Strobe`].
    pub struct Strobe as "strobe" {
        /// One flash and one dark.
        pub every: Span as Every = "8 Hz",
        /// The part of it that is lit, 0 to 1.
        pub duty: f64 as Part = "50%",
        /// The level when lit.
        pub high: Level = "100%",
        /// The level when dark.
        pub low: Level = "0%",
        /// The colour; left as it is when not given.
        pub color: Option<Color>,
    }
}

record! {
    /// Parameters of [`Effect::Pulse`].
    pub struct Pulse as "pulse" {
        /// One pulse.
        pub every: Span as Every = "1 beat",
        /// Its curve.
        pub shape: Shape = "sine",
        /// The highest level.
        pub high: Level = "100%",
        /// The lowest level.
        pub low: Level = "0%",
        /// The colour; left as it is when not given.
        pub color: Option<Color>,
    }
}

record! {
    /// Parameters of [`Effect::Chase`].
    pub struct Chase as "chase" {
        /// One step, from one place of the selection to the next.
        pub every: Span as Every = "1 beat",
        /// How many places are lit at once; at least 1.
        pub width: f64 as Width = 1.0,
        /// How many places the light trails behind, fading; 0 cuts hard.
        pub tail: f64 as Tail = 0.0,
        /// The level of lit places.
        pub high: Level = "100%",
        /// The level of the others.
        pub low: Level = "0%",
        /// The colour; left as it is when not given.
        pub color: Option<Color>,
        /// The way it runs.
        pub direction: Direction = "forward",
    }
}

record! {
    /// Parameters of [`Effect::Rainbow`].
    pub struct Rainbow as "rainbow" {
        /// One turn of the colour circle.
        pub every: Span as Every = "2 bars",
        /// Turns of the circle that the selection shows at once; 0 gives all the same hue.
        pub spread: f64 as Turns = 1.0,
        /// Saturation, 0 (white) to 1.
        pub saturation: f64 as Part = "100%",
        /// The dimmer; left as it is when not given.
        pub level: Option<Level>,
    }
}

record! {
    /// Parameters of [`Effect::Wave`].
    pub struct Wave as "wave" {
        /// The time a crest takes to run through one wavelength.
        pub every: Span as Every = "1 bar",
        /// Wavelengths that the selection shows at once.
        pub spread: f64 as Turns = 1.0,
        /// Its curve.
        pub shape: Shape = "sine",
        /// The highest level.
        pub high: Level = "100%",
        /// The lowest level.
        pub low: Level = "0%",
        /// The colour; left as it is when not given.
        pub color: Option<Color>,
        /// The way it runs (random is drawn once).
        pub direction: Direction = "forward",
    }
}

record! {
    /// Parameters of [`Effect::ColorFade`].
    pub struct ColorFade as "color_fade" {
        /// Where it starts; what the layer shows at that time when not given.
        pub from: Option<Color>,
        /// Where it ends.
        pub to: Color,
        /// Whether it goes round the colour circle by the shorter way instead of straight.
        pub around: bool = false,
        /// Its course.
        pub easing: Easing = "linear",
    }
}

record! {
    /// Parameters of [`Effect::Move`].
    pub struct Move as "move" {
        /// Where it starts; where the layer points at that time when not given.
        pub from: Option<Aim>,
        /// Where it ends.
        pub to: Aim,
        /// Its course.
        pub easing: Easing = "in_out",
    }
}

record! {
    /// Parameters of [`Effect::Circle`].
    pub struct Circle as "circle" {
        /// The middle.
        pub center: Aim,
        /// How far from the middle, in degrees of pan and tilt.
        "radius" => pub radius_deg: f64 as Radius = "20deg",
        /// One turn.
        pub every: Span as Every = "1 bar",
        /// Turns by which the last place of the selection is behind the first.
        pub spread: f64 as Turns = 0.0,
        /// Whether it turns clockwise, seen from the fixture.
        pub clockwise: bool = true,
    }
}
