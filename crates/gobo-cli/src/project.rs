//! Where a project is and what shows it has: names and paths only, no source is read.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use gobo_show::diagnostic::nearest;

use crate::args::Global;
use crate::failure::misuse;

/// A folder with `shows` and `fixtures`.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    root: PathBuf,
}

impl Project {
    /// The project that a command means: of `-C`, else of the folder we are in.
    pub(crate) fn open(global: &Global) -> Result<Self> {
        let start = match &global.project {
            Some(folder) => folder.clone(),
            None => env::current_dir().context("there is no current folder")?,
        };
        Self::above(&start).ok_or_else(|| {
            misuse(format!(
                "{} is in no project: no folder above has `shows` and `fixtures` (make one with \
                 `gobo new NAME`, or name one with -C)",
                start.display()
            ))
        })
    }

    /// A folder taken as a project, to print places in its files.
    pub(crate) fn at(folder: &Path) -> Self {
        Self { root: folder.to_owned() }
    }

    /// The nearest project at or above a path.
    pub(crate) fn above(path: &Path) -> Option<Self> {
        let path = path.canonicalize().ok()?;
        let is_root =
            |folder: &&Path| folder.join("shows").is_dir() && folder.join("fixtures").is_dir();
        path.ancestors().find(is_root).map(|root| Self { root: root.to_owned() })
    }

    /// The project's folder, absolute.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The names of its shows, sorted.
    ///
    /// # Errors
    /// The folder `shows`, or one in it, cannot be read.
    pub(crate) fn shows(&self) -> Result<Vec<String>> {
        let folder = self.root.join("shows");
        let entries = match fs::read_dir(&folder) {
            Err(error) if is_nothing(&error) => return Ok(Vec::new()),
            entries => entries.with_context(|| format!("cannot read {}", shown(&folder)))?,
        };
        let mut names = Vec::new();
        for entry in entries.flatten() {
            let Ok(name) = entry.file_name().into_string() else { continue };
            if self.has_show(&name)? {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// Whether there is a show of that name; an error where its folder cannot be looked into.
    fn has_show(&self, name: &str) -> Result<bool> {
        let folder = self.root.join("shows").join(name);
        match fs::metadata(folder.join("show.toml")) {
            Ok(manifest) => Ok(manifest.is_file()),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                Err(error).with_context(|| format!("cannot read {}", shown(&folder)))
            }
            Err(_) => Ok(false),
        }
    }

    /// The show that was typed: a name, or a path to or into its folder.
    pub(crate) fn show(&self, typed: &str) -> Result<String> {
        // One that can be read needs nothing of its neighbours.
        let is_name = Path::new(typed).file_name().is_some_and(|name| name == typed);
        if is_name && self.has_show(typed)? {
            return Ok(typed.to_owned());
        }
        if let Some(name) = self.show_at(Path::new(typed))
            && self.has_show(&name)?
        {
            return Ok(name);
        }
        let shows = self.shows()?;
        let hint = match nearest(typed, shows.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None if shows.is_empty() => "the project has none".to_owned(),
            None => format!("there are {}", shows.join(", ")),
        };
        Err(misuse(format!("there is no show `{typed}`; {hint}")))
    }

    /// The only show, where none was typed.
    pub(crate) fn only_show(&self) -> Result<String> {
        match self.shows()?.as_slice() {
            [only] => Ok(only.clone()),
            [] => Err(misuse(format!("{} has no show", self.root.display()))),
            shows => Err(misuse(format!("name a show: {}", shows.join(", ")))),
        }
    }

    /// The name of the show whose folder holds `path`.
    fn show_at(&self, path: &Path) -> Option<String> {
        let path = path.canonicalize().ok()?;
        let inside = path.strip_prefix(self.root.join("shows")).ok()?;
        inside.components().next()?.as_os_str().to_str().map(str::to_owned)
    }

    /// Where a show's canvas lies.
    pub(crate) fn canvas(&self, show: &str) -> PathBuf {
        self.root.join("build").join(show).with_extension_added("canvas")
    }

    /// A project path as the user would type it from the folder they are in.
    pub(crate) fn shown(&self, path: &str) -> String {
        shown(&self.root.join(path))
    }
}

/// The project and show that an argument means; a path may lead into another project than ours.
pub(crate) fn project_of(global: &Global, typed: Option<&str>) -> Result<Project> {
    let elsewhere = typed.filter(|_| global.project.is_none()).map(Path::new);
    match elsewhere.filter(|path| path.is_dir() || path.is_file()).and_then(Project::above) {
        Some(project) => Ok(project),
        None => Project::open(global),
    }
}

/// Whether an error says that there is no such folder, rather than that it cannot be read.
pub(crate) fn is_nothing(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, InvalidInput, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory | InvalidFilename | InvalidInput)
}

/// A path as the user would type it: relative to the folder we are in, where that is shorter.
pub(crate) fn shown(path: &Path) -> String {
    let relative = env::current_dir()
        .ok()
        .and_then(|folder| folder.canonicalize().ok())
        .and_then(|folder| relative(path, &folder));
    relative.unwrap_or_else(|| path.to_owned()).display().to_string()
}

/// `path` from `folder`, both absolute, going up at most three times.
fn relative(path: &Path, folder: &Path) -> Option<PathBuf> {
    if !path.is_absolute() {
        return None;
    }
    let (ups, shared) = folder
        .ancestors()
        .take(4)
        .enumerate()
        .find(|(_, ancestor)| path.starts_with(ancestor) && ancestor.parent().is_some())?;
    let mut relative: PathBuf = (0..ups).map(|_| Component::ParentDir).collect();
    relative.push(path.strip_prefix(shared).ok()?);
    match relative.as_os_str().is_empty() {
        true => Some(PathBuf::from(".")),
        false => Some(relative),
    }
}

/// `Path::with_added_extension`, which Rust 1.89 lacks.
pub(crate) trait AddExtension {
    /// The path with `.extension` after its whole name, dots and all.
    fn with_extension_added(&self, extension: &str) -> PathBuf;
}

impl AddExtension for Path {
    fn with_extension_added(&self, extension: &str) -> PathBuf {
        let mut name = self.file_name().unwrap_or(OsStr::new("show")).to_owned();
        name.push(".");
        name.push(extension);
        self.with_file_name(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_from_where_we_are() {
        let at = |path: &str, folder: &str| {
            relative(Path::new(path), Path::new(folder)).map(|path| path.display().to_string())
        };
        assert_eq!(at("/p/shows/a/show.toml", "/p").as_deref(), Some("shows/a/show.toml"));
        assert_eq!(at("/p/fixtures/x", "/p/shows/a").as_deref(), Some("../../fixtures/x"));
        assert_eq!(at("/p", "/p").as_deref(), Some("."));
        assert_eq!(at("/other/x", "/p/shows"), None);
    }

    #[test]
    fn dots_in_show_names_stay() {
        let canvas = Project { root: "/p".into() }.canvas("v1.2");
        assert_eq!(canvas, Path::new("/p/build/v1.2.canvas"));
    }
}
