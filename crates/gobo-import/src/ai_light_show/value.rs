//! JSON values as Python takes them: what `int()`, `float()` and `str()` make of them.

use gobo_show::diagnostic::{Diagnostic, Place, Spot};
use gobo_show::tree::{Node, Tree, Value, below, parse_json};

use crate::Folder;

/// A JSON file with its text, which alone tells `1` from `1.0`.
#[derive(Debug)]
pub(super) struct Document {
    text: std::sync::Arc<str>,
    tree: Tree,
}

impl Document {
    pub(super) fn read(folder: &dyn Folder, path: &str) -> Result<Self, Diagnostic> {
        let source = folder.source(path)?;
        let tree = parse_json(&source)?;
        Ok(Self { text: source.text, tree })
    }

    pub(super) fn root(&self) -> Json<'_> {
        Json { document: self, node: &self.tree.root, pointer: String::new() }
    }
}

/// A value of a document.
#[derive(Clone, Debug)]
pub(super) struct Json<'a> {
    document: &'a Document,
    pub(super) node: &'a Node,
    pointer: String,
}

impl<'a> Json<'a> {
    pub(super) fn place(&self) -> Place {
        Place { file: self.document.tree.file.clone(), spot: Spot::Value(self.pointer.clone()) }
    }

    /// An error at this value.
    pub(super) fn wrong(&self, expected: &str) -> Diagnostic {
        let message = format!("expected {expected}, found {}", self.node.kind());
        Diagnostic::error("wrong-type", self.place(), message)
    }

    /// The member `key`, unless it is not there or null.
    pub(super) fn get(&self, key: &str) -> Option<Self> {
        let node = self.node.get(key).filter(|node| node.value != Value::Null)?;
        Some(self.below(key, node))
    }

    fn below(&self, key: &str, node: &'a Node) -> Self {
        Json { document: self.document, node, pointer: below(&self.pointer, key) }
    }

    pub(super) fn items(&self) -> Vec<Self> {
        let items = self.node.items().iter().enumerate();
        items.map(|(index, node)| self.below(&index.to_string(), node)).collect()
    }

    pub(super) fn members(&self) -> Vec<(&'a str, Self)> {
        let members = self.node.members().iter();
        members.map(|member| (&*member.key, self.below(&member.key, &member.node))).collect()
    }

    pub(super) fn is_object(&self) -> bool {
        matches!(self.node.value, Value::Object(_))
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self.node.value, Value::List(_))
    }

    /// Whether it is a number with a point or an exponent.
    fn is_float(&self) -> bool {
        let written = self.document.text.get(self.node.span.clone()).unwrap_or_default();
        self.node.number().is_some() && written.contains(['.', 'e', 'E'])
    }

    /// `int(value)`; `None` where Python raises.
    pub(super) fn int(&self) -> Option<i64> {
        match &self.node.value {
            Value::Number(number) => Some(number.trunc() as i64),
            Value::Bool(flag) => Some(i64::from(*flag)),
            Value::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// `float(value)`; `None` where Python raises.
    pub(super) fn float(&self) -> Option<f64> {
        match &self.node.value {
            Value::Number(number) => Some(*number),
            Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
            Value::Text(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            _ => None,
        }
    }

    /// `str(value).strip()`; a number, a flag and a text only.
    pub(super) fn text(&self) -> Option<String> {
        match &self.node.value {
            Value::Text(text) => Some(text.trim().to_owned()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(true) => Some("True".to_owned()),
            _ => None,
        }
        .filter(|text| !text.is_empty())
    }

    /// A slot's value: the whole part of the number, kept from 0 to 255; 0 where it is none.
    pub(super) fn byte(&self) -> u8 {
        self.int().unwrap_or(0).clamp(0, 255) as u8
    }

    /// A level: a float up to 1 is a part of 255, anything else a slot's value; cut, not rounded.
    pub(super) fn level(&self) -> Option<u8> {
        match self.node.number().filter(|number| self.is_float() && *number <= 1.0) {
            Some(part) => Some(((part * 255.0).trunc() as i64).clamp(0, 255) as u8),
            None => self.int().map(|number| number.clamp(0, 255) as u8),
        }
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self.node.value, Value::Number(_) | Value::Bool(_))
    }

    /// Pan or tilt, 0 to 65535: `pan_msb` and `pan_lsb`, `pan` with `pan_fine`, or `pan` alone.
    pub(super) fn axis(&self, axis: &str) -> Option<u16> {
        let byte = |key: String| self.get(&key).map(|value| value.byte());
        let joined = |high: u8, low: u8| u16::from_be_bytes([high, low]);
        let (coarse, fine) = (byte(format!("{axis}_msb")), byte(format!("{axis}_lsb")));
        if coarse.is_some() || fine.is_some() {
            return Some(joined(coarse.unwrap_or(0), fine.unwrap_or(0)));
        }
        let whole = self.get(axis)?.int()?;
        match byte(format!("{axis}_fine")) {
            Some(fine) => Some(joined(whole.clamp(0, 255) as u8, fine)),
            None => Some(whole.clamp(0, 65_535) as u16),
        }
    }

    /// Pan and tilt, if both are there.
    pub(super) fn axes(&self) -> Option<[u16; 2]> {
        Some([self.axis("pan")?, self.axis("tilt")?])
    }
}
