//! `gobo canvas png` and `gobo canvas export`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use gobo_canvas::Canvas;
use gobo_canvas::picture::Picture;

use super::open;
use crate::args::{Emit, PartArgs};
use crate::failure::{Exit, misuse};
use crate::project::shown;
use crate::terminal::Terminal;

/// Runs `gobo canvas export`.
pub(super) fn run(
    terminal: &Terminal,
    path: &Path,
    format: Emit,
    output: Option<&Path>,
) -> Result<Exit> {
    let canvas = Arc::new(open(path)?);
    for written in export(&canvas, path, format, output)? {
        terminal.status(format_args!("wrote {}", shown(&written)))?;
    }
    Ok(Exit::Fine)
}

/// Writes a canvas in another format, beside it unless told otherwise; says which files.
///
/// DMXP holds one universe: a canvas of several becomes as many files.
pub(crate) fn export(
    canvas: &Arc<Canvas>,
    path: &Path,
    format: Emit,
    output: Option<&Path>,
) -> Result<Vec<PathBuf>> {
    let to = |extension: &str| match output {
        Some(output) => output.to_owned(),
        None => path.with_extension(extension),
    };
    if format == Emit::Raw {
        let to = to("raw");
        write(&to, |file| Ok(gobo_canvas::export_raw(canvas, file)?))?;
        return Ok(vec![to]);
    }
    let universes = &canvas.header().universes;
    if universes.is_empty() {
        return Err(misuse(format!("{} has no universe", path.display())));
    }
    let mut written = Vec::with_capacity(universes.len());
    for (index, entry) in universes.iter().enumerate() {
        let to = match universes.len() {
            1 => to("dmxp"),
            _ => to("dmxp").with_extension(format!("{}.dmxp", entry.universe)),
        };
        write(&to, |file| Ok(gobo_canvas::export_dmxp(canvas, index, file)?))?;
        written.push(to);
    }
    Ok(written)
}

/// Draws a canvas over time.
pub(super) fn png(
    terminal: &Terminal,
    path: &Path,
    output: Option<&Path>,
    width: u32,
    part: &PartArgs,
) -> Result<Exit> {
    let canvas = Arc::new(open(path)?);
    let output = output.map_or_else(|| path.with_extension("png"), Path::to_owned);
    let (from, to) = part.seconds(&canvas.header().sections).map_err(misuse)?;
    let picture = Picture { width, from, to, ..Picture::default() };
    let image = picture.draw(&canvas)?;
    write(&output, |file| Ok(image.write_png(file)?))?;
    terminal.status(format_args!("drew {}", shown(&output)))?;
    Ok(Exit::Fine)
}

/// Writes a file by what `fill` puts into it.
fn write(path: &Path, fill: impl FnOnce(&mut BufWriter<File>) -> Result<()>) -> Result<()> {
    let failed = || format!("cannot write {}", path.display());
    let mut file = BufWriter::new(File::create(path).with_context(failed)?);
    fill(&mut file).with_context(failed)?;
    file.flush().with_context(failed)
}
