//! What lies outside the project under test: the demo, material beside the checkout, tools of the
//! machine. What is not there is said, and its test passes without it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Says why a test did not do its work.
#[allow(clippy::print_stderr, reason = "the only word of a test that passes")]
pub(crate) fn say_skipped(why: &str) {
    eprintln!("skipped: {why}");
}

/// The repository, which is also the demo's project.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("a checkout")
}

/// Material beside the checkout that is read in place.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    // A worktree lies one folder deeper than the repository.
    let places = ["../shared", "../../shared"].map(|place| repository().join(place).join(path));
    let found = places.into_iter().find(|place| place.exists());
    if found.is_none() {
        say_skipped(&format!("{path} is not beside the checkout"));
    }
    found
}

/// A command of this machine.
pub(crate) fn tool(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let found = env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.exists());
    if found.is_none() {
        say_skipped(&format!("{name} is not installed"));
    }
    found
}

/// The independent receiver from beside the checkout, built once, away from its sources.
pub(crate) fn rxmeter() -> Option<PathBuf> {
    let manifest = shared("tools/rxmeter/Cargo.toml")?;
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rxmeter");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--release", "--quiet", "--locked", "--manifest-path"])
        .arg(manifest)
        .env("CARGO_TARGET_DIR", &target)
        .status();
    if !built.is_ok_and(|status| status.success()) {
        say_skipped("rxmeter does not build here");
        return None;
    }
    Some(target.join("release/rxmeter"))
}
