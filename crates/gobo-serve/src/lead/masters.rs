//! Masters: what lies over all levels of the show, and how loud it is.

use gobo_play::{Desk, Settings};
use serde_json::{Map, Value};

use super::{Lead, done};
use crate::link::{Answer, Reason, Refused};
use crate::live::Mistake;
use crate::state::Row;

/// A master that is to be set.
enum Master<'p> {
    Grand(f64),
    Blackout(bool),
    Frozen(bool),
    Volume(f64),
    Group(&'p str, f64),
}

impl Lead {
    /// `levels.set`.
    pub(super) fn set_levels(&mut self, payload: &Map<String, Value>) -> Answer {
        let stage = self.stage.as_ref().ok_or_else(super::authoring::no_show)?;
        let desk = &stage.hands.desk;
        for master in masters(payload, desk)? {
            match master {
                Master::Grand(level) => desk.set_grand(level),
                Master::Blackout(on) => desk.set_blackout(on),
                Master::Frozen(on) => desk.set_frozen(on),
                Master::Group(name, level) => drop(desk.set_group(name, level)),
                Master::Volume(volume) => self.volume = volume as f32,
            }
        }
        self.set_volume();
        self.tell_levels();
        done()
    }

    /// Has the player be as loud as was asked for.
    pub(super) fn set_volume(&self) {
        if let Some(stage) = &self.stage {
            stage.hands.remote.set_volume(self.volume);
        }
    }

    /// Tells where the masters are.
    pub(super) fn tell_levels(&mut self) {
        let Some(stage) = &self.stage else { return };
        let settings = stage.hands.desk.settings();
        let groups = stage.hands.desk.groups().into_iter().map(|name| {
            let level = settings.groups.get(&name).copied().unwrap_or(1.0);
            (name, level.into())
        });
        let groups: Map<String, Value> = groups.collect();
        self.tell_masters(&settings, &groups);
    }

    /// Puts the masters into the state, each by itself.
    pub(super) fn tell_masters(&mut self, settings: &Settings, groups: &Map<String, Value>) {
        let masters = [
            ("blackout", Row::new(&settings.blackout)),
            ("frozen", Row::new(&settings.frozen)),
            ("grand", Row::new(&settings.grand)),
            ("groups", Row::new(groups)),
            ("volume", Row::new(&self.volume)),
        ];
        self.store.set_members("levels", masters.map(|(name, row)| (name.into(), row)));
    }
}

/// What a payload asks for, or all that is wrong with it.
fn masters<'p>(payload: &'p Map<String, Value>, desk: &Desk) -> Result<Vec<Master<'p>>, Refused> {
    let (mut masters, mut mistakes) = (Vec::new(), Vec::new());
    let mut wrong = |path: String, message: String| mistakes.push(Mistake { path, message });
    let known = desk.groups();
    let level = |value: &Value| value.as_f64().filter(|level| (0.0..=1.0).contains(level));
    for (key, value) in payload {
        match (key.as_str(), value, level(value)) {
            ("grand", _, Some(level)) => masters.push(Master::Grand(level)),
            ("volume", _, Some(volume)) => masters.push(Master::Volume(volume)),
            ("blackout", Value::Bool(on), _) => masters.push(Master::Blackout(*on)),
            ("frozen", Value::Bool(on), _) => masters.push(Master::Frozen(*on)),
            ("groups", Value::Object(groups), _) => {
                for (name, value) in groups {
                    match level(value).filter(|_| known.contains(name)) {
                        Some(level) => masters.push(Master::Group(name, level)),
                        None => wrong(
                            format!("/groups/{name}"),
                            format!("`{name}` is a group of the venue, at 0 to 1"),
                        ),
                    }
                }
            }
            ("grand" | "volume", ..) => wrong(format!("/{key}"), format!("`{key}` is 0 to 1")),
            ("blackout" | "frozen", ..) => {
                wrong(format!("/{key}"), format!("`{key}` is true or false"));
            }
            ("groups", ..) => {
                wrong(format!("/{key}"), "`groups` is an object: group to level".to_owned());
            }
            _ => wrong(format!("/{key}"), format!("there is no `{key}`")),
        }
    }
    match mistakes.first() {
        None => Ok(masters),
        Some(first) => {
            let message = first.message.clone();
            Err(Refused { reason: Reason::Invalid, message, mistakes })
        }
    }
}
