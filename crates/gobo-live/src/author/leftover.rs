//! What a program that is killed in the middle of an edit leaves behind, told by its name, and
//! tidied away at the next start.
//!
//! A new text is written as `.NAME.N.gobo-begun` beside the file, and once the disk has all of it
//! renamed to `.NAME.OLD-NEW.gobo-whole`, after the hashes of what it replaces and of itself. Then
//! both files are exchanged. So a whole one that is neither OLD nor NEW came out of the exchange
//! and was written by somebody else a moment before: it goes back.

use std::fs;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_128;

use super::disk::exchange;

const BEGUN: &str = ".gobo-begun";
const WHOLE: &str = ".gobo-whole";
/// How deep the folders of a project are looked through.
const DEEPEST: usize = 8;

fn beside(file: &Path, mark: &str) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!(".{name}.{mark}"))
}

/// The name of a new text that is being written.
pub(super) fn begun(file: &Path, number: u128) -> PathBuf {
    beside(file, &format!("{number:x}{BEGUN}"))
}

/// The name of a new text that is written.
pub(super) fn whole(file: &Path, old: u128, new: u128) -> PathBuf {
    beside(file, &format!("{old:032x}-{new:032x}{WHOLE}"))
}

/// Removes what was left behind below a folder; what is another's edit goes back to its place.
pub(super) fn tidy(root: &Path) {
    let mut folders = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth < DEEPEST && !name.starts_with('.') => {
                    folders.push((entry.path(), depth + 1));
                }
                Ok(kind) if kind.is_file() && name.starts_with('.') => clear(&entry.path(), &name),
                _ => {}
            }
        }
    }
}

/// Removes a file, if its name says that it was left behind.
fn clear(path: &Path, name: &str) {
    if name.ends_with(BEGUN) {
        let _ = fs::remove_file(path);
    }
    let Some((of, old, new)) = parts(name) else { return };
    let hash = |path: &Path| fs::read(path).ok().map(|bytes| xxh3_128(&bytes));
    let place = path.with_file_name(of);
    let is_ours = hash(path).is_none_or(|hash| hash == old || hash == new);
    if !is_ours && hash(&place) == Some(new) && exchange(path, &place).is_err() {
        return;
    }
    let _ = fs::remove_file(path);
}

/// The file that a whole text is for, and the two hashes in its name.
fn parts(name: &str) -> Option<(&str, u128, u128)> {
    let (of, hashes) = name.strip_suffix(WHOLE)?.strip_prefix('.')?.rsplit_once('.')?;
    let (old, new) = hashes.split_once('-')?;
    let hash = |text| u128::from_str_radix(text, 16).ok();
    Some((of, hash(old)?, hash(new)?))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// What a killed program left, and what is in the file's place before and after.
    #[test]
    fn leftovers_are_tidied_away_and_edits_go_back() {
        let (old, new) = (xxh3_128(b"old"), xxh3_128(b"new"));
        let table: [(&[u8], &[u8], &[u8]); 5] = [
            (b"new", b"old", b"old"),
            (b"old", b"new", b"new"),
            (b"new", b"edited", b"edited"),
            // Killed right after the exchange with an edit that nobody had seen.
            (b"edited", b"new", b"edited"),
            (b"edited", b"edited again", b"edited again"),
        ];
        for (left, place, after) in table {
            let root = tempfile::tempdir().unwrap();
            let folder = root.path().join("shows/x");
            fs::create_dir_all(&folder).unwrap();
            let file = folder.join("cues.json");
            fs::write(&file, place).unwrap();
            fs::write(whole(&file, old, new), left).unwrap();
            fs::write(begun(&file, 7), "ne").unwrap();
            fs::write(folder.join(".hidden"), "kept").unwrap();
            tidy(root.path());
            assert_eq!(fs::read(&file).unwrap(), after);
            let mut names: Vec<_> =
                fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            assert_eq!(names, [".hidden", "cues.json"]);
        }
    }
}
