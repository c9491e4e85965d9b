//! Room, echo and the limiter at the end.

use crate::SIXTEENTH;
use crate::dsp::saturate;
use crate::mix::{Bus, Frame};

/// A line of samples read as long after they went in as it has places.
struct Line {
    samples: Vec<f32>,
    at: usize,
}

impl Line {
    fn new(frames: usize) -> Self {
        Self { samples: vec![0.0; frames], at: 0 }
    }

    fn read(&self) -> f32 {
        self.samples[self.at]
    }

    fn write(&mut self, sample: f32) {
        self.samples[self.at] = sample;
        self.at = (self.at + 1) % self.samples.len();
    }
}

/// One side of the room: combs in parallel, then all-passes in series (Schroeder, 1962).
struct Side {
    combs: Vec<(Line, f32)>,
    passes: Vec<Line>,
}

impl Side {
    fn new(wider: usize) -> Self {
        let combs = [1_557, 1_617, 1_491, 1_422, 1_277, 1_356];
        let passes = [556, 441, 341];
        Self {
            combs: combs.map(|frames| (Line::new(frames + wider), 0.0)).into(),
            passes: passes.map(|frames| Line::new(frames + wider)).into(),
        }
    }

    fn next(&mut self, input: f32) -> f32 {
        let mut sum = 0.0;
        for (line, damped) in &mut self.combs {
            let echo = line.read();
            *damped = echo * 0.72 + *damped * 0.28;
            line.write(input + *damped * 0.84);
            sum += echo;
        }
        self.passes.iter_mut().fold(sum / 6.0, |sample, line| {
            let echo = line.read();
            line.write(sample + echo * 0.5);
            echo - sample * 0.5
        })
    }
}

/// The room's answer to what is sent into it.
pub(crate) fn room(sent: &[Frame]) -> Bus {
    let (mut left, mut right) = (Side::new(0), Side::new(23));
    sent.iter().map(|frame| [left.next(frame[0]), right.next(frame[1])]).collect()
}

/// Echoes a dotted eighth apart that change sides, duller each time.
pub(crate) fn echo(sent: &[Frame]) -> Bus {
    let (mut left, mut right) = (Line::new(3 * SIXTEENTH), Line::new(3 * SIXTEENTH));
    let mut dull = [0.0f32; 2];
    sent.iter()
        .map(|frame| {
            let echoes = [left.read(), right.read()];
            for (dull, echo) in dull.iter_mut().zip(echoes) {
                *dull = 0.55 * echo + 0.45 * *dull;
            }
            left.write((frame[0] + frame[1]) * 0.5 + dull[1] * 0.55);
            right.write(dull[0] * 0.75);
            echoes
        })
        .collect()
}

/// Takes out what does not swing: a one-pole high pass near 20 Hz.
pub(crate) fn remove_offset(bus: &mut [Frame]) {
    for side in 0..2 {
        let mut mean = 0.0f32;
        for frame in bus.iter_mut() {
            mean += (frame[side] - mean) * 0.0028;
            frame[side] -= mean;
        }
    }
}

/// Keeps peaks under `ceiling`: turns down a block ahead of them, then bends what is left.
pub(crate) fn limit(bus: &mut [Frame], ceiling: f32) {
    const BLOCK: usize = 128;
    const DRIVE: f32 = 1.1;
    let peak = |block: &[Frame]| block.iter().flatten().fold(0.0f32, |peak, s| peak.max(s.abs()));
    let peaks: Vec<f32> = bus.chunks(BLOCK).map(peak).collect();
    let mut gain = 1.0f32;
    for (index, block) in bus.chunks_mut(BLOCK).enumerate() {
        let ahead = &peaks[index..peaks.len().min(index + 3)];
        let loudest = ahead.iter().fold(0.0f32, |a, &b| a.max(b));
        let wanted = if loudest > ceiling { ceiling / loudest } else { 1.0 };
        let next = if wanted < gain { wanted } else { gain + (wanted - gain) * 0.02 };
        let frames = block.len() as f32;
        for (at, frame) in block.iter_mut().enumerate() {
            let gain = gain + (next - gain) * at as f32 / frames;
            // The bend is nearly straight in the lower half of its range.
            let bent = frame.map(|sample| saturate(sample * gain / ceiling * DRIVE));
            *frame = bent.map(|sample| sample / saturate(DRIVE) * ceiling);
        }
        gain = next;
    }
}
