//! What a person or a program wants of a player that runs: newest wins, nothing waits.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use gobo_timecode::Told;
use triple_buffer::{Input, Output, triple_buffer};

/// The slowest and the fastest that a show is played.
const SPEEDS: std::ops::RangeInclusive<f64> = 0.1..=8.0;

/// What is wanted, whole, as of now.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Controls {
    pub(crate) playing: bool,
    pub(crate) speed: f64,
    pub(crate) repeat: bool,
    pub(crate) volume: f32,
    /// Rises with every seek.
    pub(crate) seek_serial: u64,
    /// Where the last seek goes, in seconds of the show.
    pub(crate) seek_seconds: f64,
    /// Rises with every go.
    pub(crate) go_serial: u64,
    /// Rises with every wish for the next show.
    pub(crate) next_serial: u64,
    /// Rises with every wish for the show before.
    pub(crate) previous_serial: u64,
    /// Whether no other show follows the one on stage.
    pub(crate) last: bool,
    pub(crate) stop: bool,
    /// Whether the last look is left to another player, which goes on with the same lights.
    pub(crate) hands_on: bool,
    /// When the show begins, where that is waited for.
    pub(crate) start_at: Option<Instant>,
    /// Where an outside clock is, in seconds of the show.
    pub(crate) told: Option<Told>,
}

impl Controls {
    /// What a show starts with.
    pub(crate) fn new(speed: f64, repeat: bool, volume: f32) -> Self {
        Self {
            playing: true,
            speed: clamped_speed(speed),
            repeat,
            volume,
            seek_serial: 0,
            seek_seconds: 0.0,
            go_serial: 0,
            next_serial: 0,
            previous_serial: 0,
            last: false,
            stop: false,
            hands_on: false,
            start_at: None,
            told: None,
        }
    }
}

fn clamped_speed(speed: f64) -> f64 {
    if speed.is_finite() { speed.clamp(*SPEEDS.start(), *SPEEDS.end()) } else { 1.0 }
}

/// A hand on a running player. Clones act on the same player, from any thread.
#[derive(Clone)]
pub struct Remote {
    // The lock is between remotes only: the player reads its end without one.
    wanted: Arc<Mutex<(Controls, Input<Controls>)>>,
}

impl Remote {
    pub(crate) fn new(controls: Controls) -> (Self, Output<Controls>) {
        let (input, output) = triple_buffer(&controls);
        (Self { wanted: Arc::new(Mutex::new((controls, input))) }, output)
    }

    fn lock(&self) -> MutexGuard<'_, (Controls, Input<Controls>)> {
        // Controls are whole at any moment, so a panic elsewhere does not spoil them.
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Controls)) {
        let (controls, input) = &mut *self.lock();
        change(controls);
        input.write(*controls);
    }

    /// Plays on.
    pub fn play(&self) {
        self.change(|controls| controls.playing = true);
    }

    /// Stands still; the look stays, the sound falls silent.
    pub fn pause(&self) {
        self.change(|controls| controls.playing = false);
    }

    /// Pauses what plays and plays what pauses.
    pub fn toggle(&self) {
        self.change(|controls| controls.playing = !controls.playing);
    }

    /// Goes to `seconds` of the show, within what is played.
    pub fn seek(&self, seconds: f64) {
        self.change(|controls| {
            controls.seek_serial += 1;
            controls.seek_seconds = seconds;
        });
    }

    /// Sets the speed, 0.1 to 8.0; at all but 1.0 the sound is mute.
    pub fn set_speed(&self, speed: f64) {
        self.change(|controls| controls.speed = clamped_speed(speed));
    }

    /// Whether the end leads back to the start; the sound is sought anew.
    pub fn set_repeat(&self, repeat: bool) {
        self.change(|controls| controls.repeat = repeat);
    }

    /// Sets the volume of the sound, 0.0 to 1.0.
    pub fn set_volume(&self, volume: f32) {
        self.change(|controls| controls.volume = volume.clamp(0.0, 1.0));
    }

    /// Brings on the next show, where it waits for that or the one on stage repeats.
    pub fn go(&self) {
        self.change(|controls| controls.go_serial += 1);
    }

    /// Brings on the next show at once, as soon as it is ready; the last one stays.
    pub fn next(&self) {
        self.change(|controls| controls.next_serial += 1);
    }

    /// Brings back the show before, as soon as it is ready; the first one stays.
    pub fn previous(&self) {
        self.change(|controls| controls.previous_serial += 1);
    }

    /// Leaves with the last look once the show on stage is over; in a gap, at once.
    pub fn leave_after(&self) {
        self.change(|controls| (controls.last, controls.repeat) = (true, false));
    }

    /// What is wanted by now.
    pub(crate) fn wanted(&self) -> Controls {
        self.lock().0
    }

    /// Says when the show begins, for one that waits for that ([`crate::Lead::Start`]); newest
    /// wins.
    pub fn start_at(&self, at: Instant) {
        self.change(|controls| controls.start_at = Some(at));
    }

    /// Says where the clock is, in seconds of the show, that the show follows
    /// ([`crate::Lead::Code`]).
    pub fn tell(&self, told: Told) {
        self.change(|controls| controls.told = Some(told));
    }

    /// Ends the show as it stands, without a last look: another player goes on with its lights.
    pub fn hand_on(&self) {
        self.change(|controls| (controls.stop, controls.hands_on) = (true, true));
    }

    /// Ends the show with its last look.
    pub fn stop(&self) {
        self.change(|controls| controls.stop = true);
    }
}
