//! The steps that a graph is worked out by: small pure functions of a moment and a row of numbers.

use std::f64::consts::TAU;

use gobo_show::graph::{MathOperation, RoundOperation};
use gobo_show::value::Color;
use serde::Serialize;

use super::aim::Aiming;
use super::clip::{Clip, Moment};
use super::envelope::{Envelope, bent};
use super::noise;
use super::table::{Draws, Table};
use crate::color::{Hsv, fraction};
use crate::random::hash;
use crate::value::Value;

/// Where the channels of a signal stand in the row of numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Reg {
    pub(crate) at: u32,
    pub(crate) channels: u32,
}

impl Reg {
    /// A channel; one channel goes with all, and several repeat.
    pub(crate) fn read(self, numbers: &[f64], channel: usize) -> f64 {
        let channel = if self.channels == 1 { 0 } else { channel % self.channels as usize };
        numbers[self.at as usize + channel]
    }

    /// One channel of it.
    pub(crate) fn channel(self, channel: u32) -> Self {
        Self { at: self.at + channel, channels: 1 }
    }

    /// Red, green, blue and alpha; one channel is a grey, three have full alpha.
    fn rgba(self, numbers: &[f64]) -> [f64; 4] {
        let alpha = if self.channels >= 4 { self.read(numbers, 3) } else { 1.0 };
        [self.read(numbers, 0), self.read(numbers, 1), self.read(numbers, 2), alpha]
    }
}

/// A step: what it does, and where its numbers go.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(crate) struct Step {
    pub(crate) op: Op,
    pub(crate) out: Reg,
}

/// Which count of time a pulse follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub(crate) enum Pace {
    Beats,
    Bars,
}

/// What a step does.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(crate) enum Op {
    /// The same for all, a number for each channel.
    Constant(Vec<f64>),
    /// A number for each row.
    Rows(Vec<f64>),
    /// Beats since the start.
    Beats,
    /// From the one to the other over the clip.
    Between(Reg, Reg),
    /// What was worked out over time.
    Table(Table),
    /// What was worked out over time, for each row.
    Tables(Vec<Table>),
    Math(MathOperation, Reg, Reg),
    Round(RoundOperation, Reg),
    Threshold(f64, Reg),
    /// From `from` to `to`, straight; `clamp` cuts to `from` before.
    Remap {
        from: [f64; 2],
        to: [f64; 2],
        clamp: bool,
        signal: Reg,
    },
    Falloff {
        width: f64,
        bend: f64,
        signal: Reg,
    },
    Modulo(f64, Reg),
    /// `start` is the phase at the clip's start; `speed` goes by beats.
    Sine {
        start: f64,
        speed: f64,
        amplitude: f64,
        offset: f64,
    },
    Envelope {
        pace: Pace,
        start: f64,
        speed: f64,
        amplitude: f64,
        shape: Envelope,
    },
    Noise {
        seed: u64,
        at: [Reg; 3],
        scale: Reg,
        octaves: Reg,
        amplitude: Reg,
        offset: Reg,
    },
    /// Which rows are drawn: for each draw, a bit for each row.
    Mask {
        draws: Draws,
        rows: usize,
        drawn: Vec<Vec<u64>>,
    },
    /// A point of a box, drawn.
    Point {
        draws: Draws,
        seed: u64,
        low: [f64; 3],
        high: [f64; 3],
    },
    Circle {
        radius: f64,
        speed: f64,
        phase: Reg,
    },
    Eight {
        width: f64,
        height: f64,
        speed: f64,
        phase: Reg,
    },
    Sweep {
        along: [f64; 2],
        speed: f64,
        phase: Reg,
    },
    Wander {
        radius: f64,
        speed: f64,
        octaves: u32,
        seed: u64,
        rows: usize,
        phase: Reg,
    },
    Orbit {
        center: [f64; 3],
        radius: [f64; 2],
        lean: [f64; 2],
        speed: f64,
        phase: Reg,
    },
    /// Pan and tilt of each row.
    Aim(Box<Aiming>),
    /// What other steps give a while before.
    Delay {
        steps: Vec<Step>,
        signal: Reg,
        by: Reg,
    },
    Gradient {
        signal: Reg,
        start: Reg,
        end: Reg,
    },
    Palette(Reg),
    Shift {
        strength: f64,
        color: Reg,
        chroma: Reg,
    },
    Rainbow {
        offset: f64,
        spread: f64,
        saturation: f64,
        signal: Reg,
    },
    Tension(Reg),
    /// Dimmer, red, green, blue, alpha.
    Light(Reg),
}

/// The hues of the pitch classes from C, in degrees.
const HUES: [f64; 12] =
    [0.0, 30.0, 48.0, 60.0, 90.0, 120.0, 150.0, 180.0, 210.0, 240.0, 270.0, 330.0];

/// Works the steps out one after the other, each into its place of `numbers`.
pub(crate) fn run(steps: &[Step], moment: Moment, clip: &Clip, numbers: &mut [f64]) {
    for step in steps {
        let (at, channels) = (step.out.at as usize, step.out.channels as usize);
        match &step.op {
            Op::Delay { steps, signal, by } => {
                let seconds = (moment.seconds - by.read(numbers, 0)).max(0.0).min(clip.length);
                run(steps, clip.moment(seconds, moment.row), clip, numbers);
                for channel in 0..channels {
                    numbers[at + channel] = signal.read(numbers, channel);
                }
            }
            op if channels == 1 => numbers[at] = op.one(moment, numbers, 0),
            op => op.several(moment, numbers, at, channels),
        }
    }
}

impl Op {
    /// One channel of what it gives.
    fn one(&self, moment: Moment, numbers: &[f64], channel: usize) -> f64 {
        let read = |reg: &Reg| reg.read(numbers, channel);
        match self {
            Self::Constant(values) => values[channel],
            Self::Rows(values) => {
                values.get(moment.row % values.len().max(1)).copied().unwrap_or(0.0)
            }
            Self::Beats => moment.beats,
            Self::Between(start, end) => {
                read(start).mix(read(end), moment.progress.clamp(0.0, 1.0))
            }
            Self::Math(operation, a, b) => math(*operation, read(a), read(b)),
            Self::Round(operation, signal) => round(*operation, read(signal)),
            Self::Threshold(from, signal) => f64::from(read(signal) >= *from),
            Self::Remap { from, to, clamp, signal } => remap(*from, *to, *clamp, read(signal)),
            Self::Falloff { width, bend, signal } => {
                bent(read(signal).clamp(0.0, 1.0) * width.max(1e-6), *bend)
            }
            Self::Modulo(divisor, signal) => modulo(read(signal), *divisor),
            Self::Sine { start, speed, amplitude, offset } => {
                offset + amplitude * libm::sin(TAU * fraction(start + speed * moment.beats))
            }
            Self::Envelope { pace, start, speed, amplitude, shape } => {
                let passed = match pace {
                    Pace::Beats => moment.beats,
                    Pace::Bars => moment.bars,
                };
                amplitude * shape.at(fraction(start + speed * passed))
            }
            Self::Noise { seed, at, scale, octaves, amplitude, offset } => {
                let first = |reg: &Reg| reg.read(numbers, 0);
                let at = at.map(|reg| first(&reg) * first(scale));
                let octaves = first(octaves).clamp(1.0, 8.0) as u32;
                let layer = |seed, scale: f64| noise::space(seed, at.map(|x| x * scale));
                first(offset) + first(amplitude) * noise::layers(*seed, octaves, layer)
            }
            Self::Mask { draws, rows, drawn } => {
                let row = moment.row % rows.max(&1);
                let bits = drawn.get(draws.at(moment.seconds)).and_then(|bits| bits.get(row / 64));
                f64::from(bits.is_some_and(|bits| bits >> (row % 64) & 1 == 1))
            }
            Self::Table(table) => {
                let mut out = [0.0];
                table.read(moment.seconds, &mut out);
                out[0]
            }
            Self::Tension(chroma) => tension(*chroma, numbers),
            _ => 0.0,
        }
    }

    /// Where a movement is: u and v, or a point in the room; `None` for what is no movement.
    fn moved(&self, moment: Moment, numbers: &[f64]) -> Option<[f64; 5]> {
        let turn = |speed: f64, phase: &Reg| {
            let turn = fraction(speed * moment.beats + phase.read(numbers, 0));
            libm::sincos(TAU * turn)
        };
        Some(match self {
            Self::Circle { radius, speed, phase } => {
                let (sin, cos) = turn(*speed, phase);
                [cos * radius, sin * radius, 0.0, 0.0, 0.0]
            }
            Self::Eight { width, height, speed, phase } => {
                let (sin, cos) = turn(*speed, phase);
                [cos * width, 2.0 * sin * cos * height, 0.0, 0.0, 0.0]
            }
            Self::Sweep { along: [u, v], speed, phase } => {
                let (sin, _) = turn(*speed, phase);
                [u * sin, v * sin, 0.0, 0.0, 0.0]
            }
            Self::Wander { radius, speed, octaves, seed, rows, phase } => {
                let x = speed * moment.beats + 10.0 * phase.read(numbers, 0);
                let row = (moment.row % rows.max(&1)) as u64;
                let stray = |side: u64| {
                    let layer = |seed, scale: f64| noise::line(seed, x * scale);
                    let value = noise::layers(hash(*seed, 2 * row + side), *octaves, layer);
                    (value * radius).clamp(-1.0, 1.0)
                };
                [stray(0), stray(1), 0.0, 0.0, 0.0]
            }
            Self::Orbit { center, radius, lean: [sin_lean, cos_lean], speed, phase } => {
                let (sin, cos) = turn(*speed, phase);
                let up = radius[1] * sin;
                let [x, y, z] = *center;
                [x + radius[0] * cos, y + up * sin_lean, z + up * cos_lean, 0.0, 0.0]
            }
            _ => return None,
        })
    }

    /// All channels of what it gives.
    fn several(&self, moment: Moment, numbers: &mut [f64], at: usize, channels: usize) {
        let out = match self.moved(moment, numbers) {
            Some(out) => out,
            None => match self.placed_or_colored(moment, numbers) {
                Some(out) => out,
                None => return self.looked_up(moment, numbers, at, channels),
            },
        };
        for (number, out) in numbers[at..at + channels].iter_mut().zip(out) {
            *number = out;
        }
    }

    /// A point, angles or a colour; `None` for what is none of these.
    fn placed_or_colored(&self, moment: Moment, numbers: &[f64]) -> Option<[f64; 5]> {
        Some(match self {
            Self::Point { draws, seed, low, high } => {
                let seed = hash(*seed, draws.at(moment.seconds) as u64);
                let part = |axis: u64| (hash(seed, axis) >> 11) as f64 / (1_u64 << 53) as f64;
                let [x, y, z] = [0, 1, 2].map(|axis| low[axis].mix(high[axis], part(axis as u64)));
                [x, y, z, 0.0, 0.0]
            }
            Self::Aim(aiming) => {
                let [pan, tilt] = aiming.angles(moment, numbers);
                [pan, tilt, 0.0, 0.0, 0.0]
            }
            Self::Light(color) => light(color.rgba(numbers)),
            Self::Gradient { signal, start, end } => {
                let along = signal.read(numbers, 0).clamp(0.0, 1.0);
                let (start, end) = (start.rgba(numbers), end.rgba(numbers));
                let [r, g, b, a] = [0, 1, 2, 3].map(|part| start[part].mix(end[part], along));
                [r, g, b, a, 0.0]
            }
            Self::Palette(chroma) => padded(palette(*chroma, numbers)),
            Self::Shift { strength, color, chroma } => {
                padded(shift(color.rgba(numbers), *chroma, *strength, numbers))
            }
            Self::Rainbow { offset, spread, saturation, signal } => {
                let hue = fraction(offset + spread * signal.read(numbers, 0));
                padded(Hsv { hue, saturation: *saturation, value: 1.0 }.color())
            }
            _ => return None,
        })
    }

    /// What is looked up in tables, or worked out channel by channel.
    fn looked_up(&self, moment: Moment, numbers: &mut [f64], at: usize, channels: usize) {
        match self {
            Self::Table(table) => table.read(moment.seconds, &mut numbers[at..at + channels]),
            Self::Tables(tables) => {
                if let Some(table) = tables.get(moment.row % tables.len().max(1)) {
                    table.read(moment.seconds, &mut numbers[at..at + channels]);
                }
            }
            op => {
                for channel in 0..channels {
                    numbers[at + channel] = op.one(moment, numbers, channel);
                }
            }
        }
    }
}

fn math(operation: MathOperation, a: f64, b: f64) -> f64 {
    match operation {
        MathOperation::Add => a + b,
        MathOperation::Subtract => a - b,
        MathOperation::Multiply => a * b,
        MathOperation::Divide if b == 0.0 => 0.0,
        MathOperation::Divide => a / b,
        MathOperation::Max => a.max(b),
        MathOperation::Min => a.min(b),
        MathOperation::AbsDiff => (a - b).abs(),
        MathOperation::Abs => a.abs(),
        MathOperation::Modulo if b == 0.0 => 0.0,
        MathOperation::Modulo => a % b,
        MathOperation::CircularDistance => {
            let apart = fraction((a - b).abs());
            apart.min(1.0 - apart)
        }
    }
}

fn round(operation: RoundOperation, number: f64) -> f64 {
    match operation {
        RoundOperation::Round => number.round(),
        RoundOperation::Floor => number.floor(),
        RoundOperation::Ceil => number.ceil(),
    }
}

fn remap(from: [f64; 2], to: [f64; 2], clamp: bool, number: f64) -> f64 {
    let [low, high] = from;
    let number = if clamp { number.max(low.min(high)).min(low.max(high)) } else { number };
    let span = if (high - low).abs() < 1e-6 { 1.0 } else { high - low };
    to[0] + (number - low) / span * (to[1] - to[0])
}

fn modulo(number: f64, divisor: f64) -> f64 {
    if divisor == 0.0 { 0.0 } else { ((number % divisor) + divisor) % divisor }
}

/// How evenly the pitch classes are spread: their entropy, 0 to 1.
fn tension(chroma: Reg, numbers: &[f64]) -> f64 {
    let part = |class: usize| chroma.read(numbers, class).max(0.0);
    let sum: f64 = (0..12).map(part).sum();
    if sum <= 0.0 {
        return 0.0;
    }
    let terms = (0..12).map(|class| part(class) / sum).filter(|part| *part > 0.0);
    (terms.map(|part| -part * libm::log(part)).sum::<f64>() / libm::log(12.0)).clamp(0.0, 1.0)
}

fn palette(chroma: Reg, numbers: &[f64]) -> Color {
    let sum = (0..12).fold(Color::default(), |sum, class| {
        let hue = Hsv { hue: HUES[class] / 360.0, saturation: 1.0, value: 1.0 }.color();
        let weight = chroma.read(numbers, class).max(0.0);
        Color {
            red: sum.red + hue.red * weight,
            green: sum.green + hue.green * weight,
            blue: sum.blue + hue.blue * weight,
        }
    });
    crate::color::brightest(sum).unwrap_or_default()
}

fn shift(rgba: [f64; 4], chroma: Reg, strength: f64, numbers: &[f64]) -> Color {
    let strongest = (0..12).fold((0, -1.0), |best: (usize, f64), class| {
        let part = chroma.read(numbers, class);
        if part > best.1 { (class, part) } else { best }
    });
    let [red, green, blue, _] = rgba;
    let color = Hsv::of(Color { red, green, blue });
    let hue = fraction(color.hue + strength * strongest.0 as f64 / 12.0);
    Hsv { hue, ..color }.color()
}

/// The dimmer, the colour at its brightest, and alpha.
fn light(rgba: [f64; 4]) -> [f64; 5] {
    // What is no number is dark.
    let part = |part: f64| if part > 0.0 { part.min(1.0) } else { 0.0 };
    let [red, green, blue, alpha] = rgba.map(part);
    let dimmer = red.max(green).max(blue);
    if dimmer <= 1e-5 {
        return [0.0, 0.0, 0.0, 0.0, alpha];
    }
    [dimmer, red / dimmer, green / dimmer, blue / dimmer, alpha]
}

fn padded(color: Color) -> [f64; 5] {
    [color.red, color.green, color.blue, 0.0, 0.0]
}
