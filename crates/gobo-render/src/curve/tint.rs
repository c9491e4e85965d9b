//! Colours over time.

use std::ops::Range;
use std::sync::Arc;

use gobo_show::value::{Color, Easing};

use super::{Curve, Ramp, Spread, by_rank};
use crate::color::{Hsv, fraction};
use crate::course::{Clock, Course};
use crate::easing::ease;
use crate::field;
use crate::fingerprint::Fingerprint;
use crate::graph::Channel;
use crate::value::Value;
use crate::vary::Varying;

/// A colour over time.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Tint {
    Constant(Color),
    Ramp(Ramp<Color>),
    /// Around the hue circle.
    Around {
        from: Hsv,
        to: Hsv,
        end: Color,
        easing: Easing,
    },
    /// The hues one after the other, further on from place to place.
    Rainbow {
        spread: Spread,
        saturation: f64,
    },
    /// The colour of an effect over places.
    Field(field::Shared),
    /// Through colours, evenly spaced from 0 to 1.
    Gradient {
        colors: Arc<[Color]>,
        by: Varying,
    },
    /// What a graph works out.
    Graph(Channel),
}

impl Curve for Tint {
    type Value = Color;

    fn still(value: Color) -> Self {
        Self::Constant(value)
    }

    fn at(&self, time: f64, rank: u32) -> Color {
        match self {
            Self::Constant(color) => *color,
            Self::Ramp(ramp) => ramp.at(time),
            Self::Around { from, to, end, easing } => {
                let along = ease(*easing, time);
                if along >= 1.0 {
                    return *end;
                }
                let hue = fraction(from.hue.mix(to.hue, along));
                let saturation = from.saturation.mix(to.saturation, along);
                Hsv { hue, saturation, value: from.value.mix(to.value, along) }.color()
            }
            Self::Rainbow { spread, saturation } => {
                let hue = fraction(time + spread.of(rank));
                Hsv { hue, saturation: *saturation, value: 1.0 }.color()
            }
            Self::Field(field) => field.color(time, rank),
            Self::Gradient { colors, by } => between(colors, by.at(time)),
            Self::Graph(channel) => channel.color(time, rank),
        }
    }

    fn clock(&self) -> Clock {
        match self {
            Self::Rainbow { .. } => Clock::Phase,
            Self::Field(field) => field.clock(),
            Self::Gradient { by, .. } => by.clock(),
            _ => Clock::Progress,
        }
    }

    fn held(&self, course: &Course, rank: u32) -> Color {
        match self {
            Self::Constant(color)
            | Self::Ramp(Ramp { to: color, .. })
            | Self::Around { end: color, .. } => *color,
            Self::Rainbow { .. } => self.at(course.time(Clock::Phase, course.last()), rank),
            Self::Field(field) if field.clock() == Clock::Progress => field.color(1.0, rank),
            Self::Field(_) => self.at(course.time(Clock::Phase, course.last()), rank),
            Self::Gradient { colors, by } => between(colors, by.held(course)),
            Self::Graph(_) => self.at(course.time(Clock::Progress, course.last()), rank),
        }
    }

    fn by_rank(&self) -> bool {
        match self {
            Self::Rainbow { spread, .. } => spread.step != 0.0,
            Self::Field(_) | Self::Graph(_) => true,
            _ => false,
        }
    }

    fn constant(&self) -> Option<Color> {
        if let Self::Constant(color) = self { Some(*color) } else { None }
    }

    fn tints(&self) -> bool {
        if let Self::Graph(channel) = self { channel.tints() } else { false }
    }

    fn alpha(&self, time: f64, rank: u32) -> f64 {
        if let Self::Graph(channel) = self { channel.alpha(time, rank) } else { 1.0 }
    }

    fn fingerprint(&self, to: &mut Fingerprint) {
        match self {
            Self::Constant(color) => {
                to.integer(0);
                color.fingerprint(to);
            }
            Self::Ramp(ramp) => {
                to.integer(1);
                ramp.fingerprint(to);
            }
            Self::Around { from, to: target, end, easing } => {
                to.integer(2);
                for color in [from, target] {
                    to.numbers(&[color.hue, color.saturation, color.value]);
                }
                end.fingerprint(to);
                to.integer(*easing as u64);
            }
            Self::Rainbow { spread, saturation } => {
                to.integer(3);
                to.number(*saturation);
                spread.fingerprint(to);
            }
            Self::Field(field) => {
                to.integer(4);
                field.fingerprint(to);
            }
            Self::Gradient { colors, by } => {
                to.integer(4 << 32 | colors.len() as u64);
                colors.iter().for_each(|color| color.fingerprint(to));
                by.fingerprint(to);
            }
            Self::Graph(channel) => {
                to.integer(64);
                channel.fingerprint(to);
            }
        }
    }

    fn row(&self, time: f64, ranks: &[u32], out: &mut [Color]) {
        let Self::Rainbow { spread: Spread { step, order: None }, saturation } = self else {
            for (out, &rank) in out.iter_mut().zip(ranks) {
                *out = self.at(time, rank);
            }
            return;
        };
        // As values: behind a reference, each write might change them.
        let (step, saturation) = (*step, *saturation);
        by_rank(
            out,
            ranks,
            #[inline(always)]
            move |rank| {
                let hue = fraction(time + step * rank);
                Hsv { hue, saturation, value: 1.0 }.color()
            },
        );
    }

    fn ramp(&self) -> Option<&Ramp<Color>> {
        if let Self::Ramp(ramp) = self { Some(ramp) } else { None }
    }

    fn in_frames(&self, frames: &Range<u32>) -> Option<u128> {
        let Self::Gradient { colors, by } = self else { return None };
        let mut hash = Fingerprint::new();
        hash.wide(by.in_frames(frames)?);
        colors.iter().for_each(|color| color.fingerprint(&mut hash));
        Some(hash.digest())
    }
}

/// The colour at `along` of evenly spaced colours, 0 to 1.
pub(crate) fn between(colors: &[Color], along: f64) -> Color {
    let Some(last) = colors.len().checked_sub(1) else { return Color::ZERO };
    let position = along.clamp(0.0, 1.0) * last as f64;
    let before = (position as usize).min(last);
    let after = (before + 1).min(last);
    colors[before].mix(colors[after], position - before as f64)
}
