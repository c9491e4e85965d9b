//! The built page is that of the sources beside it. What builds it needs Node; what looks does not.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("page")
}

/// All files under a folder of the page, by their path within it.
fn files(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(page().join(folder)).unwrap();
    let path = |entry: fs::DirEntry| {
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() { files(&path) } else { vec![path] }
    };
    entries.flat_map(|entry| path(entry.unwrap())).collect()
}

fn line(path: &str) -> String {
    let hash = Sha256::digest(fs::read(page().join(path)).unwrap());
    let mut line = hash.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    });
    writeln!(line, "  {path}").unwrap();
    line
}

#[test]
fn the_built_page_is_current() {
    let listed = fs::read_to_string(page().join("dist/SOURCES.sha256")).unwrap();
    let named = listed.lines().filter_map(|line| line.split_once("  ")).map(|(_, path)| path);
    let outside = named.filter(|path| !path.contains('/')).map(str::to_owned);
    let mut sources: Vec<String> = outside.chain(files("public")).chain(files("src")).collect();
    sources.sort();
    let found: String = sources.iter().map(|path| line(path)).collect();
    let (old, new): (BTreeSet<&str>, BTreeSet<&str>) =
        (listed.lines().collect(), found.lines().collect());
    let changed: Vec<_> = old.symmetric_difference(&new).collect();
    assert!(changed.is_empty(), "to be built anew by `make page`: {changed:#?}");
}

#[test]
fn the_page_asks_for_nothing_from_elsewhere() {
    for name in ["index.html", "page.js", "page.css"] {
        let text = fs::read_to_string(page().join("dist").join(name)).unwrap();
        let addresses = text.split("http").skip(1).filter(|rest| {
            let rest = rest.trim_start_matches('s');
            rest.starts_with("://") && !rest.starts_with("://www.w3.org/")
        });
        assert_eq!(addresses.count(), 0, "{name}");
    }
}
