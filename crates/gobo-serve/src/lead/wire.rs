//! The show as live control sees it.

use std::sync::Arc;
use std::time::Duration;

use gobo_live::sheet::{ChannelRow, FixtureRow};
use serde_json::{Map, Value};

use super::hold::Holds;
use super::stage::{Stage, places};
use super::{Later, Lead};
use crate::frames::Shot;
use crate::link::Begun;
use crate::live::{Attributes, EffectRefused, Engine, Level, Painted, Place, Wire};

/// How old what clients begin with may be.
const RECENT: Duration = Duration::from_millis(250);

/// What live control acts on.
pub(super) struct Bench<'l> {
    stage: Option<&'l Stage>,
    shot: &'l Shot,
    holds: &'l mut Holds,
    later: &'l Later,
    /// Whether previews wait for the show to stand.
    is_locked: bool,
}

impl Lead {
    /// The engine of live control, and what it acts on.
    pub(super) fn wire(&mut self) -> (&mut Engine, Bench<'_>) {
        let is_locked = self.unlocked().is_err();
        let Self { engine, stage, shot, holds, later, .. } = self;
        (engine, Bench { stage: stage.as_ref(), shot, holds, later, is_locked })
    }

    /// What a client of live control begins with. Nothing that it would have to be told may have
    /// changed since; what the show itself changes may be a little old.
    pub(super) fn begun(&mut self) -> Arc<Begun> {
        let known = self.begun.as_ref().filter(|(at, _)| at.elapsed() < RECENT);
        if let Some((_, begun)) = known {
            return Arc::clone(begun);
        }
        let now = super::now();
        let colour = self.engine.colour().to_message();
        let numbers = self.stage.as_ref().map(Stage::numbers).unwrap_or_default();
        let (engine, wire) = self.wire();
        let levels = numbers.into_iter().filter_map(|one| engine.whole(one, &wire, now));
        let begun = Arc::new(Begun::new(colour, levels.collect()));
        self.begun = Some((now.instant, Arc::clone(&begun)));
        begun
    }

    /// Has live control take hold of a stage that is new.
    pub(super) fn begin_live(&mut self) {
        let now = super::now();
        let (engine, mut wire) = self.wire();
        engine.start(&mut wire, now);
        self.pass_on();
    }
}

impl Bench<'_> {
    fn row(&self, id: &str) -> Option<&FixtureRow> {
        self.stage?.fixture(id)
    }
}

impl Wire for Bench<'_> {
    fn universes(&self) -> Vec<u16> {
        self.stage.map(Stage::numbers).unwrap_or_default()
    }

    fn level(&self, place: Place) -> u8 {
        // What is held shows in a frame or two.
        self.holds.level(place).unwrap_or_else(|| self.shot.level(place.universe, place.slot))
    }

    fn hold(&mut self, levels: &[Level]) {
        let Some(stage) = self.stage else { return };
        self.holds.set(stage, levels.iter().map(|level| (level.place, Some(level.value))));
    }

    fn used(&self) -> Vec<Place> {
        let fixtures = self.stage.into_iter().flat_map(|stage| stage.sheet.fixtures.values());
        let slots = |fixture: &FixtureRow| {
            let slots: Vec<u16> = (0..fixture.footprint).collect();
            places(fixture, &slots)
        };
        let mut used: Vec<Place> = fixtures.flat_map(slots).collect();
        used.sort_unstable();
        used.dedup();
        used
    }

    fn fixture(&self, id: &str) -> Option<Attributes> {
        let fixture = self.row(id)?;
        let mut attributes = Attributes::new();
        for channel in fixture.channels.iter() {
            let own = places(fixture, &channel.slots);
            // The first channel of a kind has its common name, too.
            if let Some(word) = common_name(channel) {
                attributes.entry(word.to_owned()).or_insert_with(|| own.clone());
            }
            attributes.insert(channel.name.to_string(), own);
        }
        Some(attributes)
    }

    fn fixtures(&self) -> Vec<String> {
        let ids = self.stage.into_iter().flat_map(|stage| stage.sheet.fixtures.keys());
        ids.map(std::string::ToString::to_string).collect()
    }

    fn paint(&self, whom: Painted<'_>, rgb: [u8; 3]) -> Vec<Level> {
        let Some(stage) = self.stage else { return Vec::new() };
        let ids: Vec<Arc<str>> = match whom {
            Painted::Fixtures(ids) => ids.iter().map(|id| id.as_str().into()).collect(),
            Painted::Group(name) => {
                let group = stage.sheet.groups.iter().find(|group| group.name == *name);
                group.map(|group| group.fixtures.clone()).unwrap_or_default()
            }
        };
        let fixtures = ids.iter().filter_map(|id| stage.fixture(id));
        let levels = fixtures.flat_map(|fixture| painted(fixture, rgb));
        levels.map(|(place, value)| Level { place, value }).collect()
    }

    fn effect(
        &mut self,
        fixture: &str,
        effects: &[Map<String, Value>],
    ) -> Result<(), EffectRefused> {
        let (Some(stage), Some(_)) = (self.stage, self.row(fixture)) else {
            return Err(EffectRefused::UnknownFixture);
        };
        if self.is_locked {
            return Err(EffectRefused::Playing);
        }
        super::preview::apply_effects((&stage.edition, self.later), fixture, effects)
    }
}

/// The name by which a channel is known of most fixtures: `dimmer`, `red`, `pan`.
pub(super) fn common_name(channel: &ChannelRow) -> Option<&'static str> {
    match (channel.kind, channel.emitter) {
        ("level", _) => Some("dimmer"),
        ("color", Some(emitter)) => Some(emitter),
        ("pan", _) => Some("pan"),
        ("tilt", _) => Some("tilt"),
        _ => None,
    }
}

/// The levels that show a colour on a fixture: its emitters, and its dimmer open.
pub(super) fn painted(fixture: &FixtureRow, rgb: [u8; 3]) -> Vec<(Place, u8)> {
    let level = |channel: &ChannelRow| match (channel.kind, channel.emitter) {
        ("level", _) => Some(255),
        (_, Some("red")) => Some(rgb[0]),
        (_, Some("green")) => Some(rgb[1]),
        (_, Some("blue")) => Some(rgb[2]),
        (_, Some(_)) => Some(0),
        _ => None,
    };
    let lit = fixture.channels.iter().filter_map(|channel| Some((channel, level(channel)?)));
    lit.flat_map(|(channel, level)| {
        places(fixture, &channel.slots).into_iter().map(move |place| (place, level))
    })
    .collect()
}
