//! Models as fixtures of pixels.

use std::collections::{BTreeMap, BTreeSet};

use gobo_show::diagnostic::Place;
use serde_json::json;

use super::layout::{Layout, Model, Universe, address};
use crate::imported::Imported;
use crate::native::{Names, Toml, number};

/// How many nodes a model has of which nothing is known.
pub(super) const STAND_IN: u32 = 50;
/// Slots of a universe that stand-ins use: whole pixels of three.
const WHOLE: u32 = 510;

/// What a model, a group or a part of a model is called in the venue, and the models in it.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) name: String,
    pub(super) models: BTreeSet<String>,
}

/// The venue on its way.
#[derive(Default)]
pub(super) struct Venue {
    pub(super) targets: BTreeMap<String, Target>,
    names: Names,
    fixtures: Toml,
    groups: Vec<(String, String)>,
    /// The slots in use, by universe.
    used: BTreeMap<u32, Vec<(u32, u32)>>,
    /// The networks' universes that are in use.
    routed: BTreeSet<u32>,
    /// The first universe that no network has.
    free: u32,
    placed: u32,
}

impl Venue {
    /// A venue of the models that a layout has, as far as `wanted` names them or a group of them.
    pub(super) fn new(layout: &Layout, imported: &mut Imported) -> Self {
        let highest = layout.universes.iter().map(|universe| universe.number).max().unwrap_or(0);
        let mut venue = Self { free: highest + 1, ..Self::default() };
        for (name, model) in &layout.models {
            venue.model(name, model, &layout.universes, imported);
        }
        let known: Vec<String> = layout.groups.keys().cloned().collect();
        for name in known {
            venue.group(&name, layout, &mut Vec::new());
        }
        venue
    }

    fn model(
        &mut self,
        name: &str,
        model: &Model,
        universes: &[Universe],
        imported: &mut Imported,
    ) {
        let what = format!("the model `{name}`");
        if let Some(remark) = &model.remark {
            imported.note(what.clone(), remark.as_str(), model.place.clone());
        }
        let slots = model.nodes * model.order.len() as u32;
        let place = match address(&model.start, universes) {
            Some((first, address)) => self.reserve(universes, first, address, slots),
            None => None,
        };
        let (universe, address, packing) = place.unwrap_or_else(|| {
            let why = "has no start channel of its own here: it is put on free universes";
            imported.note(what.clone(), why, model.place.clone());
            (self.take(model.nodes, model.order.len() as u32), 1, "whole")
        });
        let id = self.names.take(name);
        self.pixels(&id, name, model.nodes, (universe, address));
        if model.order != "RGB" {
            self.fixtures.key("order", model.order.as_str());
        }
        if packing != "whole" {
            self.fixtures.key("packing", packing);
        }
        if let Some(layout) = &model.layout {
            self.fixtures.key("layout", layout.clone());
        }
        let position = model.position.unwrap_or([0.0, 0.0, f64::from(self.placed)]);
        self.fixtures.key("position", position.map(number).to_vec());
        let models: BTreeSet<String> = [name.to_owned()].into();
        self.targets.insert(name.to_owned(), Target { name: id.clone(), models: models.clone() });
        for (part, ranges) in &model.parts {
            let whole = format!("{name}/{part}");
            let head = |(first, last): &(u32, u32)| match first == last {
                true => format!("{id}:{first}"),
                false => format!("{id}:{first}-{last}"),
            };
            if ranges.is_empty() {
                continue;
            }
            let group = self.names.take(&whole);
            let heads: Vec<_> = ranges.iter().map(head).collect();
            self.groups.push((group.clone(), heads.join(" | ")));
            self.targets.insert(whole, Target { name: group, models: models.clone() });
        }
    }

    fn pixels(&mut self, id: &str, name: &str, nodes: u32, (universe, address): (u32, u32)) {
        self.placed += 1;
        self.fixtures.item("fixture").key("id", id).key("name", name).key("pixels", nodes);
        self.fixtures.key("universe", universe).key("address", address);
    }

    /// The networks' own slots for a model, unless they are taken or do not follow each other.
    fn reserve(
        &mut self,
        universes: &[Universe],
        first: usize,
        address: u32,
        slots: u32,
    ) -> Option<(u32, u32, &'static str)> {
        let (mut left, mut from) = (slots, address);
        let mut ranges = Vec::new();
        let start = universes.get(first)?;
        for (offset, universe) in (0..).zip(universes.get(first..)?) {
            if universe.number != start.number + offset || universe.channels != start.channels {
                return None;
            }
            let here = left.min(universe.channels + 1 - from);
            ranges.push((universe.number, (from, from + here - 1)));
            left -= here;
            from = 1;
            if left == 0 {
                break;
            }
        }
        let clash = |(number, (low, high)): &(u32, (u32, u32))| {
            let used = self.used.get(number).into_iter().flatten();
            used.into_iter().any(|(first, last)| first <= high && low <= last)
        };
        let spans = ranges.len() > 1;
        let packing = match start.channels {
            512 => "dense",
            WHOLE if address % 3 == 1 => "whole",
            _ if !spans => "whole",
            _ => return None,
        };
        if left > 0 || ranges.iter().any(clash) {
            return None;
        }
        for (number, range) in ranges {
            self.used.entry(number).or_default().push(range);
            self.routed.insert(number);
        }
        Some((start.number, address, if spans { packing } else { "whole" }))
    }

    /// Free universes for so many nodes.
    fn take(&mut self, nodes: u32, width: u32) -> u32 {
        let first = self.free;
        self.free += nodes.div_ceil(512 / width.max(1)).max(1);
        first
    }

    /// A strip for a model of which nothing is known.
    pub(super) fn stand_in(&mut self, name: &str, place: &Place, imported: &mut Imported) {
        let universe = self.take(STAND_IN, 3);
        let id = self.names.take(name);
        self.pixels(&id, name, STAND_IN, (universe, 1));
        let position = [0.0, 0.0, f64::from(self.placed)];
        self.fixtures.key("position", position.map(number).to_vec());
        let why = format!(
            "is in no xlights_rgbeffects.xml: a strip of {STAND_IN} pixels stands in for it"
        );
        imported.note(format!("the model `{name}`"), why, place.clone());
        let models = [name.to_owned()].into();
        self.targets.insert(name.to_owned(), Target { name: id, models });
    }

    /// A group of all, for one of which nothing is known.
    pub(super) fn stand_in_group(&mut self, name: &str, place: &Place, imported: &mut Imported) {
        let models: BTreeSet<String> =
            self.targets.values().flat_map(|t| t.models.clone()).collect();
        imported.note(
            format!("the group `{name}`"),
            "is in no xlights_rgbeffects.xml: it is all models",
            place.clone(),
        );
        let group = self.names.take(name);
        self.groups.push((group.clone(), "all".to_owned()));
        self.targets.insert(name.to_owned(), Target { name: group, models });
    }

    fn group(&mut self, name: &str, layout: &Layout, around: &mut Vec<String>) {
        if self.targets.contains_key(name) || around.iter().any(|other| other == name) {
            return;
        }
        around.push(name.to_owned());
        let (mut members, mut models) = (Vec::new(), BTreeSet::new());
        for member in layout.groups.get(name).into_iter().flatten() {
            if layout.groups.contains_key(member) {
                self.group(member, layout, around);
            }
            if let Some(target) = self.targets.get(member) {
                members.push(target.name.clone());
                models.extend(target.models.clone());
            }
        }
        around.pop();
        if !members.is_empty() {
            let group = self.names.take(name);
            self.groups.push((group.clone(), members.join(" | ")));
            self.targets.insert(name.to_owned(), Target { name: group, models });
        }
    }

    /// The venue file.
    pub(super) fn finish(mut self, title: &str, layout: &Layout) -> String {
        let mut toml = Toml::default();
        toml.comment("The models of an xLights layout.").key("name", title);
        toml.append(&mut self.fixtures);
        if !self.groups.is_empty() {
            toml.table("groups");
        }
        for (name, members) in &self.groups {
            toml.key(name, members.as_str());
        }
        outputs(&mut toml, layout, &self.routed);
        let highest = layout.universes.iter().map(|universe| universe.number).max().unwrap_or(0);
        if self.free > highest + 1 {
            let (first, last) = (highest + 1, self.free - 1);
            let universes =
                if first == last { first.to_string() } else { format!("{first}-{last}") };
            toml.gap().comment("No network is known for these: to this machine only.");
            toml.item("output").key("universes", universes).key("protocol", "sacn");
            toml.key("to", "127.0.0.1");
        }
        toml.finish()
    }
}

/// The routes of the networks, a run of universes with the same target each.
fn outputs(toml: &mut Toml, layout: &Layout, routed: &BTreeSet<u32>) {
    let mut runs: Vec<(u32, u32, &Universe)> = Vec::new();
    for universe in layout.universes.iter().filter(|universe| routed.contains(&universe.number)) {
        match runs.last_mut() {
            Some((_, last, of))
                if *last + 1 == universe.number
                    && (&of.ip, &of.protocol) == (&universe.ip, &universe.protocol) =>
            {
                *last = universe.number;
            }
            _ => runs.push((universe.number, universe.number, universe)),
        }
    }
    for (first, last, universe) in runs {
        let artnet = universe.protocol.to_lowercase().contains("artnet");
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        let host = Some(&universe.ip).filter(|ip| !ip.is_empty() && ip.chars().all(fits));
        let to = match host.map(|ip| ip.to_lowercase()) {
            Some(ip) if ip != "multicast" => ip,
            _ if artnet => "broadcast".to_owned(),
            _ => "multicast".to_owned(),
        };
        let universes = if first == last { first.to_string() } else { format!("{first}-{last}") };
        if !matches!(universe.protocol.to_lowercase().as_str(), "e131" | "artnet") {
            toml.gap().comment(&format!("{} there; E1.31 here.", universe.protocol));
        }
        toml.item("output").key("universes", universes);
        toml.key("protocol", if artnet { "artnet" } else { "sacn" }).key("to", json!(to));
    }
}
