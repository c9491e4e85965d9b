//! Projects in a folder of their own, and the world that reads them.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gobo_live::author::{Author, Authoring, Refusal, Written};
use gobo_live::sheet::Sheet;
use gobo_live::{Compiler, Edition};
use gobo_show::world::{SongFacts, WorldError};
use gobo_show::{Source, World};
use serde_json::{Value, json};

/// A folder as a world.
pub struct Folder(pub PathBuf);

impl Folder {
    fn names(&self, folder: &str, folders: bool) -> Vec<String> {
        let entries = fs::read_dir(self.0.join(folder)).into_iter().flatten().flatten();
        let entries = entries.filter(|entry| entry.path().is_dir() == folders);
        let mut names: Vec<_> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

impl World for Folder {
    fn read(&self, path: &str) -> Result<Source, WorldError> {
        let text = fs::read_to_string(self.0.join(path)).map_err(|_| WorldError::Missing)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        Ok(Source { path: path.into(), text: text.into() })
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.names(folder, false)
    }

    fn folders(&self, folder: &str) -> Vec<String> {
        self.names(folder, true)
    }

    fn song(&self, path: &str) -> Result<SongFacts, WorldError> {
        let bytes = fs::read(self.0.join(path)).map_err(|_| WorldError::Missing)?;
        let text = std::str::from_utf8(&bytes).ok();
        let seconds = text.and_then(|text| text.trim().parse().ok()).unwrap_or(90.0);
        Ok(SongFacts { seconds, hash: 1 })
    }
}

/// A project in a folder that goes when this is dropped.
pub struct Project {
    pub dir: tempfile::TempDir,
    pub show: &'static str,
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(fs::copy(entry.path(), to).unwrap()),
        }
    }
}

impl Project {
    /// The demo.
    pub fn demo() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        Self::of(&["shows", "songs", "fixtures"].map(|name| (root.join(name), name)), "demo")
    }

    /// A show of a channel layer, with chasers and measured points.
    pub fn channels() -> Self {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gobo-show/tests");
        Self::of(&[(tests.join("base"), ""), (tests.join("cases/good-channels"), "")], "show")
    }

    fn of(parts: &[(PathBuf, &str)], show: &'static str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (from, to) in parts {
            copy(from, &dir.path().join(to));
        }
        Self { dir, show }
    }

    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    pub fn world(&self) -> Folder {
        Folder(self.root().to_owned())
    }

    pub fn edition(&self) -> Arc<Edition> {
        let compiled = Compiler::default().compile(&self.world(), self.show);
        compiled.edition.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
    }

    pub fn sheet(&self) -> Sheet {
        self.seen().1
    }

    /// What a program sees at a moment.
    pub fn seen(&self) -> (Arc<Edition>, Sheet) {
        let edition = self.edition();
        let sheet = Sheet::of(&edition, &self.world());
        (edition, sheet)
    }

    pub fn text(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap()
    }

    pub fn write(&self, path: &str, text: &str) {
        fs::write(self.root().join(path), text).unwrap();
    }

    /// Carries an intent out on the project as it is.
    pub fn ask(&self, name: &str, payload: &Value) -> Result<Vec<Written>, Refusal> {
        self.ask_of(&self.seen(), name, payload)
    }

    /// Carries an intent out on what was seen, which may be old.
    pub fn ask_of(
        &self,
        (edition, sheet): &(Arc<Edition>, Sheet),
        name: &str,
        payload: &Value,
    ) -> Result<Vec<Written>, Refusal> {
        let intent = Authoring::parse(name, payload)?;
        Author::new(self.root()).unwrap().apply(edition, sheet, &self.world(), &intent)
    }

    /// Every file of the project with its bytes.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        let mut folders = vec![self.root().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => found.push((path.clone(), fs::read(path).unwrap())),
                }
            }
        }
        found.sort();
        found
    }
}

/// The lines that are in one text and not in the other: those gone, and those new.
pub fn changed(before: &str, after: &str) -> (Vec<String>, Vec<String>) {
    let (mut gone, mut new): (Vec<&str>, Vec<&str>) = (Vec::new(), after.split('\n').collect());
    for line in before.split('\n') {
        match new.iter().position(|known| *known == line) {
            Some(at) => drop(new.remove(at)),
            None => gone.push(line),
        }
    }
    let owned = |lines: Vec<&str>| lines.into_iter().map(str::to_owned).collect();
    (owned(gone), owned(new))
}

/// A row of the AI Light Show on a fixture.
#[allow(clippy::needless_pass_by_value, reason = "it is made for the call")]
pub fn row(time: f64, fixture: &str, effect: &str, duration: f64, data: Value) -> Value {
    json!({ "time": time, "fixture_id": fixture, "effect": effect, "duration": duration, "data": data })
}
