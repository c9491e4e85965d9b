//! What the keys in a mode mean: channels, fine channels, switching channels, and templates of
//! them filled in with a pixel.

use std::sync::Arc;

use indexmap::IndexMap;

use super::PIXEL_KEY;
use super::channel::Channel;
use super::matrix::{Matrix, Part};
use super::read::Reader;
use crate::diagnostic::Diagnostic;

/// What a slot of a mode is.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Slot {
    /// The key, filled in.
    pub(super) key: Arc<str>,
    /// The channel, or the one that switches it.
    pub(super) channel: u32,
    /// The pixel or group that a template is filled in with.
    pub(super) part: Option<Part>,
    /// What of the channel it is.
    pub(super) role: Role,
}

/// What of a channel a slot is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Role {
    /// Its first byte.
    Coarse,
    /// A finer byte, from 1.
    Fine(usize),
    /// Another channel, which this one switches; by the alias as the file has it.
    Switching(Arc<str>),
}

/// Every key of a profile.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Names {
    plain: IndexMap<Arc<str>, (u32, Role)>,
    templates: IndexMap<Arc<str>, (u32, Role)>,
}

impl Names {
    /// The keys of `channels`; says which mean two things.
    pub(super) fn new(reader: &mut Reader, channels: &[Channel]) -> Self {
        let mut names = Self::default();
        for (index, channel) in channels.iter().enumerate() {
            names.add(reader, channel, &channel.key, index as u32, Role::Coarse);
            for (level, alias) in channel.fine.iter().enumerate() {
                names.add(reader, channel, alias, index as u32, Role::Fine(level + 1));
            }
            for (alias, _) in channel.aliases() {
                let role = Role::Switching(alias.clone());
                names.add(reader, channel, &alias, index as u32, role);
            }
        }
        names
    }

    fn add(&mut self, reader: &mut Reader, by: &Channel, key: &Arc<str>, index: u32, role: Role) {
        let names = if key.contains(PIXEL_KEY) { &mut self.templates } else { &mut self.plain };
        if names.contains_key(key) {
            let message = format!("the key `{key}` already names another channel");
            let place = reader.place(&by.pointer);
            reader.diagnostics.push(Diagnostic::error("duplicate-channel", place, message));
        } else {
            names.insert(key.clone(), (index, role));
        }
    }

    /// What `key` means in a mode.
    pub(super) fn resolve(&self, key: &str, matrix: &Matrix) -> Option<Slot> {
        if let Some((channel, role)) = self.plain.get(key) {
            let (channel, role) = (*channel, role.clone());
            return Some(Slot { key: key.into(), channel, part: None, role });
        }
        self.templates.iter().find_map(|(template, _)| {
            let part = matrix.find(pixel_key(template, key)?)?;
            self.template(template, matrix, part)
        })
    }

    /// The template channel `template` for a pixel or group.
    pub(super) fn template(&self, template: &str, matrix: &Matrix, part: Part) -> Option<Slot> {
        let (channel, role) = self.templates.get(template)?;
        let key = super::fill(template, matrix.key(part));
        Some(Slot { key, channel: *channel, part: Some(part), role: role.clone() })
    }

    /// What `key` means to a channel filled in with `part`.
    pub(super) fn target(&self, key: &str, matrix: &Matrix, part: Option<Part>) -> Option<Slot> {
        match part {
            Some(part) if key.contains(PIXEL_KEY) => self.template(key, matrix, part),
            _ => self.resolve(key, matrix),
        }
    }

    /// Whether there is a template called `key`.
    pub(super) fn has_template(&self, key: &str) -> bool {
        self.templates.contains_key(key)
    }

    /// The keys of the templates.
    pub(super) fn templates(&self) -> impl Iterator<Item = &str> {
        self.templates.keys().map(|key| &**key)
    }

    /// The keys that a mode may name, templates filled in with at most the first 64 pixels.
    pub(super) fn all(&self, matrix: &Matrix) -> Vec<Arc<str>> {
        let pixels: Vec<&str> = matrix.keys().take(64).collect();
        let filled = self
            .templates
            .keys()
            .flat_map(|template| pixels.iter().map(|pixel| super::fill(template, pixel)));
        self.plain.keys().cloned().chain(filled).collect()
    }
}

/// The pixel key that makes `key` of `template`, if one does.
fn pixel_key<'a>(template: &str, key: &'a str) -> Option<&'a str> {
    let (before, _) = template.split_once(PIXEL_KEY)?;
    let count = template.matches(PIXEL_KEY).count();
    let length = (key.len() + count * PIXEL_KEY.len()).checked_sub(template.len())? / count;
    let pixel = key.get(before.len()..before.len() + length)?;
    (*super::fill(template, pixel) == *key).then_some(pixel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixel_is_found_in_a_filled_template() {
        assert_eq!(pixel_key("Red $pixelKey", "Red 12"), Some("12"));
        assert_eq!(pixel_key("$pixelKey of $pixelKey", "ab of ab"), Some("ab"));
        assert_eq!(pixel_key("$pixelKey of $pixelKey", "ab of ac"), None);
        assert_eq!(pixel_key("Red $pixelKey", "Red "), Some(""));
        assert_eq!(pixel_key("Red $pixelKey é", "Red 1 é"), Some("1"));
        assert_eq!(pixel_key("Red $pixelKey", "Réd"), None);
        assert_eq!(pixel_key("Red", "Red"), None);
    }
}
