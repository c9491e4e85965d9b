//! A QLC+ workspace as its XML has it: fixtures, groups and functions. Reads; decides nothing.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

use gobo_show::Source;
use gobo_show::diagnostic::{Diagnostic, Place};
use indexmap::IndexMap;
use roxmltree::Node;

use super::function::{self, Function};
use crate::xml;

/// A workspace.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    pub(super) fixtures: Vec<Fixture>,
    pub(super) groups: Vec<Group>,
    /// By id, in the order of the file.
    pub(super) functions: IndexMap<u32, Function>,
    pub(super) outputs: Vec<Output>,
    /// The function that starts with the workspace.
    pub(super) startup: Option<u32>,
    /// Where fixtures stand in the monitor, in metres, by id.
    pub(super) positions: BTreeMap<u32, [f64; 3]>,
}

/// A patched fixture.
#[derive(Debug)]
pub(super) struct Fixture {
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) manufacturer: String,
    pub(super) model: String,
    pub(super) mode: String,
    /// From 0.
    pub(super) universe: u32,
    /// From 0.
    pub(super) address: u32,
    pub(super) channels: u32,
    pub(super) place: Place,
}

/// A grid of heads.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) id: u32,
    pub(super) name: String,
    /// Columns and rows.
    pub(super) size: [u32; 2],
    pub(super) heads: Vec<GroupHead>,
    pub(super) place: Place,
}

/// A head's place in a grid.
#[derive(Debug)]
pub(super) struct GroupHead {
    pub(super) column: u32,
    pub(super) row: u32,
    pub(super) fixture: u32,
    pub(super) head: u32,
}

/// Where a universe goes.
#[derive(Debug)]
pub(super) struct Output {
    /// From 0.
    pub(super) universe: u32,
    pub(super) plugin: String,
    pub(super) address: Option<String>,
    /// The number on the wire, as the plugin counts.
    pub(super) number: Option<u32>,
    pub(super) multicast: bool,
    pub(super) place: Place,
}

/// Reads a workspace; every mistake that makes it unusable is said.
pub(super) fn read(source: &Source) -> Result<Workspace, Vec<Diagnostic>> {
    let document = xml::parse(source).map_err(|error| vec![error])?;
    let root = document.root_element();
    let mut reader = Reader { file: source.path.clone(), faults: Vec::new() };
    if root.tag_name().name() != "Workspace" {
        let found = root.tag_name().name();
        reader.fault(
            "not-a-workspace",
            root,
            format!("a QLC+ workspace starts with `<Workspace>`, not `<{found}>`"),
        );
        return Err(reader.faults);
    }
    let Some(engine) = xml::child(root, "Engine") else {
        reader.fault("not-a-workspace", root, "the workspace has no `<Engine>`".to_owned());
        return Err(reader.faults);
    };
    let mut workspace =
        Workspace { startup: xml::attribute(engine, "Autostart"), ..Workspace::default() };
    for node in engine.children() {
        match node.tag_name().name() {
            "Fixture" => workspace.fixtures.extend(reader.fixture(node)),
            "FixtureGroup" => workspace.groups.extend(reader.group(node)),
            "Function" => reader.function(node, &mut workspace),
            "InputOutputMap" => reader.outputs(node, &mut workspace),
            "Monitor" => reader.positions(node, &mut workspace),
            _ => {}
        }
    }
    reader.twice(&workspace);
    if reader.faults.is_empty() { Ok(workspace) } else { Err(reader.faults) }
}

/// Reads nodes and keeps what is wrong with them.
pub(super) struct Reader {
    pub(super) file: Arc<str>,
    faults: Vec<Diagnostic>,
}

impl Reader {
    pub(super) fn fault(&mut self, code: &'static str, node: Node<'_, '_>, message: String) {
        self.faults.push(Diagnostic::error(code, xml::place(&self.file, node), message));
    }

    pub(super) fn place(&self, node: Node<'_, '_>) -> Place {
        xml::place(&self.file, node)
    }

    /// A number that must be there, as the text of a child element.
    fn child<T: FromStr>(&mut self, node: Node<'_, '_>, name: &str) -> Option<T> {
        let Some(child) = xml::child(node, name) else {
            let owner = node.tag_name().name();
            self.fault("missing-element", node, format!("a `<{owner}>` needs a `<{name}>`"));
            return None;
        };
        self.number(child, xml::text(child), &format!("`<{name}>`"))
    }

    /// A number that must be there, as an attribute.
    pub(super) fn attribute<T: FromStr>(&mut self, node: Node<'_, '_>, name: &str) -> Option<T> {
        let owner = node.tag_name().name();
        let Some(text) = node.attribute(name) else {
            self.fault("missing-attribute", node, format!("a `<{owner}>` needs `{name}=`"));
            return None;
        };
        self.number(node, text, &format!("`{name}=` of `<{owner}>`"))
    }

    pub(super) fn number<T: FromStr>(
        &mut self,
        node: Node<'_, '_>,
        text: &str,
        what: &str,
    ) -> Option<T> {
        let number = text.trim().parse().ok();
        if number.is_none() {
            self.fault(
                "not-a-number",
                node,
                format!("expected a number as {what}, found `{text}`"),
            );
        }
        number
    }

    fn fixture(&mut self, node: Node<'_, '_>) -> Option<Fixture> {
        let text = |name| xml::child_text(node, name).unwrap_or_default().to_owned();
        let (id, universe) = (self.child(node, "ID"), self.child(node, "Universe"));
        let (address, channels) = (self.child(node, "Address"), self.child(node, "Channels"));
        let id = id?;
        let name = text("Name");
        Some(Fixture {
            id,
            name: if name.is_empty() { format!("Fixture {id}") } else { name },
            manufacturer: text("Manufacturer"),
            model: text("Model"),
            mode: text("Mode"),
            universe: universe?,
            address: address?,
            channels: channels?,
            place: self.place(node),
        })
    }

    fn group(&mut self, node: Node<'_, '_>) -> Option<Group> {
        let id: u32 = self.attribute(node, "ID")?;
        let size = xml::child(node, "Size");
        let side = |name| size.and_then(|size| xml::attribute(size, name)).unwrap_or(0);
        let head = |head: Node<'_, '_>| {
            Some(GroupHead {
                column: xml::attribute(head, "X")?,
                row: xml::attribute(head, "Y")?,
                fixture: xml::attribute(head, "Fixture")?,
                head: xml::text(head).parse().unwrap_or(0),
            })
        };
        let mut heads: Vec<_> = xml::children(node, "Head").filter_map(head).collect();
        heads.sort_by_key(|head| (head.row, head.column));
        let name = xml::child_text(node, "Name").unwrap_or_default();
        Some(Group {
            id,
            name: if name.is_empty() { format!("Group {id}") } else { name.to_owned() },
            size: [side("X"), side("Y")],
            heads,
            place: self.place(node),
        })
    }

    fn function(&mut self, node: Node<'_, '_>, workspace: &mut Workspace) {
        let Some(id) = self.attribute::<u32>(node, "ID") else { return };
        let function = function::read(node, self);
        if workspace.functions.insert(id, function).is_some() {
            self.fault("duplicate-id", node, format!("there are two functions with the id {id}"));
        }
    }

    fn outputs(&self, node: Node<'_, '_>, workspace: &mut Workspace) {
        for universe in xml::children(node, "Universe") {
            let Some(id) = xml::attribute(universe, "ID") else { continue };
            for output in xml::children(universe, "Output") {
                let Some(plugin) = output.attribute("Plugin").filter(|name| *name != "None") else {
                    continue;
                };
                let parameters = xml::child(output, "PluginParameters");
                let parameter = |names: &[&str]| {
                    let found = |name: &&str| parameters.and_then(|node| node.attribute(*name));
                    names.iter().find_map(found)
                };
                let address = parameter(&["outputIP", "outputUcastIP"]);
                workspace.outputs.push(Output {
                    universe: id,
                    plugin: plugin.to_owned(),
                    address: address.map(str::to_owned),
                    number: parameter(&["outputUni"]).and_then(|text| text.parse().ok()),
                    multicast: parameter(&["outputMulticast", "multicast"]) != Some("0"),
                    place: self.place(output),
                });
            }
        }
    }

    fn positions(&self, node: Node<'_, '_>, workspace: &mut Workspace) {
        for item in xml::children(node, "FxItem") {
            let metres = |name| xml::attribute::<f64>(item, name).map(|mm| mm / 1000.0);
            let (Some(id), Some(x), Some(y)) =
                (xml::attribute(item, "ID"), metres("XPos"), metres("YPos"))
            else {
                continue;
            };
            // The monitor's y grows upward in 3D; in 2D there is no z.
            let position = [x, metres("ZPos").unwrap_or(0.0), y];
            if position.iter().all(|side| side.abs() < 10_000.0) {
                workspace.positions.entry(id).or_insert(position);
            }
        }
    }

    /// Says which fixtures share an id.
    fn twice(&mut self, workspace: &Workspace) {
        let mut first: BTreeMap<u32, &Place> = BTreeMap::new();
        for fixture in &workspace.fixtures {
            if let Some(place) = first.get(&fixture.id) {
                let message = format!("there are two fixtures with the id {}", fixture.id);
                let fault = Diagnostic::error("duplicate-id", fixture.place.clone(), message);
                self.faults.push(fault.label((*place).clone(), "the first"));
            } else {
                first.insert(fixture.id, &fixture.place);
            }
        }
    }
}
