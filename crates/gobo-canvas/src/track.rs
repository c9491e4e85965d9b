//! Frames of a universe written down as they come, when nobody knows yet how many there will be.

use gobo_dmx::{FrameRate, SLOTS, Slots};
use xxhash_rust::xxh3::xxh3_128;

use crate::cell::{Cell, Decoder, Encoder};

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

    /// Writes down more slots from now on; those before had none that was lit there.
    pub fn widen(&mut self, width: usize, encoder: &mut Encoder) {
        let (from, mut decoder) = (self.width, Decoder::new());
        self.width = width.max(from);
        let wide = |rows: &[u8]| -> Vec<u8> {
            let dark = std::iter::repeat_n(0, self.width - from);
            rows.chunks_exact(from)
                .flat_map(|row| row.iter().copied().chain(dark.clone()))
                .collect()
        };
        for cell in &mut self.cells {
            let mut rows = vec![0; usize::from(cell.frames) * from];
            // What was encoded a moment ago in this memory can be decoded.
            let whole = decoder.decode(cell.encoding, &cell.bytes, from, &mut rows);
            debug_assert!(whole, "a cell of a track");
            let rows = wide(&rows);
            *cell = encoder.encode(xxh3_128(&rows), self.width as u16, &rows);
        }
        self.rows = wide(&self.rows);
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cell::Compression;

    /// Every frame of the cells of a track.
    fn frames(cells: &[Cell]) -> Vec<Vec<u8>> {
        let mut decoder = Decoder::new();
        let rows = |cell: &Cell| {
            let mut rows = vec![0; usize::from(cell.frames) * usize::from(cell.width)];
            assert!(decoder.decode(cell.encoding, &cell.bytes, cell.width.into(), &mut rows));
            rows.chunks(cell.width.into()).map(<[u8]>::to_vec).collect::<Vec<_>>()
        };
        cells.iter().flat_map(rows).collect()
    }

    proptest! {
        #[test]
        fn frames_come_back_as_they_were_put(
            steps in prop::collection::vec((0_u32..9, any::<u8>()), 1..80),
            widened in 0_usize..80, after in 0_u32..70,
        ) {
            let mut encoder = Encoder::new(Compression::Fast);
            let mut track = Track::new(3, FrameRate::DEFAULT);
            let mut expected: Vec<[u8; 5]> = Vec::new();
            let mut last = [0; 5];
            for (number, (step, level)) in steps.into_iter().enumerate() {
                if number == widened {
                    track.widen(5, &mut encoder);
                }
                let beyond = if number >= widened { [level, 9] } else { [0; 2] };
                let levels = [level, 7, level / 2, beyond[0], beyond[1]];
                let mut slots = [0; SLOTS];
                slots[..5].copy_from_slice(&levels);
                // One step on is the next frame; none is the last again, more leave some out.
                let frame = (track.frames() + step).saturating_sub(1);
                track.put(frame, &slots, &mut encoder);
                match expected.last_mut() {
                    Some(shown) if step == 0 => *shown = levels,
                    _ => {
                        expected.resize(frame as usize, last);
                        expected.push(levels);
                    }
                }
                last = levels;
            }
            let (width, all) = (track.width(), track.frames() + after);
            expected.resize(all as usize, [0; 5]);
            let found = frames(&track.finish(all, &mut encoder));
            let expected: Vec<_> = expected.iter().map(|levels| levels[..width].to_vec()).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
