//! From a graph's nodes to steps. What a node needs of the past or of all heads at once is worked
//! out here and leaves numbers or a short table.

use std::collections::BTreeMap;
use std::rc::Rc;

use std::sync::Arc;

use gobo_show::graph::{ArgumentValue, Graph, GraphNode, Operation, Tinted};
use gobo_show::show::Show;
use gobo_show::spectrum::Stem;

use super::clip::Clip;
use super::op::{Op, Reg, Step, run};
use super::select::{Groups, able, attribute, members, mirrored};
use crate::fixture::FixturePlan;

/// A signal: where its numbers stand, how many heads it tells apart, and whether it ever changes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signal {
    pub(super) reg: Reg,
    pub(super) rows: usize,
    pub(super) moves: bool,
    /// Whether it is a colour whose alpha is not always 1.
    pub(super) tints: bool,
}

impl Signal {
    pub(super) fn channel(self, channel: u32) -> Self {
        Self { reg: self.reg.channel(channel), ..self }
    }
}

/// A sound: which part of the song, through which filters.
#[derive(Clone, Debug)]
pub(super) struct Sound {
    pub(super) stem: Stem,
    /// Whether each lets what is high through, and where it cuts, in hertz.
    pub(super) filters: Vec<(bool, f64)>,
}

/// What comes out of a port.
#[derive(Clone, Debug)]
pub(super) enum Wire {
    Signal(Signal),
    Sound(Sound),
    Beats,
    Heads(Rc<Groups>),
}

/// What a graph is lowered in.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) show: &'a Show,
    pub(super) plans: &'a [Arc<FixturePlan>],
    /// When the cue starts, in seconds of the show.
    pub(super) start: f64,
    pub(super) seed: u64,
    /// The seconds since then of every frame.
    pub(super) instants: &'a [f64],
}

/// Steps for one course of time: the clip's own, or that of a delay.
#[derive(Default)]
pub(super) struct Context {
    pub(super) steps: Vec<Step>,
    wires: BTreeMap<u32, Vec<Wire>>,
}

/// Makes steps of nodes.
pub(super) struct Compiler<'a> {
    pub(super) graph: &'a Graph,
    pub(super) scene: Scene<'a>,
    pub(super) clip: Clip,
    /// How many numbers there are.
    pub(super) size: u32,
    /// Room to work steps out in.
    pub(super) numbers: Vec<f64>,
}

impl Compiler<'_> {
    /// The steps of some nodes and of all that they need.
    pub(super) fn context(&mut self, roots: &[u32]) -> Context {
        let needed = self.needed(roots);
        let mut context = Context::default();
        let graph = self.graph;
        for (index, node) in (0_u32..).zip(&graph.nodes) {
            if needed[index as usize] {
                let wires = self.node(node, &mut context);
                context.wires.insert(index, wires);
            }
        }
        context
    }

    /// Whether each node is needed for `roots`; what is only delayed is not.
    fn needed(&self, roots: &[u32]) -> Vec<bool> {
        let mut needed = vec![false; self.graph.nodes.len()];
        let mut left = roots.to_vec();
        while let Some(index) = left.pop() {
            let index = index as usize;
            let Some(node) = self.graph.nodes.get(index) else { continue };
            if std::mem::replace(&mut needed[index], true) {
                continue;
            }
            let delays = matches!(node.operation, Operation::TimeDelay(_));
            let inputs = node.inputs.iter().skip(usize::from(delays));
            left.extend(inputs.flatten().map(|link| link.node));
        }
        needed
    }

    /// What comes into a port.
    pub(super) fn wire(&self, node: &GraphNode, port: usize, context: &Context) -> Option<Wire> {
        let link = node.inputs.get(port).copied().flatten()?;
        context.wires.get(&link.node)?.get(link.port as usize).cloned()
    }

    /// The signal that comes into a port, or these numbers when nothing does.
    pub(super) fn signal(
        &mut self,
        node: &GraphNode,
        port: usize,
        default: &[f64],
        context: &mut Context,
    ) -> Signal {
        match self.wire(node, port, context) {
            Some(Wire::Signal(signal)) => signal,
            _ => self.constant(default, context),
        }
    }

    pub(super) fn heads(&self, node: &GraphNode, context: &Context) -> Rc<Groups> {
        match self.wire(node, 0, context) {
            Some(Wire::Heads(groups)) => groups,
            _ => Rc::default(),
        }
    }

    /// Adds a step.
    pub(super) fn push(
        &mut self,
        op: Op,
        channels: u32,
        (rows, moves): (usize, bool),
        context: &mut Context,
    ) -> Signal {
        let reg = Reg { at: self.size, channels: channels.max(1) };
        self.size += reg.channels;
        self.numbers.resize(self.size as usize, 0.0);
        context.steps.push(Step { op, out: reg });
        Signal { reg, rows: rows.max(1), moves, tints: false }
    }

    /// Adds a step whose rows and changes are those of what it takes from.
    pub(super) fn derive(
        &mut self,
        op: Op,
        channels: u32,
        from: &[Signal],
        context: &mut Context,
    ) -> Signal {
        let rows = from.iter().map(|signal| signal.rows).max().unwrap_or(1);
        let moves = from.iter().any(|signal| signal.moves);
        self.push(op, channels, (rows, moves), context)
    }

    pub(super) fn constant(&mut self, numbers: &[f64], context: &mut Context) -> Signal {
        let op = Op::Constant(numbers.to_vec());
        self.push(op, numbers.len() as u32, (1, false), context)
    }

    pub(super) fn tinted(&mut self, tinted: Tinted, context: &mut Context) -> Signal {
        let Tinted { color, alpha } = tinted;
        self.constant(&[color.red, color.green, color.blue, alpha], context)
    }

    pub(super) fn rows(&mut self, values: Vec<f64>, context: &mut Context) -> Signal {
        let rows = values.len();
        self.push(Op::Rows(values), 1, (rows, false), context)
    }

    /// Works all steps so far out at a time, for a row.
    pub(super) fn work_out(&mut self, seconds: f64, row: usize, context: &Context) -> &[f64] {
        run(&context.steps, self.clip.moment(seconds, row), &self.clip, &mut self.numbers);
        &self.numbers
    }

    /// The value of a signal's first channel in the middle of the clip.
    pub(super) fn in_the_middle(&mut self, signal: Signal, context: &Context) -> f64 {
        let middle = self.clip.length / 2.0;
        let numbers = self.work_out(middle, 0, context);
        signal.reg.read(numbers, 0)
    }

    /// The times at which a signal may differ.
    pub(super) fn instants(&self, signal: Signal) -> Vec<f64> {
        let count = if signal.moves { usize::MAX } else { 1 };
        self.scene.instants.iter().copied().take(count).collect()
    }

    /// The lowest and the highest value of a signal over the clip and all its rows.
    pub(super) fn range(&mut self, signal: Signal, context: &Context) -> [f64; 2] {
        let mut range = [f64::INFINITY, f64::NEG_INFINITY];
        let instants = self.instants(signal);
        for row in 0..signal.rows {
            for &seconds in &instants {
                let numbers = self.work_out(seconds, row, context);
                for channel in 0..signal.reg.channels as usize {
                    let value = signal.reg.read(numbers, channel);
                    range = [range[0].min(value), range[1].max(value)];
                }
            }
        }
        if range[0].is_finite() && range[1].is_finite() { range } else { [0.0, 0.0] }
    }

    /// The seed of a node.
    pub(super) fn seed(&self, node: &GraphNode) -> u64 {
        xxhash_rust::xxh3::xxh3_64_with_seed(node.id.as_bytes(), self.scene.seed)
    }

    /// What comes out of a node.
    fn node(&mut self, node: &GraphNode, context: &mut Context) -> Vec<Wire> {
        match &node.operation {
            Operation::PatternArgs(_) => self.arguments(context),
            Operation::GetAttribute(get) => {
                let values = attribute(&self.heads(node, context), get.attribute);
                vec![Wire::Signal(self.rows(values, context))]
            }
            Operation::FilterSelection(filter) => {
                let heads = self.heads(node, context);
                vec![Wire::Heads(Rc::new(able(&heads, filter.capability, &self.scene.show.rig)))]
            }
            Operation::Mirror(mirror) => {
                let (heads, sides) = mirrored(&self.heads(node, context), mirror.axis);
                let side = self.rows(sides, context);
                vec![Wire::Heads(Rc::new(heads)), Wire::Signal(side)]
            }
            Operation::BeatClock(_) => vec![Wire::Beats],
            Operation::AudioInput(_)
            | Operation::StemSplitter(_)
            | Operation::LowpassFilter(_)
            | Operation::HighpassFilter(_)
            | Operation::FrequencyAmplitude(_)
            | Operation::HarmonyAnalysis(_) => self.sound(node, context),
            _ => self.calculation(node, context).into_iter().map(Wire::Signal).collect(),
        }
    }

    fn arguments(&mut self, context: &mut Context) -> Vec<Wire> {
        let graph = self.graph;
        let argument = |argument: &ArgumentValue| match argument {
            ArgumentValue::Color(color) => Wire::Signal(self.tinted(*color, context)),
            ArgumentValue::Scalar(number) => Wire::Signal(self.constant(&[*number], context)),
            ArgumentValue::Selection(groups) => {
                Wire::Heads(Rc::new(members(groups, &self.scene.show.rig)))
            }
        };
        graph.arguments.iter().map(argument).collect()
    }
}
