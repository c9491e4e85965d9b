//! Writes a definition down as a profile: channels, templates for the pixels, wheels, modes.

use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};
use serde_json::{Map, Value, json};

use super::fine::{self, Bytes};
use super::meaning::{self, Meanings};
use super::source::{self, Definition, Physical};
use super::{heads, switch};
use crate::diagnostic::Diagnostic;
use crate::profile::{PIXEL_KEY, fill};

/// A profile on its way.
#[derive(Debug)]
struct Writer<'a> {
    definition: &'a Definition,
    bytes: Bytes,
    meanings: Vec<Meanings>,
    switches: Vec<switch::Switch>,
    /// Channels by their key.
    available: IndexMap<String, Value>,
    /// Templates by their key.
    templates: IndexMap<String, Value>,
    /// Wheels by the name of their channel.
    wheels: Map<String, Value>,
    /// The keys of the fixture's own channels and fine channels.
    names: IndexMap<usize, String>,
    /// Pixel keys, as they come.
    pixels: IndexSet<String>,
}

/// The profile of `definition`; `None`, with the reason said, when no mode of it can be used.
pub(super) fn profile(
    file: &Arc<str>,
    definition: &Definition,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Value> {
    let bytes = fine::pair(definition);
    let slots = resolve(file, definition, diagnostics);
    let pixels: Vec<_> = (definition.modes.iter().zip(&slots))
        .map(|(mode, slots)| heads::pixels(mode, slots, &bytes))
        .collect();
    let switches = switch::find(file, definition, &slots, &pixels, &bytes, diagnostics);
    let meanings = meanings(file, definition, &bytes, diagnostics);
    let mut writer = Writer {
        definition,
        bytes,
        meanings,
        switches,
        available: IndexMap::new(),
        templates: IndexMap::new(),
        wheels: Map::new(),
        names: IndexMap::new(),
        pixels: pixels.iter().flatten().flatten().cloned().collect(),
    };
    let modes = writer.modes(&slots, &pixels);
    if modes.is_empty() {
        let place = source::place(file, 0..0);
        let message = "the definition has no mode with channels";
        diagnostics.push(Diagnostic::error("no-modes", place, message));
        return None;
    }
    Some(writer.finish(modes))
}

/// The channel on each slot of each mode; says which names are no channel's.
fn resolve(
    file: &Arc<str>,
    definition: &Definition,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Vec<Option<usize>>> {
    let mut modes = Vec::new();
    for mode in &definition.modes {
        let mut slots = Vec::new();
        for name in &mode.channels {
            let slot = definition.channels.iter().position(|channel| channel.name == *name);
            if slot.is_none() {
                let place = source::place(file, mode.bytes.clone());
                let known = definition.channels.iter().map(|channel| channel.name.as_str());
                let message = format!("the mode `{}` names no channel `{name}`", mode.name);
                let warning = Diagnostic::warning("unknown-channel", place, message);
                diagnostics.push(warning.nearest(name, known));
            }
            slots.push(slot);
        }
        modes.push(slots);
    }
    modes
}

/// What each channel is, fine bytes left out; says which presets are not known.
fn meanings(
    file: &Arc<str>,
    definition: &Definition,
    bytes: &Bytes,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Meanings> {
    let mut unknown: IndexSet<String> = IndexSet::new();
    let mut all = Vec::new();
    for (channel, coarse) in definition.channels.iter().zip(&bytes.coarse) {
        if coarse.is_some() {
            all.push(Meanings::default());
            continue;
        }
        let mut said = |preset: &str| {
            if unknown.insert(preset.to_owned()) {
                let message = format!("the preset `{preset}` is not known; its words were read");
                let place = source::place(file, channel.bytes.clone());
                diagnostics.push(Diagnostic::warning("unknown-preset", place, message));
            }
        };
        all.push(meaning::of(channel, &definition.physical, &mut said));
    }
    all
}

impl Writer<'_> {
    /// The modes, the channels that they name defined on the way.
    fn modes(
        &mut self,
        slots: &[Vec<Option<usize>>],
        pixels: &[Vec<Option<String>>],
    ) -> Vec<Value> {
        // Templates first: a channel of the fixture gives way to one of the same name.
        let mut keys: Vec<Vec<Option<String>>> = Vec::new();
        for (slots, pixels) in slots.iter().zip(pixels) {
            let key = |(slot, pixel): (&Option<usize>, &Option<String>)| {
                Some(self.template((*slot)?, pixel.as_ref()?))
            };
            keys.push(slots.iter().zip(pixels).map(key).collect());
        }
        let plain = (slots.iter().flatten().zip(keys.iter().flatten()))
            .filter_map(|(slot, key)| if key.is_none() { *slot } else { None });
        self.define(plain.collect());
        let mut modes = Vec::new();
        let mut taken: IndexSet<String> = IndexSet::new();
        for (index, (slots, keys)) in slots.iter().zip(keys).enumerate() {
            let key = |(slot, key): (&Option<usize>, Option<String>)| match (key, slot) {
                (Some(key), _) => json!(key),
                (None, Some(channel)) => {
                    json!(self.switched(*channel, index).unwrap_or(&self.names[channel]))
                }
                (None, None) => Value::Null,
            };
            let channels: Vec<Value> = slots.iter().zip(keys).map(key).collect();
            if !channels.is_empty() {
                let name = free_name(&self.definition.modes[index].name, index + 1, &mut taken);
                modes.push(json!({ "name": name, "channels": channels }));
            }
        }
        modes
    }

    /// Defines the channels `used` outside heads, and what they switch to.
    fn define(&mut self, used: Vec<usize>) {
        let targets = self.switches.iter().flat_map(|one| one.targets.iter().copied());
        let coarse = |channel: usize| self.bytes.coarse[channel].unwrap_or(channel);
        let own: IndexSet<usize> = used.into_iter().chain(targets).map(coarse).collect();
        let mut defined = Vec::new();
        for channel in own {
            if !self.borrow_names(channel) {
                self.name(channel);
                defined.push(channel);
            }
        }
        for channel in defined {
            let fine = &self.bytes.fine[channel];
            let fine: Vec<_> = fine.iter().map(|byte| self.names[byte].clone()).collect();
            let key = self.names[&channel].clone();
            let json = self.channel(channel, &fine, &key);
            self.available.insert(key, json);
        }
    }

    /// The key of the switching channel that takes the place of `channel` in `mode`.
    fn switched(&self, channel: usize, mode: usize) -> Option<&String> {
        let own = |one: &&switch::Switch| one.usual == channel && one.modes.contains(&mode);
        self.switches.iter().find(own).map(|one| &one.key)
    }

    /// The name of a channel as a key.
    fn key(&self, channel: usize) -> String {
        let name = self.definition.channels[channel].name.replace('$', "S");
        if name.is_empty() { format!("Channel {}", channel + 1) } else { name }
    }

    /// Gives a channel and its fine bytes keys of their own.
    fn name(&mut self, channel: usize) {
        for byte in std::iter::once(channel).chain(self.bytes.fine[channel].clone()) {
            let key = self.free_key(self.key(byte));
            self.names.insert(byte, key);
        }
    }

    /// Takes the keys of the template that is the same channel for some pixel, if there is one: a
    /// channel that one mode has in a head and another does not.
    fn borrow_names(&mut self, channel: usize) -> bool {
        let key = self.key(channel);
        let same = |pixel: &&String| {
            let template = self.template_of(channel, pixel);
            self.templates.contains_key(&template) && *fill(&template, pixel) == *key
        };
        let Some(pixel) = self.pixels.iter().find(same).cloned() else { return false };
        for byte in std::iter::once(channel).chain(self.bytes.fine[channel].clone()) {
            let key = self.template(byte, &pixel);
            self.names.insert(byte, key);
        }
        true
    }

    /// `key`, changed until no template filled in with a pixel and no channel has it.
    fn free_key(&self, mut key: String) -> String {
        let aliases = |json: &Value| json["fineChannelAliases"].as_array().cloned();
        let templates = self.templates.iter().flat_map(|(key, json)| {
            let fine = aliases(json).unwrap_or_default();
            let fine = fine.iter().filter_map(|alias| Some(alias.as_str()?.to_owned()));
            std::iter::once(key.clone()).chain(fine).collect::<Vec<_>>()
        });
        let filled: IndexSet<Arc<str>> = templates
            .flat_map(|template| self.pixels.iter().map(move |pixel| fill(&template, pixel)))
            .collect();
        while self.names.values().any(|name| *name == key) || filled.contains(key.as_str()) {
            key.push_str(" (all)");
        }
        key
    }

    /// The key of `channel` for a pixel; defines its template, and its fine bytes', if new.
    fn template(&mut self, channel: usize, pixel: &str) -> String {
        if let Some(coarse) = self.bytes.coarse[channel] {
            self.template(coarse, pixel);
            let base = self.template_of(coarse, pixel);
            let level = self.bytes.fine[coarse].iter().position(|fine| *fine == channel);
            let aliases = &self.templates[&base]["fineChannelAliases"];
            let alias = level.and_then(|level| aliases[level].as_str()).unwrap_or_default();
            return fill(alias, pixel).to_string();
        }
        let template = self.template_of(channel, pixel);
        if !self.templates.contains_key(&template) {
            let fine = self.fine_templates(channel, pixel, &template);
            let json = self.channel(channel, &fine, &template);
            self.templates.insert(template.clone(), json);
        }
        fill(&template, pixel).to_string()
    }

    /// The key of the template that is, or could be, what `channel` is at `pixel`.
    fn template_of(&self, channel: usize, pixel: &str) -> String {
        let name = self.key(channel);
        let mut template = heads::template(&name, pixel);
        let mut tried = 0;
        while let Some(there) = self.templates.get(&template) {
            let fine = self.fine_templates(channel, pixel, &template);
            if *there == self.plain_channel(channel, &fine, &template) {
                break;
            }
            tried += 1;
            let number = if tried == 1 { String::new() } else { format!(" ({tried})") };
            template = format!("{name}{number} {PIXEL_KEY}");
        }
        template
    }

    fn fine_templates(&self, channel: usize, pixel: &str, template: &str) -> Vec<String> {
        let fine = |&byte: &usize| {
            let own = heads::template(&self.key(byte), pixel);
            if own == template { format!("{own} fine") } else { own }
        };
        self.bytes.fine[channel].iter().map(fine).collect()
    }

    /// A channel under `key`, its wheel defined on the way.
    fn channel(&mut self, channel: usize, fine: &[String], key: &str) -> Value {
        let slots = &self.meanings[channel].slots;
        if !slots.is_empty() {
            let name = self.key(channel);
            let slots = slots.clone();
            self.wheels.entry(name).or_insert_with(|| json!({ "slots": slots }));
        }
        self.plain_channel(channel, fine, key)
    }

    fn plain_channel(&self, channel: usize, fine: &[String], key: &str) -> Value {
        let mut json = Map::new();
        if !fine.is_empty() {
            json.insert("fineChannelAliases".into(), json!(fine));
            json.insert("dmxValueResolution".into(), json!("8bit"));
        }
        let switches: Vec<_> = self.switches.iter().filter(|one| one.trigger == channel).collect();
        let default = self.definition.channels[channel].default;
        if let Some(default) = default.or((!switches.is_empty()).then_some(0)) {
            json.insert("defaultValue".into(), json!(default));
        }
        let wheel = self.key(channel);
        let mut capabilities = Vec::new();
        for (from, to, meaning, index) in &self.meanings[channel].ranges {
            let mut capability = Map::new();
            if (*from, *to) != (0, 255) {
                capability.insert("dmxRange".into(), json!([from, to]));
            }
            capability.extend(meaning.clone());
            if meaning.contains_key("slotNumber") && wheel != key {
                capability.insert("wheel".into(), json!(wheel));
            }
            if !switches.is_empty() {
                let target =
                    |one: &switch::Switch| index.map_or(one.usual, |index| one.targets[index]);
                let entry =
                    |one: &&switch::Switch| (one.key.clone(), json!(self.names[&target(one)]));
                let all: Map<String, Value> = switches.iter().map(entry).collect();
                capability.insert("switchChannels".into(), Value::Object(all));
            }
            capabilities.push(Value::Object(capability));
        }
        if capabilities.len() == 1 {
            json.extend(capabilities.pop().map(|one| ("capability".to_owned(), one)));
        } else {
            json.insert("capabilities".into(), Value::Array(capabilities));
        }
        Value::Object(json)
    }

    fn finish(self, modes: Vec<Value>) -> Value {
        let definition = self.definition;
        let mut json = Map::new();
        json.insert("name".into(), json!(definition.model));
        json.insert("categories".into(), json!([category(&definition.kind)]));
        let author = definition.author.as_deref().unwrap_or("QLC+");
        json.insert("meta".into(), json!({ "authors": [author] }));
        json.insert("comment".into(), json!("Made from a QLC+ fixture definition."));
        let physical = physical(&definition.physical);
        if !physical.is_empty() {
            json.insert("physical".into(), Value::Object(physical));
        }
        if !self.templates.is_empty() {
            let pixels: Vec<String> = self.pixels.into_iter().collect();
            json.insert("matrix".into(), heads::matrix(definition, &pixels));
        }
        if !self.wheels.is_empty() {
            json.insert("wheels".into(), Value::Object(self.wheels));
        }
        let groups = [("availableChannels", self.available), ("templateChannels", self.templates)];
        for (name, channels) in groups {
            if !channels.is_empty() {
                json.insert(name.into(), Value::Object(channels.into_iter().collect()));
            }
        }
        json.insert("modes".into(), Value::Array(modes));
        Value::Object(json)
    }
}

/// `name`, or one that no mode before has.
fn free_name(name: &str, number: usize, taken: &mut IndexSet<String>) -> String {
    let mut free = name.to_owned();
    if free.is_empty() || taken.contains(&free) {
        free = format!("{name} {number}").trim().to_owned();
    }
    while !taken.insert(free.clone()) {
        free.push_str(" *");
    }
    free
}

/// OFL's category for QLC+'s type.
fn category(kind: &str) -> &str {
    const SAME: &[&str] = &[
        "Color Changer",
        "Dimmer",
        "Effect",
        "Fan",
        "Flower",
        "Hazer",
        "Laser",
        "Moving Head",
        "Scanner",
        "Smoke",
        "Strobe",
    ];
    match kind {
        "LED Bar (Beams)" | "LED Bar (Pixels)" => "Pixel Bar",
        "LED Panel" => "Matrix",
        _ if SAME.contains(&kind) => kind,
        _ => "Other",
    }
}

/// OFL's name for QLC+'s connector.
fn connector(name: &str) -> Option<&'static str> {
    Some(match name {
        "3-pin" => "3-pin",
        "5-pin" => "5-pin",
        "3-pin and 5-pin" => "3-pin and 5-pin",
        "3-pin IP65" => "3-pin XLR IP65",
        "5-pin IP65" => "5-pin XLR IP65",
        "3.5 mm stereo jack" => "3.5mm stereo jack",
        _ => return None,
    })
}

fn physical(physical: &Physical) -> Map<String, Value> {
    let mut json = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        json.extend(value.map(|value| (name.to_owned(), value)));
    };
    put("dimensions", physical.dimensions.map(|sides| json!(sides.map(number))));
    put("weight", physical.weight.map(number));
    put("power", physical.power.map(number));
    put("DMXconnector", physical.connector.as_deref().and_then(connector).map(Value::from));
    let mut bulb = Map::new();
    bulb.extend(physical.bulb.clone().map(|kind| ("type".to_owned(), json!(kind))));
    let kelvin = physical.color_temperature.map(number);
    bulb.extend(kelvin.map(|kelvin| ("colorTemperature".to_owned(), kelvin)));
    bulb.extend(physical.lumens.map(|lumens| ("lumens".to_owned(), number(lumens))));
    put("bulb", (!bulb.is_empty()).then_some(Value::Object(bulb)));
    let mut lens = Map::new();
    let named = physical.lens.clone().filter(|name| name != "Other");
    lens.extend(named.map(|name| ("name".to_owned(), json!(name))));
    let beam = physical.beam_deg.filter(|(_, wide)| *wide <= 360.0);
    let beam = beam.map(|(narrow, wide)| json!([number(narrow), number(wide)]));
    lens.extend(beam.map(|beam| ("degreesMinMax".to_owned(), beam)));
    put("lens", (!lens.is_empty()).then_some(Value::Object(lens)));
    json
}

/// A number as people write it: `240`, not `240.0`.
fn number(number: f64) -> Value {
    let whole = number as i64;
    if whole as f64 == number { json!(whole) } else { json!(number) }
}
