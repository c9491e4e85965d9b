//! Every source of a project, checked: shows, playlists, and the venues and profiles that no show uses.

use std::collections::BTreeMap;

use super::playlist::check_playlists;
use super::{Loader, Memory, Texts, in_order, load_apart, stem};
use crate::decode::Spanned;
use crate::diagnostic::{Diagnostic, Place, Spot};
use crate::profile::Profile;
use crate::world::World;

/// Everything to say about the shows named `shows`, every playlist, every venue and every
/// profile, each once.
///
/// A fixture or a group is only unused when every show of its venue says so.
pub fn check_project(world: &dyn World, shows: &[String]) -> Vec<Diagnostic> {
    let mut read: BTreeMap<String, usize> = BTreeMap::new();
    let mut diagnostics = Vec::new();
    let mut unused: Vec<(Diagnostic, usize)> = Vec::new();
    // Shows share venues.
    let mut memory = Memory::default();
    for show in shows {
        let (loaded, venue) = load_apart(world, show, &mut memory);
        for path in loaded.read {
            *read.entry(path).or_default() += 1;
        }
        diagnostics.extend(loaded.diagnostics);
        for found in venue {
            match unused.iter_mut().find(|(known, _)| *known == found) {
                Some((_, count)) => *count += 1,
                None => unused.push((found, 1)),
            }
        }
    }
    let by_all = |(found, count): &(Diagnostic, usize)| {
        read.get(&*found.place.file).is_some_and(|shows| shows == count)
    };
    diagnostics.extend(unused.into_iter().filter(by_all).map(|(found, _)| found));
    diagnostics.extend(check_folders(world));
    diagnostics.extend(check_playlists(world, shows));
    diagnostics.extend(check_venues(world, &read));
    diagnostics.extend(check_profiles(world, &read));
    in_order(world, diagnostics, &mut Texts::new())
}

/// Folders with sources that are no show for want of a `show.toml`.
fn check_folders(world: &dyn World) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for folder in world.folders("shows") {
        let folder = format!("shows/{}", super::last_name(&folder));
        let files = world.list(&folder);
        let has = |end: &str| files.iter().find(|file| super::last_name(file).ends_with(end));
        let Some(file) = has(".toml").or_else(|| has(".json")) else { continue };
        if files.iter().any(|file| super::last_name(file) == "show.toml") {
            continue;
        }
        let file = format!("{folder}/{}", super::last_name(file));
        let place = Place { file: file.into(), spot: Spot::File };
        let message = format!("the folder `{folder}` is no show: it has no `show.toml`");
        diagnostics.push(Diagnostic::warning("no-show-file", place, message));
    }
    diagnostics
}

/// The venues that no show uses.
fn check_venues(world: &dyn World, read: &BTreeMap<String, usize>) -> Vec<Diagnostic> {
    let mut loader = Loader::new(world);
    for file in world.list("fixtures") {
        let path = format!("fixtures/{}", super::last_name(&file));
        if path.ends_with(".toml") && !read.contains_key(&path) {
            let place = Place { file: path.as_str().into(), spot: Spot::File };
            loader.venue(&Spanned { value: stem(&path).to_owned(), place });
        }
    }
    loader.decoder.diagnostics
}

/// The profiles that no fixture uses.
fn check_profiles(world: &dyn World, read: &BTreeMap<String, usize>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for maker in world.folders("fixtures/profiles") {
        let folder = format!("fixtures/profiles/{}", super::last_name(&maker));
        for file in world.list(&folder) {
            let path = format!("{folder}/{}", super::last_name(&file));
            if !path.ends_with(".json") || read.contains_key(&path) {
                continue;
            }
            match world.read(&path) {
                Ok(source) => diagnostics.extend(Profile::parse(&source).1),
                Err(error) => {
                    let place = Place { file: path.as_str().into(), spot: Spot::File };
                    let message = format!("`{path}` cannot be read: {error}");
                    diagnostics.push(Diagnostic::error("unreadable-file", place, message));
                }
            }
        }
    }
    diagnostics
}
