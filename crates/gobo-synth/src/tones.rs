//! Bass, pad, stabs, arpeggio and leads.

use crate::RATE;
use crate::dsp::{Envelope, Filter, Oscillator, Shape, between, hertz, saturate, sine};
use crate::mix::{Bus, add};
use crate::score::Note;

/// Frames between two settings of a moving filter.
const CONTROL: usize = 32;

/// A saw and a sub-octave sine through a filter that plucks.
pub(crate) fn bass(notes: &[Note], bus: &mut Bus) {
    let loudness = Shape { attack: 0.003, decay: 0.35, sustain: 0.7, release: 0.02 };
    let pluck = Shape { attack: 0.002, decay: 0.09, sustain: 0.18, release: 0.03 };
    for note in notes {
        let (mut saw, mut pulse) = (Oscillator::new(0.0), Oscillator::new(0.3));
        let mut sub = Oscillator::new(0.0);
        let (mut level, mut opening) = (Envelope::new(loudness), Envelope::new(pluck));
        let mut filter = Filter::default();
        let pitch = hertz(note.pitch);
        each_frame(note, |frame, held| {
            let open = opening.next(held);
            if frame.is_multiple_of(CONTROL) {
                let top = between(500.0, 2_600.0, f64::from(note.brightness));
                filter.tune(between(130.0, top, f64::from(open)), 1.4);
            }
            let bright = saw.saw(pitch * 2.0) * 0.45 + pulse.pulse(pitch * 2.003, 0.4) * 0.3;
            let tone = filter.next(bright).low + sub.sine(pitch) * 0.55;
            let sample = saturate(1.5 * tone * level.next(held)) * note.velocity * 0.5;
            add(bus, note.start + frame, [sample, sample]);
            level.is_over()
        });
    }
}

/// Saws in pairs, slow and wide.
pub(crate) fn pad(notes: &[Note], bus: &mut Bus) {
    let shape = Shape { attack: 0.18, decay: 1.0, sustain: 0.85, release: 0.22 };
    for note in notes.iter().filter(|note| note.velocity > 0.0) {
        let mut saws = [0.0, 0.37, 0.61, 0.83].map(Oscillator::new);
        let mut filters = [Filter::default(); 2];
        let mut level = Envelope::new(shape);
        let pitch = hertz(note.pitch);
        each_frame(note, |frame, held| {
            if frame.is_multiple_of(CONTROL) {
                let drift = 0.06 * f64::from(sine(0.21 * seconds(note.start + frame)));
                let open = f64::from(note.brightness) * 0.8 + 0.06 + drift;
                filters.iter_mut().for_each(|f| f.tune(between(240.0, 7_000.0, open), 0.8));
            }
            let out = level.next(held) * note.velocity * 0.085;
            let left = saws[0].saw(pitch * 0.9965) + saws[1].saw(pitch * 1.0021);
            let right = saws[2].saw(pitch * 1.0037) + saws[3].saw(pitch * 0.9981);
            let sides = [filters[0].next(left).low * out, filters[1].next(right).low * out];
            add(bus, note.start + frame, sides);
            level.is_over()
        });
    }
}

/// Chords struck short, as on an old electric organ.
pub(crate) fn stab(notes: &[Note], bus: &mut Bus) {
    let shape = Shape { attack: 0.002, decay: 0.11, sustain: 0.25, release: 0.05 };
    for note in notes {
        let mut voices = [0.0, 0.5, 0.2].map(Oscillator::new);
        let mut filters = [Filter::default(); 2];
        let mut level = Envelope::new(shape);
        let pitch = hertz(note.pitch);
        each_frame(note, |frame, held| {
            let loud = level.next(held);
            if frame.is_multiple_of(CONTROL) {
                let open = f64::from(loud) * (0.45 + 0.45 * f64::from(note.brightness));
                filters.iter_mut().for_each(|f| f.tune(between(380.0, 8_500.0, open), 1.0));
            }
            let middle = voices[0].pulse(pitch, 0.5) * 1.1;
            let sides =
                [middle + voices[1].saw(pitch * 0.994), middle + voices[2].saw(pitch * 1.006)];
            let out = loud * note.velocity * 0.1;
            let sides = [filters[0].next(sides[0]).low * out, filters[1].next(sides[1]).low * out];
            add(bus, note.start + frame, sides);
            level.is_over()
        });
    }
}

/// A narrow pulse, plucked, wandering between left and right.
pub(crate) fn arpeggio(notes: &[Note], bus: &mut Bus) {
    let shape = Shape { attack: 0.002, decay: 0.07, sustain: 0.12, release: 0.06 };
    for note in notes.iter().filter(|note| note.velocity > 0.0) {
        let (mut pulse, mut under) = (Oscillator::new(0.1), Oscillator::new(0.0));
        let mut filter = Filter::default();
        let mut level = Envelope::new(shape);
        let pitch = hertz(note.pitch);
        let pan = 0.55 * sine(0.31 * seconds(note.start));
        each_frame(note, |frame, held| {
            let loud = level.next(held);
            if frame.is_multiple_of(CONTROL) {
                let open = (0.35 + 0.65 * f64::from(loud)) * f64::from(note.brightness);
                filter.tune(between(420.0, 9_000.0, open), 1.8);
            }
            let tone = pulse.pulse(pitch, 0.28) + 0.5 * under.sine(pitch);
            let sample = filter.next(tone).low * loud * note.velocity * 0.15;
            add(bus, note.start + frame, [sample * (1.0 - pan), sample * (1.0 + pan)]);
            level.is_over()
        });
    }
}

/// The voice of the break: a soft sine with a breath of overtones and a late vibrato.
pub(crate) fn soft_lead(notes: &[Note], bus: &mut Bus) {
    let shape = Shape { attack: 0.045, decay: 0.6, sustain: 0.75, release: 0.16 };
    for note in notes {
        let mut partials = [Oscillator::new(0.0); 3];
        let mut level = Envelope::new(shape);
        let pitch = hertz(note.pitch);
        each_frame(note, |frame, held| {
            let late = (seconds(frame) / 0.6).min(1.0);
            let bend = 1.0 + 0.006 * late * f64::from(sine(5.2 * seconds(frame)));
            let [first, second, third] = &mut partials;
            let tone = first.sine(pitch * bend)
                + 0.35 * second.sine(pitch * bend * 2.0)
                + 0.12 * third.sine(pitch * bend * 3.0);
            let sample = tone * level.next(held) * note.velocity * 0.19;
            add(bus, note.start + frame, [sample, sample]);
            level.is_over()
        });
    }
}

/// The voice of the drop: five saws side by side, an octave doubled.
pub(crate) fn bright_lead(notes: &[Note], bus: &mut Bus) {
    const VOICES: [(f64, f32); 5] =
        [(0.9935, -0.55), (0.9972, 0.3), (1.0, 0.0), (1.0031, -0.3), (1.0068, 0.55)];
    let shape = Shape { attack: 0.004, decay: 0.25, sustain: 0.6, release: 0.07 };
    for note in notes {
        let mut saws = [0.0, 0.21, 0.43, 0.67, 0.89].map(Oscillator::new);
        let (mut octave, mut level) = (Oscillator::new(0.0), Envelope::new(shape));
        let mut filters = [Filter::default(); 2];
        let pitch = hertz(note.pitch);
        each_frame(note, |frame, held| {
            let loud = level.next(held);
            if frame.is_multiple_of(CONTROL) {
                let open = 0.5 + 0.5 * f64::from(loud) * f64::from(note.brightness);
                filters.iter_mut().for_each(|f| f.tune(between(600.0, 9_500.0, open), 0.9));
            }
            let above = octave.pulse(pitch * 2.0, 0.5) * 0.3;
            let mut sides = [above, above];
            for (saw, (detune, pan)) in saws.iter_mut().zip(VOICES) {
                let sample = saw.saw(pitch * detune);
                sides[0] += sample * (1.0 - pan);
                sides[1] += sample * (1.0 + pan);
            }
            let out = loud * note.velocity * 0.06;
            let sides = [filters[0].next(sides[0]).low * out, filters[1].next(sides[1]).low * out];
            add(bus, note.start + frame, sides);
            level.is_over()
        });
    }
}

fn seconds(frames: usize) -> f64 {
    frames as f64 / f64::from(RATE)
}

/// Runs a note frame by frame, `held` until its length is over, until `play` says it is silent.
fn each_frame(note: &Note, mut play: impl FnMut(usize, bool) -> bool) {
    let gate = note.length * 9 / 10;
    let mut frame = 0;
    while !play(frame, frame < gate) || frame < gate {
        frame += 1;
    }
}
