//! Playlists: parsed, their shows looked up.

use super::{Loader, Texts, in_order, last_name};
use crate::decode::Spanned;
use crate::diagnostic::{Diagnostic, Place, Spot};
use crate::source::{EntryKeys, PlaylistSource, Position};
use crate::world::World;

/// What the name of a playlist ends with.
pub const PLAYLIST_ENDING: &str = ".playlist.toml";

/// Loads the playlist at `path`, whose entries name some of `shows` or files beside it; comes with
/// everything to say about it, and only where there is no error.
pub fn load_playlist(
    world: &dyn World,
    path: &str,
    shows: &[String],
) -> (Option<PlaylistSource>, Vec<Diagnostic>) {
    let mut loader = Loader::new(world);
    let place = Place { file: path.into(), spot: Spot::File };
    let tree = loader.tree(path, &place);
    let list = tree.and_then(|tree| loader.decode::<PlaylistSource>(&tree));
    if let Some(list) = &list {
        loader.check_playlist(path, list, shows);
    }
    let list = list.filter(|_| loader.errors() == 0);
    (list, in_order(world, loader.decoder.diagnostics, &mut Texts::new()))
}

/// Whether an entry names a file rather than a show.
pub fn is_file(typed: &str) -> bool {
    let ending = typed.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    matches!(ending.as_deref(), Some("canvas" | "fseq" | "dmxp"))
}

impl Loader<'_> {
    fn check_playlist(&mut self, path: &str, list: &PlaylistSource, shows: &[String]) {
        if list.shows.is_empty() && self.errors() == 0 {
            let place = Place { file: path.into(), spot: Spot::File };
            let error = Diagnostic::error("empty-playlist", place, "the playlist has no shows");
            self.decoder.say(error.hint("give `shows = [\"…\", \"…\"]`"));
        }
        for entry in &list.shows {
            let keys = &entry.value.0;
            match is_file(&keys.show.value) {
                true => self.check_file(path, &keys.show),
                false => self.check_show(&keys.show, shows),
            }
            self.check_part(keys);
        }
    }

    fn check_show(&mut self, show: &Spanned<String>, shows: &[String]) {
        if !shows.contains(&show.value) {
            let message = format!("there is no show `{}`", show.value);
            let error = Diagnostic::error("unknown-show", show.place.clone(), message);
            self.decoder.say(error.nearest(&show.value, shows.iter().map(String::as_str)));
        }
    }

    /// A file that lies where this world can see must be there.
    fn check_file(&mut self, playlist: &str, file: &Spanned<String>) {
        let Some(path) = beside(playlist, &file.value) else { return };
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let near = self.world.list(folder);
        let mut near = near.iter().map(|path| last_name(path));
        if !near.clone().any(|found| found == name) {
            let message = format!("there is no file `{path}`");
            let error = Diagnostic::error("missing-file", file.place.clone(), message);
            self.decoder.say(error.nearest(name, &mut near));
        }
    }

    fn check_part(&mut self, keys: &EntryKeys) {
        if let (Some(from), Some(to)) = (&keys.from, &keys.to)
            && let (Position::Seconds(start), Position::Seconds(end)) = (&from.value, &to.value)
            && end <= start
        {
            let message = format!("the part ends at {end} s, before it starts");
            let error = Diagnostic::error("empty-part", to.place.clone(), message);
            self.decoder.say(error.label(from.place.clone(), "its start"));
        }
    }
}

/// The path of a file named in a playlist, within the world; `None` where it leads out of it.
fn beside(playlist: &str, typed: &str) -> Option<String> {
    if typed.starts_with('/') || typed.contains('\\') {
        return None;
    }
    let folder = playlist.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in typed.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// What there is to say about the playlists of a project.
pub(super) fn check_playlists(world: &dyn World, shows: &[String]) -> Vec<Diagnostic> {
    let files = world.list("shows");
    let paths = files.iter().map(|file| format!("shows/{}", last_name(file)));
    let lists = paths.filter(|path| path.ends_with(PLAYLIST_ENDING));
    lists.flat_map(|path| load_playlist(world, &path, shows).1).collect()
}
