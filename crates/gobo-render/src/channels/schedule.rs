//! When the cues of a channel layer run, in frames, and in which order they write.

use std::cmp::Ordering;

use gobo_show::effect::{ChannelEffect, PointName};
use gobo_show::show::{ChannelCue, Show};

use super::movement::circle_aim;
use super::stage::Stage;
use super::{id, nearest};

/// Seconds that a head has to spare before it shows, and those that it stands still.
const SPARE_SECONDS: f64 = 0.1;
pub(super) const SETTLE_SECONDS: f64 = 0.1;

/// A cue with what it has to remember from frame to frame while it is worked out.
pub(super) struct Running<'a> {
    pub(super) effect: &'a ChannelEffect,
    pub(super) fixture: u32,
    time: f64,
    id: &'a str,
    /// The cue's place in the layer.
    order: usize,
    /// The first frame.
    pub(super) start: u32,
    /// The last frame.
    pub(super) end: u32,
    /// Frames from `start` in which the head goes dark to where the cue begins.
    pub(super) preroll: u32,
    pub(super) memory: Memory,
}

/// What an effect keeps of the frame in which it began, and of the one before.
#[derive(Clone, Copy, Default)]
pub(super) struct Memory {
    /// Whether the cue has begun.
    pub(super) begun: bool,
    /// Dimmer, red, green and blue when it began.
    pub(super) light: [Option<u8>; 4],
    /// Hue, saturation and value when it began, and how far they go.
    pub(super) hues: [f64; 6],
    /// Pan and tilt when it began.
    pub(super) initial: [i64; 2],
    /// Pan and tilt of the frame before.
    pub(super) last: [i64; 2],
}

impl Running<'_> {
    /// Whether it writes before another that runs at the same time.
    pub(super) fn goes_before(&self, other: &Self) -> bool {
        let order = self
            .time
            .total_cmp(&other.time)
            .then_with(|| self.id.cmp(other.id))
            .then_with(|| self.effect.name().cmp(other.effect.name()))
            .then_with(|| self.start.cmp(&other.start))
            .then_with(|| self.order.cmp(&other.order));
        order == Ordering::Less
    }

    /// The frames that it takes, at least 1.
    pub(super) fn length(&self) -> f64 {
        f64::from(self.end.saturating_sub(self.start).max(1))
    }

    /// How far along it is, 0 to 1.
    pub(super) fn progress(&self, frame: u32) -> f64 {
        (f64::from(frame - self.start) / self.length()).clamp(0.0, 1.0)
    }
}

/// The cues that run, by their first frame.
pub(super) fn queue<'a>(
    show: &'a Show,
    cues: &'a [ChannelCue],
    stage: &Stage<'_>,
) -> Vec<Running<'a>> {
    let mut places: Vec<Option<[i64; 2]>> = vec![None; show.rig.fixtures.len()];
    let mut queue = Vec::with_capacity(cues.len());
    for (order, cue) in cues.iter().enumerate() {
        let Some(fixture) = show.rig.fixtures.get(cue.fixture as usize) else { continue };
        let start = nearest(cue.start * stage.rate);
        let end = nearest((cue.start + cue.seconds.max(0.0)) * stage.rate);
        let place = &mut places[cue.fixture as usize];
        let preroll = preroll(cue, *place, stage);
        let start = if preroll > 0.0 { (start - preroll).max(0.0) } else { start };
        if let Some(end) = end_of(cue, stage) {
            *place = Some(end);
        }
        // What starts before the show never begins, and what ends before it starts neither.
        if start < 0.0 || end < start || start >= f64::from(show.frames) {
            continue;
        }
        queue.push(Running {
            effect: &cue.effect,
            fixture: cue.fixture,
            time: cue.start,
            id: id(fixture),
            order,
            start: start as u32,
            end: end as u32,
            preroll: preroll as u32,
            memory: Memory::default(),
        });
    }
    queue.sort_by_key(|cue| cue.start);
    queue
}

/// Frames in which a head goes dark to where a cue begins, from where the cue before left it.
fn preroll(cue: &ChannelCue, place: Option<[i64; 2]>, stage: &Stage<'_>) -> f64 {
    let begin: &PointName = match &*cue.effect {
        ChannelEffect::Sweep(sweep) => &sweep.start,
        ChannelEffect::Orbit(orbit) if orbit.dark => &orbit.start,
        ChannelEffect::OrbitOut(orbit) if orbit.dark => &orbit.subject,
        _ => return 0.0,
    };
    let slots = &stage.fixtures[cue.fixture as usize];
    let from = place.or(slots.axes.map(|_| [0, 0]));
    let Some((from, to)) = from.zip(stage.aim(begin, cue.fixture)) else { return 0.0 };
    let seconds = |axis: usize| {
        let way = (i64::from(to[axis]) - from[axis]).abs() as f64;
        way / 65_535.0 * slots.travel_seconds[axis]
    };
    let seconds = 0.0_f64.max(seconds(0)).max(seconds(1)) + SPARE_SECONDS + SETTLE_SECONDS;
    nearest(seconds * stage.rate).max(0.0)
}

/// Where a cue leaves its head.
fn end_of(cue: &ChannelCue, stage: &Stage<'_>) -> Option<[i64; 2]> {
    let aim = |point: &PointName| stage.aim(point, cue.fixture).map(|aim| aim.map(i64::from));
    match &*cue.effect {
        ChannelEffect::MoveTo(to) => Some([to.pan.0, to.tilt.0].map(i64::from)),
        ChannelEffect::MoveToPoi(to) | ChannelEffect::Expect(to) => aim(&to.point),
        ChannelEffect::Circle(circle) => circle_aim(circle, 1.0, cue.fixture, stage),
        ChannelEffect::Orbit(orbit) => aim(&orbit.subject),
        ChannelEffect::OrbitOut(orbit) => aim(&orbit.start),
        ChannelEffect::Sweep(sweep) => {
            let (subject, start) = (aim(&sweep.subject)?, aim(&sweep.start)?);
            sweep.end.as_ref().and_then(aim).or(Some(opposite(subject, start)))
        }
        _ => None,
    }
}

/// The place as far beyond `subject` as `start` is before it.
pub(super) fn opposite(subject: [i64; 2], start: [i64; 2]) -> [i64; 2] {
    [0, 1].map(|axis| (2 * subject[axis] - start[axis]).clamp(0, 65_535))
}
