//! From nodes and edges as written to nodes in the order of their evaluation, with every mistake
//! in the wiring told.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::nodes::Operation;
use super::source::{EdgeSource, GraphSource, NodeSource};
use super::{GraphNode, Link, PortType};
use crate::decode::{Argument, ArgumentKind, Decoder, Spanned, listed};
use crate::diagnostic::{Diagnostic, Place};

/// The most nodes that a graph may have once each delay has its own copy of what it delays.
const MOST: usize = 4096;

/// The nodes of a graph that do something, each after those that it takes from; `None` when
/// something is wrong with it.
pub(crate) fn wired(
    source: &GraphSource,
    arguments: &IndexMap<String, Argument>,
    decoder: &mut Decoder,
) -> Option<Vec<GraphNode>> {
    let mut wiring = Wiring::new(source, arguments, decoder);
    source.edges.iter().for_each(|edge| wiring.edge(edge));
    let live = wiring.live();
    wiring.check_inputs(&live);
    let order = wiring.order(&live)?;
    wiring.is_whole.then(|| wiring.nodes(&order)).filter(|nodes| {
        let fits = size(nodes) <= MOST;
        if !fits && let Some(node) = source.nodes.first() {
            let message = format!("the graph's delays need more than {MOST} nodes");
            let error = Diagnostic::error("graph-too-big", node.place.clone(), message);
            decoder.say(error.hint("delay a signal once, not one delay after the other"));
        }
        fits
    })
}

/// What comes into a port, and where the edge stands.
type Wire = Option<(Link, Place)>;

struct Wiring<'a> {
    source: &'a GraphSource,
    arguments: &'a IndexMap<String, Argument>,
    decoder: &'a mut Decoder,
    /// Nodes by id, the first of each.
    ids: BTreeMap<&'a str, usize>,
    /// What comes into each port of each node.
    wires: Vec<Vec<Wire>>,
    is_whole: bool,
}

impl<'a> Wiring<'a> {
    fn new(
        source: &'a GraphSource,
        arguments: &'a IndexMap<String, Argument>,
        decoder: &'a mut Decoder,
    ) -> Self {
        let ports = |node: &NodeSource| {
            let inputs = node.operation.as_ref().map_or(0, |known| known.shape().inputs.len());
            vec![None; inputs]
        };
        let wires = source.nodes.iter().map(ports).collect();
        let is_whole = source.nodes.iter().all(|node| node.operation.is_some());
        let ids = BTreeMap::new();
        let mut wiring = Self { source, arguments, decoder, ids, wires, is_whole };
        for (index, node) in source.nodes.iter().enumerate() {
            let first = *wiring.ids.entry(&node.id.value).or_insert(index);
            if first != index {
                let message = format!("there are two nodes with the id `{}`", node.id.value);
                let error = Diagnostic::error("duplicate-id", node.id.place.clone(), message);
                wiring.say(error.label(source.nodes[first].id.place.clone(), "the first"));
            }
        }
        wiring
    }

    fn say(&mut self, error: Diagnostic) {
        self.is_whole = false;
        self.decoder.say(error);
    }

    fn node(&mut self, id: &Spanned<String>) -> Option<usize> {
        let known = self.ids.get(id.value.as_str()).copied();
        if known.is_none() {
            let message = format!("there is no node with the id `{}`", id.value);
            let error = Diagnostic::error("unknown-node-id", id.place.clone(), message);
            let ids: Vec<&str> = self.ids.keys().copied().collect();
            self.say(error.nearest(&id.value, ids));
        }
        known
    }

    fn operation(&self, node: usize) -> Option<&'a Operation> {
        self.source.nodes[node].operation.as_ref()
    }

    fn edge(&mut self, edge: &Spanned<EdgeSource>) {
        let EdgeSource { from_node, from_port, to_node, to_port, .. } = &edge.value;
        let (from, to) = (self.node(from_node), self.node(to_node));
        let from = from.and_then(|from| Some((from, self.output(from, from_port)?)));
        let to = to.and_then(|to| Some((to, self.input(to, to_port)?)));
        let (Some((from, (port, given))), Some((to, (input, wanted)))) = (from, to) else { return };
        if given != wanted {
            let message = format!(
                "`{}.{}` takes {}, and `{}.{}` gives {}",
                to_node.value,
                to_port.value,
                wanted.words(),
                from_node.value,
                from_port.value,
                given.words()
            );
            self.say(Diagnostic::error("wrong-port-type", edge.place.clone(), message));
            return;
        }
        let link = Link { node: from as u32, port: port as u32 };
        let wire = &mut self.wires[to][input];
        match wire {
            None => *wire = Some((link, edge.place.clone())),
            Some((first, _)) if *first == link => {}
            Some((_, first)) => {
                let message = format!("two edges go into `{}.{}`", to_node.value, to_port.value);
                let error = Diagnostic::error("two-edges", edge.place.clone(), message);
                let error = error.label(first.clone(), "the first");
                self.say(error.hint("join them by a `math` node"));
            }
        }
    }

    fn output(&mut self, node: usize, port: &Spanned<String>) -> Option<(usize, PortType)> {
        let operation = self.operation(node)?;
        let shape = operation.shape();
        if let Operation::PatternArgs(_) = operation {
            let found = self.arguments.get_full(port.value.as_str());
            if found.is_none() && !self.decoder.names.unreadable_arguments.contains(&port.value) {
                let message = format!("the pattern has no argument `{}`", port.value);
                let error = Diagnostic::error("unknown-argument", port.place.clone(), message);
                let known: Vec<&str> = self.arguments.keys().map(String::as_str).collect();
                self.say(error.nearest(&port.value, known));
            }
            self.is_whole &= found.is_some();
            let (index, _, argument) = found?;
            return Some((index, port_type(argument.kind)));
        }
        let found = shape.outputs.iter().position(|output| output.name == port.value);
        if found.is_none() {
            let known: Vec<&str> = shape.outputs.iter().map(|output| output.name).collect();
            self.unknown_port(shape.name, "output", port, &known);
        }
        found.map(|index| (index, shape.outputs[index].kind))
    }

    fn input(&mut self, node: usize, port: &Spanned<String>) -> Option<(usize, PortType)> {
        let shape = self.operation(node)?.shape();
        let found = shape.inputs.iter().position(|input| input.name == port.value);
        if found.is_none() {
            let known: Vec<&str> = shape.inputs.iter().map(|input| input.name).collect();
            self.unknown_port(shape.name, "input", port, &known);
        }
        found.map(|index| (index, shape.inputs[index].kind))
    }

    fn unknown_port(&mut self, name: &str, side: &str, port: &Spanned<String>, known: &[&str]) {
        let message = format!("`{name}` has no {side} `{}`", port.value);
        let error = Diagnostic::error("unknown-port", port.place.clone(), message);
        let near = crate::diagnostic::nearest(&port.value, known.iter().copied());
        self.say(match near {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None if known.is_empty() => error.hint(format!("it has no {side} at all")),
            None => error.hint(format!("it has {}", listed(known.iter().copied()))),
        });
    }

    /// Whether each node takes part in what an output node does.
    fn live(&self) -> Vec<bool> {
        let mut live = vec![false; self.source.nodes.len()];
        let is_output = |index: &usize| self.operation(*index).is_some_and(is_output);
        let mut left: Vec<usize> = (0..live.len()).filter(is_output).collect();
        while let Some(index) = left.pop() {
            if !std::mem::replace(&mut live[index], true) {
                left.extend(self.wires[index].iter().flatten().map(|(link, _)| link.node as usize));
            }
        }
        live
    }

    /// Tells of inputs that are missing: mistakes where something comes of it.
    fn check_inputs(&mut self, live: &[bool]) {
        let source = self.source;
        for (index, node) in source.nodes.iter().enumerate() {
            let Some(operation) = &node.operation else { continue };
            let shape = operation.shape();
            let missing: Vec<&str> = (shape.inputs.iter().zip(&self.wires[index]))
                .filter(|(input, wire)| input.required && wire.is_none())
                .map(|(input, _)| input.name)
                .collect();
            // An edge that was refused has been told of.
            let told = source.edges.iter().any(|edge| {
                edge.value.to_node.value == node.id.value
                    && missing.contains(&edge.value.to_port.value.as_str())
            });
            if missing.is_empty() || told {
                continue;
            }
            let message =
                format!("the node `{}` ({}) needs {}", node.id.value, shape.name, listed(missing));
            if live[index] {
                self.say(Diagnostic::error("missing-input", node.place.clone(), message));
            } else {
                let warning = Diagnostic::warning("missing-input", node.place.clone(), message);
                self.decoder.say(warning.hint("nothing comes of this node"));
            }
        }
        if !live.iter().any(|live| *live) && self.is_whole {
            let message = "the graph does nothing: it has no output node such as `apply_color`";
            let place = source.nodes.first().map(|node| node.place.clone());
            if let Some(place) = place {
                self.decoder.say(Diagnostic::warning("no-output", place, message));
            }
        }
    }

    /// The live nodes, each after those that it takes from, and by their ids else; `None` when
    /// nodes go round in a circle.
    fn order(&mut self, live: &[bool]) -> Option<Vec<usize>> {
        let circle = self.circle();
        if let Some(circle) = circle {
            let names =
                circle.iter().map(|index| format!("`{}`", self.source.nodes[*index].id.value));
            let chain = names.collect::<Vec<_>>().join(" → ");
            let message = format!("these nodes go round in a circle: {chain}");
            let place = circle.first().map(|first| self.source.nodes[*first].place.clone())?;
            self.say(Diagnostic::error("graph-circle", place, message));
            return None;
        }
        let mut waiting: BTreeSet<(&str, usize)> = (0..live.len())
            .filter(|index| live[*index])
            .map(|index| (self.source.nodes[index].id.value.as_str(), index))
            .collect();
        let mut placed = BTreeSet::new();
        let mut order = Vec::new();
        while !waiting.is_empty() {
            let ready = waiting.iter().copied().find(|(_, index)| {
                let mut from = self.wires[*index].iter().flatten();
                from.all(|(link, _)| placed.contains(&(link.node as usize)))
            })?;
            waiting.remove(&ready);
            placed.insert(ready.1);
            order.push(ready.1);
        }
        Some(order)
    }

    /// Nodes that lead back to the first, which stands at the end again.
    fn circle(&self) -> Option<Vec<usize>> {
        let mut done = vec![false; self.wires.len()];
        for &start in self.ids.values() {
            let mut path: Vec<(usize, usize)> = vec![(start, 0)];
            while let Some((index, next)) = path.last_mut() {
                let (node, wire) = (*index, *next);
                if done[node] || wire == self.wires[node].len() {
                    done[node] = true;
                    path.pop();
                    continue;
                }
                *next += 1;
                let Some((link, _)) = &self.wires[node][wire] else { continue };
                let from = link.node as usize;
                if let Some(at) = path.iter().position(|(known, _)| *known == from) {
                    // The path goes against the edges.
                    let mut circle: Vec<usize> = path[at..].iter().map(|step| step.0).collect();
                    circle.push(from);
                    circle.reverse();
                    return Some(circle);
                }
                path.push((from, 0));
            }
        }
        None
    }

    fn nodes(&self, order: &[usize]) -> Vec<GraphNode> {
        let mut places = vec![0; self.wires.len()];
        for (place, index) in (0_u32..).zip(order) {
            places[*index] = place;
        }
        let inputs = |index: usize| {
            let link = |(link, _): &(Link, Place)| Link {
                node: places[link.node as usize],
                port: link.port,
            };
            self.wires[index].iter().map(|wire| wire.as_ref().map(link)).collect()
        };
        let node = |index: &usize| {
            let source = &self.source.nodes[*index];
            let operation = source.operation.clone()?;
            let id = source.id.value.as_str().into();
            Some(GraphNode { id, operation, inputs: inputs(*index), place: source.place.clone() })
        };
        order.iter().filter_map(node).collect()
    }
}

/// Whether a node writes to heads.
fn is_output(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::ApplyColor(_)
            | Operation::ApplyDimmer(_)
            | Operation::ApplyStrobe(_)
            | Operation::ApplySpeed(_)
            | Operation::ApplyMovement(_)
            | Operation::ApplyPosition(_)
    )
}

fn port_type(kind: ArgumentKind) -> PortType {
    match kind {
        ArgumentKind::Any | ArgumentKind::Color | ArgumentKind::Scalar => PortType::Signal,
        ArgumentKind::Selection => PortType::Selection,
    }
}

/// How many nodes there are when each delay has its own copy of what it delays; an upper bound.
fn size(nodes: &[GraphNode]) -> usize {
    // What each node takes with it: the nodes that it needs, those behind delays counted anew.
    let mut above: Vec<usize> = Vec::with_capacity(nodes.len());
    let mut copies = nodes.len();
    for node in nodes {
        let from = node.inputs.iter().flatten().map(|link| above[link.node as usize]);
        let sum = from.fold(1_usize, usize::saturating_add);
        above.push(sum.min(MOST + 1));
        if let Operation::TimeDelay(_) = node.operation {
            copies = copies.saturating_add(sum);
        }
    }
    copies
}
