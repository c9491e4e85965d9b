//! Pictures from bytes: a PNG is one frame, a GIF has many.

use std::io::Cursor;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::decode::{About, At, Decode, Decoder, Definitions};
use crate::diagnostic::Place;

/// A picture as a cue names it, and as it was found.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PictureFile {
    /// Its path in the project.
    pub path: String,
    /// Where the cue names it.
    #[serde(skip)]
    pub place: Place,
    /// What it shows; there in every resolved show.
    #[serde(skip)]
    pub animation: Option<Arc<Animation>>,
}

impl Decode for PictureFile {
    fn about() -> About {
        About::new("picture file", "the path of a PNG or GIF, such as `pictures/star.png`")
    }

    fn decode(at: &At<'_>, decoder: &mut Decoder) -> Option<Self> {
        let Some(path) = at.node.text() else { return decoder.wrong::<Self, _>(at) };
        Some(Self { path: path.to_owned(), place: at.place(), animation: None })
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"type": "string", "minLength": 1})
    }
}

/// The frames of a picture.
#[derive(Clone, PartialEq, Debug)]
pub struct Animation {
    /// The width in pixels, at least 1.
    pub width: u32,
    /// The height in pixels, at least 1.
    pub height: u32,
    /// At least one.
    pub stills: Vec<Still>,
    /// XXH3-128 of the file.
    pub hash: u128,
}

/// One frame of a picture.
#[derive(Clone, PartialEq, Debug)]
pub struct Still {
    /// When it gives way to the next, in seconds of the animation.
    pub until: f64,
    /// Red, green, blue and opacity of each pixel, row by row from the top.
    pub pixels: Vec<[u8; 4]>,
}

/// Why bytes are no picture.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum PictureError {
    /// Neither of the two formats.
    #[error("it is neither a PNG nor a GIF")]
    Unknown,
    /// Damaged, or of a kind that the decoder refuses.
    #[error("it is no whole {0}: {1}")]
    Broken(&'static str, String),
    /// A GIF without a frame.
    #[error("it has no frame")]
    Empty,
    /// More than is kept in memory.
    #[error("it has more than {MOST_PIXELS} pixels, all frames together")]
    Large,
}

/// The most pixels of all frames together.
const MOST_PIXELS: usize = 1 << 23;

/// The time of a frame that gives none, in seconds: what browsers take.
const UNTIMED: f64 = 0.1;

impl Animation {
    /// Reads a PNG or a GIF.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, PictureError> {
        let (width, height, stills) = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            png(bytes)?
        } else if bytes.starts_with(b"GIF8") {
            gif(bytes)?
        } else {
            return Err(PictureError::Unknown);
        };
        let hash = xxhash_rust::xxh3::xxh3_128(bytes);
        Ok(Self { width, height, stills, hash })
    }

    /// How long all frames take, in seconds.
    pub fn seconds(&self) -> f64 {
        self.stills.last().map_or(UNTIMED, |last| last.until)
    }
}

type Read = Result<(u32, u32, Vec<Still>), PictureError>;

fn png(bytes: &[u8]) -> Read {
    let broken = |error: png::DecodingError| PictureError::Broken("PNG", error.to_string());
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(broken)?;
    let (width, height) = (reader.info().width, reader.info().height);
    let size = reader.output_buffer_size().filter(|size| *size <= 4 * MOST_PIXELS);
    let mut buffer = vec![0; size.ok_or(PictureError::Large)?];
    let frame = reader.next_frame(&mut buffer).map_err(broken)?;
    let samples = &buffer[..frame.buffer_size()];
    let pixels = match frame.color_type {
        png::ColorType::Grayscale => samples.iter().map(|&grey| [grey, grey, grey, 255]).collect(),
        png::ColorType::GrayscaleAlpha => {
            samples.chunks_exact(2).map(|p| [p[0], p[0], p[0], p[1]]).collect()
        }
        png::ColorType::Rgba => samples.chunks_exact(4).map(|p| [p[0], p[1], p[2], p[3]]).collect(),
        _ => samples.chunks_exact(3).map(|p| [p[0], p[1], p[2], 255]).collect(),
    };
    Ok((width, height, vec![Still { until: UNTIMED, pixels }]))
}

fn gif(bytes: &[u8]) -> Read {
    let broken = |error: gif::DecodingError| PictureError::Broken("GIF", error.to_string());
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(Cursor::new(bytes)).map_err(broken)?;
    let (width, height) = (u32::from(decoder.width()), u32::from(decoder.height()));
    let size = width as usize * height as usize;
    if size == 0 {
        return Err(PictureError::Empty);
    }
    let mut canvas = vec![[0; 4]; size];
    let mut stills: Vec<Still> = Vec::new();
    let mut until = 0.0;
    while let Some(frame) = decoder.read_next_frame().map_err(broken)? {
        if (stills.len() + 1) * size > MOST_PIXELS {
            return Err(PictureError::Large);
        }
        let before = canvas.clone();
        lay(frame, &mut canvas, width as usize, |under, over| {
            if over[3] > 0 {
                *under = over;
            }
        });
        until += if frame.delay > 1 { f64::from(frame.delay) / 100.0 } else { UNTIMED };
        stills.push(Still { until, pixels: canvas.clone() });
        match frame.dispose {
            gif::DisposalMethod::Background => {
                lay(frame, &mut canvas, width as usize, |under, _| *under = [0; 4]);
            }
            gif::DisposalMethod::Previous => canvas = before,
            _ => {}
        }
    }
    if stills.is_empty() { Err(PictureError::Empty) } else { Ok((width, height, stills)) }
}

/// Lays a frame over the part of the canvas that it covers.
fn lay(
    frame: &gif::Frame<'_>,
    canvas: &mut [[u8; 4]],
    width: usize,
    put: impl Fn(&mut [u8; 4], [u8; 4]),
) {
    let across = usize::from(frame.width).max(1);
    let rows = frame.buffer.chunks_exact(4 * across);
    for (row, y) in rows.zip(usize::from(frame.top)..) {
        for (pixel, x) in row.chunks_exact(4).zip(usize::from(frame.left)..) {
            let under = canvas.get_mut(y * width + x).filter(|_| x < width);
            if let (Some(under), &[red, green, blue, alpha]) = (under, pixel) {
                put(under, [red, green, blue, alpha]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two frames of two pixels: red and blue, then green over the second one.
    const GIF: &[u8] = &[
        b'G', b'I', b'F', b'8', b'9', b'a', 2, 0, 1, 0, 0x81, 0, 0, // 2 x 1, four colours
        255, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0, 0, // red, blue, green, black
        0x21, 0xf9, 4, 4, 20, 0, 0, 0, // 200 ms, stays
        0x2c, 0, 0, 0, 0, 2, 0, 1, 0, 0, 2, 2, 0x44, 0x0a, 0, // red, blue
        0x21, 0xf9, 4, 4, 0, 0, 0, 0, // no time
        0x2c, 1, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x54, 0x01, 0, // green
        0x3b,
    ];

    #[test]
    fn the_frames_of_a_gif_lie_over_each_other() {
        let animation = Animation::read(GIF).unwrap();
        assert_eq!((animation.width, animation.height), (2, 1));
        let [first, second] = animation.stills.as_slice() else { panic!("{animation:?}") };
        assert_eq!(first.pixels, [[255, 0, 0, 255], [0, 0, 255, 255]]);
        assert_eq!(second.pixels, [[255, 0, 0, 255], [0, 255, 0, 255]]);
        assert!((first.until - 0.2).abs() < 1e-9 && (second.until - 0.3).abs() < 1e-9);
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        assert_eq!(Animation::read(b"hello"), Err(PictureError::Unknown));
        assert_eq!(Animation::read(b""), Err(PictureError::Unknown));
        for cut in 4..GIF.len() - 20 {
            let read = Animation::read(&GIF[..cut]);
            assert!(read.as_ref().map_or(true, |read| !read.stills.is_empty()), "{cut}: {read:?}");
        }
        let cut = Animation::read(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
        assert!(matches!(cut, Err(PictureError::Broken("PNG", _))), "{cut:?}");
    }
}
