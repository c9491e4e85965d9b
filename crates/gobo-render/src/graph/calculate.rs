//! Nodes that reckon: signals from beats, from other signals, and from nothing.

use gobo_show::graph::{
    BeatEnvelope, GraphNode, Noise, Operation, Orbit, RandomPosition, SineWave, SmoothMovement,
};

use super::compile::{Compiler, Context, Signal};
use super::envelope::Envelope;
use super::op::{Op, Pace};
use super::table::{Draws, Table};
use crate::color::fraction;
use crate::random::hash;

impl Compiler<'_> {
    /// The signals that come out of a node that reckons; none of an output node.
    pub(super) fn calculation(&mut self, node: &GraphNode, context: &mut Context) -> Vec<Signal> {
        let one = match &node.operation {
            Operation::Scalar(scalar) => self.constant(&[scalar.value], context),
            Operation::Ramp(_) => self.push(Op::Beats, 1, (1, true), context),
            Operation::RampBetween(_) => {
                let [start, end] = [1, 2].map(|port| self.signal(node, port, &[0.0], context));
                let channels = start.reg.channels.max(end.reg.channels);
                let rows = start.rows.max(end.rows);
                self.push(Op::Between(start.reg, end.reg), channels, (rows, true), context)
            }
            Operation::BeatEnvelope(envelope) => self.beat_envelope(node, envelope, context),
            Operation::SineWave(sine) => self.sine(node, sine, context),
            Operation::Noise(noise) => self.noise(node, noise, context),
            Operation::RandomSelectMask(mask) => self.mask(node, mask.avoid_repeat, context),
            Operation::TimeDelay(_) => self.delay(node, context),
            Operation::Math(math) => {
                let [a, b] = [0, 1].map(|port| self.signal(node, port, &[0.0], context));
                let channels = a.reg.channels.max(b.reg.channels);
                self.derive(Op::Math(math.operation, a.reg, b.reg), channels, &[a, b], context)
            }
            Operation::Color(color) => self.tinted(color.color, context),
            Operation::SmoothMovement(smooth) => return self.smooth(node, smooth, context),
            Operation::LookAtPosition(look) => return self.look_at(node, look, context),
            Operation::Orbit(orbit) => return self.orbit(node, orbit, context),
            Operation::RandomPosition(random) => return self.point(node, random, context),
            Operation::Circle(_)
            | Operation::FigureEight(_)
            | Operation::Sweep(_)
            | Operation::Wander(_) => self.motion(node, context),
            Operation::Gradient(_)
            | Operation::ChromaPalette(_)
            | Operation::SpectralShift(_)
            | Operation::Rainbow(_)
            | Operation::HarmonicTension(_) => self.color(node, context),
            _ => return self.transformed(node, context).into_iter().collect(),
        };
        vec![one]
    }

    /// Nodes with one signal in and out.
    fn transformed(&mut self, node: &GraphNode, context: &mut Context) -> Option<Signal> {
        let signal = self.signal(node, 0, &[0.0], context);
        let Signal { reg, .. } = signal;
        let mut channels = reg.channels;
        let op = match &node.operation {
            Operation::Round(round) => Op::Round(round.operation, reg),
            Operation::Threshold(threshold) => Op::Threshold(threshold.threshold, reg),
            Operation::Falloff(falloff) => {
                Op::Falloff { width: falloff.width, bend: falloff.curve, signal: reg }
            }
            Operation::Modulo(modulo) => Op::Modulo(modulo.divisor, reg),
            Operation::Remap(remap) => {
                channels = 1;
                let (from, to) = ([remap.in_min, remap.in_max], [remap.out_min, remap.out_max]);
                Op::Remap { from, to, clamp: remap.clamp, signal: reg }
            }
            Operation::Normalize(_) => {
                let [low, high] = self.range(signal, context);
                let to = if high - low <= f64::from(f32::EPSILON) { [0.0; 2] } else { [0.0, 1.0] };
                Op::Remap { from: [low, high], to, clamp: true, signal: reg }
            }
            Operation::Invert(_) => {
                let [low, high] = self.range(signal, context);
                Op::Remap { from: [low, high], to: [high, low], clamp: true, signal: reg }
            }
            _ => return None,
        };
        Some(self.derive(op, channels, &[signal], context))
    }

    /// The number of a port in the middle of the clip, or the parameter.
    fn settled(&mut self, node: &GraphNode, port: usize, or: f64, context: &mut Context) -> f64 {
        if node.inputs.get(port).copied().flatten().is_none() {
            return or;
        }
        let signal = self.signal(node, port, &[or], context);
        self.in_the_middle(signal, context)
    }

    fn beat_envelope(
        &mut self,
        node: &GraphNode,
        envelope: &BeatEnvelope,
        context: &mut Context,
    ) -> Signal {
        let subdivision = self.settled(node, 1, envelope.subdivision, context);
        let offset = self.settled(node, 2, envelope.offset, context);
        let speed = if subdivision.abs() < 1e-3 { 1.0 } else { subdivision.abs() };
        let grid = &self.scene.show.grid;
        // A pulse that comes later is the pulse of a time before.
        let beat = grid.beat_at(self.scene.start) - offset;
        let (pace, passed) = match envelope.only_downbeats {
            true => (Pace::Bars, grid.bar_at(grid.seconds_at_beat(beat))),
            false => (Pace::Beats, beat),
        };
        let start = start_of(passed * speed);
        let BeatEnvelope { attack, decay, sustain, release, amplitude, .. } = *envelope;
        let weights = [attack, decay, sustain, release];
        let (attack_bend, decay_bend) = (envelope.attack_curve, envelope.decay_curve);
        let shape = Envelope::new(weights, envelope.sustain_level, attack_bend, decay_bend);
        let op = Op::Envelope { pace, start, speed, amplitude, shape };
        self.push(op, 1, (1, true), context)
    }

    fn sine(&mut self, node: &GraphNode, sine: &SineWave, context: &mut Context) -> Signal {
        let speed = self.settled(node, 1, sine.subdivision, context);
        let SineWave { amplitude, offset, phase_deg, .. } = *sine;
        let op = Op::Sine { start: fraction(phase_deg / 360.0), speed, amplitude, offset };
        self.push(op, 1, (1, speed != 0.0), context)
    }

    fn noise(&mut self, node: &GraphNode, noise: &Noise, context: &mut Context) -> Signal {
        let defaults = [0.0, 0.0, 0.0, noise.scale, noise.octaves, noise.amplitude, noise.offset];
        let inputs: Vec<Signal> =
            (0..7).map(|port| self.signal(node, port, &[defaults[port]], context)).collect();
        let [time, mut x, y, scale, octaves, amplitude, offset] =
            [0, 1, 2, 3, 4, 5, 6].map(|port| inputs[port]);
        let rows = inputs.iter().map(|input| input.rows).max().unwrap_or(1);
        if node.inputs.get(1).copied().flatten().is_none() && rows > 1 {
            x = self.rows((0..rows).map(|row| row as f64).collect(), context);
        }
        let op = Op::Noise {
            seed: self.seed(node),
            at: [x.reg, y.reg, time.reg],
            scale: scale.reg,
            octaves: octaves.reg,
            amplitude: amplitude.reg,
            offset: offset.reg,
        };
        self.derive(op, 1, &[inputs.as_slice(), &[x]].concat(), context)
    }

    /// The values of a signal's first row over the clip.
    fn course(&mut self, signal: Signal, context: &Context) -> Vec<(f64, f64)> {
        let instants = self.instants(signal);
        let value = |seconds: f64| {
            let numbers = self.work_out(seconds, 0, context);
            (seconds, signal.reg.read(numbers, 0))
        };
        instants.into_iter().map(value).collect()
    }

    fn draws(&mut self, trigger: Signal, context: &Context) -> Draws {
        let course = self.course(trigger, context);
        let (instants, values): (Vec<f64>, Vec<f64>) = course.into_iter().unzip();
        let mut values = values.into_iter();
        Draws::new(&instants, |_| values.next().unwrap_or(0.0))
    }

    fn mask(&mut self, node: &GraphNode, avoids: bool, context: &mut Context) -> Signal {
        let rows = self.heads(node, context).iter().flatten().count();
        let trigger = self.signal(node, 1, &[0.0], context);
        let count = self.signal(node, 2, &[1.0], context);
        let draws = self.draws(trigger, context);
        let seed = self.seed(node);
        let mut before: Vec<usize> = Vec::new();
        let mut drawn = Vec::with_capacity(draws.starts().len());
        for (draw, &seconds) in (0_u64..).zip(draws.starts()) {
            let numbers = self.work_out(seconds, 0, context);
            let count = count.reg.read(numbers, 0).round().max(0.0) as usize;
            let seed = hash(seed, draw);
            let mut order: Vec<usize> = (0..rows).collect();
            let waits = |row: &usize| avoids && before.contains(row);
            order.sort_by_key(|row| (waits(row), hash(seed, *row as u64)));
            order.truncate(count);
            let mut bits = vec![0_u64; rows.div_ceil(64)];
            order.iter().for_each(|row| bits[row / 64] |= 1 << (row % 64));
            drawn.push(bits);
            before = order;
        }
        let moves = drawn.len() > 1;
        self.push(Op::Mask { draws, rows, drawn }, 1, (rows, moves), context)
    }

    fn point(
        &mut self,
        node: &GraphNode,
        random: &RandomPosition,
        context: &mut Context,
    ) -> Vec<Signal> {
        let trigger = self.signal(node, 0, &[0.0], context);
        let draws = self.draws(trigger, context);
        let low = [random.min_x, random.min_y, random.min_z];
        let high = [random.max_x, random.max_y, random.max_z];
        let moves = draws.starts().len() > 1;
        let op = Op::Point { draws, seed: self.seed(node), low, high };
        let point = self.push(op, 3, (1, moves), context);
        [0, 1, 2].map(|axis| point.channel(axis)).into()
    }

    fn motion(&mut self, node: &GraphNode, context: &mut Context) -> Signal {
        let phase = self.signal(node, 1, &[0.0], context);
        let Signal { reg, rows, .. } = phase;
        let op = match &node.operation {
            Operation::Circle(circle) => {
                Op::Circle { radius: circle.radius, speed: circle.speed, phase: reg }
            }
            Operation::FigureEight(eight) => {
                let (width, height, speed) = (eight.width, eight.height, eight.speed);
                Op::Eight { width, height, speed, phase: reg }
            }
            Operation::Sweep(sweep) => {
                let (sin, cos) = libm::sincos(sweep.angle.to_radians());
                let along = [cos * sweep.range, sin * sweep.range];
                Op::Sweep { along, speed: sweep.speed, phase: reg }
            }
            Operation::Wander(wander) => Op::Wander {
                radius: wander.radius,
                speed: wander.speed,
                octaves: wander.smoothness.clamp(0.5, 8.0).round() as u32,
                seed: self.seed(node),
                rows,
                phase: reg,
            },
            _ => Op::Constant(vec![0.0; 2]),
        };
        self.push(op, 2, (rows, true), context)
    }

    fn orbit(&mut self, node: &GraphNode, orbit: &Orbit, context: &mut Context) -> Vec<Signal> {
        let phase = self.signal(node, 1, &[0.0], context);
        let (sin, cos) = libm::sincos(orbit.tilt_deg.to_radians());
        let op = Op::Orbit {
            center: [orbit.center_x, orbit.center_y, orbit.center_z],
            radius: [orbit.radius_x, orbit.radius_z],
            lean: [sin, cos],
            speed: orbit.speed,
            phase: phase.reg,
        };
        let point = self.push(op, 3, (phase.rows, true), context);
        [0, 1, 2].map(|axis| point.channel(axis)).into()
    }

    fn color(&mut self, node: &GraphNode, context: &mut Context) -> Signal {
        let first = self.signal(node, 0, &[0.0], context);
        match &node.operation {
            Operation::Gradient(gradient) => {
                let defaults = [gradient.start_color, gradient.end_color];
                let [start, end] = [0, 1].map(|side| {
                    let connected = node.inputs.get(side + 1).copied().flatten().is_some();
                    match connected {
                        true => self.signal(node, side + 1, &[0.0], context),
                        false => self.tinted(defaults[side], context),
                    }
                });
                let op = Op::Gradient { signal: first.reg, start: start.reg, end: end.reg };
                self.derive(op, 4, &[first, start, end], context)
            }
            Operation::ChromaPalette(_) => {
                self.derive(Op::Palette(first.reg), 3, &[first], context)
            }
            Operation::SpectralShift(shift) => {
                let chroma = self.signal(node, 1, &[0.0; 12], context);
                let strength = shift.strength;
                let op = Op::Shift { strength, color: first.reg, chroma: chroma.reg };
                self.derive(op, 3, &[first, chroma], context)
            }
            Operation::Rainbow(rainbow) => {
                let (offset, spread, saturation) =
                    (rainbow.offset, rainbow.spread, rainbow.saturation);
                let op = Op::Rainbow { offset, spread, saturation, signal: first.reg };
                self.derive(op, 3, &[first], context)
            }
            _ => self.derive(Op::Tension(first.reg), 1, &[first], context),
        }
    }

    fn delay(&mut self, node: &GraphNode, context: &mut Context) -> Signal {
        let by = self.signal(node, 1, &[0.0], context);
        let Some(link) = node.inputs.first().copied().flatten() else { return by };
        let inner = self.context(&[link.node]);
        let Some(super::compile::Wire::Signal(signal)) = self.wire(node, 0, &inner) else {
            return by;
        };
        let channels = signal.reg.channels;
        let op = Op::Delay { steps: inner.steps, signal: signal.reg, by: by.reg };
        self.derive(op, channels, &[signal, by], context)
    }

    fn smooth(
        &mut self,
        node: &GraphNode,
        smooth: &SmoothMovement,
        context: &mut Context,
    ) -> Vec<Signal> {
        let inputs = [0, 1].map(|port| self.signal(node, port, &[0.0], context));
        let fastest = [smooth.pan_max_deg_per_s, smooth.tilt_max_deg_per_s];
        let rows = inputs[0].rows.max(inputs[1].rows);
        let instants = self.scene.instants.to_vec();
        let step = 1.0 / self.scene.show.rate.as_f64();
        let first = instants.first().copied().unwrap_or(0.0);
        let table = |row: usize| {
            let mut now: Option<[f64; 2]> = None;
            let mut values = Vec::with_capacity(2 * instants.len());
            for &seconds in &instants {
                let numbers = self.work_out(seconds, row, context);
                let wanted = [0, 1].map(|axis| inputs[axis].reg.read(numbers, 0));
                let next = [0, 1].map(|axis| match now {
                    Some(now) if fastest[axis] > 0.0 => {
                        let most = fastest[axis] * step;
                        now[axis] + (wanted[axis] - now[axis]).max(-most).min(most)
                    }
                    _ => wanted[axis],
                });
                values.extend(next.map(|angle| angle as f32));
                now = Some(next);
            }
            Table::new(first, step, 2, values)
        };
        let tables: Vec<Table> = (0..rows).map(table).collect();
        let moves = inputs.iter().any(|input| input.moves);
        let angles = self.push(Op::Tables(tables), 2, (rows, moves), context);
        vec![angles.channel(0), angles.channel(1)]
    }
}

/// A phase at a clip's start: between 0 and 1, and 0 where it is all but whole.
fn start_of(phase: f64) -> f64 {
    let start = fraction((phase * 1e9).round() / 1e9);
    if start > 1.0 - 1e-7 { 0.0 } else { start }
}
