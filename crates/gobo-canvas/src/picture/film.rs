//! A canvas as a moving picture: the stage from the audience, a dot of light where each head
//! hangs.
//!
//! Frames are drawn one after another and written as they come; nothing but the last one is kept.

mod aim;
mod encode;
mod glow;
mod palette;
mod stage;

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::ControlFlow;
use std::sync::Arc;

use gobo_dmx::{FrameRate, SLOTS};

use super::paint::Image;
use super::{PictureError, stretch};
use crate::{Canvas, CanvasError, Reader};
use encode::Encoder;
use stage::{Lamp, Stage};

/// The smallest and the largest width of a moving picture, in pixels.
pub const FILM_WIDTHS: std::ops::RangeInclusive<u32> = 64..=1920;

/// How long a moving picture is unless told otherwise, in seconds.
pub const FILM_SECONDS: f64 = 10.0;

/// The shortest time that viewers show a frame of a GIF for, in hundredths of a second.
const SHORTEST: u64 = 2;

/// What to draw of a canvas as a moving picture, and how.
#[derive(Clone, PartialEq, Debug)]
pub struct Film {
    /// The width in pixels, within [`FILM_WIDTHS`] or brought there. The height follows from
    /// where the fixtures hang, and is at most the width.
    pub width: u32,
    /// Frames a second, at most 50 or brought there: GIF counts time in hundredths of a second,
    /// and viewers show a frame for two of them or more.
    pub rate: FrameRate,
    /// Where to start, in seconds of the show.
    pub from: f64,
    /// Where to end, in seconds of the show; `None` is [`FILM_SECONDS`] on, or the end.
    pub to: Option<f64>,
}

/// A moving picture that is ready to be drawn.
pub struct Reel {
    reader: Reader,
    stage: Stage,
    /// The lamps of each universe, by its index in the canvas.
    lit: BTreeMap<usize, Vec<Lamp>>,
    rate: FrameRate,
    from: f64,
    /// The length in hundredths of a second.
    hundredths: u64,
}

impl Film {
    /// Looks at what there is to draw; no frame is drawn yet.
    ///
    /// # Errors
    /// Nothing lies between the start and the end, or no head of the patch shines.
    pub fn reel(&self, canvas: &Arc<Canvas>) -> Result<Reel, PictureError> {
        let header = canvas.header();
        let to = self.to.unwrap_or(self.from + FILM_SECONDS);
        let (from, to) = stretch(header, self.from, Some(to))?;
        let width = self.width.clamp(*FILM_WIDTHS.start(), *FILM_WIDTHS.end());
        let (stage, lamps) = Stage::new(&header.patch, width).ok_or(PictureError::Bare)?;
        let mut lit: BTreeMap<usize, Vec<Lamp>> = BTreeMap::new();
        for lamp in lamps {
            if let Some(universe) = header.universe_index(header.patch[lamp.fixture].universe) {
                lit.entry(universe).or_default().push(lamp);
            }
        }
        let fastest = FrameRate::new(100, SHORTEST as u32).unwrap_or_default();
        let hundredths = ((to - from) * 100.0).round() as u64;
        Ok(Reel {
            reader: Reader::new(Arc::clone(canvas)),
            stage,
            lit,
            rate: if self.rate.as_f64() > fastest.as_f64() { fastest } else { self.rate },
            from,
            hundredths: hundredths.max(SHORTEST),
        })
    }
}

impl Reel {
    /// How many frames are drawn.
    pub fn frames(&self) -> u64 {
        let last = self.hundredths - SHORTEST;
        // The first guess is at most one off.
        let guess = last * u64::from(self.rate.numerator())
            / (100 * u64::from(self.rate.denominator()).max(1));
        (guess..).find(|frame| self.start(*frame) > last).unwrap_or(guess).max(1)
    }

    /// When a frame starts, in hundredths of a second: rounded anew for each, so that no error
    /// adds up.
    fn start(&self, frame: u64) -> u64 {
        let (over, under) = (u64::from(self.rate.denominator()), u64::from(self.rate.numerator()));
        (frame * 100 * over * 2 + under) / (2 * under)
    }

    /// Draws all frames and writes them as a GIF that starts over at its end; `tell` hears how
    /// many are drawn, and may end the work.
    ///
    /// # Errors
    /// The canvas cannot be read, `out` takes no more, or `tell` wants no more.
    pub fn write_gif(
        mut self,
        out: impl Write,
        mut tell: impl FnMut(u64) -> ControlFlow<()>,
    ) -> Result<(), PictureError> {
        let mut encoder = Encoder::new(out, self.stage.ground())?;
        let frames = self.frames();
        for frame in 0..frames {
            if tell(frame).is_break() {
                return Err(PictureError::Cancelled);
            }
            let start = self.start(frame);
            let end = if frame + 1 < frames { self.start(frame + 1) } else { self.hundredths };
            let image = self.draw(start)?;
            encoder.show(image, end - start)?;
        }
        encoder.finish()
    }

    /// The stage so many hundredths of a second after the start.
    fn draw(&mut self, hundredths: u64) -> Result<Image, CanvasError> {
        let canvas = Arc::clone(self.reader.canvas());
        let header = canvas.header();
        let seconds = self.from + hundredths as f64 / 100.0;
        // A product may miss a whole number by a hair.
        let frame = (seconds * header.rate.as_f64() + 1e-6) as u32;
        let frame = frame.min(header.frames - 1);
        let mut lights = Vec::new();
        let mut slots = [0; SLOTS];
        for (universe, lamps) in &self.lit {
            self.reader.frame(*universe, frame, &mut slots)?;
            lights.extend(lamps.iter().filter_map(|lamp| {
                let fixture = &header.patch[lamp.fixture];
                lamp.light(fixture, fixture.slots(&slots))
            }));
        }
        Ok(self.stage.draw(&lights))
    }
}
