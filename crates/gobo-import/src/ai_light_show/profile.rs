//! Templates as profiles in the Open Fixture Library's format.

use serde_json::{Map, Value, json};

use super::rig::Template;

/// A template as a profile with one mode.
pub(super) fn profile(template: &Template) -> String {
    let mut channels = Map::new();
    for (name, _) in &template.channels {
        if !is_fine(name, template) {
            channels.insert(name.clone(), channel(name, template));
        }
    }
    let footprint = template.footprint();
    let slots = (0..footprint).map(|slot| {
        let name = template.channels.iter().find(|(_, offset)| *offset == slot);
        name.map_or(Value::Null, |(name, _)| json!(name))
    });
    let profile = json!({
        "name": template.id,
        "categories": [if template.is_head { "Moving Head" } else { "Color Changer" }],
        "meta": {
            "authors": ["imported from an AI Light Show"],
            "createDate": "2026-01-01",
            "lastModifyDate": "2026-01-01",
        },
        "availableChannels": channels,
        "modes": [{ "name": format!("{footprint}-channel"), "channels": slots.collect::<Vec<_>>() }],
    });
    format!("{profile:#}\n")
}

/// The values before any cue, by channel: of 255, whatever the channel's width.
pub(super) fn armed(template: &Template) -> Vec<(String, f64)> {
    let mut armed: Vec<(String, f64)> = Vec::new();
    let byte = |name: &str| template.arm.iter().rev().find(|(known, _)| known == name);
    for (name, _) in &template.channels {
        if is_fine(name, template) {
            continue;
        }
        let fine = fine_of(name, template);
        let coarse = byte(name).map(|(_, value)| *value);
        let fine = fine.map(|fine| byte(fine).map(|(_, value)| *value));
        match (coarse, fine) {
            (Some(value), None) => armed.push((name.clone(), f64::from(value))),
            (coarse, Some(fine)) if coarse.or(fine).is_some() => {
                let joined = u16::from_be_bytes([coarse.unwrap_or(0), fine.unwrap_or(0)]);
                armed.push((name.clone(), f64::from(joined) * 255.0 / 65_535.0));
            }
            _ => {}
        }
    }
    armed
}

/// The fine channel of a coarse one.
fn fine_of<'a>(name: &str, template: &'a Template) -> Option<&'a str> {
    let axes = [&template.pan, &template.tilt];
    axes.into_iter().flatten().find(|pair| pair[0] == name).map(|pair| &*pair[1])
}

fn is_fine(name: &str, template: &Template) -> bool {
    [&template.pan, &template.tilt].into_iter().flatten().any(|pair| pair[1] == name)
}

fn channel(name: &str, template: &Template) -> Value {
    let is = |role: &Option<String>| role.as_deref() == Some(name);
    let whole = |capability: Value| json!({ "defaultValue": 0, "capability": capability });
    let axis = |kind: &str, pair: &Option<[String; 2]>, end: &str| {
        let [coarse, fine] = pair.as_ref()?;
        let capability = json!({ "type": kind, "angleStart": "0deg", "angleEnd": end });
        (coarse == name).then(
            || json!({ "fineChannelAliases": [fine], "defaultValue": 0, "capability": capability }),
        )
    };
    if let Some(pan) = axis("Pan", &template.pan, "540deg") {
        return pan;
    }
    if let Some(tilt) = axis("Tilt", &template.tilt, "270deg") {
        return tilt;
    }
    if is(&template.dimmer) {
        return whole(json!({ "type": "Intensity" }));
    }
    let color = template.colors.iter().position(|color| color == name);
    if let Some(color) = color.and_then(|index| ["Red", "Green", "Blue"].get(index)) {
        return whole(json!({ "type": "ColorIntensity", "color": color }));
    }
    if is(&template.shutter) {
        return several(&json!([
            { "dmxRange": [0, 254], "type": "ShutterStrobe", "shutterEffect": "Closed" },
            { "dmxRange": [255, 255], "type": "ShutterStrobe", "shutterEffect": "Open" },
        ]));
    }
    if is(&template.strobe) {
        return several(&json!([
            { "dmxRange": [0, 10], "type": "ShutterStrobe", "shutterEffect": "Open" },
            { "dmxRange": [11, 255], "type": "ShutterStrobe", "shutterEffect": "Strobe" },
        ]));
    }
    let labels = template.labels.iter().find(|(known, _)| known == name);
    match labels.filter(|(_, labels)| !labels.is_empty()) {
        Some((_, labels)) => several(&ranges(labels, name == "color")),
        None => whole(json!({ "type": "Generic" })),
    }
}

fn several(capabilities: &Value) -> Value {
    json!({ "defaultValue": 0, "capabilities": capabilities })
}

/// Each label from its value up to the next one's.
fn ranges(labels: &[(u8, String)], are_colors: bool) -> Value {
    let mut ranges = Vec::new();
    if let Some(first) = labels.first().filter(|label| label.0 > 0) {
        ranges.push(json!({ "dmxRange": [0, first.0 - 1], "type": "NoFunction" }));
    }
    for (index, (from, label)) in labels.iter().enumerate() {
        let to = labels.get(index + 1).map_or(255, |next| next.0 - 1);
        let color = color(label).filter(|_| are_colors);
        ranges.push(match color {
            Some(color) => json!({
                "dmxRange": [from, to], "type": "ColorPreset", "comment": label, "colors": [color],
            }),
            None => json!({ "dmxRange": [from, to], "type": "Generic", "comment": label }),
        });
    }
    ranges.into()
}

/// The colour that a wheel's label means.
fn color(label: &str) -> Option<String> {
    let label = label.to_lowercase();
    let name = if label.contains("white") || label.contains("open") { "white" } else { &label };
    let color: gobo_show::value::Color = name.parse().ok()?;
    let byte = |part: f64| (part * 255.0).round() as u8;
    Some(format!("#{:02x}{:02x}{:02x}", byte(color.red), byte(color.green), byte(color.blue)))
}
