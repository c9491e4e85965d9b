//! Patterns that are graphs of nodes, worked out for each head and frame.
//!
//! A signal has numbers for one or for each head, over time, in one or several channels. It is
//! never stored: a graph becomes a list of small steps that give all its numbers for one moment
//! and one head, from nothing but these. What needs the past or all heads at once (the lowest and
//! highest value of a signal, what was drawn, which way round a head turns) is worked out when the
//! graph is lowered, and leaves numbers or a short table.

mod aim;
mod calculate;
mod circle;
mod clip;
mod compile;
mod envelope;
mod noise;
mod op;
mod output;
mod select;
mod sound;
mod table;

use std::cell::RefCell;
use std::sync::Arc;

use gobo_show::graph::{Graph, Operation};
use gobo_show::rig::HeadIndex;
use gobo_show::show::{Cue, Show};
use gobo_show::value::Color;

use crate::attribute::Attribute;
use crate::course::Course;
use crate::curve::{Scalar, Tint};
use crate::fingerprint::Fingerprint;
use crate::fixture::FixturePlan;

use clip::Clip;
use compile::{Compiler, Scene, Signal};
use op::{Op, Reg, Step, run};

pub(crate) use aim::TurnedBack;

/// The steps of a graph in one cue.
#[derive(Debug)]
struct Program {
    steps: Vec<Step>,
    clip: Clip,
    size: usize,
    /// Stands for all of it.
    stamp: u128,
}

/// A signal of a graph as a curve: its time is how far along the cue is, its rank the row.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    program: Arc<Program>,
    reg: Reg,
    /// Whether it is a colour whose alpha, its last channel, is not always 1.
    tints: bool,
}

impl PartialEq for Channel {
    fn eq(&self, other: &Self) -> bool {
        self.reg == other.reg && self.program.stamp == other.program.stamp
    }
}

impl Channel {
    /// The number at a part of the cue's length.
    pub(crate) fn number(&self, along: f64, row: u32) -> f64 {
        self.program.look_up(along, row, |numbers| self.reg.read(numbers, 0))
    }

    /// The colour at a part of the cue's length.
    pub(crate) fn color(&self, along: f64, row: u32) -> Color {
        self.program.look_up(along, row, |numbers| {
            let [red, green, blue] = [0, 1, 2].map(|part| self.reg.read(numbers, part));
            Color { red, green, blue }
        })
    }

    /// Whether it is a colour that only tints what is below.
    pub(crate) fn tints(&self) -> bool {
        self.tints
    }

    /// How much of a colour takes the place of what is below, at a part of the cue's length.
    pub(crate) fn alpha(&self, along: f64, row: u32) -> f64 {
        self.program.look_up(along, row, |numbers| self.reg.read(numbers, 3))
    }

    pub(crate) fn fingerprint(&self, to: &mut Fingerprint) {
        to.wide(self.program.stamp);
        to.integer(u64::from(self.reg.at) << 32 | u64::from(self.reg.channels));
        to.integer(u64::from(self.tints));
    }
}

/// How many moments a thread remembers: more than the frames of a cell.
const REMEMBERED: usize = 256;

/// What a thread has worked out last: the attributes of a head ask for the same moments.
#[derive(Default)]
struct Memo {
    stamp: u128,
    /// The moments and rows that the numbers are of.
    keys: Vec<Option<(u64, u32)>>,
    /// For each key, all the numbers of the program.
    numbers: Vec<f64>,
}

thread_local! {
    static MEMO: RefCell<Memo> = RefCell::default();
}

impl Program {
    /// Something of the numbers at a moment and a row.
    fn look_up<T>(&self, along: f64, row: u32, read: impl FnOnce(&[f64]) -> T) -> T {
        MEMO.with_borrow_mut(|memo| {
            if memo.stamp != self.stamp || memo.keys.is_empty() {
                memo.stamp = self.stamp;
                memo.keys.clear();
                memo.keys.resize(REMEMBERED, None);
                memo.numbers.clear();
                memo.numbers.resize(REMEMBERED * self.size, 0.0);
            }
            let key = (along.to_bits(), row);
            let spread = key.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56;
            let slot = spread as usize % REMEMBERED;
            let numbers = &mut memo.numbers[slot * self.size..(slot + 1) * self.size];
            if memo.keys[slot] != Some(key) {
                let seconds = along * self.clip.length;
                run(&self.steps, self.clip.moment(seconds, row as usize), &self.clip, numbers);
                memo.keys[slot] = Some(key);
            }
            read(numbers)
        })
    }
}

/// What a graph writes on a head.
pub(crate) struct Written {
    pub(crate) head: HeadIndex,
    /// The curve of the dimmer, an angle or the like, and its row.
    pub(crate) numbers: Vec<(Attribute, Scalar, u32)>,
    /// The curve of the colour, and its row.
    pub(crate) color: Option<(Tint, u32)>,
}

/// Lowers the graph of a cue to curves for the heads that it writes.
pub(crate) fn lower(
    graph: &Graph,
    cue: &Cue,
    course: &Course,
    show: &Show,
    plans: &[Arc<FixturePlan>],
) -> Vec<Written> {
    let clip = Clip::new(cue, &show.grid);
    let instants = clip.instants(course);
    let (start, seed) = (cue.start, cue.seed);
    let scene = Scene { show, plans, start, seed, instants: &instants };
    let mut compiler = Compiler { graph, scene, clip, size: 0, numbers: Vec::new() };
    let is_output = |operation: &Operation| {
        operation.shape().outputs.is_empty() && !matches!(operation, Operation::PatternArgs(_))
    };
    let outputs: Vec<u32> = (0_u32..)
        .zip(&graph.nodes)
        .filter(|(_, node)| is_output(&node.operation))
        .map(|(index, _)| index)
        .collect();
    let mut context = compiler.context(&outputs);
    let mut writes = output::Writes::default();
    for index in outputs {
        compiler.output(&graph.nodes[index as usize], &mut context, &mut writes);
    }
    let Compiler { clip, size, .. } = compiler;
    let program = Program { steps: context.steps, clip, size: size as usize, stamp: 0 };
    let program = Arc::new(program.stamped());
    let written = |(head, writes): (HeadIndex, std::collections::BTreeMap<_, _>)| {
        let mut written = Written { head, numbers: Vec::new(), color: None };
        for (attribute, signal, row) in writes.into_values() {
            written.add(attribute, signal, row, &program);
        }
        written
    };
    writes.into_iter().map(written).collect()
}

/// A head that comes to the end of its pan in what a graph writes, and goes on from elsewhere.
pub(crate) fn turned_back(written: &[Written]) -> Option<TurnedBack> {
    let curves = written.iter().flat_map(|written| &written.numbers);
    let graphs = curves.filter_map(|(_, curve, _)| match curve {
        Scalar::Graph(channel) => Some(&channel.program.steps),
        _ => None,
    });
    let turned = |step: &Step| match &step.op {
        Op::Aim(aiming) => aiming.turned_back,
        _ => None,
    };
    graphs.take(1).flatten().find_map(turned)
}

impl Program {
    fn stamped(mut self) -> Self {
        let mut hash = Fingerprint::new();
        hash.whole(&self.clip);
        hash.whole(&self.steps);
        self.stamp = hash.digest();
        self
    }
}

impl Written {
    fn add(
        &mut self,
        attribute: Option<Attribute>,
        signal: Signal,
        row: usize,
        program: &Arc<Program>,
    ) {
        // Rows repeat, and what is the same for all heads is shared by all.
        let row = (row % signal.rows) as u32;
        let tints = attribute.is_none() && signal.tints;
        let channel = Channel { program: Arc::clone(program), reg: signal.reg, tints };
        match attribute {
            Some(attribute) => {
                let curve = match signal.moves {
                    true => Scalar::Graph(channel),
                    false => Scalar::Constant(channel.number(0.0, row)),
                };
                self.numbers.push((attribute, curve, row));
            }
            None => {
                let curve = match signal.moves || tints {
                    true => Tint::Graph(channel),
                    false => Tint::Constant(channel.color(0.0, row)),
                };
                self.color = Some((curve, row));
            }
        }
    }
}
