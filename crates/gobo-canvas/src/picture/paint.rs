//! Pixels, boxes and letters. Knows nothing of light.

use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};

/// A colour, sRGB.
pub type Rgb = [u8; 3];

/// A picture in memory: 8-bit sRGB, row by row from the top.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

/// A rectangle in pixels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Area {
    /// The left edge.
    pub x: u32,
    /// The top.
    pub y: u32,
    /// How many pixels wide.
    pub width: u32,
    /// How many pixels high.
    pub height: u32,
}

/// A size and weight of letters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Type {
    /// 16 pixels a line.
    Small,
    /// 16 pixels a line, bold.
    SmallBold,
    /// 24 pixels a line, bold.
    Title,
}

impl Type {
    fn face(self) -> (FontWeight, RasterHeight) {
        match self {
            Self::Small => (FontWeight::Regular, RasterHeight::Size16),
            Self::SmallBold => (FontWeight::Bold, RasterHeight::Size16),
            Self::Title => (FontWeight::Bold, RasterHeight::Size24),
        }
    }

    /// The height of a line.
    pub fn height(self) -> u32 {
        self.face().1.val() as u32
    }

    /// The width of a text; all letters are equally wide.
    pub fn width(self, text: &str) -> u32 {
        let (weight, height) = self.face();
        (text.chars().count() * get_raster_width(weight, height)) as u32
    }

    /// As much of a text as fits, with an ellipsis where it does not; empty where not even
    /// three letters do.
    pub fn fit(self, text: &str, width: u32) -> String {
        if self.width(text) <= width {
            return text.to_owned();
        }
        let letters = (width / self.width("x")) as usize;
        if letters < 4 {
            return String::new();
        }
        let kept: String = text.chars().take(letters - 2).collect();
        format!("{}..", kept.trim_end())
    }
}

impl Image {
    /// A picture all of one colour.
    pub fn new(width: u32, height: u32, background: Rgb) -> Self {
        Self { width, height, pixels: background.repeat(width as usize * height as usize) }
    }

    /// The width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// The height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Red, green and blue of each pixel, row by row from the top.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    fn pixel(&mut self, x: u32, y: u32) -> Option<&mut [u8]> {
        let at = (y as usize * self.width as usize + x as usize) * 3;
        if x < self.width { self.pixels.get_mut(at..at + 3) } else { None }
    }

    /// Mixes a colour into a pixel, `alpha` of 255; outside the picture nothing happens.
    pub fn mix(&mut self, x: u32, y: u32, color: Rgb, alpha: u8) {
        let Some(pixel) = self.pixel(x, y) else { return };
        for (under, over) in pixel.iter_mut().zip(color) {
            let sum =
                u16::from(*under) * u16::from(255 - alpha) + u16::from(over) * u16::from(alpha);
            *under = ((sum + 127) / 255) as u8;
        }
    }

    /// Makes a pixel at least as bright as `alpha` of 255 of a colour, each part for itself;
    /// outside the picture nothing happens.
    pub(super) fn lighten(&mut self, x: i32, y: i32, color: Rgb, alpha: u8) {
        let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else { return };
        let Some(pixel) = self.pixel(x, y) else { return };
        for (under, over) in pixel.iter_mut().zip(color) {
            let light = (u16::from(over) * u16::from(alpha) + 127) / 255;
            *under = (*under).max(light as u8);
        }
    }

    /// Mixes a colour into a rectangle, `alpha` of 255.
    pub fn fill(&mut self, area: Area, color: Rgb, alpha: u8) {
        for y in area.y..area.y.saturating_add(area.height).min(self.height) {
            for x in area.x..area.x.saturating_add(area.width).min(self.width) {
                self.mix(x, y, color, alpha);
            }
        }
    }

    /// A box with rounded corners, their edges smoothed.
    pub fn rounded(&mut self, area: Area, radius: u32, color: Rgb, alpha: u8) {
        let radius = radius.min(area.width / 2).min(area.height / 2);
        // How far a pixel lies beyond the straight part of its side.
        let beyond = |at: u32, length: u32| {
            let near = f64::from(radius) - f64::from(at) - 0.5;
            let far = f64::from(at) + 0.5 - f64::from(length - radius);
            near.max(far).max(0.0)
        };
        for y in 0..area.height {
            for x in 0..area.width {
                let distance = beyond(x, area.width).hypot(beyond(y, area.height));
                let covered = (f64::from(radius) + 0.5 - distance).clamp(0.0, 1.0);
                let alpha = (f64::from(alpha) * covered).round() as u8;
                self.mix(area.x + x, area.y + y, color, alpha);
            }
        }
    }

    /// A row of colours, each a column of pixels of this height.
    pub fn strip(&mut self, x: u32, y: u32, height: u32, colors: &[Rgb]) {
        for y in y..y + height {
            for (x, color) in (x..).zip(colors) {
                if let Some(pixel) = self.pixel(x, y) {
                    pixel.copy_from_slice(color);
                }
            }
        }
    }

    /// Letters from `x` on, the line's top at `y`.
    pub fn text(&mut self, x: u32, y: u32, text: &str, face: Type, color: Rgb) {
        let (weight, height) = face.face();
        let mut left = x;
        for letter in text.chars() {
            let raster = get_raster(letter, weight, height).or(get_raster('?', weight, height));
            let Some(raster) = raster else { continue };
            for (row, y) in raster.rows().zip(y..) {
                for (&alpha, x) in row.iter().zip(left..) {
                    self.mix(x, y, color, alpha);
                }
            }
            left += raster.width() as u32;
        }
    }
}
