//! Percussion, risers and impacts.

use crate::dsp::{Filter, Noise, Oscillator, between, decay, saturate};
use crate::mix::{Bus, add};
use crate::score::{Note, Stretch};
use crate::{LEAD_IN, RATE, SIXTEENTH};

/// A sine that falls from a knock to a thud.
pub(crate) fn kick(notes: &[Note], bus: &mut Bus) {
    for note in notes {
        let (mut body, mut fall, mut level) = (Oscillator::new(0.0), 1.0f32, 1.0f32);
        let (falling, fading) = (decay(0.022), decay(0.13));
        let mut click = Noise::new(7);
        for frame in 0..RATE as usize / 2 {
            let tone = body.sine(47.0 + 210.0 * f64::from(fall) + 90.0 * f64::from(fall * fall));
            let tick = click.next() * fall * fall * fall * 0.25;
            let sample = saturate(1.9 * (tone * level + tick)) * 0.9 * note.velocity;
            // The last part runs out evenly: an exponential alone would end in a step.
            let out = 1.0 - frame as f32 / (RATE as f32 / 2.0);
            add(bus, note.start + frame, [sample * out, sample * out]);
            fall *= falling;
            level *= fading;
        }
    }
}

/// Hands: three short bursts and a room, with a drum's tone underneath.
pub(crate) fn clap(notes: &[Note], bus: &mut Bus) {
    const BURST: usize = RATE as usize / 95;
    for (index, note) in notes.iter().enumerate() {
        let (mut left, mut right) =
            (Noise::new(2 * index as u32 + 11), Noise::new(2 * index as u32 + 12));
        let mut filters = [Filter::new(1_450.0, 1.3); 2];
        let (burst, room, thump) = (decay(0.004), decay(0.075), decay(0.045));
        let (mut level, mut tone_level, mut tone) = (1.0f32, 1.0f32, Oscillator::new(0.0));
        for frame in 0..RATE as usize * 2 / 5 {
            if frame == BURST || frame == 2 * BURST {
                level = 0.9;
            }
            let tone = tone.sine(185.0) * tone_level * 0.28;
            let noise = [left.next(), right.next()];
            let hands = |side: usize, filter: &mut Filter| {
                let filtered = filter.next(noise[side] * level);
                (filtered.band * 1.25 + filtered.high * 0.22 + tone) * note.velocity * 0.62
            };
            let [first, second] = &mut filters;
            add(bus, note.start + frame, [hands(0, first), hands(1, second)]);
            level *= if frame < 2 * BURST { burst } else { room };
            tone_level *= thump;
        }
    }
}

/// Hats: bright noise, `seconds` long, a little to one side.
pub(crate) fn hats(notes: &[Note], seconds: f64, pan: f32, bus: &mut Bus) {
    for (index, note) in notes.iter().enumerate() {
        let mut noise = Noise::new(index as u32 + 101);
        let mut filter = Filter::new(8_200.0, 1.1);
        let (mut level, fading) = (note.velocity, decay(seconds / 4.0));
        for frame in 0..(seconds * 2.0 * f64::from(RATE)) as usize {
            let sample = filter.next(noise.next()).high * level * 0.3;
            add(bus, note.start + frame, [sample * (1.0 - pan), sample * (1.0 + pan)]);
            level *= fading;
        }
    }
}

/// Claves and blocks: short sines, high to the left, low to the right.
pub(crate) fn wood(notes: &[Note], bus: &mut Bus) {
    for note in notes {
        let high = note.pitch > 70.0;
        let (hertz, pan) = if high { (1_180.0, -0.45) } else { (790.0, 0.45) };
        let (mut first, mut second) = (Oscillator::new(0.0), Oscillator::new(0.0));
        let (mut level, fading) = (note.velocity, decay(0.022));
        for frame in 0..SIXTEENTH * 2 {
            let sample = (first.sine(hertz) + 0.5 * second.sine(hertz * 1.51)) * level * 0.22;
            add(bus, note.start + frame, [sample * (1.0 - pan), sample * (1.0 + pan)]);
            level *= fading;
        }
    }
}

/// Noise that opens and a tone that climbs two octaves until the end of each stretch.
pub(crate) fn risers(stretches: &[Stretch], bus: &mut Bus) {
    for stretch in stretches {
        let (mut left, mut right) = (Noise::new(301), Noise::new(302));
        let mut filters = [Filter::default(); 2];
        let mut tones = [Oscillator::new(0.0), Oscillator::new(0.25)];
        for frame in 0..stretch.length {
            let part = frame as f64 / stretch.length as f64;
            if frame % 64 == 0 {
                filters.iter_mut().for_each(|f| f.tune(between(350.0, 9_500.0, part), 2.2));
            }
            let level = (part * part) as f32 * 0.3;
            let noise = [left.next(), right.next()];
            let mut frame_out = [0.0f32; 2];
            for side in 0..2 {
                let detune = if side == 0 { 0.996 } else { 1.004 };
                let tone = tones[side].saw(between(110.0, 440.0, part) * detune) * 0.16;
                frame_out[side] = (filters[side].next(noise[side]).band + tone) * level;
            }
            add(bus, stretch.start + frame, frame_out);
        }
    }
}

/// A cymbal and a sub that falls away, where a section opens.
pub(crate) fn impacts(starts: &[usize], bus: &mut Bus) {
    for &start in starts {
        cymbal(start, 2.6, 0.34, bus);
        let (mut sub, mut level, fading) = (Oscillator::new(0.0), 1.0f32, decay(0.55));
        for frame in 0..RATE as usize * 2 {
            let part = frame as f64 / (2.0 * f64::from(RATE));
            let sample = sub.sine(between(88.0, 31.0, part)) * level * 0.4;
            let out = (1.0 - part) as f32;
            add(bus, start + frame, [sample * out, sample * out]);
            level *= fading;
        }
    }
}

/// A cymbal of `seconds`.
pub(crate) fn cymbal(start: usize, seconds: f64, loudness: f32, bus: &mut Bus) {
    let (mut left, mut right) = (Noise::new(501), Noise::new(502));
    let mut filters = [Filter::new(5_200.0, 0.8); 2];
    let (mut level, fading) = (loudness, decay(seconds / 4.0));
    let frames = (seconds * f64::from(RATE)) as usize;
    for frame in 0..frames {
        let out = level * (1.0 - frame as f32 / frames as f32);
        let [first, second] = &mut filters;
        let sides = [first.next(left.next()).high * out, second.next(right.next()).high * out];
        add(bus, start + frame, sides);
        level *= fading;
    }
}

/// The breath before the first bar: a cymbal backwards.
pub(crate) fn swell(bus: &mut Bus) {
    let (mut left, mut right) = (Noise::new(601), Noise::new(602));
    let mut filters = [Filter::new(4_000.0, 0.8); 2];
    for frame in 0..LEAD_IN {
        let part = frame as f32 / LEAD_IN as f32;
        let level = part * part * part * 0.22;
        let [first, second] = &mut filters;
        let sides = [first.next(left.next()).band * level, second.next(right.next()).band * level];
        add(bus, frame, sides);
    }
}
