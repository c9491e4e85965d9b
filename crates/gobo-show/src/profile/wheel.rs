//! Wheels and their slots (`wheels` of a profile, `schemas/wheel-slot.json`).

use std::sync::Arc;

use indexmap::IndexMap;

use super::entity::{self, Entity};
use super::read::{At, Reader};
use crate::diagnostic::Diagnostic;
use crate::value::Color;

/// The wheels of a fixture by name.
pub(super) type Wheels = IndexMap<Arc<str>, Wheel>;

/// A wheel.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Wheel {
    /// Its slots; slot 1 is the first.
    pub(super) slots: Vec<Slot>,
}

/// A slot of a wheel.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Slot {
    pub(super) kind: SlotKind,
    /// Its name, given or made from its type.
    pub(super) name: Arc<str>,
    /// The colours it lets through.
    pub(super) colors: Vec<Color>,
    /// Its colour temperature, iris opening or frost.
    pub(super) amount: Option<Entity>,
}

/// What a slot is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum SlotKind {
    Open,
    Closed,
    Color,
    Gobo,
    Prism,
    Iris,
    Frost,
    AnimationGobo,
}

/// Each type, what it is, and the properties that it may have.
const KINDS: &[(&str, SlotKind, &[&str])] = &[
    ("Open", SlotKind::Open, &[]),
    ("Closed", SlotKind::Closed, &[]),
    ("Color", SlotKind::Color, &["name", "colors", "colorTemperature"]),
    ("Gobo", SlotKind::Gobo, &["name", "resource"]),
    ("Prism", SlotKind::Prism, &["name", "facets"]),
    ("Iris", SlotKind::Iris, &["openPercent"]),
    ("Frost", SlotKind::Frost, &["frostIntensity"]),
    ("AnimationGoboStart", SlotKind::AnimationGobo, &["name"]),
    ("AnimationGoboEnd", SlotKind::AnimationGobo, &[]),
];

impl Wheel {
    /// Whether its slots are colours.
    pub(super) fn is_colors(&self) -> bool {
        self.slots.iter().any(|slot| slot.kind == SlotKind::Color)
    }

    /// The slot that a whole number means; after the last comes the first again.
    pub(super) fn slot(&self, number: f64) -> Option<&Slot> {
        let count = self.slots.len().max(1) as i64;
        let index = (number as i64 - 1).rem_euclid(count);
        self.slots.get(index as usize)
    }

    /// The slot at `number`, and the next one when `number` lies between two.
    pub(super) fn slots_at(&self, number: f64) -> Option<(&Slot, Option<&Slot>)> {
        let first = self.slot(number.floor())?;
        let split = number.fract() != 0.0;
        Some((first, if split { self.slot(number.floor() + 1.0) } else { None }))
    }

    /// Whether `number` is on the wheel: from just before the first slot to the first again.
    pub(super) fn reaches(&self, number: f64) -> bool {
        (0.0..=self.slots.len() as f64 + 1.0).contains(&number)
    }
}

/// Reads `wheels`.
pub(super) fn read(reader: &mut Reader, at: &At<'_>) -> Wheels {
    if !at.exists() {
        return Wheels::new();
    }
    let members = reader.members(at);
    members.into_iter().map(|(name, at)| (name.into(), read_wheel(reader, &at))).collect()
}

fn read_wheel(reader: &mut Reader, at: &At<'_>) -> Wheel {
    let known = ["direction", "slots"];
    reader.warn_unknown(at, |key| known.contains(&key), &known);
    let direction = at.get("direction");
    if direction.exists() {
        reader.one_of(&direction, &["CW", "CCW"]);
    }
    let items = reader.list(&at.get("slots"));
    let slots = items.iter().enumerate().map(|(index, at)| read_slot(reader, at, index + 1));
    Wheel { slots: slots.collect() }
}

/// Reads a slot. A slot that cannot be read counts as open, so that those after it keep their
/// numbers.
fn read_slot(reader: &mut Reader, at: &At<'_>, number: usize) -> Slot {
    let words: Vec<&'static str> = KINDS.iter().map(|(name, ..)| *name).collect();
    let word = reader.one_of(&at.get("type"), &words);
    let found = KINDS.iter().find(|(name, ..)| Some(*name) == word);
    let Some(&(word, kind, properties)) = found else {
        let name = format!("Slot {number}").into();
        return Slot { kind: SlotKind::Open, name, colors: Vec::new(), amount: None };
    };
    let known: Vec<&str> = properties.iter().copied().chain(["type"]).collect();
    reader.warn_unknown(at, |key| known.contains(&key), &known);
    let colors = at.get("colors");
    let colors = if colors.exists() { reader.colors(&colors) } else { Vec::new() };
    let amounts = [
        ("colorTemperature", &entity::COLOR_TEMPERATURE),
        ("openPercent", &entity::IRIS_PERCENT),
        ("frostIntensity", &entity::PERCENTAGE),
    ];
    let amount = amounts.into_iter().find_map(|(key, kind)| {
        let value = at.get(key);
        if value.exists() { reader.entity(&value, kind) } else { None }
    });
    let name = reader.text(at, "name").or_else(|| resource_name(reader, at));
    let name = name.unwrap_or_else(|| match kind {
        SlotKind::Open | SlotKind::Closed => word.into(),
        _ => format!("{word} {number}").into(),
    });
    Slot { kind, name, colors, amount }
}

/// The name that a gobo's `resource` carries: its last part.
fn resource_name(reader: &mut Reader, at: &At<'_>) -> Option<Arc<str>> {
    let resource = reader.text(at, "resource")?;
    resource.rsplit('/').next().filter(|name| !name.is_empty()).map(Arc::from)
}

/// An error that `name` is no wheel.
pub(super) fn unknown(reader: &Reader, pointer: &str, name: &str, wheels: &Wheels) -> Diagnostic {
    let message = format!("there is no wheel `{name}` in `wheels`");
    let known = wheels.keys().map(|name| &**name);
    Diagnostic::error("unknown-wheel", reader.place(pointer), message).nearest(name, known)
}
