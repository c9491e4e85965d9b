//! What a pattern takes: its arguments as a score names them.

use std::collections::BTreeMap;

use serde_json::Value;

/// The arguments of a pattern.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Interface {
    /// The argument that a clip's selection is for, and the selection that it has by default.
    pub selection: Option<(String, String)>,
    /// The arguments' names for people, each with its id.
    names: BTreeMap<String, String>,
    /// The arguments' ids, in order.
    ids: Vec<String>,
}

impl Interface {
    /// Reads the arguments of a pattern file.
    pub fn of(pattern: &Value) -> Self {
        let mut interface = Self::default();
        interface.declared(pattern);
        if let Some(ways) = pattern["implementations"].as_object() {
            ways.values().for_each(|way| interface.declared(way));
        }
        interface
    }

    fn declared(&mut self, pattern: &Value) {
        for args in [&pattern["args"], &pattern["graph"]["args"]] {
            // Luma writes a list, our own files an object.
            for arg in args.as_array().into_iter().flatten() {
                let text = |key: &str| arg[key].as_str().unwrap_or_default();
                self.argument(text("id"), text("name"), text("argType"), &arg["defaultValue"]);
            }
            for (id, arg) in args.as_object().into_iter().flatten() {
                let kind = if arg.get("selection").is_some() { "Selection" } else { "" };
                self.argument(id, id, kind, &arg["selection"]);
            }
        }
    }

    fn argument(&mut self, id: &str, name: &str, kind: &str, default: &Value) {
        if self.ids.iter().any(|known| known == id) {
            return;
        }
        self.ids.push(id.to_owned());
        self.names.entry(name.to_owned()).or_insert_with(|| id.to_owned());
        if kind == "Selection" && self.selection.is_none() {
            let text = default.as_str().or_else(|| default["expression"].as_str());
            let text = text.filter(|text| !text.trim().is_empty()).unwrap_or("all");
            self.selection = Some((id.to_owned(), text.trim().to_owned()));
        }
    }

    /// The id of an argument that a score names by its id, or as people know it.
    pub fn id<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        match self.ids.iter().find(|id| *id == name) {
            Some(id) => Some(id),
            None => self.names.get(name).map(String::as_str),
        }
    }

    /// The ids of the arguments that a clip can give by name.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(String::as_str)
    }

    /// Whether a clip's selection reaches the pattern without a word: by default it takes all
    /// that it is used on, or it asks for none.
    pub(super) fn takes_what_it_is_on(&self) -> bool {
        self.selection
            .as_ref()
            .is_none_or(|(_, default)| matches!(default.as_str(), "all" | "this"))
    }
}
