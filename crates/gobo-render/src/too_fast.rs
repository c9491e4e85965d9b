//! Heads that are asked to turn faster than they can: each told of at the cue that asks.

use gobo_show::Diagnostic;
use gobo_show::rig::Fixture;
use gobo_show::show::{Cue, Show};

use crate::curve::Scalar;
use crate::fixture::FixturePlan;
use crate::lower;
use crate::mark::Light;
use crate::speed::{axes, course_of};
use crate::track::{Track, Writer};

/// How far beyond its speed a head may be asked to go before it is told of: a part of it.
const TOLERANCE: f64 = 0.02;
/// How long a head may be seen turning to where a cue wants it at once: about as long as an eye
/// takes to notice it.
const SEEN_SECONDS: f64 = 0.1;

/// Where a show asks heads to turn faster than they can: a warning at each cue, for each axis the
/// worst of its heads. Only for fixtures whose venue or profile knows their speed. A cue that
/// wants a head elsewhere at once, such as a `set` without a fade, is told of when the head would
/// be seen on its way.
pub(crate) fn check(show: &Show) -> Vec<Diagnostic> {
    let knows = |fixture: &Fixture| axes(&fixture.setup).iter().any(|axis| axis.2.speed.is_some());
    if !show.rig.fixtures.iter().any(knows) {
        return Vec::new();
    }
    let plan = |fixture| FixturePlan::new(&show.rig, fixture);
    let plans: Vec<FixturePlan> = show.rig.fixtures.iter().map(plan).collect();
    let bundles = lower::lower(show, &plans);
    let mut found: Vec<TooFast<'_>> = Vec::new();
    for (fixture, plan) in show.rig.fixtures.iter().zip(&plans).filter(|(one, _)| knows(one)) {
        for (head, part) in fixture.heads.clone().zip(&plan.parts) {
            let Some((tracks, member)) = bundles.of_head(head) else { continue };
            let lit = Light::of(tracks).in_frames(&(0..show.frames), member);
            for (attribute, axis, set) in axes(&fixture.setup) {
                let (Some(speed), Some(track)) = (set.speed, tracks.scalar(attribute)) else {
                    continue;
                };
                let rest = part.rest(attribute).unwrap_or(0.0);
                let way = Way {
                    show,
                    track,
                    head,
                    speed,
                    wanted: course_of(track, member, show.frames, rest),
                };
                for (cue, what) in way.turns().into_iter().chain(way.snaps(&lit)) {
                    note(&mut found, TooFast { cue, fixture, axis, what, speed, others: 0 });
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
    /// In the dark before the start, which is so many seconds.
    Mark(f64),
    End,
}

/// A cue that asks a head to turn too fast.
struct TooFast<'a> {
    cue: &'a Cue,
    fixture: &'a Fixture,
    axis: &'static str,
    what: What,
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
    if new.times() > old.times() {
        *old = new;
    }
    old.others = others;
}

impl TooFast<'_> {
    /// How many times as long it takes; what is wanted at once takes its seconds.
    fn times(&self) -> f64 {
        match self.what {
            What::Turn(asked) => asked / self.speed,
            What::Snap { degrees, .. } => degrees / self.speed,
        }
    }

    fn diagnostic(&self) -> Diagnostic {
        let Self { fixture, axis, .. } = self;
        let (name, speed) = (&fixture.id, self.speed.round());
        let others = match self.others {
            0 => String::new(),
            count => format!(", and {count} more with it"),
        };
        let times = self.times();
        let message = match self.what {
            What::Turn(asked) => {
                let asked = asked.round();
                format!(
                    "`{name}` would turn its {axis} at {asked}°/s{others}: it can do {speed}°/s"
                )
            }
            What::Snap { degrees, when } => {
                let when = match when {
                    When::Start => "as this starts",
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
        Diagnostic::warning("too-fast", self.cue.place.clone(), message).hint(self.hint(times))
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
struct Way<'a, 't> {
    show: &'a Show,
    track: &'t Track<Scalar>,
    head: u32,
    /// Degrees a second that it can do.
    speed: f64,
    /// Degrees in every frame.
    wanted: Vec<f64>,
}

impl<'a> Way<'a, '_> {
    /// The cues that ask for too much as they run.
    fn turns(&self) -> Vec<(&'a Cue, What)> {
        let mut found: Vec<(&Cue, f64)> = Vec::new();
        let mut last: Option<(Writer, Option<&Cue>)> = None;
        for (frame, pair) in (1..).zip(self.wanted.windows(2)) {
            let asked = (pair[1] - pair[0]).abs() * self.show.rate.as_f64();
            if asked <= self.speed * (1.0 + TOLERANCE) {
                continue;
            }
            let Some(now) = self.track.writer(frame) else { continue };
            if self.track.writer(frame - 1).as_ref() != Some(&now) {
                continue;
            }
            if last.as_ref().is_none_or(|known| known.0 != now) {
                let cue = self.cue_of(&now);
                last = Some((now, cue));
            }
            let Some((_, Some(cue))) = &last else { continue };
            match found.iter_mut().find(|known| std::ptr::eq(known.0, *cue)) {
                Some(known) => known.1 = known.1.max(asked),
                None => found.push((cue, asked)),
            }
        }
        found.into_iter().map(|(cue, asked)| (cue, What::Turn(asked))).collect()
    }

    /// The cues that want the head elsewhere at once, and are seen not to get it. `lit` says in
    /// which frames the head shines.
    fn snaps(&self, lit: &[bool]) -> Vec<(&'a Cue, What)> {
        let mut found = Vec::new();
        let rate = self.show.rate.as_f64();
        let most = self.speed / rate * (1.0 + TOLERANCE);
        let mut now = self.wanted.first().copied().unwrap_or(0.0);
        let mut snap: Option<(u32, f64)> = None;
        let mut seen = 0;
        for (frame, pair) in (1_u32..).zip(self.wanted.windows(2)) {
            let to_go = pair[1] - now;
            if (pair[1] - pair[0]).abs() > most && self.takes_over(frame) {
                (snap, seen) = (Some((frame, to_go.abs())), 0);
            }
            if to_go.abs() <= most {
                (now, snap) = (pair[1], None);
                continue;
            }
            now += most.copysign(to_go);
            seen += u32::from(lit.get(frame as usize).is_some_and(|lit| *lit));
            if f64::from(seen) > SEEN_SECONDS * rate
                && let Some((start, degrees)) = snap.take()
                && let Some((cue, when)) = self.asker(start)
            {
                found.push((cue, What::Snap { degrees, when }));
            }
        }
        found
    }

    /// Whether a frame is written by another cue than the one before.
    fn takes_over(&self, frame: u32) -> bool {
        self.track.writer(frame) != self.track.writer(frame - 1)
    }

    /// The cue that wants the head elsewhere from a frame on.
    fn asker(&self, frame: u32) -> Option<(&'a Cue, When)> {
        let before = self.track.writer(frame - 1);
        let Some(now) = self.track.writer(frame) else {
            return self.cue_of(&before?).map(|cue| (cue, When::End));
        };
        let dark = f64::from(now.frames.end - now.frames.start) / self.show.rate.as_f64();
        let marked = Writer { frames: now.frames.end..now.frames.end, ..now };
        if self.cues_of(&now).1.is_none()
            && let Some(cue) = self.cue_of(&marked).filter(|cue| cue.mark)
        {
            return Some((cue, When::Mark(dark)));
        }
        // A layer that ends gives way to what goes on below it.
        match before.filter(|before| before.layer > now.layer) {
            Some(before) => self.cue_of(&before).map(|cue| (cue, When::End)),
            None => self.cue_of(&now).map(|cue| (cue, When::Start)),
        }
    }

    /// The cue that writes a piece: of the layer, with this start and this head, and with this end
    /// if there is one.
    fn cue_of(&self, writer: &Writer) -> Option<&'a Cue> {
        let (last, exact) = self.cues_of(writer);
        exact.or(last)
    }

    /// The last cue with the start of a piece, and the last with its end too.
    fn cues_of(&self, Writer { layer, frames }: &Writer) -> (Option<&'a Cue>, Option<&'a Cue>) {
        let cues = self.show.layers.get(*layer as usize).map(|layer| &layer.cues);
        let frame = |seconds| self.show.rate.nearest_frame(seconds);
        let writes = |cue: &&Cue| {
            frame(cue.start) == frames.start
                && cue.selection.iter().any(|selected| selected.head == self.head)
        };
        let starts = || cues.into_iter().flatten().rev().filter(writes);
        let ends = |cue: &&Cue| frame(cue.end).max(frames.start) == frames.end;
        (starts().next(), starts().find(ends))
    }
}
