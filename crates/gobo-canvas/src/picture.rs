//! A canvas over time as a picture: each fixture a row in the colours that it shows, a line for
//! each of its heads, under the sections of the song and the cues of each layer. And the stage as
//! a moving picture ([`Film`]).
//!
//! Drawing reads the canvas alone; it never guesses at what a fixture is.

mod chart;
mod film;
mod light;
mod paint;

use std::io::{self, Write};
use std::sync::Arc;

use crate::{Canvas, CanvasError, Header};
use light::Window;

pub use film::{FILM_SECONDS, FILM_WIDTHS, Film, Reel};
pub use paint::{Area, Image, Rgb, Type};

/// The smallest and the largest width of a picture, in pixels.
pub const WIDTHS: std::ops::RangeInclusive<u32> = 400..=16_384;

/// What to draw of a canvas, and how large.
#[derive(Clone, PartialEq, Debug)]
pub struct Picture {
    /// The width in pixels, within [`WIDTHS`] or brought there. The height follows from the
    /// fixtures.
    pub width: u32,
    /// The height of a fixture with few heads, in pixels, 4 to 200 or brought there; one with
    /// many is higher.
    pub row_height: u32,
    /// Where to start, in seconds of the show.
    pub from: f64,
    /// Where to end, in seconds of the show; `None` is the end.
    pub to: Option<f64>,
}

impl Default for Picture {
    fn default() -> Self {
        Self { width: 1800, row_height: 18, from: 0.0, to: None }
    }
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// The canvas cannot be read.
    #[error(transparent)]
    Canvas(#[from] CanvasError),
    /// Nothing lies between the start and the end.
    #[error("nothing to draw from {from} s to {to} s: the show lasts {seconds} s")]
    Empty {
        /// The start asked for.
        from: f64,
        /// The end asked for, or the show's.
        to: f64,
        /// The length of the show.
        seconds: f64,
    },
    /// No head of the patch shines; imported frames come without a patch.
    #[error("there are no lights to draw: it has no patch")]
    Bare,
    /// What is drawn cannot be written.
    #[error(transparent)]
    Write(#[from] io::Error),
    /// Whoever was told how far the work is wanted no more of it.
    #[error("cancelled")]
    Cancelled,
}

/// A part of a show, within it.
fn stretch(header: &Header, from: f64, to: Option<f64>) -> Result<(f64, f64), PictureError> {
    let seconds = header.seconds();
    let end = to.unwrap_or(seconds);
    let part = (from.max(0.0), end.min(seconds));
    match part.0 < part.1 {
        true => Ok(part),
        false => Err(PictureError::Empty { from, to: end, seconds }),
    }
}

impl Picture {
    /// Draws the canvas.
    pub fn draw(&self, canvas: &Arc<Canvas>) -> Result<Image, PictureError> {
        let header = canvas.header();
        let (from, to) = stretch(header, self.from, self.to)?;
        let width = self.width.clamp(*WIDTHS.start(), *WIDTHS.end());
        let chart = chart::Chart::new(header, width, self.row_height.clamp(4, 200));
        let window = Window { from, to, columns: chart.columns() };
        let rows =
            light::rows(canvas, &window, chart.fixtures(), |fixture| chart.heads_drawn(fixture))?;
        Ok(chart.draw(&window, &rows))
    }
}

impl Image {
    /// Writes the picture as PNG.
    pub fn write_png(&self, out: impl Write) -> io::Result<()> {
        let mut encoder = png::Encoder::new(out, self.width(), self.height());
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::High);
        encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
        // As the system said it, not as a text.
        let plain = |error| match error {
            png::EncodingError::IoError(error) => error,
            error => io::Error::other(error),
        };
        let mut writer = encoder.write_header().map_err(plain)?;
        writer.write_image_data(self.pixels()).map_err(plain)?;
        writer.finish().map_err(plain)
    }
}
