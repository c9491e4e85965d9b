//! Venues: fixtures, groups with their tags and movement, implementations, and where light goes.

mod patch;

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use gobo_show::Source;
use gobo_show::select::Selection;
use indexmap::IndexMap;
use serde_json::{Value, json};

use super::pattern::Patterns;
use super::source::{Fixture, Group, Luma, Venue};
use super::{Words, Writer, word};
use crate::definitions::Definitions;
use crate::native::{Names, Toml, number};
use patch::{Patched, Patcher};

/// The venues of a database.
pub(super) struct Venues {
    /// In the order of the database.
    known: IndexMap<String, Known>,
}

/// A venue as a file.
struct Known {
    /// Its name: the file's, without `.toml`.
    name: String,
    /// Its fixtures, as tables.
    fixtures: Toml,
    groups: IndexMap<String, String>,
    movement: Vec<(String, Value)>,
    /// The names that its selections may say.
    names: BTreeSet<String>,
    /// Its tags.
    tags: BTreeSet<String>,
    /// The implementations that patterns have here.
    implementations: Vec<(String, String)>,
}

impl Venues {
    pub(super) fn new(
        luma: &Luma,
        patterns: &Patterns,
        definitions: &[Source],
        writer: &mut Writer,
    ) -> Self {
        let mut files = Names::default();
        let mut definitions = Definitions::new(definitions);
        let mut missing = IndexMap::new();
        let mut known = IndexMap::new();
        for venue in &luma.venues {
            let mut words = Words::new(["all".to_owned(), "this".to_owned()]);
            let groups: Vec<String> =
                venue.groups.iter().map(|group| words.take(&group.name)).collect();
            let tags = tags(venue, writer);
            let mut patcher = Patcher::new(&groups, &mut definitions, &mut missing, writer);
            let patched = patcher.patch(venue, luma.y_is_up);
            let mut one = Known {
                name: files.take(&venue.name),
                fixtures: patch::written(&patched, &tags),
                groups: IndexMap::new(),
                movement: Vec::new(),
                names: patched.iter().map(|fixture| fixture.id.clone()).collect(),
                tags: tags.values().flatten().cloned().collect(),
                implementations: implementations(venue, patterns, writer),
            };
            one.grouped(venue, &groups, &patched, writer);
            known.insert(venue.id.clone(), one);
        }
        patch::note_missing(missing, writer);
        Self { known }
    }

    /// The file's name of a venue.
    pub(super) fn name(&self, id: &str) -> Option<&str> {
        self.known.get(id).map(|known| known.name.as_str())
    }

    /// The first venue's key.
    pub(super) fn first(&self) -> Option<String> {
        self.known.keys().next().cloned()
    }

    /// Names all but one venue.
    pub(super) fn others(&self, id: &str) -> Vec<&str> {
        let others = self.known.iter().filter(|(key, _)| *key != id);
        others.map(|(_, known)| known.name.as_str()).collect()
    }

    /// Takes in a venue that no database has, for shows that need one.
    pub(super) fn stand_in(&mut self, writer: &mut Writer) -> String {
        writer.note("the database", "has no venue: fixtures/stage.toml is one without fixtures");
        let known = Known {
            name: "stage".to_owned(),
            fixtures: Toml::default(),
            groups: IndexMap::new(),
            movement: Vec::new(),
            names: BTreeSet::new(),
            tags: BTreeSet::new(),
            implementations: Vec::new(),
        };
        self.known.insert(String::new(), known);
        String::new()
    }

    /// Lets a venue know every name of a selection that is used in it: what it does not have
    /// selects nothing there, as in Luma.
    pub(super) fn say(&mut self, venue: &str, selection: &str, writer: &mut Writer) {
        let Some(known) = self.known.get_mut(venue) else { return };
        let Ok(selection) = selection.parse::<Selection>() else { return };
        let mut names = Vec::new();
        named(&selection, &mut names);
        for name in names {
            if !known.names.insert(name.clone()) {
                continue;
            }
            if known.tags.contains(&name) {
                known.groups.insert(name.clone(), format!("#{name}"));
            } else {
                let what = format!("the group `{name}`");
                let why = format!("is not in the venue `{}`: it selects nothing there", known.name);
                writer.note(what, why);
                known.groups.insert(name, "~all".to_owned());
            }
        }
    }

    /// Writes every venue's file.
    pub(super) fn write(mut self, luma: &Luma, writer: &mut Writer) {
        let output = output(luma, writer);
        for (id, known) in &mut self.known {
            let venue = luma.venues.iter().find(|venue| venue.id == *id);
            let mut toml = Toml::default();
            toml.key("name", venue.map_or("Stage", |venue| &venue.name));
            if let Some(description) = venue.and_then(|venue| venue.description.as_ref()) {
                toml.comment(description);
            }
            toml.append(&mut known.fixtures);
            if !known.groups.is_empty() {
                toml.table("groups");
                for (name, selection) in &known.groups {
                    toml.key(name, selection.as_str());
                }
            }
            for (group, movement) in &known.movement {
                toml.table_in("movement", group);
                for (key, value) in movement.as_object().into_iter().flatten() {
                    toml.key(key, value.clone());
                }
            }
            if !known.implementations.is_empty() {
                toml.table("implementations");
                for (pattern, way) in &known.implementations {
                    toml.key(pattern, way.as_str());
                }
            }
            let mut output = output.clone();
            toml.append(&mut output);
            writer.imported.text(format!("fixtures/{}.toml", known.name), toml.finish());
        }
    }
}

/// The names in a selection.
fn named(selection: &Selection, names: &mut Vec<String>) {
    match selection {
        Selection::Name(name) => names.push(name.clone()),
        Selection::Not(inner) | Selection::Heads(inner, _) | Selection::Call(_, inner) => {
            named(inner, names);
        }
        Selection::Fallback(a, b)
        | Selection::Union(a, b)
        | Selection::Either(a, b)
        | Selection::Both(a, b) => {
            named(a, names);
            named(b, names);
        }
        _ => {}
    }
}

impl Known {
    /// Takes in the groups of a venue, each with its movement.
    fn grouped(
        &mut self,
        venue: &Venue,
        names: &[String],
        patched: &[Patched<'_>],
        writer: &mut Writer,
    ) {
        for (group, name) in venue.groups.iter().zip(names) {
            let members = group.members.iter().filter_map(|(id, head)| {
                let fixture = patched.iter().find(|patched| patched.fixture.id == *id)?;
                match head {
                    // A head of a fixture that has but one is the fixture.
                    Some(head) if fixture.heads > 1 => Some(format!("{}:{}", fixture.id, head + 1)),
                    _ => Some(fixture.id.clone()),
                }
            });
            let members: Vec<String> = members.collect();
            let members = if members.is_empty() { "~all".to_owned() } else { members.join(" | ") };
            self.groups.insert(name.clone(), members);
            self.names.insert(name.clone());
            if *name != group.name {
                writer.note(format!("the group `{}`", group.name), format!("is called `{name}`"));
            }
            if let Some(movement) = movement(group, writer) {
                self.movement.push((name.clone(), movement));
            }
        }
    }
}

/// The tags of each fixture, by its key: in Luma they are those of its groups.
fn tags(venue: &Venue, writer: &mut Writer) -> BTreeMap<String, BTreeSet<String>> {
    let mut tags: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for group in &venue.groups {
        let of = format!("the group `{}`", group.name);
        let found = group.tags.as_ref().and_then(|text| writer.json("tags", &of, text));
        let found = found.as_ref().and_then(Value::as_array).into_iter().flatten();
        for tag in found.filter_map(Value::as_str).filter(|tag| !tag.trim().is_empty()) {
            for (fixture, _) in &group.members {
                tags.entry(fixture.clone()).or_default().insert(word(tag));
            }
        }
    }
    tags
}

/// How far a group moves, as a venue says it.
fn movement(group: &Group, writer: &mut Writer) -> Option<Value> {
    let of = format!("the group `{}`", group.name);
    let found = writer.json("movement_config", &of, group.movement.as_ref()?)?;
    let get = |key: &str, default: f64| found[key].as_f64().unwrap_or(default);
    let direction = [get("baseDirX", 0.0), get("baseDirY", 0.0), get("baseDirZ", -1.0)];
    if found.is_null() || direction.iter().all(|part| part.abs() < 1e-6) {
        return None;
    }
    let extents = ["extentU", "extentV"].map(|key| get(key, 30.0));
    let reach = extents.map(|extent| extent.clamp(0.0, 180.0));
    if extents != reach {
        writer.note(of, "moves by 0 to 180 degrees to each side here: what lay beyond became that");
    }
    Some(json!({
        "direction": direction.map(number),
        "extent_u": number(reach[0]),
        "extent_v": number(reach[1]),
        "uv_rotation": number(get("uvRotation", 0.0)),
    }))
}

/// The implementations that patterns have in a venue, by the patterns' names.
fn implementations(
    venue: &Venue,
    patterns: &Patterns,
    writer: &mut Writer,
) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (pattern, way) in &venue.overrides {
        let Some(known) = patterns.get(pattern) else { continue };
        match known.ways.get(way) {
            Some(way) => found.push((known.name.clone(), way.clone())),
            // The only implementation needs no word.
            None if known.ways.is_empty() => {}
            None => {
                let what = format!(
                    "the implementation of `{}` for the venue `{}`",
                    known.name, venue.name
                );
                writer.note(what, "is not there: the default is taken");
            }
        }
    }
    found
}

/// Where the light goes, by the settings.
fn output(luma: &Luma, writer: &mut Writer) -> Toml {
    let setting = |key: &str| luma.settings.get(key).map(|value| value.trim().trim_matches('"'));
    let mut toml = Toml::default();
    if setting("artnet_enabled") != Some("true") {
        toml.gap().comment("Luma sent nothing: its Art-Net output was off.");
        return toml;
    }
    if setting("artnet_interface").is_some_and(|address| !matches!(address, "" | "0.0.0.0")) {
        let what = "the setting `artnet_interface`";
        writer.note(what, "is left out: the system chooses the interface by the target");
    }
    let part = |key| setting(key).and_then(|value| value.parse::<i32>().ok()).unwrap_or(0);
    let offset =
        (part("artnet_net").clamp(0, 127) << 8) | (part("artnet_subnet").clamp(0, 15) << 4);
    let to = match (setting("artnet_broadcast"), setting("artnet_unicast_ip")) {
        (Some("false"), Some(address)) if address.parse::<Ipv4Addr>().is_ok() => address,
        (Some("false"), Some(address)) if !address.is_empty() => {
            let what = format!("the setting `artnet_unicast_ip` ({address})");
            writer.note(what, "is left out: it is no address, so nothing is sent");
            return toml;
        }
        _ => "broadcast",
    };
    toml.item("output").key("protocol", "artnet").key("to", to);
    if offset != 0 {
        toml.key("offset", offset);
    }
    let wraps = |fixture: &Fixture| fixture.universe > 15;
    if luma.venues.iter().flat_map(|venue| &venue.fixtures).any(wraps) {
        let why = "go to their own port addresses; Luma sent them over those of 1 to 15 again";
        writer.note("universes above 15", why);
    }
    toml
}
