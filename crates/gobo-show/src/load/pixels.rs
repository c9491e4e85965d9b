//! Pixels on a wire as a mode of a fixture: their slots over universes, and their places.

use std::sync::Arc;

use gobo_dmx::SLOTS;

use super::Loader;
use crate::decode::Spanned;
use crate::diagnostic::Diagnostic;
use crate::profile::{LocalHead, PatchedMode};
use crate::rig::{Action, Capability, Channel, Emitter, Function};
use crate::source::{
    Corner, FixtureSource, LayoutShape, LayoutSource, Packing, PixelCount, PixelOrder,
};

/// The distance of pixels where none is given, in metres: 30 of them to a metre.
const SPACING_M: f64 = 1.0 / 30.0;
/// The slots that a fixture may reach over: what an index of 16 bits can count, 128 universes.
pub(super) const REACH: usize = 128 * SLOTS;

impl Loader<'_> {
    /// The mode that `count` pixels make, and its name.
    pub(super) fn pixel_mode(
        &mut self,
        fixture: &FixtureSource,
        count: &Spanned<PixelCount>,
    ) -> Option<(String, PatchedMode)> {
        let order =
            fixture.order.as_ref().map_or_else(PixelOrder::rgb, |order| order.value.clone());
        let packing = self.packing(fixture, &order)?;
        let pixels = usize::from(count.value.0);
        let places = self.places(fixture, pixels)?;
        let first = fixture.address.value.slot();
        let starts = starts(first, pixels, order.0.len(), packing);
        let end = starts.last().map_or(0, |start| start + order.0.len());
        if end > REACH {
            let message = format!(
                "`{}` would take {} universes: a fixture takes at most {}",
                fixture.id.value,
                end.div_ceil(SLOTS),
                REACH / SLOTS
            );
            let error = Diagnostic::error("too-many-pixels", count.place.clone(), message);
            self.decoder.say(error.hint("make two fixtures of it, and a group of both"));
            return None;
        }
        let last = usize::from(fixture.universe.value.get()) + (end - 1) / SLOTS;
        if last > usize::from(gobo_dmx::Universe::LAST.get()) {
            let message = format!("`{}` runs on to universe {last}, past 63999", fixture.id.value);
            let place = fixture.universe.place.clone();
            self.decoder.say(Diagnostic::error("past-last-universe", place, message));
            return None;
        }
        let heads = (1..).zip(places).map(|(number, offset): (usize, _)| LocalHead {
            name: number.to_string().into(),
            offset,
        });
        let letters: Vec<_> = order.0.iter().map(|emitter| emitter.word()).collect();
        let mode = PatchedMode {
            footprint: (end - first) as u16,
            heads: heads.collect(),
            channels: channels(&starts, first, &order.0),
            defaults: None,
        };
        Some((format!("{pixels} x {}", letters.join(" ")), mode))
    }

    /// The packing, if the pixels fit it.
    fn packing(&mut self, fixture: &FixtureSource, order: &PixelOrder) -> Option<Packing> {
        let Some(packing) = &fixture.packing else { return Some(Packing::Whole) };
        let (name, slots) = match packing.value {
            Packing::WledRgb => ("wled-rgb", 3),
            Packing::WledRgbw => ("wled-rgbw", 4),
            other => return Some(other),
        };
        if order.0.len() == slots {
            return Some(packing.value);
        }
        let found = order.0.len();
        let message = format!("`{name}` packs pixels of {slots} slots, and these have {found}");
        let error = Diagnostic::error("conflict", packing.place.clone(), message);
        let hint = match found {
            3 => "did you mean `wled-rgb`?",
            4 => "did you mean `wled-rgbw`?",
            _ => "`whole` packs pixels of any size",
        };
        self.decoder.say(error.hint(hint));
        None
    }

    /// Where each pixel is from the fixture's position, in metres.
    fn places(&mut self, fixture: &FixtureSource, pixels: usize) -> Option<Vec<[f64; 3]>> {
        let Some(layout) = &fixture.layout else { return Some(line(pixels, SPACING_M)) };
        let source = &layout.value;
        let spacing = source.spacing.as_ref().map_or(SPACING_M, |spacing| spacing.value.0);
        let fault = match source.shape {
            LayoutShape::Line => return Some(line(pixels, spacing)),
            LayoutShape::Arc => match &source.radius {
                Some(radius) => return Some(arc(source, radius.value.0, pixels)),
                None => "an arc needs a `radius`".to_owned(),
            },
            LayoutShape::Tree => match (&source.radius, &source.height) {
                (Some(radius), Some(height)) => {
                    let turns = f64::from(source.turns);
                    return Some(tree(radius.value.0, height.value.0, turns, pixels));
                }
                _ => "a tree needs a `radius` and a `height`".to_owned(),
            },
            LayoutShape::Points if source.points.len() == pixels => {
                return Some(source.points.clone());
            }
            LayoutShape::Points => {
                format!("there are {pixels} pixels and {} `points`", source.points.len())
            }
            LayoutShape::Matrix => match matrix_size(source, pixels) {
                Ok(size) => return Some(matrix(source, size, spacing, pixels)),
                Err(message) => message,
            },
        };
        self.decoder.say(Diagnostic::error("bad-layout", layout.place.clone(), fault));
        None
    }
}

/// The first slot of each pixel, counted from the first slot of the first universe.
fn starts(first: usize, pixels: usize, width: usize, packing: Packing) -> Vec<usize> {
    let mut next = first;
    let mut starts = Vec::with_capacity(pixels);
    for _ in 0..pixels {
        if packing != Packing::Dense && next % SLOTS + width > SLOTS {
            next = next.next_multiple_of(SLOTS);
        }
        starts.push(next);
        next += width;
    }
    starts
}

fn channels(starts: &[usize], first: usize, order: &[Emitter]) -> Vec<Channel> {
    let capability = |&emitter: &Emitter| Capability {
        from: 0,
        to: 255,
        action: Action::Emitter(emitter, 0.0, 1.0),
        name: "".into(),
    };
    let able: Vec<Arc<[Capability]>> = order.iter().map(|one| [capability(one)].into()).collect();
    let channel = |(slot, emitter): (usize, &Emitter), head: usize, start: usize| {
        let key: Arc<str> = format!("{} {}", emitter.word(), head + 1).into();
        Channel {
            key: Arc::clone(&key),
            head: Some(head as u32),
            slots: vec![(start + slot) as u16],
            slot_keys: vec![key],
            default: 0,
            highlight: 255,
            arm: None,
            htp: false,
            function: Function::Fixed(Arc::clone(&able[slot])),
        }
    };
    let pixel = |(head, start): (usize, &usize)| {
        let start = start - first;
        order.iter().enumerate().map(move |one| channel(one, head, start))
    };
    starts.iter().enumerate().flat_map(pixel).collect()
}

fn line(pixels: usize, spacing: f64) -> Vec<[f64; 3]> {
    let middle = (pixels as f64 - 1.0) / 2.0;
    (0..pixels).map(|pixel| [(pixel as f64 - middle) * spacing, 0.0, 0.0]).collect()
}

fn arc(source: &LayoutSource, radius: f64, pixels: usize) -> Vec<[f64; 3]> {
    let (arc, from) = (f64::from(source.arc), f64::from(source.from));
    // A whole circle has no pixel twice; a part of one has pixels at both ends.
    let steps = if arc.abs() >= 360.0 { pixels } else { pixels.saturating_sub(1).max(1) };
    let at = |pixel: usize| {
        let angle = (from + arc * pixel as f64 / steps as f64).to_radians();
        [radius * libm::sin(angle), 0.0, radius * libm::cos(angle)]
    };
    (0..pixels).map(at).collect()
}

fn tree(radius: f64, height: f64, turns: f64, pixels: usize) -> Vec<[f64; 3]> {
    let at = |pixel: usize| {
        let up = pixel as f64 / (pixels as f64 - 1.0).max(1.0);
        let (sin, cos) = libm::sincos((360.0 * turns * up).to_radians());
        // It starts at the front, towards the audience.
        [radius * (1.0 - up) * sin, -radius * (1.0 - up) * cos, height * up]
    };
    (0..pixels).map(at).collect()
}

/// Columns and rows, one of them worked out where it is missing.
fn matrix_size(source: &LayoutSource, pixels: usize) -> Result<[usize; 2], String> {
    let whole = |size: &Option<Spanned<u64>>| size.as_ref().map(|size| size.value as usize);
    let rest = |known: usize| pixels.div_ceil(known.max(1));
    let [columns, rows] = match (whole(&source.columns), whole(&source.rows)) {
        (Some(columns), Some(rows)) => [columns, rows],
        (Some(columns), None) => [columns, rest(columns)],
        (None, Some(rows)) => [rest(rows), rows],
        (None, None) => return Err("a matrix needs `columns` or `rows`".to_owned()),
    };
    match columns.checked_mul(rows) {
        Some(room) if room == pixels => Ok([columns, rows]),
        _ => Err(format!("there are {pixels} pixels, and the matrix is {columns} by {rows}")),
    }
}

fn matrix(
    source: &LayoutSource,
    [columns, rows]: [usize; 2],
    spacing: f64,
    pixels: usize,
) -> Vec<[f64; 3]> {
    let run = if source.vertical { rows } else { columns };
    let right = matches!(source.start, Corner::TopRight | Corner::BottomRight);
    let bottom = matches!(source.start, Corner::BottomLeft | Corner::BottomRight);
    let at = |pixel: usize| {
        let (which, along) = (pixel / run, pixel % run);
        let along = if source.serpentine && which % 2 == 1 { run - 1 - along } else { along };
        let (column, row) = if source.vertical { (which, along) } else { (along, which) };
        let column = if right { columns - 1 - column } else { column } as f64;
        let row = if bottom { rows - 1 - row } else { row } as f64;
        let [x, z] = [(columns, column), (rows, row)]
            .map(|(count, place)| (place - (count as f64 - 1.0) / 2.0) * spacing);
        [x, 0.0, 0.0 - z]
    };
    (0..pixels).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_pixels_leave_the_end_of_a_universe_free() {
        let rgb = starts(0, 171, 3, Packing::Whole);
        assert_eq!((rgb[169], rgb[170]), (507, 512));
        let rgbw = starts(0, 129, 4, Packing::WledRgbw);
        assert_eq!((rgbw[127], rgbw[128]), (508, 512));
        // A strip that starts later has fewer in its first universe, then all again.
        let late = starts(500, 175, 3, Packing::WledRgb);
        assert_eq!((late[3], late[4], late[174]), (509, 512, 1024));
        let dense = starts(0, 171, 3, Packing::Dense);
        assert_eq!(dense[170], 510);
    }
}
