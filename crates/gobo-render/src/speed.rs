//! Heads that turn only so fast: movements that ask for more are slowed down where the venue says
//! so, and told of everywhere.
//!
//! A head follows what is asked of it as fast as it can. Where it falls behind, the way that it
//! takes is worked out once for the whole show and laid over the track as a short table, so that
//! every frame stays a function of its number. The show starts where the first frame asks for.

use std::sync::Arc;

use gobo_show::Diagnostic;
use gobo_show::rig::{Axis, Fixture, Setup};
use gobo_show::show::{Cue, Show};

use crate::attribute::Attribute;
use crate::blend::Mode;
use crate::bundle::Bundles;
use crate::course::{Course, Times};
use crate::curve::Scalar;
use crate::fixture::FixturePlan;
use crate::layer::KnownSpans;
use crate::lower;
use crate::track::{Room, Sheet, Track, Write, Writer};

/// The sheet of the tables: over every layer of the show.
const TOP: u32 = u32::MAX;
/// How far beyond its speed a head may be asked to go before it is told of: a part of it.
const TOLERANCE: f64 = 0.02;

/// The axes of a fixture with what is known of them.
fn axes(setup: &Setup) -> [(Attribute, &'static str, &Axis); 2] {
    [(Attribute::Pan, "pan", &setup.pan), (Attribute::Tilt, "tilt", &setup.tilt)]
}

/// Slows down the heads of fixtures whose speed is limited.
pub(crate) fn limit(
    show: &Show,
    plans: &[FixturePlan],
    bundles: &mut Bundles,
    known: &mut KnownSpans,
) {
    let limited = show.rig.fixtures.iter().zip(plans).filter(|(one, _)| one.setup.limit_speed);
    for (fixture, plan) in limited {
        for (attribute, _, axis) in axes(&fixture.setup) {
            let Some(speed) = axis.speed else { continue };
            let most = speed / show.rate.as_f64();
            for (head, part) in fixture.heads.clone().zip(&plan.parts) {
                let Some(rest) = part.rest(attribute) else { continue };
                let Some(tracks) = bundles.alone(head) else { continue };
                if tracks.scalar(attribute).is_some() {
                    let track = tracks.scalar_mut(attribute, rest);
                    slow_down(track, show.frames, rest, most);
                    track.seal(known);
                }
            }
        }
    }
}

/// Lays tables over a track in which no frame is more than `most` from the one before.
fn slow_down(track: &mut Track<Scalar>, frames: u32, rest: f64, most: f64) {
    let wanted = course_of(track, 0, frames, rest);
    let mut tables: Vec<(u32, Vec<f64>)> = Vec::new();
    let mut now = wanted.first().copied().unwrap_or(rest);
    let mut behind = false;
    for (frame, &target) in (0..).zip(&wanted) {
        let step = target - now;
        now = if step.abs() <= most * (1.0 + 1e-9) { target } else { now + most.copysign(step) };
        if now == target {
            behind = false;
            continue;
        }
        match tables.last_mut().filter(|_| behind) {
            Some((_, table)) => table.push(now),
            None => tables.push((frame, vec![now])),
        }
        behind = true;
    }
    for (start, table) in tables {
        let course = Arc::new(Course::of_frames(start..start + table.len() as u32));
        let write = Write::new(&course, Scalar::Table(table.into()), false, None);
        let sheet = Sheet { number: TOP, mode: Mode::Replace, veil: None };
        track.push(&sheet, write, &[0].into());
    }
}

/// What a track asks for in every frame of the show.
fn course_of(track: &Track<Scalar>, member: usize, frames: u32, rest: f64) -> Vec<f64> {
    let mut out = vec![None; frames as usize];
    track.fill(&(0..frames), member, &mut out, &mut Room::default(), &mut Times::default());
    out.into_iter().map(|value| value.unwrap_or(rest)).collect()
}

/// Where a show asks heads to turn faster than they can: a warning at each cue, for each axis the
/// worst of its heads. Only for fixtures whose venue knows their speed; a jump, such as `set` makes
/// without a fade, asks for no speed.
pub(crate) fn check(show: &Show) -> Vec<Diagnostic> {
    let knows = |fixture: &Fixture| axes(&fixture.setup).iter().any(|axis| axis.2.speed.is_some());
    if !show.rig.fixtures.iter().any(knows) {
        return Vec::new();
    }
    let plan = |fixture| FixturePlan::new(&show.rig, fixture);
    let plans: Vec<FixturePlan> = show.rig.fixtures.iter().map(plan).collect();
    let bundles = lower::lower(show, &plans);
    let mut found: Vec<TooFast<'_>> = Vec::new();
    for (fixture, plan) in show.rig.fixtures.iter().zip(&plans) {
        for (attribute, axis, set) in axes(&fixture.setup) {
            let Some(speed) = set.speed else { continue };
            for (head, part) in fixture.heads.clone().zip(&plan.parts) {
                let Some((tracks, member)) = bundles.of_head(head) else { continue };
                let Some(track) = tracks.scalar(attribute) else { continue };
                let rest = part.rest(attribute).unwrap_or(0.0);
                let wanted = course_of(track, member, show.frames, rest);
                for (asked, cue) in too_fast(show, track, &wanted, head, speed) {
                    note(&mut found, TooFast { cue, fixture, axis, asked, speed, others: 0 });
                }
            }
        }
    }
    found.iter().map(TooFast::diagnostic).collect()
}

/// A cue that asks a head to turn too fast.
struct TooFast<'a> {
    cue: &'a Cue,
    fixture: &'a Fixture,
    axis: &'static str,
    /// Degrees a second that are asked for, the most at any time.
    asked: f64,
    /// Degrees a second that it can do.
    speed: f64,
    /// How many other fixtures the cue asks too much of.
    others: usize,
}

/// Keeps the worst of what is asked on one axis by one cue.
fn note<'a>(found: &mut Vec<TooFast<'a>>, new: TooFast<'a>) {
    let same = |old: &&mut TooFast<'a>| std::ptr::eq(old.cue, new.cue) && old.axis == new.axis;
    let Some(old) = found.iter_mut().find(same) else {
        found.push(new);
        return;
    };
    let others = old.others + usize::from(!std::ptr::eq(old.fixture, new.fixture));
    if new.asked / new.speed > old.asked / old.speed {
        *old = new;
    }
    old.others = others;
}

impl TooFast<'_> {
    fn diagnostic(&self) -> Diagnostic {
        let whole = |degrees: f64| degrees.round();
        let others = match self.others {
            0 => String::new(),
            count => format!(", and {count} more with it"),
        };
        let message = format!(
            "`{}` would turn its {} at {}°/s{others}: it can do {}°/s",
            self.fixture.id,
            self.axis,
            whole(self.asked),
            whole(self.speed)
        );
        let warning = Diagnostic::warning("too-fast", self.cue.place.clone(), message);
        warning.hint(match self.fixture.setup.limit_speed {
            true => format!("it comes late: it needs {:.1} times as long", self.asked / self.speed),
            false => {
                let times = self.asked / self.speed;
                format!(
                    "give it {times:.1} times as long, or say `limit_speed = true` in the venue \
                     to show what it does"
                )
            }
        })
    }
}

/// The cues that ask for more than `speed` of a head, each with the most that it asks for.
fn too_fast<'a>(
    show: &'a Show,
    track: &Track<Scalar>,
    wanted: &[f64],
    head: u32,
    speed: f64,
) -> Vec<(f64, &'a Cue)> {
    let mut found: Vec<(f64, &Cue)> = Vec::new();
    let (mut frame, rate) = (1, show.rate.as_f64());
    let mut last: Option<(Writer, Option<&Cue>)> = None;
    while let Some(pair) = wanted.get(frame as usize - 1..=frame as usize) {
        let asked = (pair[1] - pair[0]).abs() * rate;
        frame += 1;
        if asked <= speed * (1.0 + TOLERANCE) {
            continue;
        }
        let Some(now) = track.writer(frame - 1) else { continue };
        // Where one cue takes over from another it may jump.
        if track.writer(frame - 2).as_ref() != Some(&now) {
            continue;
        }
        if last.as_ref().is_none_or(|known| known.0 != now) {
            let cue = cue_of(show, &now, head);
            last = Some((now, cue));
        }
        let Some((_, Some(cue))) = &last else { continue };
        match found.iter_mut().find(|known| std::ptr::eq(known.1, *cue)) {
            Some(known) => known.0 = known.0.max(asked),
            None => found.push((asked, cue)),
        }
    }
    found
}

/// The cue that writes a piece: of the layer, with this start and this head.
fn cue_of<'a>(show: &'a Show, Writer { layer, frames }: &Writer, head: u32) -> Option<&'a Cue> {
    let cues = &show.layers.get(*layer as usize)?.cues;
    let writes = |cue: &&Cue| {
        show.rate.nearest_frame(cue.start) == frames.start
            && cue.selection.iter().any(|selected| selected.head == head)
    };
    let starts: Vec<&Cue> = cues.iter().filter(writes).collect();
    let ends = |cue: &&&Cue| show.rate.nearest_frame(cue.end).max(frames.start) == frames.end;
    starts.iter().rev().find(ends).or(starts.last()).copied()
}
