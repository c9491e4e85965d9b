//! Who we are on the wire: one UUID for the life of the installation (E1.31-2018 5.6).

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, Result};
use uuid::Uuid;

use crate::terminal::Terminal;

/// The component identifier of this installation; made and kept on first use. Where nothing can
/// be kept it lasts for this run, and that is said.
pub(super) fn cid(terminal: &Terminal) -> Uuid {
    static CID: OnceLock<Uuid> = OnceLock::new();
    *CID.get_or_init(|| {
        let kept = folder().context("there is no home folder").and_then(|folder| keep(&folder));
        kept.unwrap_or_else(|error| {
            terminal.warn(format_args!("receivers will see a new source: {error:#}"));
            Uuid::new_v4()
        })
    })
}

/// `$XDG_STATE_HOME/gobo`, else `~/.local/state/gobo`.
fn folder() -> Option<PathBuf> {
    let state = env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let state = state.or_else(|| Some(env::home_dir()?.join(".local/state")))?;
    Some(state.join("gobo"))
}

fn keep(folder: &Path) -> Result<Uuid> {
    let path = folder.join("cid");
    let failed = || format!("cannot keep an identity in {}", path.display());
    if let Some(cid) = read(&path) {
        return Ok(cid);
    }
    fs::create_dir_all(folder).with_context(failed)?;
    let cid = Uuid::new_v4();
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(failed)?;
    writeln!(file, "{cid}").with_context(failed)?;
    // Two players that start at once must agree: the first one's file stays.
    match file.persist_noclobber(&path) {
        Ok(_) => Ok(cid),
        Err(error) => match read(&path) {
            Some(cid) => Ok(cid),
            None => {
                error.file.persist(&path).with_context(failed)?;
                Ok(cid)
            }
        },
    }
}

fn read(path: &Path) -> Option<Uuid> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("a/gobo");
        let first = keep(&state).unwrap();
        assert_eq!(keep(&state).unwrap(), first);
        fs::write(state.join("cid"), "not one").unwrap();
        let second = keep(&state).unwrap();
        assert_ne!(second, first);
        assert_eq!(keep(&state).unwrap(), second);
    }
}
