//! What a decoder knows and what it finds: what comes out of decoding follows from the tree and
//! from the first, and is a value and the second.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use indexmap::map::Slice;

use super::{Argument, Decoder};
use crate::diagnostic::{Diagnostic, Place};
use crate::tree::Node;
use crate::value::Color;

/// The names that values may refer to.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Palette colours.
    pub colors: IndexMap<String, Color>,
    /// Points of interest, in metres.
    pub points: IndexMap<String, [f64; 3]>,
    /// Whether all points could be read, so that a name that is none of them is a mistake.
    pub has_points: bool,
    /// The variables that a cue file or a pattern may name; `None` in other files.
    pub vars: Option<IndexMap<String, Argument>>,
    /// Variables that have been told of as wrong.
    pub broken_vars: BTreeSet<String>,
    /// Looks by name, as they are written; those that could be read.
    pub presets: IndexMap<String, Node>,
    /// Presets that have been told of as wrong.
    pub broken_presets: BTreeSet<String>,
    /// The arguments of the pattern being read.
    pub arguments: Option<IndexMap<String, Argument>>,
    /// Arguments that it declares in a way that cannot be read; that has been told of.
    pub unreadable_arguments: BTreeSet<String>,
}

/// Names are the same only in the same order: of two that are as near to a misspelt one, the first
/// is offered.
impl PartialEq for Names {
    fn eq(&self, other: &Self) -> bool {
        let Self { colors, points, has_points, vars, broken_vars, presets, .. } = self;
        let Self { broken_presets, arguments, unreadable_arguments, .. } = self;
        colors.as_slice() == other.colors.as_slice()
            && points.as_slice() == other.points.as_slice()
            && *has_points == other.has_points
            && in_order(vars) == in_order(&other.vars)
            && *broken_vars == other.broken_vars
            && presets.as_slice() == other.presets.as_slice()
            && *broken_presets == other.broken_presets
            && in_order(arguments) == in_order(&other.arguments)
            && *unreadable_arguments == other.unreadable_arguments
    }
}

fn in_order<T>(names: &Option<IndexMap<String, T>>) -> Option<&Slice<String, T>> {
    names.as_ref().map(IndexMap::as_slice)
}

/// What comes out of decoding beside values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Findings {
    diagnostics: Vec<Diagnostic>,
    colors_used: BTreeSet<String>,
    presets_used: BTreeSet<String>,
    vars_used: BTreeSet<String>,
    beats_used: Option<Place>,
    sound_used: Option<Place>,
    sections_used: Option<Place>,
}

impl Decoder {
    /// All that has been found so far; as if nothing had been from here on.
    pub(crate) fn take_findings(&mut self) -> Findings {
        let (names, selections) =
            (std::mem::take(&mut self.names), std::mem::take(&mut self.selections));
        let all = std::mem::replace(self, Self { names, selections, ..Self::default() });
        Findings {
            diagnostics: all.diagnostics,
            colors_used: all.colors_used,
            presets_used: all.presets_used,
            vars_used: all.vars_used,
            beats_used: all.beats_used,
            sound_used: all.sound_used,
            sections_used: all.sections_used,
        }
    }

    /// Adds what was found elsewhere, after what has been so far.
    pub(crate) fn add_findings(&mut self, found: &Findings) {
        self.diagnostics.extend_from_slice(&found.diagnostics);
        self.colors_used.extend(found.colors_used.iter().cloned());
        self.presets_used.extend(found.presets_used.iter().cloned());
        self.vars_used.extend(found.vars_used.iter().cloned());
        let first = |first: &mut Option<Place>, found: &Option<Place>| {
            *first = first.take().or_else(|| found.clone());
        };
        first(&mut self.beats_used, &found.beats_used);
        first(&mut self.sound_used, &found.sound_used);
        first(&mut self.sections_used, &found.sections_used);
    }
}
