//! `gobo canvas export`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use gobo_canvas::Canvas;
use gobo_canvas::fseq::{FseqCompression, FseqError, FseqExport, FseqOptions, export_fseq};

use super::open;
use crate::args::{Emit, FseqArgs, FseqPressing};
use crate::failure::{Exit, fault, misuse};
use crate::output::write_with;
use crate::project::shown;
use crate::terminal::Terminal;

/// Runs `gobo canvas export`.
pub(super) fn run(
    terminal: &Terminal,
    path: &Path,
    format: Emit,
    output: Option<&Path>,
    fseq: &FseqArgs,
) -> Result<Exit> {
    let canvas = Arc::new(open(path)?);
    for written in export(terminal, &canvas, path, format, output, fseq)? {
        terminal.status(format_args!("wrote {}", shown(&written)))?;
    }
    Ok(Exit::Fine)
}

/// Writes a canvas in another format, beside it unless told otherwise; says which files.
///
/// DMXP holds one universe: a canvas of several becomes as many files.
pub(crate) fn export(
    terminal: &Terminal,
    canvas: &Arc<Canvas>,
    path: &Path,
    format: Emit,
    output: Option<&Path>,
    fseq: &FseqArgs,
) -> Result<Vec<PathBuf>> {
    let to = |extension: &str| match output {
        Some(output) => output.to_owned(),
        None => path.with_extension(extension),
    };
    if format == Emit::Raw {
        let to = to("raw");
        write_with(&to, |file| Ok(gobo_canvas::export_raw(canvas, file)?))?;
        return Ok(vec![to]);
    }
    if format == Emit::Fseq {
        let to = to("fseq");
        write_fseq(terminal, canvas, &to, fseq)?;
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
        write_with(&to, |file| Ok(gobo_canvas::export_dmxp(canvas, index, file)?))?;
        written.push(to);
    }
    Ok(written)
}

/// Writes a canvas as FSEQ; says when its frames had to be chosen by time.
fn write_fseq(terminal: &Terminal, canvas: &Arc<Canvas>, to: &Path, args: &FseqArgs) -> Result<()> {
    let song = canvas.header().song.as_ref().map(|song| song.path.as_str());
    let song = song.map(|path| path.rsplit_once('/').map_or(path, |(_, name)| name).to_owned());
    let options = FseqOptions {
        step_ms: args.step,
        compression: match args.pressing {
            FseqPressing::Zstd => FseqCompression::Zstd,
            FseqPressing::Zlib => FseqCompression::Zlib,
            FseqPressing::None => FseqCompression::None,
        },
        sparse: args.sparse,
        media: args.media.clone().or(song),
    };
    let mut made = None;
    write_with(to, |file| {
        made = Some(export_fseq(canvas, &options, file).map_err(|error| match error {
            FseqError::Unsayable(reason) => fault(reason),
            error => error.into(),
        })?);
        Ok(())
    })?;
    if let Some(FseqExport { step_ms, resampled: true, .. }) = made {
        let rate = canvas.header().rate;
        terminal.warn(format_args!(
            "FSEQ has whole milliseconds from frame to frame: of {rate} FPS it has the frames of \
             every {step_ms} ms"
        ));
    }
    Ok(())
}
