//! Channels as the file has them (`schemas/channel.json`): reading, and their meaning at the
//! resolution that a mode gives them.

use std::sync::Arc;

use super::action::{self, Context};
use super::capability::Capability;
use super::entity;
use super::read::{At, Reader};
use super::scale;
use super::wheel::{self, Wheels};
use crate::diagnostic::Diagnostic;
use crate::rig::{self, max_of};

const KEYS: &[&str] = &[
    "name",
    "fineChannelAliases",
    "dmxValueResolution",
    "defaultValue",
    "highlightValue",
    "constant",
    "precedence",
    "capability",
    "capabilities",
];

/// A channel, or a template of one for each pixel.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Channel {
    /// Its key; a template's holds `$pixelKey`.
    pub(super) key: Arc<str>,
    /// Its name for people.
    pub(super) name: Arc<str>,
    /// Whether it is a template.
    pub(super) template: bool,
    /// The keys of its fine channels, coarsest first.
    pub(super) fine: Vec<Arc<str>>,
    /// The resolution that its values are given in, in slots.
    pub(super) width: usize,
    /// Its default, at `width`.
    pub(super) default: u64,
    /// Its highlight value, at `width`.
    pub(super) highlight: u64,
    /// Whether it must stay at its default.
    pub(super) constant: bool,
    /// Whether the highest writer wins.
    pub(super) htp: bool,
    /// Its capabilities, by their first value.
    pub(super) capabilities: Vec<Capability>,
    /// Where it stands.
    pub(super) pointer: String,
}

impl Channel {
    /// Reads a channel; `None`, with the reason said, when nothing of it can be used.
    pub(super) fn read(
        reader: &mut Reader,
        key: &str,
        at: &At<'_>,
        template: bool,
    ) -> Option<Self> {
        if !at.is_object() {
            reader.unexpected(at, "an object");
            return None;
        }
        reader.warn_unknown(at, |key| KEYS.contains(&key), KEYS);
        let fine = at.get("fineChannelAliases");
        let fine = if fine.exists() { reader.names(&fine) } else { Vec::new() };
        let width = read_width(reader, at, fine.len());
        let constant = at.get("constant");
        let precedence = at.get("precedence");
        let mut channel = Self {
            key: key.into(),
            name: reader.text(at, "name").unwrap_or_else(|| key.into()),
            template,
            fine,
            width,
            default: read_value(reader, &at.get("defaultValue"), width).unwrap_or(0),
            highlight: read_value(reader, &at.get("highlightValue"), width)
                .unwrap_or_else(|| max_of(width)),
            constant: constant.exists() && reader.flag(&constant) == Some(true),
            htp: precedence.exists() && reader.one_of(&precedence, &["LTP", "HTP"]) == Some("HTP"),
            capabilities: read_capabilities(reader, at),
            pointer: at.pointer().to_owned(),
        };
        channel.check_ranges(reader);
        channel.check_switches(reader);
        Some(channel)
    }

    /// The same for one pixel or group: `$pixelKey` becomes its key.
    pub(super) fn with_pixel(&self, key: &str) -> Self {
        let fill = |text: &Arc<str>| super::fill(text, key);
        let capabilities = self.capabilities.iter().map(|one| one.with_pixel(key)).collect();
        let fine = self.fine.iter().map(fill).collect();
        let (key, name) = (fill(&self.key), fill(&self.name));
        Self { key, name, template: false, fine, capabilities, ..self.clone() }
    }

    /// What its values mean when it has `slots` slots. The ranges rise and do not overlap.
    pub(super) fn meanings(&self, slots: usize, wheels: &Wheels) -> Vec<rig::Capability> {
        let context = Context::new(wheels, &self.name, &self.capabilities);
        let mut meanings = Vec::new();
        for (capability, range) in self.ranges(slots) {
            let mut lowered = action::lower(capability, range, &context);
            if self.constant {
                for meaning in &mut lowered {
                    meaning.action = rig::Action::None;
                }
            }
            meanings.extend(lowered);
        }
        meanings
    }

    /// Its capabilities with their ranges when it has `slots` slots; the ranges rise and do not
    /// overlap. Where the mode is too coarse to tell two apart, the first has the value.
    pub(super) fn ranges(&self, slots: usize) -> Vec<(&Capability, (u64, u64))> {
        let mut next = Some(0);
        let mut ranges = Vec::new();
        for capability in &self.capabilities {
            let Some(first) = next else { break };
            let range = capability.range.unwrap_or((0, max_of(self.width)));
            let (from, to) = scale::range(range, self.width, slots);
            if from.max(first) <= to {
                ranges.push((capability, (from.max(first), to)));
                next = to.checked_add(1);
            }
        }
        ranges
    }

    /// The default when the channel has `slots` slots.
    pub(super) fn default_at(&self, slots: usize) -> u64 {
        scale::value(self.default, self.width, slots)
    }

    /// The highlight value when the channel has `slots` slots.
    pub(super) fn highlight_at(&self, slots: usize) -> u64 {
        scale::value(self.highlight, self.width, slots)
    }

    /// The capability that holds `value`, given at `width`.
    pub(super) fn capability_at(&self, value: u64) -> Option<&Capability> {
        self.capabilities.iter().find(|capability| {
            let (from, to) = capability.range.unwrap_or((0, u64::MAX));
            (from..=to).contains(&value)
        })
    }

    /// Whether it does nothing at all.
    pub(super) fn is_idle(&self) -> bool {
        self.capabilities.iter().all(|capability| capability.kind == "NoFunction")
    }

    /// Sorts the capabilities and says where they overlap, leave the range or leave a gap.
    fn check_ranges(&mut self, reader: &mut Reader) {
        let max = max_of(self.width);
        self.capabilities.sort_by_key(|capability| capability.range);
        let mut next = Some(0);
        for capability in &self.capabilities {
            let Some((from, to)) = capability.range else { continue };
            let place = reader.place(&format!("{}/dmxRange", capability.pointer));
            if to > max {
                let message = format!(
                    "the range {from}–{to} leaves the channel's {max} (its values are given in {} bit)",
                    8 * self.width
                );
                reader.diagnostics.push(Diagnostic::error("range-outside", place.clone(), message));
            }
            match next {
                Some(expected) if from > expected => {
                    let message = format!("nothing is said of the values {expected}–{}", from - 1);
                    reader.diagnostics.push(Diagnostic::warning("range-gap", place, message));
                }
                Some(expected) if from == expected => {}
                _ => {
                    let message = format!("the range {from}–{to} overlaps the one before");
                    reader.diagnostics.push(Diagnostic::error("range-overlap", place, message));
                }
            }
            next = next.and_then(|next| to.checked_add(1).map(|after| after.max(next)));
        }
        let last = self.capabilities.last().filter(|last| last.range.is_some());
        if let (Some(expected), Some(last)) = (next.filter(|next| *next <= max), last) {
            let place = reader.place(&format!("{}/dmxRange", last.pointer));
            let message = format!("nothing is said of the values {expected}–{max}");
            reader.diagnostics.push(Diagnostic::warning("range-gap", place, message));
        }
    }

    /// Says where capabilities do not switch the same channels.
    fn check_switches(&self, reader: &mut Reader) {
        for (alias, capability) in self.aliases() {
            for other in &self.capabilities {
                if !other.switches.iter().any(|(name, _)| *name == alias) {
                    let place = reader.place(&other.pointer);
                    let message = format!("this capability does not say what `{alias}` becomes");
                    let there = reader.place(&format!("{}/switchChannels", capability.pointer));
                    let error = Diagnostic::error("missing-switch", place, message);
                    reader.diagnostics.push(error.label(there, "switched here"));
                }
            }
        }
    }

    /// The keys of the channels that it switches, each with the first capability that names it.
    pub(super) fn aliases(&self) -> Vec<(Arc<str>, &Capability)> {
        let mut aliases: Vec<(Arc<str>, &Capability)> = Vec::new();
        for capability in &self.capabilities {
            for (alias, _) in &capability.switches {
                if !aliases.iter().any(|(known, _)| known == alias) {
                    aliases.push((alias.clone(), capability));
                }
            }
        }
        aliases
    }

    /// Says which wheels and slots its capabilities name that do not exist.
    pub(super) fn check_wheels(&self, reader: &mut Reader, wheels: &Wheels) {
        for capability in &self.capabilities {
            if !capability.kind.starts_with("Wheel") {
                continue;
            }
            let default = [self.name.clone()];
            let named = &capability.wheels;
            for name in if named.is_empty() { &default[..] } else { named } {
                // A wheel for each pixel has no name before the pixel is known.
                if name.contains(super::PIXEL_KEY) {
                    continue;
                }
                let pointer = match named.len() {
                    0 => capability.pointer.clone(),
                    _ => format!("{}/wheel", capability.pointer),
                };
                match wheels.get(name) {
                    None => {
                        let error = wheel::unknown(reader, &pointer, name, wheels);
                        reader.diagnostics.push(error);
                    }
                    Some(wheel) => check_slots(reader, capability, name, wheel),
                }
            }
        }
    }
}

fn check_slots(reader: &mut Reader, capability: &Capability, name: &str, wheel: &wheel::Wheel) {
    let Some((start, end)) = capability.value("slotNumber") else { return };
    for number in [start.number, end.number] {
        if !wheel.reaches(number) {
            let place = reader.place(&capability.pointer);
            let count = wheel.slots.len();
            let message =
                format!("the wheel `{name}` has no slot {number}: its slots are 1–{count}");
            reader.diagnostics.push(Diagnostic::error("unknown-slot", place, message));
            return;
        }
    }
}

/// The resolution that a channel's numbers are given in.
fn read_width(reader: &mut Reader, at: &At<'_>, fine: usize) -> usize {
    let full = (1 + fine).min(scale::WIDEST);
    let given = at.get("dmxValueResolution");
    if !given.exists() {
        return full;
    }
    let width = match reader.one_of(&given, &["8bit", "16bit", "24bit"]) {
        Some("8bit") => 1,
        Some("16bit") => 2,
        Some("24bit") => 3,
        _ => return full,
    };
    if width > full {
        let message = format!("the channel has only {} bit", 8 * full);
        reader.error("bad-resolution", &given, message);
    }
    width
}

/// `defaultValue` or `highlightValue`: a DMX value or a percentage.
fn read_value(reader: &mut Reader, at: &At<'_>, width: usize) -> Option<u64> {
    if !at.exists() {
        return None;
    }
    if at.text().is_some() {
        let percent = reader.entity(at, &entity::DMX_PERCENT)?.number;
        if !(0.0..=100.0).contains(&percent) {
            reader.error("bad-value", at, "a percentage lies between `0%` and `100%`");
        }
        return Some(scale::percent(percent, width));
    }
    reader.whole(at, 0, max_of(width))
}

fn read_capabilities(reader: &mut Reader, at: &At<'_>) -> Vec<Capability> {
    let (one, many) = (at.get("capability"), at.get("capabilities"));
    if one.exists() == many.exists() {
        reader.error("missing-key", at, "a channel has either `capability` or `capabilities`");
    }
    if one.exists() {
        let range = one.get("dmxRange");
        if range.exists() {
            reader.error(
                "bad-range",
                &range,
                "the only capability has no `dmxRange`: it covers all",
            );
        }
        let capability = Capability::read(reader, &one);
        return capability.map(Capability::over_all).into_iter().collect();
    }
    let items = if many.exists() { reader.list(&many) } else { Vec::new() };
    let mut capabilities = Vec::new();
    for item in &items {
        let Some(capability) = Capability::read(reader, item) else { continue };
        if capability.range.is_some() {
            capabilities.push(capability);
        } else if !item.get("dmxRange").exists() {
            reader.error("missing-key", item, "one of several capabilities needs a `dmxRange`");
        }
    }
    capabilities
}
