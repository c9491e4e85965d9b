//! Turns the arrangement's patterns into notes with a start in frames.

use crate::arrangement::{Chord, SECTIONS, Section};
use crate::{BAR, LEAD_IN, SIXTEENTH};

/// How late the second sixteenth of each pair falls, in frames: the shuffle.
const SWING: usize = SIXTEENTH / 8;

/// A note of any instrument.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Note {
    /// First frame.
    pub(crate) start: usize,
    /// Frames until the key goes up.
    pub(crate) length: usize,
    /// MIDI note number.
    pub(crate) pitch: f64,
    /// Loudness, 0 to 1.
    pub(crate) velocity: f32,
    /// Filter, 0 dark to 1 bright.
    pub(crate) brightness: f32,
}

/// A stretch of the song: a riser.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    pub(crate) start: usize,
    pub(crate) length: usize,
}

/// Every note of the song, an instrument each.
#[derive(Default)]
pub(crate) struct Score {
    pub(crate) kick: Vec<Note>,
    pub(crate) clap: Vec<Note>,
    pub(crate) hat: Vec<Note>,
    pub(crate) open: Vec<Note>,
    pub(crate) wood: Vec<Note>,
    pub(crate) bass: Vec<Note>,
    pub(crate) stab: Vec<Note>,
    pub(crate) pad: Vec<Note>,
    pub(crate) arpeggio: Vec<Note>,
    pub(crate) lead: Vec<Note>,
    pub(crate) bright_lead: Vec<Note>,
    pub(crate) risers: Vec<Stretch>,
    pub(crate) impacts: Vec<usize>,
}

/// A bar being written.
struct Bar<'a> {
    section: &'a Section,
    index: usize,
    start: usize,
    chord: Chord,
}

impl Score {
    /// The song as [`SECTIONS`] has it.
    pub(crate) fn new() -> Self {
        let mut score = Self::default();
        let mut start = LEAD_IN;
        for section in &SECTIONS {
            if section.sound.riser {
                score.risers.push(Stretch { start, length: section.bars * BAR - 4 * SIXTEENTH });
            }
            if section.sound.impact {
                score.impacts.push(start);
            }
            for index in 0..section.bars {
                let chord = section.chords[index % section.chords.len()];
                score.bar(&Bar { section, index, start, chord });
                start += BAR;
            }
        }
        score
    }

    fn bar(&mut self, bar: &Bar<'_>) {
        let section = bar.section;
        bar.hits(section.kick, &mut self.kick);
        bar.hits(section.clap, &mut self.clap);
        bar.hits(section.hat, &mut self.hat);
        bar.hits(section.open, &mut self.open);
        bar.hits(section.wood, &mut self.wood);
        bar.bass(&mut self.bass);
        bar.stabs(&mut self.stab);
        bar.pad(&mut self.pad);
        bar.arpeggio(&mut self.arpeggio);
        let lead = if section.sound.bright_lead { &mut self.bright_lead } else { &mut self.lead };
        bar.melody(lead);
    }
}

impl Bar<'_> {
    /// The pattern of this bar, or nothing.
    fn pattern(&self, patterns: &'static [&'static str]) -> &'static str {
        if patterns.is_empty() { "" } else { patterns[self.index % patterns.len()] }
    }

    /// The first frame of a sixteenth, shuffled.
    fn at(&self, step: usize) -> usize {
        self.start + step * SIXTEENTH + (step % 2) * SWING
    }

    /// The section's filter at a sixteenth of this bar.
    fn brightness(&self, step: usize) -> f32 {
        let part = (self.index as f32 + step as f32 / 16.0) / self.section.bars as f32;
        let (from, to) = self.section.sound.sweep;
        from + (to - from) * part
    }

    fn note(&self, step: usize, steps: usize, pitch: f64, velocity: f32) -> Note {
        let brightness = self.brightness(step);
        let velocity = velocity * self.section.sound.level;
        Note { start: self.at(step), length: steps * SIXTEENTH, pitch, velocity, brightness }
    }

    fn hits(&self, patterns: &'static [&'static str], out: &mut Vec<Note>) {
        for (step, hit) in self.pattern(patterns).chars().enumerate() {
            let velocity = match hit {
                'X' => 1.0,
                'x' | 'r' => 0.8,
                '-' => 0.45,
                _ => continue,
            };
            // Wood alternates between high and low by place; other drums ignore pitch.
            let pitch = if step % 3 == 0 { 76.0 } else { 69.0 };
            let note = self.note(step, 1, pitch, velocity);
            out.push(note);
            if hit == 'r' {
                out.push(Note { start: note.start + SIXTEENTH / 2, ..note });
            }
        }
    }

    fn bass(&self, out: &mut Vec<Note>) {
        let root = f64::from(self.chord.root);
        for (step, steps, degree) in runs(self.pattern(self.section.bass)) {
            let above = match degree {
                '5' => 7.0,
                '7' => 10.0,
                '8' => 12.0,
                _ => 0.0,
            };
            let velocity = if step % 4 == 0 { 0.9 } else { 0.8 };
            out.push(self.note(step, steps, root + above, velocity));
        }
    }

    fn stabs(&self, out: &mut Vec<Note>) {
        for (step, steps, _) in runs(self.pattern(self.section.stab)) {
            for pitch in self.chord.voicing {
                out.push(self.note(step, steps, f64::from(pitch) + 12.0, 0.7));
            }
        }
    }

    fn pad(&self, out: &mut Vec<Note>) {
        for pitch in self.chord.voicing {
            out.push(self.note(0, 16, f64::from(pitch), self.section.sound.pad));
        }
    }

    /// Up and down the chord over two octaves, with an accent on every third note.
    fn arpeggio(&self, out: &mut Vec<Note>) {
        const ORDER: [usize; 8] = [0, 2, 3, 5, 7, 6, 4, 1];
        for step in 0..16 {
            let place = ORDER[(step + 3 * self.index) % 8];
            let octave = 12.0 * (1 + place / 4) as f64;
            let pitch = f64::from(self.chord.voicing[place % 4]) + octave;
            let accent = if step % 3 == 0 { 1.0 } else { 0.65 };
            out.push(self.note(step, 1, pitch, accent * self.section.sound.arpeggio));
        }
    }

    fn melody(&self, out: &mut Vec<Note>) {
        let mut step = 0;
        for word in self.pattern(self.section.lead).split_whitespace() {
            let (pitch, steps) = word.split_once(':').unwrap_or((word, "1"));
            let steps = steps.parse().unwrap_or(1);
            if let Some(pitch) = pitch_of(pitch) {
                out.push(self.note(step, steps, pitch, 0.8));
            }
            step += steps;
        }
    }
}

/// Where a pattern starts something, for how many sixteenths (with its `_`), and what.
fn runs(pattern: &str) -> impl Iterator<Item = (usize, usize, char)> {
    pattern.char_indices().filter(|(_, char)| !matches!(char, '.' | '_')).map(|(step, char)| {
        let held = pattern[step + 1..].chars().take_while(|&next| next == '_').count();
        (step, 1 + held, char)
    })
}

/// The MIDI note of a name such as `A4` or `G#5`; `None` for a rest.
fn pitch_of(name: &str) -> Option<f64> {
    let semitone = match name.chars().next()? {
        'C' => 0,
        'D' => 2,
        'E' => 4,
        'F' => 5,
        'G' => 7,
        'A' => 9,
        'B' => 11,
        _ => return None,
    };
    let octave: i32 = name.trim_start_matches(|char: char| !char.is_ascii_digit()).parse().ok()?;
    Some(f64::from(12 * (octave + 1) + semitone + i32::from(name.contains('#'))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_runs() {
        assert_eq!(pitch_of("A4"), Some(69.0));
        assert_eq!(pitch_of("G#5"), Some(80.0));
        assert_eq!(pitch_of("."), None);
        let found: Vec<_> = runs("1_.8..5__").collect();
        assert_eq!(found, [(0, 2, '1'), (3, 1, '8'), (6, 3, '5')]);
    }

    #[test]
    fn patterns_fill_their_bars() {
        for section in &SECTIONS {
            let bars = [section.kick, section.clap, section.hat, section.open, section.wood];
            for pattern in bars.concat().into_iter().chain(section.bass.iter().copied()) {
                assert!(matches!(pattern.len(), 0 | 16), "{}: {pattern}", section.name);
            }
            for melody in section.lead {
                let words = melody.split_whitespace().map(|word| word.split_once(':').unwrap().1);
                let steps: usize = words.map(|steps| steps.parse::<usize>().unwrap()).sum();
                assert_eq!(steps, 16, "{}: {melody}", section.name);
            }
        }
    }
}
