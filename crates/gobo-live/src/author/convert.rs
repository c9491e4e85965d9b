//! Effects by their names in the AI Light Show or here, for a file of either kind.

mod keys;
mod members;
mod native;
mod row;

use std::sync::OnceLock;

use gobo_show::reference::{self, Kind, Row as Reference};
use gobo_show::rig::{Fixture, Rig};
use serde_json::{Map, Value};

use super::refusal::Fault;

pub(super) use keys::{Keys, degrees_of};
pub(crate) use native::Native;
pub(super) use native::look;

/// A fixture and what it is patched in.
pub(super) type On<'a> = (&'a Fixture, &'a Rig);

/// The table of effects.
fn rows() -> &'static [Reference] {
    static ROWS: OnceLock<Vec<Reference>> = OnceLock::new();
    ROWS.get_or_init(reference::rows)
}

fn names(kind: Kind) -> impl Iterator<Item = &'static str> {
    rows().iter().filter(move |row| row.kind == kind).map(|row| row.name)
}

/// Whether there is an effect of this name.
pub(crate) fn is_effect(name: &str) -> bool {
    names(Kind::Effect).chain(names(Kind::Channel)).any(|known| known == name)
}

/// Whether channel layers have an effect of this name.
pub(crate) fn is_channel_effect(name: &str) -> bool {
    names(Kind::Channel).any(|known| known == name)
}

/// Whether a cue belongs in a channel layer or not, by what it does; nothing if it may be in either.
pub(super) fn takes_channels(cue: &Map<String, Value>) -> Option<bool> {
    let does = |kind| cue.keys().any(|key| names(kind).any(|known| known == key));
    match (does(Kind::Effect), does(Kind::Channel)) {
        (true, false) => Some(false),
        (false, true) => Some(true),
        _ => None,
    }
}

/// Whether all of an effect's data is named as its parameters are.
fn is_written_as(kind: Kind, effect: &str, data: &Map<String, Value>) -> bool {
    let row = rows().iter().find(|row| row.kind == kind && row.name == effect);
    row.is_some_and(|row| {
        let known = |key: &String| row.parameters.iter().any(|parameter| parameter.name == key);
        data.keys().all(known)
    })
}

/// The point of interest of this name, or else the one whose name differs in case only.
pub(super) fn point_called<'a>(rig: &'a Rig, name: &str) -> Option<&'a str> {
    let exact = rig.points.get_key_value(name).map(|(known, _)| known);
    let lower = name.to_lowercase();
    let other = || rig.points.keys().find(|known| known.to_lowercase() == lower);
    exact.or_else(other).map(String::as_str)
}

/// An effect's data with points of interest by the names that the venue has for them, and easings
/// by those that files have.
fn in_words_of_files(kind: Kind, effect: &str, data: &Map<String, Value>, rig: &Rig) -> Value {
    let mut data = data.clone();
    let row = rows().iter().find(|row| row.kind == kind && row.name == effect);
    let parameters = row.map(|row| row.parameters.as_slice()).unwrap_or_default();
    for parameter in parameters.iter().filter(|one| matches!(one.kind, "point" | "aim")) {
        if let Some(Value::String(name)) = data.get_mut(parameter.name)
            && let Some(known) = point_called(rig, name)
        {
            known.clone_into(name);
        }
    }
    if let Some(Value::String(easing)) = data.get_mut("easing") {
        *easing = row::easing_of(easing).to_owned();
    }
    data.into()
}

/// What an effect is in a cue of a channel layer: its key and its parameters.
pub(crate) fn channel_action(
    effect: &str,
    data: &Map<String, Value>,
    on: On<'_>,
) -> Result<(String, Value), Vec<Fault>> {
    let name = effect.trim().to_lowercase();
    // A colour may be told in forms that the file does not take.
    let plain = !matches!(name.as_str(), "set_channels" | "flash" | "color_fade");
    if plain && !data.is_empty() && is_written_as(Kind::Channel, &name, data) {
        let params = in_words_of_files(Kind::Channel, &name, data, on.1);
        return Ok((name, params));
    }
    row::action(&name, data, on)
}

/// What an effect is in a cue of heads and attributes; `seconds` is how long it runs.
pub(crate) fn native_action(
    effect: &str,
    data: &Map<String, Value>,
    on: On<'_>,
    seconds: f64,
) -> Result<Native, Vec<Fault>> {
    let name = effect.trim().to_lowercase();
    let is_old = is_channel_effect(&name);
    let is_ours = names(Kind::Effect).any(|known| known == name);
    // Effects of one name on both sides are told apart by what is said of them.
    if is_ours && (!is_old || is_written_as(Kind::Effect, &name, data)) {
        let runs = !matches!(name.as_str(), "set" | "release");
        let params = in_words_of_files(Kind::Effect, &name, data, on.1);
        return Ok(Native { name, params, runs });
    }
    if !is_old {
        let known = names(Kind::Effect).chain(names(Kind::Channel));
        return Err(vec![Fault::unknown("/effect", ("effect", effect), known)]);
    }
    let (name, params) = row::action(&name, data, on)?;
    native::of(&name, &params, on, seconds)
}
