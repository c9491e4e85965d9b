//! `gobo new`: a project that compiles, in a folder of its own.

use std::fs;
use std::io;
use std::path::{self, Path};

use anyhow::{Context, Result};

use crate::args::NewArgs;
use crate::failure::{Exit, misuse};
use crate::output::{self, Unwritten};
use crate::schema;
use crate::terminal::{Style, Terminal};

/// The files of a new project; `{{name}}` stands for its name.
const FILES: [(&str, &str); 8] = [
    ("README.md", include_str!("../templates/README.md")),
    (".gitignore", include_str!("../templates/gitignore")),
    ("fixtures/room.toml", include_str!("../templates/room.toml")),
    (
        "fixtures/profiles/generic/par-rgbw.json",
        include_str!("../../../fixtures/profiles/generic/par-rgbw.json"),
    ),
    ("fixtures/profiles/generic/moving-head.json", include_str!("../templates/moving-head.json")),
    ("shows/hello/show.toml", include_str!("../templates/show.toml")),
    ("shows/hello/base.json", include_str!("../templates/base.json")),
    ("shows/hello/accents.json", include_str!("../templates/accents.json")),
];

/// Runs the command.
pub(crate) fn run(terminal: &Terminal, args: &NewArgs) -> Result<Exit> {
    let folder = args.path.as_path();
    // `.` is named as what it stands for.
    let absolute = path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let name = match absolute.file_name().map(|name| name.to_string_lossy()) {
        Some(name) => name.into_owned(),
        None => return Err(misuse(format!("{} has no name of its own", folder.display()))),
    };
    if !is_free(folder)? {
        return Err(misuse(format!("{} is there already and not empty", folder.display())));
    }
    for (path, text) in FILES {
        output::write(&folder.join(path), text.replace("{{name}}", &name))?;
    }
    let songs = folder.join("songs");
    fs::create_dir_all(&songs).with_context(|| Unwritten::file(&songs))?;
    schema::write(&folder.join(schema::FOLDER))?;
    terminal.status(format_args!(
        "{} {name}: a room with two pars and a moving head, and the show `hello`\n\n    \
         cd {}\n    gobo compile\n    gobo play hello",
        terminal.paint(Style::Green, "made"),
        folder.display(),
    ))?;
    Ok(Exit::Fine)
}

/// Whether a folder can be made at a path, or is there with nothing in it.
fn is_free(folder: &Path) -> Result<bool> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(false),
        Err(error) => Err(error).with_context(|| format!("cannot look into {}", folder.display())),
    }
}
