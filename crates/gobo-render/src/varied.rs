//! Curves of looks to closed ones: at a place of a cue's selection, against the song's grid, its
//! sections and its sound.

use std::sync::Arc;

use gobo_show::curve::{AudioLevel, BeatEnvelope, Curve, Fan, Form, Point, PointTime, Tinted};
use gobo_show::grid::Grid;
use gobo_show::show::{Cue, Show};
use gobo_show::spectrum::Levels;
use gobo_show::value::{Amount, Easing, Span};

use crate::course::{Clock, Course, millionth};
use crate::curve::{self, Scalar, Spread, Tint};
use crate::easing::ease;
use crate::envelope::Envelope;
use crate::fan;
use crate::points::Points;
use crate::random;
use crate::vary::{self, Varying};

/// What is heard of the show's song, each band once for all cues.
#[derive(Default)]
pub(crate) struct Heard(Vec<(AudioLevel, Arc<Levels>)>);

impl Heard {
    /// The level of a band over the song, 0 to 1: it rises at once, and falls as it is told.
    fn level(&mut self, show: &Show, band: &AudioLevel) -> Arc<Levels> {
        if let Some((_, known)) = self.0.iter().find(|(known, _)| known == band) {
            return Arc::clone(known);
        }
        let spectrum = show.song.as_ref().and_then(|song| song.spectrum.as_ref());
        let mut levels = spectrum.map_or_else(Levels::default, |spectrum| {
            spectrum.levels_in(band.stem, &(band.from_hz..band.to_hz))
        });
        let kept = match band.smooth_seconds > 0.0 {
            true => libm::exp(-levels.hop_seconds / band.smooth_seconds),
            false => 0.0,
        };
        let mut before: f64 = 0.0;
        for level in &mut levels.levels {
            before = level.max(before * kept);
            *level = before;
        }
        let levels = Arc::new(levels);
        self.0.push((band.clone(), Arc::clone(&levels)));
        levels
    }
}

/// The curves of one cue, closed; what places have in common is made once.
pub(crate) struct Varied<'a> {
    show: &'a Show,
    cue: &'a Cue,
    /// The time of the cue, and the same for each period and for fades over all of it.
    courses: Vec<(Option<Span>, bool, Arc<Course>)>,
    forms: Vec<(&'a Curve, u64, Arc<vary::Form>)>,
}

/// What a curve or a tint writes, and the time that it goes by.
pub(crate) struct Closed<C> {
    pub(crate) course: Arc<Course>,
    pub(crate) curve: C,
}

/// A place of a selection, and what is written there.
pub(crate) struct Place<'r> {
    pub(crate) rank: u32,
    /// Tells attributes apart that are random.
    pub(crate) salt: u64,
    /// An amount as the number that the attribute takes.
    pub(crate) number: &'r dyn Fn(Amount) -> Option<f64>,
    /// Whether it goes over what is below for all of the cue.
    pub(crate) crossfades: bool,
}

impl<'a> Varied<'a> {
    /// The curves of `cue`, whose own time is `course`.
    pub(crate) fn new(show: &'a Show, cue: &'a Cue, course: &Arc<Course>) -> Self {
        Self { show, cue, courses: vec![(None, false, Arc::clone(course))], forms: Vec::new() }
    }

    /// The cue's time with periods of `every`.
    pub(crate) fn course(&mut self, every: Option<Span>, crossfades: bool) -> Arc<Course> {
        let same =
            |known: &&(Option<Span>, bool, Arc<Course>)| (known.0, known.1) == (every, crossfades);
        if let Some((.., course)) = self.courses.iter().find(same) {
            return Arc::clone(course);
        }
        let course = Course::new(self.cue, self.show.rate, &self.show.grid, every);
        let course = Arc::new(if crossfades { course.crossfade() } else { course });
        self.courses.push((every, crossfades, Arc::clone(&course)));
        course
    }

    /// A curve at a place; `None` where the attribute cannot take its values.
    pub(crate) fn number(
        &mut self,
        curve: &'a Curve,
        at: &Place<'_>,
        heard: &mut Heard,
    ) -> Option<Closed<Scalar>> {
        let course = self.course(every(&curve.form), at.crossfades);
        let end = |end: &Fan<Amount>| {
            let values = end.values.iter().map(|amount| (at.number)(*amount));
            let values = values.collect::<Option<Vec<f64>>>()?;
            let numbers = Fan { values, shape: end.shape, easing: end.easing };
            fan::value(&numbers, at.rank, self.cue.ranks, self.cue.seed)
        };
        let ends = match &curve.form {
            Form::Points { .. } => (0.0, 1.0),
            _ => (end(&curve.low)?, end(&curve.high)?),
        };
        if !curve.runs() {
            return Some(Closed { course, curve: Scalar::Constant(ends.0) });
        }
        let (phase, place) = self.place(&curve.form, at);
        let form = match &curve.form {
            Form::Points { points, every } => {
                Arc::new(self.points(points, *every, &course, at.number)?)
            }
            _ => self.form(curve, &course, at, heard),
        };
        let varying = Varying { form, low: ends.0, high: ends.1, phase, place };
        Some(Closed { course, curve: Scalar::Varying(varying) })
    }

    /// A tint at a place.
    pub(crate) fn color(
        &mut self,
        tint: &'a Tinted,
        at: &Place<'_>,
        heard: &mut Heard,
    ) -> Option<Closed<Tint>> {
        let (ranks, seed) = (self.cue.ranks, self.cue.seed);
        match tint {
            Tinted::Fan(colors) => {
                let color = fan::value(colors, at.rank, ranks, seed)?;
                let course = self.course(None, at.crossfades);
                Some(Closed { course, curve: Tint::Constant(color) })
            }
            Tinted::Gradient { colors, by } => {
                let Closed { course, curve } = self.number(by, at, heard)?;
                let curve = match curve {
                    Scalar::Constant(along) => Tint::Constant(curve::between(colors, along)),
                    Scalar::Varying(by) => Tint::Gradient { colors: colors.as_slice().into(), by },
                    _ => return None,
                };
                Some(Closed { course, curve })
            }
            Tinted::Rainbow { every, spread, saturation } => {
                let step = spread / f64::from(ranks.max(1));
                let spread = Spread { step, order: None };
                let course = self.course(Some(*every), at.crossfades);
                let curve = Tint::Rainbow { spread, saturation: *saturation };
                Some(Closed { course, curve })
            }
        }
    }

    /// The phase of a place, and where it is in a dimension of its own.
    fn place(&self, form: &Form, at: &Place<'_>) -> (f64, f64) {
        let (ranks, grid) = (self.cue.ranks, &self.show.grid);
        match form {
            Form::Wave { phase, spread, .. } => {
                let ahead = fan::value(phase, at.rank, ranks, self.cue.seed).unwrap_or(0.0);
                (ahead - spread * f64::from(at.rank) / f64::from(ranks.max(1)), 0.0)
            }
            // Noise has no slope on its lattice in one dimension: all places would meet there.
            Form::Noise { spread, .. } => (0.0, f64::from(at.rank) * spread * 2.0 + 0.37),
            Form::Envelope(envelope) => (pulse_at(grid, self.cue.start, envelope), 0.0),
            _ => (0.0, 0.0),
        }
    }

    /// The form of a curve, which all its places share.
    fn form(
        &mut self,
        curve: &'a Curve,
        course: &Course,
        at: &Place<'_>,
        heard: &mut Heard,
    ) -> Arc<vary::Form> {
        let same = |known: &&(&Curve, u64, Arc<vary::Form>)| {
            std::ptr::eq(known.0, curve) && known.1 == at.salt
        };
        if let Some((.., form)) = self.forms.iter().find(same) {
            return Arc::clone(form);
        }
        let form = match &curve.form {
            Form::Wave { shape, backwards, duty, .. } => {
                vary::Form::Wave { shape: *shape, backwards: *backwards, duty: *duty }
            }
            Form::Noise { kind, octaves, seed, .. } => {
                let seed = random::hash(random::hash(self.cue.seed, *seed), at.salt);
                vary::Form::Noise { kind: *kind, octaves: *octaves, seed }
            }
            Form::Envelope(source) => envelope(source),
            Form::Audio(band) => vary::Form::Table(self.audio(band, course, heard)),
            Form::Section { easing } => vary::Form::Table(self.sections(*easing, course)),
            Form::Ramp { over, easing } => {
                let clock = if over.is_some() { Clock::Phase } else { Clock::Progress };
                vary::Form::Ramp { clock, easing: *easing }
            }
            Form::Still | Form::Points { .. } => {
                vary::Form::Ramp { clock: Clock::Progress, easing: Easing::Linear }
            }
        };
        let form = Arc::new(form);
        self.forms.push((curve, at.salt, Arc::clone(&form)));
        form
    }

    fn points(
        &self,
        points: &[Point],
        every: Option<Span>,
        course: &Course,
        number: &dyn Fn(Amount) -> Option<f64>,
    ) -> Option<vary::Form> {
        let (grid, start) = (&self.show.grid, self.cue.start);
        let seconds = |span| grid.after(start, span) - start;
        let time = |at: PointTime| match (at, every) {
            (PointTime::Part(part), Some(_)) => part,
            (PointTime::Part(part), None) => part * course.length(),
            (PointTime::After(Span::Beats(span)), Some(Span::Beats(every)))
            | (PointTime::After(Span::Bars(span)), Some(Span::Bars(every)))
            | (PointTime::After(Span::Seconds(span)), Some(Span::Seconds(every))) => span / every,
            // Of another unit: as long as it is at the cue's start.
            (PointTime::After(span), Some(every)) => seconds(span) / seconds(every),
            (PointTime::After(span), None) => millionth(seconds(span) * self.show.rate.as_f64()),
        };
        let point = |point: &Point| Some((time(point.at), number(point.value)?, point.easing));
        let points: Option<Vec<_>> = points.iter().map(point).collect();
        Some(vary::Form::Points { points: Points::new(points?), repeats: every.is_some() })
    }

    /// When each frame of the course starts, in seconds of the show.
    fn seconds(&self, course: &Course) -> impl Iterator<Item = f64> + use<> {
        let rate = self.show.rate.as_f64();
        (course.start..course.end).map(move |frame| f64::from(frame) / rate)
    }

    fn audio(&self, band: &AudioLevel, course: &Course, heard: &mut Heard) -> Vec<f64> {
        let Some(song) = &self.show.song else { return vec![0.0] };
        let levels = heard.level(self.show, band);
        // Rounded, so that the same sound somewhere else in the song gives the same levels.
        let level =
            |seconds: f64| millionth((levels.at(seconds + song.offset) * band.gain).min(1.0));
        self.seconds(course).map(level).collect()
    }

    fn sections(&self, easing: Easing, course: &Course) -> Vec<f64> {
        let sections = &self.show.grid.sections;
        let along = |seconds: f64| {
            let after = sections.partition_point(|section| section.start <= seconds);
            let section = sections[..after].iter().rev().find(|section| seconds < section.end)?;
            let length = section.end - section.start;
            Some(ease(easing, (seconds - section.start) / length))
        };
        self.seconds(course).map(|seconds| millionth(along(seconds).unwrap_or(0.0))).collect()
    }
}

/// The period of a form, if its time is counted in periods.
fn every(form: &Form) -> Option<Span> {
    match form {
        Form::Wave { every, .. } | Form::Noise { every, .. } => Some(*every),
        Form::Ramp { over, .. } => *over,
        Form::Points { every, .. } => *every,
        Form::Envelope(envelope) if envelope.only_downbeats => {
            Some(Span::Bars(1.0 / envelope.subdivision))
        }
        Form::Envelope(envelope) => Some(Span::Beats(1.0 / envelope.subdivision)),
        Form::Still | Form::Audio(_) | Form::Section { .. } => None,
    }
}

fn envelope(source: &BeatEnvelope) -> vary::Form {
    let weights = [source.attack, source.decay, source.sustain, source.release];
    let curves = [source.attack_curve, source.decay_curve];
    let envelope = Envelope::new(weights, source.sustain_level, curves);
    vary::Form::Envelope { envelope, amplitude: source.amplitude }
}

/// How far the pulse is at a cue's start: pulses fall on the song's beats, not on the cue's.
fn pulse_at(grid: &Grid, start: f64, envelope: &BeatEnvelope) -> f64 {
    let start = grid.after(start, Span::Beats(-envelope.offset));
    let beats = match envelope.only_downbeats {
        true => grid.bar_at(start),
        false => grid.beat_at(start),
    };
    let pulses = (beats * envelope.subdivision * 1e9).round() / 1e9;
    pulses - pulses.floor()
}
