//! Frames in a row, for those who read many. Keeps one cell of each universe, decoded.

use std::sync::Arc;

use gobo_dmx::{SLOTS, Slots};

use crate::cell::Decoder;
use crate::error::CanvasError;
use crate::{Canvas, UniverseEntry};

/// Reads frames of a canvas one after another: each universe's cell is decoded once, into memory
/// that is there from the start, so that no frame allocates.
///
/// For the thread that decodes ahead of the player.
pub struct Reader {
    canvas: Arc<Canvas>,
    decoder: Decoder,
    bytes: Vec<u8>,
    universes: Vec<Decoded>,
}

/// The cell of a universe that was read last.
#[derive(Default)]
struct Decoded {
    record: Option<u64>,
    width: usize,
    rows: Vec<u8>,
}

impl Reader {
    /// A reader at no place yet.
    pub fn new(canvas: Arc<Canvas>) -> Self {
        let frames = canvas.header().rate.frames_per_cell() as usize;
        let len = |entry: &UniverseEntry| frames * usize::from(entry.slots_used);
        let entries = &canvas.header().universes;
        let largest = entries.iter().map(len).max().unwrap_or(0);
        let decoded =
            |entry| Decoded { rows: Vec::with_capacity(len(entry)), ..Decoded::default() };
        let universes = entries.iter().map(decoded).collect();
        // No cell takes more in the file than its rows do.
        let bytes = Vec::with_capacity(largest);
        Self { canvas, decoder: Decoder::with_room(largest), bytes, universes }
    }

    /// The canvas that is read.
    pub fn canvas(&self) -> &Arc<Canvas> {
        &self.canvas
    }

    /// The used slots of a universe in a frame.
    pub fn used(&mut self, universe: usize, frame: u32) -> Result<&[u8], CanvasError> {
        let (cell, row) = self.canvas.locate(frame)?;
        let rows = self.rows(universe, cell)?;
        let width = rows.width;
        Ok(&rows.rows[row * width..][..width])
    }

    /// The slots of a universe in a frame.
    pub fn frame(
        &mut self,
        universe: usize,
        frame: u32,
        out: &mut Slots,
    ) -> Result<(), CanvasError> {
        let used = self.used(universe, frame)?;
        out[..used.len()].copy_from_slice(used);
        out[used.len()..SLOTS].fill(0);
        Ok(())
    }

    /// All rows of a cell, each as wide as the universe's used slots.
    pub fn cell(&mut self, universe: usize, cell: u32) -> Result<&[u8], CanvasError> {
        Ok(&self.rows(universe, cell)?.rows)
    }

    /// The cell of a universe, decoded unless it is the one decoded last.
    fn rows(&mut self, universe: usize, cell: u32) -> Result<&Decoded, CanvasError> {
        let index = self.canvas.record_index(universe, cell)?;
        let decoded = &mut self.universes[universe];
        if decoded.record != Some(index) {
            decoded.record = None;
            decoded.width = self.canvas.record(index).width.into();
            self.canvas.decode(index, &mut self.decoder, &mut self.bytes, &mut decoded.rows)?;
            decoded.record = Some(index);
        }
        Ok(decoded)
    }
}
