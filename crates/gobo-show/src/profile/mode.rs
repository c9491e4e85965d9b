//! Modes: which key stands on which slot. Reads, and fills in what `matrixChannels` inserts.

use std::sync::Arc;

use super::channel::Channel;
use super::matrix::{Matrix, Part};
use super::names::{Names, Role, Slot};
use super::physical::Physical;
use super::read::{At, Reader};
use crate::diagnostic::Diagnostic;

/// The most slots a mode may have: what an index of 16 bits can count.
const MOST_SLOTS: usize = u16::MAX as usize;

const KEYS: &[&str] = &["name", "shortName", "rdmPersonalityIndex", "physical", "channels"];
const INSERT_KEYS: &[&str] = &["insert", "repeatFor", "channelOrder", "templateChannels"];

/// A mode of a profile: what stands on which slot.
#[derive(Clone, PartialEq, Debug)]
pub struct Mode {
    /// Its name.
    pub name: String,
    /// Its short name, by which it may be called too.
    pub short_name: Option<String>,
    /// The RDM personality that selects it, from 1.
    pub rdm_personality: Option<u64>,
    pub(super) physical: Physical,
    pub(super) slots: Vec<Option<Slot>>,
}

impl Mode {
    /// How many slots it takes.
    pub fn footprint(&self) -> u16 {
        self.slots.len() as u16
    }

    /// The channel key on each slot, fine channels by their own; `None` is a slot that does nothing.
    pub fn channels(&self) -> impl Iterator<Item = Option<&str>> {
        self.slots.iter().map(|slot| slot.as_ref().map(|slot| &*slot.key))
    }
}

/// What a mode's keys can mean.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    pub(super) names: &'a Names,
    pub(super) matrix: &'a Matrix,
    pub(super) channels: &'a [Channel],
}

/// Reads a mode; `None`, with the reason said, when it has no name or no channels.
pub(super) fn read(reader: &mut Reader, at: &At<'_>, scope: Scope<'_>) -> Option<Mode> {
    reader.warn_unknown(at, |key| KEYS.contains(&key), KEYS);
    let name = reader.required_text(at, "name")?.to_string();
    let personality = at.get("rdmPersonalityIndex");
    let channels = at.get("channels");
    let mut slots = Vec::new();
    for item in reader.list(&channels) {
        read_item(reader, &item, scope, &mut slots);
        if slots.len() > MOST_SLOTS {
            reader.error("mode-too-large", &item, format!("a mode has at most {MOST_SLOTS} slots"));
            slots.truncate(MOST_SLOTS);
            break;
        }
    }
    if slots.is_empty() {
        return None;
    }
    let mode = Mode {
        name,
        short_name: reader.text(at, "shortName").map(|name| name.to_string()),
        rdm_personality: match personality.exists() {
            true => reader.whole(&personality, 1, u64::from(u16::MAX)),
            false => None,
        },
        physical: Physical::read(reader, &at.get("physical")),
        slots,
    };
    check(reader, &channels, &mode, scope);
    Some(mode)
}

fn read_item(reader: &mut Reader, at: &At<'_>, scope: Scope<'_>, slots: &mut Vec<Option<Slot>>) {
    if at.is_null() {
        slots.push(None);
    } else if at.is_object() {
        read_insert(reader, at, scope, slots);
    } else if let Some(key) = at.text() {
        let slot = scope.names.resolve(key, scope.matrix);
        if slot.is_none() {
            let known = scope.names.all(scope.matrix);
            let known = known.iter().map(|key| &**key);
            let message = format!("there is no channel `{key}`");
            reader.error_near("unknown-channel", at, message, key, known);
        }
        slots.push(slot);
    } else {
        reader.unexpected(at, "a channel's key, `null`, or an insert of `matrixChannels`");
        slots.push(None);
    }
}

/// Fills in the template channels for each pixel or group (`matrixChannels`).
fn read_insert(reader: &mut Reader, at: &At<'_>, scope: Scope<'_>, slots: &mut Vec<Option<Slot>>) {
    reader.warn_unknown(at, |key| INSERT_KEYS.contains(&key), INSERT_KEYS);
    reader.one_of(&at.get("insert"), &["matrixChannels"]);
    let order = reader.one_of(&at.get("channelOrder"), &["perPixel", "perChannel"]);
    let parts = read_repeat(reader, &at.get("repeatFor"), scope);
    let templates: Vec<Option<Arc<str>>> = reader
        .list(&at.get("templateChannels"))
        .iter()
        .map(|item| read_template(reader, item, scope))
        .collect();
    if parts.len().saturating_mul(templates.len()) > MOST_SLOTS {
        reader.error("mode-too-large", at, format!("a mode has at most {MOST_SLOTS} slots"));
        return;
    }
    let fill = |template: &Option<Arc<str>>, part: &Part| {
        template.as_ref().and_then(|key| scope.names.template(key, scope.matrix, *part))
    };
    if order == Some("perChannel") {
        slots
            .extend(templates.iter().flat_map(|key| parts.iter().map(move |part| fill(key, part))));
    } else {
        slots
            .extend(parts.iter().flat_map(|part| templates.iter().map(move |key| fill(key, part))));
    }
}

fn read_template(reader: &mut Reader, at: &At<'_>, scope: Scope<'_>) -> Option<Arc<str>> {
    if at.is_null() {
        return None;
    }
    let key = reader.as_text(at)?;
    if scope.names.has_template(&key) {
        return Some(key);
    }
    let message = format!("there is no template channel `{key}`");
    reader.error_near("unknown-channel", at, message, &key, scope.names.templates());
    None
}

fn read_repeat(reader: &mut Reader, at: &At<'_>, scope: Scope<'_>) -> Vec<Part> {
    const ORDERS: &[&str] = &[
        "eachPixelABC",
        "eachPixelXYZ",
        "eachPixelXZY",
        "eachPixelYXZ",
        "eachPixelYZX",
        "eachPixelZXY",
        "eachPixelZYX",
        "eachPixelGroup",
    ];
    if scope.matrix.keys().next().is_none() {
        reader.error("unknown-pixel", at, "the profile has no `matrix`, so there are no pixels");
        return Vec::new();
    }
    if !at.is_list() {
        let order = reader.one_of(at, ORDERS);
        return order.and_then(|order| scope.matrix.repeat(order)).unwrap_or_default();
    }
    let mut parts = Vec::new();
    for item in at.items() {
        let Some(key) = reader.as_text(&item) else { continue };
        match scope.matrix.find(&key) {
            Some(part) => parts.push(part),
            None => {
                let message = format!("there is no pixel and no pixel group `{key}`");
                reader.error_near("unknown-pixel", &item, message, &key, scope.matrix.keys());
            }
        }
    }
    parts
}

/// Says what of a mode cannot work: a byte without the coarser one, a switched channel without the
/// one that switches it; and a channel that stands there twice.
fn check(reader: &mut Reader, channels: &At<'_>, mode: &Mode, scope: Scope<'_>) {
    let mut seen: indexmap::IndexSet<&str> = indexmap::IndexSet::new();
    let keys: indexmap::IndexSet<&str> = mode.channels().flatten().collect();
    let mode_name = &mode.name;
    for slot in mode.slots.iter().flatten() {
        let key = &slot.key;
        let place = reader.place(channels.pointer());
        if !seen.insert(key) {
            let message =
                format!("the mode `{mode_name}` lists `{key}` twice; both get the same value");
            reader.diagnostics.push(Diagnostic::warning("channel-twice", place, message));
            continue;
        }
        let channel = &scope.channels[slot.channel as usize];
        let pixel = slot.part.map(|part| scope.matrix.key(part));
        let filled =
            |key: &Arc<str>| pixel.map_or_else(|| key.clone(), |pixel| super::fill(key, pixel));
        match slot.role {
            Role::Coarse => {}
            Role::Fine(level) => {
                let coarser = if level == 1 { &channel.key } else { &channel.fine[level - 2] };
                let coarser = filled(coarser);
                if !keys.contains(&*coarser) {
                    let message = format!(
                        "the mode `{mode_name}` has `{key}` without the coarser `{coarser}`"
                    );
                    reader.diagnostics.push(Diagnostic::error("missing-coarse", place, message));
                }
            }
            Role::Switching(_) => {
                let trigger = filled(&channel.key);
                if !keys.contains(&*trigger) {
                    let message = format!(
                        "the mode `{mode_name}` has `{key}` without `{trigger}`, which switches it"
                    );
                    reader.diagnostics.push(Diagnostic::error("missing-switch", place, message));
                }
            }
        }
    }
}
