//! What a definition's channel is: from its presets where it has them, else from its group and
//! its words. Every capability keeps its words as a comment.

use serde_json::{Map, Value, json};

use super::preset::{self, Meaning, plain, with};
use super::source::{self, Capability, Channel, Physical};
use super::words::{self, ranged};

/// A channel of the Open Fixture Library on its way: its capabilities and its wheel.
#[derive(Debug, Default)]
pub(super) struct Meanings {
    /// Ranges that rise and cover 0 to 255, each with the capability that it comes from.
    pub(super) ranges: Vec<(u8, u8, Meaning, Option<usize>)>,
    /// The slots of the channel's own wheel; empty when it has none.
    pub(super) slots: Vec<Value>,
}

/// What `channel` is. `said` is told of presets that are not known.
pub(super) fn of(channel: &Channel, physical: &Physical, said: &mut dyn FnMut(&str)) -> Meanings {
    if channel.capabilities.is_empty() {
        let ranges = preset::channel(channel, physical).unwrap_or_else(|| {
            if let Some(preset) = &channel.preset {
                said(preset);
            }
            vec![(0, 255, whole(channel, physical))]
        });
        let ranges = ranges.into_iter().map(|(from, to, meaning)| (from, to, meaning, None));
        return Meanings { ranges: ranges.collect(), slots: Vec::new() };
    }
    let mut wheel = Wheel::default();
    let mut ranges = Vec::new();
    let mut order: Vec<usize> = (0..channel.capabilities.len()).collect();
    order.sort_by_key(|&index| channel.capabilities[index].from);
    let mut next = 0_u16;
    for index in order {
        let capability = &channel.capabilities[index];
        let (from, to) = (u16::from(capability.from).max(next), u16::from(capability.to));
        if from > to {
            continue;
        }
        if from > next {
            ranges.push((next as u8, (from - 1) as u8, plain("NoFunction"), None));
        }
        let meaning = one(channel, capability, physical, &mut wheel, said);
        ranges.push((from as u8, to as u8, meaning, Some(index)));
        next = to + 1;
    }
    if next <= 255 {
        ranges.push((next as u8, 255, plain("NoFunction"), None));
    }
    Meanings { ranges, slots: wheel.json() }
}

/// A channel without capabilities and without a preset that is known.
fn whole(channel: &Channel, physical: &Physical) -> Meaning {
    let capability = Capability { to: 255, name: channel.name.clone(), ..Capability::default() };
    guess(channel, &capability, physical)
}

fn one(
    channel: &Channel,
    capability: &Capability,
    physical: &Physical,
    wheel: &mut Wheel,
    said: &mut dyn FnMut(&str),
) -> Meaning {
    let preset = capability.preset.as_deref().unwrap_or_default();
    let mut meaning = match preset {
        "GoboMacro" | "GoboShakeMacro" => {
            let slot = wheel.slot(capability);
            let shakes = preset == "GoboShakeMacro";
            wheel_meaning(if shakes { "WheelShake" } else { "WheelSlot" }, slot, &capability.name)
        }
        _ => match preset::capability(capability, channel) {
            Some(meaning) => meaning,
            None if preset.is_empty() && channel.group == "Gobo" => gobo(capability, wheel),
            None => {
                if !matches!(preset, "" | "Alias" | "GenericPicture" | "Custom") {
                    said(preset);
                }
                guess(channel, capability, physical)
            }
        },
    };
    if !capability.name.is_empty() && !meaning.contains_key("effectName") {
        meaning.insert("comment".into(), json!(capability.name));
    }
    meaning
}

fn wheel_meaning(kind: &str, slot: usize, name: &str) -> Meaning {
    let mut meaning = plain(kind);
    meaning.insert("slotNumber".into(), json!(slot));
    if kind == "WheelShake" {
        let (from, to) = words::speeds(name);
        meaning.insert("shakeSpeedStart".into(), json!(from));
        meaning.insert("shakeSpeedEnd".into(), json!(to));
    }
    meaning
}

/// A capability of a gobo channel that has no preset.
fn gobo(capability: &Capability, wheel: &mut Wheel) -> Meaning {
    let name = &capability.name;
    if words::is_shake(name) {
        return wheel_meaning("WheelShake", wheel.slot(capability), name);
    }
    if words::is_rotation(name) {
        return turning("Rotation", name);
    }
    if words::is_idle(name) {
        return plain("NoFunction");
    }
    wheel_meaning("WheelSlot", wheel.slot(capability), name)
}

/// What a range is by its channel's group and its words.
fn guess(channel: &Channel, capability: &Capability, physical: &Physical) -> Meaning {
    let name = &capability.name;
    let whole = capability.from == 0 && capability.to == 255;
    if words::is_idle(name) && channel.group != "Shutter" {
        return plain("NoFunction");
    }
    if words::is_sound(name) {
        let mut meaning = with("Effect", &[("effectName", name)]);
        meaning.insert("soundControlled".into(), json!(true));
        return meaning;
    }
    match channel.group.as_str() {
        "Nothing" => plain("NoFunction"),
        source::FOG => part(capability, "FogOutput", "fogOutput", ("off", "strong")),
        source::FAN => part(capability, "Speed", "speed", ("stop", "fast")),
        "Intensity" => intensity(channel, capability),
        "Shutter" => shutter(channel, name),
        "Pan" if words::is_rotation(name) => turning("PanContinuous", name),
        "Tilt" if words::is_rotation(name) => turning("TiltContinuous", name),
        "Pan" | "Tilt" if whole => preset::turn(&channel.group, physical),
        "Colour" | "Speed" if words::is_rotation(name) => turning("Rotation", name),
        "Colour" => color(name),
        "Speed" if whole || words::is_speed(name) => {
            let (from, to) = words::speeds(name);
            ranged(preset::speed_kind(channel), "speed", &from, &to)
        }
        "Prism" if words::is_rotation(name) || words::is_rotation(&channel.name) => {
            turning("PrismRotation", name)
        }
        "Prism" if words::is_off(name) || words::is_open(name) => plain("NoFunction"),
        "Prism" => plain("Prism"),
        "Beam" => beam(&channel.name),
        "Effect" if !name.is_empty() => with("Effect", &[("effectName", name)]),
        "Maintenance" => plain("Maintenance"),
        _ => plain("Generic"),
    }
}

/// A rotation of `kind` at the speeds that `name` speaks of.
fn turning(kind: &str, name: &str) -> Meaning {
    let (from, to) = words::rotation_speeds(name);
    ranged(kind, "speed", &from, &to)
}

fn intensity(channel: &Channel, capability: &Capability) -> Meaning {
    let name = &capability.name;
    let color = channel.color.as_deref().and_then(|color| preset::emitter(color, &channel.name));
    let lit = |from: &str, to: &str| match color {
        Some(color) => {
            let mut meaning = ranged("ColorIntensity", "brightness", from, to);
            meaning.insert("color".into(), json!(color));
            meaning
        }
        None => ranged("Intensity", "brightness", from, to),
    };
    let whole = capability.from == 0 && capability.to == 255;
    if words::is_strobe(name) {
        let (from, to) = words::speeds(name);
        return preset::shutter("Strobe", Some((&from, &to)), words::is_random(name));
    }
    match () {
        () if whole => lit("0%", "100%"),
        () if words::is_off(name) => lit("off", "off"),
        () if words::is_dimmer(name) => lit("0%", "100%"),
        () if words::is_full(name) => lit("bright", "bright"),
        () if words::is_dimmer(&channel.name) && !words::is_setting(&channel.name) => {
            lit("0%", "100%")
        }
        () => plain("Generic"),
    }
}

/// An amount of a machine's output: all of it over the whole channel, or the part at which a
/// range stands.
fn part(capability: &Capability, kind: &str, property: &str, ends: (&str, &str)) -> Meaning {
    let percent = f64::from(capability.to) / 255.0 * 100.0;
    match (capability.from, capability.to) {
        (0, 255) => ranged(kind, property, ends.0, ends.1),
        (from, _) if from == 0 || words::is_off(&capability.name) => {
            ranged(kind, property, ends.0, ends.0)
        }
        _ => {
            let percent = format!("{}%", percent.round());
            ranged(kind, property, &percent, &percent)
        }
    }
}

fn shutter(channel: &Channel, name: &str) -> Meaning {
    let (from, to) = words::speeds(name);
    let speeds = Some((from.as_str(), to.as_str()));
    let random = words::is_random(name);
    let open = || preset::shutter("Open", None, false);
    match () {
        () if words::is_blade(&channel.name) => plain("Generic"),
        () if words::is_iris(&channel.name) => ranged("Iris", "openPercent", "open", "closed"),
        () if words::is_no_strobe(name) || words::is_idle(name) => open(),
        () if words::is_pulse(name) => preset::shutter("Pulse", speeds, random),
        () if words::is_strobe(name) => preset::shutter("Strobe", speeds, random),
        () if words::is_closed(name) => preset::shutter("Closed", None, false),
        // "Off" of a strobe lets the light through; "off" of a shutter does not.
        () if words::is_open(name) || words::is_strobe(&channel.name) && words::is_off(name) => {
            open()
        }
        () if words::is_off(name) => preset::shutter("Closed", None, false),
        () if words::is_strobe(&channel.name) => preset::shutter("Strobe", speeds, random),
        () => plain("Generic"),
    }
}

fn color(name: &str) -> Meaning {
    if let Some((from, to)) = words::kelvins(name) {
        return ranged("ColorTemperature", "colorTemperature", &from, &to);
    }
    let mut meaning = plain("ColorPreset");
    let white = || (words::is_open(name) || words::is_off(name)).then(|| vec!["#ffffff"]);
    if let Some(colors) = words::colors(name).or_else(white) {
        meaning.insert("colors".into(), json!(colors));
    }
    meaning
}

fn beam(channel: &str) -> Meaning {
    match () {
        () if words::is_zoom(channel) => ranged("Zoom", "angle", "narrow", "wide"),
        () if words::is_focus(channel) => ranged("Focus", "distance", "near", "far"),
        () if words::is_iris(channel) => ranged("Iris", "openPercent", "open", "closed"),
        () if words::is_frost(channel) => ranged("Frost", "frostIntensity", "0%", "100%"),
        () => plain("Generic"),
    }
}

/// The wheel of a channel, slot by slot as the capabilities name them.
#[derive(Debug, Default)]
struct Wheel {
    /// What tells slots apart: the picture, or the words.
    keys: Vec<String>,
    slots: Vec<Value>,
}

impl Wheel {
    /// The number of the slot that `capability` shows.
    fn slot(&mut self, capability: &Capability) -> usize {
        let picture = capability.resources.first().filter(|picture| picture.contains('.'));
        let name = &capability.name;
        let key = picture.unwrap_or(name).to_lowercase();
        let open = key == "others/open.svg" || picture.is_none() && words::is_open(name);
        if let Some(known) = self.keys.iter().position(|known| *known == key) {
            return known + 1;
        }
        let number = self.keys.len() + 1;
        self.keys.push(key);
        self.slots.push(if open {
            json!({ "type": "Open" })
        } else {
            let mut slot = Map::new();
            slot.insert("type".into(), json!("Gobo"));
            let fallback = format!("Gobo {number}");
            slot.insert("name".into(), json!(if name.is_empty() { &fallback } else { name }));
            Value::Object(slot)
        });
        number
    }

    /// Its slots; a wheel has at least two.
    fn json(mut self) -> Vec<Value> {
        if self.slots.len() == 1 {
            self.slots.push(json!({ "type": "Open" }));
        }
        self.slots
    }
}
