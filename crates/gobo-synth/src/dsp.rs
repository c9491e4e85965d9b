//! Oscillators, noise, filters and envelopes from the four operations and `libm`.

use crate::RATE;

/// A sine of `turns`, by its Taylor series on a quarter turn; off by less than 4e-6.
pub(crate) fn sine(turns: f64) -> f32 {
    let turn = turns - (turns + 0.5).floor();
    let quarter = if turn > 0.25 {
        0.5 - turn
    } else if turn < -0.25 {
        -0.5 - turn
    } else {
        turn
    };
    let x = quarter * std::f64::consts::TAU;
    let s = x * x;
    (x * (1.0 - s / 6.0 * (1.0 - s / 20.0 * (1.0 - s / 42.0 * (1.0 - s / 72.0))))) as f32
}

/// The frequency of a MIDI note, in hertz.
pub(crate) fn hertz(note: f64) -> f64 {
    440.0 * libm::exp2((note - 69.0) / 12.0)
}

/// The factor a frame that falls to 1/e in `seconds`.
pub(crate) fn decay(seconds: f64) -> f32 {
    libm::exp(-1.0 / (seconds * f64::from(RATE))) as f32
}

/// `low` at 0, `high` at 1, evenly in pitch between.
pub(crate) fn between(low: f64, high: f64, part: f64) -> f64 {
    low * libm::pow(high / low, part)
}

/// Bends a sample softly into -1 to 1: the rational approximation of the hyperbolic tangent.
pub(crate) fn saturate(sample: f32) -> f32 {
    let x = sample.clamp(-3.0, 3.0);
    x * (27.0 + x * x) / (27.0 + 9.0 * x * x)
}

/// An oscillator with its phase in turns.
#[derive(Clone, Copy)]
pub(crate) struct Oscillator {
    phase: f64,
}

impl Oscillator {
    pub(crate) fn new(phase: f64) -> Self {
        Self { phase }
    }

    /// Goes on by one frame at `hertz`; the phase before and the step, in turns.
    fn step(&mut self, hertz: f64) -> (f64, f64) {
        let (phase, step) = (self.phase, hertz / f64::from(RATE));
        self.phase = phase + step - (phase + step).floor();
        (phase, step)
    }

    pub(crate) fn sine(&mut self, hertz: f64) -> f32 {
        sine(self.step(hertz).0)
    }

    /// A sawtooth with its edge rounded off, so that it does not alias much.
    pub(crate) fn saw(&mut self, hertz: f64) -> f32 {
        let (phase, step) = self.step(hertz);
        (2.0 * phase - 1.0 - edge(phase, step)) as f32
    }

    /// A pulse of the given width, 0 to 1, rounded in the same way.
    pub(crate) fn pulse(&mut self, hertz: f64, width: f64) -> f32 {
        let (phase, step) = self.step(hertz);
        let fall = phase + 1.0 - width;
        let level = if phase < width { 1.0 } else { -1.0 };
        (level + edge(phase, step) - edge(fall - fall.floor(), step)) as f32
    }
}

/// The polynomial that rounds off a step of height two at phase 0 (polyBLEP).
fn edge(phase: f64, step: f64) -> f64 {
    if phase < step {
        let t = phase / step;
        t + t - t * t - 1.0
    } else if phase > 1.0 - step {
        let t = (phase - 1.0) / step;
        t * t + t + t + 1.0
    } else {
        0.0
    }
}

/// White noise from a 32-bit xorshift.
#[derive(Clone, Copy)]
pub(crate) struct Noise(u32);

impl Noise {
    pub(crate) fn new(seed: u32) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9) | 1)
    }

    /// The next sample, -1 to 1.
    pub(crate) fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (f64::from(self.0) / f64::from(u32::MAX) * 2.0 - 1.0) as f32
    }
}

/// A state-variable filter, 12 dB an octave (the trapezoidal form).
#[derive(Clone, Copy, Default)]
pub(crate) struct Filter {
    first: f32,
    second: f32,
    g: f32,
    damping: f32,
}

/// What a filter lets through.
pub(crate) struct Filtered {
    pub(crate) low: f32,
    pub(crate) band: f32,
    pub(crate) high: f32,
}

impl Filter {
    /// A filter at `hertz` with the given resonance (0.7 has no peak).
    pub(crate) fn new(hertz: f64, resonance: f64) -> Self {
        let mut filter = Self::default();
        filter.tune(hertz, resonance);
        filter
    }

    pub(crate) fn tune(&mut self, hertz: f64, resonance: f64) {
        let part = hertz.clamp(20.0, 18_000.0) / f64::from(RATE);
        self.g = libm::tan(std::f64::consts::PI * part) as f32;
        self.damping = (1.0 / resonance) as f32;
    }

    pub(crate) fn next(&mut self, input: f32) -> Filtered {
        let Self { g, damping, .. } = *self;
        let high = (input - (damping + g) * self.first - self.second) / (1.0 + g * (g + damping));
        let band = g * high + self.first;
        let low = g * band + self.second;
        self.first = g * high + band;
        self.second = g * band + low;
        Filtered { low, band, high }
    }
}

/// The shape of a note's loudness; times in seconds, falls are to 1/e.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) attack: f64,
    pub(crate) decay: f64,
    pub(crate) sustain: f32,
    pub(crate) release: f64,
}

/// A running [`Shape`].
pub(crate) struct Envelope {
    level: f32,
    rising: bool,
    rise: f32,
    fall: f32,
    sustain: f32,
    release: f32,
}

impl Envelope {
    pub(crate) fn new(shape: Shape) -> Self {
        Self {
            level: 0.0,
            rising: true,
            rise: (1.0 / (shape.attack * f64::from(RATE))) as f32,
            fall: decay(shape.decay),
            sustain: shape.sustain,
            release: decay(shape.release),
        }
    }

    /// The next level; `held` while the key is down.
    pub(crate) fn next(&mut self, held: bool) -> f32 {
        if !held {
            self.level *= self.release;
        } else if self.rising {
            self.level = (self.level + self.rise).min(1.0);
            self.rising = self.level < 1.0;
        } else {
            self.level = self.sustain + (self.level - self.sustain) * self.fall;
        }
        self.level
    }

    /// Whether nothing more is heard once the key is up.
    pub(crate) fn is_over(&self) -> bool {
        self.level < 1e-4
    }
}
