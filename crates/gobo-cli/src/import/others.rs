//! `gobo import qlcplus`, `wled` and `xlights`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use gobo_import::{Folder, qlcplus, wled, xlights};
use gobo_show::Source;

use super::disk::DiskFolder;
use super::finish;
use crate::args::{QlcplusArgs, WledArgs, XlightsArgs};
use crate::failure::{Exit, misuse};
use crate::terminal::Terminal;

/// Runs `gobo import qlcplus`.
pub(super) fn qlcplus(terminal: &Terminal, args: &QlcplusArgs) -> Result<Exit> {
    let (folder, name) = apart(&args.file)?;
    let definitions = definitions(&args.fixtures)?;
    let imported = qlcplus::import(&DiskFolder::beside(&folder), &name, definitions);
    finish(terminal, &folder, &args.into.output, args.into.force, imported)
}

/// Runs `gobo import wled`.
pub(super) fn wled(terminal: &Terminal, args: &WledArgs) -> Result<Exit> {
    let from = &args.folder;
    fs::read_dir(from).with_context(|| format!("cannot look into {}", from.display()))?;
    let imported = wled::import(&DiskFolder::new(from));
    finish(terminal, from, &args.into.output, args.into.force, imported)
}

/// Runs `gobo import xlights`.
pub(super) fn xlights(terminal: &Terminal, args: &XlightsArgs) -> Result<Exit> {
    let (folder, name) = apart(&args.file)?;
    let imported = xlights::import(&DiskFolder::beside(&folder), &name);
    finish(terminal, &folder, &args.into.output, args.into.force, imported)
}

/// A file's folder and its name.
pub(super) fn apart(file: &Path) -> Result<(PathBuf, String)> {
    fs::metadata(file).with_context(|| format!("cannot read {}", file.display()))?;
    let name = file.file_name().and_then(|name| name.to_str());
    let name =
        name.ok_or_else(|| misuse(format!("{} has no name that is text", file.display())))?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    Ok((folder.unwrap_or(Path::new(".")).to_owned(), name.to_owned()))
}

/// The fixture definitions in folders, at any depth.
pub(super) fn definitions(folders: &[PathBuf]) -> Result<Vec<Source>> {
    let mut definitions = Vec::new();
    for folder in folders {
        fs::read_dir(folder).with_context(|| format!("cannot look into {}", folder.display()))?;
        let folder = DiskFolder::new(folder);
        let files = folder.files().into_iter().filter(|path| path.ends_with(".qxf"));
        definitions.extend(files.filter_map(|path| folder.source(&path).ok()));
    }
    Ok(definitions)
}
