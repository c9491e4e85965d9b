//! Cue files with what they include, in order.

use std::sync::Arc;

use super::memory::Same;
use super::vars::Scope;
use super::{Loader, stem};
use crate::decode::{At, Decode, Spanned};
use crate::diagnostic::{Diagnostic, Place, Spot};
use crate::grid::Grid;
use crate::source::{
    ChannelFile, CueFile, CueSource, Include, LayerSettings, Vars, is_channel_file,
};
use crate::tree::Tree;
use crate::value::Span;

/// How deep includes may go.
const DEEPEST: usize = 8;
/// How many times a show may include files.
const MOST: usize = 2_000;

/// A cue file that could be read, with the cues of all that it includes.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct LayerFile {
    pub(super) name: String,
    pub(super) layer: LayerSettings,
    /// Where its settings stand.
    pub(super) place: Place,
    pub(super) cues: Vec<ShiftedCue>,
    /// What it says, if it is of a channel layer; then `cues` is empty.
    pub(super) channels: Option<Same<ChannelFile>>,
}

impl LayerFile {
    /// Where the last cue of a channel layer ends, in seconds, as far as it says so itself.
    pub(super) fn channels_end(&self, grid: &Grid) -> f64 {
        let cues = self.channels.iter().flat_map(|file| &file.cues);
        let ends = cues.filter_map(|cue| {
            let at = &cue.keys.at.value;
            let start = at.seconds(grid, 0.0).ok().filter(|_| !at.from_end())?;
            Some(grid.after(start, cue.keys.length))
        });
        ends.fold(0.0, f64::max)
    }
}

/// A cue, and how much later than it says it starts.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct ShiftedCue {
    pub(super) cue: Same<CueSource>,
    /// From the innermost include to the outermost.
    pub(super) shifts: Arc<[Span]>,
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
            let path = format!("shows/{show}/{}", name.value);
            let Some(tree) = self.tree(&path, &name.place) else { continue };
            let own = name.value.strip_suffix(".json").unwrap_or(stem(&name.value)).to_owned();
            let place =
                Place { file: path.as_str().into(), spot: Spot::Value("/layer".to_owned()) };
            if is_channel_file(&tree.root) {
                self.decoder.names.vars = Some(scope.clone());
                let channels = self.remembered(
                    |memory| &mut memory.channel_files,
                    &path,
                    (Same(tree), self.decoder.names.clone()),
                    |loader, (tree, _)| loader.decode(tree).map(Arc::new),
                );
                files.extend(channels.map(|channels| LayerFile {
                    name: own,
                    layer: channels.layer.clone(),
                    place,
                    cues: Vec::new(),
                    channels: Some(Same(channels)),
                }));
                continue;
            }
            let around =
                Around { files: &[], scope, given: &Vars::default(), giver: ("", ""), shifts: &[] };
            let mut cues = Vec::new();
            if let Some(layer) = self.cue_file(show, name, &tree, &around, &mut cues) {
                files.push(LayerFile { name: own, layer, place, cues, channels: None });
            }
        }
        self.decoder.names.vars = Some(scope.clone());
        files
    }

    /// Gathers the cues of a file, those that it includes first.
    fn cue_file(
        &mut self,
        show: &str,
        name: &Spanned<String>,
        tree: &Arc<Tree>,
        around: &Around<'_>,
        cues: &mut Vec<ShiftedCue>,
    ) -> Option<LayerSettings> {
        let path = format!("shows/{show}/{}", name.value);
        let scope = self.file_scope(tree, around);
        self.decoder.names.vars = Some(scope.clone());
        let source = self.remembered(
            |memory| &mut memory.cue_files,
            &path,
            (Same(Arc::clone(tree)), self.decoder.names.clone()),
            |loader, (tree, _)| loader.decode::<CueFile>(tree).map(Arc::new),
        )?;
        let files: Vec<&str> = around.files.iter().copied().chain([name.value.as_str()]).collect();
        for (index, include) in source.include.iter().enumerate() {
            let pointer = format!("/include/{index}/vars");
            let giver = (path.as_str(), pointer.as_str());
            self.included(show, include, &files, (&scope, giver), around.shifts, cues);
        }
        let shifts: Arc<[Span]> = around.shifts.into();
        let own = source.cues.iter().map(|cue| Same(Arc::clone(cue)));
        cues.extend(own.map(|cue| ShiftedCue { cue, shifts: Arc::clone(&shifts) }));
        Some(source.layer.clone())
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
        self.included += 1;
        if self.included > MOST {
            // Told of once.
            if self.included == MOST + 1 {
                let message = format!("files are included more than {MOST} times in this show");
                let error = Diagnostic::error("too-many-includes", include.place.clone(), message);
                self.decoder.say(error.hint("includes in includes multiply"));
            }
            return;
        }
        let shifts: Vec<Span> = [*shift].iter().chain(shifts).copied().collect();
        let around = Around { files, scope, given: vars, giver, shifts: &shifts };
        let name = Spanned { value: file.clone(), place: include.place.clone() };
        let path = format!("shows/{show}/{}", name.value);
        let Some(tree) = self.tree(&path, &name.place) else { return };
        if is_channel_file(&tree.root) {
            let message =
                format!("`{}` is a channel layer, and no layer includes another", name.value);
            let error = Diagnostic::error("conflict", name.place.clone(), message);
            self.decoder.say(error.hint("name it in `cues` of show.toml"));
            return;
        }
        self.cue_file(show, &name, &tree, &around, cues);
    }
}
