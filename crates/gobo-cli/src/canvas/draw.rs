//! `gobo canvas png` and `gobo canvas gif`.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use gobo_canvas::CanvasError;
use gobo_canvas::picture::{Film, Picture, PictureError};

use super::open;
use crate::args::{FilmArgs, PartArgs};
use crate::failure::{Exit, fault, misuse};
use crate::output::{apart, write_with};
use crate::project::shown;
use crate::screen::Interrupt;
use crate::terminal::Terminal;

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
    apart(path, &output)?;
    let (from, to) = part.seconds(&canvas.header().sections).map_err(misuse)?;
    let picture = Picture { width, from, to, ..Picture::default() };
    let image = picture.draw(&canvas).map_err(|error| undrawn(path, error))?;
    write_with(&output, |file| Ok(image.write_png(file)?))?;
    terminal.status(format_args!("drew {}", shown(&output)))?;
    Ok(Exit::Fine)
}

/// Draws the stage of a canvas, moving.
pub(super) fn gif(
    terminal: &Terminal,
    path: &Path,
    output: Option<&Path>,
    film: FilmArgs,
    part: &PartArgs,
) -> Result<Exit> {
    let canvas = Arc::new(open(path)?);
    let output = output.map_or_else(|| path.with_extension("gif"), Path::to_owned);
    apart(path, &output)?;
    let (from, to) = part.seconds(&canvas.header().sections).map_err(misuse)?;
    let film = Film { width: film.width, rate: film.fps, from, to };
    let reel = film.reel(&canvas).map_err(|error| undrawn(path, error))?;
    let interrupt = Interrupt::listen()?;
    let bar = terminal.progress("frames", format!("drawing {}", shown(&output)));
    bar.set_length(reel.frames());
    let tell = |done| {
        bar.set_position(done);
        if interrupt.came() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let mut unread = None;
    let drawn = write_with(&output, |file| match reel.write_gif(file, tell) {
        Err(PictureError::Write(error)) => Err(error.into()),
        Err(PictureError::Cancelled) => Err(interrupt.end().into()),
        Err(error) => {
            unread = Some(undrawn(path, error));
            Err(interrupt.end().into())
        }
        Ok(()) => Ok(()),
    });
    bar.finish_and_clear();
    // What is wrong with the canvas is not said of the picture.
    unread.map_or(drawn, Err)?;
    terminal.status(format_args!("drew {}", shown(&output)))?;
    Ok(Exit::Fine)
}

/// Why a canvas has no picture, as the error of a command.
fn undrawn(path: &Path, error: PictureError) -> anyhow::Error {
    let path = path.display();
    match error {
        PictureError::Empty { .. } | PictureError::Bare => misuse(format!("{path}: {error}")),
        PictureError::Canvas(CanvasError::Io(error)) => {
            anyhow::Error::new(error).context(format!("cannot read {path}"))
        }
        PictureError::Canvas(error) => fault(format!("{path}: {error}")),
        error => error.into(),
    }
}
