//! Channel layers: cues that write slots frame by frame, by the rules of the AI Light Show, worked
//! out once into the values that each channel has from a frame on.
//!
//! A cue starts in the frame nearest to its time, of two the even one, and runs up to and with the
//! frame nearest to its end. In each frame the cues that run write in the order of their time, of
//! the fixture's id and of the effect's name; a slot stays as it is until something writes it
//! again. Only frames in which a cue runs are walked.

mod light;
mod movement;
mod schedule;
mod stage;

use std::sync::Arc;

use gobo_show::effect::ChannelEffect;
use gobo_show::rig::Fixture;
use gobo_show::show::{ChannelCue, Show};

use crate::attribute::Attribute;
use crate::bundle::Bundles;
use crate::channels::schedule::Running;
use crate::channels::stage::Stage;
use crate::course::Course;
use crate::curve::Scalar;
use crate::look::raw_rest_of;
use crate::stack::LaidSheet;
use crate::steps::Steps;
use crate::track::Write;

/// Lays the cues of a channel layer over the tracks of the heads.
pub(crate) fn lower(show: &Show, sheet: &LaidSheet<'_>, bundles: &mut Bundles) {
    let stage = run(show, &sheet.layer.channels);
    for (fixture, slots) in show.rig.fixtures.iter().zip(&stage.fixtures) {
        for (number, channel) in (0..).zip(&fixture.channels) {
            let head = channel.head.unwrap_or(fixture.heads.start);
            let logs: Vec<_> = channel.slots.iter().filter_map(|slot| slots.log(*slot)).collect();
            let steps = Steps::joined(&logs, channel.max()).filter(|_| sheet.reaches(head));
            let Some((steps, rest)) = steps.zip(raw_rest_of(fixture, number)) else { continue };
            let Some(head) = bundles.alone(head) else { continue };
            let course = Arc::new(Course::of_frames(steps.first()..u32::MAX));
            let write = Write::new(&course, Scalar::Steps(Arc::new(steps)), true, None);
            let attribute = Attribute::Raw(number);
            let track = head.scalar_mut(attribute, rest);
            track.push(&sheet.for_scalar(attribute), write, &[0].into());
        }
    }
}

/// Runs the cues over the frames of the show.
fn run<'a>(show: &'a Show, cues: &'a [ChannelCue]) -> Stage<'a> {
    let mut stage = Stage::new(show);
    let queue = schedule::queue(show, cues, &stage);
    let mut waiting = queue.into_iter().peekable();
    let mut running: Vec<Running<'_>> = Vec::new();
    let mut frame = 0;
    while frame < show.frames {
        match (running.is_empty(), waiting.peek()) {
            (true, None) => break,
            (true, Some(next)) => frame = frame.max(next.start),
            _ => {}
        }
        if frame >= show.frames {
            break;
        }
        while let Some(next) = waiting.next_if(|next| next.start <= frame) {
            let place = running.partition_point(|other| !next.goes_before(other));
            running.insert(place, next);
        }
        stage.frame = frame;
        for cue in &mut running {
            act(cue, &mut stage);
        }
        running.retain(|cue| cue.end > frame);
        frame += 1;
    }
    stage
}

/// What a cue writes in the stage's frame.
fn act(cue: &mut Running<'_>, stage: &mut Stage<'_>) {
    match cue.effect {
        ChannelEffect::SetChannels(set) => light::set(set, cue, stage),
        ChannelEffect::Full(_) => light::all(255, cue, stage),
        ChannelEffect::Blackout(_) => light::all(0, cue, stage),
        ChannelEffect::Flash(flash) => light::flash(flash, cue, stage),
        ChannelEffect::Strobe(strobe) => light::strobe(strobe, cue, stage),
        ChannelEffect::FadeIn(fade) => light::fade_in(fade, cue, stage),
        ChannelEffect::FadeOut(fade) => light::fade_out(fade, cue, stage),
        ChannelEffect::Fade(fade) => light::fade(fade, cue, stage),
        ChannelEffect::ColorFade(fade) => light::color_fade(fade, cue, stage),
        ChannelEffect::MoveTo(to) => movement::move_to([to.pan.0, to.tilt.0], cue, stage),
        ChannelEffect::MoveToPoi(to) => movement::move_to_poi(to, cue, stage),
        ChannelEffect::Seek(to) => movement::seek([to.pan.0, to.tilt.0], cue, stage),
        ChannelEffect::Expect(_) => {}
        ChannelEffect::Circle(circle) => movement::circle(circle, cue, stage),
        ChannelEffect::Orbit(orbit) => movement::orbit(orbit, false, cue, stage),
        ChannelEffect::OrbitOut(orbit) => movement::orbit(orbit, true, cue, stage),
        ChannelEffect::Sweep(sweep) => movement::sweep(sweep, cue, stage),
    }
}

/// The whole number nearest to a number, of two the even one.
fn nearest(number: f64) -> f64 {
    number.round_ties_even()
}

/// The id of a fixture, which decides the order in which cues of one time write.
fn id(fixture: &Fixture) -> &str {
    &fixture.id
}
