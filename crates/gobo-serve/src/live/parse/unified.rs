use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::reader::{Reader, below, short};
use super::{Malformed, malformed};
use crate::live::command::{FADE_ENTRIES, PATCH_ENTRIES};
use crate::live::{Ask, Change, ChannelKey, Easing, Reason, Setting, Unified};

type Object = Map<String, Value>;

/// How a kind of command is read.
pub(super) struct Kind {
    /// Its members besides `type`, `id` and `ts`.
    members: &'static [&'static str],
    read: fn(&Object, &mut Reader) -> Option<Ask>,
    /// The most entries of its patch.
    entries: usize,
}

/// Every kind of unified command.
pub(super) const KINDS: [(&str, Kind); 9] = [
    ("dmx.set", Kind::new(&["universe", "channel", "value"], set)),
    ("dmx.patch", Kind::new(&["universe", "patch"], patch).up_to(PATCH_ENTRIES)),
    (
        "dmx.fade",
        Kind::new(&["universe", "durationMs", "easing", "patch"], fade).up_to(FADE_ENTRIES),
    ),
    ("fixture.set", Kind::new(&["fixtureId", "attrs"], fixture)),
    ("scene.save", Kind::new(&["name", "snapshot"], save_scene)),
    ("scene.recall", Kind::new(&["name"], recall_scene)),
    ("scene.delete", Kind::new(&["name"], delete_scene)),
    ("effect.apply", Kind::new(&["fixtureId", "effect"], effect)),
    ("motor.move", Kind::new(&["motorId", "steps", "speed"], motor)),
];

impl Kind {
    const fn new(
        members: &'static [&'static str],
        read: fn(&Object, &mut Reader) -> Option<Ask>,
    ) -> Self {
        Self { members, read, entries: usize::MAX }
    }

    const fn up_to(mut self, entries: usize) -> Self {
        self.entries = entries;
        self
    }
}

pub(super) fn kind(word: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| kind)
}

pub(super) fn parse(value: &Value, kind: &Kind, mut reader: Reader) -> Result<Unified, Malformed> {
    let entries = value.get("patch").and_then(Value::as_array).map_or(0, Vec::len);
    if entries > kind.entries {
        // Not read any further: what is too large may be very large.
        let message = format!("up to {} entries were expected, not {entries}", kind.entries);
        reader.mistake("/patch".to_owned(), message);
        let mut malformed = malformed(value, "id", reader);
        malformed.refusal.reason = Reason::PatchTooLarge;
        return Err(malformed);
    }
    match read(value, kind, &mut reader) {
        Some(unified) if reader.mistakes().is_empty() => Ok(unified),
        _ => Err(malformed(value, "id", reader)),
    }
}

fn read(value: &Value, kind: &Kind, reader: &mut Reader) -> Option<Unified> {
    let known: Vec<&str> =
        ["type", "id", "ts"].into_iter().chain(kind.members.iter().copied()).collect();
    let object = reader.object(value, "", &known)?;
    let id = reader.text(object, "", "id");
    time(object, reader);
    let ask = (kind.read)(object, reader);
    Some(Unified { id: id?.to_owned(), ask: ask? })
}

/// `ts` is the client's clock and only looked at: any number for `fixture.set`, for which the
/// schema has it so, a whole one for all else.
fn time(object: &Object, reader: &mut Reader) {
    let any_number = object.get("type").and_then(Value::as_str) == Some("fixture.set");
    if !(any_number && object.get("ts").is_some_and(Value::is_number)) {
        reader.whole(object, "", "ts", 0..=u64::MAX);
    }
}

fn universe(object: &Object, reader: &mut Reader) -> Option<u64> {
    reader.whole(object, "", "universe", 0..=u64::MAX)
}

fn change(
    object: &Object,
    at: &str,
    [channel, value]: [&str; 2],
    reader: &mut Reader,
) -> Option<Change> {
    let channel = reader.whole(object, at, channel, 1..=512);
    let value = reader.byte(object, at, value);
    let slot = u16::try_from(channel? - 1).ok()?;
    Some(Change { slot, value: value? })
}

fn set(object: &Object, reader: &mut Reader) -> Option<Ask> {
    let universe = universe(object, reader);
    let change = change(object, "", ["channel", "value"], reader);
    Some(Ask::Patch { universe: universe?, changes: vec![change?] })
}

fn changes(object: &Object, reader: &mut Reader) -> Option<Vec<Change>> {
    let entries = reader.list(object, "patch")?;
    let mut changes = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let at = format!("/patch/{index}");
        if let Some(entry) = reader.object(entry, &at, &["ch", "val"]) {
            changes.extend(change(entry, &at, ["ch", "val"], reader));
        }
    }
    (changes.len() == entries.len()).then_some(changes)
}

fn patch(object: &Object, reader: &mut Reader) -> Option<Ask> {
    let universe = universe(object, reader);
    let changes = changes(object, reader);
    Some(Ask::Patch { universe: universe?, changes: changes? })
}

fn fade(object: &Object, reader: &mut Reader) -> Option<Ask> {
    let universe = universe(object, reader);
    let duration_ms = reader.whole(object, "", "durationMs", 0..=u64::MAX);
    let easing = reader.word(object, "easing", &Easing::ALL);
    let changes = changes(object, reader);
    Some(Ask::Fade {
        universe: universe?,
        changes: changes?,
        duration_ms: duration_ms?,
        easing: easing?,
    })
}

fn fixture(object: &Object, reader: &mut Reader) -> Option<Ask> {
    let fixture = reader.text(object, "", "fixtureId").map(str::to_owned);
    let attrs = reader.member(object, "", "attrs")?;
    let attrs = reader.any_object(attrs, "/attrs")?;
    let mut attributes = BTreeMap::new();
    for (name, value) in attrs {
        let at = below("/attrs", name);
        if let Some(setting) = setting(value, &at, reader) {
            attributes.insert(name.clone(), setting);
        }
    }
    Some(Ask::Fixture { fixture: fixture?, attributes })
}

fn setting(value: &Value, at: &str, reader: &mut Reader) -> Option<Setting> {
    if value.is_object() {
        let object = reader.object(value, at, &["value16"])?;
        let word = reader.whole(object, at, "value16", 0..=65535)?;
        return u16::try_from(word).ok().map(Setting::Word);
    }
    let byte = reader.number(value, || at.to_owned(), 0..=255)?;
    u8::try_from(byte).ok().map(Setting::Byte)
}

fn save_scene(object: &Object, reader: &mut Reader) -> Option<Ask> {
    let name = reader.name(object, "", "name").map(str::to_owned);
    let Some(snapshot) = object.get("snapshot") else {
        return Some(Ask::SaveScene { name: name?, snapshot: None });
    };
    let snapshot = reader.any_object(snapshot, "/snapshot")?;
    let mut levels = BTreeMap::new();
    for (key, value) in snapshot {
        let at = || below("/snapshot", key);
        let channel = ChannelKey::parse(key);
        if channel.is_none() {
            let message =
                format!("a channel was expected, as `14` or `2.14`, not `{}`", short(key));
            reader.mistake(at(), message);
        }
        let level = reader.number(value, at, 0..=255).and_then(|level| u8::try_from(level).ok());
        levels.extend(channel.zip(level));
    }
    // An empty snapshot holds nothing that could be meant.
    let snapshot = (!snapshot.is_empty()).then_some(levels);
    Some(Ask::SaveScene { name: name?, snapshot })
}

fn recall_scene(object: &Object, reader: &mut Reader) -> Option<Ask> {
    Some(Ask::RecallScene { name: reader.name(object, "", "name")?.to_owned() })
}

fn delete_scene(object: &Object, reader: &mut Reader) -> Option<Ask> {
    Some(Ask::DeleteScene { name: reader.name(object, "", "name")?.to_owned() })
}

fn effect(object: &Object, reader: &mut Reader) -> Option<Ask> {
    let fixture = reader.name(object, "", "fixtureId").map(str::to_owned);
    let list = reader.list(object, "effect")?;
    let mut effects = Vec::with_capacity(list.len());
    for (index, effect) in list.iter().enumerate() {
        effects.extend(reader.any_object(effect, &format!("/effect/{index}")).cloned());
    }
    Some(Ask::Effect { fixture: fixture?, effects })
}

fn motor(object: &Object, reader: &mut Reader) -> Option<Ask> {
    let motor = reader.name(object, "", "motorId").map(str::to_owned);
    let steps = reader.member(object, "", "steps");
    if steps.is_some_and(|steps| steps.as_f64().is_none_or(|steps| steps.fract() != 0.0)) {
        reader.mistake("/steps".to_owned(), "a whole number was expected".to_owned());
    }
    let speed = object.get("speed");
    if speed.is_some_and(|speed| speed.as_f64().is_none_or(|speed| speed < 0.0)) {
        reader.mistake("/speed".to_owned(), "a number from 0 was expected".to_owned());
    }
    Some(Ask::Motor { motor: motor? })
}
