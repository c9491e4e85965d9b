//! Fixtures held by hand: faders, arming, live control.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gobo_live::sheet::{ChannelRow, FixtureRow, Sheet};
use gobo_show::diagnostic::nearest;
use serde_json::{Map, Value, json};

use super::stage::{Stage, places, universe};
use super::wire::{common_name, painted};
use super::{Lead, done};
use crate::link::{Answer, Reason, Refused};
use crate::live::{Mistake, Place};
use crate::state::Row;

/// Where fixtures stand in the state, and what of them changes by itself.
const FIXTURES: &str = "fixtures";
const ARMED: &str = "armed";
const HELD: &str = "held";

/// Who holds a slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Hand {
    /// A fader of the remote: let go when the show begins to play, unless the fixture is armed.
    Remote,
    /// Live control, until it says otherwise.
    Live,
}

/// All that is held.
#[derive(Default)]
pub(super) struct Holds {
    held: BTreeMap<Place, (u8, Hand)>,
    /// What lies over it for a while: a preview.
    over: BTreeMap<Place, u8>,
    armed: BTreeSet<Arc<str>>,
    /// Fixtures of which clients are to be told.
    touched: BTreeSet<Arc<str>>,
}

impl Holds {
    /// What a slot is held at.
    pub(super) fn level(&self, place: Place) -> Option<u8> {
        let held = || self.held.get(&place).map(|(level, _)| *level);
        self.over.get(&place).copied().or_else(held)
    }

    /// Holds slots for live control, or lets go of them.
    pub(super) fn set(
        &mut self,
        stage: &Stage,
        levels: impl IntoIterator<Item = (Place, Option<u8>)>,
    ) {
        self.set_by(Hand::Live, stage, levels);
    }

    fn set_by(
        &mut self,
        hand: Hand,
        stage: &Stage,
        levels: impl IntoIterator<Item = (Place, Option<u8>)>,
    ) {
        let mut changed = BTreeSet::new();
        for (place, level) in levels {
            match level {
                Some(level) => drop(self.held.insert(place, (level, hand))),
                None => drop(self.held.remove(&place)),
            }
            changed.insert(place);
        }
        self.lay(stage, &changed);
    }

    /// Lays levels over all else that is held, in place of those before.
    pub(super) fn lay_over(&mut self, stage: &Stage, levels: BTreeMap<Place, u8>) {
        let before = std::mem::replace(&mut self.over, levels);
        let changed = before.into_keys().chain(self.over.keys().copied()).collect();
        self.lay(stage, &changed);
    }

    /// Has the player hold what is held at these places.
    fn lay(&mut self, stage: &Stage, places: &BTreeSet<Place>) {
        let universes: BTreeSet<u16> = places.iter().map(|place| place.universe).collect();
        for number in universes {
            for id in stage.in_universe(number) {
                let first = Place { universe: number, slot: 0 };
                let of_universe = places.range(first..=Place { slot: 511, ..first });
                let is_its = stage.fixture(id).is_some_and(|fixture| {
                    of_universe.clone().any(|place| slot_of(fixture, *place).is_some())
                });
                if is_its {
                    self.touched.insert(Arc::clone(id));
                }
            }
        }
        let levels = places.iter().filter_map(|place| {
            Some(((universe(place.universe)?, place.slot), self.level(*place)))
        });
        stage.hands.desk.hold(levels);
    }

    /// Lets go of everything.
    fn clear(&mut self, stage: &Stage) {
        self.touched.extend(std::mem::take(&mut self.armed));
        let held = std::mem::take(&mut self.held).into_keys();
        let over = std::mem::take(&mut self.over).into_keys();
        self.lay(stage, &held.chain(over).collect());
    }

    /// Lets go of what faders hold of fixtures that are not armed: the show plays.
    pub(super) fn make_way(&mut self, stage: &Stage) {
        let armed = self.armed.iter().filter_map(|id| stage.fixture(id));
        let armed: Vec<&FixtureRow> = armed.collect();
        let stays = |place: &Place| armed.iter().any(|one| slot_of(one, *place).is_some());
        let gone =
            self.held.iter().filter(|(place, (_, hand))| *hand == Hand::Remote && !stays(place));
        let gone: Vec<Place> = gone.map(|(place, _)| *place).collect();
        self.set_by(Hand::Remote, stage, gone.into_iter().map(|place| (place, None)));
    }

    /// The levels of a fixture's channels that are held.
    pub(super) fn of(&self, fixture: &FixtureRow) -> BTreeMap<Arc<str>, u64> {
        let held = |channel: &ChannelRow| {
            let places = places(fixture, &channel.slots);
            let mut value = 0;
            for place in &places {
                value = value << 8 | u64::from(self.held.get(place)?.0);
            }
            (!places.is_empty()).then(|| (Arc::clone(&channel.name), value))
        };
        fixture.channels.iter().filter_map(held).collect()
    }
}

/// Which slot of a fixture (from 0) a place is, if it is one.
fn slot_of(fixture: &FixtureRow, place: Place) -> Option<u16> {
    let absolute = |universe: u16, slot: u32| u32::from(universe) * 512 + slot;
    let first = absolute(fixture.universe, u32::from(fixture.address.saturating_sub(1)));
    let slot = absolute(place.universe, u32::from(place.slot)).checked_sub(first)?;
    (slot < u32::from(fixture.footprint)).then_some(slot as u16)
}

impl Lead {
    /// Tells of all fixtures.
    pub(super) fn tell_fixtures(&mut self) {
        let Some(stage) = &self.stage else { return };
        let holds = &self.holds;
        let fixtures = stage.sheet.fixtures.values().map(|row| {
            let armed = holds.armed.contains(&row.id);
            let told = Row::new(row).with(ARMED, &armed).with(HELD, &holds.of(row));
            (Arc::clone(&row.id), told)
        });
        self.store.set_members(FIXTURES, fixtures);
        self.holds.touched.clear();
    }

    /// Tells of those whose holds have changed.
    pub(super) fn tell_touched(&mut self) {
        let Some(stage) = &self.stage else { return };
        for id in std::mem::take(&mut self.holds.touched) {
            let Some(row) = stage.fixture(&id) else { continue };
            self.store.set_part(FIXTURES, &id, ARMED, &self.holds.armed.contains(&id));
            self.store.set_part(FIXTURES, &id, HELD, &self.holds.of(row));
        }
    }

    /// Lets go of everything that is held, and shows nothing of the show; or shows it.
    pub(super) fn stand_by(&mut self, stands_by: bool) {
        let Some(stage) = &self.stage else { return };
        if stands_by {
            self.preview = None;
            self.holds.clear(stage);
            // Or fades that run would take hold again.
            self.engine.let_go(super::now());
        }
        stage.hands.desk.set_stands_by(stands_by);
        self.lock.stands_by = stands_by;
        self.pass_on();
    }

    /// Lets go of fixtures that are not where they were.
    pub(super) fn let_go_of_moved(&mut self, before: &Sheet) {
        let Some(stage) = &self.stage else { return };
        let moved = before.fixtures.values().filter(|old| {
            stage.fixture(&old.id).is_none_or(|new| {
                (new.universe, new.address, &new.channels)
                    != (old.universe, old.address, &old.channels)
            })
        });
        let gone: Vec<Place> = moved
            .flat_map(|old| {
                let slots: Vec<u16> = (0..old.footprint).collect();
                places(old, &slots)
            })
            .filter(|place| self.holds.held.contains_key(place))
            .collect();
        self.holds.set_by(Hand::Remote, stage, gone.into_iter().map(|place| (place, None)));
    }

    /// `fixture.*`.
    pub(super) fn fixture(
        &mut self,
        word: &str,
        payload: &Map<String, Value>,
        answer: Box<dyn FnOnce(Answer) + Send>,
    ) {
        match word {
            "set_arm" => answer(self.set_arm(payload)),
            "set_values" => answer(self.set_values(payload)),
            "preview_effect" => self.preview_effect(payload, answer),
            "stop_preview" => answer(self.stop_preview()),
            _ => answer(Err(super::authoring::unknown("fixture", word))),
        }
    }

    /// The stage and one of its fixtures.
    fn row(&self, payload: &Map<String, Value>) -> Result<(&Stage, &FixtureRow), Refused> {
        let stage = self.stage.as_ref().ok_or_else(super::authoring::no_show)?;
        let Some(id) = payload.get("fixture_id").and_then(Value::as_str) else {
            return Err(Refused::invalid("/fixture_id", "`fixture_id` is the id of a fixture"));
        };
        let row = stage.fixture(id).ok_or_else(|| {
            let known = stage.sheet.fixtures.keys().map(|id| &**id);
            let hint = nearest(id, known).map(|near| format!("; did you mean `{near}`?"));
            let message = format!("there is no fixture `{id}`{}", hint.unwrap_or_default());
            let mistakes = vec![Mistake { path: "/fixture_id".into(), message: message.clone() }];
            Refused { reason: Reason::NotFound, message, mistakes }
        })?;
        Ok((stage, row))
    }

    fn set_arm(&mut self, payload: &Map<String, Value>) -> Answer {
        let (stage, row) = self.row(payload)?;
        let Some(armed) = payload.get("armed").and_then(Value::as_bool) else {
            return Err(Refused::invalid("/armed", "`armed` is true or false"));
        };
        let id = Arc::clone(&row.id);
        let levels: Vec<(Place, Option<u8>)> = match armed {
            true => {
                arm(stage, row).into_iter().map(|(place, level)| (place, Some(level))).collect()
            }
            false => {
                let slots: Vec<u16> = (0..row.footprint).collect();
                places(row, &slots).into_iter().map(|place| (place, None)).collect()
            }
        };
        let Self { stage: Some(stage), holds, .. } = self else { return done() };
        let changes = match armed {
            true => holds.armed.insert(Arc::clone(&id)),
            false => holds.armed.remove(&id),
        };
        if changes || !armed {
            holds.touched.insert(id);
            holds.set_by(Hand::Remote, stage, levels);
        }
        self.tell_touched();
        done()
    }

    fn set_values(&mut self, payload: &Map<String, Value>) -> Answer {
        self.unlocked()?;
        let (_, row) = self.row(payload)?;
        let Some(Value::Object(values)) = payload.get("values") else {
            return Err(Refused::invalid("/values", "`values` is an object: channel to level"));
        };
        let levels = levels(row, values)?;
        let id = Arc::clone(&row.id);
        let plays = self.plays();
        let Self { stage: Some(stage), holds, .. } = self else { return done() };
        if plays {
            // A fader that is moved over a show that plays is meant to stay.
            holds.armed.insert(id);
        }
        holds.set_by(Hand::Remote, stage, levels);
        self.tell_touched();
        done()
    }

    /// A slot of the first universe, as the oldest protocol has it.
    pub(super) fn set_channel(&mut self, payload: &Map<String, Value>) -> Answer {
        self.unlocked()?;
        let number = |key: &str, low: u64, high: u64| {
            let value = payload.get(key).and_then(Value::as_u64);
            value.filter(|value| (low..=high).contains(value)).ok_or_else(|| {
                let message = format!("`{key}` is a whole number, {low} to {high}");
                Refused::invalid(&format!("/{key}"), message)
            })
        };
        let (channel, value) = (number("channel", 1, 512)?, number("value", 0, 255)?);
        let Self { stage: Some(stage), holds, .. } = self else {
            return Err(super::authoring::no_show());
        };
        let Some(universe) = stage.numbers().first().copied() else { return done() };
        let place = Place { universe, slot: (channel - 1) as u16 };
        holds.set_by(Hand::Remote, stage, [(place, Some(value as u8))]);
        self.tell_touched();
        done()
    }

    /// The levels of all fixtures, as those see them that take no frames.
    pub(super) fn values(&self) -> Value {
        let Some(stage) = &self.stage else { return json!({}) };
        let of = |row: &FixtureRow| {
            let value = |channel: &ChannelRow| {
                let level = |place: Place| u64::from(self.shot.level(place.universe, place.slot));
                let places = places(row, &channel.slots).into_iter();
                places.fold(0, |value, place| value << 8 | level(place))
            };
            let channels = row.channels.iter();
            let values = channels.map(|channel| (channel.name.to_string(), value(channel).into()));
            Value::Object(values.collect())
        };
        let fixtures = stage.sheet.fixtures.values();
        Value::Object(fixtures.map(|row| (row.id.to_string(), of(row))).collect())
    }

    /// What the holds of fixtures are, for a look: by fixture, by channel.
    pub(super) fn look(&self) -> Map<String, Value> {
        let Some(stage) = &self.stage else { return Map::new() };
        let rows = stage.sheet.fixtures.values();
        let held = rows.map(|row| (row.id.to_string(), self.holds.of(row)));
        held.filter(|(_, held)| !held.is_empty()).map(|(id, held)| (id, json!(held))).collect()
    }
}

/// What a fixture needs to be used: the values that its profile or the venue says it is armed with.
fn arm(stage: &Stage, row: &FixtureRow) -> Vec<(Place, u8)> {
    let rig = &stage.edition.show().rig;
    let Some(fixture) = rig.fixtures.iter().find(|one| one.id == row.id) else { return Vec::new() };
    let mut levels = Vec::new();
    for (channel, told) in fixture.channels.iter().zip(row.channels.iter()) {
        let Some(value) = channel.arm else { continue };
        levels.extend(bytes(row, told, value));
    }
    levels
}

/// The slots of a channel at a value.
fn bytes(row: &FixtureRow, channel: &ChannelRow, value: u64) -> Vec<(Place, u8)> {
    let places = places(row, &channel.slots);
    let count = places.len();
    let byte = |index: usize| (value >> (8 * (count - 1 - index).min(7))) as u8;
    places.into_iter().enumerate().map(|(index, place)| (place, byte(index))).collect()
}

/// The slots that values of channels lead to, or all that is wrong with them.
fn levels(
    row: &FixtureRow,
    values: &Map<String, Value>,
) -> Result<Vec<(Place, Option<u8>)>, Refused> {
    let (mut levels, mut mistakes) = (Vec::new(), Vec::new());
    // A dimmer that is named counts more than that of a colour, which opens it.
    let (colours, others): (Vec<_>, Vec<_>) = values.iter().partition(|(name, _)| is_colour(name));
    for (name, value) in colours.into_iter().chain(others) {
        match slots(row, name, value) {
            Ok(slots) => levels.extend(slots),
            Err(message) => mistakes.push(Mistake { path: format!("/values/{name}"), message }),
        }
    }
    match mistakes.first() {
        None => Ok(levels),
        Some(first) => {
            let message = first.message.clone();
            Err(Refused { reason: Reason::Invalid, message, mistakes })
        }
    }
}

fn slots(row: &FixtureRow, name: &str, value: &Value) -> Result<Vec<(Place, Option<u8>)>, String> {
    if let (true, Some(rgb)) = (is_colour(name), value.as_str()) {
        let rgb = parse_rgb(rgb).ok_or_else(|| "a colour is written `#rrggbb`".to_owned())?;
        let emitters = painted(row, rgb).into_iter();
        let held = emitters.map(|(place, level)| (place, Some(level)));
        return Ok(held.collect());
    }
    let found = row.channels.iter().find(|channel| *channel.name == *name);
    let found =
        found.or_else(|| row.channels.iter().find(|channel| common_name(channel) == Some(name)));
    let Some(channel) = found else {
        let names = row.channels.iter().map(|channel| channel.name.to_string());
        let common = row.channels.iter().filter_map(common_name).map(str::to_owned);
        let known: Vec<String> = names.chain(common).collect();
        let hint = nearest(name, known.iter().map(String::as_str))
            .map(|near| format!("; did you mean `{near}`?"));
        return Err(format!("{} has no channel `{name}`{}", row.id, hint.unwrap_or_default()));
    };
    let own = places(row, &channel.slots);
    let level = match value {
        Value::Null => return Ok(own.into_iter().map(|place| (place, None)).collect()),
        Value::String(label) => {
            channel.labels.iter().find(|one| *one.name == **label).map(|one| one.from)
        }
        value => value
            .as_f64()
            .map(f64::round)
            .filter(|level| (channel.min as f64..=channel.max as f64).contains(level))
            .map(|level| level as u64),
    };
    let level = level.ok_or_else(|| {
        format!("`{name}` is a number, {} to {}, or one of its labels", channel.min, channel.max)
    })?;
    Ok(bytes(row, channel, level).into_iter().map(|(place, level)| (place, Some(level))).collect())
}

fn is_colour(name: &str) -> bool {
    matches!(name, "color" | "colour" | "rgb")
}

/// `#rrggbb`.
fn parse_rgb(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#')?;
    // A number may have a sign, too.
    let is_colour = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let number = u32::from_str_radix(digits, 16).ok().filter(|_| is_colour)?;
    let [_, red, green, blue] = number.to_be_bytes();
    Some([red, green, blue])
}
