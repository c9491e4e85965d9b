//! What a capability makes a fixture do: the profile's words lowered to [`Action`]s, at the
//! resolution that a mode gives its channel. Pure; everything was checked when it was read.

use std::sync::Arc;

use super::capability::Capability;
use super::entity::{Entity, Unit as EntityUnit};
use super::wheel::{Slot, SlotKind, Wheel, Wheels};
use crate::effect::BeamParameter;
use crate::rig::{Action, Capability as Meaning, Emitter, Rate, Unit};
use crate::value::Color;

/// Pan that 100 % means when a profile gives no degrees.
const PAN_DEG: f64 = 540.0;
/// Tilt that 100 % means when a profile gives no degrees.
const TILT_DEG: f64 = 270.0;
const WHITE: Color = Color { red: 1.0, green: 1.0, blue: 1.0 };

/// What the meaning of a capability depends on besides itself.
#[derive(Clone, Debug)]
pub(super) struct Context<'a> {
    /// The fixture's wheels.
    wheels: &'a Wheels,
    /// The channel's name: the wheel that is meant when none is named.
    channel: &'a str,
    /// What "no function" means: nothing, or that what the rest of the channel does is off.
    idle: Action,
    /// The most lumens that the channel's capabilities name.
    brightest: f64,
}

impl<'a> Context<'a> {
    /// The context of the channel called `channel` with these capabilities.
    pub(super) fn new(wheels: &'a Wheels, channel: &'a str, capabilities: &[Capability]) -> Self {
        let has = |kind: &str| capabilities.iter().any(|capability| capability.kind == kind);
        let off = |parameter| Action::Beam(parameter, Unit::Fraction, 0.0, 0.0);
        let effects = || capabilities.iter().filter_map(|one| one.word("shutterEffect"));
        let strobes = effects().any(|effect| &**effect == "Strobe");
        let opens = effects().any(|effect| &**effect == "Open");
        let idle = match () {
            () if has("Prism") => off(BeamParameter::Prism),
            () if has("Fog") => off(BeamParameter::Fog),
            () if strobes && !opens => Action::ShutterOpen,
            () => Action::None,
        };
        let lumens = |entity: Entity| match entity.unit {
            EntityUnit::Lumens => entity.number,
            _ => 0.0,
        };
        let brightness = capabilities.iter().filter_map(|one| one.value("brightness"));
        let brightest =
            brightness.fold(0.0, |most: f64, (a, b)| most.max(lumens(a)).max(lumens(b)));
        Self { wheels, channel, idle, brightest }
    }
}

/// The meaning of `capability` over `from..=to`: one range, or several in rising order where the
/// file describes a course through several colours.
pub(super) fn lower(
    capability: &Capability,
    (from, to): (u64, u64),
    context: &Context<'_>,
) -> Vec<Meaning> {
    match capability.kind {
        "WheelSlot" => return wheel_slots(capability, (from, to), context),
        "ColorPreset" if capability.colors.is_some() => return preset(capability, (from, to)),
        _ => {}
    }
    let name = name(capability);
    vec![Meaning { from, to, action: action(capability, context), name }]
}

fn action(capability: &Capability, context: &Context<'_>) -> Action {
    use BeamParameter as Beam;
    let beam = |parameter, property: &str| match capability.value(property) {
        Some(value) => beam(parameter, value),
        None => other(capability),
    };
    match capability.kind {
        "NoFunction" => context.idle.clone(),
        "ShutterStrobe" => shutter(capability),
        "Intensity" => {
            let (from, to) = brightness(capability, context);
            Action::Intensity(from, to)
        }
        "ColorIntensity" => match capability.word("color").and_then(|word| emitter(word)) {
            Some(emitter) => {
                let (from, to) = brightness(capability, context);
                Action::Emitter(emitter, from, to)
            }
            None => other(capability),
        },
        "ColorPreset" | "ColorTemperature" => beam(Beam::ColorTemperature, "colorTemperature"),
        "Pan" => turn(capability, PAN_DEG, Action::Pan),
        "Tilt" => turn(capability, TILT_DEG, Action::Tilt),
        "StrobeSpeed" => {
            let (from, to) = strobe_rates(capability);
            Action::Strobe(from, to)
        }
        "Generic" => hue_or_saturation(capability, context),
        "PanTiltSpeed" if capability.value("speed").is_none() => duration_as_speed(capability),
        "PanTiltSpeed" | "EffectSpeed" | "Speed" => beam(Beam::Speed, "speed"),
        "BeamAngle" | "Zoom" => beam(Beam::Zoom, "angle"),
        "Focus" => beam(Beam::Focus, "distance"),
        "Iris" => beam(Beam::Iris, "openPercent"),
        "Frost" => beam(Beam::Frost, "frostIntensity"),
        "Prism" => Action::Beam(Beam::Prism, Unit::Fraction, 1.0, 1.0),
        "PrismRotation" => beam(Beam::PrismRotation, "speed"),
        "FogOutput" => beam(Beam::Fog, "fogOutput"),
        "Fog" if capability.value("fogOutput").is_none() => {
            Action::Beam(Beam::Fog, Unit::Fraction, 0.0, 1.0)
        }
        "Fog" => beam(Beam::Fog, "fogOutput"),
        _ => other(capability),
    }
}

/// Hue and saturation, for which the format has no type of their own: known by their name.
fn hue_or_saturation(capability: &Capability, context: &Context<'_>) -> Action {
    let comment = capability.comment.as_deref().unwrap_or_default();
    let is = |name: &str| [comment, context.channel].iter().any(|it| it.eq_ignore_ascii_case(name));
    match () {
        () if is("hue") => Action::Hue(0.0, 1.0),
        () if is("saturation") => Action::Saturation(0.0, 1.0),
        () => other(capability),
    }
}

fn other(capability: &Capability) -> Action {
    Action::Other(capability.kind.into())
}

/// A value as a part of its range, 0 to 1 (a colour temperature: 0 warm, 1 cold); `None` when it
/// is in a unit of its own.
fn fraction(parameter: BeamParameter, value: Entity) -> Option<f64> {
    let percent = match value.unit {
        EntityUnit::Percent => value.number / 100.0,
        EntityUnit::Number => value.number,
        _ => return None,
    };
    let two_sided = parameter == BeamParameter::ColorTemperature;
    Some(if two_sided { (percent + 1.0) / 2.0 } else { percent })
}

fn beam(parameter: BeamParameter, (from, to): (Entity, Entity)) -> Action {
    match (fraction(parameter, from), fraction(parameter, to)) {
        (None, None) => Action::Beam(parameter, Unit::Physical, from.number, to.number),
        // A file that mixes words and units means the ends of the range.
        (start, end) => {
            let (start, end) = (start.unwrap_or(0.0), end.unwrap_or(1.0));
            Action::Beam(parameter, Unit::Fraction, start, end)
        }
    }
}

fn brightness(capability: &Capability, context: &Context<'_>) -> (f64, f64) {
    let part = |value: Entity| match value.unit {
        EntityUnit::Lumens if context.brightest > 0.0 => value.number / context.brightest,
        _ => value.number / 100.0,
    };
    capability.value("brightness").map_or((0.0, 1.0), |(from, to)| (part(from), part(to)))
}

fn turn(capability: &Capability, full: f64, action: fn(f64, f64) -> Action) -> Action {
    let degrees = |value: Entity| match value.unit {
        EntityUnit::Degrees => value.number,
        _ => value.number / 100.0 * full,
    };
    match capability.value("angle") {
        Some((from, to)) => action(degrees(from), degrees(to)),
        None => other(capability),
    }
}

/// The speed of a movement given by how long it takes: the longer, the slower.
fn duration_as_speed(capability: &Capability) -> Action {
    let Some((from, to)) = capability.value("duration") else { return other(capability) };
    let longest = match from.unit {
        EntityUnit::Percent => 100.0,
        _ => from.number.max(to.number).max(f64::MIN_POSITIVE),
    };
    let speed = |value: Entity| 1.0 - value.number / longest;
    Action::Beam(BeamParameter::Speed, Unit::Fraction, speed(from), speed(to))
}

fn shutter(capability: &Capability) -> Action {
    let Some(effect) = capability.word("shutterEffect").map(|word| &**word) else {
        return other(capability);
    };
    let set = |flag| capability.word(flag).is_some();
    match effect {
        "Open" => Action::ShutterOpen,
        "Closed" => Action::ShutterClosed,
        "Strobe" if !set("randomTiming") && !set("soundControlled") => {
            let (from, to) = strobe_rates(capability);
            Action::Strobe(from, to)
        }
        _ => {
            let by = if set("soundControlled") { " by sound" } else { "" };
            let when = if set("randomTiming") { " at random" } else { "" };
            Action::Other(format!("ShutterStrobe {effect}{by}{when}").into())
        }
    }
}

fn strobe_rates(capability: &Capability) -> (Rate, Rate) {
    let Some((from, to)) = capability.value("speed") else {
        return (Rate::Fraction(0.0), Rate::Fraction(1.0));
    };
    if from.unit == EntityUnit::Hertz && to.unit == EntityUnit::Hertz {
        return (Rate::Hertz(from.number), Rate::Hertz(to.number));
    }
    let part = |value: Entity, end: f64| match value.unit {
        EntityUnit::Percent => Rate::Fraction(value.number / 100.0),
        _ => Rate::Fraction(end),
    };
    (part(from, 0.0), part(to, 1.0))
}

/// The emitter that OFL calls `color`.
pub(super) fn emitter(color: &str) -> Option<Emitter> {
    Some(match color {
        "Red" => Emitter::Red,
        "Green" => Emitter::Green,
        "Blue" => Emitter::Blue,
        "Cyan" => Emitter::Cyan,
        "Magenta" => Emitter::Magenta,
        "Yellow" => Emitter::Yellow,
        "Amber" => Emitter::Amber,
        "White" => Emitter::White,
        "Warm White" => Emitter::WarmWhite,
        "Cold White" => Emitter::ColdWhite,
        "UV" => Emitter::Uv,
        "Lime" => Emitter::Lime,
        "Indigo" => Emitter::Indigo,
        _ => return None,
    })
}

/// The words that a capability goes by.
fn name(capability: &Capability) -> Arc<str> {
    let words = ["effectName", "effectPreset", "shutterEffect", "fogType"];
    let own = || words.iter().find_map(|word| capability.word(word));
    let first = match capability.kind {
        "Effect" | "IrisEffect" | "FrostEffect" => own().or(capability.comment.as_ref()),
        _ => capability.comment.as_ref().or_else(own),
    };
    first.cloned().unwrap_or_default()
}

/// A colour preset: one colour, or a course from one to another with its ends exact.
fn preset(capability: &Capability, (from, to): (u64, u64)) -> Vec<Meaning> {
    let name = name(capability);
    let meaning = |from, to, action| Meaning { from, to, action, name: name.clone() };
    let Some((start, end)) = &capability.colors else { return Vec::new() };
    let color = |colors: &[Color]| match colors {
        [] => other(capability),
        [one] => Action::Color(*one, None),
        [one, two, ..] => Action::Color(*one, Some(*two)),
    };
    if start == end || from == to {
        return vec![meaning(from, to, color(start))];
    }
    let mut course = vec![meaning(from, from, color(start))];
    if from + 1 < to {
        let between = Action::Other("ColorPreset between two colors".into());
        course.push(meaning(from + 1, to - 1, between));
    }
    course.push(meaning(to, to, color(end)));
    course
}

/// The wheel that `capability` means, by name.
pub(super) fn wheel<'a>(
    capability: &'a Capability,
    context: &Context<'a>,
) -> (&'a str, Option<&'a Wheel>) {
    let name = capability.wheels.first().map_or(context.channel, |name| &**name);
    (name, context.wheels.get(name))
}

/// A wheel's slots over a range: one slot, the split between two, or a course over several.
fn wheel_slots(
    capability: &Capability,
    (from, to): (u64, u64),
    context: &Context<'_>,
) -> Vec<Meaning> {
    let unknown = || {
        let name = name(capability);
        vec![Meaning { from, to, action: other(capability), name }]
    };
    let (wheel_name, Some(wheel)) = wheel(capability, context) else { return unknown() };
    let Some((start, end)) = capability.value("slotNumber") else { return unknown() };
    let (start, end) = (start.number, end.number);
    if !wheel.reaches(start) || !wheel.reaches(end) {
        return unknown();
    }
    let at = |from, to, number: f64| slot_meaning(wheel_name, wheel, (from, to), number);
    if start == end || from == to {
        return at(from, to, start).into_iter().collect();
    }
    if !wheel.is_colors() {
        let action = Action::WheelSlot(wheel_name.into(), start, end);
        return vec![Meaning { from, to, action, name: name(capability) }];
    }
    color_course(wheel_name, wheel, (from, to), (start, end))
}

/// A colour wheel turning from `start` to `end` over `from..=to`: each slot where it stands
/// straight, and between them their splits.
fn color_course(
    wheel_name: &str,
    wheel: &Wheel,
    (from, to): (u64, u64),
    (start, end): (f64, f64),
) -> Vec<Meaning> {
    let width = (to - from) as f64;
    let split = |first: u64, last: u64| {
        let middle = f64::midpoint((first - from) as f64, (last - from) as f64) / width;
        let number = (start + (end - start) * middle).floor() + 0.5;
        slot_meaning(wheel_name, wheel, (first, last), number)
    };
    let mut course = Vec::new();
    let mut next = from;
    for number in whole_numbers(start, end) {
        let value = from + (width * ((number - start) / (end - start)) + 0.5) as u64;
        let value = value.min(to);
        if value < next {
            continue;
        }
        if value > next {
            course.extend(split(next, value - 1));
        }
        course.extend(slot_meaning(wheel_name, wheel, (value, value), number));
        if value == to {
            return course;
        }
        next = value + 1;
    }
    course.extend(split(next, to));
    course
}

/// The whole numbers from `start` to `end`, in the direction of the course.
fn whole_numbers(start: f64, end: f64) -> Vec<f64> {
    let (low, high) = (start.min(end).ceil() as i64, start.max(end).floor() as i64);
    let mut numbers: Vec<f64> = (low..=high).map(|number| number as f64).collect();
    if start > end {
        numbers.reverse();
    }
    numbers
}

/// What a wheel shows at `number`: a slot, or the split of two.
fn slot_meaning(
    wheel_name: &str,
    wheel: &Wheel,
    (from, to): (u64, u64),
    number: f64,
) -> Option<Meaning> {
    let (slot, next) = wheel.slots_at(number)?;
    let name: Arc<str> = match next {
        None => slot.name.clone(),
        Some(next) => format!("{} / {}", slot.name, next.name).into(),
    };
    let color = |slot: &Slot| match slot.kind {
        SlotKind::Open if wheel.is_colors() => Some(WHITE),
        _ => slot.colors.first().copied(),
    };
    let action = match (color(slot), next) {
        (Some(one), None) => Action::Color(one, slot.colors.get(1).copied()),
        (Some(one), Some(next)) if color(next).is_some() => Action::Color(one, color(next)),
        _ => slot_amount(slot, next)
            .unwrap_or_else(|| Action::WheelSlot(wheel_name.into(), number, number)),
    };
    Some(Meaning { from, to, action, name })
}

/// A slot that is an amount of a beam parameter: an iris opening or a frost.
fn slot_amount(slot: &Slot, next: Option<&Slot>) -> Option<Action> {
    let parameter = match slot.kind {
        SlotKind::Iris => BeamParameter::Iris,
        SlotKind::Frost => BeamParameter::Frost,
        _ => return None,
    };
    let amount = slot.amount.filter(|_| next.is_none())?;
    Some(beam(parameter, (amount, amount)))
}
