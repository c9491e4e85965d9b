//! Warnings about what is there and never used.

use indexmap::IndexMap;

use super::Loader;
use super::cues::Used;
use super::pattern::Pattern;
use super::venue::Declared;
use crate::diagnostic::{Diagnostic, Place, Spot};
use crate::rig::Rig;
use crate::source::ShowSource;
use crate::tree::below;

impl Loader<'_> {
    pub(super) fn warn_unused(
        &mut self,
        show: &ShowSource,
        path: &str,
        rig: &Rig,
        declared: &Declared,
        patterns: &IndexMap<String, Pattern>,
        used: &Used,
    ) {
        for (index, place) in declared.fixtures.iter().enumerate() {
            if !used.fixtures.contains(&(index as u32)) {
                let message = format!("nothing uses the fixture `{}`", rig.fixtures[index].id);
                self.decoder.say(Diagnostic::warning("unused-fixture", place.clone(), message));
            }
        }
        for (name, place) in &declared.groups {
            if !used.groups.contains(name) && !declared.groups_used.contains(name) {
                let message = format!("nothing uses the group `{name}`");
                self.decoder.say(Diagnostic::warning("unused-group", place.clone(), message));
            }
        }
        for (name, pattern) in patterns {
            if !used.patterns.contains(name) {
                let message = format!("nothing uses the pattern `{name}`");
                self.decoder.say(Diagnostic::warning("unused-pattern", pattern.place(), message));
            }
        }
        for name in show.colors.keys() {
            if !self.decoder.colors_used.contains(name) {
                let place = Place { file: path.into(), spot: Spot::Key(below("/colors", name)) };
                let message = format!("nothing uses the colour `{name}`");
                self.decoder.say(Diagnostic::warning("unused-color", place, message));
            }
        }
    }
}
