//! Folders of sources as worlds in memory. A song is a text file that says its length in seconds;
//! `x.unusable` makes the file `x` one that cannot be used, and says why.

use std::fs;
use std::path::Path;

use gobo_show::MemoryWorld;
use gobo_show::world::SongFacts;

/// Lays the files under `folder` over `world`.
pub(crate) fn lay(world: &mut MemoryWorld, folder: &Path, under: &str) {
    for entry in fs::read_dir(folder).expect("a folder of the tests") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a plain name");
        let inside = if under.is_empty() { name.to_owned() } else { format!("{under}/{name}") };
        if path.is_dir() {
            lay(world, &path, &inside);
        } else if let Some(inside) = inside.strip_suffix(".unusable") {
            let why = fs::read_to_string(&path).expect("a reason");
            world.unusable.insert(inside.to_owned(), why.trim().to_owned());
        } else if name.ends_with(".ogg") {
            let seconds = fs::read_to_string(&path).expect("a length");
            let seconds = seconds.trim().parse().expect("seconds");
            world.spectra.insert(inside.clone(), Default::default());
            world.songs.insert(inside, SongFacts { seconds, hash: 7 });
        } else if !name.ends_with(".snap") {
            world.files.insert(inside, fs::read_to_string(&path).expect("text").into());
        }
    }
}
