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
    let keys = Keys(on.0);
    let get = |key: &str| params.get(key).cloned();
    let native =
        |name: &str, params: Value| Native { name: name.to_owned(), params, runs: name != "set" };
    let easing = |mut fade: Map<String, Value>| {
        fade.extend(get("easing").map(|easing| ("easing".to_owned(), easing)));
        Value::from(fade)
    };
    Ok(match name {
        "set_channels" => native("set", set_channels(params, keys)),
        "full" => native("set", everything(keys, "100%", "white")),
        "blackout" => native("set", json!({ "dimmer": 0 })),
        "flash" => native("flash", colored(json!({}), get("color"))),
        "strobe" => {
            let rate = params.get("rate").and_then(Value::as_f64).unwrap_or(10.0);
            native("strobe", json!({ "every": format!("{} Hz", number(rate)) }))
        }
        // In no time it is a value.
        "fade_in" | "fade" if seconds <= 0.0 => native("set", lights(params.get("to"), keys, true)),
        "fade_out" if seconds <= 0.0 => native("set", json!({ "dimmer": 0 })),
        "fade_in" => native("fade", easing(ends(params, keys, true))),
        "fade" => native("fade", easing(ends(params, keys, false))),
        "fade_out" => {
            let mut fade = ends(params, keys, false);
            fade.insert("to".to_owned(), json!({ "dimmer": 0 }));
            native("fade", easing(fade))
        }
        "color_fade" => {
            let mut fade = Map::new();
            fade.extend(get("from").map(|color| ("from".to_owned(), color)));
            fade.insert("to".to_owned(), get("to").unwrap_or_else(|| json!("#ffffff")));
            fade.insert("around".to_owned(), json!(true));
            native("color_fade", easing(fade))
        }
        "move_to" if seconds > 0.0 => native("move", json!({ "to": angles(params, on) })),
        "move_to" | "seek" => native("set", angles(params, on)),
        "move_to_poi" | "expect" if seconds > 0.0 => native("move", json!({ "to": get("point") })),
        "move_to_poi" | "expect" => native("set", json!({ "position": get("point") })),
        "circle" => native("circle", circle(params, on, seconds)),
        "orbit" | "orbit_out" => native("circle", orbit(params, on, seconds)),
        "sweep" => {
            let to = get("end").or_else(|| get("subject"));
            native("move", json!({ "from": get("start"), "to": to, "easing": "in_out" }))
        }
        other => return Err(vec![Fault::new("/effect", format!("`{other}` has nothing near it"))]),
    })
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

/// A look of what a fixture has of brightness and colour.
fn everything(keys: Keys<'_>, dimmer: &str, color: &str) -> Value {
    let mut look = Map::new();
    look.insert("dimmer".to_owned(), json!(dimmer));
    if keys.colors() {
        look.insert("color".to_owned(), json!(color));
    }
    look.into()
}

fn colored(mut params: Value, color: Option<Value>) -> Value {
    if let Some(color) = color {
        params["color"] = color;
    }
    params
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

/// Both ends of a fade, as far as they are given.
fn ends(params: &Value, keys: Keys<'_>, full: bool) -> Map<String, Value> {
    let mut fade = Map::new();
    if let Some(from) = params.get("from") {
        fade.insert("from".to_owned(), lights(Some(from), keys, false));
    }
    fade.insert("to".to_owned(), lights(params.get("to"), keys, full));
    fade
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
