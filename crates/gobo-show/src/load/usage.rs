//! Warnings about what is there and never used.

use super::Loader;
use super::cues::Used;
use super::pattern::Patterns;
use super::venue::Venue;
use crate::diagnostic::{Diagnostic, Place, Spot};
use crate::source::ShowSource;
use crate::tree::below;

/// How many unused things of a venue one show tells of one by one.
const TOLD: usize = 3;

/// What a show does not use of its venue, in a few words when it is much: venues are shared.
pub(super) fn brief(unused: &[Diagnostic]) -> Vec<Diagnostic> {
    let same = |a: &Diagnostic, b: &Diagnostic| a.code == b.code;
    let mut told = Vec::new();
    for kind in unused.chunk_by(same) {
        let rest = kind.len().saturating_sub(TOLD);
        if rest == 0 {
            told.extend_from_slice(kind);
            continue;
        }
        let named = kind[..TOLD].iter().filter_map(|found| found.message.split('`').nth(1));
        let named: Vec<_> = named.map(|name| format!("`{name}`")).collect();
        let what = kind[0].code.trim_start_matches("unused-");
        let names = named.join(", ");
        let message = format!("nothing in this show uses the {what}s {names} and {rest} more");
        told.push(Diagnostic::warning(kind[0].code, kind[0].place.clone(), message));
    }
    told
}

impl Loader<'_> {
    /// Says what nothing uses; what is of the venue goes to `unused`, for another show may use it.
    pub(super) fn warn_unused(
        &mut self,
        show: &ShowSource,
        path: &str,
        Venue { rig, declared, .. }: &Venue,
        patterns: &Patterns,
        used: &Used,
    ) {
        for (index, place) in declared.fixtures.iter().enumerate() {
            if !used.fixtures.contains(&(index as u32)) {
                let message = format!("nothing uses the fixture `{}`", rig.fixtures[index].id);
                self.unused.push(Diagnostic::warning("unused-fixture", place.clone(), message));
            }
        }
        for (name, place) in &declared.groups {
            if !used.groups.contains(name) && !declared.groups_used.contains(name) {
                let message = format!("nothing uses the group `{name}`");
                self.unused.push(Diagnostic::warning("unused-group", place.clone(), message));
            }
        }
        for (name, pattern) in patterns {
            if !used.patterns.contains(name) {
                let message = format!("nothing uses the pattern `{name}`");
                self.decoder.say(Diagnostic::warning("unused-pattern", pattern.place(), message));
            }
        }
        for name in show.vars.0.keys() {
            if !self.decoder.vars_used.contains(name) {
                let place = Place { file: path.into(), spot: Spot::Key(below("/vars", name)) };
                let message = format!("nothing uses the variable `{name}`");
                self.decoder.say(Diagnostic::warning("unused-variable", place, message));
            }
        }
        for name in show.presets.0.keys() {
            if !self.decoder.presets_used.contains(name) {
                let place = Place { file: path.into(), spot: Spot::Key(below("/presets", name)) };
                let message = format!("nothing uses the preset `{name}`");
                self.decoder.say(Diagnostic::warning("unused-preset", place, message));
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
