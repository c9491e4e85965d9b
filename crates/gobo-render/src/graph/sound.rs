//! Nodes that listen: to loudness and harmony over the clip, as tables.

use gobo_show::graph::{GraphNode, Operation, Ranges};
use gobo_show::spectrum::{Spectrum, Stem};

use super::compile::{Compiler, Context, Signal, Sound, Wire};
use super::op::Op;
use super::table::Table;

/// Seconds from value to value of what is heard.
const STEP: f64 = 0.01;

impl Compiler<'_> {
    /// What comes out of a node that listens.
    pub(super) fn sound(&mut self, node: &GraphNode, context: &mut Context) -> Vec<Wire> {
        let sound = match self.wire(node, 0, context) {
            Some(Wire::Sound(sound)) => sound,
            _ => Sound { stem: Stem::Mix, filters: Vec::new() },
        };
        let part = |stem| Wire::Sound(Sound { stem, ..sound.clone() });
        let filtered = |high, cutoff_hz| {
            let mut sound = sound.clone();
            sound.filters.push((high, cutoff_hz));
            vec![Wire::Sound(sound)]
        };
        match &node.operation {
            Operation::StemSplitter(_) => {
                [Stem::Drums, Stem::Bass, Stem::Vocals, Stem::Other].map(part).into()
            }
            Operation::LowpassFilter(filter) => filtered(false, filter.cutoff_hz),
            Operation::HighpassFilter(filter) => filtered(true, filter.cutoff_hz),
            Operation::FrequencyAmplitude(amplitude) => {
                let ranges = &amplitude.selected_frequency_ranges;
                vec![Wire::Signal(self.loudness(&sound, ranges, context))]
            }
            Operation::HarmonyAnalysis(_) => vec![Wire::Signal(self.harmony(context))],
            _ => vec![Wire::Sound(sound)],
        }
    }

    /// The song's spectrum, and the second of it at which the clip starts.
    fn song(&self) -> Option<(&Spectrum, f64)> {
        let song = self.scene.show.song.as_ref()?;
        Some((song.spectrum.as_deref()?, self.scene.start + song.offset))
    }

    fn heard(&mut self, channels: usize, values: Vec<f32>, context: &mut Context) -> Signal {
        let op = Op::Table(Table::new(0.0, STEP, channels, values));
        self.push(op, channels as u32, (1, true), context)
    }

    /// How many values there are over the clip.
    fn steps(&self) -> usize {
        (self.clip.length / STEP).ceil() as usize + 2
    }

    fn loudness(&mut self, sound: &Sound, ranges: &Ranges, context: &mut Context) -> Signal {
        let gain = |hz: f64| {
            let inside = |[low, high]: &[f64; 2]| (*low..=*high).contains(&hz);
            let heard = ranges.0.is_empty() || ranges.0.iter().any(inside);
            let filters = sound.filters.iter().map(|(high, cutoff)| passed(hz, *high, *cutoff));
            if heard { filters.product() } else { 0.0 }
        };
        let values = match self.song() {
            Some((spectrum, start)) => {
                let levels = spectrum.levels(sound.stem, gain);
                let at = |step: usize| levels.at(start + step as f64 * STEP) as f32;
                (0..self.steps()).map(at).collect()
            }
            None => Vec::new(),
        };
        self.heard(1, values, context)
    }

    fn harmony(&mut self, context: &mut Context) -> Signal {
        let values = match self.song() {
            Some((spectrum, start)) => {
                let at = |step: usize| {
                    let seconds = start + step as f64 * STEP;
                    let classes: Vec<f64> =
                        (0..12).map(|class| spectrum.pitch_class(class, seconds)).collect();
                    let sum: f64 = classes.iter().sum();
                    let share = move |part: f64| if sum > 0.0 { part / sum } else { 0.0 };
                    classes.into_iter().map(move |part| share(part) as f32)
                };
                (0..self.steps()).flat_map(at).collect()
            }
            None => Vec::new(),
        };
        self.heard(12, values, context)
    }
}

/// What a filter of 12 dB an octave (Butterworth, second order) leaves of a frequency.
fn passed(hz: f64, high: bool, cutoff_hz: f64) -> f64 {
    let ratio = if high { cutoff_hz / hz } else { hz / cutoff_hz };
    1.0 / (1.0 + ratio * ratio * ratio * ratio).sqrt()
}
