//! What clients are told of the show besides where it is.

use std::time::{Duration, Instant};

use gobo_play::Settings;
use serde_json::{Map, Value, json};

use super::Lead;
use crate::shared::Health;

/// Between two looks at how the server fares.
const HEALTH: Duration = Duration::from_millis(250);

impl Lead {
    /// What is there before anything plays.
    pub(super) fn begin(&mut self) {
        self.store.set("shows", &self.house.shows());
        self.store.set("song", &Value::Null);
        self.store.set("patch", &Value::Null);
        self.store.set("diagnostics", &Vec::<Value>::new());
        self.store.set("scenes", &self.engine.scenes().names().collect::<Vec<_>>());
        self.store.set("rgb", &super::colour_of(self.engine.colour()));
        for key in ["cues", "pois", "cue_helpers", "chasers", "groups", "outputs"] {
            self.store.set(key, &Vec::<Value>::new());
        }
        self.store.set_members("fixtures", []);
        self.store.set("analyzer", &json!({ "state": "none" }));
        self.store.set("playback", &json!({ "state": "stopped", "time_ms": 0, "cues": [] }));
        self.tell_masters(&Settings::default(), &Map::new());
        self.tell_chat();
        self.tell_system();
        self.publish();
    }

    /// Tells of an edition that has come on, besides what was made ready of it.
    pub(super) fn tell_stage(&mut self, is_patched_anew: bool) {
        self.store.set("shows", &self.house.shows());
        self.tell_chasers();
        match is_patched_anew {
            true => self.tell_fixtures(),
            false => self.tell_touched(),
        }
        self.tell_levels();
        self.tell_playback(Instant::now());
        self.tell_system();
    }

    /// Tells which chasers there are, and which one runs.
    pub(super) fn tell_chasers(&mut self) {
        let Some(stage) = &self.stage else { return };
        let running = self.preview.as_ref().and_then(super::preview::Preview::chaser);
        let chasers = stage.sheet.chasers.iter().map(|chaser| {
            let mut row = json!(chaser);
            row["running"] = (Some(row["id"].as_str().unwrap_or_default()) == running).into();
            row
        });
        let chasers: Vec<Value> = chasers.collect();
        self.store.set("chasers", &chasers);
    }

    /// Tells of the server and the show as a whole.
    pub(super) fn tell_system(&mut self) {
        let header = self.stage.as_ref().map(super::stage::Stage::header);
        let show_state = match (&self.stage, self.plays()) {
            (None, _) => "error",
            (Some(_), true) => "running",
            (Some(_), false) => "idle",
        };
        let system = json!({
            "show_state": show_state,
            "edit_lock": self.unlocked().is_err(),
            "show": header.map(|header| header.name.as_str()),
            "title": header.map(|header| header.title.as_str()),
            "version": env!("CARGO_PKG_VERSION"),
            "watch": self.watches,
            "llm": self.chat.is_set(),
        });
        self.store.set("system", &system);
    }

    /// Leaves word of how it fares; and what is not told at once: what the chat says, and the levels
    /// of fixtures, for those who want them here.
    pub(super) fn tell_health(&mut self, now: Instant) {
        if self.told_health.is_some_and(|at| now.saturating_duration_since(at) < HEALTH) {
            return;
        }
        self.told_health = Some(now);
        if self.chat_is_behind {
            self.tell_chat();
        }
        if self.ways.audience.shallow.load(std::sync::atomic::Ordering::Relaxed) > 0 {
            let values = self.values();
            self.store.set("values", &values);
        }
        let state = self.stage.as_ref().map(|stage| stage.hands.watch.state());
        let broker = (self.broker)();
        let queue = (self.queue.depth(), self.queue.capacity());
        let figures = self.engine.figures();
        let mut metrics = figures.metrics(queue.0, broker == Some(true)).to_vec();
        metrics.extend(state.iter().flat_map(crate::figures::of_show));
        metrics.extend(crate::figures::of_applying(&self.applied));
        *self.ways.shared.health() = Health {
            led: Some(now),
            sent: state.and_then(|state| state.at),
            failing: state.map_or(0, |state| state.faults.failing),
            broker,
            queue,
            metrics,
        };
    }
}
