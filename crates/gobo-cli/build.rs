//! Stands for the sources of the compiler: a canvas that another build made is looked at anew.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The crates that decide what a canvas holds.
const CRATES: [&str; 6] = ["dmx", "canvas", "show", "render", "audio", "cli"];

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut hash = DefaultHasher::new();
    for name in CRATES {
        let folder = here.with_file_name(format!("gobo-{name}"));
        add(&folder.join("src"), &mut hash)?;
        add(&folder.join("Cargo.toml"), &mut hash)?;
    }
    if let Some(workspace) = here.parent().and_then(Path::parent) {
        add(&workspace.join("Cargo.lock"), &mut hash)?;
    }
    println!("cargo::rustc-env=GOBO_SOURCES={:016x}", hash.finish());
    Ok(())
}

/// Adds a file, or all files of a folder, in the order of their names. What is not there, as in a
/// published package, adds nothing: then the version says it all.
fn add(path: &Path, hash: &mut DefaultHasher) -> io::Result<()> {
    if path.is_dir() {
        println!("cargo::rerun-if-changed={}", path.display());
        let mut entries: Vec<PathBuf> =
            fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
        entries.sort();
        return entries.iter().try_for_each(|entry| add(entry, hash));
    }
    if path.is_file() {
        println!("cargo::rerun-if-changed={}", path.display());
        path.file_name().hash(hash);
        fs::read(path)?.hash(hash);
    }
    Ok(())
}
