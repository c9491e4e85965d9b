//! The files of the project: the venue, and a folder for each show.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::patch::{Patch, Patched};
use super::patterns::Patterns;
use super::show::Plan;
use super::workspace::{Group, Output, Workspace};
use crate::folder::Folder;
use crate::imported::Imported;
use crate::native::{Names, Toml, number};

/// Metres between the cells of a grid that the monitor does not place.
const CELL: f64 = 0.5;

/// The names of the groups in the venue, by their id; a group without fixtures has none.
pub(super) fn group_names(
    workspace: &Workspace,
    patch: &Patch,
    names: &mut Names,
    imported: &mut Imported,
) -> BTreeMap<u32, String> {
    let mut found = BTreeMap::new();
    for group in &workspace.groups {
        if selection(group, patch).is_empty() {
            let what = format!("the group `{}`", group.name);
            imported.note(what, "is left out: it has no fixtures", group.place.clone());
        } else {
            found.insert(group.id, names.take(&group.name));
        }
    }
    found
}

/// The heads of a group in rows, from its top left.
fn selection(group: &Group, patch: &Patch) -> String {
    let mut heads: IndexMap<usize, Vec<u32>> = IndexMap::new();
    for head in &group.heads {
        if let Some((index, _)) = patch.get(head.fixture) {
            heads.entry(index).or_default().push(head.head);
        }
    }
    let of = |(index, heads): (&usize, &Vec<u32>)| {
        let fixture = &patch.fixtures[*index];
        if heads.len() >= fixture.heads || fixture.heads < 2 {
            return fixture.id.clone();
        }
        let heads = heads.iter().map(|head| format!("{}:{}", fixture.id, head + 1));
        heads.collect::<Vec<_>>().join(" | ")
    };
    heads.iter().map(of).collect::<Vec<_>>().join(" | ")
}

/// Where each fixture is, as far as the monitor or a group's grid tells.
fn positions(workspace: &Workspace, patch: &Patch) -> BTreeMap<usize, [f64; 3]> {
    let mut found = BTreeMap::new();
    for (id, position) in &workspace.positions {
        if let Some((index, _)) = patch.get(*id) {
            found.insert(index, *position);
        }
    }
    for group in &workspace.groups {
        let [columns, rows] = group.size.map(|side| f64::from(side.clamp(1, 10_000)));
        let mut cells: BTreeMap<usize, Vec<[f64; 2]>> = BTreeMap::new();
        for head in &group.heads {
            if let Some((index, _)) = patch.get(head.fixture) {
                let x = (f64::from(head.column) - (columns - 1.0) / 2.0) * CELL;
                let z = (rows - 1.0 - f64::from(head.row)).max(0.0) * CELL + 1.0;
                cells.entry(index).or_default().push([x, z]);
            }
        }
        for (index, cells) in cells {
            let middle =
                |side: usize| cells.iter().map(|c| c[side]).sum::<f64>() / cells.len() as f64;
            found.entry(index).or_insert([middle(0), 0.0, middle(1)]);
        }
    }
    found
}

/// The venue file.
pub(super) fn venue(
    workspace: &Workspace,
    patch: &Patch,
    groups: &BTreeMap<u32, String>,
    file: &str,
    imported: &mut Imported,
) -> String {
    let positions = positions(workspace, patch);
    let mut toml = Toml::default();
    toml.comment(&format!("The patch of the QLC+ workspace {file}.")).key("name", stem(file));
    for (index, fixture) in patch.fixtures.iter().enumerate() {
        let Patched { id, name, profile, mode, universe, address, .. } = fixture;
        toml.item("fixture").key("id", id.as_str()).key("name", name.as_str());
        toml.key("profile", profile.as_str()).key("mode", mode.as_str());
        toml.key("universe", *universe).key("address", *address);
        if let Some(position) = positions.get(&index) {
            toml.key("position", position.map(number).to_vec());
        }
    }
    if !groups.is_empty() {
        toml.table("groups");
    }
    for group in &workspace.groups {
        if let Some(name) = groups.get(&group.id) {
            toml.key(name, selection(group, patch));
        }
    }
    outputs(workspace, patch, &mut toml, imported);
    toml.finish()
}

fn outputs(workspace: &Workspace, patch: &Patch, toml: &mut Toml, imported: &mut Imported) {
    let used: BTreeSet<u32> = patch.fixtures.iter().map(|fixture| fixture.universe).collect();
    let mut routed = BTreeSet::new();
    for output in workspace.outputs.iter().filter(|output| output.universe < 32_768) {
        let universe = output.universe + 1;
        let Some((protocol, to, first)) = target(output) else {
            let what = format!("the output of universe {universe}");
            let why = format!("is left out: gobo does not send by `{}`", output.plugin);
            imported.note(what, why, output.place.clone());
            continue;
        };
        toml.item("output").key("universes", universe).key("protocol", protocol).key("to", to);
        if first != universe {
            toml.key("offset", i64::from(first) - i64::from(universe));
        }
        routed.insert(universe);
    }
    let missing: Vec<String> = used.difference(&routed).map(u32::to_string).collect();
    if !missing.is_empty() {
        toml.gap().comment("The workspace does not say where these go: to this machine only.");
        toml.item("output").key("universes", missing.join(",")).key("protocol", "artnet");
        toml.key("to", "127.0.0.1");
    }
}

/// The protocol, the target and the universe on the wire.
fn target(output: &Output) -> Option<(&'static str, String, u32)> {
    let is_host = |text: &&String| {
        !text.is_empty()
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
    };
    let host = output.address.as_ref().filter(is_host).cloned();
    match output.plugin.as_str() {
        "ArtNet" => {
            // QLC+ counts Art-Net's universes from 0.
            let number = output.number.unwrap_or(output.universe).min(32_767) + 1;
            Some(("artnet", host.unwrap_or_else(|| "broadcast".to_owned()), number))
        }
        "E1.31" => {
            let number = output.number.unwrap_or(output.universe + 1).clamp(1, 63_999);
            let host = host.filter(|_| !output.multicast);
            Some(("sacn", host.unwrap_or_else(|| "multicast".to_owned()), number))
        }
        _ => None,
    }
}

/// Writes a show's folder; `with_rest` adds the patterns that no show plays.
pub(super) fn show(
    plan: &Plan,
    venue: &str,
    rest: &BTreeSet<u32>,
    folder: (&str, &dyn Folder),
    patterns: &mut Patterns<'_>,
) {
    let (name, files) = folder;
    let song = song(plan, files, patterns.imported);
    let mut toml = Toml::default();
    if let Some(remark) = &plan.remark {
        toml.comment(remark);
    }
    toml.key("title", plan.title.as_str());
    if let Some((song, offset)) = &song {
        toml.key("song", song.as_str());
        if *offset != 0.0 {
            toml.key("song_offset", number(*offset / 1000.0));
        }
    }
    toml.key("venue", venue);
    toml.comment("QLC+ works 50 times a second.").key("fps", 50);
    toml.key("length", number(plan.length.max(1000.0) / 1000.0));
    toml.comment("The tracks, lowest first.");
    let cues: Vec<Value> =
        plan.layers.iter().map(|(name, _)| json!(format!("{name}.json"))).collect();
    toml.key("cues", cues);
    let base = format!("shows/{name}");
    patterns.imported.text(format!("{base}/show.toml"), toml.finish());
    for (layer, text) in &plan.layers {
        patterns.imported.text(format!("{base}/{layer}.json"), text.as_str());
    }
    let mut wanted = rest.clone();
    plan.plays.iter().for_each(|id| patterns.reached(*id, &mut wanted));
    let texts: Vec<(String, String)> = patterns
        .all()
        .filter(|(id, _)| wanted.contains(id))
        .map(|(_, pattern)| {
            (format!("{base}/patterns/{}.json", pattern.name), pattern.text.clone())
        })
        .collect();
    for (path, text) in texts {
        patterns.imported.text(path, text);
    }
}

/// The song's file in the project, and where the show starts in it, in milliseconds.
fn song(plan: &Plan, files: &dyn Folder, imported: &mut Imported) -> Option<(String, f64)> {
    let (path, start, place) = plan.audio.as_ref()?;
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let there = files.files().into_iter().find(|file| file.rsplit('/').next() == Some(name));
    match there.and_then(|there| files.read(&there).ok()) {
        Some(bytes) => {
            imported.files.insert(format!("songs/{name}"), bytes);
            Some((name.to_owned(), -start))
        }
        None => {
            let what = format!("the sound file `{name}`");
            imported.note(
                what,
                "is not beside the workspace: put it into songs/ and name it in show.toml",
                place.clone(),
            );
            None
        }
    }
}

/// A file's name without its folder and its ending.
pub(super) fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
