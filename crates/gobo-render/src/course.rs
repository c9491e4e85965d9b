//! When a cue runs, in frames: how far along it is, in which period, and how much it weighs.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use gobo_dmx::FrameRate;
use gobo_show::diagnostic::Place;
use gobo_show::grid::Grid;
use gobo_show::show::{Cue, Then};
use gobo_show::value::{Easing, Span};

use crate::easing::ease;
use crate::fade::Fade;
use crate::fingerprint::Fingerprint;
use crate::meter::Meter;

/// The time of a cue, shared by every head and attribute that it writes.
///
/// All of it is relative to the first frame and rounded to a millionth of a frame, so that the
/// same cue somewhere else in the song gives the same levels, and frames do not fall short of a
/// beat by the rounding of seconds.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Course {
    /// The first frame.
    pub(crate) start: u32,
    /// The frame after the last that the effect runs.
    pub(crate) end: u32,
    /// Frames by which the cue starts after the first frame; negative before it.
    lead: f64,
    /// The exact length in frames.
    length: f64,
    fade_in: f64,
    pub(crate) ease_in: Easing,
    fade_out: f64,
    ease_out: Easing,
    /// How much of the cue shows, from its exact start on; `None` is all of it.
    opacity: Option<Fade>,
    /// Whether what was held before shows again after it.
    pub(crate) returns: bool,
    /// Whether its values are there before it starts, on heads that are dark.
    pub(crate) marks: bool,
    /// Where the phase of a periodic effect changes its speed; without any it stays 0.
    knots: Vec<Knot>,
    /// Where the cue stands in the sources, to tell of it.
    pub(crate) place: Option<Place>,
    /// Whether it is only the time in the dark before a marked cue.
    pub(crate) is_early: bool,
    /// Stands for all that decides it but where it starts.
    stamp: u128,
}

/// How the time of a course is counted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Clock {
    /// How far along the cue is, 0 to 1.
    Progress,
    /// How many periods have passed.
    Phase,
    /// How many frames have passed since the cue's exact start, at most its length.
    Elapsed,
    /// How many frames have passed since the first.
    Frame,
}

#[derive(Clone, Copy, PartialEq, Debug)]
struct Knot {
    /// Frames from the cue's exact start.
    at: f64,
    phase: f64,
    /// Periods a frame from here on.
    speed: f64,
}

impl Course {
    pub(crate) fn new(cue: &Cue, rate: FrameRate, grid: &Grid, every: Option<Span>) -> Self {
        let frames = |seconds: f64| millionth(seconds * rate.as_f64());
        let start = rate.nearest_frame(cue.start);
        let some = u32::from(cue.end > cue.start);
        let goes = matches!(cue.then, Then::Release | Then::CueOnly);
        let fade_out = if goes { cue.fade_out } else { 0.0 };
        Self {
            start,
            end: rate.nearest_frame(cue.end).max(start.saturating_add(some)),
            lead: millionth(cue.start * rate.as_f64() - f64::from(start)),
            length: frames(cue.end - cue.start).max(0.0),
            fade_in: frames(cue.fade_in).max(0.0),
            ease_in: cue.ease_in,
            fade_out: frames(fade_out).max(0.0),
            ease_out: cue.ease_out,
            opacity: cue.opacity.as_ref().and_then(|level| Fade::new(level, rate, cue.start)),
            returns: cue.then == Then::CueOnly,
            marks: cue.mark,
            knots: every.map(|every| knots(cue, rate, grid, every)).unwrap_or_default(),
            place: Some(cue.place.clone()),
            is_early: false,
            stamp: 0,
        }
        .stamped()
    }

    /// Exactly these frames, without fades.
    pub(crate) fn of_frames(frames: Range<u32>) -> Self {
        Self {
            start: frames.start,
            end: frames.end,
            lead: 0.0,
            length: frames.len() as f64,
            fade_in: 0.0,
            ease_in: Easing::Linear,
            fade_out: 0.0,
            ease_out: Easing::Linear,
            opacity: None,
            returns: false,
            marks: false,
            knots: Vec::new(),
            place: None,
            is_early: false,
            stamp: 0,
        }
        .stamped()
    }

    /// The same, as one that takes all its length to go over what is below.
    pub(crate) fn crossfade(&self) -> Self {
        Self { fade_in: self.length, ..self.clone() }.stamped()
    }

    /// The exact length in frames.
    pub(crate) fn length(&self) -> f64 {
        self.length
    }

    /// Frames since the cue's exact start; may be outside the cue.
    fn elapsed(&self, frame: u32) -> f64 {
        f64::from(frame) - f64::from(self.start) - self.lead
    }

    /// The last frame that the effect runs.
    pub(crate) fn last(&self) -> u32 {
        self.end.saturating_sub(1).max(self.start)
    }

    /// The time in a frame as `clock` counts it.
    pub(crate) fn time(&self, clock: Clock, frame: u32) -> f64 {
        match clock {
            Clock::Progress => self.progress(frame),
            Clock::Phase => self.phase(frame),
            Clock::Elapsed => self.elapsed(frame).clamp(0.0, self.length),
            Clock::Frame => f64::from(frame.saturating_sub(self.start)),
        }
    }

    /// How far along the cue is, 0 to 1.
    fn progress(&self, frame: u32) -> f64 {
        if self.length <= 0.0 { 1.0 } else { (self.elapsed(frame) / self.length).clamp(0.0, 1.0) }
    }

    /// How many periods have passed; whole numbers are met exactly.
    fn phase(&self, frame: u32) -> f64 {
        let at = self.elapsed(frame).clamp(0.0, self.length);
        let after = self.knots.partition_point(|knot| knot.at <= at);
        let Some(knot) = after.checked_sub(1).map(|index| &self.knots[index]) else { return 0.0 };
        let phase = knot.phase + (at - knot.at) * knot.speed;
        let whole = (phase + 0.5) as u64 as f64;
        if (phase - whole).abs() < 1e-6 { whole } else { phase }
    }

    /// How much the cue weighs over what it fades from and to, 0 to 1.
    pub(crate) fn weight(&self, frame: u32) -> f64 {
        let elapsed = self.elapsed(frame);
        let ramp = |frames: f64, length: f64, easing| match length > 0.0 {
            true => ease(easing, (frames / length).clamp(0.0, 1.0)),
            false => 1.0,
        };
        let (start, end) = (elapsed, self.length - elapsed);
        let fades = ramp(start, self.fade_in, self.ease_in);
        let fades = fades.min(ramp(end, self.fade_out, self.ease_out));
        match &self.opacity {
            Some(opacity) => fades * opacity.at(elapsed),
            None => fades,
        }
    }

    /// Whether the cue weighs 1 in every frame from `first` to `last`.
    pub(crate) fn is_full(&self, first: u32, last: u32) -> bool {
        self.opacity.is_none() && self.weight(first) >= 1.0 && self.weight(last) >= 1.0
    }

    /// The first frame in which nothing is left of the fade in.
    pub(crate) fn faded_in(&self) -> u32 {
        if self.fade_in <= 0.0 {
            return self.start;
        }
        let frames = (self.fade_in + self.lead).ceil().max(0.0);
        self.start.saturating_add(frames as u32)
    }

    /// All that decides the course but where it starts.
    pub(crate) fn fingerprint(&self, to: &mut Fingerprint) {
        to.wide(self.stamp);
    }

    fn stamped(self) -> Self {
        let mut hash = Fingerprint::new();
        hash.integer(u64::from(self.end - self.start));
        hash.numbers(&[self.lead, self.length, self.fade_in, self.fade_out]);
        hash.integer((self.ease_in as u64) << 32 | self.ease_out as u64);
        hash.integer(u64::from(self.opacity.is_some()));
        if let Some(opacity) = &self.opacity {
            opacity.fingerprint_whole(&mut hash);
        }
        for knot in &self.knots {
            hash.numbers(&[knot.at, knot.phase, knot.speed]);
        }
        Self { stamp: hash.digest(), ..self }
    }
}

/// The times of the courses that run in some frames, worked out once for all heads.
#[derive(Debug, Default)]
pub(crate) struct Times {
    frames: Range<u32>,
    pub(crate) meter: Meter,
    known: Vec<(Arc<Course>, Vec<f64>)>,
    /// Where the times of a course are; it is kept, so that no other takes its place in memory.
    places: HashMap<(*const Course, Clock), usize>,
}

impl Times {
    /// The time of `course` in each of `frames`.
    pub(crate) fn of(&mut self, course: &Arc<Course>, clock: Clock, frames: &Range<u32>) -> &[f64] {
        let index = self.index(course, clock, frames);
        self.at(index)
    }

    /// Where the time of `course` in each of `frames` is, until other frames are asked for.
    pub(crate) fn index(
        &mut self,
        course: &Arc<Course>,
        clock: Clock,
        frames: &Range<u32>,
    ) -> usize {
        if self.frames != *frames {
            self.frames = frames.clone();
            self.known.clear();
            self.places.clear();
        }
        *self.places.entry((Arc::as_ptr(course), clock)).or_insert_with(|| {
            let times = frames.clone().map(|frame| course.time(clock, frame)).collect();
            self.known.push((Arc::clone(course), times));
            self.known.len() - 1
        })
    }

    /// The times at an index.
    pub(crate) fn at(&self, index: usize) -> &[f64] {
        &self.known[index].1
    }
}

/// The phase of `every` over a cue: straight lines from beat to beat.
fn knots(cue: &Cue, rate: FrameRate, grid: &Grid, every: Span) -> Vec<Knot> {
    let mut points = vec![cue.start];
    if !matches!(every, Span::Seconds(_)) {
        let first = grid.beat_at(cue.start).floor() + 1.0;
        let beats = (0_u32..).map(|beat| grid.seconds_at_beat(first + f64::from(beat)));
        points.extend(beats.take_while(|&seconds| seconds < cue.end));
    }
    points.push(cue.end);
    let mut knots: Vec<Knot> = Vec::new();
    for pair in points.windows(2) {
        let at = millionth((pair[0] - cue.start) * rate.as_f64());
        let next = millionth((pair[1] - cue.start) * rate.as_f64());
        let [phase, after] = [pair[0], pair[1]].map(|seconds| periods(grid, cue, seconds, every));
        if next <= at {
            continue;
        }
        let foretold = knots.last().map(|knot| knot.phase + (next - knot.at) * knot.speed);
        if foretold.is_none_or(|foretold| (foretold - after).abs() > 1e-7) {
            knots.push(Knot { at, phase, speed: (after - phase) / (next - at) });
        }
    }
    knots
}

fn periods(grid: &Grid, cue: &Cue, seconds: f64, every: Span) -> f64 {
    let (Span::Seconds(length) | Span::Beats(length) | Span::Bars(length)) = every;
    // A period without length repeats nothing.
    if length <= 0.0 {
        return 0.0;
    }
    let periods = grid.periods(cue.start, seconds, every);
    if periods.is_finite() { (periods * 1e9).round() / 1e9 } else { 0.0 }
}

/// Rounded to a millionth.
pub(crate) fn millionth(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}
