//! How the clock and the sound keep together, part, and come together again.

use std::time::{Duration, Instant};

use gobo_audio::{Heard, SoundFault};

use super::lead::heard_at;
use super::{Applied, Leash, Player, SILENCE};
use crate::{Clock, Soundtrack};

/// Blocks of a sound device whose times are rough after a start.
pub(super) const ROUGH_BLOCKS: u64 = 8;
/// How long the show waits for its sound to begin.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How long a device must keep to a place far from the clock's to be believed: one that dies
/// may swallow all it is given in an instant.
const CONFIRMATION: Duration = Duration::from_millis(250);
/// From telling the sound to fall in to when it does: what is under way in a device has been
/// heard by then, and the place it falls in at is decoded.
const LEAD: Duration = Duration::from_millis(500);

impl Player {
    /// Follows the sound, if there is one to follow.
    pub(super) fn listen(&mut self, now: Instant) {
        let Some(sound) = &mut self.sound else { return };
        if self.leash == Leash::Free || !self.applied.playing {
            return;
        }
        match sound.fault() {
            Some(SoundFault::DeviceLost) => return self.part(now),
            Some(SoundFault::Interrupted) => return self.join(now),
            Some(SoundFault::SongDamaged) | None => {}
        }
        let heard = sound.heard().filter(|heard| heard.running);
        let late = |since| now.saturating_duration_since(since) > PATIENCE;
        match (self.leash, heard) {
            (Leash::Waiting { .. }, Some(heard)) => self.begin(heard, now),
            (Leash::Following | Leash::Joining { .. }, Some(heard)) => self.follow(heard, now),
            (Leash::Apart, Some(heard)) if !is_old(heard, now) => self.find(heard, now),
            (Leash::Waiting { since } | Leash::Joining { since }, None) if late(since) => {
                self.part(now);
            }
            _ => {}
        }
    }

    /// The sound begins, or goes on after a pause: so does the clock, as the place where it
    /// stands is heard, or would have been.
    fn begin(&mut self, heard: Heard, now: Instant) {
        let position = self.clock.position(now);
        let error = self.error(heard.seconds, position);
        let ahead = Duration::try_from_secs_f64(error.abs()).unwrap_or_default();
        let at = match error > 0.0 {
            true => heard.at.checked_sub(ahead).unwrap_or(now),
            false => heard.at + ahead,
        };
        self.clock.set_running(true, now);
        self.clock.seek(position, at);
        self.leash = Leash::Following;
    }

    fn follow(&mut self, heard: Heard, now: Instant) {
        if is_old(heard, now) {
            return self.part(now);
        }
        self.leash = Leash::Following;
        if heard.blocks < ROUGH_BLOCKS {
            return;
        }
        let error = self.error_of(heard, now);
        if Clock::is_far(error) {
            let since = *self.doubt.get_or_insert(heard.at);
            if heard.at.saturating_duration_since(since) < CONFIRMATION {
                self.clock.run_free(now);
                return;
            }
        }
        self.doubt = None;
        self.work_off(error, now);
    }

    /// Bends the clock to a truth that is `error` seconds ahead, or goes there at once.
    pub(super) fn work_off(&mut self, error: f64, now: Instant) {
        if self.clock.follow(error, now) {
            self.generation += 1;
            self.last_turn = None;
        }
    }

    /// The sound is not to be had: the clock goes on by itself.
    fn part(&mut self, now: Instant) {
        if self.leash == Leash::Apart {
            return;
        }
        (self.leash, self.doubt) = (Leash::Apart, None);
        self.clock.run_free(now);
        self.clock.set_running(true, now);
    }

    /// The sound can be had again: it falls in where the show will be, and the show goes on.
    pub(super) fn join(&mut self, now: Instant) {
        self.part(now);
        let due = now + LEAD;
        let place = self.place(due).as_secs_f64() + self.song_ahead;
        let repeat = self.song_repeat();
        if let Some(sound) = &mut self.sound {
            sound.join(place, due, repeat);
            self.leash = Leash::Joining { since: now };
        }
    }

    /// Has a sound to start with.
    pub(crate) fn provide(&mut self, sound: Option<Box<dyn Soundtrack>>) {
        self.sound = sound;
    }

    /// Changes sounds with another player, which falls silent. What is to be heard now falls in
    /// with the light, and the show goes on meanwhile.
    pub(crate) fn take_sound(&mut self, from: &mut Self, now: Instant) {
        std::mem::swap(&mut self.sound, &mut from.sound);
        std::mem::swap(&mut self.song_ahead, &mut from.song_ahead);
        from.hush();
        let volume = self.applied.volume;
        if let Some(sound) = &mut self.sound {
            sound.set_volume(volume);
        }
        let Applied { playing, audible, .. } = self.applied_now();
        if playing && audible && !self.is_at_its_end() {
            self.join(now);
        } else if audible {
            self.go_to(self.place(now), now);
        } else {
            self.part(now);
            self.leash = Leash::Free;
            self.clock.set_running(playing, now);
        }
    }

    /// A device takes sound again, or at last: if it is not that of this moment, it falls in anew.
    fn find(&mut self, heard: Heard, now: Instant) {
        if Clock::is_far(self.error_of(heard, now)) {
            self.join(now);
        } else {
            self.leash = Leash::Following;
        }
    }

    /// How far what is heard is ahead of the clock, in seconds.
    fn error_of(&self, heard: Heard, now: Instant) -> f64 {
        self.error(heard_at(&heard, now), self.clock.position(now))
    }

    /// How far a place in the song is ahead of a position of the clock, the short way round
    /// when the show repeats.
    pub(super) fn error(&self, song_seconds: f64, position: Duration) -> f64 {
        let error = song_seconds - self.song_ahead - position.as_secs_f64();
        match self.range.repeated_seconds(self.rate) {
            Some((from, to)) if position.as_secs_f64() >= from && from < to => {
                let length = to - from;
                error - length * (error / length).round()
            }
            _ => error,
        }
    }
}

/// Whether a device that told of this has fallen silent since.
fn is_old(heard: Heard, now: Instant) -> bool {
    now.saturating_duration_since(heard.at) > SILENCE
}
