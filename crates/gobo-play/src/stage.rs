use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gobo_dmx::LastLook;
use triple_buffer::{Input, Output};

use crate::controls::Controls;
use crate::fade::Fade;
use crate::levels::Mixer;
use crate::lineup::Wings;
use crate::looks::Looks;
use crate::player::{Due, Tick};
use crate::{Cue, FrameSink, Gap, Program, State, Status, Transition};

/// How often a look is sent while no show is on stage.
const IDLE_PERIOD: Duration = Duration::from_millis(25);

/// The program that plays, those that follow, and the outputs: all that the real-time thread
/// turns.
///
/// A turn allocates nothing, frees nothing, takes no lock, logs nothing and opens nothing:
/// programs come ready through a ring and go back through another.
pub(crate) struct Stage<S: FrameSink> {
    controls: Output<Controls>,
    wanted: Controls,
    wings: Wings,
    /// The program whose show plays, or has ended and left its look.
    program: Option<Box<Program>>,
    /// The program that comes next, and since when it waits.
    waiting: Option<Box<Program>>,
    came: Instant,
    scene: Scene,
    looks: Looks,
    fade: Option<Fade>,
    /// Wishes for the next program that are met.
    skipped: u64,
    /// Whether any look was ever on stage.
    lit: bool,
    mixer: Mixer,
    sink: S,
    last_sent: Option<Instant>,
    /// Frames of a show sent one after another, up to two: before that, intervals are uneven.
    steady: u8,
    published: Input<State>,
    state: State,
    window: Window,
    finished: bool,
    memory_kept: Arc<AtomicBool>,
}

/// What happens on stage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Scene {
    /// A show plays.
    Show,
    /// A show is over since a moment that pauses push on, or none has begun; when it was looked
    /// at last, and the gos that were given by then.
    Between { since: Instant, seen: Instant, gos: u64 },
}

/// The second over which the frame rate is counted.
#[derive(Default)]
struct Window {
    start: Option<Instant>,
    sent: u64,
}

impl<S: FrameSink> Stage<S> {
    /// A stage of the mixer's universes, dark until the first program comes from the wings.
    pub(crate) fn new(
        mixer: Mixer,
        controls: Output<Controls>,
        wings: Wings,
        sink: S,
        published: Input<State>,
        now: Instant,
    ) -> Self {
        let mut controls = controls;
        let wanted = *controls.read();
        Self {
            controls,
            wanted,
            wings,
            program: None,
            waiting: None,
            came: now,
            scene: Scene::Between { since: now, seen: now, gos: wanted.go_serial },
            looks: Looks::new(mixer.universes()),
            fade: None,
            skipped: 0,
            lit: false,
            mixer,
            sink,
            last_sent: None,
            steady: 0,
            published,
            state: State::default(),
            window: Window::default(),
            finished: false,
            memory_kept: Arc::default(),
        }
    }

    /// Notes whether the system grants real-time priority.
    pub(crate) fn set_real_time(&mut self, granted: bool) {
        self.state.real_time = granted;
    }

    /// Where to see whether the process is never swapped out.
    pub(crate) fn see_memory_kept(&mut self, kept: Arc<AtomicBool>) {
        self.memory_kept = kept;
    }

    /// Does what is due at `now`; gives when to come again, or `None` at the end of the show.
    pub(crate) fn turn(&mut self, now: Instant) -> Option<Instant> {
        let is_over = self.wings.is_over();
        if self.wings.take(&mut self.waiting) {
            self.welcome(now);
        }
        self.wanted = *self.controls.read();
        if self.wanted.stop {
            self.finish(now);
            return None;
        }
        self.wait(now);
        if let Some(at) = self.cue(now) {
            self.change(at, now);
        }
        let mut fresh = self.advance(now);
        if fresh.is_none() {
            self.leave(now);
            if let Some(at) = self.cue(now) {
                self.change(at, now);
                fresh = self.advance(now);
            }
        }
        let is_last = self.is_last(is_over);
        if self.scene != Scene::Show && is_last {
            self.finish(now);
            return None;
        }
        self.light(fresh == Some(true), now);
        if self.sink.due().is_some_and(|due| due <= now) {
            self.sink.turn(now);
        }
        self.publish(now);
        let wake = self.wake(now);
        Some(self.sink.due().map_or(wake, |due| due.clamp(now, wake)))
    }

    /// Whether nothing follows the show on stage, the list being over or not.
    fn is_last(&mut self, is_over: bool) -> bool {
        let follows = self.waiting.as_ref().is_some_and(|next| next.entry.cue != Cue::InPlace);
        if is_over && !follows {
            // A wish for the next show is none for one that may come after a step back.
            self.skipped = self.wanted.next_serial;
        }
        self.wanted.last || is_over && !follows
    }

    /// Makes a program that has come ready for what is on stage.
    fn welcome(&mut self, now: Instant) {
        self.came = now;
        let Some(waiting) = &mut self.waiting else { return };
        if let (Cue::InPlace, Some(program)) = (waiting.entry.cue, &self.program) {
            waiting.meet(&program.player, now);
        }
    }

    /// Lets a pause push the next show back.
    fn wait(&mut self, now: Instant) {
        if let Scene::Between { since, seen, .. } = &mut self.scene {
            if !self.wanted.playing {
                *since += now.saturating_duration_since(*seen);
            }
            *seen = now;
        }
    }

    /// Since when the program that waits is due, if it is.
    fn cue(&mut self, now: Instant) -> Option<Instant> {
        let gap = match self.waiting.as_ref()?.entry.cue {
            Cue::Now => return Some(now),
            Cue::InPlace => return self.program.is_none().then_some(now),
            Cue::After(_) if self.wanted.last => return None,
            Cue::After(gap) => gap,
        };
        if self.skipped < self.wanted.next_serial {
            self.skipped += 1;
            return Some(now);
        }
        let called = |gos| (gos < self.wanted.go_serial).then_some(now);
        match (self.scene, gap) {
            (Scene::Between { since, .. }, Gap::Time(gap)) => {
                Some(since + gap).filter(|&due| due <= now)
            }
            (Scene::Between { gos, .. }, Gap::Go) => called(gos),
            // A show that repeats has no other end.
            (Scene::Show, _) => {
                let program = self.program.as_ref()?;
                called(program.gos).filter(|_| program.player.range().repeat)
            }
        }
    }

    /// Brings on the program that waits, which was due at `at`.
    fn change(&mut self, at: Instant, now: Instant) {
        let Some(mut program) = self.waiting.take() else { return };
        self.looks.hold(self.program.as_deref().map(|before| before.frames.current()));
        // A thread that was held up itself has nothing to say of the program.
        let unready = self.came.saturating_duration_since(at);
        if unready > program.period && self.lit {
            self.state.unready += 1;
            self.state.missing += (unready.as_nanos() / program.period.as_nanos()) as u64;
        }
        let is_late = now.saturating_duration_since(at) > program.period;
        let begun = if is_late { now } else { at };
        let begun = program.begun.take().unwrap_or(begun);
        self.steady = 0;
        program.gos = self.wanted.go_serial;
        program.player.take_over(self.wanted, begun);
        self.fade = match program.entry.transition {
            Transition::Fade(length) if self.lit => Some(Fade { begun, length }),
            _ => None,
        };
        self.scene = Scene::Show;
        self.put_on_stage(program);
    }

    fn put_on_stage(&mut self, program: Box<Program>) {
        self.wings.tell(program.number);
        self.state.program = program.number;
        if let Some(mut before) = self.program.replace(program) {
            before.player.hush();
            self.wings.give_back(before);
        }
    }

    /// Turns the show that plays: whether its next frame is ready, `None` if it is over.
    fn advance(&mut self, now: Instant) -> Option<bool> {
        if self.scene != Scene::Show {
            return Some(false);
        }
        let program = self.program.as_mut()?;
        let generation = program.player.generation();
        let tick = program.player.tick_as(self.wanted, now);
        program.follow_seeks(now);
        if program.player.generation() != generation {
            self.steady = 0;
        }
        if let Some(waiting) = &mut self.waiting
            && waiting.entry.cue == Cue::InPlace
            && program.player.generation() != generation
        {
            waiting.meet(&program.player, now);
        }
        match tick {
            Tick::Frame(due) => {
                self.replace(due.turn, now);
                self.count(due, now);
            }
            Tick::Same => self.replace_standing(now),
            Tick::End => return None,
        }
        Some(self.program.as_mut()?.take())
    }

    /// Puts another version in the place of a show that stands, which shows its frame anew.
    fn replace_standing(&mut self, now: Instant) {
        let Some(player) = self.program.as_ref().map(|program| &program.player) else { return };
        let turn = player.turn(now);
        if player.stands() && self.replace(turn, now) {
            let program = self.program.as_mut();
            program.into_iter().for_each(|program| program.want_again(turn));
        }
    }

    /// Puts another version in the place of the show that plays, once it has the frame that is due;
    /// whether it does.
    fn replace(&mut self, turn: u32, now: Instant) -> bool {
        let Some(before) = &mut self.program else { return false };
        let Some(mut other) = self.waiting.take_if(|waiting| waiting.can_replace(turn)) else {
            return false;
        };
        let transition = other.entry.transition;
        if self.fade.is_none() || matches!(transition, Transition::Fade(_)) {
            self.looks.hold(Some(before.frames.current()));
        }
        other.replace(before, now);
        other.gos = before.gos;
        if let Transition::Fade(length) = transition {
            self.fade = Some(Fade { begun: now, length });
        }
        self.put_on_stage(other);
        true
    }

    /// Leaves the stage to what follows the show that is over.
    fn leave(&mut self, now: Instant) {
        let Some(program) = &self.program else { return };
        let due = program.player.end_due();
        let is_just_over = |due| due <= now && now - due <= program.period;
        let since = due.filter(|&due| is_just_over(due)).unwrap_or(now);
        self.looks.hold(Some(program.frames.current()));
        self.scene = Scene::Between { since, seen: now, gos: self.wanted.go_serial };
        self.fade = None;
    }

    fn count(&mut self, due: Due, now: Instant) {
        let Some(program) = &mut self.program else { return };
        program.skip_to(due, now);
        self.state.missing += u64::from(program.want(due, now));
        self.state.dropped += u64::from(due.dropped);
        self.state.lateness.count(due.lateness, program.period);
        self.state.frame = due.frame;
    }

    /// Sends the look of `now`, if it is a new one or one that was not sent for a frame's time.
    fn light(&mut self, fresh: bool, now: Instant) {
        let is_between = self.scene != Scene::Show;
        self.lit |= fresh || is_between && self.waiting.is_some();
        // A look that stays is sent again, so that outputs can keep their targets alive; not one of
        // the place before, when the frame of another is on its way.
        let period = self.period();
        let has_left = self.program.as_ref().is_some_and(|program| program.has_left_at(now));
        let stale = |sent| !has_left && now.saturating_duration_since(sent) >= period * 9 / 10;
        if self.lit && (fresh || self.last_sent.is_none_or(stale)) {
            self.look(fresh, now);
            self.send(fresh, now);
        }
    }

    /// Settles which look is on stage.
    fn look(&mut self, fresh: bool, now: Instant) {
        let Some(program) = &self.program else { return };
        if self.scene != Scene::Show {
            // Until the next show is ready, nobody knows what it wants.
            let transition = self.waiting.as_ref().map(|waiting| waiting.entry.transition);
            let is_lit = match transition {
                Some(Transition::Cut) => program.last_look == LastLook::Hold,
                Some(Transition::Blackout) => false,
                Some(Transition::Hold | Transition::Fade(_)) | None => true,
            };
            self.looks.show_held(is_lit);
            return;
        }
        let live = program.frames.current();
        match self.fade.and_then(|fade| fade.part(now)) {
            Some(part) if fresh || self.looks.is_mixed() => {
                self.looks.show_mixed(live, part, &program.wide);
            }
            Some(_) => {}
            None => {
                self.fade = None;
                if fresh || self.looks.is_mixed() {
                    self.looks.show_live();
                }
            }
        }
    }

    fn send(&mut self, fresh: bool, now: Instant) {
        let live = self.program.as_deref().map(|program| program.frames.current());
        self.sink.place(self.program.as_deref().map(Program::place).unwrap_or_default());
        self.sink.send(now, self.mixer.mix(now, self.looks.shown(live)));
        let last = self.last_sent.replace(now);
        if !fresh || self.wanted.speed < 1.0 {
            self.steady = 0;
        } else if self.steady < 2 {
            self.steady += 1;
        } else if let Some(last) = last {
            let interval = now.saturating_duration_since(last);
            self.state.jitter.add(interval.abs_diff(self.period()));
        }
        self.state.sent += 1;
    }

    fn period(&self) -> Duration {
        self.program.as_ref().map_or(IDLE_PERIOD, |program| program.period)
    }

    fn wake(&self, now: Instant) -> Instant {
        match (self.scene, &self.program) {
            (Scene::Show, Some(program)) => program.player.wake(now),
            (Scene::Between { since, .. }, _) => {
                let next = now + self.period();
                match self.waiting.as_ref().map(|waiting| waiting.entry.cue) {
                    Some(Cue::After(Gap::Time(gap))) if self.wanted.playing => {
                        next.min((since + gap).max(now))
                    }
                    _ => next,
                }
            }
            (Scene::Show, None) => now + IDLE_PERIOD,
        }
    }

    fn measure_rate(&mut self, now: Instant) {
        let Some(start) = self.window.start else {
            self.window = Window { start: Some(now), sent: self.state.sent };
            return;
        };
        let elapsed = now.saturating_duration_since(start);
        if elapsed >= Duration::from_secs(1) {
            let sent = self.state.sent - self.window.sent;
            self.state.rate = sent as f64 / elapsed.as_secs_f64();
            self.window = Window { start: Some(now), sent: self.state.sent };
        }
    }

    fn publish(&mut self, now: Instant) {
        self.measure_rate(now);
        self.state.status = self.status();
        self.state.at = Some(now);
        self.state.next = self.waiting.as_ref().map(|waiting| waiting.number);
        self.state.speed = self.wanted.speed;
        self.state.seeks = self.wanted.seek_serial;
        self.state.course = None;
        if let Some(program) = &mut self.program {
            if self.scene == Scene::Show {
                self.state.seconds = program.player.place(now).as_secs_f64();
                self.state.course = Some(program.player.course());
            }
            self.state.code = program.player.code();
            self.state.repeat = program.player.range().repeat;
            self.state.sound = program.player.sound(now);
        }
        self.state.faults = self.sink.faults();
        self.state.levels = self.mixer.state();
        self.state.memory_kept = self.memory_kept.load(Ordering::Relaxed);
        self.published.write(self.state);
    }

    fn status(&self) -> Status {
        let waits_for = self.waiting.as_ref().map(|waiting| waiting.entry.cue);
        match (&self.program, self.scene) {
            _ if self.finished => Status::Ended,
            (Some(program), Scene::Show) => program.player.status(),
            (_, Scene::Between { .. }) if waits_for == Some(Cue::After(Gap::Go)) => Status::Standby,
            (Some(_), Scene::Between { .. }) => Status::Between,
            (None, _) => Status::Waiting,
        }
    }

    /// Leaves the last look, once.
    pub(crate) fn finish(&mut self, now: Instant) {
        if std::mem::replace(&mut self.finished, true) {
            return;
        }
        if let Some(program) = &mut self.program {
            program.player.hush();
        }
        let program = self.program.as_deref();
        let shown = self.looks.shown(program.map(|program| program.frames.current()));
        let last_look = match program.map(|program| program.last_look) {
            Some(LastLook::Hold) if self.lit => self.mixer.mix(now, shown),
            _ => self.mixer.dark(now, shown),
        };
        // Lights that a show never touched are not its to leave, nor those that another goes on with.
        let is_ours = self.lit || !program.is_some_and(|program| program.player.is_dark());
        if is_ours && !self.wanted.hands_on {
            self.sink.finish(last_look);
        }
        self.publish(now);
    }

    /// The outputs, after the end.
    pub(crate) fn into_sink(self) -> S {
        self.sink
    }
}

#[cfg(test)]
mod tests;
