//! Capabilities as the file has them: every type of `schemas/capability.json`, its properties and
//! their values. Reads and checks; what they make a fixture do is `action`'s.

use std::sync::Arc;

use super::entity::{self, Entity, Kind};
use super::read::{At, Reader};
use crate::value::Color;

/// What a type of capability may and must have.
#[derive(Debug)]
pub(super) struct Spec {
    /// The type's name.
    pub(super) name: &'static str,
    /// Properties with a physical value, each alone or as a pair `…Start` and `…End`.
    entities: &'static [(&'static str, &'static Kind)],
    /// Other properties.
    plain: &'static [(&'static str, Plain)],
    /// Properties of which one must be there; empty when none must.
    needs: &'static [&'static str],
}

/// A property that is no physical value.
#[derive(Clone, Copy, Debug)]
enum Plain {
    /// One of these words.
    Word(&'static [&'static str]),
    /// Any words.
    Text,
    /// True or false.
    Flag,
    /// A name, or several.
    Names,
    /// A word or a number from 1.
    Blade,
    /// A list of `#rrggbb`.
    Colors,
    /// A time without a pair.
    Hold,
}

const COLORS: &[&str] = &[
    "Red",
    "Green",
    "Blue",
    "Cyan",
    "Magenta",
    "Yellow",
    "Amber",
    "White",
    "Warm White",
    "Cold White",
    "UV",
    "Lime",
    "Indigo",
];
const SHUTTER_EFFECTS: &[&str] = &[
    "Open",
    "Closed",
    "Strobe",
    "Pulse",
    "RampUp",
    "RampDown",
    "RampUpDown",
    "Lightning",
    "Spikes",
    "Burst",
];
const FOG_TYPES: Plain = Plain::Word(&["Fog", "Haze"]);

const SPEED: (&str, &Kind) = ("speed", &entity::SPEED);
const ROTATION: (&str, &Kind) = ("speed", &entity::ROTATION_SPEED);
const ANGLE: (&str, &Kind) = ("angle", &entity::ROTATION_ANGLE);
const BEAM: (&str, &Kind) = ("angle", &entity::BEAM_ANGLE);
const DURATION: (&str, &Kind) = ("duration", &entity::TIME);
const BRIGHTNESS: (&str, &Kind) = ("brightness", &entity::BRIGHTNESS);
const TEMPERATURE: (&str, &Kind) = ("colorTemperature", &entity::COLOR_TEMPERATURE);
const SLOT: (&str, &Kind) = ("slotNumber", &entity::SLOT_NUMBER);
const PARAMETER: (&str, &Kind) = ("parameter", &entity::PARAMETER);
const SENSITIVITY: (&str, &Kind) = ("soundSensitivity", &entity::PERCENTAGE);
const FOG_OUTPUT: (&str, &Kind) = ("fogOutput", &entity::FOG_OUTPUT);
const WHEEL: (&str, Plain) = ("wheel", Plain::Names);
const EFFECT: (&str, Plain) = ("effectName", Plain::Text);

const fn spec(
    name: &'static str,
    entities: &'static [(&'static str, &'static Kind)],
    plain: &'static [(&'static str, Plain)],
    needs: &'static [&'static str],
) -> Spec {
    Spec { name, entities, plain, needs }
}

/// Every type of capability.
#[rustfmt::skip]
static SPECS: &[Spec] = &[
    spec("NoFunction", &[], &[], &[]),
    spec("ShutterStrobe", &[SPEED, DURATION], &[("shutterEffect", Plain::Word(SHUTTER_EFFECTS)), ("soundControlled", Plain::Flag), ("randomTiming", Plain::Flag)], &["shutterEffect"]),
    spec("StrobeSpeed", &[SPEED], &[], &["speed"]),
    spec("StrobeDuration", &[DURATION], &[], &["duration"]),
    spec("Intensity", &[BRIGHTNESS], &[], &[]),
    spec("ColorIntensity", &[BRIGHTNESS], &[("color", Plain::Word(COLORS))], &["color"]),
    spec("ColorPreset", &[TEMPERATURE], &[("colors", Plain::Colors), ("colorsStart", Plain::Colors), ("colorsEnd", Plain::Colors)], &[]),
    spec("ColorTemperature", &[TEMPERATURE], &[], &["colorTemperature"]),
    spec("Pan", &[ANGLE], &[], &["angle"]),
    spec("PanContinuous", &[ROTATION], &[], &["speed"]),
    spec("Tilt", &[ANGLE], &[], &["angle"]),
    spec("TiltContinuous", &[ROTATION], &[], &["speed"]),
    spec("PanTiltSpeed", &[SPEED, DURATION], &[], &["speed", "duration"]),
    spec("WheelSlot", &[SLOT], &[WHEEL], &["slotNumber"]),
    spec("WheelShake", &[SLOT, ("shakeSpeed", &entity::SPEED), ("shakeAngle", &entity::BEAM_ANGLE)], &[WHEEL, ("isShaking", Plain::Word(&["wheel", "slot"]))], &[]),
    spec("WheelSlotRotation", &[SLOT, ROTATION, ANGLE], &[WHEEL], &["speed", "angle"]),
    spec("WheelRotation", &[ROTATION, ANGLE], &[WHEEL], &["speed", "angle"]),
    spec("Effect", &[SPEED, DURATION, PARAMETER, SENSITIVITY], &[EFFECT, ("effectPreset", Plain::Word(&["ColorJump", "ColorFade"])), ("soundControlled", Plain::Flag)], &["effectName", "effectPreset"]),
    spec("EffectSpeed", &[SPEED], &[], &["speed"]),
    spec("EffectDuration", &[DURATION], &[], &["duration"]),
    spec("EffectParameter", &[PARAMETER], &[], &["parameter"]),
    spec("SoundSensitivity", &[SENSITIVITY], &[], &["soundSensitivity"]),
    spec("BeamAngle", &[BEAM], &[], &["angle"]),
    spec("BeamPosition", &[("horizontalAngle", &entity::HORIZONTAL_ANGLE), ("verticalAngle", &entity::VERTICAL_ANGLE)], &[], &["horizontalAngle", "verticalAngle"]),
    spec("Focus", &[("distance", &entity::DISTANCE)], &[], &["distance"]),
    spec("Zoom", &[BEAM], &[], &["angle"]),
    spec("Iris", &[("openPercent", &entity::IRIS_PERCENT)], &[], &["openPercent"]),
    spec("IrisEffect", &[SPEED], &[EFFECT], &["effectName"]),
    spec("Frost", &[("frostIntensity", &entity::PERCENTAGE)], &[], &["frostIntensity"]),
    spec("FrostEffect", &[SPEED], &[EFFECT], &["effectName"]),
    spec("Prism", &[ROTATION, ANGLE], &[], &[]),
    spec("PrismRotation", &[ROTATION, ANGLE], &[], &["speed", "angle"]),
    spec("BladeInsertion", &[("insertion", &entity::INSERTION)], &[("blade", Plain::Blade)], &["insertion"]),
    spec("BladeRotation", &[ANGLE], &[("blade", Plain::Blade)], &["angle"]),
    spec("BladeSystemRotation", &[ANGLE], &[], &["angle"]),
    spec("Fog", &[FOG_OUTPUT], &[("fogType", FOG_TYPES)], &[]),
    spec("FogOutput", &[FOG_OUTPUT], &[], &["fogOutput"]),
    spec("FogType", &[], &[("fogType", FOG_TYPES)], &["fogType"]),
    spec("Rotation", &[ROTATION, ANGLE], &[], &["speed", "angle"]),
    spec("Speed", &[SPEED], &[], &["speed"]),
    spec("Time", &[("time", &entity::TIME)], &[], &["time"]),
    spec("Maintenance", &[PARAMETER], &[("hold", Plain::Hold)], &[]),
    spec("Generic", &[], &[], &[]),
];

/// Properties that every capability may have.
const COMMON: &[&str] =
    &["dmxRange", "type", "comment", "helpWanted", "menuClick", "switchChannels"];

/// A range of a channel's values and what the file says of it.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Capability {
    /// Where it stands.
    pub(super) pointer: String,
    /// Its type's name.
    pub(super) kind: &'static str,
    /// Its first and last value, at the resolution that the channel's numbers are given in;
    /// `None` covers the channel.
    pub(super) range: Option<(u64, u64)>,
    /// The words for it.
    pub(super) comment: Option<Arc<str>>,
    values: Vec<(&'static str, (Entity, Entity))>,
    words: Vec<(&'static str, Arc<str>)>,
    /// Colours at the start and at the end.
    pub(super) colors: Option<(Vec<Color>, Vec<Color>)>,
    /// The wheels it names.
    pub(super) wheels: Vec<Arc<str>>,
    /// Switching channels and what they become.
    pub(super) switches: Vec<(Arc<str>, Arc<str>)>,
}

impl Capability {
    /// The value of `property` at the start and at the end of the range.
    pub(super) fn value(&self, property: &str) -> Option<(Entity, Entity)> {
        self.values.iter().find(|(name, _)| *name == property).map(|&(_, value)| value)
    }

    /// The word that `property` holds; `true` for a flag that is set.
    pub(super) fn word(&self, property: &str) -> Option<&Arc<str>> {
        self.words.iter().find(|(name, _)| *name == property).map(|(_, word)| word)
    }

    /// Reads a capability; `None`, with the reason said, when it is none.
    pub(super) fn read(reader: &mut Reader, at: &At<'_>) -> Option<Self> {
        let kind = reader.required_text(at, "type")?;
        let Some(spec) = SPECS.iter().find(|spec| *spec.name == *kind) else {
            let known = SPECS.iter().map(|spec| spec.name);
            let place = at.get("type");
            let message = format!("there is no capability type `{kind}`");
            reader.error_near("unknown-capability-type", &place, message, &kind, known);
            return None;
        };
        let mut capability = Self {
            pointer: at.pointer().to_owned(),
            kind: spec.name,
            range: read_range(reader, at),
            comment: reader.text(at, "comment"),
            values: Vec::new(),
            words: Vec::new(),
            colors: None,
            wheels: Vec::new(),
            switches: read_switches(reader, at),
        };
        capability.read_entities(reader, at, spec);
        for (name, plain) in spec.plain {
            capability.read_plain(reader, at, name, *plain);
        }
        let known = |key: &str| COMMON.contains(&key) || spec.knows(key);
        reader.warn_unknown(at, known, &spec.keys());
        let missing = !spec.needs.is_empty()
            && !spec.needs.iter().any(|need| spec.forms(need).any(|form| at.get(&form).exists()));
        if missing {
            let need = spec.needs.join("` or `");
            let message = format!("a `{kind}` capability needs `{need}`");
            reader.error("missing-key", at, message);
        }
        Some(capability)
    }

    fn read_entities(&mut self, reader: &mut Reader, at: &At<'_>, spec: &Spec) {
        for &(name, kind) in spec.entities {
            let (start, end) = (at.get(&format!("{name}Start")), at.get(&format!("{name}End")));
            let alone = at.get(name);
            if alone.exists() {
                if start.exists() || end.exists() {
                    let message = format!("`{name}` stands beside `{name}Start` or `{name}End`");
                    reader.error("conflicting-keys", &alone, message);
                }
                let value = reader.entity(&alone, kind);
                self.values.extend(value.map(|value| (name, (value, value))));
            } else if start.exists() && end.exists() {
                let pair = (reader.entity(&start, kind), reader.entity(&end, kind));
                if let (Some(start), Some(end)) = pair {
                    self.values.push((name, (start, end)));
                }
            } else if start.exists() || end.exists() {
                let there = if start.exists() { &start } else { &end };
                let message = format!("`{name}Start` and `{name}End` go together");
                reader.error("missing-key", there, message);
            }
        }
    }

    fn read_plain(&mut self, reader: &mut Reader, at: &At<'_>, name: &'static str, plain: Plain) {
        let value = at.get(name);
        if !value.exists() {
            return;
        }
        match plain {
            Plain::Word(words) => {
                if let Some(word) = reader.one_of(&value, words) {
                    self.words.push((name, word.into()));
                }
            }
            Plain::Text => self.words.extend(reader.text(at, name).map(|text| (name, text))),
            Plain::Flag => {
                if reader.flag(&value) == Some(true) {
                    self.words.push((name, "true".into()));
                }
            }
            Plain::Names => self.wheels = reader.names(&value),
            Plain::Blade => {
                if value.number().is_none_or(|number| number < 1.0 || number.fract() != 0.0) {
                    reader.one_of(&value, &["Top", "Right", "Bottom", "Left"]);
                }
            }
            Plain::Colors => {
                let colors = reader.colors(&value);
                let (start, end) = self.colors.get_or_insert_default();
                match name {
                    "colorsStart" => *start = colors,
                    "colorsEnd" => *end = colors,
                    _ => (*start, *end) = (colors.clone(), colors),
                }
            }
            Plain::Hold => {
                reader.entity(&value, &entity::TIME);
            }
        }
    }

    /// The same without a range of its own: it covers the channel.
    pub(super) fn over_all(self) -> Self {
        Self { range: None, ..self }
    }

    /// The same for the pixel or group `key`: `$pixelKey` becomes its key.
    pub(super) fn with_pixel(&self, key: &str) -> Self {
        let fill = |text: &Arc<str>| super::fill(text, key);
        let mut filled = self.clone();
        filled.comment = self.comment.as_ref().map(fill);
        filled.wheels = self.wheels.iter().map(fill).collect();
        filled.words = self.words.iter().map(|(name, word)| (*name, fill(word))).collect();
        filled.switches = self.switches.iter().map(|(a, b)| (fill(a), fill(b))).collect();
        filled
    }
}

impl Spec {
    fn knows(&self, key: &str) -> bool {
        let base = key.strip_suffix("Start").or_else(|| key.strip_suffix("End")).unwrap_or(key);
        self.entities.iter().any(|(name, _)| *name == base)
            || self.plain.iter().any(|(name, _)| *name == key)
    }

    fn keys(&self) -> Vec<&'static str> {
        let own = self.entities.iter().map(|(name, _)| *name);
        own.chain(self.plain.iter().map(|(name, _)| *name)).chain(COMMON.iter().copied()).collect()
    }

    /// The keys that give `need` a value.
    fn forms(&self, need: &'static str) -> impl Iterator<Item = String> {
        let paired = self.entities.iter().any(|(name, _)| *name == need);
        let pair = paired.then(|| format!("{need}Start"));
        std::iter::once(need.to_owned()).chain(pair)
    }
}

fn read_range(reader: &mut Reader, at: &At<'_>) -> Option<(u64, u64)> {
    let value = at.get("dmxRange");
    if !value.exists() {
        return None;
    }
    let items = value.items();
    if let [start, end] = items.as_slice() {
        let range = (reader.dmx_value(start)?, reader.dmx_value(end)?);
        if range.0 > range.1 {
            let message = format!("the range {}–{} ends before it starts", range.0, range.1);
            reader.error("bad-range", &value, message);
            return None;
        }
        return Some(range);
    }
    reader.error("bad-range", &value, "a `dmxRange` is a list of two numbers");
    None
}

fn read_switches(reader: &mut Reader, at: &At<'_>) -> Vec<(Arc<str>, Arc<str>)> {
    let switches = at.get("switchChannels");
    if !switches.exists() {
        return Vec::new();
    }
    let members = reader.members(&switches);
    members
        .into_iter()
        .filter_map(|(alias, target)| Some((alias.into(), reader.as_text(&target)?)))
        .collect()
}
