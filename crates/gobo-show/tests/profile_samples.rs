//! Every sample of the Open Fixture Library and of QLC+ loads, in every mode. The samples lie
//! beside the repository and are read in place; without them these tests say so and pass.
#![allow(clippy::print_stderr)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gobo_show::Severity;
use gobo_show::profile::{Profile, ProfileFile, import_qxf};
use gobo_show::rig::{Capability, Channel, Function};
use gobo_show::world::Source;
use serde_json::Value;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");

/// The files below `folder` of the sample data that end in `.extension`; none when absent.
fn samples(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(DATA).join(folder)];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        for path in entries.map(|entry| entry.path()) {
            match path.extension() {
                None => folders.push(path),
                Some(found) if found == extension => files.push(path),
                Some(_) => {}
            }
        }
    }
    if files.is_empty() {
        eprintln!("SKIPPED: there are no samples in {DATA}/{folder}");
    }
    files.sort();
    files
}

fn source(path: &Path) -> Source {
    let text = fs::read_to_string(path).expect("a readable sample");
    Source { path: path.display().to_string().into(), text: Arc::from(text) }
}

/// The profile in `source`; no error may be said of it. `None` is a redirect.
fn load(source: &Source) -> Option<Profile> {
    let (file, diagnostics) = Profile::parse(source);
    let errors: Vec<_> = diagnostics.iter().filter(|one| one.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{}: {errors:#?}", source.path);
    match file.expect("a profile or a redirect") {
        ProfileFile::Profile(profile) => Some(*profile),
        ProfileFile::Redirect(_) => None,
    }
}

/// How many pixels `matrix` has, and how many groups.
fn counts(matrix: &Value) -> (usize, usize) {
    fn leaves(value: &Value) -> usize {
        match value {
            Value::Array(items) => items.iter().map(leaves).sum(),
            Value::Null => 0,
            _ => 1,
        }
    }
    let pixels = match &matrix["pixelKeys"] {
        Value::Null => {
            let sizes = matrix["pixelCount"].as_array().into_iter().flatten();
            sizes.filter_map(Value::as_u64).product::<u64>() as usize
        }
        keys => leaves(keys),
    };
    (pixels, matrix["pixelGroups"].as_object().map_or(0, serde_json::Map::len))
}

/// The footprint of a mode, counted from the JSON alone.
fn footprint(profile: &Value, mode: &Value) -> usize {
    let (pixels, groups) = counts(&profile["matrix"]);
    let length = |value: &Value| value.as_array().map_or(0, Vec::len);
    let channels = mode["channels"].as_array().expect("channels");
    let slots = channels.iter().map(|channel| match channel {
        Value::Object(insert) => {
            let times = match &insert["repeatFor"] {
                Value::String(order) if order == "eachPixelGroup" => groups,
                Value::String(_) => pixels,
                list => length(list),
            };
            times * length(&insert["templateChannels"])
        }
        _ => 1,
    });
    slots.sum()
}

/// Checks what must hold of every patched mode.
fn check_mode(profile: &Profile, mode: &str, footprint: usize) {
    let patched = profile.patch(mode).expect("the mode");
    assert_eq!(usize::from(patched.footprint), footprint, "{mode}");
    assert!(!patched.heads.is_empty());
    let mut taken = vec![false; footprint];
    for channel in &patched.channels {
        for &slot in &channel.slots {
            assert!(!std::mem::replace(&mut taken[usize::from(slot)], true), "{}", channel.key);
        }
        assert!(channel.head.is_none_or(|head| (head as usize) < patched.heads.len()));
        assert!(channel.default <= channel.max() && channel.highlight <= channel.max());
        check_function(channel, &patched.channels);
    }
    let named = profile.mode(mode).expect("the mode").channels();
    for (slot, (key, taken)) in named.zip(&taken).enumerate() {
        assert_eq!(key.is_some(), *taken, "{mode}: slot {slot} ({key:?})");
    }
}

fn check_function(channel: &Channel, all: &[Channel]) {
    match &channel.function {
        Function::Fixed(capabilities) => check_ranges(channel, capabilities),
        Function::Switched { trigger, cases } => {
            let trigger = &all[*trigger as usize];
            assert_eq!(cases.first().map(|case| case.from), Some(0), "{}", channel.key);
            assert_eq!(cases.last().map(|case| case.to), Some(trigger.max()), "{}", channel.key);
            for pair in cases.windows(2) {
                assert_eq!(pair[0].to + 1, pair[1].from, "{}", channel.key);
            }
            for case in cases {
                check_ranges(channel, &case.capabilities);
            }
        }
    }
}

/// The capabilities cover the channel without a gap: so do all samples.
fn check_ranges(channel: &Channel, capabilities: &[Capability]) {
    assert_eq!(capabilities.first().map(|one| one.from), Some(0), "{}", channel.key);
    let last = capabilities.last().map(|one| one.to);
    assert_eq!(last, Some(channel.max()), "{}: {capabilities:#?}", channel.key);
    for pair in capabilities.windows(2) {
        assert!(pair[0].from <= pair[0].to && pair[0].to + 1 == pair[1].from, "{}", channel.key);
    }
}

/// A mode that repeats channels for each pixel has each pixel for a head.
fn check_heads(profile: &Profile, json: &Value, mode: &Value) {
    let channels = mode["channels"].as_array().expect("channels");
    let orders = channels.iter().filter_map(|channel| channel["repeatFor"].as_str());
    if orders.filter(|order| *order != "eachPixelGroup").count() > 0 {
        let name = mode["name"].as_str().expect("a name");
        let heads = profile.patch(name).expect("the mode").heads.len();
        assert_eq!(heads, counts(&json["matrix"]).0, "{name}");
    }
}

#[test]
fn every_ofl_sample_loads_in_every_mode() {
    for path in samples("ofl/fixtures", "json") {
        if path.ends_with("manufacturers.json") {
            continue;
        }
        let source = source(&path);
        let Some(profile) = load(&source) else { continue };
        let json: Value = serde_json::from_str(&source.text).expect("JSON");
        let named = json["modes"].as_array().expect("modes");
        assert_eq!(profile.modes().len(), named.len(), "{}", source.path);
        for mode in named {
            let name = mode["name"].as_str().expect("a name");
            check_mode(&profile, name, footprint(&json, mode));
            check_heads(&profile, &json, mode);
        }
    }
}

/// Types of capability that no attribute of a look stands for: presets reach them by name.
const BY_PRESET: &[&str] = &[
    "BeamPosition",
    "BladeInsertion",
    "BladeRotation",
    "BladeSystemRotation",
    "Effect",
    "EffectDuration",
    "EffectParameter",
    "FogType",
    "FrostEffect",
    "IrisEffect",
    "Maintenance",
    "PanContinuous",
    "Rotation",
    "SoundSensitivity",
    "StrobeDuration",
    "TiltContinuous",
    "Time",
    "WheelRotation",
    "WheelShake",
    "WheelSlotRotation",
];

/// `WheelShake` and its like, with the words that the file has for it.
fn named(capability: &Value) -> Option<(&str, String)> {
    let kind = capability["type"].as_str().filter(|kind| BY_PRESET.contains(kind))?;
    let words = ["effectName", "effectPreset", "fogType"];
    let own = || words.iter().find_map(|word| capability[*word].as_str());
    let comment = capability["comment"].as_str();
    let name = match kind {
        "Effect" | "IrisEffect" | "FrostEffect" => own().or(comment),
        _ => comment.or_else(own),
    };
    let spaced = kind.chars().fold(String::new(), |words, letter| match letter {
        'A'..='Z' => format!("{words} {letter}"),
        _ => format!("{words}{letter}"),
    });
    Some((kind, name.map_or(spaced, str::to_owned)))
}

#[test]
fn every_feature_is_reached_by_name() {
    let mut reached = 0;
    let files = samples("ofl/fixtures", "json");
    for path in files.iter().filter(|path| !path.ends_with("manufacturers.json")) {
        let source = source(path);
        let Some(profile) = load(&source) else { continue };
        let json: Value = serde_json::from_str(&source.text).expect("JSON");
        let patched = profile.modes().iter().filter_map(|mode| profile.patch(&mode.name));
        let patched: Vec<_> = patched.collect();
        let channels = || patched.iter().flat_map(|mode| &mode.channels);
        for (key, channel) in json["availableChannels"].as_object().into_iter().flatten() {
            let several = channel["capabilities"].as_array().into_iter().flatten();
            for capability in several.chain(channel.get("capability")) {
                let Some((kind, name)) = named(capability) else { continue };
                // A channel that no mode has, or only under a switching alias, is not asked for.
                for found in channels().filter(|found| *found.key == **key) {
                    assert!(found.goes_by(key), "{}: {key}", source.path);
                    let preset = found.preset(&name);
                    assert!(preset.is_some(), "{}: {key}: {kind} `{name}`", source.path);
                    reached += 1;
                }
            }
        }
    }
    assert!(files.is_empty() || reached > 100, "{reached}");
}

/// A mode of a QLC+ definition, read from its XML alone.
struct QxfMode {
    name: String,
    channels: Vec<String>,
    /// How many heads have a slot that no other head has.
    heads: usize,
}

fn qxf_modes(text: &str) -> Vec<QxfMode> {
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(text, options).expect("XML");
    let modes = document.root_element().children().filter(|node| node.has_tag_name("Mode"));
    modes.map(qxf_mode).collect()
}

fn qxf_mode(mode: roxmltree::Node<'_, '_>) -> QxfMode {
    let text = |node: roxmltree::Node<'_, '_>| node.text().unwrap_or_default().to_owned();
    let channels = mode.children().filter(|node| node.attribute("Number").is_some());
    let heads = mode.children().filter(|node| node.has_tag_name("Head"));
    let slots = |head: roxmltree::Node<'_, '_>| -> Vec<String> {
        head.children().filter(roxmltree::Node::is_element).map(text).collect()
    };
    let heads: Vec<Vec<String>> = heads.map(slots).collect();
    let owners = |slot: &String| heads.iter().filter(|head| head.contains(slot)).count();
    QxfMode {
        name: mode.attribute("Name").unwrap_or_default().trim().to_owned(),
        channels: channels.map(text).collect(),
        heads: heads.iter().filter(|head| head.iter().any(|slot| owners(slot) == 1)).count(),
    }
}

/// Whether `key` is `name`, `name` with the number of its pixel put in another place, or what
/// switches between `name` and others.
fn is_called(key: &str, name: &str) -> bool {
    let letters = |text: &str| -> String {
        text.chars().filter(|c| !c.is_ascii_digit() && !c.is_whitespace()).collect()
    };
    key == name || letters(key) == letters(name) || key.starts_with(&format!("{name} / "))
}

#[test]
fn every_qxf_sample_becomes_a_profile_that_loads_in_every_mode() {
    for path in samples("qxf", "qxf") {
        let definition = source(&path);
        let (imported, diagnostics) = import_qxf(&definition.text, &definition.path);
        let errors: Vec<_> =
            diagnostics.iter().filter(|one| one.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", definition.path);
        let imported = imported.expect("a profile");
        let path = imported.path();
        assert!(path.starts_with("fixtures/profiles/") && path.ends_with(".json"), "{path}");
        let made = Source { path: path.into(), text: imported.json.into() };
        let profile = load(&made).expect("no redirect");
        let modes = qxf_modes(&definition.text);
        assert_eq!(profile.modes().len(), modes.len(), "{}", made.path);
        for (mode, wanted) in profile.modes().iter().zip(&modes) {
            assert_eq!(mode.name, wanted.name, "{}", made.path);
            check_mode(&profile, &mode.name, wanted.channels.len());
            if wanted.heads > 1 {
                let heads = profile.patch(&mode.name).expect("the mode").heads.len();
                assert_eq!(heads, wanted.heads, "{}: {}", made.path, mode.name);
            }
            for (key, name) in mode.channels().zip(&wanted.channels) {
                let key = key.expect("a channel");
                assert!(is_called(key, name), "{}: `{key}` of `{name}`", made.path);
            }
        }
    }
}
