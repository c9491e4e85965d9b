//! Plays the score into buses, ducks them under the kick, and sums them.

use crate::score::{Note, Score};
use crate::space::{echo, limit, remove_offset, room};
use crate::{LENGTH, RATE, drums, tones};

/// One sample for each side, left first; full scale is 1.
pub(crate) type Frame = [f32; 2];

/// A part of the mix, as long as the song.
pub(crate) type Bus = Vec<Frame>;

/// The highest sample of the song: 4 dB under full scale, since Vorbis adds 3 to the peaks of noise.
const CEILING: f32 = 0.62;

/// How loud the sum goes into the limiter: it works on accents only.
const LOUDNESS: f32 = 0.8;

/// Adds a frame to a bus; after the end there is nobody to hear it.
pub(crate) fn add(bus: &mut Bus, at: usize, frame: Frame) {
    if let Some(sum) = bus.get_mut(at) {
        sum[0] += frame[0];
        sum[1] += frame[1];
    }
}

/// A part, how it is mixed, and how much of it goes where.
struct Strip {
    bus: Bus,
    gain: f32,
    /// Sent to the room.
    room: f32,
    /// Sent to the echo.
    echo: f32,
}

/// The whole song, [`LENGTH`] frames at [`RATE`], the same on every machine.
pub fn render() -> Vec<[i16; 2]> {
    let mut mix = master(&strips(&Score::new()));
    remove_offset(&mut mix);
    limit(&mut mix, CEILING);
    fade_out(&mut mix);
    mix.iter().map(|frame| frame.map(|sample| (sample * 32_767.0).round() as i16)).collect()
}

/// Every part, already ducked under the kick by `duck` (0 to 1).
fn strips(score: &Score) -> Vec<Strip> {
    let strip = |gain, duck, room, echo, play: &dyn Fn(&mut Bus)| {
        let mut bus = vec![[0.0; 2]; LENGTH];
        play(&mut bus);
        let pump = pump(&score.kick, duck);
        bus.iter_mut().zip(pump).for_each(|(frame, open)| *frame = frame.map(|s| s * open));
        Strip { bus, gain, room, echo }
    };
    vec![
        strip(0.56, 0.0, 0.0, 0.0, &|bus| drums::kick(&score.kick, bus)),
        strip(0.95, 0.0, 0.12, 0.0, &|bus| drums::clap(&score.clap, bus)),
        strip(0.95, 0.15, 0.02, 0.0, &|bus| {
            drums::hats(&score.hat, 0.06, 0.18, bus);
            drums::hats(&score.open, 0.26, -0.12, bus);
        }),
        strip(0.75, 0.0, 0.12, 0.2, &|bus| drums::wood(&score.wood, bus)),
        strip(0.95, 0.3, 0.2, 0.0, &|bus| {
            drums::swell(bus);
            drums::risers(&score.risers, bus);
            drums::impacts(&score.impacts, bus);
        }),
        strip(0.5, 0.7, 0.0, 0.0, &|bus| tones::bass(&score.bass, bus)),
        strip(0.95, 0.65, 0.2, 0.0, &|bus| tones::pad(&score.pad, bus)),
        strip(1.5, 0.45, 0.12, 0.18, &|bus| tones::stab(&score.stab, bus)),
        strip(1.2, 0.4, 0.16, 0.3, &|bus| tones::arpeggio(&score.arpeggio, bus)),
        strip(0.85, 0.15, 0.3, 0.35, &|bus| tones::soft_lead(&score.lead, bus)),
        strip(1.7, 0.35, 0.14, 0.2, &|bus| tones::bright_lead(&score.bright_lead, bus)),
    ]
}

/// How open a ducked part is at each frame: down at each kick, back within a beat.
fn pump(kicks: &[Note], depth: f32) -> Vec<f32> {
    let back = RATE as f32 * 0.3;
    let mut open = vec![1.0f32; LENGTH];
    for kick in kicks.iter().filter(|_| depth > 0.0) {
        let end = LENGTH.min(kick.start + back as usize);
        for (frame, open) in open[kick.start..end].iter_mut().enumerate() {
            let left = 1.0 - frame as f32 / back;
            *open = 1.0 - depth * kick.velocity * left * left;
        }
    }
    open
}

fn master(strips: &[Strip]) -> Bus {
    let sum = |level: &dyn Fn(&Strip) -> f32| {
        let mut bus = vec![[0.0; 2]; LENGTH];
        for strip in strips {
            let level = level(strip);
            for (sum, frame) in bus.iter_mut().zip(&strip.bus).filter(|_| level > 0.0) {
                sum[0] += frame[0] * level;
                sum[1] += frame[1] * level;
            }
        }
        bus
    };
    let mut mix = sum(&|strip| strip.gain);
    let echoes = echo(&sum(&|strip| strip.gain * strip.echo));
    let mut sent = sum(&|strip| strip.gain * strip.room);
    for (frame, echo) in sent.iter_mut().zip(&echoes) {
        *frame = [frame[0] + echo[0] * 0.3, frame[1] + echo[1] * 0.3];
    }
    for ((frame, echo), room) in mix.iter_mut().zip(&echoes).zip(room(&sent)) {
        let sum = |side: usize| (frame[side] + echo[side] + room[side] * 1.6) * LOUDNESS;
        *frame = [sum(0), sum(1)];
    }
    mix
}

/// The last second goes evenly to silence.
fn fade_out(mix: &mut [Frame]) {
    let from = mix.len() - RATE as usize;
    for (at, frame) in mix[from..].iter_mut().enumerate() {
        *frame = frame.map(|sample| sample * (1.0 - at as f32 / RATE as f32));
    }
}
