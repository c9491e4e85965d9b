//! The levels of fixtures as cues.

use std::sync::Arc;

use gobo_show::rig::{Channel, Fixture};
use serde_json::{Map, Value, json};

use super::convert::{Keys, degrees_of, look};
use super::desk::{Changes, Desk, no_fixture};
use super::payload::{kind, number};
use super::refusal::{Fault, Refusal};
use crate::channel::{Purpose, fixed};

/// The values of a fixture's channels, by their index and at full resolution, and the colour that
/// it has as a whole.
#[derive(Default)]
struct Held {
    values: Vec<(usize, u64)>,
    color: Option<String>,
}

impl Desk<'_> {
    pub(super) fn add_look(
        &mut self,
        time: f64,
        fixtures: &Map<String, Value>,
        file: Option<&str>,
    ) -> Changes {
        let (mut held, mut errors) = (Vec::new(), Vec::new());
        for (id, channels) in fixtures {
            let found = self.show.rig.fixtures.iter().find(|fixture| *fixture.id == **id);
            let Some(fixture) = found else {
                let refusal = no_fixture(self.show, &format!("/fixtures/{id}"), id);
                errors.extend_from_slice(refusal.errors());
                continue;
            };
            match read(fixture, channels) {
                Ok(one) if one.values.is_empty() && one.color.is_none() => {}
                Ok(one) => held.push((fixture, one)),
                Err(faults) => errors.extend(faults),
            }
        }
        if held.is_empty() && errors.is_empty() {
            errors.push(Fault::new("/fixtures", "no fixture has a level"));
        }
        if !errors.is_empty() {
            return Err(Refusal::Invalid { errors });
        }
        let first = held.first().map(|(fixture, _)| fixture.id.to_string());
        let file = self.target(file, (time, first.as_deref()), None)?;
        let cues = match self.is_channels(&file) {
            true => held.iter().map(|(fixture, held)| slots(time, fixture, held)).collect(),
            false => vec![set(time, &held)],
        };
        Ok(vec![self.added(&file, cues.into_iter().map(|cue| (time, cue)).collect())])
    }
}

/// One cue that sets what fixtures hold, those that hold the same together.
fn set(time: f64, held: &[(&Fixture, Held)]) -> Value {
    let mut looks: Vec<(Vec<&str>, Map<String, Value>)> = Vec::new();
    for (fixture, held) in held {
        let look = attributes(fixture, held);
        match looks.iter_mut().find(|(_, known)| *known == look) {
            Some((ids, _)) => ids.push(&fixture.id),
            None => looks.push((vec![&fixture.id], look)),
        }
    }
    let on = |ids: &[&str]| ids.join(" | ");
    if let [(ids, look)] = looks.as_slice() {
        return json!({ "at": number(time), "on": on(ids), "set": look });
    }
    let all: Vec<&str> = looks.iter().flat_map(|(ids, _)| ids).copied().collect();
    let by: Map<String, Value> =
        looks.iter().map(|(ids, look)| (on(ids), look.clone().into())).collect();
    json!({ "at": number(time), "on": on(&all), "set": { "by": by } })
}

/// What a fixture holds as a look: pan and tilt in degrees.
fn attributes(fixture: &Fixture, held: &Held) -> Map<String, Value> {
    let purpose = |index: &usize| fixture.channels.get(*index).map(Purpose::of);
    let is_axis = |index: &usize| matches!(purpose(index), Some(Purpose::Pan | Purpose::Tilt));
    let rest: Vec<_> = held.values.iter().filter(|(index, _)| !is_axis(index)).copied().collect();
    let mut attributes = look(Keys(fixture), &rest);
    if let Some(color) = &held.color {
        attributes.insert("color".to_owned(), json!(color));
    }
    for (index, value) in held.values.iter().filter(|(index, _)| is_axis(index)) {
        let Some(channel) = fixture.channels.get(*index) else { continue };
        let axis = (*value as f64 / channel.max() as f64 * 65_535.0).round() as u16;
        let purpose = Purpose::of(channel);
        let key = if purpose == Purpose::Pan { "pan" } else { "tilt" };
        attributes.insert(key.to_owned(), number(degrees_of(fixture, purpose, axis)));
    }
    attributes
}

/// A cue of a channel layer that sets what a fixture holds, slot by slot.
fn slots(time: f64, fixture: &Fixture, held: &Held) -> Value {
    let mut slots = Map::new();
    for (index, value) in &held.values {
        let Some(channel) = fixture.channels.get(*index) else { continue };
        for (part, key) in channel.slot_keys.iter().enumerate() {
            let above = channel.slots.len().saturating_sub(part + 1) as u32;
            let slot = value.checked_shr(8 * above).unwrap_or_default() & 0xff;
            slots.insert(key.to_string(), json!(slot));
        }
    }
    json!({ "at": number(time), "on": &*fixture.id, "set_channels": slots })
}

/// Reads what a fixture holds.
fn read(fixture: &Fixture, channels: &Value) -> Result<Held, Vec<Fault>> {
    let path = format!("/fixtures/{}", fixture.id);
    let Value::Object(channels) = channels else {
        let found = kind(channels);
        return Err(vec![Fault::new(path, format!("expected channels and levels, found {found}"))]);
    };
    let (mut held, mut faults) = (Held::default(), Vec::new());
    for (name, level) in channels.iter().filter(|(_, level)| !level.is_null()) {
        let path = format!("{path}/{name}");
        let color = level.as_str().filter(|text| text.starts_with('#'));
        if let Some(color) = color {
            match color_of(fixture, color) {
                Some(values) => held.values.extend(values),
                None if Keys(fixture).colors() && color.len() == 7 => {
                    held.color = Some(color.to_lowercase());
                }
                None => {
                    faults.push(Fault::new(path, format!("`{}` shows no `{color}`", fixture.id)));
                }
            }
            continue;
        }
        let index = fixture.channels.iter().position(|channel| *channel.key == **name);
        let by_word = || Keys(fixture).slot(name);
        let index = index.or_else(|| {
            let slot = by_word()?;
            fixture.channels.iter().position(|channel| channel == slot.channel)
        });
        match index.and_then(|index| Some((index, fixture.channels.get(index)?))) {
            Some((index, channel)) => match value(channel, level) {
                Ok(value) => held.values.push((index, value)),
                Err(message) => faults.push(Fault::new(path, message)),
            },
            None => {
                let known = fixture.channels.iter().map(|channel| &*channel.key);
                let what = format!("channel of `{}`", fixture.id);
                faults.push(Fault::unknown(path, (&what, name), known));
            }
        }
    }
    if faults.is_empty() { Ok(held) } else { Err(faults) }
}

/// The values of red, green and blue that make a colour, where those are all that a fixture mixes.
fn color_of(fixture: &Fixture, color: &str) -> Option<Vec<(usize, u64)>> {
    let digits = color.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let parts: Vec<u64> = (0..3)
        .filter_map(|at| u64::from_str_radix(digits.get(at * 2..at * 2 + 2)?, 16).ok())
        .collect();
    let is_emitter = |channel: &Channel| matches!(Purpose::of(channel), Purpose::Emitter(_));
    let emitters: Vec<usize> = fixture
        .channels
        .iter()
        .enumerate()
        .filter(|(_, channel)| is_emitter(channel))
        .map(|(index, _)| index)
        .collect();
    if parts.len() != 3 || emitters.len() != 3 || !Keys(fixture).mixes() {
        return None;
    }
    let part = |index: usize| {
        let channel = fixture.channels.get(index)?;
        let Purpose::Emitter(emitter) = Purpose::of(channel) else { return None };
        let at = ["red", "green", "blue"].iter().position(|word| *word == emitter.word())?;
        Some((index, parts.get(at)? * channel.max() / 255))
    };
    emitters.into_iter().map(part).collect()
}

/// The value of a channel that a level says: a number, a part, or a label.
fn value(channel: &Channel, level: &Value) -> Result<u64, String> {
    let max = channel.max();
    match level {
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or(-1.0);
            let fits = (0.0..=max as f64).contains(&number);
            fits.then(|| number.round() as u64)
                .ok_or_else(|| format!("`{}` goes from 0 to {max}, not to {number}", channel.key))
        }
        Value::String(text) => {
            let part =
                text.trim().strip_suffix('%').and_then(|part| part.trim().parse::<f64>().ok());
            if let Some(part) = part.filter(|part| (0.0..=100.0).contains(part)) {
                return Ok((part / 100.0 * max as f64).round() as u64);
            }
            let named = |name: &Arc<str>| name.to_lowercase() == text.trim().to_lowercase();
            let range = fixed(channel).iter().find(|one| named(&one.name));
            let none = || format!("`{}` has no range called `{text}`", channel.key);
            range.map(|one| one.from + (one.to - one.from) / 2).ok_or_else(none)
        }
        other => Err(format!("expected a level for `{}`, found {}", channel.key, kind(other))),
    }
}
