//! How the engine does what unified commands ask for.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::engine::{Outcome, known};
use super::fades::Fade;
use super::parse::reader::{below, did_you_mean, short};
use super::scenes::{SCENE_LETTERS, SCENES, Scene, Scenes};
use super::{
    Ask, Attributes, Change, ChannelKey, Easing, EffectRefused, Engine, Kept, Level, Mistake, Now,
    Place, Reason, Refusal, Said, Setting, Wire,
};

impl Ask {
    /// The number of the universe that it names, if it does.
    pub(super) fn universe(&self) -> Option<u64> {
        match self {
            Self::Patch { universe, .. } | Self::Fade { universe, .. } => Some(*universe),
            _ => None,
        }
    }
}

impl Engine {
    pub(super) fn perform(
        &mut self,
        ask: Ask,
        wire: &mut dyn Wire,
        now: Now,
    ) -> Result<Outcome, Refusal> {
        match ask {
            Ask::Patch { universe, changes } => {
                let levels = levels(universe, &changes, wire)?;
                self.set(levels, wire, now);
            }
            Ask::Fade { universe, changes, duration_ms, easing } => {
                let levels = levels(universe, &changes, wire)?;
                self.fade(levels, (duration_ms, easing), wire, now);
            }
            Ask::Fixture { fixture, attributes } => {
                let levels = settings(&fixture, &attributes, wire)?;
                self.set(levels, wire, now);
            }
            Ask::SaveScene { name, snapshot } => return self.save(name, snapshot, wire, now),
            Ask::RecallScene { name } => self.recall(&name, wire, now)?,
            Ask::DeleteScene { name } => return self.forget(&name),
            Ask::Effect { fixture, effects } => apply(&fixture, &effects, wire)?,
            Ask::Motor { motor } => {
                let message = format!("there is no motor `{}`: gobo moves none", short(&motor));
                return Err(Refusal::not_found("/motorId", message));
            }
        }
        Ok(Outcome::done())
    }

    fn fade(
        &mut self,
        levels: Vec<Level>,
        (duration_ms, easing): (u64, Easing),
        wire: &mut dyn Wire,
        now: Now,
    ) {
        if duration_ms == 0 {
            return self.set(levels, wire, now);
        }
        for Level { place, value: to } in levels {
            let from = wire.level(place);
            self.fades.begin(place, Fade { from, to, began: now.instant, duration_ms, easing });
        }
    }

    fn save(
        &mut self,
        name: String,
        snapshot: Option<BTreeMap<ChannelKey, u8>>,
        wire: &dyn Wire,
        now: Now,
    ) -> Result<Outcome, Refusal> {
        let is_plain = !name.trim().is_empty() && !name.contains(char::is_control);
        if !is_plain || name.chars().count() > SCENE_LETTERS {
            let message = format!("a scene has a name of 1 to {SCENE_LETTERS} letters");
            let mistakes = vec![Mistake { path: "/name".to_owned(), message }];
            return Err(Refusal { reason: Reason::ValidationFailed, mistakes });
        }
        let levels = match snapshot {
            Some(levels) => {
                check(&levels, wire)?;
                levels
            }
            None => present(wire),
        };
        if !self.scenes.keep(Scene { name, levels, ts: now.unix_ms }) {
            let message = format!("there are {SCENES} scenes, and that is as many as may be");
            let mistakes = vec![Mistake { path: "/name".to_owned(), message }];
            return Err(Refusal { reason: Reason::ScenesFull, mistakes });
        }
        Ok(self.scenes_changed())
    }

    fn forget(&mut self, name: &str) -> Result<Outcome, Refusal> {
        match self.scenes.forget(name) {
            true => Ok(self.scenes_changed()),
            false => Err(unknown_scene(name, &self.scenes)),
        }
    }

    /// Says which scenes there are, and keeps them.
    fn scenes_changed(&mut self) -> Outcome {
        self.say(Said::Scenes(self.scenes.names().map(str::to_owned).collect()));
        Outcome::kept(Kept::Scenes(self.scenes.clone()))
    }

    /// Slots of universes that are no longer there are left out.
    fn recall(&mut self, name: &str, wire: &mut dyn Wire, now: Now) -> Result<(), Refusal> {
        let scene = self.scenes.get(name).ok_or_else(|| unknown_scene(name, &self.scenes))?;
        let universes = wire.universes();
        let first = universes.first().copied().unwrap_or_default();
        let there = |level: &Level| known(wire, u64::from(level.place.universe)).is_some();
        let levels: Vec<Level> = scene.levels(first).filter(there).collect();
        self.set(levels, wire, now);
        Ok(())
    }
}

fn unknown_scene(name: &str, scenes: &Scenes) -> Refusal {
    let hint = did_you_mean(name, scenes.names());
    Refusal::not_found("/name", format!("there is no scene `{}`{hint}", short(name)))
}

fn unknown_universe(path: &str, number: u64, wire: &dyn Wire) -> Refusal {
    let there: Vec<String> = wire.universes().iter().take(20).map(u16::to_string).collect();
    let message = format!("there is no universe {number}, but {}", there.join(", "));
    Refusal::not_found(path, message)
}

fn levels(number: u64, changes: &[Change], wire: &dyn Wire) -> Result<Vec<Level>, Refusal> {
    let universe =
        known(wire, number).ok_or_else(|| unknown_universe("/universe", number, wire))?;
    let level = |change: &Change| Level {
        place: Place { universe, slot: change.slot },
        value: change.value,
    };
    Ok(changes.iter().map(level).collect())
}

fn settings(
    id: &str,
    settings: &BTreeMap<String, Setting>,
    wire: &dyn Wire,
) -> Result<Vec<Level>, Refusal> {
    let attributes = wire.fixture(id).ok_or_else(|| unknown_fixture(id, wire))?;
    let unknown = settings.keys().filter(|name| !attributes.contains_key(*name));
    let mistakes: Vec<Mistake> = unknown.map(|name| unknown_attribute(name, &attributes)).collect();
    if !mistakes.is_empty() {
        return Err(Refusal { reason: Reason::NotFound, mistakes });
    }
    let slots = |(name, setting): (&String, &Setting)| {
        let places = attributes.get(name).map_or(&[][..], Vec::as_slice);
        let levels = setting.levels(places.len());
        let level = |(place, value): (&Place, u8)| Level { place: *place, value };
        places.iter().zip(levels).map(level).collect::<Vec<_>>()
    };
    Ok(settings.iter().flat_map(slots).collect())
}

fn unknown_fixture(id: &str, wire: &dyn Wire) -> Refusal {
    let there = wire.fixtures();
    let hint = did_you_mean(id, there.iter().map(String::as_str));
    Refusal::not_found("/fixtureId", format!("there is no fixture `{}`{hint}", short(id)))
}

fn unknown_attribute(name: &str, attributes: &Attributes) -> Mistake {
    let hint = did_you_mean(name, attributes.keys().map(String::as_str));
    let message = format!("the fixture has no attribute `{}`{hint}", short(name));
    Mistake { path: below("/attrs", name), message }
}

fn check(levels: &BTreeMap<ChannelKey, u8>, wire: &dyn Wire) -> Result<(), Refusal> {
    let named = levels.keys().filter_map(|key| key.universe);
    match named.map(u64::from).find(|number| known(wire, *number).is_none()) {
        Some(number) => Err(unknown_universe("/snapshot", number, wire)),
        None => Ok(()),
    }
}

/// The levels of all slots that some fixture uses.
fn present(wire: &dyn Wire) -> BTreeMap<ChannelKey, u8> {
    let key = |place: Place| ChannelKey { universe: Some(place.universe), slot: place.slot };
    wire.used().into_iter().map(|place| (key(place), wire.level(place))).collect()
}

fn apply(id: &str, effects: &[Map<String, Value>], wire: &mut dyn Wire) -> Result<(), Refusal> {
    let refused = match wire.effect(id, effects) {
        Ok(()) => return Ok(()),
        Err(refused) => refused,
    };
    let message = refused.to_string();
    let (reason, path) = match refused {
        EffectRefused::UnknownFixture => return Err(unknown_fixture(id, wire)),
        EffectRefused::Playing => (Reason::PlaybackActive, String::new()),
        EffectRefused::UnknownEffect { index, .. } => {
            (Reason::NotFound, format!("/effect/{index}"))
        }
        EffectRefused::Refused { index, .. } => (Reason::Refused, format!("/effect/{index}")),
    };
    let mistakes = vec![Mistake { path, message }];
    Err(Refusal { reason, mistakes })
}
