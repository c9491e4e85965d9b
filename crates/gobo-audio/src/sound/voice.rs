use std::time::{Duration, Instant};

use rtrb::{Consumer, Producer};
use triple_buffer::{Input, Output};

use super::feeder::Chunk;
use super::link::{Heard, Order, Report};

/// What a device calls for its next frames. It allocates nothing, waits for nothing, and never
/// fails: sound that is not there in time is silence.
pub(crate) struct Voice {
    orders: Output<Order>,
    chunks: Consumer<Chunk>,
    returns: Producer<Chunk>,
    heard: Input<Report>,
    sample_rate: u32,
    channels: usize,
    current: Option<Chunk>,
    /// The next frame of the current chunk.
    cursor: usize,
    serial: u64,
    /// When the first frame is to be heard, until it is.
    due: Option<Instant>,
    /// Frames that are left out because it is too late for them.
    late: u64,
    blocks: u64,
}

impl Voice {
    pub(crate) fn new(
        orders: Output<Order>,
        chunks: Consumer<Chunk>,
        returns: Producer<Chunk>,
        heard: Input<Report>,
        sample_rate: u32,
        channels: u16,
    ) -> Self {
        let channels = channels.into();
        Self {
            orders,
            chunks,
            returns,
            heard,
            sample_rate,
            channels,
            current: None,
            cursor: 0,
            serial: 0,
            due: None,
            late: 0,
            blocks: 0,
        }
    }

    /// Fills `out`, whose first frame is heard at `at`.
    pub(crate) fn fill(&mut self, out: &mut [f32], at: Instant) {
        let order = *self.orders.read();
        if order.serial != self.serial {
            (self.serial, self.blocks) = (order.serial, 0);
            (self.due, self.late) = (order.due, 0);
            // Stale sound goes back at once, also in a pause, to be filled anew.
            self.has_chunk(order.serial);
        }
        let mut first = None;
        let mut done = 0;
        if order.playing {
            let frames = out.len() / self.channels;
            done = self.lead_in(at, frames);
            out[..done * self.channels].fill(0.0);
            while done < frames && self.has_chunk(order.serial) {
                let (seconds, count) = self.copy(&mut out[done * self.channels..], order.volume);
                first.get_or_insert((seconds, done));
                done += count;
            }
        }
        out[done * self.channels..].fill(0.0);
        self.tell(first, at);
    }

    /// How many of a block's frames, the first of which is heard at `at`, are silent because the
    /// sound is not due yet, or because it would come too late.
    fn lead_in(&mut self, at: Instant, frames: usize) -> usize {
        if let Some(due) = self.due {
            let ahead = self.frames(due.saturating_duration_since(at));
            if ahead >= frames as u64 {
                return frames;
            }
            self.due = None;
            self.late = self.frames(at.saturating_duration_since(due));
            if ahead > 0 {
                return ahead as usize;
            }
        }
        while self.late > 0 {
            if !self.has_chunk(self.serial) {
                // What is silent now is too late as well.
                self.late += frames as u64;
                return frames;
            }
            let left = self.current.as_ref().map_or(0, |chunk| chunk.frames - self.cursor);
            let skipped = left.min(self.late as usize);
            self.cursor += skipped;
            self.late -= skipped as u64;
        }
        0
    }

    /// Publishes where in the song `first` is, a place and the frame of the block it begins at.
    fn tell(&mut self, first: Option<(f64, usize)>, at: Instant) {
        let heard = match first {
            Some((seconds, frame)) => {
                self.blocks += 1;
                Heard { seconds, at: at + self.length(frame), blocks: self.blocks, running: true }
            }
            None if self.blocks > 0 => {
                let place = self.current.as_ref().map(|chunk| self.place(chunk));
                let last = (*self.heard.input_buffer_mut()).map_or(0.0, |(_, last)| last.seconds);
                let seconds = place.unwrap_or(last);
                Heard { seconds, at, blocks: self.blocks, running: false }
            }
            None => return,
        };
        self.heard.write(Some((self.serial, heard)));
    }

    fn length(&self, frames: usize) -> Duration {
        Duration::from_secs_f64(frames as f64 / f64::from(self.sample_rate))
    }

    fn frames(&self, length: Duration) -> u64 {
        (length.as_secs_f64() * f64::from(self.sample_rate)).round() as u64
    }

    fn place(&self, chunk: &Chunk) -> f64 {
        chunk.seconds + self.cursor as f64 / f64::from(self.sample_rate)
    }

    /// Makes sound of start `serial` the current chunk; those of earlier ones go back.
    fn has_chunk(&mut self, serial: u64) -> bool {
        loop {
            match &self.current {
                Some(chunk) if chunk.serial > serial => return false,
                Some(chunk) if chunk.serial == serial && self.cursor < chunk.frames => return true,
                _ => {}
            }
            if let Some(chunk) = self.current.take() {
                // There is a place for every chunk.
                let _ = self.returns.push(chunk);
            }
            self.cursor = 0;
            match self.chunks.pop() {
                Ok(chunk) => self.current = Some(chunk),
                Err(_) => return false,
            }
        }
    }

    /// Copies what the current chunk has; gives its place and how many frames it was.
    fn copy(&mut self, out: &mut [f32], volume: f32) -> (f64, usize) {
        let Some(chunk) = &self.current else { return (0.0, 0) };
        let place = self.place(chunk);
        let frames = (chunk.frames - self.cursor).min(out.len() / self.channels);
        let samples = &chunk.samples[self.cursor * self.channels..][..frames * self.channels];
        for (out, sample) in out.iter_mut().zip(samples) {
            *out = sample * volume;
        }
        self.cursor += frames;
        (place, frames)
    }
}
