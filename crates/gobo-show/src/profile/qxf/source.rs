//! A QLC+ fixture definition as its XML has it. Reads; guesses nothing.

use std::ops::Range;
use std::sync::Arc;

use roxmltree::{Document, Node, ParsingOptions};

use super::words;
use crate::diagnostic::{Diagnostic, Place, Spot};

/// The most XML nodes that a definition may have; the largest known has under 20,000.
const MOST_NODES: u32 = 500_000;

/// The group of a smoke machine's output; QLC+ calls it an intensity.
pub(super) const FOG: &str = "Fog";
/// The group of a smoke machine's fan; QLC+ calls it an intensity or a speed.
pub(super) const FAN: &str = "Fan";

/// A fixture definition.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) manufacturer: String,
    pub(super) model: String,
    pub(super) kind: String,
    pub(super) author: Option<String>,
    pub(super) channels: Vec<Channel>,
    pub(super) modes: Vec<Mode>,
    pub(super) physical: Physical,
}

/// A channel.
#[derive(Clone, Debug, Default)]
pub(super) struct Channel {
    pub(super) name: String,
    /// What all of it is, by one of QLC+'s names.
    pub(super) preset: Option<String>,
    pub(super) default: Option<u8>,
    /// What it belongs to: `Intensity`, `Pan`.
    pub(super) group: String,
    /// 0 is the coarse byte, 1 the fine one.
    pub(super) byte: u8,
    pub(super) color: Option<String>,
    pub(super) capabilities: Vec<Capability>,
    pub(super) bytes: Range<usize>,
}

/// A range of a channel's values.
#[derive(Clone, Debug, Default)]
pub(super) struct Capability {
    pub(super) from: u8,
    pub(super) to: u8,
    pub(super) preset: Option<String>,
    /// What the preset needs to know: a colour, a picture, a frequency.
    pub(super) resources: Vec<String>,
    pub(super) name: String,
    pub(super) aliases: Vec<Alias>,
}

/// While its capability is on, another channel takes the place of one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Alias {
    pub(super) mode: String,
    pub(super) channel: String,
    pub(super) with: String,
}

/// A mode.
#[derive(Debug)]
pub(super) struct Mode {
    pub(super) name: String,
    /// The name of the channel on each slot.
    pub(super) channels: Vec<String>,
    /// The slots of each head.
    pub(super) heads: Vec<Vec<usize>>,
    pub(super) bytes: Range<usize>,
    /// Columns and rows of its heads, where it has a body of its own.
    pub(super) layout: Option<(u32, u32)>,
}

/// The fixture's body. What is 0 in the file is not known.
#[derive(Clone, Debug, Default)]
pub(super) struct Physical {
    /// Width, height, depth, in millimetres.
    pub(super) dimensions: Option<[f64; 3]>,
    pub(super) weight: Option<f64>,
    pub(super) power: Option<f64>,
    pub(super) connector: Option<String>,
    pub(super) bulb: Option<String>,
    pub(super) lumens: Option<f64>,
    pub(super) color_temperature: Option<f64>,
    pub(super) lens: Option<String>,
    pub(super) beam_deg: Option<(f64, f64)>,
    pub(super) pan_deg: Option<f64>,
    pub(super) tilt_deg: Option<f64>,
    /// Columns and rows of its heads.
    pub(super) layout: Option<(u32, u32)>,
}

/// Reads `text`; `None`, with the reason said, when it is no fixture definition.
pub(super) fn read(
    file: &Arc<str>,
    text: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Definition> {
    let options =
        ParsingOptions { allow_dtd: true, nodes_limit: MOST_NODES, entity_resolver: None };
    let document = match Document::parse_with_options(text, options) {
        Ok(document) => document,
        Err(error) => {
            let at = offset(text, error.pos());
            let message = format!("this is not XML: {error}");
            diagnostics.push(Diagnostic::error("syntax", place(file, at..at), message));
            return None;
        }
    };
    let root = document.root_element();
    let mut refuse = |code, message| {
        diagnostics.push(Diagnostic::error(code, place(file, root.range()), message));
    };
    if root.tag_name().name() != "FixtureDefinition" {
        let found = root.tag_name().name();
        let message = format!("expected a QLC+ `FixtureDefinition`, found `{found}`");
        refuse("not-a-definition", message);
        return None;
    }
    let mut needed = |name: &str| {
        let text = child(root, name).map(content).filter(|text| !text.is_empty());
        if text.is_none() {
            refuse("missing-key", format!("the definition has no `{name}`"));
        }
        text
    };
    let (manufacturer, model) = (needed("Manufacturer"), needed("Model"));
    Some(read_definition(root, manufacturer?, model?))
}

fn read_definition(root: Node<'_, '_>, manufacturer: String, model: String) -> Definition {
    let author = child(root, "Creator").and_then(|creator| child(creator, "Author")).map(content);
    let kind = child(root, "Type").map(content).unwrap_or_default();
    let mut channels: Vec<Channel> = children(root, "Channel").map(read_channel).collect();
    if matches!(kind.as_str(), "Smoke" | "Hazer") {
        channels.iter_mut().for_each(tell_fog_from_light);
    }
    Definition {
        manufacturer,
        model,
        kind,
        author: author.filter(|author| !author.is_empty()),
        channels,
        modes: children(root, "Mode").map(read_mode).collect(),
        physical: child(root, "Physical").map(read_physical).unwrap_or_default(),
    }
}

/// The place of some bytes of the file.
pub(super) fn place(file: &Arc<str>, bytes: Range<usize>) -> Place {
    let spot = Spot::Bytes { start: bytes.start, end: bytes.end };
    Place { file: file.clone(), spot }
}

/// The byte at a row and column (both from 1, columns in characters).
fn offset(text: &str, at: roxmltree::TextPos) -> usize {
    let row = at.row.saturating_sub(1) as usize;
    let line: usize = text.split_inclusive('\n').take(row).map(str::len).sum();
    let rest = text.get(line..).unwrap_or_default();
    let column = at.col.saturating_sub(1) as usize;
    line + rest.char_indices().nth(column).map_or(rest.len(), |(byte, _)| byte)
}

fn children<'a, 'i: 'a>(
    node: Node<'a, 'i>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |child| child.is_element() && child.tag_name().name() == name)
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.is_element() && child.tag_name().name() == name)
}

/// The first text of a node, white space joined.
fn content(node: Node<'_, '_>) -> String {
    let words: Vec<_> = node.text().unwrap_or_default().split_whitespace().collect();
    words.join(" ")
}

fn attribute(node: Node<'_, '_>, name: &str) -> Option<String> {
    node.attribute(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A number above 0.
fn amount(node: Option<Node<'_, '_>>, name: &str) -> Option<f64> {
    let number: f64 = node?.attribute(name)?.trim().parse().ok()?;
    Some(number).filter(|number| number.is_finite() && *number > 0.0)
}

fn read_channel(node: Node<'_, '_>) -> Channel {
    let group = child(node, "Group");
    let byte = group.and_then(|group| group.attribute("Byte")?.parse().ok());
    Channel {
        name: attribute(node, "Name").unwrap_or_default(),
        preset: attribute(node, "Preset").filter(|preset| preset != "Custom"),
        default: attribute(node, "Default").and_then(|value| value.parse().ok()),
        group: group.map(content).unwrap_or_default(),
        byte: byte.unwrap_or(0),
        color: child(node, "Colour").map(content),
        capabilities: children(node, "Capability").filter_map(read_capability).collect(),
        bytes: node.range(),
    }
}

/// Gives an intensity that is none of light the group of what it is: no dimmer may start the fog.
fn tell_fog_from_light(channel: &mut Channel) {
    let dimmer =
        matches!(channel.preset.as_deref(), Some("IntensityDimmer" | "IntensityMasterDimmer"));
    let intensity = channel.group == "Intensity" && channel.color.is_none();
    if dimmer || intensity && channel.preset.is_none() {
        let group = if words::is_fan(&channel.name) { FAN } else { FOG };
        channel.group = group.to_owned();
        channel.preset = None;
    }
}

fn read_capability(node: Node<'_, '_>) -> Option<Capability> {
    let value = |name| node.attribute(name)?.trim().parse().ok();
    let resources = ["Res1", "Res2", "Res", "Color", "Color2"];
    let alias = |alias: Node<'_, '_>| {
        Some(Alias {
            mode: attribute(alias, "Mode")?,
            channel: attribute(alias, "Channel")?,
            with: attribute(alias, "With")?,
        })
    };
    Some(Capability {
        from: value("Min")?,
        to: value("Max")?,
        preset: attribute(node, "Preset"),
        resources: resources.iter().filter_map(|name| attribute(node, name)).collect(),
        name: content(node),
        aliases: children(node, "Alias").filter_map(alias).collect(),
    })
}

fn read_mode(node: Node<'_, '_>) -> Mode {
    let mut numbered: Vec<(usize, String)> = children(node, "Channel")
        .enumerate()
        .map(|(index, channel)| {
            let number = channel.attribute("Number").and_then(|number| number.trim().parse().ok());
            (number.unwrap_or(index), content(channel))
        })
        .collect();
    numbered.sort_by_key(|(number, _)| *number);
    let head = |head: Node<'_, '_>| {
        children(head, "Channel").filter_map(|slot| content(slot).parse().ok()).collect()
    };
    Mode {
        name: attribute(node, "Name").unwrap_or_default(),
        channels: numbered.into_iter().map(|(_, name)| name).collect(),
        heads: children(node, "Head").map(head).collect(),
        bytes: node.range(),
        layout: child(node, "Physical").and_then(read_layout),
    }
}

fn read_layout(physical: Node<'_, '_>) -> Option<(u32, u32)> {
    let layout = child(physical, "Layout")?;
    let side = |name| layout.attribute(name)?.parse().ok().filter(|side| (1..=1024).contains(side));
    Some((side("Width")?, side("Height")?))
}

fn read_physical(node: Node<'_, '_>) -> Physical {
    let part = |name| child(node, name);
    let (bulb, size, lens) = (part("Bulb"), part("Dimensions"), part("Lens"));
    let (focus, technical) = (part("Focus"), part("Technical"));
    let sides = ["Width", "Height", "Depth"].map(|side| amount(size, side));
    let text = |node: Option<Node<'_, '_>>, name| node.and_then(|node| attribute(node, name));
    let narrow = lens.and_then(|lens| lens.attribute("DegreesMin")?.trim().parse::<f64>().ok());
    let wide = amount(lens, "DegreesMax");
    Physical {
        dimensions: match sides {
            [Some(width), Some(height), Some(depth)] => Some([width, height, depth]),
            _ => None,
        },
        weight: amount(size, "Weight"),
        power: amount(technical, "PowerConsumption"),
        connector: text(technical, "DmxConnector"),
        bulb: text(bulb, "Type"),
        lumens: amount(bulb, "Lumens"),
        color_temperature: amount(bulb, "ColourTemperature"),
        lens: text(lens, "Name"),
        beam_deg: narrow.zip(wide).filter(|(narrow, wide)| (0.0..=*wide).contains(narrow)),
        pan_deg: amount(focus, "PanMax"),
        tilt_deg: amount(focus, "TiltMax"),
        layout: read_layout(node),
    }
}
