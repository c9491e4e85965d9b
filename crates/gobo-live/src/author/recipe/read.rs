//! Colours and levels that recipes are told, read as the files of the show have them.

use std::sync::Arc;

use gobo_show::decode::{At, Decode, Decoder};
use gobo_show::tree::{Node, parse_json};
use gobo_show::value::{Color, Level};
use gobo_show::{Diagnostic, Source};
use indexmap::IndexMap;

use super::super::refusal::{Fault, Refusal};
use super::Told;

/// Reads parameters; each mistake is kept.
pub(super) struct Reader<'a> {
    told: &'a Told<'a>,
    decoder: Decoder,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    /// Reads with the palette of the show.
    pub(super) fn new(told: &'a Told<'a>, palette: &IndexMap<String, Color>) -> Self {
        let mut decoder = Decoder::default();
        decoder.names.colors.clone_from(palette);
        Self { told, decoder, faults: Vec::new() }
    }

    /// A level, 0 to 1; full where it is not told.
    pub(super) fn level(&mut self, name: &str) -> f64 {
        self.one::<Level>(name).map_or(1.0, |level| level.0)
    }

    /// A colour, if one is told.
    pub(super) fn color(&mut self, name: &str) -> Option<Color> {
        self.one(name)
    }

    /// A list of colours.
    pub(super) fn colors(&mut self, name: &str) -> Vec<Color> {
        self.all(name).unwrap_or_default()
    }

    /// What was read, if nothing is wrong with it.
    pub(super) fn finished<T>(self, read: T) -> Result<T, Refusal> {
        match self.faults.is_empty() {
            true => Ok(read),
            false => Err(Refusal::Invalid { errors: self.faults }),
        }
    }

    fn one<T: Decode>(&mut self, name: &str) -> Option<T> {
        let told = self.told.get(name);
        if told.is_null() {
            return None;
        }
        let tree = parse_json(&Source { path: "".into(), text: told.to_string().into() }).ok()?;
        self.node(&tree.file, &tree.root, &format!("/params/{name}"))
    }

    fn all<T: Decode>(&mut self, name: &str) -> Option<Vec<T>> {
        let text = self.told.get(name).to_string();
        let tree = parse_json(&Source { path: "".into(), text: text.into() }).ok()?;
        let items = tree.root.items().iter().enumerate();
        let read = |(index, node): (usize, &Node)| {
            self.node(&tree.file, node, &format!("/params/{name}/{index}"))
        };
        Some(items.filter_map(read).collect())
    }

    fn node<T: Decode>(&mut self, file: &Arc<str>, node: &Node, pointer: &str) -> Option<T> {
        let read = T::decode(&At { file, node, pointer: pointer.to_owned() }, &mut self.decoder);
        let said = std::mem::take(&mut self.decoder.diagnostics);
        let fault = |found: &Diagnostic| Fault { path: pointer.to_owned(), ..Fault::from(found) };
        self.faults.extend(said.iter().map(fault));
        read
    }
}
