//! `gobo canvas export`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use gobo_canvas::Canvas;
use gobo_canvas::fseq::{FseqCompression, FseqError, FseqExport, FseqOptions, export_fseq};

use super::open;
use crate::args::{Emit, FseqArgs, FseqPressing};
use crate::failure::{Exit, fault, misuse};
use crate::output::{apart, write_until};
use crate::project::shown;
use crate::screen::Interrupt;
use crate::terminal::Terminal;

/// Runs `gobo canvas export`.
pub(super) fn run(
    terminal: &Terminal,
    path: &Path,
    format: Emit,
    output: Option<&Path>,
    fseq: &FseqArgs,
) -> Result<Exit> {
    if format != Emit::Fseq && *fseq != FseqArgs::default() {
        return Err(misuse("--step, --sparse, --pressing and --media are for FSEQ (--as fseq)"));
    }
    let interrupt = Interrupt::listen()?;
    let canvas = Arc::new(open(path)?);
    let source = Source { canvas: &canvas, path, interrupt: &interrupt };
    for written in export(terminal, &source, format, output, fseq)? {
        terminal.status(format_args!("wrote {}", shown(&written)))?;
    }
    Ok(Exit::Fine)
}

/// A canvas that is written in other formats, until an interrupt comes.
pub(crate) struct Source<'a> {
    pub(crate) canvas: &'a Arc<Canvas>,
    pub(crate) path: &'a Path,
    pub(crate) interrupt: &'a Interrupt,
}

impl Emit {
    /// How the names of its files end.
    fn extension(self) -> &'static str {
        match self {
            Self::Dmxp => "dmxp",
            Self::Fseq => "fseq",
            Self::Raw => "raw",
        }
    }
}

/// Refuses formats whose files, beside a canvas that is to be made, would take its place.
pub(crate) fn beside(canvas: Option<&Path>, formats: &[Emit]) -> Result<()> {
    let is_same =
        |path: &&Path| formats.iter().any(|one| path.with_extension(one.extension()) == **path);
    match canvas.filter(is_same) {
        Some(path) => Err(misuse(format!(
            "{} would be both the canvas and what is made of it: name the canvas otherwise",
            shown(path)
        ))),
        None => Ok(()),
    }
}

/// Writes a canvas in another format, beside it unless told otherwise; says which files.
///
/// DMXP holds one universe: a canvas of several becomes as many files.
pub(crate) fn export(
    terminal: &Terminal,
    source: &Source<'_>,
    format: Emit,
    output: Option<&Path>,
    fseq: &FseqArgs,
) -> Result<Vec<PathBuf>> {
    let Source { canvas, path, interrupt } = *source;
    let to = output.map_or_else(|| path.with_extension(format.extension()), Path::to_owned);
    if format == Emit::Raw {
        apart(path, &to)?;
        write_until(interrupt, &to, |file| Ok(gobo_canvas::export_raw(canvas, file)?))?;
        return Ok(vec![to]);
    }
    if format == Emit::Fseq {
        apart(path, &to)?;
        write_fseq(terminal, source, &to, fseq)?;
        return Ok(vec![to]);
    }
    let universes = &canvas.header().universes;
    if universes.is_empty() {
        return Err(misuse(format!("{} has no universe", path.display())));
    }
    let rate = canvas.header().rate;
    if rate.denominator() != 1 {
        terminal.warn(format_args!(
            "DMXP has whole frames a second: of {rate} FPS it says {:.0}; the times of its frames \
             stay right",
            rate.as_f64()
        ));
    }
    let mut written = Vec::with_capacity(universes.len());
    for (index, entry) in universes.iter().enumerate() {
        let to = match universes.len() {
            1 => to.clone(),
            _ => to.with_extension(format!("{}.dmxp", entry.universe)),
        };
        apart(path, &to)?;
        write_until(interrupt, &to, |file| Ok(gobo_canvas::export_dmxp(canvas, index, file)?))?;
        written.push(to);
    }
    Ok(written)
}

/// Writes a canvas as FSEQ; says when its frames had to be chosen by time.
fn write_fseq(terminal: &Terminal, source: &Source<'_>, to: &Path, args: &FseqArgs) -> Result<()> {
    let canvas = source.canvas;
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
    write_until(source.interrupt, to, |file| {
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
