//! Boards as strips of pixels, each with universes of its own.

use std::collections::BTreeMap;

use crate::imported::Imported;
use crate::native::{Names, Toml};

use super::source::{Board, Server};

/// What a target of a cue stands for in the venue.
pub(super) type Targets = BTreeMap<String, String>;

/// The last universe.
const LAST: u32 = 63_999;

/// The venue file, and the names of its boards and groups by their own.
pub(super) fn venue(server: &Server, imported: &mut Imported) -> (String, Targets) {
    let (mut names, mut targets) = (Names::default(), Targets::new());
    let mut toml = Toml::default();
    let mut outputs = Toml::default();
    toml.comment("The boards of a WLED light server.").key("name", "WLED boards");
    let mut free = 1;
    for (index, board) in server.boards.iter().enumerate() {
        let what = || format!("the board `{}`", board.id);
        if targets.contains_key(&board.id) {
            imported.note(what(), "is there twice: the first one counts", board.place.clone());
            continue;
        }
        let per_universe = if board.has_white { 128 } else { 170 };
        let count = board.leds.div_ceil(per_universe);
        if free + count - 1 > LAST {
            imported.note(
                what(),
                "is left out: there is no universe left for it",
                board.place.clone(),
            );
            continue;
        }
        let name = names.take(&board.id);
        pixels(&mut toml, board, &name, free, index);
        output(&mut outputs, board, free, count, imported);
        targets.insert(board.id.clone(), name);
        free += count;
    }
    groups(server, &mut names, &mut targets, &mut toml, imported);
    toml.append(&mut outputs);
    (toml.finish(), targets)
}

fn pixels(toml: &mut Toml, board: &Board, name: &str, universe: u32, index: usize) {
    toml.item("fixture").key("id", name).key("name", board.id.as_str()).key("pixels", board.leds);
    if board.has_white {
        toml.key("order", "RGBW");
    }
    toml.key("packing", if board.has_white { "wled-rgbw" } else { "wled-rgb" });
    toml.key("universe", universe).key("address", 1);
    // Where boards hang is not known: above each other, in their order.
    toml.key("position", vec![serde_json::json!(0), 0.into(), (1 + index as u64).into()]);
}

fn output(toml: &mut Toml, board: &Board, first: u32, count: u32, imported: &mut Imported) {
    let is_host = |ip: &&String| {
        !ip.is_empty() && ip.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
    };
    let Some(ip) = board.ip.as_ref().filter(is_host) else {
        let what = format!("the board `{}`", board.id);
        imported.note(
            what,
            "has no address that can be used: nothing is sent to it",
            board.place.clone(),
        );
        return;
    };
    let last = first + count - 1;
    let universes = if count == 1 { first.to_string() } else { format!("{first}-{last}") };
    toml.item("output").key("universes", universes).key("protocol", "sacn").key("to", ip.as_str());
    let wire = board.universe.unwrap_or(1);
    let highest = wire + count - 1;
    if highest > LAST {
        let what = format!("the universe {wire} of the board `{}`", board.id);
        imported.note(what, "is too high: it has another number here", board.place.clone());
    } else if wire != first {
        toml.comment("On the wire its universes count from its own first.");
        toml.key("offset", i64::from(wire) - i64::from(first));
    }
}

fn groups(
    server: &Server,
    names: &mut Names,
    targets: &mut Targets,
    toml: &mut Toml,
    imported: &mut Imported,
) {
    let boards = targets.clone();
    let mut lines = Vec::new();
    for group in &server.groups {
        let mut members = Vec::new();
        for member in &group.members {
            match boards.get(member) {
                Some(name) => members.push(name.as_str()),
                None => {
                    let what = format!("`{member}` in the group `{}`", group.id);
                    imported.note(what, "is no board: it is left out", group.place.clone());
                }
            }
        }
        if members.is_empty() {
            let what = format!("the group `{}`", group.id);
            imported.note(what, "is left out: it has no boards", group.place.clone());
        } else if !targets.contains_key(&group.id) {
            let name = names.take(&group.id);
            lines.push((name.clone(), members.join(" | ")));
            targets.insert(group.id.clone(), name);
        }
    }
    if !lines.is_empty() {
        toml.table("groups");
    }
    for (name, members) in lines {
        toml.key(&name, members);
    }
}
