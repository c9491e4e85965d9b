//! Patterns as graphs of nodes: what each type of node takes and gives, and graphs as written,
//! checked and put in order. What nodes work out is the renderer's.

mod check;
mod nodes;
mod parameters;
mod source;
mod table;
mod value;

use std::sync::Arc;

use serde::Serialize;

use crate::diagnostic::Place;
use crate::show::Selected;

pub(crate) use check::wired;
pub use nodes::Operation;
pub(crate) use nodes::rows;
pub use parameters::{
    AudioInput, BeatEnvelope, ChromaPalette, CircleMotion, ColorConstant, Constant, Falloff,
    FigureEight, Filter, FilterSelection, FrequencyAmplitude, GetAttribute, Gradient,
    LookAtPosition, Math, Mirror, Modulo, NoParameters, Noise, Orbit, RainbowHues, RandomPosition,
    RandomSelectMask, Remap, Round, SineWave, SmoothMovement, SpectralShift, Sweep, Threshold,
    Wander,
};
pub use source::{Chosen, EdgeSource, GraphArgument, GraphSource, NodeSource, Raw};
pub use table::{Input, Output, PortType, Shape};
pub(crate) use value::Figure;
pub use value::{
    AttributeName, AxisName, CapabilityName, MathOperation, Ranges, RoundOperation, Tinted,
};

/// A graph ready to be worked out.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Graph {
    /// Its nodes, each after those that it takes from.
    pub nodes: Vec<GraphNode>,
    /// What the pattern's arguments are: the outputs of its `pattern_args` nodes.
    pub arguments: Vec<ArgumentValue>,
}

/// A node of a graph.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct GraphNode {
    /// Its id.
    pub id: Arc<str>,
    /// What it does.
    pub operation: Operation,
    /// What comes into each of its ports, in the order of [`Shape::inputs`].
    pub inputs: Vec<Option<Link>>,
    /// Where it stands in the sources.
    #[serde(skip)]
    pub place: Place,
}

/// A port that something comes out of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Link {
    /// The node, an index into [`Graph::nodes`].
    pub node: u32,
    /// The port, an index into [`Shape::outputs`], or for `pattern_args` into
    /// [`Graph::arguments`].
    pub port: u32,
}

/// What an argument is in one use of a pattern.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub enum ArgumentValue {
    /// A colour.
    Color(Tinted),
    /// A number.
    Scalar(f64),
    /// Heads, in groups whose places are each group's own; one group when they are not.
    Selection(Vec<Vec<Selected>>),
}
