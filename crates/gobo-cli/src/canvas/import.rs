//! `gobo canvas import`: files of frames from elsewhere become canvases.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Context, Result};
use gobo_canvas::fseq::{FseqError, FseqImport, import_fseq};
use gobo_canvas::{Header, InterchangeError, WriteError, import_dmxp};

use crate::args::PlaceArgs;
use crate::failure::{Exit, fault};
use crate::output::{Unwritten, apart, make_folder_of};
use crate::project::shown;
use crate::terminal::{Style, Terminal, printable};
use crate::value::counted;

/// Runs `gobo canvas import`.
pub(super) fn run(
    terminal: &Terminal,
    file: &Path,
    output: Option<&Path>,
    places: PlaceArgs,
) -> Result<Exit> {
    let output = output.map_or_else(|| file.with_extension("canvas"), Path::to_owned);
    apart(file, &output)?;
    let Some((header, media)) = import(file, &output, places)? else {
        return Err(fault(format!("{} is neither an FSEQ nor a DMXP file", file.display())));
    };
    terminal.status(format_args!(
        "{}  {} at {} FPS, {}",
        terminal.paint(Style::Bold, shown(&output)),
        counted(header.frames as usize, "frame"),
        header.rate,
        counted(header.universes.len(), "universe")
    ))?;
    if let Some(media) = media {
        terminal.status(format_args!("it belongs to the sound {}", printable(&media)))?;
    }
    Ok(Exit::Fine)
}

/// Makes a canvas of a file, and says which sound it belongs to; `None` if it is of no format that
/// is known.
pub(crate) fn import(
    file: &Path,
    to: &Path,
    places: PlaceArgs,
) -> Result<Option<(Header, Option<String>)>> {
    let failed = || format!("cannot read {}", file.display());
    let mut input = BufReader::new(File::open(file).with_context(failed)?);
    let mut magic = Vec::new();
    input.by_ref().take(4).read_to_end(&mut magic).with_context(failed)?;
    input.seek(SeekFrom::Start(0)).with_context(failed)?;
    let name = file.file_stem().and_then(OsStr::to_str).unwrap_or("imported");
    let whose = |error: String| fault(format!("{}: {error}", file.display()));
    if matches!(magic.as_slice(), b"PSEQ" | b"DMXP") {
        make_folder_of(to)?;
    }
    match magic.as_slice() {
        b"PSEQ" => {
            let places = FseqImport { first: places.first, size: places.universe_size };
            match import_fseq(&mut input, to, name, places) {
                Ok((header, fseq)) => Ok(Some((header, fseq.media))),
                Err(FseqError::Write(error)) => Err(cannot_write(error, to)),
                Err(error) => Err(whose(error.to_string())),
            }
        }
        b"DMXP" => match import_dmxp(&mut input, to, name, places.first) {
            Ok(header) => Ok(Some((header, None))),
            Err(InterchangeError::Write(error)) => Err(cannot_write(error, to)),
            Err(error) => Err(whose(error.to_string())),
        },
        _ => Ok(None),
    }
}

fn cannot_write(error: WriteError, to: &Path) -> anyhow::Error {
    anyhow::Error::new(error).context(Unwritten::file(to))
}
