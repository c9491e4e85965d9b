//! Where the files of a show are: by name, at any depth.

use crate::Folder;

/// The files that matter, by what they are.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// `fixtures.json`.
    pub(super) fixtures: Option<String>,
    /// Templates: `fixture.<type>.<model>.json`.
    pub(super) templates: Vec<String>,
    /// `pois.json`.
    pub(super) pois: Option<String>,
    /// `chasers.json`, or each file in `chasers`.
    pub(super) chasers: Vec<String>,
    /// The cue sheets, by song.
    pub(super) sheets: Vec<Sheet>,
    /// All files.
    pub(super) all: Vec<String>,
}

/// A cue sheet.
#[derive(Debug)]
pub(super) struct Sheet {
    /// Its song.
    pub(super) song: String,
    /// The file.
    pub(super) path: String,
}

impl Files {
    pub(super) fn find(folder: &dyn Folder) -> Self {
        let all = folder.files();
        let fixtures = main(&all, "fixtures");
        // Other folders with fixtures of their own are other shows.
        let own = fixtures.as_deref().map(|path| split(path).0.to_owned());
        let foreign: Vec<&str> = all
            .iter()
            .filter(|path| is_named(split(path).1, "fixtures"))
            .map(|path| split(path).0)
            .filter(|other| own.as_deref().is_some_and(|own| inside(other, own) && *other != own))
            .collect();
        let ours = |path: &&String| !foreign.iter().any(|other| inside(split(path).0, other));
        let mut files = Self { fixtures, ..Self::default() };
        for path in all.iter().filter(ours) {
            let (above, name) = split(path);
            let parent = split(above).1;
            let is_json = name.ends_with(".json");
            if is_json && name.starts_with("fixture.") {
                files.templates.push(path.clone());
            } else if name == "chasers.json" || (is_json && parent == "chasers") {
                files.chasers.push(path.clone());
            } else if name.ends_with(".cue.json") || (is_json && parent == "cues") {
                let song = song_name(name).to_owned();
                if files.sheets.iter().all(|sheet| sheet.song != song) {
                    files.sheets.push(Sheet { song, path: path.clone() });
                }
            }
        }
        let near: Vec<String> = all.iter().filter(ours).cloned().collect();
        files.pois = main(&near, "pois");
        // One file a chaser took the place of one file for all.
        if files.chasers.iter().any(|path| split(split(path).0).1 == "chasers") {
            files.chasers.retain(|path| split(path).1 != "chasers.json");
        }
        files.all = near;
        files
    }

    /// The file `name` that belongs to a song: in a folder of the song's name.
    pub(super) fn of_song(&self, song: &str, name: &str) -> Option<&String> {
        self.all.iter().find(|path| {
            let (above, file) = split(path);
            file == name && split(above).1 == song
        })
    }

    /// The first file with one of these names, wherever it is.
    pub(super) fn named(&self, names: &[String]) -> Option<&String> {
        names.iter().find_map(|name| self.all.iter().find(|path| split(path).1 == name))
    }
}

/// `<stem>.json` where it lies least deep, or else `<stem>.<something>.json`.
fn main(all: &[String], stem: &str) -> Option<String> {
    let exact = format!("{stem}.json");
    let fits = |exactly: bool| {
        let named = all.iter().filter(|path| match exactly {
            true => split(path).1 == exact,
            false => is_named(split(path).1, stem),
        });
        named.min_by_key(|path| (path.matches('/').count(), (*path).clone())).cloned()
    };
    fits(true).or_else(|| fits(false))
}

fn is_named(name: &str, stem: &str) -> bool {
    name.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.') && rest.ends_with(".json"))
}

/// A path's folder and file.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn inside(path: &str, folder: &str) -> bool {
    folder.is_empty() || path == folder || path.starts_with(&format!("{folder}/"))
}

/// A song's name without what files add to it.
pub(super) fn song_name(file: &str) -> &str {
    let endings = [".cue.json", ".json", ".mp3", ".wav", ".flac", ".ogg", ".m4a"];
    endings.iter().find_map(|ending| file.strip_suffix(ending)).unwrap_or(file)
}
