//! The loudness of the song's bands over a cue, worked out once.

use gobo_show::effect::field::{MeterStyle, VuMeter};
use gobo_show::show::{Cue, Show};
use gobo_show::spectrum::{Levels, Stem};

use super::layout::Place;
use super::{Moment, Shade};
use crate::fingerprint::Fingerprint;

/// Where the bars begin and end, in hertz.
const LOWEST_HZ: f64 = 40.0;
const HIGHEST_HZ: f64 = 10_000.0;

/// Levels over the seconds of a cue; only what the cue hears, so that the same music gives the
/// same light wherever it is in the song.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Meter {
    /// Seconds from one level to the next.
    step: f64,
    bands: Vec<Vec<f64>>,
}

impl Meter {
    pub(super) fn new(meter: &VuMeter, cue: &Cue, show: &Show) -> Self {
        let song = show.song.as_ref();
        let Some((song, spectrum)) = song.and_then(|song| Some((song, song.spectrum.as_ref()?)))
        else {
            return Self { step: 1.0, bands: Vec::new() };
        };
        let heard: Vec<Levels> = match meter.style {
            MeterStyle::Bars => {
                let edge = |band: u32| {
                    let along = f64::from(band) / f64::from(meter.bands);
                    LOWEST_HZ * libm::pow(HIGHEST_HZ / LOWEST_HZ, along)
                };
                let band = |band| spectrum.levels_in(Stem::Mix, &(edge(band)..edge(band + 1)));
                (0..meter.bands).map(band).collect()
            }
            MeterStyle::Level | MeterStyle::Pulse => vec![spectrum.levels(Stem::Mix, |_| 1.0)],
        };
        let step = spectrum.hop_seconds.max(1e-3);
        let count = ((cue.end - cue.start) / step).ceil().max(0.0) as usize + 2;
        let first = cue.start + song.offset;
        let level = |levels: &Levels, index: usize| {
            (levels.at(first + index as f64 * step) * meter.gain).min(1.0)
        };
        let bands = heard.iter().map(|band| (0..count).map(|at| level(band, at)).collect());
        Self { step, bands: bands.collect() }
    }

    /// The level of a band at the seconds of the cue.
    fn level(&self, band: usize, seconds: f64) -> f64 {
        let Some(levels) = self.bands.get(band) else { return 0.0 };
        let place = (seconds / self.step).max(0.0);
        let index = place as usize;
        let level = |index: usize| levels.get(index).copied().unwrap_or(0.0);
        super::between(level(index), level(index + 1), place - place.floor())
    }

    pub(super) fn read(&self, meter: &VuMeter, moment: &Moment<'_>, at: Place) -> Shade {
        let (layout, palette) = (moment.layout(), moment.palette());
        let (across, up) = layout.parts(at);
        let bands = f64::from(meter.bands);
        let (band, along, places) = match meter.style {
            MeterStyle::Bars => ((across * bands).min(bands - 1.0) as usize, at.up, layout.rows),
            _ => (0, up, layout.rows.max(if layout.rows == 1 { layout.columns } else { 1 })),
        };
        let level = self.level(band, moment.time);
        if meter.style == MeterStyle::Pulse || places == 1 {
            return Shade { level, color: palette.along(level) };
        }
        // The place that the level ends in is lit in part.
        let lit = (level - along) * f64::from(places) + 0.5;
        Shade { level: lit.clamp(0.0, 1.0), color: palette.along(along) }
    }

    pub(super) fn fingerprint(&self, to: &mut Fingerprint) {
        to.number(self.step);
        self.bands.iter().for_each(|band| to.numbers(band));
    }
}
