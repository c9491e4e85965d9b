//! `gobo canvas diff`.

use std::path::Path;

use anyhow::Result;

use super::open;
use crate::failure::Exit;
use crate::terminal::{Style, Terminal};

/// Compares two canvases and says what differs.
pub(super) fn run(terminal: &Terminal, old: &Path, new: &Path) -> Result<Exit> {
    let diff = gobo_canvas::diff(&open(old)?, &open(new)?)?;
    if diff.is_empty() {
        terminal.status(terminal.paint(Style::Green, "the canvases are the same"))?;
        return Ok(Exit::Fine);
    }
    terminal.write(&diff)?;
    if !diff.universes.is_empty() {
        let (universes, fixtures) = (diff.universes.len(), diff.universes.iter());
        let fixtures: usize = fixtures.map(|universe| universe.fixtures.len()).sum();
        terminal.status(format_args!("{universes} universes and {fixtures} fixtures differ"))?;
    }
    Ok(Exit::Faulty)
}
