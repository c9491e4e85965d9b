//! Nodes that write to heads, and those that point them.

use std::collections::BTreeMap;

use gobo_show::effect::BeamParameter;
use gobo_show::graph::{GraphNode, LookAtPosition, MathOperation, Operation};
use gobo_show::rig::{Action, Capability, Function, HeadIndex, Rate};

use super::aim::{Aiming, Plane, Target};
use super::compile::{Compiler, Context, Signal, Wire};
use super::op::Op;
use super::select::Groups;
use crate::aim::{Angles, Mount};
use crate::attribute::Attribute;
use crate::meaning::FASTEST_HZ;

/// What a graph writes on a head: by the number of the attribute, the attribute (`None` is the
/// colour), the signal, and the row of it.
pub(super) type Writes = BTreeMap<HeadIndex, BTreeMap<u64, (Option<Attribute>, Signal, usize)>>;

impl Compiler<'_> {
    /// What an output node writes; where two write the same on a head, the later one does.
    pub(super) fn output(&mut self, node: &GraphNode, context: &mut Context, writes: &mut Writes) {
        let heads = self.heads(node, context);
        for (attribute, signal) in self.written(node, &heads, context) {
            let mut seen = BTreeMap::new();
            for (row, member) in heads.iter().flatten().enumerate() {
                // A head of several groups goes by the first.
                if seen.insert(member.head, ()).is_none() {
                    let key = attribute.map_or(Attribute::COLOR, Attribute::number);
                    let head = writes.entry(member.head).or_default();
                    head.insert(key, (attribute, signal, row));
                }
            }
        }
    }

    fn written(
        &mut self,
        node: &GraphNode,
        heads: &Groups,
        context: &mut Context,
    ) -> Vec<(Option<Attribute>, Signal)> {
        match &node.operation {
            Operation::ApplyColor(_) => {
                let color = self.signal(node, 1, &[0.0], context);
                let light = self.derive(Op::Light(color.reg), 5, &[color], context);
                let mut tint = light;
                (tint.reg.at, tint.reg.channels) = (light.reg.at + 1, 4);
                tint.tints =
                    color.reg.channels >= 4 && self.range(tint.channel(3), context)[0] < 1.0;
                vec![(Some(Attribute::Dimmer), light.channel(0)), (None, tint)]
            }
            Operation::ApplyDimmer(_) => {
                vec![(Some(Attribute::Dimmer), self.cut(node, context))]
            }
            Operation::ApplyStrobe(_) => {
                let part = self.cut(node, context);
                let fastest: Vec<f64> =
                    heads.iter().flatten().map(|member| self.fastest_hz(member.head)).collect();
                let fastest = self.rows(fastest, context);
                let op = Op::Math(MathOperation::Multiply, part.reg, fastest.reg);
                let hertz = self.derive(op, 1, &[part, fastest], context);
                vec![(Some(Attribute::Strobe), hertz)]
            }
            Operation::ApplySpeed(_) => {
                let speed = self.signal(node, 1, &[1.0], context);
                // Above a half, not at it.
                let op = Op::Threshold(0.5 + f64::EPSILON, speed.reg);
                let speed = self.derive(op, 1, &[speed], context);
                vec![(Some(Attribute::Beam(BeamParameter::Speed)), speed)]
            }
            Operation::ApplyPosition(_) => {
                let angle = |port, attribute| match self.wire(node, port, context) {
                    Some(Wire::Signal(signal)) => Some((Some(attribute), signal)),
                    _ => None,
                };
                let angles = [angle(1, Attribute::Pan), angle(2, Attribute::Tilt)];
                angles.into_iter().flatten().collect()
            }
            Operation::ApplyMovement(_) => {
                let uv = self.signal(node, 1, &[0.0, 0.0], context);
                let planes = heads.iter().flatten().map(|member| self.plane(member.head)).collect();
                let target = Target::Plane { uv: uv.reg, planes };
                let aiming = Aiming::new(target, self.mounts(heads), [0.0; 2], true);
                let angles = self.aim(aiming, &[uv], context);
                vec![
                    (Some(Attribute::Pan), angles.channel(0)),
                    (Some(Attribute::Tilt), angles.channel(1)),
                ]
            }
            _ => Vec::new(),
        }
    }

    /// A level from 0 to 1.
    fn cut(&mut self, node: &GraphNode, context: &mut Context) -> Signal {
        let signal = self.signal(node, 1, &[0.0], context);
        let (from, to) = ([0.0, 1.0], [0.0, 1.0]);
        let op = Op::Remap { from, to, clamp: true, signal: signal.reg };
        self.derive(op, 1, &[signal], context)
    }

    pub(super) fn look_at(
        &mut self,
        node: &GraphNode,
        look: &LookAtPosition,
        context: &mut Context,
    ) -> Vec<Signal> {
        let heads = self.heads(node, context);
        let point = [1, 2, 3].map(|port| self.signal(node, port, &[0.0], context));
        let target = Target::Point(point.map(|signal| signal.reg));
        let offset = [look.pan_offset_deg, look.tilt_offset_deg];
        let aiming = Aiming::new(target, self.mounts(&heads), offset, look.clamp);
        let angles = self.aim(aiming, &point, context);
        vec![angles.channel(0), angles.channel(1)]
    }

    /// Leads heads along the clip, so that each knows its way at every time.
    fn aim(&mut self, mut aiming: Aiming, from: &[Signal], context: &mut Context) -> Signal {
        let rows = aiming.rows();
        let moves = from.iter().any(|signal| signal.moves);
        let count = if moves { usize::MAX } else { 1 };
        let instants: Vec<f64> = self.scene.instants.iter().copied().take(count).collect();
        for row in 0..rows {
            let mut now = Angles { pan_deg: 0.0, tilt_deg: 0.0 };
            for &seconds in &instants {
                let numbers = self.work_out(seconds, row, context);
                aiming.follow(row, seconds, numbers, &mut now);
            }
        }
        self.push(Op::Aim(Box::new(aiming)), 2, (rows, moves), context)
    }

    fn mounts(&self, heads: &Groups) -> Vec<(HeadIndex, Mount)> {
        let rig = &self.scene.show.rig;
        let mount = |head: HeadIndex| {
            let fixture = rig.heads.get(head as usize)?.fixture as usize;
            let part = head.checked_sub(rig.fixtures.get(fixture)?.heads.start)?;
            Some((head, self.scene.plans.get(fixture)?.parts.get(part as usize)?.mount))
        };
        heads.iter().flatten().filter_map(|member| mount(member.head)).collect()
    }

    /// The plane that a head moves in: that of the last group with one that it is in.
    fn plane(&self, head: HeadIndex) -> Plane {
        let rig = &self.scene.show.rig;
        let movement =
            rig.movements.iter().rev().find(|(group, _)| {
                rig.groups.get(*group).is_some_and(|heads| heads.contains(&head))
            });
        match movement {
            Some((_, movement)) => {
                let extent = [movement.extent_u, movement.extent_v];
                Plane::new(movement.direction, extent, movement.uv_rotation)
            }
            None => Plane::new([0.0, 0.0, -1.0], [30.0; 2], 0.0),
        }
    }

    /// The fastest strobe of a head's fixture, in hertz.
    fn fastest_hz(&self, head: HeadIndex) -> f64 {
        let rig = &self.scene.show.rig;
        let fixture = rig.heads.get(head as usize).map(|head| head.fixture as usize);
        let channels = fixture.and_then(|fixture| rig.fixtures.get(fixture));
        let rate = |one: &Capability| match one.action {
            Action::Strobe(Rate::Hertz(a), Rate::Hertz(b)) => Some(a.max(b)),
            Action::Strobe(..) => Some(FASTEST_HZ),
            _ => None,
        };
        let channels = channels.iter().flat_map(|fixture| &fixture.channels);
        let fastest = channels.map(|channel| match &channel.function {
            Function::Fixed(all) => all.iter().filter_map(rate).fold(0.0, f64::max),
            Function::Switched { cases, .. } => {
                let all = cases.iter().flat_map(|case| &case.capabilities);
                all.filter_map(rate).fold(0.0, f64::max)
            }
        });
        fastest.fold(0.0, f64::max)
    }
}
