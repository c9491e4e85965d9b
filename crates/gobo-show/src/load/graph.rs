//! Patterns that are graphs: which implementation is taken, and graphs with their arguments made
//! into cues.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;

use super::Loader;
use super::cues::Stage;
use super::pattern::Run;
use crate::decode::{Argument, ArgumentKind, At, Decode, Spanned, listed};
use crate::diagnostic::{Diagnostic, Place, nearest};
use crate::effect::Effect;
use crate::graph::{
    ArgumentValue, Chosen, Figure, Graph, GraphNode, GraphSource, Operation, Tinted, wired,
};
use crate::rig::{HeadIndex, Rig};
use crate::select::Selection;
use crate::show::Cue;
use crate::show::Selected;
use crate::source::{Arguments, PatternCall};

/// The arguments of a pattern in one use of it.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub(super) arguments: &'a IndexMap<String, Argument>,
    pub(super) call: &'a PatternCall,
    /// The pattern's file.
    pub(super) place: &'a Place,
}

impl Loader<'_> {
    /// The name of the implementation that a pattern has in this venue; `None` when it has but
    /// one way, or none that could be found.
    pub(super) fn implementation(
        &mut self,
        pattern: &str,
        root: &At<'_>,
        venue: &IndexMap<String, Spanned<String>>,
    ) -> Option<String> {
        let all = root.member("implementations");
        let names: Vec<&str> = all.iter().flat_map(At::members).map(|(name, _)| name).collect();
        let default = root.member("default").and_then(|at| {
            let value = at.node.text()?.to_owned();
            Some(Spanned { value, place: at.place() })
        });
        self.check_forms(root);
        for wanted in default.iter().chain(venue.get(pattern)) {
            if !names.contains(&wanted.value.as_str()) {
                let message =
                    format!("the pattern `{pattern}` has no implementation `{}`", wanted.value);
                let error =
                    Diagnostic::error("unknown-implementation", wanted.place.clone(), message);
                self.decoder.say(match nearest(&wanted.value, names.iter().copied()) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None if names.is_empty() => error.hint("it is written in one way only"),
                    None => error.hint(format!("it has {}", listed(names.iter().copied()))),
                });
            }
        }
        if let (Some(all), None, 2..) = (&all, &default, names.len()) {
            let message =
                format!("the pattern `{pattern}` has several implementations and no `default`");
            let error = Diagnostic::error("no-default", all.key_place(), message);
            self.decoder.say(error.hint(format!("it has {}", listed(names.iter().copied()))));
        }
        let wanted = venue.get(pattern).or(default.as_ref()).map(|wanted| wanted.value.as_str());
        let known = wanted.filter(|wanted| names.contains(wanted));
        known.or(names.first().copied()).map(str::to_owned)
    }

    /// A pattern is written in one form.
    fn check_forms(&mut self, root: &At<'_>) {
        let forms = ["steps", "graph", "nodes", "implementations"];
        let mut given = forms.iter().filter_map(|form| Some((form, root.member(form)?)));
        let Some((first, _)) = given.next() else { return };
        for (second, at) in given {
            let message =
                format!("a pattern is written in one form: here are `{first}` and `{second}`");
            let error = Diagnostic::error("two-forms", at.key_place(), message);
            self.decoder.say(error.hint("write each as one of the `implementations`"));
        }
    }

    /// The arguments that are declared at `at` and in its graph.
    pub(super) fn declared(&mut self, at: &At<'_>) -> IndexMap<String, Argument> {
        let graph = at.member("graph").and_then(|graph| graph.member("args"));
        let all = [at.member("args"), graph];
        let all = all.iter().flatten();
        all.filter_map(|args| Arguments::decode(args, &mut self.decoder))
            .flat_map(|arguments| arguments.0)
            .map(|(name, argument)| (name, argument.0))
            .collect()
    }

    /// Makes a cue of a pattern's graph for the length of `run`.
    pub(super) fn graph_cue(
        &mut self,
        source: &GraphSource,
        given: Given<'_>,
        run: &Run,
        stage: &mut Stage<'_>,
        out: &mut Vec<Cue>,
    ) {
        let nodes = wired(source, given.arguments, &mut self.decoder);
        let values: Vec<_> = given
            .arguments
            .iter()
            .map(|(name, argument)| self.argument(name, argument, given, run, stage))
            .collect();
        let (Some(nodes), Some(arguments)) = (nodes, values.into_iter().collect()) else { return };
        self.hears(&nodes);
        let graph = Graph { nodes, arguments };
        let mut run = run.clone();
        let heads = graph.selected(stage.rig);
        if !heads.is_empty() {
            let selected = heads.into_iter().zip(0..).map(|(head, rank)| Selected { head, rank });
            run.on = run.on.with(selected.collect(), stage.rig);
        }
        let effect = Effect::Graph(Arc::new(graph));
        self.check_effect(&effect, &run, &run.place, stage);
        out.push(run.cue(effect, stage.rig));
    }

    /// Asks for the song's sound when a node listens to it.
    fn hears(&mut self, nodes: &[GraphNode]) {
        let listens = |node: &&GraphNode| matches!(node.operation, Operation::AudioInput(_));
        if let Some(node) = nodes.iter().find(listens) {
            self.decoder.sound_used.get_or_insert_with(|| node.place.clone());
        }
    }

    fn argument(
        &mut self,
        name: &str,
        argument: &Argument,
        given: Given<'_>,
        run: &Run,
        stage: &mut Stage<'_>,
    ) -> Option<ArgumentValue> {
        let own = given.call.arguments.iter().find(|(known, ..)| known == name);
        let place = own.map_or(given.place, |(_, place, _)| place);
        let at = At { file: &place.file, node: &argument.node, pointer: pointer(place) };
        match argument.kind {
            ArgumentKind::Color => Tinted::decode(&at, &mut self.decoder).map(ArgumentValue::Color),
            ArgumentKind::Any | ArgumentKind::Scalar => {
                Figure::decode(&at, &mut self.decoder).map(|figure| ArgumentValue::Scalar(figure.0))
            }
            ArgumentKind::Selection => {
                let chosen = Chosen::decode(&at, &mut self.decoder)?;
                let this = &run.on.selected;
                // What Luma calls all is all that the pattern is used on.
                let is_this = own.is_none() && chosen.selection == Selection::All;
                let heads = if is_this {
                    this.to_vec()
                } else {
                    self.heads((&chosen.selection, place), Some(this), run.seed, stage).selected()
                };
                let groups =
                    if chosen.by_group { by_group(&heads, stage.rig) } else { vec![heads] };
                Some(ArgumentValue::Selection(groups))
            }
        }
    }
}

fn pointer(place: &Place) -> String {
    match &place.spot {
        crate::diagnostic::Spot::Value(pointer) | crate::diagnostic::Spot::Key(pointer) => {
            pointer.clone()
        }
        _ => String::new(),
    }
}

/// Heads by the venue's groups, each with places of its own; those in none come last.
fn by_group(heads: &[Selected], rig: &Rig) -> Vec<Vec<Selected>> {
    let mut left: BTreeSet<HeadIndex> = heads.iter().map(|selected| selected.head).collect();
    let counted = |heads: Vec<HeadIndex>| -> Vec<Selected> {
        heads.into_iter().zip(0..).map(|(head, rank)| Selected { head, rank }).collect()
    };
    let mut groups: Vec<Vec<HeadIndex>> = Vec::new();
    for members in rig.groups.values() {
        let members: BTreeSet<HeadIndex> = members.iter().copied().collect();
        let inside = heads.iter().map(|selected| selected.head);
        let inside: Vec<HeadIndex> = inside.filter(|head| members.contains(head)).collect();
        inside.iter().for_each(|head| {
            left.remove(head);
        });
        groups.push(inside);
    }
    let none = heads.iter().map(|selected| selected.head).filter(|head| left.contains(head));
    groups.push(none.collect());
    groups.retain(|group| !group.is_empty());
    groups.into_iter().map(counted).collect()
}

impl Graph {
    /// Every head of its selections, each once.
    fn selected(&self, rig: &Rig) -> Vec<HeadIndex> {
        let mut seen = vec![false; rig.heads.len()];
        let groups = self.arguments.iter().flat_map(|argument| match argument {
            ArgumentValue::Selection(groups) => groups.as_slice(),
            _ => &[],
        });
        let heads = groups.flatten().map(|selected| selected.head);
        heads.filter(|head| !std::mem::replace(&mut seen[*head as usize], true)).collect()
    }
}
