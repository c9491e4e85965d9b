//! Frames of a universe written down as they come, when nobody knows yet how many there will be.

use gobo_dmx::{FrameRate, SLOTS, Slots};
use xxhash_rust::xxh3::xxh3_128;

use crate::cell::{Cell, Encoder};

/// One universe as recorded so far: whole seconds encoded, and the frames after them.
pub struct Track {
    width: usize,
    rate: FrameRate,
    cells: Vec<Cell>,
    /// The frames of the second that is not whole yet.
    rows: Vec<u8>,
    frames: u32,
    last: Slots,
}

impl Track {
    /// A track of the first `width` slots, 1 to 512, at a rate.
    pub fn new(width: usize, rate: FrameRate) -> Self {
        let (cells, rows) = (Vec::new(), Vec::new());
        Self { width, rate, cells, rows, frames: 0, last: [0; SLOTS] }
    }

    /// How many slots are written down.
    pub fn width(&self) -> usize {
        self.width
    }

    /// How many frames there are: the number of the next.
    pub fn frames(&self) -> u32 {
        self.frames
    }

    /// The levels of the last frame; dark before the first.
    pub fn last(&self) -> &Slots {
        &self.last
    }

    /// Puts a frame; those that were skipped keep the levels before, one that has passed is late
    /// and takes the place of the last.
    pub fn put(&mut self, frame: u32, slots: &Slots, encoder: &mut Encoder) {
        if frame < self.frames {
            let from = self.rows.len().saturating_sub(self.width);
            if !self.rows.is_empty() {
                self.rows[from..].copy_from_slice(&slots[..self.width]);
            }
        } else {
            self.hold(frame, encoder);
            self.push(slots, encoder);
        }
        self.last = *slots;
    }

    /// Keeps the last levels until a frame, which is the next.
    pub fn hold(&mut self, frame: u32, encoder: &mut Encoder) {
        let last = self.last;
        while self.frames < frame {
            self.push(&last, encoder);
        }
    }

    /// The cells of so many frames, dark after those that there are.
    pub fn finish(mut self, frames: u32, encoder: &mut Encoder) -> Vec<Cell> {
        self.last = [0; SLOTS];
        self.hold(frames, encoder);
        self.close(encoder);
        self.cells
    }

    fn push(&mut self, slots: &Slots, encoder: &mut Encoder) {
        let whole = self.rate.frames_per_cell() as usize * self.width;
        if self.rows.len() >= whole {
            self.close(encoder);
        }
        self.rows.extend_from_slice(&slots[..self.width]);
        self.frames += 1;
    }

    fn close(&mut self, encoder: &mut Encoder) {
        if !self.rows.is_empty() {
            let key = xxh3_128(&self.rows);
            self.cells.push(encoder.encode(key, self.width as u16, &self.rows));
            self.rows.clear();
        }
    }
}
