//! Channel effects on pan and tilt, counted as fixtures do: 0 to 65535 from end stop to end stop.

use std::f64::consts::{PI, TAU};

use gobo_show::effect::{CircleSlots, Focus, MoveToPoi, OrbitSlots, SweepSlots};

use super::nearest;
use super::schedule::{Running, SETTLE_SECONDS, opposite};
use super::stage::{Slots, Stage};

/// The most that the way of a sweep is bent.
const MOST_BEND: f64 = 220.0;

pub(super) fn move_to(to: [u16; 2], cue: &mut Running<'_>, stage: &mut Stage<'_>) {
    let (frame, slots) = (stage.frame, &mut stage.fixtures[cue.fixture as usize]);
    if !begin(cue, slots) {
        return;
    }
    let along = cue.progress(frame);
    let from = cue.memory.initial;
    let angle = |axis: usize| {
        let start = from[axis] as f64;
        nearest(start + (i64::from(to[axis]) - from[axis]) as f64 * along) as i64
    };
    slots.turn(frame, [angle(0), angle(1)]);
}

pub(super) fn move_to_poi(to: &MoveToPoi, cue: &mut Running<'_>, stage: &mut Stage<'_>) {
    if let Some(aim) = stage.aim(&to.point, cue.fixture) {
        move_to(aim, cue, stage);
    }
}

pub(super) fn seek(to: [u16; 2], cue: &Running<'_>, stage: &mut Stage<'_>) {
    let (frame, slots) = (stage.frame, &mut stage.fixtures[cue.fixture as usize]);
    if frame == cue.start {
        slots.turn(frame, to.map(i64::from));
    }
}

pub(super) fn circle(circle: &CircleSlots, cue: &mut Running<'_>, stage: &mut Stage<'_>) {
    let frame = stage.frame;
    let Some(aim) = circle_aim(circle, cue.progress(frame), cue.fixture, stage) else { return };
    let slots = &mut stage.fixtures[cue.fixture as usize];
    if begin(cue, slots) {
        turn_within_reach(aim, cue, frame, slots);
    }
}

/// Pan and tilt of a place on a circle, `along` it from 0 to 1.
pub(super) fn circle_aim(
    circle: &CircleSlots,
    along: f64,
    fixture: u32,
    stage: &Stage<'_>,
) -> Option<[i64; 2]> {
    let center = *stage.rig.points.get(&*circle.point.0)?;
    let angle = TAU * circle.turns * along.clamp(0.0, 1.0);
    let radius = circle.radius.max(0.0);
    let inside = |at: f64, axis: usize| match stage.rig.room {
        Some(room) => at.clamp(0.0, room[axis].max(0.0)),
        None => at,
    };
    let x = inside(center[0] + libm::cos(angle) * radius, 0);
    let y = inside(center[1] + libm::sin(angle) * radius, 1);
    between_references([x, y, center[2]], fixture, stage)
}

/// Pan and tilt of a place, from those measured for the reference points: the mean, weighed by one
/// over the distance squared.
fn between_references(place: [f64; 3], fixture: u32, stage: &Stage<'_>) -> Option<[i64; 2]> {
    let (mut weights, mut pans, mut tilts) = (0.0, 0.0, 0.0);
    for name in &stage.rig.references {
        let aim = stage.rig.aims.get(name).and_then(|aims| aims.get(&fixture));
        let Some((point, aim)) = stage.rig.points.get(name).zip(aim) else { continue };
        let [dx, dy, dz] = [0, 1, 2].map(|axis| place[axis] - point[axis]);
        let distance = (dx * dx + dy * dy + dz * dz).sqrt();
        if distance <= 1e-6 {
            return Some(aim.map(i64::from));
        }
        let weight = 1.0 / (distance * distance);
        weights += weight;
        pans += f64::from(aim[0]) * weight;
        tilts += f64::from(aim[1]) * weight;
    }
    let mean = |sum: f64| (nearest(sum / weights) as i64).clamp(0, 65_535);
    (weights > 0.0).then(|| [mean(pans), mean(tilts)])
}

/// The frames of a cue that begins dark: those of the way there, and the first that shows.
struct Preroll {
    arrived: u32,
    shown: u32,
}

impl Preroll {
    fn new(cue: &Running<'_>, preroll: u32, rate: f64) -> Self {
        let settle = (nearest(SETTLE_SECONDS * rate).max(0.0) as u32).min(preroll);
        let start = cue.start;
        Self { arrived: start + (preroll - settle), shown: start + preroll }
    }

    /// Pan and tilt on the way to `to`.
    fn way(&self, to: [i64; 2], cue: &Running<'_>, frame: u32) -> [i64; 2] {
        let frames = f64::from((self.arrived - cue.start).max(1));
        let along = f64::from(frame - cue.start) / frames;
        [0, 1].map(|axis| {
            let from = cue.memory.initial[axis];
            nearest(from as f64 + (to[axis] - from) as f64 * along) as i64
        })
    }

    /// How far along what shows is, 0 to 1, and how many frames it takes.
    fn along(&self, cue: &Running<'_>, frame: u32) -> (f64, f64) {
        let frames = (f64::from(cue.end) - f64::from(self.shown)).max(1.0);
        let along = (f64::from(frame) - f64::from(self.shown)) / frames;
        (along.clamp(0.0, 1.0), frames)
    }
}

pub(super) fn orbit(orbit: &OrbitSlots, out: bool, cue: &mut Running<'_>, stage: &mut Stage<'_>) {
    let (frame, rate) = (stage.frame, stage.rate);
    let aims = stage.aim(&orbit.subject, cue.fixture).zip(stage.aim(&orbit.start, cue.fixture));
    let Some((subject, start)) = aims else { return };
    let (subject, start) = (subject.map(i64::from), start.map(i64::from));
    let slots = &mut stage.fixtures[cue.fixture as usize];
    let dimmer = slots.dimmer.filter(|_| orbit.dark);
    if !begin(cue, slots) {
        return;
    }
    let preroll = Preroll::new(cue, dimmer.map_or(0, |_| cue.preroll), rate);
    let begins = if out { subject } else { start };
    let shown = frame >= preroll.shown;
    if frame < preroll.arrived {
        turn_within_reach(preroll.way(begins, cue, frame), cue, frame, slots);
    } else if !shown {
        turn(begins, cue, frame, slots);
    } else {
        let (along, _) = preroll.along(cue, frame);
        let along = if out { 1.0 - along } else { along };
        let aim = spiral(start, subject, along, orbit);
        turn_within_reach(aim, cue, frame, slots);
    }
    if let Some(dimmer) = dimmer {
        let level = if shown { cue.memory.light[0].unwrap_or(0) } else { 0 };
        slots.write(frame, dimmer, level);
    }
}

/// A place on the spiral from `start` in to `subject`.
fn spiral(start: [i64; 2], subject: [i64; 2], along: f64, orbit: &OrbitSlots) -> [i64; 2] {
    let t = along.clamp(0.0, 1.0);
    let closed = match orbit.easing {
        Focus::Linear => t,
        Focus::Early => {
            let rest = 1.0 - t;
            1.0 - rest * rest * rest
        }
        Focus::Balanced => (3.0 * t * t) - (2.0 * t * t * t),
        Focus::Late => t * t * t,
    };
    let [pan, tilt] = [0, 1].map(|axis| (start[axis] - subject[axis]) as f64);
    let radius = libm::hypot(pan, tilt);
    if radius <= 0.0 {
        return subject;
    }
    let angle = libm::atan2(tilt, pan) + TAU * orbit.turns.max(0.0) * t;
    let radius = radius * (1.0 - closed);
    [
        nearest(subject[0] as f64 + libm::cos(angle) * radius) as i64,
        nearest(subject[1] as f64 + libm::sin(angle) * radius) as i64,
    ]
}

pub(super) fn sweep(sweep: &SweepSlots, cue: &mut Running<'_>, stage: &mut Stage<'_>) {
    let (frame, rate) = (stage.frame, stage.rate);
    let aim = |point| stage.aim(point, cue.fixture).map(|aim| aim.map(i64::from));
    let Some((subject, start)) = aim(&sweep.subject).zip(aim(&sweep.start)) else { return };
    let end = sweep.end.as_ref().and_then(aim).unwrap_or_else(|| opposite(subject, start));
    let slots = &mut stage.fixtures[cue.fixture as usize];
    begin(cue, slots);
    let preroll = Preroll::new(cue, cue.preroll, rate);
    let mut level = 0.0;
    if frame < preroll.arrived {
        turn_within_reach(preroll.way(start, cue, frame), cue, frame, slots);
    } else if frame < preroll.shown {
        turn(start, cue, frame, slots);
    } else {
        let (along, frames) = preroll.along(cue, frame);
        let leg_seconds = (1.0 / rate).max(frames / rate) * 0.5;
        let aim = if along <= 0.5 {
            let along = leg(along * 2.0, sweep.easing, leg_seconds, false);
            bent(start, subject, along, sweep.arc)
        } else {
            let along = leg((along - 0.5) * 2.0, sweep.easing, leg_seconds, true);
            bent(subject, end, along, sweep.arc)
        };
        turn_within_reach(aim, cue, frame, slots);
        level = brightness(along, sweep.dimmer_easing);
    }
    if cue.memory.last == subject {
        level = 1.0;
    }
    if let Some(dimmer) = slots.dimmer {
        let most = nearest(sweep.level.0.clamp(0.0, 1.0) * 255.0);
        let value = nearest(most * f64::clamp(level, 0.0, 1.0));
        slots.write(frame, dimmer, value.clamp(0.0, 255.0) as u8);
    }
    slots.open(frame);
}

/// How far along a half of a sweep is, slowed down at its end, or at its beginning if `begins`.
fn leg(along: f64, easing_seconds: f64, leg_seconds: f64, begins: bool) -> f64 {
    let along = along.clamp(0.0, 1.0);
    if leg_seconds <= 0.0 || easing_seconds <= 0.0 {
        return along;
    }
    let blend = (easing_seconds / leg_seconds).clamp(0.0, 1.0);
    let rest = 1.0 - along;
    let curve = if begins { along * along * along } else { 1.0 - rest * rest * rest };
    (1.0 - blend) * along + blend * curve
}

/// A place on the way between two, which is bent to one side.
fn bent(from: [i64; 2], to: [i64; 2], along: f64, arc: f64) -> [i64; 2] {
    let along = along.clamp(0.0, 1.0);
    let way = [0, 1].map(|axis| (to[axis] - from[axis]) as f64);
    let straight = [0, 1].map(|axis| nearest(from[axis] as f64 + way[axis] * along));
    let distance = libm::hypot(way[0], way[1]);
    if distance <= 0.0 {
        return straight.map(|angle| angle as i64);
    }
    let offset = libm::sin(PI * along) * MOST_BEND.min(distance * arc);
    [
        nearest(straight[0] + (-way[1] / distance) * offset) as i64,
        nearest(straight[1] + (way[0] / distance) * offset) as i64,
    ]
}

/// How bright a sweep is: up to its middle, then down; dark for a part of the way, `easing`.
fn brightness(along: f64, easing: f64) -> f64 {
    let dark = easing.clamp(0.0, 1.0);
    let span = 1.0 - dark;
    if along <= 0.5 {
        let near = along * 2.0;
        return match near <= dark || span <= 0.0 {
            true => 0.0,
            false => ((near - dark) / span).clamp(0.0, 1.0),
        };
    }
    let far = (along - 0.5) * 2.0;
    if span <= 0.0 { 0.0 } else { (1.0 - far / span).clamp(0.0, 1.0) }
}

/// Keeps where the head is and how bright when the cue begins; false if it does not turn.
fn begin(cue: &mut Running<'_>, slots: &Slots<'_>) -> bool {
    if !cue.memory.begun {
        cue.memory.begun = true;
        cue.memory.initial = slots.angles().unwrap_or_default();
        cue.memory.last = cue.memory.initial;
        cue.memory.light[0] = slots.dimmer.map(|dimmer| slots.read(dimmer));
    }
    slots.axes.is_some()
}

/// Turns towards a pan and a tilt as far as the head can in a frame.
fn turn_within_reach(to: [i64; 2], cue: &mut Running<'_>, frame: u32, slots: &mut Slots<'_>) {
    let reach = slots.reach;
    let last = cue.memory.last;
    let limited = [0, 1].map(|axis| {
        let (now, most) = (last[axis] as f64, reach[axis]);
        let way = to[axis] as f64 - now;
        if most <= 0.0 || way.abs() <= most {
            return to[axis];
        }
        nearest(if way > 0.0 { now + most } else { now - most }) as i64
    });
    turn(limited, cue, frame, slots);
}

/// Turns to a pan and a tilt at once.
fn turn(to: [i64; 2], cue: &mut Running<'_>, frame: u32, slots: &mut Slots<'_>) {
    let to = to.map(|angle| angle.clamp(0, 65_535));
    slots.turn(frame, to);
    cue.memory.last = to;
}
