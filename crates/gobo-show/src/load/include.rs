//! Cue files with what they include, in order.

use super::vars::Scope;
use super::{Loader, stem};
use crate::decode::{At, Decode, Spanned};
use crate::diagnostic::{Diagnostic, Place, Spot};
use crate::source::{CueFile, CueSource, Include, LayerSettings, Vars};
use crate::tree::Tree;
use crate::value::Span;

/// How deep includes may go.
const DEEPEST: usize = 8;

/// A cue file that could be read, with the cues of all that it includes.
#[derive(Debug)]
pub(super) struct LayerFile {
    pub(super) name: String,
    pub(super) layer: LayerSettings,
    /// Where its settings stand.
    pub(super) place: Place,
    pub(super) cues: Vec<ShiftedCue>,
}

/// A cue, and how much later than it says it starts.
#[derive(Debug)]
pub(super) struct ShiftedCue {
    pub(super) cue: CueSource,
    /// From the innermost include to the outermost.
    pub(super) shifts: Vec<Span>,
}

/// Where a file stands among those that include each other.
struct Around<'a> {
    /// The files that include it, outermost first.
    files: &'a [&'a str],
    scope: &'a Scope,
    /// Values that its includer gives.
    given: &'a Vars,
    /// Where these are given.
    giver: (&'a str, &'a str),
    shifts: &'a [Span],
}

impl Loader<'_> {
    pub(super) fn cue_files(
        &mut self,
        show: &str,
        names: &[Spanned<String>],
        scope: &Scope,
    ) -> Vec<LayerFile> {
        let mut files: Vec<LayerFile> = Vec::new();
        let mut seen: Vec<&Spanned<String>> = Vec::new();
        for name in names {
            if let Some(first) = seen.iter().find(|other| other.value == name.value) {
                let message = format!("the cue file `{}` is here twice", name.value);
                let error = Diagnostic::error("duplicate-id", name.place.clone(), message);
                self.decoder.say(error.label(first.place.clone(), "first here"));
                continue;
            }
            seen.push(name);
            let around =
                Around { files: &[], scope, given: &Vars::default(), giver: ("", ""), shifts: &[] };
            let mut cues = Vec::new();
            if let Some(layer) = self.cue_file(show, name, &around, &mut cues) {
                let file = format!("shows/{show}/{}", name.value).as_str().into();
                let place = Place { file, spot: Spot::Value("/layer".to_owned()) };
                let name = name.value.strip_suffix(".json").unwrap_or(stem(&name.value));
                files.push(LayerFile { name: name.to_owned(), layer, place, cues });
            }
        }
        self.decoder.vars = Some(scope.clone());
        files
    }

    /// Gathers the cues of a file, those that it includes first.
    fn cue_file(
        &mut self,
        show: &str,
        name: &Spanned<String>,
        around: &Around<'_>,
        cues: &mut Vec<ShiftedCue>,
    ) -> Option<LayerSettings> {
        let path = format!("shows/{show}/{}", name.value);
        let tree = self.tree(&path, &name.place)?;
        let scope = self.file_scope(&tree, around);
        self.decoder.vars = Some(scope.clone());
        let source = self.decode::<CueFile>(&tree)?;
        let files: Vec<&str> = around.files.iter().copied().chain([name.value.as_str()]).collect();
        for (index, include) in source.include.iter().enumerate() {
            let pointer = format!("/include/{index}/vars");
            let giver = (path.as_str(), pointer.as_str());
            self.included(show, include, &files, (&scope, giver), around.shifts, cues);
        }
        let own = source.cues.into_iter();
        cues.extend(own.map(|cue| ShiftedCue { cue, shifts: around.shifts.to_vec() }));
        Some(source.layer)
    }

    /// The variables of a file: those around it, its own, and what its includer gives.
    fn file_scope(&mut self, tree: &Tree, around: &Around<'_>) -> Scope {
        let own = At::root(tree).member("vars").and_then(|vars| {
            // What cannot be read is told of when the whole file is.
            let said = self.decoder.diagnostics.len();
            let own = Vars::decode(&vars, &mut self.decoder);
            self.decoder.diagnostics.truncate(said);
            own
        });
        let scope = self.scope(around.scope, &own.unwrap_or_default(), &tree.file, "/vars");
        let (file, pointer) = around.giver;
        self.scope(&scope, around.given, file, pointer)
    }

    fn included(
        &mut self,
        show: &str,
        include: &Spanned<Include>,
        files: &[&str],
        (scope, giver): (&Scope, (&str, &str)),
        shifts: &[Span],
        cues: &mut Vec<ShiftedCue>,
    ) {
        let Include { file, shift, vars } = &include.value;
        if let Some(first) = files.iter().position(|known| known == file) {
            let way: Vec<_> = files[first..]
                .iter()
                .chain([&file.as_str()])
                .map(|file| format!("`{file}`"))
                .collect();
            let message = format!("these files include each other: {}", way.join(" → "));
            self.decoder.say(Diagnostic::error("include-circle", include.place.clone(), message));
            return;
        }
        if files.len() > DEEPEST {
            let message = format!("this includes through more than {DEEPEST} files");
            self.decoder.say(Diagnostic::error("include-too-deep", include.place.clone(), message));
            return;
        }
        let shifts: Vec<Span> = [*shift].iter().chain(shifts).copied().collect();
        let around = Around { files, scope, given: vars, giver, shifts: &shifts };
        let name = Spanned { value: file.clone(), place: include.place.clone() };
        self.cue_file(show, &name, &around, cues);
    }
}
