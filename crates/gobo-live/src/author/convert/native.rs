//! Effects of channel layers as the nearest that cues of heads and attributes have.

use gobo_show::rig::Emitter;
use serde_json::{Map, Value, json};

use super::super::refusal::Fault;
use super::On;
use super::keys::{Keys, PRIMARIES, degrees_of};
use crate::author::payload::number;
use crate::channel::Purpose;

/// What a cue does.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Native {
    /// The key that names it.
    pub(crate) name: String,
    /// Its parameters.
    pub(crate) params: Value,
    /// Whether it needs time to run in.
    pub(crate) runs: bool,
}

/// The nearest to an effect of channel layers; `seconds` is how long it runs.
pub(super) fn of(
    name: &str,
    params: &Value,
    on: On<'_>,
    seconds: f64,
) -> Result<Native, Vec<Fault>> {
    let get = |key: &str| params.get(key).cloned();
    let (name, params) = match name {
        "flash" => ("flash", get("color").map_or(json!({}), |color| json!({ "color": color }))),
        "strobe" => {
            let rate = params.get("rate").and_then(Value::as_f64).unwrap_or(10.0);
            ("strobe", json!({ "every": format!("{} Hz", number(rate)) }))
        }
        "set_channels" | "full" | "blackout" => ("set", value(name, params, Keys(on.0))),
        "fade_in" | "fade" | "fade_out" | "color_fade" => {
            fade(name, params, Keys(on.0), seconds > 0.0)
        }
        "move_to" if seconds > 0.0 => ("move", json!({ "to": angles(params, on) })),
        "move_to" | "seek" => ("set", angles(params, on)),
        "move_to_poi" | "expect" if seconds > 0.0 => ("move", json!({ "to": get("point") })),
        "move_to_poi" | "expect" => ("set", json!({ "position": get("point") })),
        "circle" => ("circle", circle(params, on, seconds)),
        "orbit" | "orbit_out" => ("circle", orbit(params, on, seconds)),
        "sweep" => {
            let to = get("end").or_else(|| get("subject"));
            ("move", json!({ "from": get("start"), "to": to, "easing": "in_out" }))
        }
        other => return Err(vec![Fault::new("/effect", format!("`{other}` has nothing near it"))]),
    };
    Ok(Native { name: name.to_owned(), params, runs: name != "set" })
}

/// What an effect that writes once sets.
fn value(name: &str, params: &Value, keys: Keys<'_>) -> Value {
    match name {
        "full" => lights(None, keys, true),
        "blackout" => json!({ "dimmer": 0 }),
        _ => set_channels(params, keys),
    }
}

/// A fade; in no time it is a value.
fn fade(name: &str, params: &Value, keys: Keys<'_>, runs: bool) -> (&'static str, Value) {
    let dark = json!({ "dimmer": 0 });
    if !runs && name != "color_fade" {
        let to = if name == "fade_out" { dark } else { lights(params.get("to"), keys, true) };
        return ("set", to);
    }
    let mut all = Map::new();
    let mut give = |key: &str, value: Option<Value>| {
        all.extend(value.map(|value| (key.to_owned(), value)));
    };
    let get = |key: &str| params.get(key).cloned();
    let kind = if name == "color_fade" {
        give("from", get("from"));
        give("to", get("to").or_else(|| Some(json!("#ffffff"))));
        give("around", Some(json!(true)));
        "color_fade"
    } else {
        give("from", params.get("from").map(|from| lights(Some(from), keys, false)));
        let to = || lights(params.get("to"), keys, name == "fade_in");
        give("to", Some(if name == "fade_out" { dark } else { to() }));
        "fade"
    };
    give("easing", get("easing"));
    (kind, all.into())
}

/// Levels of slots, 0 to 255, as a look.
fn set_channels(params: &Value, keys: Keys<'_>) -> Value {
    let mut values: Vec<(usize, u64)> = Vec::new();
    for (key, level) in params.as_object().into_iter().flatten() {
        let (Some(slot), Some(level)) = (keys.slot(key), level.as_u64()) else { continue };
        let Some(index) = keys.0.channels.iter().position(|one| one == slot.channel) else {
            continue;
        };
        let above = slot.channel.slots.len().saturating_sub(slot.part + 1);
        let part = level.checked_shl(8 * above as u32).unwrap_or_default();
        match values.iter_mut().find(|(known, _)| *known == index) {
            Some((_, value)) => *value |= part,
            None => values.push((index, part)),
        }
    }
    look(keys, &values).into()
}

/// Values of channels, by their index and at their full resolution, as a look: brightness and
/// colour where that says it all, and channels by their key.
pub(in crate::author) fn look(keys: Keys<'_>, values: &[(usize, u64)]) -> Map<String, Value> {
    let purpose = |index: &usize| keys.0.channels.get(*index).map(Purpose::of);
    let value = |wanted: Purpose| values.iter().find(|(at, _)| purpose(at) == Some(wanted));
    let (mut look, mut channels) = (Map::new(), Map::new());
    let emitters =
        keys.0.channels.iter().filter(|one| matches!(Purpose::of(one), Purpose::Emitter(_)));
    // With white or other emitters a colour would be spread over them anew.
    let primaries: Vec<u64> = PRIMARIES
        .iter()
        .filter_map(|(_, emitter)| value(Purpose::Emitter(*emitter)))
        .filter_map(|(at, value)| Some(value * 255 / keys.0.channels.get(*at)?.max().max(1)))
        .collect();
    let color = match primaries.as_slice() {
        [red, green, blue] if emitters.count() == 3 => {
            Some(format!("#{red:02x}{green:02x}{blue:02x}"))
        }
        _ => None,
    };
    let levels = keys.0.channels.iter().filter(|one| Purpose::of(one) == Purpose::Level).count();
    for (index, value) in values {
        let Some(channel) = keys.0.channels.get(*index) else { continue };
        let part = *value as f64 / channel.max() as f64;
        match Purpose::of(channel) {
            Purpose::Level if levels == 1 => {
                look.insert("dimmer".to_owned(), percent(part));
            }
            Purpose::Emitter(Emitter::Red | Emitter::Green | Emitter::Blue) if color.is_some() => {
                look.insert("color".to_owned(), json!(color));
            }
            _ => {
                let value = number((part * 255.0 * 1000.0).round() / 1000.0);
                channels.insert(channel.key.to_string(), value);
            }
        }
    }
    if !channels.is_empty() {
        look.insert("channels".to_owned(), channels.into());
    }
    look
}

/// A part of 1 as per cent, to the tenth.
fn percent(part: f64) -> Value {
    match (part * 1000.0).round() / 10.0 {
        0.0 => json!(0),
        percent => json!(format!("{}%", number(percent))),
    }
}

/// Levels of the dimmer and the colours as a look; all of them full where it is `full` and they are
/// not given.
fn lights(levels: Option<&Value>, keys: Keys<'_>, full: bool) -> Value {
    let level = |key: &str| levels.and_then(|levels| levels.get(key)).and_then(Value::as_u64);
    let mut look = Map::new();
    if let Some(dimmer) = level("dimmer").or_else(|| full.then_some(255)) {
        look.insert("dimmer".to_owned(), percent(dimmer as f64 / 255.0));
    }
    let colors = PRIMARIES.map(|(word, _)| level(word));
    if keys.colors() && (full || colors.iter().any(Option::is_some)) {
        let usual = if full { 255 } else { 0 };
        let [red, green, blue] = colors.map(|color| color.unwrap_or(usual));
        look.insert("color".to_owned(), json!(format!("#{red:02x}{green:02x}{blue:02x}")));
    }
    look.into()
}

fn angles(params: &Value, (fixture, _): On<'_>) -> Value {
    let axis = |key: &str| params.get(key).and_then(Value::as_u64).unwrap_or_default() as u16;
    let pan = degrees_of(fixture, Purpose::Pan, axis("pan"));
    json!({ "pan": number(pan), "tilt": number(degrees_of(fixture, Purpose::Tilt, axis("tilt"))) })
}

/// A point of the room.
fn place(params: &Value, key: &str, (_, rig): On<'_>) -> Option<[f64; 3]> {
    rig.points.get(params.get(key)?.as_str()?).copied()
}

fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}

/// A circle seen from the fixture.
fn circle(params: &Value, on: On<'_>, seconds: f64) -> Value {
    let radius = params.get("radius").and_then(Value::as_f64).unwrap_or_default();
    around(params, "point", radius, on, seconds)
}

/// A circle as wide as the spiral is at its outer end.
fn orbit(params: &Value, on: On<'_>, seconds: f64) -> Value {
    let ends = place(params, "subject", on).zip(place(params, "start", on));
    let radius = ends.map_or(1.0, |(subject, start)| distance(subject, start));
    around(params, "subject", radius, on, seconds)
}

fn around(params: &Value, key: &str, radius: f64, on: On<'_>, seconds: f64) -> Value {
    let away = place(params, key, on).map_or(1.0, |place| distance(place, on.0.position));
    let degrees = (radius / away.max(0.01)).atan().to_degrees();
    let turns = params.get("turns").and_then(Value::as_f64).unwrap_or(1.0);
    let mut circle = json!({
        "center": params.get(key),
        "radius": number((degrees * 10.0).round() / 10.0),
    });
    if seconds > 0.0 && turns.abs() > 0.001 {
        circle["every"] = number((seconds / turns.abs() * 1000.0).round() / 1000.0);
    }
    if turns < 0.0 {
        circle["clockwise"] = json!(false);
    }
    circle
}
