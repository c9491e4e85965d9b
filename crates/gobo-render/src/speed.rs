//! Heads that turn only so fast: movements that ask for more are slowed down where the venue says
//! so.
//!
//! A head follows what is asked of it as fast as it can. Where it falls behind, the way that it
//! takes is worked out once for the whole show and laid over the track as a short table, so that
//! every frame stays a function of its number. The show starts where the first frame asks for.

use std::sync::Arc;

use gobo_show::rig::{Axis, Setup};
use gobo_show::show::Show;

use crate::attribute::Attribute;
use crate::blend::Mode;
use crate::bundle::Bundles;
use crate::course::{Course, Times};
use crate::curve::Scalar;
use crate::fixture::FixturePlan;
use crate::layer::KnownSpans;
use crate::track::{Room, Sheet, Track, Write};

/// How many frames are worked out together: in each, only few cues run.
const STRIDE: usize = 128;
/// The sheet of the tables: over every layer of the show.
const TOP: u32 = u32::MAX;

/// The axes of a fixture with what is known of them.
pub(crate) fn axes(setup: &Setup) -> [(Attribute, &'static str, &Axis); 2] {
    [(Attribute::Pan, "pan", &setup.pan), (Attribute::Tilt, "tilt", &setup.tilt)]
}

/// Slows down the heads of fixtures whose speed is limited.
pub(crate) fn limit(
    show: &Show,
    plans: &[Arc<FixturePlan>],
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
pub(crate) fn course_of(track: &Track<Scalar>, member: usize, frames: u32, rest: f64) -> Vec<f64> {
    let mut out = vec![None; frames as usize];
    let (mut room, mut times) = (Room::default(), Times::default());
    for (start, out) in (0..frames).step_by(STRIDE).zip(out.chunks_mut(STRIDE)) {
        let frames = start..start + out.len() as u32;
        track.fill(&frames, member, out, &mut room, &mut times);
    }
    out.into_iter().map(|value| value.unwrap_or(rest)).collect()
}
