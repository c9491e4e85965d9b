use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler};

use super::track::Track;
use crate::Decoder;

/// Frames of the song that are resampled at a time, about.
const BLOCK_FRAMES: usize = 1024;

/// A song at a device's sample rate, with silence on both sides.
///
/// Frame `n` is the song at `n / sample_rate` seconds, wherever reading starts.
pub(crate) struct Resampled {
    track: Track,
    sample_rate: u32,
    converter: Option<Converter>,
}

struct Converter {
    resampler: Fft<f32>,
    input: Vec<f32>,
    output: Vec<f32>,
    /// Samples of `output` that no one has read yet.
    unread: std::ops::Range<usize>,
    /// Frames of output to drop before the first that was asked for.
    skip: usize,
}

impl Resampled {
    pub(crate) fn new(song: Decoder, sample_rate: u32) -> Self {
        let track = Track::new(song);
        let converter = Converter::new(track.sample_rate(), sample_rate, track.channels());
        let mut resampled = Self { track, sample_rate, converter };
        resampled.seek(0);
        resampled
    }

    /// Frames a second as they are read.
    pub(crate) fn sample_rate(&self) -> u32 {
        match &self.converter {
            Some(_) => self.sample_rate,
            None => self.track.sample_rate(),
        }
    }

    pub(crate) fn channels(&self) -> usize {
        self.track.channels()
    }

    pub(crate) fn damaged(&self) -> bool {
        self.track.damaged()
    }

    pub(crate) fn seek(&mut self, frame: i64) {
        match &mut self.converter {
            None => self.track.seek(frame),
            Some(converter) => converter.seek(&mut self.track, frame),
        }
    }

    /// Fills `out` with the next whole frames.
    pub(crate) fn read(&mut self, out: &mut [f32]) {
        match &mut self.converter {
            None => self.track.read(out),
            Some(converter) => converter.read(&mut self.track, out),
        }
    }
}

impl Converter {
    /// `None` when nothing is to be converted, or cannot be.
    fn new(from: u32, to: u32, channels: usize) -> Option<Self> {
        if from == to {
            return None;
        }
        let (from, to) = (from as usize, to as usize);
        let resampler = Fft::new(from, to, BLOCK_FRAMES, channels, FixedSync::Both).ok()?;
        let input = vec![0.0; resampler.input_frames_max() * channels];
        let output = vec![0.0; resampler.output_frames_max() * channels];
        Some(Self { resampler, input, output, unread: 0..0, skip: 0 })
    }

    /// Starts a whole block ahead, so that the filter's memory is the song's.
    fn seek(&mut self, track: &mut Track, frame: i64) {
        let (block_in, block_out) =
            (self.resampler.input_frames_max() as i64, self.resampler.output_frames_max() as i64);
        let first_block = frame.div_euclid(block_out) - 1;
        self.resampler.reset();
        self.unread = 0..0;
        let dropped = (frame - first_block * block_out).unsigned_abs() as usize;
        self.skip = dropped + self.resampler.output_delay();
        track.seek(first_block * block_in);
    }

    fn read(&mut self, track: &mut Track, mut out: &mut [f32]) {
        while !out.is_empty() {
            if self.unread.is_empty() {
                self.convert(track);
            }
            let count = out.len().min(self.unread.len());
            let (now, later) = out.split_at_mut(count);
            now.copy_from_slice(&self.output[self.unread.start..self.unread.start + count]);
            self.unread.start += count;
            out = later;
        }
    }

    /// Converts the next block; one that cannot be is silence of the same length.
    fn convert(&mut self, track: &mut Track) {
        let channels = track.channels();
        track.read(&mut self.input);
        let frames = self.output.len() / channels;
        let input = InterleavedSlice::new(&self.input, channels, self.input.len() / channels);
        let output = InterleavedSlice::new_mut(&mut self.output, channels, frames);
        let converted = match (input, output) {
            (Ok(input), Ok(mut output)) => {
                self.resampler.process_into_buffer(&input, &mut output, None).is_ok()
            }
            _ => false,
        };
        if !converted {
            self.output.fill(0.0);
        }
        let skipped = self.skip.min(frames);
        self.skip -= skipped;
        self.unread = skipped * channels..self.output.len();
    }
}
