//! Patterns: one implementation is a file as Luma has it, several are one file with a default.

use std::collections::{BTreeMap, BTreeSet};

use gobo_show::pretty::pretty;
use gobo_show::{MemoryWorld, Severity, load};
use serde_json::{Map, Value, json};

use super::score::Interface;
use super::source::{Luma, Pattern};
use super::{Words, Writer};

/// The patterns of a database, by their keys.
#[derive(Default)]
pub(super) struct Patterns {
    known: BTreeMap<String, Known>,
    /// The keys in the order of the database.
    order: Vec<String>,
    /// The names of those that are left out, by their keys.
    left_out: BTreeMap<String, String>,
    /// The keys of those that a show has.
    pub(super) used: BTreeSet<String>,
}

/// A pattern as a file.
pub(super) struct Known {
    /// Its name: the file's, without `.json`.
    pub(super) name: String,
    /// The names of its implementations, by their keys; none when it has but one.
    pub(super) ways: BTreeMap<String, String>,
    pub(super) interface: Interface,
    /// The kind of each argument: `Color`, `Scalar`, `Selection`.
    pub(super) kinds: BTreeMap<String, String>,
    /// The selections that its arguments have by default.
    pub(super) selections: Vec<String>,
    file: Value,
}

impl Patterns {
    pub(super) fn new(luma: &Luma, writer: &mut Writer) -> Self {
        let mut words = Words::new([]);
        let mut patterns = Self::default();
        for pattern in &luma.patterns {
            let id = pattern.id.clone();
            if let Some(known) = known(pattern, &mut words, writer) {
                patterns.order.push(id.clone());
                patterns.known.insert(id, known);
            } else {
                patterns.left_out.insert(id, pattern.name.clone());
            }
        }
        patterns
    }

    pub(super) fn get(&self, id: &str) -> Option<&Known> {
        self.known.get(id)
    }

    /// What a pattern that is not there is called: its name, or its key where it has none.
    pub(super) fn lost<'a>(&'a self, id: &'a str) -> &'a str {
        self.left_out.get(id).map_or(id, String::as_str)
    }

    /// The pattern of a name.
    pub(super) fn named(&self, name: &str) -> Option<&Known> {
        self.known.values().find(|known| known.name == name)
    }

    /// The keys of those that no show has.
    pub(super) fn unused(&self) -> Vec<String> {
        self.order.iter().filter(|id| !self.used.contains(*id)).cloned().collect()
    }

    /// Writes the files of some patterns into a show.
    pub(super) fn write(&mut self, ids: &BTreeSet<String>, show: &str, writer: &mut Writer) {
        for (id, known) in self.known.iter().filter(|(id, _)| ids.contains(*id)) {
            let path = format!("shows/{show}/patterns/{}.json", known.name);
            writer.imported.text(path, pretty(&known.file));
            self.used.insert(id.clone());
        }
    }
}

fn known(pattern: &Pattern, words: &mut Words, writer: &mut Writer) -> Option<Known> {
    let of = format!("the pattern `{}`", pattern.name);
    let mut ways: Vec<(String, String, Value)> = Vec::new();
    let mut taken = Words::new([]);
    for way in &pattern.implementations {
        let name = taken.take(way.name.as_deref().unwrap_or("implementation"));
        let of = format!("the implementation `{name}` of {of}");
        let Some(graph) = writer.json("graph_json", &of, &way.graph) else { continue };
        if graph["nodes"].as_array().is_none_or(Vec::is_empty) {
            writer.note(of, "is left out: it has no nodes");
            continue;
        }
        if let Some(fault) = fault(&graph) {
            writer.note(of, format!("is left out: {fault}"));
            continue;
        }
        ways.push((way.id.clone(), name, graph));
    }
    let title = pattern.description.as_ref().map_or_else(
        || pattern.name.clone(),
        |description| format!("{}: {description}", pattern.name),
    );
    let (file, names) = match ways.as_slice() {
        [] => {
            writer.note(of, "is left out: nothing says what it does");
            return None;
        }
        [(_, _, graph)] => (graph.clone(), BTreeMap::new()),
        several => together(pattern, &title, several, writer),
    };
    let interface = Interface::of(&file);
    let lists = arguments(&file);
    let kinds =
        lists.iter().filter_map(|arg| Some((arg["id"].as_str()?, arg["argType"].as_str()?)));
    let selections = lists.iter().filter_map(|arg| arg["defaultValue"]["expression"].as_str());
    Some(Known {
        name: words.take(&pattern.name),
        ways: names,
        kinds: kinds.map(|(id, kind)| (id.to_owned(), kind.to_owned())).collect(),
        selections: selections.map(str::to_owned).collect(),
        interface,
        file,
    })
}

/// What is wrong with a graph, if anything is.
fn fault(graph: &Value) -> Option<String> {
    let mut world = MemoryWorld::default();
    for (path, text) in [
        ("shows/graph/show.toml", "venue = \"none\"\ncues = []\nlength = 1\n"),
        ("fixtures/none.toml", "name = \"none\"\n"),
        ("shows/graph/patterns/graph.json", &pretty(graph)),
    ] {
        world.files.insert(path.to_owned(), text.into());
    }
    let found = load(&world, "graph").diagnostics;
    let mut errors = found.iter().filter(|found| found.severity == Severity::Error);
    let first = errors.next()?.message.clone();
    match errors.count() {
        0 => Some(first),
        more => Some(format!("{first} (and {more} more)")),
    }
}

/// Several implementations in one file, and the name of each by its key.
fn together(
    pattern: &Pattern,
    title: &str,
    ways: &[(String, String, Value)],
    writer: &mut Writer,
) -> (Value, BTreeMap<String, String>) {
    let names: BTreeMap<_, _> =
        ways.iter().map(|(id, name, _)| (id.clone(), name.clone())).collect();
    let default = pattern.default.as_ref();
    let default = match (default.and_then(|id| names.get(id)), default) {
        (Some(name), _) => name,
        (None, given) => {
            let first = &ways[0].1;
            if given.is_some() {
                let what = format!("the default implementation of the pattern `{}`", pattern.name);
                writer.note(what, format!("is not there: `{first}` is taken"));
            }
            first
        }
    };
    let implementations: Map<String, Value> =
        ways.iter().map(|(_, name, graph)| (name.clone(), graph.clone())).collect();
    let file = json!({"title": title, "default": default, "implementations": implementations});
    (file, names)
}

/// The declared arguments of every implementation.
fn arguments(file: &Value) -> Vec<&Value> {
    let ways = file["implementations"].as_object().into_iter().flat_map(|ways| ways.values());
    let lists = std::iter::once(file).chain(ways).filter_map(|graph| graph["args"].as_array());
    lists.flatten().collect()
}
