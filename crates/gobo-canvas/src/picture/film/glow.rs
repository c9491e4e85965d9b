//! Soft dots and beams. Where light meets light the brighter shows, part by part: a dense strip
//! is no brighter than a sparse one.

use std::collections::HashMap;
use std::rc::Rc;

use super::super::paint::{Image, Rgb};

/// How far light spreads around a dot, in radii of it.
const REACH: f64 = 3.4;
/// How bright it is beside the dot, of 255.
const HALO: f64 = 130.0;
/// How bright a beam is where it begins, of 255.
const BEAM: f64 = 150.0;
/// How many times its first width a beam gains over its length.
const SPREAD: f64 = 2.2;
/// Dots are placed, and their radii measured, to this part of a pixel.
const STEPS: f64 = 4.0;

/// A dot and the light around it: how much of 255 each pixel has.
pub(super) struct Dot {
    core: Spot,
    halo: Spot,
}

/// A square of pixels, and how many of them there are on each side of the middle one.
struct Spot {
    reach: i32,
    alphas: Vec<u8>,
}

/// Dots by radius and place within a pixel, each made once.
#[derive(Default)]
pub(super) struct Dots(HashMap<[i32; 3], Rc<Dot>>);

impl Dots {
    /// The dot of a radius in pixels whose middle is at this place.
    pub(super) fn dot(&mut self, x: f64, y: f64, radius: f64) -> Rc<Dot> {
        let steps = |value: f64| (value * STEPS).round() as i32;
        let key = [steps(x - x.floor()), steps(y - y.floor()), steps(radius)];
        let dot = self.0.entry(key).or_insert_with(|| {
            let [x, y, radius] = key.map(|steps| f64::from(steps) / STEPS);
            Rc::new(Dot::new(x, y, radius))
        });
        Rc::clone(dot)
    }
}

impl Spot {
    /// What a function of the distance from a place in the middle pixel gives.
    fn new((x, y): (f64, f64), radius: f64, alpha: impl Fn(f64) -> f64) -> Self {
        let reach = radius.ceil() as i32 + 1;
        let side = || (-reach..=reach).map(|step| f64::from(step) + 0.5);
        let rows = side().flat_map(|down| side().map(move |right| (right - x).hypot(down - y)));
        Self { reach, alphas: rows.map(|distance| alpha(distance).round() as u8).collect() }
    }

    /// The pixels of the spot around a pixel, and how much of 255 each has.
    fn around(&self, (x, y): (f64, f64)) -> impl Iterator<Item = (i32, i32, u8)> {
        let (left, top) = (x.floor() as i32 - self.reach, y.floor() as i32 - self.reach);
        let rows = self.alphas.chunks_exact(2 * self.reach as usize + 1).zip(top..);
        rows.flat_map(move |(row, y)| row.iter().zip(left..).map(move |(alpha, x)| (x, y, *alpha)))
    }
}

impl Dot {
    fn new(x: f64, y: f64, radius: f64) -> Self {
        let core = |distance: f64| (radius + 0.5 - distance).clamp(0.0, 1.0) * 255.0;
        let halo = |distance: f64| {
            let beside = (distance - radius) / (radius * (REACH - 1.0));
            HALO * (1.0 - beside.clamp(0.0, 1.0)).powi(2)
        };
        let core = Spot::new((x, y), radius, core);
        Self { core, halo: Spot::new((x, y), radius * REACH, halo) }
    }

    /// Lays the light around the dot over an image.
    pub(super) fn glow(&self, image: &mut Image, at: (f64, f64), color: Rgb) {
        for (x, y, alpha) in self.halo.around(at) {
            image.lighten(x, y, color, alpha);
        }
    }

    /// Takes away what is under the dot, for it to have its own colour; little where it has
    /// little light itself.
    pub(super) fn clear(&self, image: &mut Image, at: (f64, f64), color: Rgb) {
        let brightest = u32::from(color.into_iter().max().unwrap_or(0));
        for (x, y, alpha) in self.core.around(at) {
            let alpha = u32::from(alpha) * (brightest * 4).min(255) / 255;
            if let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) {
                image.mix(x, y, [0; 3], alpha as u8);
            }
        }
    }

    /// Lays the dot itself over an image.
    pub(super) fn shine(&self, image: &mut Image, at: (f64, f64), color: Rgb) {
        for (x, y, alpha) in self.core.around(at) {
            image.lighten(x, y, color, alpha);
        }
    }
}

/// A cone of light from a place along a way, in pixels, that widens and fades; `radius` is half
/// its width where it begins.
pub(super) fn beam(
    image: &mut Image,
    (x, y): (f64, f64),
    [along, down]: [f64; 2],
    radius: f64,
    color: Rgb,
) {
    let length = along.hypot(down);
    if length < 1.0 {
        return;
    }
    let (along, down) = (along / length, down / length);
    let widest = radius * (1.0 + SPREAD);
    let range = |from: f64, to: f64, end: u32| {
        let low = (from.min(to) - widest).floor().max(0.0) as i32;
        low..(from.max(to) + widest).ceil().min(f64::from(end)) as i32
    };
    for row in range(y, y + down * length, image.height()) {
        for column in range(x, x + along * length, image.width()) {
            let (right, below) = (f64::from(column) + 0.5 - x, f64::from(row) + 0.5 - y);
            let part = (right * along + below * down) / length;
            if !(0.0..1.0).contains(&part) {
                continue;
            }
            let beside = (right * down - below * along).abs() / (radius * (1.0 + SPREAD * part));
            if beside < 1.0 {
                let alpha = BEAM * (1.0 - part).powf(1.5) * (1.0 - beside * beside);
                image.lighten(column, row, color, alpha.round() as u8);
            }
        }
    }
}
