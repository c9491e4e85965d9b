//! The models beside a sequence: `xlights_rgbeffects.xml` and `xlights_networks.xml`.

use std::sync::Arc;

use gobo_show::Source;
use gobo_show::diagnostic::{Diagnostic, Place};
use indexmap::IndexMap;
use roxmltree::Node;
use serde_json::{Value, json};

use crate::native::number;
use crate::xml;

/// Models and groups by name, and the universes in their order.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) models: IndexMap<String, Model>,
    /// The members of each group.
    pub(super) groups: IndexMap<String, Vec<String>>,
    pub(super) universes: Vec<Universe>,
}

/// A model.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) nodes: u32,
    /// The colours of a node, `RGB`.
    pub(super) order: String,
    /// How it is laid out; a line when `None`.
    pub(super) layout: Option<Value>,
    /// In metres.
    pub(super) position: Option<[f64; 3]>,
    pub(super) start: String,
    /// The nodes of each submodel, as ranges from 1.
    pub(super) parts: IndexMap<String, Vec<(u32, u32)>>,
    /// What of it is laid out in another way.
    pub(super) remark: Option<String>,
    pub(super) place: Place,
}

/// A universe on the wire.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Universe {
    pub(super) controller: String,
    pub(super) number: u32,
    pub(super) channels: u32,
    pub(super) protocol: String,
    pub(super) ip: String,
}

/// Metres between two nodes that lie next to each other.
const SPACING: f64 = 0.05;
/// Units of xLights' room to a metre: it counts centimetres.
const METRE: f64 = 100.0;
/// The most nodes that a model may have.
const NODES: u64 = 65_535;

/// Reads the models.
pub(super) fn models(source: &Source, layout: &mut Layout) -> Result<(), Diagnostic> {
    let document = xml::parse(source)?;
    let root = document.root_element();
    for node in xml::child(root, "models").into_iter().flat_map(|list| xml::children(list, "model"))
    {
        if let Some(name) = node.attribute("name") {
            layout.models.insert(name.to_owned(), model(node, &source.path));
        }
    }
    let groups = xml::child(root, "modelGroups").into_iter();
    for node in groups.flat_map(|list| xml::children(list, "modelGroup")) {
        let members = node.attribute("models").unwrap_or_default();
        let members = members.split(',').map(str::trim).filter(|name| !name.is_empty());
        if let Some(name) = node.attribute("name") {
            layout.groups.insert(name.to_owned(), members.map(str::to_owned).collect());
        }
    }
    Ok(())
}

/// Reads the universes.
pub(super) fn networks(source: &Source, layout: &mut Layout) -> Result<(), Diagnostic> {
    let document = xml::parse(source)?;
    let root = document.root_element();
    // Older files have no controllers.
    let controllers = xml::children(root, "Controller").chain(std::iter::once(root));
    for controller in controllers {
        let name = controller.attribute("Name").unwrap_or_default();
        for network in xml::children(controller, "network") {
            let text = |names: &[&str]| {
                let of = |node: Node<'_, '_>| {
                    names.iter().find_map(|name| node.attribute(*name).map(str::to_owned))
                };
                of(network).or_else(|| of(controller)).unwrap_or_default()
            };
            let number: u32 = text(&["BaudRate"]).parse().unwrap_or(0);
            let universe = Universe {
                controller: name.to_owned(),
                number,
                channels: text(&["MaxChannels"]).parse().unwrap_or(512),
                protocol: text(&["NetworkType", "Protocol"]),
                ip: text(&["ComPort", "IP"]),
            };
            if (1..=63_999).contains(&number) && (1..=512).contains(&universe.channels) {
                layout.universes.push(universe);
            }
        }
    }
    Ok(())
}

/// What a model's start channel means: an index into the universes, and the address in it.
pub(super) fn address(start: &str, universes: &[Universe]) -> Option<(usize, u32)> {
    let (mut first, channel) = match start.strip_prefix('!') {
        Some(rest) => {
            let (name, channel) = rest.rsplit_once(':')?;
            (universes.iter().position(|universe| universe.controller == name)?, channel)
        }
        None => match start.strip_prefix('#') {
            Some(rest) => {
                // `#universe:channel`, or with an address before it.
                let (before, channel) = rest.rsplit_once(':')?;
                let number = before.rsplit(':').next()?.trim().parse::<u32>().ok()?;
                (universes.iter().position(|universe| universe.number == number)?, channel)
            }
            None => (0, start),
        },
    };
    let mut channel = channel.trim().parse::<u32>().ok()?.checked_sub(1)?;
    while channel >= universes.get(first)?.channels {
        channel -= universes[first].channels;
        first += 1;
    }
    Some((first, channel + 1))
}

fn model(node: Node<'_, '_>, file: &Arc<str>) -> Model {
    let count = |names: &[&str]| {
        let found = names.iter().find_map(|name| xml::attribute::<u64>(node, name));
        found.unwrap_or(1).clamp(1, NODES)
    };
    let sides = [
        count(&["parm1", "NumStrings", "NumArches"]),
        count(&["parm2", "NodesPerString", "NodesPerArch"]),
        count(&["parm3", "StrandsPerString"]),
    ];
    let kind = node.attribute("DisplayAs").unwrap_or_default();
    let (nodes, layout, remark) = shape(node, kind, sides);
    let letters: String = node.attribute("StringType").unwrap_or("RGB Nodes").to_uppercase();
    let once = |word: &str| word.chars().all(|c| word.matches(c).count() == 1);
    let order = letters
        .split_whitespace()
        .find(|word| word.chars().all(|c| "RGBW".contains(c)) && word.len() > 2 && once(word));
    let single = letters.starts_with("SINGLE COLOR") || letters.starts_with("NODE SINGLE");
    let metres = |name| xml::attribute::<f64>(node, name).map(|place| place / METRE);
    let position = match (metres("WorldPosX"), metres("WorldPosY"), metres("WorldPosZ")) {
        (Some(x), Some(y), z) => Some([x, z.unwrap_or(0.0), y]),
        _ => None,
    };
    let part = |part: Node<'_, '_>| Some((part.attribute("name")?.to_owned(), ranges(part, nodes)));
    Model {
        nodes,
        order: if single { "W".to_owned() } else { order.unwrap_or("RGB").to_owned() },
        layout,
        position: position.filter(|place| place.iter().all(|side| side.abs() < 1e5)),
        start: node.attribute("StartChannel").unwrap_or_default().to_owned(),
        parts: xml::children(node, "subModel").filter_map(part).collect(),
        remark,
        place: xml::place(file, node),
    }
}

/// How many nodes a model has, how they are laid out, and what is not as it was.
fn shape(node: Node<'_, '_>, kind: &str, sides: [u64; 3]) -> (u32, Option<Value>, Option<String>) {
    let [strings, per_string, strands] = sides;
    let all = (strings * per_string).min(NODES) as u32;
    let is_matrix =
        kind.contains("Matrix") || kind.starts_with("Tree") || matches!(kind, "Sphere" | "Cube");
    if kind == "Custom" {
        return match custom(node) {
            Some((nodes, layout)) => (nodes, Some(layout), None),
            None => (all, None, Some("has no grid that can be read: it is a line".to_owned())),
        };
    }
    if is_matrix {
        let (across, along) = (strings * strands, (per_string / strands).max(1));
        let nodes = (across * along).min(NODES) as u32;
        let upright = !kind.starts_with("Horiz");
        let bottom = node.attribute("StartSide") != Some("T");
        let right = node.attribute("Dir") == Some("R");
        let corner = match (bottom, right) {
            (true, false) => "bottom-left",
            (true, true) => "bottom-right",
            (false, false) => "top-left",
            (false, true) => "top-right",
        };
        let (columns, rows) = if upright { (across, along) } else { (along, across) };
        let layout = json!({
            "shape": "matrix", "columns": columns, "rows": rows, "vertical": upright,
            "serpentine": strands > 1, "start": corner, "spacing": SPACING,
        });
        let flat = !kind.contains("Matrix");
        let remark = flat.then(|| "is laid flat as a matrix, as its effects see it".to_owned());
        let whole = columns * rows == u64::from(nodes);
        return (nodes, whole.then_some(layout), remark);
    }
    let arc = |degrees: u32, from: i32| {
        let radius = f64::from(all) * SPACING * 360.0 / f64::from(degrees) / std::f64::consts::TAU;
        json!({"shape": "arc", "radius": number(radius.clamp(0.1, 100.0)), "arc": degrees, "from": from})
    };
    match kind {
        "Arches" if strings == 1 => (all, Some(arc(180, -90)), None),
        "Circle" | "Wreath" => (all, Some(arc(360, 180)), None),
        "Window Frame" => {
            let nodes = (strings + 2 * per_string + strands).min(NODES) as u32;
            (nodes, None, Some("is laid out as a line".to_owned()))
        }
        "Spinner" => (
            (strings * per_string * strands).min(NODES) as u32,
            None,
            Some("is laid out as a line".to_owned()),
        ),
        "Single Line" | "Poly Line" | "Arches" | "" => (all, None, None),
        _ => (all, None, Some("is laid out as a line".to_owned())),
    }
}

/// The grid of a custom model: each node's place.
fn custom(node: Node<'_, '_>) -> Option<(u32, Value)> {
    let mut places: IndexMap<u32, [f64; 3]> = IndexMap::new();
    if let Some(text) = node.attribute("CustomModelCompressed").filter(|text| !text.is_empty()) {
        for entry in text.split(';') {
            let numbers: Vec<u32> =
                entry.split(',').filter_map(|part| part.trim().parse().ok()).collect();
            if let [number, row, column, rest @ ..] = numbers.as_slice() {
                let layer = rest.first().copied().unwrap_or(0);
                places.entry(*number).or_insert([
                    f64::from(*column),
                    f64::from(layer),
                    -f64::from(*row),
                ]);
            }
        }
    } else {
        for (layer, text) in node.attribute("CustomModel")?.split('|').enumerate() {
            for (row, text) in text.split(';').enumerate() {
                for (column, cell) in text.split(',').enumerate() {
                    if let Ok(number) = cell.trim().parse::<u32>() {
                        places.entry(number).or_insert([
                            column as f64,
                            layer as f64,
                            -(row as f64),
                        ]);
                    }
                }
            }
        }
    }
    let count = places.keys().copied().max().filter(|count| u64::from(*count) <= NODES)?;
    let lowest = places.values().map(|place| place[2]).fold(0.0, f64::min);
    let point = |node: u32| {
        let [x, y, z] = places.get(&node).copied().unwrap_or([0.0, 0.0, lowest]);
        json!([number(x * SPACING), number(y * SPACING), number((z - lowest) * SPACING)])
    };
    let points: Vec<Value> = (1..=count).map(point).collect();
    (count > 0).then(|| (count, json!({"shape": "points", "points": points})))
}

/// The nodes of a submodel's lines.
fn ranges(node: Node<'_, '_>, nodes: u32) -> Vec<(u32, u32)> {
    let mut found = Vec::new();
    for line in (0..1000).map_while(|index| node.attribute(format!("line{index}").as_str())) {
        for range in line.split(',') {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            if let (Ok(first), Ok(last)) = (first.trim().parse::<u32>(), last.trim().parse::<u32>())
            {
                let (low, high) = (first.min(last).max(1), first.max(last).min(nodes));
                if low <= high {
                    found.push((low, high));
                }
            }
        }
    }
    found
}
