//! The fixtures of a venue with their profiles.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use crate::definitions::{Definitions, dimmers, generic};
use crate::luma::Writer;
use crate::luma::source::{Fixture, Venue};
use crate::native::{Names, Toml, number};

/// A fixture that could be patched.
pub(super) struct Patched<'a> {
    pub(super) fixture: &'a Fixture,
    /// Its id in the project.
    pub(super) id: String,
    /// How many heads it has.
    pub(super) heads: usize,
    profile: String,
    mode: String,
    position: [f64; 3],
    rotation: [f64; 3],
}

/// Models without a definition, each with the fixtures of it.
pub(super) type Missing = IndexMap<(String, String), Vec<String>>;

/// Gives fixtures their ids and profiles.
pub(super) struct Patcher<'a, 'w> {
    ids: Names,
    /// The names that are taken by groups.
    groups: BTreeSet<&'w str>,
    definitions: &'w mut Definitions<'a>,
    missing: &'w mut Missing,
    writer: &'w mut Writer,
}

impl<'a, 'w> Patcher<'a, 'w> {
    pub(super) fn new(
        groups: &'w [String],
        definitions: &'w mut Definitions<'a>,
        missing: &'w mut Missing,
        writer: &'w mut Writer,
    ) -> Self {
        let groups = groups.iter().map(String::as_str).collect();
        Self { ids: Names::default(), groups, definitions, missing, writer }
    }

    /// The fixtures of a venue that lie on slots of their own.
    pub(super) fn patch<'v>(&mut self, venue: &'v Venue, y_is_up: bool) -> Vec<Patched<'v>> {
        let mut patched: Vec<Patched<'v>> = Vec::new();
        for fixture in &venue.fixtures {
            let what = format!("the fixture `{}` of `{}`", fixture.name, venue.name);
            let end = fixture.address.saturating_add(fixture.channels);
            let fits = fixture.address >= 1 && fixture.channels >= 1 && end <= 513;
            if !fits || !(1..=63_999).contains(&fixture.universe) {
                self.writer.note(what, "is left out: no universe holds it");
                continue;
            }
            let other = patched.iter().find(|other| overlap(other.fixture, fixture));
            if let Some(other) = other.map(|other| other.id.clone()) {
                self.writer.note(what, format!("is left out: it lies on slots of `{other}`"));
                continue;
            }
            patched.extend(self.fixture(fixture, y_is_up));
        }
        patched
    }

    fn fixture<'v>(&mut self, fixture: &'v Fixture, y_is_up: bool) -> Option<Patched<'v>> {
        let (profile, mode, heads) = match self.defined(fixture) {
            Some(found) => found,
            None => self.stand_in(fixture)?,
        };
        let mut id = self.ids.take(&fixture.name);
        while self.groups.contains(id.as_str()) {
            id = self.ids.take(&fixture.name);
        }
        let upright = |[x, y, z]: [f64; 3]| if y_is_up { [x, z, y] } else { [x, y, z] };
        let (position, rotation) = (upright(fixture.position), upright(fixture.rotation));
        let rotation = rotation.map(f64::to_degrees);
        Some(Patched { fixture, id, heads, profile, mode, position, rotation })
    }

    /// The profile of the fixture's definition, its mode, and how many heads that has.
    fn defined(&mut self, fixture: &Fixture) -> Option<(String, String, usize)> {
        let mut model = (fixture.manufacturer.clone(), fixture.model.clone());
        if self.definitions.get(&model, &mut self.writer.imported).is_none() {
            model = self.definitions.at(&fixture.path).unwrap_or(model);
        }
        let Some(known) = self.definitions.get(&model, &mut self.writer.imported) else {
            self.missing.entry(model).or_default().push(fixture.name.clone());
            return None;
        };
        let patched = known.profile.patch(&fixture.mode);
        match patched.filter(|patched| i64::from(patched.footprint) == fixture.channels) {
            Some(patched) => Some((known.path.clone(), fixture.mode.clone(), patched.heads.len())),
            None => {
                let what = format!("the mode `{}` of `{}`", fixture.mode, fixture.name);
                let why = format!(
                    "is not in the definition of {} {} with {} channels: dimmers stand in for it",
                    fixture.manufacturer, fixture.model, fixture.channels
                );
                self.writer.note(what, why);
                None
            }
        }
    }

    fn stand_in(&mut self, fixture: &Fixture) -> Option<(String, String, usize)> {
        let (model, json) = dimmers(u32::try_from(fixture.channels).ok()?);
        let (profile, mode, patched) = generic(&model, &json, &mut self.writer.imported)?;
        Some((profile, mode, patched.heads.len()))
    }
}

fn overlap(a: &Fixture, b: &Fixture) -> bool {
    a.universe == b.universe
        && a.address < b.address + b.channels
        && b.address < a.address + a.channels
}

/// Notes the definitions that are missing, one note for all fixtures of a model.
pub(super) fn note_missing(missing: Missing, writer: &mut Writer) {
    for ((manufacturer, model), names) in missing {
        let what = format!("the definition of {manufacturer} {model}");
        let why = format!(
            "is not there: dimmers stand in for {} (--fixtures names a folder of definitions)",
            names.join(", ")
        );
        writer.note(what, why);
    }
}

/// The fixtures as tables of a venue.
pub(super) fn written(patched: &[Patched<'_>], tags: &BTreeMap<String, BTreeSet<String>>) -> Toml {
    let mut toml = Toml::default();
    for one in patched {
        let fixture = one.fixture;
        toml.item("fixture").key("id", one.id.as_str()).key("name", fixture.name.as_str());
        toml.key("profile", one.profile.as_str()).key("mode", one.mode.as_str());
        toml.key("universe", fixture.universe).key("address", fixture.address);
        toml.key("position", one.position.map(number).to_vec());
        if one.rotation.iter().any(|angle| angle.abs() > 1e-4) {
            toml.key("rotation", one.rotation.map(number).to_vec());
        }
        if let Some(tags) = tags.get(&fixture.id) {
            toml.key("tags", tags.iter().cloned().collect::<Vec<_>>());
        }
    }
    toml
}
