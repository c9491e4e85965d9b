//! The fixtures of a workspace with their profiles: which channel lies on which slot.

use std::collections::{BTreeMap, BTreeSet};

use gobo_show::Source;
use gobo_show::diagnostic::Place;
use gobo_show::profile::PatchedMode;
use gobo_show::rig::{Action, Capability, Channel, Function};
use indexmap::IndexMap;
use serde_json::{Value, json};

use super::function::Kind;
use super::workspace::{Fixture, Workspace};
use crate::definitions::{Definitions, Model, dimmers, generic};
use crate::imported::Imported;
use crate::native::Names;

/// The fixtures that could be patched, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Patch {
    pub(super) fixtures: Vec<Patched>,
    /// The index of each fixture by its id.
    by_id: BTreeMap<u32, usize>,
}

/// A fixture with its profile.
#[derive(Debug)]
pub(super) struct Patched {
    /// Its id in the venue.
    pub(super) id: String,
    pub(super) name: String,
    /// `manufacturer/model`.
    pub(super) profile: String,
    pub(super) mode: String,
    /// From 1.
    pub(super) universe: u32,
    /// From 1.
    pub(super) address: u32,
    pub(super) heads: usize,
    pub(super) channels: Vec<Channel>,
    /// For each slot, the channel on it and which of its bytes, coarsest first.
    slots: Vec<Option<(usize, usize)>>,
}

impl Patch {
    /// The fixture with a QLC+ id, and its index.
    pub(super) fn get(&self, id: u32) -> Option<(usize, &Patched)> {
        let index = *self.by_id.get(&id)?;
        Some((index, &self.fixtures[index]))
    }

    /// Fixtures or heads as a selection: all, those whose names start alike, or one by one.
    pub(super) fn select(&self, ids: &[&str]) -> String {
        let known = |id: &&&str| self.fixtures.iter().any(|fixture| fixture.id == **id);
        let whole = ids.iter().filter(known).count() == ids.len();
        if whole && ids.len() == self.fixtures.len() && ids.len() > 1 {
            return "all".to_owned();
        }
        let start = ids.iter().copied().reduce(common).unwrap_or_default();
        let start = start.trim_end_matches(|c: char| c.is_ascii_digit());
        let alike = self.fixtures.iter().filter(|fixture| fixture.id.starts_with(start)).count();
        if whole && ids.len() > 2 && start.len() > 1 && alike == ids.len() {
            return format!("{start}*");
        }
        ids.join(" | ")
    }
}

/// The start that two names have in common.
fn common<'a>(a: &'a str, b: &str) -> &'a str {
    let same = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    a.get(..same).unwrap_or_default()
}

impl Patched {
    /// The channel on a slot, counted from 0, and which of its bytes.
    pub(super) fn slot(&self, slot: u32) -> Option<(usize, usize)> {
        self.slots.get(slot as usize).copied().flatten()
    }

    /// The channel that does something for a head, counted from 0.
    pub(super) fn channel_for(
        &self,
        head: u32,
        does: impl Fn(&Action) -> bool,
    ) -> Option<&Channel> {
        let fits = |channel: &&Channel| {
            channel.head.is_none_or(|own| own == head)
                && actions(channel).any(|capability| does(&capability.action))
        };
        self.channels.iter().find(fits)
    }
}

/// What a channel can do, in every case.
fn actions(channel: &Channel) -> impl Iterator<Item = &Capability> {
    let (fixed, cases) = match &channel.function {
        Function::Fixed(capabilities) => (&**capabilities, [].as_slice()),
        Function::Switched { cases, .. } => ([].as_slice(), cases.as_slice()),
    };
    fixed.iter().chain(cases.iter().flat_map(|case| &case.capabilities))
}

/// Whether QLC+ counts a channel as an intensity: the highest writer wins, and it goes to 0 when
/// its function stops.
pub(super) fn is_intensity(channel: &Channel) -> bool {
    let light =
        |found: &Capability| matches!(found.action, Action::Intensity(..) | Action::Emitter(..));
    channel.htp || (actions(channel).any(light) && actions(channel).all(light))
}

/// Patches every fixture; adds the profiles that they need to `imported`.
pub(super) fn patch(
    workspace: &Workspace,
    definitions: &[Source],
    names: &mut Names,
    imported: &mut Imported,
) -> Patch {
    let mut patcher = Patcher {
        definitions: Definitions::new(definitions),
        moving: moving(workspace),
        missing: IndexMap::new(),
        imported,
    };
    let mut patch = Patch::default();
    for fixture in &workspace.fixtures {
        let end = u64::from(fixture.address) + u64::from(fixture.channels);
        if fixture.channels == 0 || end > 512 || fixture.universe >= 63_999 {
            let what = format!("the fixture `{}`", fixture.name);
            patcher.imported.note(what, "is left out: no universe holds it", fixture.place.clone());
            continue;
        }
        if let Some(other) = patch.fixtures.iter().find(|other| overlap(other, fixture)) {
            let what = format!("the fixture `{}`", fixture.name);
            let why = format!("is left out: it lies on slots of `{}`", other.name);
            patcher.imported.note(what, why, fixture.place.clone());
            continue;
        }
        if let Some(patched) = patcher.fixture(fixture, names) {
            patch.by_id.insert(fixture.id, patch.fixtures.len());
            patch.fixtures.push(patched);
        }
    }
    patcher.note_missing();
    patch
}

/// The fixtures that a movement turns, by id.
fn moving(workspace: &Workspace) -> BTreeSet<u32> {
    let functions = workspace.functions.values();
    let members = functions.filter_map(|function| match &function.kind {
        Kind::Efx(efx) => Some(&efx.fixtures),
        _ => None,
    });
    members.flatten().filter(|member| member.mode == 0).map(|member| member.fixture).collect()
}

fn overlap(other: &Patched, fixture: &Fixture) -> bool {
    let (first, count) = (other.address - 1, other.slots.len() as u32);
    other.universe == fixture.universe + 1
        && first < fixture.address + fixture.channels
        && fixture.address < first + count
}

struct Patcher<'a> {
    definitions: Definitions<'a>,
    /// Fixtures that a movement turns, by id.
    moving: BTreeSet<u32>,
    /// The fixtures without definition, and where the first stands, by their model and whether
    /// they move.
    missing: IndexMap<(Model, bool), (Vec<String>, Place)>,
    imported: &'a mut Imported,
}

impl Patcher<'_> {
    fn fixture(&mut self, fixture: &Fixture, names: &mut Names) -> Option<Patched> {
        let (profile, mode, patched) = match self.defined(fixture) {
            Some(found) => found,
            None => self.generic(fixture)?,
        };
        let mut slots = vec![None; usize::from(patched.footprint)];
        for (index, channel) in patched.channels.iter().enumerate() {
            for (byte, slot) in channel.slots.iter().enumerate() {
                if let Some(slot) = slots.get_mut(usize::from(*slot)) {
                    *slot = Some((index, byte));
                }
            }
        }
        Some(Patched {
            id: names.take(&fixture.name),
            name: fixture.name.clone(),
            profile,
            mode,
            universe: fixture.universe + 1,
            address: fixture.address + 1,
            heads: patched.heads.len(),
            channels: patched.channels,
            slots,
        })
    }

    /// The profile of the fixture's definition, its mode, and that mode's slots.
    fn defined(&mut self, fixture: &Fixture) -> Option<(String, String, PatchedMode)> {
        let key = (fixture.manufacturer.clone(), fixture.model.clone());
        let known = self.definitions.get(&key, self.imported)?;
        let patched = known.profile.patch(&fixture.mode);
        match patched.filter(|patched| u32::from(patched.footprint) == fixture.channels) {
            Some(patched) => Some((known.path.clone(), fixture.mode.clone(), patched)),
            None => {
                let what = format!("the mode `{}` of `{}`", fixture.mode, fixture.name);
                let why = format!(
                    "is not in the definition of {} {} with {} channels: dimmers stand in for it",
                    fixture.manufacturer, fixture.model, fixture.channels
                );
                self.imported.note(what, why, fixture.place.clone());
                None
            }
        }
    }

    /// A profile of dimmers, or of the pixels of a panel, for a fixture without definition.
    fn generic(&mut self, fixture: &Fixture) -> Option<(String, String, PatchedMode)> {
        let count = fixture.channels;
        let is_generic = fixture.manufacturer == "Generic";
        let moves = self.moving.contains(&fixture.id) && count >= 2;
        let (model, json) = match panel_order(fixture).filter(|_| is_generic) {
            Some(order) => panel(order, count),
            None if moves => mover(count),
            None => dimmers(count),
        };
        let key = (fixture.manufacturer.clone(), fixture.model.clone());
        if !is_generic && self.definitions.get(&key, self.imported).is_none() {
            let missing = self
                .missing
                .entry((key, moves))
                .or_insert_with(|| (Vec::new(), fixture.place.clone()));
            missing.0.push(fixture.name.clone());
        }
        generic(&model, &json, self.imported)
    }

    /// Notes the definitions that are missing, one note for all fixtures of a model.
    fn note_missing(&mut self) {
        for (((manufacturer, model), moves), (names, place)) in std::mem::take(&mut self.missing) {
            let stands_in = match moves {
                true => "channels stand in, the first two taken as pan and tilt",
                false => "dimmers stand in",
            };
            let what = format!("the definition of {manufacturer} {model}");
            let why = format!("is not there: {stands_in} for {}", names.join(", "));
            self.imported.note(what, why, place);
        }
    }
}

/// The colours of a pixel of an RGB panel, in the order of its slots.
fn panel_order(fixture: &Fixture) -> Option<&'static [&'static str]> {
    let order: &[&str] = match fixture.mode.as_str() {
        "RGBW" => &["Red", "Green", "Blue", "White"],
        "BGR" => &["Blue", "Green", "Red"],
        "BRG" => &["Blue", "Red", "Green"],
        "GBR" => &["Green", "Blue", "Red"],
        "GRB" => &["Green", "Red", "Blue"],
        "RBG" => &["Red", "Blue", "Green"],
        _ => &["Red", "Green", "Blue"],
    };
    let fits = fixture.channels.is_multiple_of(order.len() as u32);
    (fixture.model.starts_with("RGBPanel") && fits).then_some(order)
}

/// A profile of something that turns, of which nothing else is known.
fn mover(count: u32) -> (String, Value) {
    let axis = |kind: &str, degrees: u32| json!({"capability": {"type": kind, "angleStart": "0deg", "angleEnd": format!("{degrees}deg")}});
    let mut channels = serde_json::Map::new();
    channels.insert("Pan".into(), axis("Pan", 540));
    channels.insert("Tilt".into(), axis("Tilt", 270));
    let others = (3..=count).map(|channel| format!("Channel {channel}"));
    channels.extend(others.map(|key| (key, json!({"capability": {"type": "Generic"}}))));
    let keys: Vec<_> = channels.keys().cloned().collect();
    let profile = json!({
        "name": format!("Moving light, {count} channels"), "categories": ["Moving Head"],
        "availableChannels": channels,
        "modes": [{"name": format!("{count} channels"), "channels": keys}],
    });
    (format!("moving-light-{count}"), profile)
}

/// A profile of a row of pixels.
fn panel(order: &[&str], slots: u32) -> (String, Value) {
    let pixels = slots / order.len() as u32;
    let letters: String = order.iter().filter_map(|color| color.chars().next()).collect();
    let template = |color: &&str| {
        let channel = json!({"capability": {"type": "ColorIntensity", "color": color}});
        (format!("{color} $pixelKey"), channel)
    };
    let templates: serde_json::Map<_, _> = order.iter().map(template).collect();
    let of = |pixel: u32| order.iter().map(move |color| format!("{color} {pixel}"));
    let keys: Vec<_> = (1..=pixels).flat_map(of).collect();
    let profile = json!({
        "name": format!("{pixels} pixels {letters}"), "categories": ["Matrix"],
        "matrix": {"pixelCount": [pixels, 1, 1]},
        "templateChannels": templates,
        "modes": [{"name": letters, "channels": keys}],
    });
    (format!("{pixels}-pixels-{}", letters.to_lowercase()), profile)
}
