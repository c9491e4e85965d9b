use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{ChannelKey, Level, Place};

/// The most scenes that are kept.
pub const SCENES: usize = 1_000;

/// The most letters of a scene's name.
pub(super) const SCENE_LETTERS: usize = 100;

/// Levels by a name, to come back to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scene {
    /// Its name, never empty; no two have the same.
    pub name: String,
    /// Its levels.
    pub levels: BTreeMap<ChannelKey, u8>,
    /// When it was saved, in ms since 1970.
    pub ts: u64,
}

impl Scene {
    /// What it holds, where a key without universe is in `first`.
    pub fn levels(&self, first: u16) -> impl Iterator<Item = Level> {
        self.levels.iter().map(move |(key, &value)| {
            let universe = key.universe.unwrap_or(first);
            Level { place: Place { universe, slot: key.slot }, value }
        })
    }

    /// `{id, name, channelValues {channel: level}, timestamp}`, as the contract has it; the id is
    /// the name.
    pub fn to_json(&self) -> Value {
        let entry = |(key, value): (&ChannelKey, &u8)| {
            let channel = key.slot + 1;
            let key = match key.universe {
                Some(universe) => format!("{universe}.{channel}"),
                None => channel.to_string(),
            };
            (key, Value::from(*value))
        };
        let levels: Map<_, _> = self.levels.iter().map(entry).collect();
        json!({ "id": self.name, "name": self.name, "channelValues": levels, "timestamp": self.ts })
    }

    /// Reads what [`Scene::to_json`] made, or another program; channels that mean nothing here are
    /// left out. `None` if it is no scene.
    pub fn from_json(json: &Value) -> Option<Self> {
        let name = json.get("name")?.as_str().filter(|name| !name.is_empty())?.to_owned();
        let entry = |(key, value): (&String, &Value)| {
            Some((ChannelKey::parse(key)?, u8::try_from(value.as_u64()?).ok()?))
        };
        let levels = json.get("channelValues")?.as_object()?.iter().filter_map(entry).collect();
        let ts = json.get("timestamp").and_then(Value::as_u64).unwrap_or_default();
        Some(Self { name, levels, ts })
    }
}

/// All scenes, by name. A copy is cheap: it shares them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scenes(BTreeMap<String, Arc<Scene>>);

impl Scenes {
    /// A scene by its name.
    pub fn get(&self, name: &str) -> Option<&Scene> {
        self.0.get(name).map(|scene| &**scene)
    }

    /// Keeps a scene, in the place of the one of the same name; `false` if there are too many.
    #[must_use]
    pub fn keep(&mut self, scene: Scene) -> bool {
        let fits = self.0.len() < SCENES || self.0.contains_key(&scene.name);
        if fits {
            self.0.insert(scene.name.clone(), Arc::new(scene));
        }
        fits
    }

    /// Forgets a scene; `false` if there is none.
    #[must_use]
    pub fn forget(&mut self, name: &str) -> bool {
        self.0.remove(name).is_some()
    }

    /// The names, rising.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A list of scenes, as `scenes.json` has it.
    pub fn to_json(&self) -> Value {
        self.0.values().map(|scene| scene.to_json()).collect()
    }

    /// Reads a list of scenes, and says how many entries were none.
    pub fn from_json(json: &[Value]) -> (Self, usize) {
        let mut scenes = Self::default();
        let kept = |entry: &&Value| Scene::from_json(entry).is_some_and(|scene| scenes.keep(scene));
        let kept = json.iter().filter(kept).count();
        (scenes, json.len() - kept)
    }
}
