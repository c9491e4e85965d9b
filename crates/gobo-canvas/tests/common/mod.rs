//! A small show to put in canvases: three universes of different widths, a fade, a hold, noise,
//! and cells that are equal across universes and seconds.

use std::path::Path;

use gobo_canvas::{Canvas, CanvasWriter, Cell, Compression, Header, UniverseEntry};
use gobo_dmx::Universe;

/// A header of `frames` frames and universes 1, 2, … of these widths.
pub(crate) fn header(frames: u32, widths: &[u16]) -> Header {
    let universe = |(index, &slots_used): (usize, &u16)| UniverseEntry {
        universe: Universe::new(index as u16 + 1).unwrap(),
        name: String::new(),
        slots_used,
    };
    Header {
        name: "small".to_owned(),
        engine: "test".to_owned(),
        frames,
        universes: widths.iter().enumerate().map(universe).collect(),
        ..Header::default()
    }
}

/// The level of a slot: dark in the even cells of even universes, held in those of odd ones, a
/// fade or noise in the odd cells.
pub(crate) fn level(universe: usize, frame: u32, slot: usize) -> u8 {
    let cell = frame / 60;
    match (cell % 3, universe % 2) {
        (0, 0) => 0,
        (0, _) => 77,
        (1, _) => ((frame % 60) * 4) as u8,
        _ => (frame.wrapping_mul(2_654_435_761) >> 13).wrapping_mul(slot as u32 * 31 + 7) as u8,
    }
}

/// The rows of a cell.
pub(crate) fn rows(header: &Header, universe: usize, cell: u32) -> Vec<u8> {
    let first = header.first_frame(cell);
    let width = usize::from(header.universes[universe].slots_used);
    (first..first + u32::from(header.frames_in(cell)))
        .flat_map(|frame| (0..width).map(move |slot| level(universe, frame, slot)))
        .collect()
}

/// The encoded cell, its key made of its rows.
pub(crate) fn cell(header: &Header, universe: usize, cell: u32) -> Cell {
    let rows = rows(header, universe, cell);
    let key = xxhash_rust::xxh3::xxh3_128(&rows);
    Cell::encode(key, header.universes[universe].slots_used, &rows, Compression::Fast)
}

/// Every place of a canvas, by second.
pub(crate) fn places(header: &Header) -> Vec<(usize, u32)> {
    let universes = header.universes.len();
    (0..header.cells()).flat_map(|cell| (0..universes).map(move |u| (u, cell))).collect()
}

/// Writes the canvas with its cells put in this order.
pub(crate) fn write(path: &Path, header: &Header, places: &[(usize, u32)]) {
    let mut writer = CanvasWriter::create(path, header).unwrap();
    for &(universe, second) in places {
        writer.put(universe, second, &cell(header, universe, second)).unwrap();
    }
    writer.finish().unwrap();
}

/// The bytes of the small show's canvas.
#[allow(dead_code, reason = "not every test file needs it")]
pub(crate) fn small() -> (Header, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.canvas");
    let header = header(200, &[40, 40, 9]);
    write(&path, &header, &places(&header));
    let bytes = std::fs::read(&path).unwrap();
    Canvas::from_bytes(bytes.clone()).unwrap();
    (header, bytes)
}
