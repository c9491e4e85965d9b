//! The patterns that a score may call: those of its show, and of the project's other shows.

use std::collections::{BTreeMap, BTreeSet};

use gobo_show::{Source, World, tree};
use serde_json::Value;

use super::project::manifest;
use super::{Interface, Into, Score};
use crate::imported::Imported;

/// A pattern's file.
pub(super) struct Known {
    source: Source,
    pattern: Value,
}

/// What patterns take, by their names.
pub(super) fn interfaces(patterns: &BTreeMap<String, Known>) -> BTreeMap<String, Interface> {
    let of = |(name, known): (&String, &Known)| (name.clone(), Interface::of(&known.pattern));
    patterns.iter().map(of).collect()
}

/// The patterns of a show, by name.
pub(super) fn of_show(
    world: &dyn World,
    show: &str,
    manifest: Option<&Value>,
) -> BTreeMap<String, Known> {
    let folders = manifest.and_then(|manifest| manifest["patterns"].as_array());
    let folders: Vec<&str> = match folders {
        Some(folders) => folders.iter().filter_map(Value::as_str).collect(),
        None => vec!["patterns"],
    };
    let mut patterns = BTreeMap::new();
    for folder in folders.into_iter().map(|folder| format!("shows/{show}/{folder}")) {
        for file in world.list(&folder) {
            let file = file.rsplit('/').next().unwrap_or(&file);
            let Some(name) = file.strip_suffix(".json") else { continue };
            let Ok(source) = world.read(&format!("{folder}/{file}")) else { continue };
            if let Ok(tree) = tree::parse(&source) {
                let pattern = tree.root.to_json();
                patterns.insert(name.to_owned(), Known { source, pattern });
            }
        }
    }
    patterns
}

/// The patterns of the project's other shows that a new one has not: of one name the first show's.
pub(super) fn of_others(into: &Into<'_>, own: &BTreeMap<String, Known>) -> BTreeMap<String, Known> {
    let mut found = BTreeMap::new();
    for show in into.shows.iter().filter(|show| *show != into.show) {
        let manifest = manifest(into.world, show);
        for (name, known) in of_show(into.world, show, manifest.as_ref()) {
            if !own.contains_key(&name) {
                found.entry(name).or_insert(known);
            }
        }
    }
    found
}

/// Copies the patterns of other shows that a score calls, and those that they call.
pub(super) fn borrow(
    score: &Score,
    others: &BTreeMap<String, Known>,
    show: &str,
    imported: &mut Imported,
) {
    let clips = score.layers.iter().flat_map(|layer| &layer.clips);
    let mut wanted: Vec<&str> = clips.map(|clip| clip.pattern.as_str()).collect();
    let mut copied = BTreeSet::new();
    while let Some(name) = wanted.pop() {
        let Some(known) = others.get(name).filter(|_| copied.insert(name)) else { continue };
        imported.text(format!("shows/{show}/patterns/{name}.json"), &*known.source.text);
        called(&known.pattern, &mut wanted);
    }
}

/// The names of the patterns that a pattern's steps call.
fn called<'a>(value: &'a Value, names: &mut Vec<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| called(item, names)),
        Value::Object(members) => {
            if let Some(Value::Object(call)) = members.get("pattern") {
                names.extend(call.keys().map(String::as_str));
            }
            members.values().for_each(|value| called(value, names));
        }
        _ => {}
    }
}
