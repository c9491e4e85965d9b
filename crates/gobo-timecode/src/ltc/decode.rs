use super::{BITS, SYNC, SYNC_AT, Word};
use crate::{Direction, Label};

/// Levels below this are silence: -60 dBFS.
const SILENCE: f32 = 0.001;
/// How far beyond the middle a signal must go to have changed, in halves of its height: less is
/// noise.
const HYSTERESIS: f32 = 0.3;
/// How fast the height of a signal is forgotten.
const FORGETTING_SECONDS: f32 = 0.05;
/// Intervals between edges in bits: half a bit is this long at least, and at most; so is a bit.
const HALF: std::ops::RangeInclusive<f64> = 0.3..=0.75;
const WHOLE: std::ops::RangeInclusive<f64> = 0.75..=1.6;
/// What a bit adds to what is known of their length.
const GAIN: f64 = 0.2;

/// A frame of timecode that was heard.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LtcFrame {
    /// What it says.
    pub label: Label,
    /// Whether its rate drops labels.
    pub drop: bool,
    /// Which way it ran by. Forwards its end is the start of the next one; backwards its own.
    pub direction: Direction,
    /// When it was over, in samples from the decoder's start.
    pub end: f64,
    /// How long it lasted, in samples.
    pub length: f64,
}

/// Hears timecode in the samples of one channel, forwards and backwards, slow and fast, of either
/// polarity.
#[derive(Clone, Debug)]
pub struct LtcDecoder {
    slicer: Slicer,
    bits: Bits,
}

impl LtcDecoder {
    /// A decoder for `sample_rate` samples a second.
    pub fn new(sample_rate: u32) -> Self {
        Self { slicer: Slicer::new(sample_rate), bits: Bits::default() }
    }

    /// Takes the next sample; gives the frame that it ends.
    pub fn feed(&mut self, sample: f32) -> Option<LtcFrame> {
        let edge = self.slicer.feed(sample)?;
        self.bits.edge(edge)
    }
}

/// Finds the edges of a signal between its samples.
#[derive(Clone, Debug)]
struct Slicer {
    forgetting: f32,
    top: f32,
    bottom: f32,
    before: f32,
    high: bool,
    /// When the signal last went through its middle.
    crossing: f64,
    /// Samples so far.
    now: f64,
}

impl Slicer {
    fn new(sample_rate: u32) -> Self {
        let forgetting = 1.0 / (FORGETTING_SECONDS * sample_rate as f32);
        let (top, bottom, before) = (0.0, 0.0, 0.0);
        Self { forgetting, top, bottom, before, high: false, crossing: 0.0, now: 0.0 }
    }

    /// When the edge was that this sample makes certain, in samples.
    fn feed(&mut self, sample: f32) -> Option<f64> {
        // A device may hand out anything.
        let sample = if sample.is_finite() { sample } else { 0.0 };
        let fade = (self.top - self.bottom) * self.forgetting;
        self.top = sample.max(self.top - fade);
        self.bottom = sample.min(self.bottom + fade);
        let (middle, half) = ((self.top + self.bottom) / 2.0, (self.top - self.bottom) / 2.0);
        let (before, after) = (self.before - middle, sample - middle);
        if (before < 0.0) != (after < 0.0) {
            self.crossing = self.now - f64::from(after / (after - before));
        }
        (self.before, self.now) = (sample, self.now + 1.0);
        let sure = (HYSTERESIS * half).max(SILENCE);
        let changed = if self.high { after < -sure } else { after > sure };
        self.high ^= changed;
        changed.then_some(self.crossing)
    }
}

/// Makes bits of edges and words of bits.
#[derive(Clone, Debug)]
struct Bits {
    /// The last edge.
    edge: f64,
    /// The length of a bit, in samples; 0 when nothing is known of it.
    length: f64,
    /// Where the bit began of which half has passed.
    half: Option<f64>,
    /// Whether it is known where bits begin: halves alone do not tell.
    aligned: bool,
    word: u128,
    /// How many bits of the word are good.
    good: usize,
    /// Where each of the last bits began, in a ring.
    begun: [f64; BITS],
    next: usize,
}

impl Default for Bits {
    fn default() -> Self {
        Self {
            edge: 0.0,
            length: 0.0,
            half: None,
            aligned: false,
            word: 0,
            good: 0,
            begun: [0.0; BITS],
            next: 0,
        }
    }
}

impl Bits {
    fn edge(&mut self, edge: f64) -> Option<LtcFrame> {
        let (begun, interval) = (self.edge, edge - self.edge);
        self.edge = edge;
        if self.length > 0.0 && HALF.contains(&(interval / self.length)) {
            let Some(begun) = self.half.take() else {
                self.half = Some(begun);
                return None;
            };
            self.length += GAIN * (edge - begun - self.length);
            return if self.aligned { self.bit(true, begun, edge) } else { None };
        }
        let whole = self.length > 0.0 && WHOLE.contains(&(interval / self.length));
        if !whole || self.half.is_some() {
            self.lose();
        }
        match whole {
            true => self.length += GAIN * (interval - self.length),
            // Much shorter than what was taken for half a bit, or longer than a bit.
            false if interval < self.length => self.length = 2.0 * interval,
            false => self.length = interval,
        }
        self.aligned = whole;
        if whole { self.bit(false, begun, edge) } else { None }
    }

    fn lose(&mut self) {
        (self.half, self.aligned, self.good) = (None, false, 0);
    }

    fn bit(&mut self, one: bool, begun: f64, end: f64) -> Option<LtcFrame> {
        self.word = self.word >> 1 | u128::from(one) << (BITS - 1);
        self.begun[self.next] = begun;
        self.next = (self.next + 1) % BITS;
        self.good = (self.good + 1).min(BITS);
        if self.good < BITS {
            return None;
        }
        let (word, direction) = if (self.word >> SYNC_AT) as u16 == SYNC {
            (self.word, Direction::Forwards)
        } else if self.word as u16 == SYNC.reverse_bits() {
            (self.word.reverse_bits() >> (128 - BITS), Direction::Backwards)
        } else {
            return None;
        };
        let (label, drop) = Word(word).label()?;
        // The next place in the ring is that of the word's first bit.
        Some(LtcFrame { label, drop, direction, end, length: end - self.begun[self.next] })
    }
}
