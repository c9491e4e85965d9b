//! What goes out, seen by others on the way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use gobo_dmx::{SLOTS, Slots};
use gobo_output::Place;
use triple_buffer::{Input, Output, triple_buffer};

use crate::sink::{Faults, FrameSink};

/// A frame as it went out.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    /// When; none has gone out yet if there is none.
    pub at: Option<Instant>,
    /// Where in the show it is.
    pub place: Place,
    /// One [`Slots`] for each universe of the stage.
    pub frame: Box<[Slots]>,
}

/// A sink that lets a [`Tap`] see what goes through it: a copy of each frame while somebody
/// watches, and nothing otherwise. Newest wins.
pub struct Tapped<S> {
    sink: S,
    seen: Input<Sent>,
    place: Place,
    is_watched: Arc<AtomicBool>,
}

/// The eye on a [`Tapped`] sink.
pub struct Tap {
    seen: Output<Sent>,
    is_watched: Arc<AtomicBool>,
}

impl<S> Tapped<S> {
    /// Taps a sink whose frames have so many universes.
    pub fn new(sink: S, universes: usize) -> (Self, Tap) {
        let nothing = Sent { frame: vec![[0; SLOTS]; universes].into(), ..Sent::default() };
        let (input, seen) = triple_buffer(&nothing);
        let is_watched = Arc::new(AtomicBool::new(false));
        let tap = Tap { seen, is_watched: Arc::clone(&is_watched) };
        (Self { sink, seen: input, place: Place::default(), is_watched }, tap)
    }

    /// The sink itself.
    pub fn into_inner(self) -> S {
        self.sink
    }

    fn show(&mut self, now: Instant, frame: &[Slots]) {
        let seen = self.seen.input_buffer_mut();
        (seen.at, seen.place) = (Some(now), self.place);
        seen.frame.iter_mut().zip(frame).for_each(|(to, from)| *to = *from);
        self.seen.publish();
    }
}

impl Tap {
    /// Whether frames are copied from now on.
    pub fn watch(&self, watches: bool) {
        self.is_watched.store(watches, Ordering::Relaxed);
    }

    /// The newest frame that went out while it was watched, if it was not seen before.
    pub fn unseen(&mut self) -> Option<&Sent> {
        self.seen.update().then(|| self.seen.output_buffer())
    }

    /// The newest frame that went out while it was watched.
    pub fn newest(&mut self) -> &Sent {
        self.seen.read()
    }
}

impl<S: FrameSink> FrameSink for Tapped<S> {
    fn send(&mut self, now: Instant, frame: &[Slots]) {
        self.sink.send(now, frame);
        if self.is_watched.load(Ordering::Relaxed) {
            self.show(now, frame);
        }
    }

    fn place(&mut self, place: Place) {
        self.place = place;
        self.sink.place(place);
    }

    fn due(&self) -> Option<Instant> {
        self.sink.due()
    }

    fn turn(&mut self, now: Instant) {
        self.sink.turn(now);
    }

    fn finish(&mut self, last_look: &[Slots]) {
        self.sink.finish(last_look);
        if self.is_watched.load(Ordering::Relaxed) {
            self.show(Instant::now(), last_look);
        }
    }

    fn faults(&self) -> Faults {
        self.sink.faults()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes everything.
    struct Nowhere;

    impl FrameSink for Nowhere {
        fn send(&mut self, _now: Instant, _frame: &[Slots]) {}
        fn finish(&mut self, _last_look: &[Slots]) {}
        fn faults(&self) -> Faults {
            Faults::default()
        }
    }

    #[test]
    fn the_newest_frame_is_seen_once_and_only_while_watched() {
        let (mut sink, mut tap) = Tapped::new(Nowhere, 2);
        let now = Instant::now();
        sink.send(now, &[[1; SLOTS], [2; SLOTS]]);
        assert!(tap.unseen().is_none() && tap.newest().at.is_none());
        tap.watch(true);
        sink.send(now, &[[3; SLOTS], [4; SLOTS]]);
        sink.send(now, &[[5; SLOTS], [6; SLOTS]]);
        let sent = tap.unseen().expect("a frame went out");
        assert_eq!((sent.at, sent.frame[0][0], sent.frame[1][511]), (Some(now), 5, 6));
        assert!(tap.unseen().is_none());
        sink.finish(&[[0; SLOTS], [0; SLOTS]]);
        assert_eq!(tap.newest().frame[1][511], 0);
    }
}
