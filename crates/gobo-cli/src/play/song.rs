//! Where the song of a canvas lies on this machine.

use std::path::{Path, PathBuf};

use gobo_canvas::SongReference;

use crate::project::Project;
use crate::terminal::Terminal;
use crate::world::hash;

/// The song's file: in the canvas's project, beside the canvas, or from the folder we are in.
/// One that is missing or not the one compiled for is said; the show goes on without it.
pub(super) fn find(terminal: &Terminal, canvas: &Path, song: &SongReference) -> Option<PathBuf> {
    let places = places(canvas, song);
    let Some(found) = places.into_iter().find(|place| place.is_file()) else {
        terminal.warn(format_args!("{} is not here: playing without sound", song.path));
        return None;
    };
    match hash(&found) {
        Ok(hash) if hash == song.hash => {}
        Ok(_) => terminal.warn(format_args!(
            "{} is another file than the show was compiled with",
            found.display()
        )),
        Err(error) => {
            terminal.warn(format_args!("cannot read {}: {error}", found.display()));
            return None;
        }
    }
    Some(found)
}

fn places(canvas: &Path, song: &SongReference) -> Vec<PathBuf> {
    let song = Path::new(&song.path);
    let folder = match canvas.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut places = Vec::new();
    places.extend(Project::above(folder).map(|project| project.root().join(song)));
    places.push(folder.join(song));
    places.extend(song.file_name().map(|name| folder.join(name)));
    places.push(song.to_owned());
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canvas_that_was_carried_off_finds_its_song_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let song =
            SongReference { path: "songs/tune.ogg".into(), hash: 0, seconds: 1.0, offset: 0.0 };
        let canvas = folder.path().join("show.canvas");
        let found = |place: &str| {
            let place = folder.path().join(place);
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            std::fs::write(&place, "").unwrap();
            places(&canvas, &song).into_iter().find(|place| place.is_file()) == Some(place)
        };
        assert!(found("tune.ogg"));
        assert!(found("songs/tune.ogg"));
        for folder_of_project in ["shows", "fixtures"] {
            std::fs::create_dir(folder.path().join(folder_of_project)).unwrap();
        }
        assert!(found("songs/tune.ogg"));
    }
}
