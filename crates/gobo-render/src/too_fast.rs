//! Heads that are asked to turn faster than they can: each told of at the cue that asks.

use std::collections::BTreeSet;

use gobo_show::Diagnostic;
use gobo_show::diagnostic::Place;
use gobo_show::rig::Fixture;

use crate::curve::Scalar;
use crate::lowered::Lowered;
use crate::mark::Light;
use crate::speed::{axes, course_of};
use crate::track::{Track, Writer};

/// How far beyond its speed a head may be asked to go before it is told of: a part of it.
const TOLERANCE: f64 = 0.02;
/// How long a head may be seen turning to where a cue wants it at once: about as long as an eye
/// takes to notice it.
const SEEN_SECONDS: f64 = 0.1;

/// Where a show asks heads to turn faster than they can: a warning at each place in the sources,
/// for each axis the worst of its heads. Only for fixtures whose venue or profile knows their
/// speed. A cue that wants a head elsewhere at once, such as a `set` without a fade, is told of
/// when the head would be seen on its way.
pub(crate) fn check(lowered: &Lowered<'_>) -> Vec<Diagnostic> {
    let show = lowered.show;
    let knows = |fixture: &Fixture| axes(&fixture.setup).iter().any(|axis| axis.2.speed.is_some());
    if !show.rig.fixtures.iter().any(knows) {
        return Vec::new();
    }
    let (plans, bundles) = (lowered.plans(), lowered.bundles());
    let mut found: Vec<TooFast<'_>> = Vec::new();
    for (fixture, plan) in show.rig.fixtures.iter().zip(plans).filter(|(one, _)| knows(one)) {
        for (head, part) in fixture.heads.clone().zip(&plan.parts) {
            let Some((tracks, member)) = bundles.of_head(head) else { continue };
            let lit = Light::of(tracks).in_frames(&(0..show.frames), member);
            for (attribute, axis, set) in axes(&fixture.setup) {
                let (Some(speed), Some(track)) = (set.speed, tracks.scalar(attribute)) else {
                    continue;
                };
                let rest = part.rest(attribute).unwrap_or(0.0);
                let wanted = course_of(track, member, show.frames, rest);
                let way = Way { track, rate: show.rate.as_f64(), speed, wanted };
                for (place, what) in way.turns().into_iter().chain(way.snaps(&lit)) {
                    note(&mut found, (place, axis), (fixture, what, speed));
                }
            }
        }
    }
    found.iter().map(TooFast::diagnostic).collect()
}

/// What a head cannot do.
#[derive(Clone, Copy, Debug)]
enum What {
    /// A movement of so many degrees a second, the most at any time.
    Turn(f64),
    /// So many degrees at once.
    Snap { degrees: f64, when: When },
}

/// When a head is wanted elsewhere at once.
#[derive(Clone, Copy, Debug)]
enum When {
    Start,
    /// At the start of a marked cue before which it is not dark.
    Unmarked,
    /// In the dark before the start, which is so many seconds.
    Mark(f64),
    End,
}

/// What asks heads to turn too fast.
struct TooFast<'a> {
    place: Place,
    axis: &'static str,
    /// The fixture of which it asks most.
    fixture: &'a Fixture,
    what: What,
    /// Degrees a second that this one can do.
    speed: f64,
    /// The fixtures of which it asks too much, by id.
    fixtures: BTreeSet<&'a str>,
}

/// Keeps the worst of what is asked on one axis at one place.
fn note<'a>(
    found: &mut Vec<TooFast<'a>>,
    (place, axis): (Place, &'static str),
    (fixture, what, speed): (&'a Fixture, What, f64),
) {
    let known = found.iter().position(|old| old.place == place && old.axis == axis);
    let index = known.unwrap_or_else(|| {
        found.push(TooFast { place, axis, fixture, what, speed, fixtures: BTreeSet::new() });
        found.len() - 1
    });
    let old = &mut found[index];
    if what.times(speed) > old.what.times(old.speed) {
        (old.fixture, old.what, old.speed) = (fixture, what, speed);
    }
    old.fixtures.insert(&fixture.id);
}

impl What {
    /// How many times as long it takes at a speed; what is wanted at once takes its seconds.
    fn times(self, speed: f64) -> f64 {
        match self {
            Self::Turn(asked) => asked / speed,
            Self::Snap { degrees, .. } => degrees / speed,
        }
    }
}

impl TooFast<'_> {
    fn diagnostic(&self) -> Diagnostic {
        let Self { fixture, axis, .. } = self;
        let (name, speed) = (&fixture.id, self.speed.round());
        let others = match self.fixtures.len() - 1 {
            0 => String::new(),
            count => format!(", and {count} more with it"),
        };
        let times = self.what.times(self.speed);
        let message = match self.what {
            What::Turn(asked) => {
                let asked = asked.round();
                format!(
                    "`{name}` would turn its {axis} at {asked}°/s{others}: it can do {speed}°/s"
                )
            }
            What::Snap { degrees, when } => {
                let when = match when {
                    When::Start | When::Unmarked => "as this starts",
                    When::Mark(_) => "before this starts",
                    When::End => "as this ends",
                };
                let degrees = degrees.round();
                format!(
                    "`{name}` is seen turning its {axis} by {degrees}° {when}{others}: it takes \
                     {times:.1} s at {speed}°/s"
                )
            }
        };
        Diagnostic::warning("too-fast", self.place.clone(), message).hint(self.hint(times))
    }

    fn hint(&self, times: f64) -> String {
        match self.what {
            What::Turn(_) if self.fixture.setup.limit_speed => {
                format!("it comes late: it needs {times:.1} times as long")
            }
            What::Turn(_) => format!(
                "give it {times:.1} times as long, or say `limit_speed = true` in the venue to \
                 show what it does"
            ),
            What::Snap { when: When::Start, .. } => format!(
                "let it turn in the dark before (`\"mark\": true`), or in the time that it takes \
                 (`\"fade_in\": \"{times:.1}s\"`)"
            ),
            What::Snap { when: When::Unmarked, .. } => {
                format!("it is not dark before: let it be for {times:.1} s")
            }
            What::Snap { when: When::Mark(dark), .. } => {
                format!("it is dark for {dark:.1} s before: let that be {times:.1} s")
            }
            What::Snap { when: When::End, .. } => {
                format!("let it go in the time that it takes (`\"fade_out\": \"{times:.1}s\"`)")
            }
        }
    }
}

/// What is wanted of an axis of a head.
struct Way<'t> {
    track: &'t Track<Scalar>,
    /// Frames a second.
    rate: f64,
    /// Degrees a second that it can do.
    speed: f64,
    /// Degrees in every frame.
    wanted: Vec<f64>,
}

impl Way<'_> {
    /// The cues that ask for too much as they run.
    fn turns(&self) -> Vec<(Place, What)> {
        let mut found: Vec<(Place, f64)> = Vec::new();
        for (frame, pair) in (1..).zip(self.wanted.windows(2)) {
            let asked = (pair[1] - pair[0]).abs() * self.rate;
            if asked <= self.speed * (1.0 + TOLERANCE) || self.track.takeover(frame).is_some() {
                continue;
            }
            let Some(place) = self.track.mover(frame).and_then(place_of) else { continue };
            match found.last_mut().filter(|known| known.0 == *place) {
                Some(known) => known.1 = known.1.max(asked),
                None => found.push((place.clone(), asked)),
            }
        }
        found.into_iter().map(|(place, asked)| (place, What::Turn(asked))).collect()
    }

    /// The cues that want the head elsewhere at once, and are seen not to get it. `lit` says in
    /// which frames the head shines.
    fn snaps(&self, lit: &[bool]) -> Vec<(Place, What)> {
        let mut found = Vec::new();
        let most = self.speed / self.rate * (1.0 + TOLERANCE);
        let mut now = self.wanted.first().copied().unwrap_or(0.0);
        let mut snap: Option<(u32, f64)> = None;
        let mut seen = 0;
        for (frame, pair) in (1_u32..).zip(self.wanted.windows(2)) {
            let to_go = pair[1] - now;
            if to_go.abs() <= most {
                (now, snap, seen) = (pair[1], None, 0);
                continue;
            }
            let jumps = (pair[1] - pair[0]).abs() > most;
            if snap.is_none() && jumps && self.track.takeover(frame).is_some() {
                (snap, seen) = (Some((frame, to_go.abs())), 0);
            }
            now += most.copysign(to_go);
            seen += u32::from(lit.get(frame as usize).is_some_and(|lit| *lit));
            if f64::from(seen) > SEEN_SECONDS * self.rate
                && let Some((start, degrees)) = snap.take()
                && let Some((place, when)) = self.asker(start)
            {
                found.push((place.clone(), What::Snap { degrees, when }));
            }
        }
        found
    }

    /// The cue that wants the head elsewhere from a frame on.
    fn asker(&self, frame: u32) -> Option<(&Place, When)> {
        let [before, now] = self.track.takeover(frame)?;
        // What is older shows again as something over it ends.
        let Some(now) = now.filter(|now| now.course.start >= frame) else {
            return Some((place_of(before?)?, When::End));
        };
        let when = match (now.course.is_early, now.course.marks) {
            (true, _) => When::Mark(f64::from(now.course.end - now.course.start) / self.rate),
            (false, true) => When::Unmarked,
            (false, false) => When::Start,
        };
        Some((place_of(now)?, when))
    }
}

fn place_of(writer: Writer<'_>) -> Option<&Place> {
    writer.course.place.as_ref()
}
