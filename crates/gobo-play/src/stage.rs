use std::time::{Duration, Instant};

use gobo_dmx::{LastLook, SLOTS, Slots};
use triple_buffer::Input;

use crate::ahead::{Frames, Order, Taken};
use crate::player::{Due, Player, Tick};
use crate::{FrameSink, State, Status};

/// How long frames of another place may take to be decoded before they count as missing.
const SEEK_GRACE: Duration = Duration::from_millis(100);

/// A player with its frames and its outputs: all that the real-time thread turns.
///
/// A turn allocates nothing, takes no lock, logs nothing and opens nothing.
pub(crate) struct Stage<S: FrameSink> {
    player: Player,
    frames: Frames,
    sink: S,
    published: Input<State>,
    state: State,
    last_look: LastLook,
    blackout: Box<[Slots]>,
    period: Duration,
    /// A frame that is due and not decoded yet.
    pending: Option<u32>,
    /// Until when a frame that is not there is the price of a seek.
    excused: Option<Instant>,
    /// Whether any frame was ever on stage.
    lit: bool,
    last_sent: Option<Instant>,
    window: Window,
    finished: bool,
}

/// The second over which the frame rate is counted.
#[derive(Default)]
struct Window {
    start: Option<Instant>,
    sent: u64,
}

impl<S: FrameSink> Stage<S> {
    pub(crate) fn new(
        player: Player,
        frames: Frames,
        sink: S,
        published: Input<State>,
        last_look: LastLook,
        period: Duration,
    ) -> Self {
        let blackout = vec![[0; SLOTS]; frames.current().len()].into_boxed_slice();
        Self {
            player,
            frames,
            sink,
            published,
            state: State::default(),
            last_look,
            blackout,
            period,
            pending: None,
            excused: None,
            lit: false,
            last_sent: None,
            window: Window::default(),
            finished: false,
        }
    }

    /// Notes whether the system grants real-time priority.
    pub(crate) fn set_real_time(&mut self, granted: bool) {
        self.state.real_time = granted;
    }

    /// Notes whether the process is never swapped out.
    pub(crate) fn set_memory_kept(&mut self, kept: bool) {
        self.state.memory_kept = kept;
    }

    /// Does what is due at `now`; gives when to come again, or `None` at the end of the show.
    pub(crate) fn turn(&mut self, now: Instant) -> Option<Instant> {
        let tick = self.player.tick(now);
        if self.frames.generation() != self.player.generation() {
            self.frames.order(Order {
                generation: self.player.generation(),
                turn: self.player.turn(now),
                range: self.player.range(),
            });
            (self.pending, self.excused) = (None, Some(now + SEEK_GRACE));
        }
        match tick {
            Tick::Frame(due) => self.count(due, now),
            Tick::Same => {}
            Tick::End => {
                self.finish(now);
                return None;
            }
        }
        let fresh = self.pending.is_some_and(|turn| self.frames.take(turn) == Taken::Fresh);
        if fresh {
            (self.pending, self.excused, self.lit) = (None, None, true);
        }
        // A look that stays is sent again, so that outputs can keep their targets alive.
        let stale = |sent| now.saturating_duration_since(sent) >= self.period * 9 / 10;
        if self.lit && (fresh || self.last_sent.is_none_or(stale)) {
            self.send(now);
        }
        if self.sink.due().is_some_and(|due| due <= now) {
            self.sink.turn(now);
        }
        self.publish(now);
        let wake = self.player.wake(now);
        Some(self.sink.due().map_or(wake, |due| due.clamp(now, wake)))
    }

    fn count(&mut self, due: Due, now: Instant) {
        let excused = self.excused.is_some_and(|until| now < until);
        self.state.missing += u64::from(self.pending.is_some() && !excused);
        self.state.dropped += u64::from(due.dropped);
        self.state.lateness.count(due.lateness, self.period);
        self.state.frame = due.frame;
        self.pending = Some(due.turn);
    }

    fn send(&mut self, now: Instant) {
        self.sink.send(now, self.frames.current());
        self.last_sent = Some(now);
        self.state.sent += 1;
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
        self.state.status = if self.finished { Status::Ended } else { self.player.status() };
        self.state.seconds = self.player.place(now).as_secs_f64();
        self.state.speed = self.player.speed();
        self.state.repeat = self.player.range().repeat;
        self.state.seeks = self.player.seeks();
        self.state.sound = self.player.sound(now);
        self.state.faults = self.sink.faults();
        self.published.write(self.state);
    }

    /// Leaves the last look, once.
    pub(crate) fn finish(&mut self, now: Instant) {
        if std::mem::replace(&mut self.finished, true) {
            return;
        }
        let last_look = match self.last_look {
            LastLook::Hold if self.lit => self.frames.current(),
            _ => &self.blackout,
        };
        self.sink.finish(last_look);
        self.publish(now);
    }

    /// The outputs, after the end.
    pub(crate) fn into_sink(self) -> S {
        self.sink
    }
}

#[cfg(test)]
mod tests;
