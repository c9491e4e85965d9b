//! A look on a head: its values as attributes of that head's channels.

use gobo_show::effect::{Look, LookKey, Preset};
use gobo_show::rig::{Action, Capability, Channel};
use gobo_show::value::{Aim, Color};

use crate::aim::Angles;
use crate::attribute::Attribute;
use crate::fixture::Part;
use crate::segment::{along, middle};
use crate::write::Target;

/// What a look asks of a head.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) color: Option<Color>,
    /// Values that can fade.
    pub(crate) scalars: Vec<(Attribute, f64)>,
    /// Values with nothing between them: wheel slots.
    pub(crate) steps: Vec<(Attribute, f64)>,
}

impl Wanted {
    /// The values of `look`; a point in the room is aimed at from the angles `now`.
    pub(crate) fn new(look: &Look, target: &Target<'_>, now: Angles) -> Self {
        let mut wanted = Self { color: look.color, ..Self::default() };
        let mut add = |attribute, value: Option<f64>| {
            wanted.scalars.extend(value.map(|value| (attribute, value)));
        };
        add(Attribute::Dimmer, look.dimmer.map(|level| level.0));
        add(Attribute::Tint, look.tint.map(|level| level.0));
        add(Attribute::Strobe, look.strobe_hz);
        let (pan, tilt) =
            look.position.map_or((None, None), |position| aim(target.part(), position, now));
        add(Attribute::Pan, pan);
        add(Attribute::Tilt, tilt);
        for &(parameter, amount) in &look.beam {
            let fraction = target.plan.ranges.fraction(parameter, amount);
            add(Attribute::Beam(parameter), fraction);
        }
        for &(emitter, level) in &look.emitters {
            add(Attribute::Emitter(emitter), Some(level.0));
        }
        for (key, value) in &look.raw {
            for channel in target.channels().filter(|(_, channel)| channel.key == *key) {
                add(Attribute::Raw(channel.0 as u32), Some(*value));
            }
        }
        for (wheel, slot) in &look.wheels {
            wanted.steps.extend(wheel_slot(target, wheel, slot));
        }
        for preset in &look.presets {
            wanted.steps.extend(presets(target, preset));
        }
        wanted
    }

    pub(crate) fn scalar(&self, attribute: Attribute) -> Option<f64> {
        self.scalars.iter().find(|known| known.0 == attribute).map(|known| known.1)
    }
}

impl<'a> Target<'a> {
    /// The channels that the head reaches, with their indices.
    fn channels(self) -> impl Iterator<Item = (usize, &'a Channel)> {
        let rig = self.rig;
        self.plan.reached(self.head).map(move |index| (index, &rig.channels[index]))
    }
}

/// The attributes of a head that a key of a look names.
pub(crate) fn attributes(key: &LookKey, target: &Target<'_>) -> Vec<Attribute> {
    match key {
        LookKey::Dimmer => vec![Attribute::Dimmer],
        LookKey::Tint => vec![Attribute::Tint],
        LookKey::Pan => vec![Attribute::Pan],
        LookKey::Tilt => vec![Attribute::Tilt],
        LookKey::Strobe => vec![Attribute::Strobe],
        LookKey::Beam(parameter) => vec![Attribute::Beam(*parameter)],
        LookKey::Emitter(emitter) => vec![Attribute::Emitter(*emitter)],
        LookKey::Raw(key) => {
            let named = target.channels().filter(|(_, channel)| channel.key == *key);
            named.map(|(index, _)| Attribute::Raw(index as u32)).collect()
        }
    }
}

/// Whether a look has a curve for an attribute.
pub(crate) fn varies(look: &Look, attribute: Attribute, target: &Target<'_>) -> bool {
    look.curves.iter().any(|(key, _)| attributes(key, target).contains(&attribute))
}

/// Pan and tilt that `aim` asks for; the head's angles are `now`.
pub(crate) fn aim(part: &Part, aim: Aim, now: Angles) -> (Option<f64>, Option<f64>) {
    match aim {
        Aim::Angles { pan_deg, tilt_deg } => (pan_deg, tilt_deg),
        Aim::Point(point) => {
            let angles = part.mount.solve(point, now);
            (Some(angles.pan_deg), Some(angles.tilt_deg))
        }
    }
}

/// What a channel rests at, as a fraction of its range.
pub(crate) fn raw_rest(target: &Target<'_>, channel: u32) -> Option<f64> {
    raw_rest_of(target.rig, channel)
}

/// What a fixture's channel rests at, as a fraction of its range.
pub(crate) fn raw_rest_of(fixture: &gobo_show::rig::Fixture, channel: u32) -> Option<f64> {
    let channel = fixture.channels.get(channel as usize)?;
    let value = channel.arm.unwrap_or(channel.default);
    Some(value as f64 / channel.max().max(1) as f64)
}

/// The channels that a preset means, each with its value.
fn presets<'a>(
    target: &Target<'a>,
    preset: &'a Preset,
) -> impl Iterator<Item = (Attribute, f64)> + use<'a> {
    let on = target.channels().filter(|(_, channel)| channel.goes_by(&preset.channel));
    on.filter_map(|(index, channel)| {
        let found = channel.preset(&preset.name)?;
        let value = match preset.amount {
            Some(amount) => along(found.from, found.to, amount),
            None => middle(found.from, found.to),
        };
        let part = value as f64 / channel.max().max(1) as f64;
        Some((Attribute::Raw(index as u32), part))
    })
}

/// The channel and value of a wheel's slot, by the name or number of the slot.
///
/// `wheel` is the name of the wheel or of its channel, or a part of it (`gobo`). A slot goes by
/// the whole of its name before its number, and by its number before a part of its name.
fn wheel_slot(target: &Target<'_>, wheel: &str, slot: &str) -> Option<(Attribute, f64)> {
    let wheel = wheel.to_lowercase();
    let slot = slot.trim().to_lowercase();
    let turns = |channel: &Channel, capability: &Capability| {
        let named = match &capability.action {
            Action::WheelSlot(name, ..) => name.to_lowercase().contains(&wheel),
            _ => false,
        };
        named || channel.key.to_lowercase().contains(&wheel)
    };
    let number: Option<f64> = slot.parse().ok();
    let rank = |capability: &Capability| {
        let name = capability.name.to_lowercase();
        let first = match capability.action {
            Action::WheelSlot(_, first, last) if first == last => Some(first),
            _ => None,
        };
        if name == slot {
            Some(0)
        } else if number.is_some() && first == number {
            Some(1)
        } else {
            (number.is_none() && name.contains(&slot)).then_some(2)
        }
    };
    let (_, index, value) = target
        .channels()
        .flat_map(|(index, channel)| {
            let fits = channel.capabilities().filter(|capability| turns(channel, capability));
            fits.filter_map(move |fit| Some((rank(fit)?, index, (channel, fit))))
                .collect::<Vec<_>>()
        })
        .min_by_key(|(rank, ..)| *rank)?;
    let (channel, fit) = value;
    let middle = middle(fit.from, fit.to) as f64;
    Some((Attribute::Raw(index as u32), middle / channel.max().max(1) as f64))
}
