//! What of a fixture's body matters to light: how far apart its pixels are.

use super::matrix::{Matrix, Part};
use super::read::{At, Reader};

/// How far apart pixels are taken to be when a profile does not say, in metres.
const PITCH_M: f64 = 0.1;

const KEYS: &[&str] = &[
    "dimensions",
    "weight",
    "power",
    "powerConnectors",
    "DMXconnector",
    "bulb",
    "lens",
    "matrixPixels",
];

/// Sizes in millimetres: width, height, depth.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Physical {
    dimensions: Option<[f64; 3]>,
    pixel: Option<[f64; 3]>,
    spacing: Option<[f64; 3]>,
}

impl Physical {
    /// Reads `physical`, if it is there.
    pub(super) fn read(reader: &mut Reader, at: &At<'_>) -> Self {
        if !at.exists() {
            return Self::default();
        }
        reader.warn_unknown(at, |key| KEYS.contains(&key), KEYS);
        let mut triple = |at: At<'_>| if at.exists() { reader.triple(&at) } else { None };
        let pixels = at.get("matrixPixels");
        Self {
            dimensions: triple(at.get("dimensions")),
            pixel: triple(pixels.get("dimensions")),
            spacing: triple(pixels.get("spacing")),
        }
    }

    /// What `self` says, and of the rest what `general` says.
    pub(super) fn or(self, general: Self) -> Self {
        Self {
            dimensions: self.dimensions.or(general.dimensions),
            pixel: self.pixel.or(general.pixel),
            spacing: self.spacing.or(general.spacing),
        }
    }

    /// Where `part` is from the middle of the matrix, in metres: x right, y back, z up. (OFL counts
    /// pixels right, down and back.)
    pub(super) fn offset(&self, matrix: &Matrix, part: Part) -> [f64; 3] {
        let place = matrix.place(part);
        let along = |axis: usize| {
            let middle = (f64::from(matrix.size[axis]) - 1.0) / 2.0;
            (place[axis] - middle) * self.pitch(axis, matrix.size[axis])
        };
        [along(0), along(2), 0.0 - along(1)]
    }

    /// The distance between neighbours along an axis with `count` pixels, in metres.
    fn pitch(&self, axis: usize, count: u32) -> f64 {
        let size = |of: Option<[f64; 3]>| of.map_or(0.0, |of| of[axis]);
        let own = size(self.pixel) + size(self.spacing);
        let shared = size(self.dimensions) / f64::from(count.max(1));
        let millimetres = [own, shared].into_iter().find(|pitch| *pitch > 0.0);
        millimetres.map_or(PITCH_M, |pitch| pitch / 1000.0)
    }
}
