//! Frames to a GIF: of each only what has changed, with colours of its own.

use std::borrow::Cow;
use std::io::{self, Write};

use gif::{DisposalMethod, EncodingError, Frame, Repeat};

use super::super::PictureError;
use super::super::paint::{Area, Image, Rgb};
use super::palette::Palette;

/// Colours of a frame; one more says that a pixel has not changed.
const COLORS: usize = 255;

/// Writes frames as they come. The last one waits until another differs from it: its time grows
/// for as long as nothing changes.
pub(super) struct Encoder<W: Write> {
    gif: gif::Encoder<W>,
    shown: Option<Image>,
    waiting: Option<Frame<'static>>,
}

impl<W: Write> Encoder<W> {
    /// Starts a GIF of frames that are as large as `like`; it starts over at its end for ever.
    pub(super) fn new(out: W, like: &Image) -> Result<Self, PictureError> {
        let (width, height) = (like.width() as u16, like.height() as u16);
        let mut gif = gif::Encoder::new(out, width, height, &[]).map_err(plain)?;
        gif.set_repeat(Repeat::Infinite).map_err(plain)?;
        Ok(Self { gif, shown: None, waiting: None })
    }

    /// Shows an image for so many hundredths of a second.
    pub(super) fn show(&mut self, image: Image, hundredths: u64) -> Result<(), PictureError> {
        let delay = u16::try_from(hundredths).unwrap_or(u16::MAX);
        let changed = changed(self.shown.as_ref(), &image);
        if let Some(waiting) = &mut self.waiting {
            match waiting.delay.checked_add(delay).filter(|_| changed.is_none()) {
                Some(longer) => {
                    waiting.delay = longer;
                    return Ok(());
                }
                None => self.gif.write_frame(waiting).map_err(plain)?,
            }
        }
        // A frame has at least a pixel.
        let area = changed.unwrap_or(Area { x: 0, y: 0, width: 1, height: 1 });
        self.waiting = Some(frame(self.shown.as_ref(), &image, area, delay));
        self.shown = Some(image);
        Ok(())
    }

    /// Writes what is left, and the end.
    pub(super) fn finish(mut self) -> Result<(), PictureError> {
        if let Some(waiting) = &self.waiting {
            self.gif.write_frame(waiting).map_err(plain)?;
        }
        self.gif.into_inner().map_err(plain)?.flush()?;
        Ok(())
    }
}

/// As the system said it, not as a text.
fn plain(error: EncodingError) -> io::Error {
    match error {
        EncodingError::Io(error) => error,
        error => io::Error::other(error),
    }
}

fn row(image: &Image, y: u32) -> &[[u8; 3]] {
    let width = image.width() as usize;
    let (pixels, _) = image.pixels().as_chunks();
    &pixels[y as usize * width..][..width]
}

/// The smallest rectangle outside which an image is what was shown before it.
fn changed(before: Option<&Image>, image: &Image) -> Option<Area> {
    let Some(before) = before else {
        return Some(Area { x: 0, y: 0, width: image.width(), height: image.height() });
    };
    let mut rows = (0..image.height()).filter(|y| row(before, *y) != row(image, *y));
    let top = rows.next()?;
    let bottom = rows.next_back().unwrap_or(top);
    let (mut left, mut right) = (image.width(), 0);
    for y in top..=bottom {
        let differs = |x: &u32| row(before, y)[*x as usize] != row(image, y)[*x as usize];
        // Only what would widen the rectangle is looked at.
        left = (0..left).find(differs).unwrap_or(left);
        right = (right..image.width()).rfind(differs).map_or(right, |x| x + 1);
    }
    Some(Area { x: left, y: top, width: right - left, height: bottom + 1 - top })
}

/// A part of an image as a frame; pixels that have not changed let the one before show.
fn frame(before: Option<&Image>, image: &Image, area: Area, delay: u16) -> Frame<'static> {
    let (left, right) = (area.x as usize, (area.x + area.width) as usize);
    let size = area.width as usize * area.height as usize;
    let mut pixels: Vec<Option<Rgb>> = Vec::with_capacity(size);
    for y in area.y..area.y + area.height {
        let here = &row(image, y)[left..right];
        match before {
            None => pixels.extend(here.iter().copied().map(Some)),
            Some(before) => {
                let under = &row(before, y)[left..right];
                let differs = |(over, under): (&Rgb, &Rgb)| (over != under).then_some(*over);
                pixels.extend(here.iter().zip(under).map(differs));
            }
        }
    }
    let palette = Palette::new(pixels.iter().copied().flatten().collect(), COLORS);
    let unchanged = palette.colors().len() as u8;
    let index = |pixel: &Option<Rgb>| pixel.map_or(unchanged, |color| palette.index(color));
    let buffer: Vec<u8> = pixels.iter().map(index).collect();
    let colors = palette.colors().iter().chain(&[[0; 3]]);
    Frame {
        delay,
        dispose: DisposalMethod::Keep,
        transparent: before.map(|_| unchanged),
        left: area.x as u16,
        top: area.y as u16,
        width: area.width as u16,
        height: area.height as u16,
        palette: Some(colors.flatten().copied().collect()),
        buffer: Cow::Owned(buffer),
        ..Frame::default()
    }
}
