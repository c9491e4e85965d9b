//! Keys while a show plays.

use gobo_canvas::Header;
use gobo_play::{Desk, Remote, State, Status};

use super::status;
use crate::screen::Key;

/// How far a key moves the grand master.
const STEP_MASTER: f64 = 0.05;
/// How far an arrow goes, in seconds.
const STEP_SECONDS: f64 = 5.0;
/// How far into a show a step back leads to its start rather than to the show before.
const BACK_SECONDS: f64 = 3.0;

/// Turns keys into what the player is to do.
pub(super) struct Pilot {
    remote: Remote,
    desk: Desk,
    /// Seeks asked for so far.
    seeks: u64,
    /// Where the last of them goes.
    goal: f64,
}

impl Pilot {
    pub(super) fn new(remote: Remote, desk: Desk) -> Self {
        Self { remote, desk, seeks: 0, goal: 0.0 }
    }

    /// Does what a key wants, in a show with this header that is there now.
    pub(super) fn obey(&mut self, key: Key, header: &Header, state: &State) {
        // Keys may come faster than the player obeys: each goes on from where the last one leads.
        let place = if state.seeks < self.seeks { self.goal } else { state.seconds };
        match key {
            Key::Leave => self.remote.stop(),
            Key::Pause => self.remote.toggle(),
            Key::Left => self.seek(place - STEP_SECONDS),
            Key::Right => self.seek(place + STEP_SECONDS),
            Key::Up => self.seek(status::neighbour(header, place, false)),
            Key::Down => self.seek(status::neighbour(header, place, true)),
            Key::Go => self.remote.go(),
            Key::Next => self.remote.next(),
            // As players do: first back to the start.
            Key::Previous if state.status == Status::Playing && place > BACK_SECONDS => {
                self.seek(0.0);
            }
            Key::Previous => self.remote.previous(),
            Key::Blackout => self.desk.toggle_blackout(),
            Key::Freeze => self.desk.toggle_frozen(),
            Key::Brighter => self.desk.move_grand(STEP_MASTER),
            Key::Darker => self.desk.move_grand(-STEP_MASTER),
            // Of edits, which there are none of here.
            Key::SectionBefore | Key::SectionAfter | Key::Loop | Key::Again | Key::Details => {}
        }
    }

    fn seek(&mut self, seconds: f64) {
        (self.seeks, self.goal) = (self.seeks + 1, seconds.max(0.0));
        self.remote.seek(self.goal);
    }
}
