//! QLC+ workspaces (`.qxw`): fixtures and groups to a venue, functions to patterns, shows to
//! shows. Channels are set by number there, so scenes name channels here.

mod efx;
mod function;
mod matrix;
mod movement;
mod patch;
mod patterns;
mod project;
mod show;
mod workspace;

use std::collections::BTreeSet;

use gobo_show::Source;

use crate::folder::Folder;
use crate::imported::{ImportError, Imported};
use crate::native::Names;
use function::{Function, Kind};
use patterns::Patterns;

/// Turns the workspace `file` of `folder` into a project. Fixture definitions (`.qxf`) are taken
/// from `definitions`, then from the folder; a sound file must be in the folder.
///
/// # Errors
/// [`ImportError::Faulty`] with every mistake when the file is no workspace or not whole.
pub fn import(
    folder: &dyn Folder,
    file: &str,
    definitions: Vec<Source>,
) -> Result<Imported, ImportError> {
    let source = folder.source(file)?;
    let workspace = workspace::read(&source).map_err(ImportError::Faulty)?;
    let mut definitions = definitions;
    let beside = folder.files().into_iter().filter(|path| path.ends_with(".qxf"));
    definitions.extend(beside.filter_map(|path| folder.source(&path).ok()));

    let mut imported = Imported::default();
    let mut names = Names::default();
    let patch = patch::patch(&workspace, &definitions, &mut names, &mut imported);
    let groups = project::group_names(&workspace, &patch, &mut names, &mut imported);
    let stem = project::stem(file);
    let venue_name = gobo_show::profile::slug(stem);
    let venue = project::venue(&workspace, &patch, &groups, file, &mut imported);
    imported.text(format!("fixtures/{venue_name}.toml"), venue);

    let mut patterns = Patterns::new(&workspace, &patch, &groups, &mut imported);
    for id in workspace.functions.keys() {
        patterns.get(*id);
    }
    let written: Vec<(&Function, &[function::Track])> = workspace
        .functions
        .values()
        .filter_map(|function| match &function.kind {
            Kind::Show(tracks) => Some((function, tracks.as_slice())),
            _ => None,
        })
        .collect();
    show::unplayed_sounds(&mut patterns, &written);
    let mut plans: Vec<_> = written
        .iter()
        .map(|(function, tracks)| show::plan(&mut patterns, function, tracks))
        .collect();
    plans.retain(|plan| !plan.layers.is_empty() || plan.audio.is_some());
    if plans.is_empty() {
        plans.push(show::unwritten(&mut patterns, stem));
    }
    write(&mut patterns, &plans, &venue_name, folder);
    Ok(imported)
}

/// Writes every show; the first one gets the patterns that none plays, too.
fn write(patterns: &mut Patterns<'_>, plans: &[show::Plan], venue: &str, folder: &dyn Folder) {
    let mut played = BTreeSet::new();
    for plan in plans {
        plan.plays.iter().for_each(|id| patterns.reached(*id, &mut played));
    }
    let mut rest: BTreeSet<u32> =
        patterns.all().map(|(id, _)| id).filter(|id| !played.contains(id)).collect();
    let mut names = Names::default();
    for plan in plans {
        let name = names.take(&plan.title);
        project::show(plan, venue, &rest, (&name, folder), patterns);
        rest.clear();
    }
}
