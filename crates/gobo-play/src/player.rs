mod lead;
mod listen;

use std::time::{Duration, Instant};

use gobo_audio::{Heard, SoundFault};
use gobo_dmx::FrameRate;
use triple_buffer::Output;

use crate::controls::Controls;
use crate::{Clock, Course, Range, Remote, SoundState, Soundtrack, Status};
pub use lead::Lead;
use lead::Led;

/// A device that has taken nothing for this long has fallen silent.
const SILENCE: Duration = Duration::from_secs(1);

/// Decides which frame is due: clock, transport and controls in one, without threads.
///
/// It is ticked with the time and never asks for it. It allocates nothing once made.
pub struct Player {
    rate: FrameRate,
    range: Range,
    clock: Clock,
    sound: Option<Box<dyn Soundtrack>>,
    leash: Leash,
    led: Led,
    /// What is added to a place in the show to get the place in the song.
    song_ahead: f64,
    controls: Output<Controls>,
    applied: Controls,
    /// Since when the sound is heard far from where the clock is.
    doubt: Option<Instant>,
    generation: u64,
    last_turn: Option<u32>,
    /// When the frame on stage was due, since the last seek or pause.
    shown: Option<Instant>,
    /// Whether it stands on its last frame once it is there, rather than being over.
    stays: bool,
}

/// What ties the clock to the sound.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Leash {
    /// Nothing: no sound, or none that can be used now.
    Free,
    /// The clock stands until the sound begins.
    Waiting { since: Instant },
    /// The clock follows what is heard.
    Following,
    /// The clock runs, and the sound that falls in with it is yet to be heard.
    Joining { since: Instant },
    /// The clock runs by itself until there is a sound to fall in with it.
    Apart,
}

/// What a tick finds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Tick {
    /// Another frame is due.
    Frame(Due),
    /// The frame on stage stays.
    Same,
    /// The show is over, or was stopped.
    End,
}

/// A frame whose time has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Due {
    /// The frame of the show.
    pub frame: u32,
    /// The frame, counted on over repeats; see [`Range`].
    pub turn: u32,
    /// How long ago it became due; zero for the first after a seek.
    pub lateness: Duration,
    /// Frames left out since the one before, beyond what the speed leaves out.
    pub dropped: u32,
}

/// How a player begins.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Start {
    /// Frames a second of the show.
    pub rate: FrameRate,
    /// The frames to play.
    pub range: Range,
    /// The frame to begin with.
    pub frame: u32,
    /// The speed, 1.0 as written.
    pub speed: f64,
    /// What is added to a place in the show, in seconds, to get the place in the song.
    pub song_ahead: f64,
    /// The volume of the sound, 0.0 to 1.0.
    pub volume: f32,
}

impl Player {
    /// A player that starts at `now`, and the remote for it.
    pub fn new(start: &Start, sound: Option<Box<dyn Soundtrack>>, now: Instant) -> (Self, Remote) {
        Self::made(start, sound, now, true)
    }

    /// A player that waits at its start, with its sound, until it takes over.
    pub(crate) fn standby(start: &Start, sound: Option<Box<dyn Soundtrack>>) -> Self {
        Self::made(start, sound, Instant::now(), false).0
    }

    fn made(
        start: &Start,
        sound: Option<Box<dyn Soundtrack>>,
        now: Instant,
        playing: bool,
    ) -> (Self, Remote) {
        let controls = Controls::new(start.speed, start.range.repeat, start.volume);
        let controls = Controls { playing, ..controls };
        let (remote, output) = Remote::new(controls);
        let position = start.rate.time_of(start.frame.min(start.range.end.saturating_sub(1)));
        let mut player = Self {
            rate: start.rate,
            range: start.range,
            clock: Clock::new(position, now),
            sound,
            leash: Leash::Free,
            led: Led::default(),
            song_ahead: start.song_ahead,
            controls: output,
            applied: controls,
            doubt: None,
            generation: 0,
            last_turn: None,
            shown: None,
            stays: false,
        };
        if let Some(sound) = &mut player.sound {
            sound.set_volume(controls.volume);
        }
        player.clock.set_speed(controls.speed, now);
        player.go_to(position, now);
        (player, remote)
    }

    /// What is due at `now`, a time that does not run backwards.
    pub fn tick(&mut self, now: Instant) -> Tick {
        let wanted = *self.controls.read();
        self.tick_as(wanted, now)
    }

    /// Begins at `at`, having stood by, as the controls are by then.
    pub(crate) fn take_over(&mut self, wanted: Controls, at: Instant) {
        self.applied = wanted;
        if let Some(sound) = &mut self.sound {
            sound.set_volume(wanted.volume);
            if wanted.speed != 1.0 {
                self.leash = Leash::Free;
            }
        }
        self.clock.set_speed(wanted.speed, at);
        self.set_playing(at);
    }

    /// Plays another canvas on from where this one is; the clock and the sound go on.
    pub(crate) fn go_on_with(&mut self, range: Range, rate: FrameRate, now: Instant) {
        let place = self.place(now);
        let range = Range { repeat: self.range.repeat, ..range };
        let is_past = !range.repeat && self.turn(now) >= range.end;
        let is_alike = rate == self.rate && (range == self.range || !range.repeat) && !is_past;
        (self.range, self.rate) = (range, rate);
        if !is_alike {
            self.go_to(place, now);
        }
    }

    /// Whether it stands on its last frame once it is there, instead of being over.
    pub(crate) fn stay_at_end(&mut self, stays: bool) {
        self.stays = stays;
    }

    /// Whether its clock stands.
    pub(crate) fn stands(&self) -> bool {
        !self.clock.is_running()
    }

    /// Makes frames of this generation those of the place where the player is.
    pub(crate) fn adopt(&mut self, generation: u64) {
        self.generation = generation;
    }

    /// What a remote for it starts with.
    pub(crate) fn controls(&self) -> Controls {
        Controls { playing: true, ..self.applied }
    }

    /// Falls silent for good.
    pub(crate) fn hush(&mut self) {
        if let Some(sound) = &mut self.sound {
            sound.set_playing(false);
        }
    }

    /// When the end was due.
    pub(crate) fn end_due(&self) -> Option<Instant> {
        self.clock.when(self.rate.time_of(self.range.end))
    }

    /// [`Player::tick`], with what is wanted by now.
    pub(crate) fn tick_as(&mut self, wanted: Controls, now: Instant) -> Tick {
        self.obey(wanted, now);
        // Following the sound begins a new line at `now`; when a frame was due lies on the old.
        let clock = self.clock;
        self.heed(now);
        self.listen(now);
        if self.led.is_dark && !self.applied.stop {
            return Tick::Same;
        }
        let turn = self.turn(now);
        let frame = self.range.frame(turn).filter(|_| !self.applied.stop);
        let Some(frame) = frame else {
            if let Some(sound) = &mut self.sound {
                sound.set_playing(false);
            }
            if !self.stays || self.applied.stop {
                return Tick::End;
            }
            self.clock.seek(self.rate.time_of(self.range.end - 1), now);
            self.clock.set_running(false, now);
            return Tick::Same;
        };
        let (due, dropped) = match self.last_turn {
            Some(last) if last == turn => return Tick::Same,
            Some(last) => {
                let expected = last.saturating_add(self.stride());
                (self.due(turn, &clock).unwrap_or(now), turn.saturating_sub(expected))
            }
            None => (now, 0),
        };
        let lateness = now.saturating_duration_since(due);
        self.shown = Some(if lateness > self.rate.time_of(1) { now } else { due });
        self.last_turn = Some(turn);
        Tick::Frame(Due { frame, turn, lateness, dropped })
    }

    /// When to tick again: as the next frame becomes due, and often enough for controls.
    pub fn wake(&self, now: Instant) -> Instant {
        let period = self.rate.time_of(1);
        let next_turn = self.last_turn.map_or(0, |last| last.saturating_add(1));
        match self.due(next_turn, &self.clock) {
            // A clock that is slowed down a little must not be asked twice a frame.
            Some(due) if self.clock.is_running() => due.clamp(now, now + period * 3 / 2),
            _ => self.led.wake(now, now + period),
        }
    }

    /// When a turn is due, if the clock runs. A show that plays faster than its frame rate can
    /// show keeps the rate: what is due is whichever turn it has come to a frame's time later.
    fn due(&self, turn: u32, clock: &Clock) -> Option<Instant> {
        let Some(shown) = self.shown.filter(|_| self.pace() > 1.0) else {
            return clock.when(self.rate.time_of(turn));
        };
        let period = self.rate.time_of(1);
        let next = shown + period;
        // At twice the speed every second turn begins just then: rounding must not miss it.
        let turn = self.rate.frame_at(clock.position(next + period / 16));
        clock.when(self.rate.time_of(turn)).map(|begun| begun.max(next))
    }

    /// Turns from one frame sent to the next: more than one when the show plays faster than
    /// its frame rate can show.
    fn stride(&self) -> u32 {
        self.pace().ceil().max(1.0) as u32
    }

    /// The frame due at `now`, counted on over repeats.
    pub fn turn(&self, now: Instant) -> u32 {
        self.rate.frame_at(self.clock.position(now))
    }

    /// The place in the show.
    pub fn place(&self, now: Instant) -> Duration {
        self.range.place(self.clock.position(now), self.rate)
    }

    /// Frames a second.
    pub(crate) fn rate(&self) -> FrameRate {
        self.rate
    }

    /// Where the show is and how it goes on.
    pub fn course(&self) -> Course {
        let moving = !self.led.is_dark && self.clock.is_running();
        Course { clock: self.clock, moving, range: self.range, rate: self.rate }
    }

    /// What is played.
    pub fn range(&self) -> Range {
        self.range
    }

    /// The speed, 1.0 as written.
    pub fn speed(&self) -> f64 {
        self.applied.speed
    }

    /// The speed, or that of the code that is followed.
    fn pace(&self) -> f64 {
        if self.led.is_by_code() { self.clock.speed() } else { self.applied.speed }
    }

    /// Seeks of the remote obeyed so far.
    pub fn seeks(&self) -> u64 {
        self.applied.seek_serial
    }

    /// Rises with every seek: frames decoded for an earlier generation are stale.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// What the player does.
    pub fn status(&self) -> Status {
        match self.leash {
            _ if !self.applied.playing || self.is_at_its_end() => Status::Paused,
            _ if self.led.waits() => Status::Waiting,
            Leash::Waiting { .. } => Status::Waiting,
            _ => Status::Playing,
        }
    }

    /// Whether it stands on its last frame.
    fn is_at_its_end(&self) -> bool {
        self.stays && self.stands() && self.last_turn == Some(self.range.end - 1)
    }

    /// How the sound fares.
    pub fn sound(&mut self, now: Instant) -> SoundState {
        let leash = self.leash;
        let Some(sound) = &mut self.sound else { return SoundState::None };
        let silent = |heard: Heard| now.saturating_duration_since(heard.at) > SILENCE;
        match (sound.fault(), leash) {
            (Some(SoundFault::DeviceLost), _) => SoundState::Lost,
            (Some(SoundFault::SongDamaged), _) => SoundState::Damaged,
            (_, Leash::Free) => SoundState::Muted,
            (_, Leash::Waiting { .. } | Leash::Joining { .. }) => SoundState::Followed,
            (_, Leash::Apart) => SoundState::Silent,
            (_, Leash::Following) => match sound.heard() {
                Some(heard) if !silent(heard) => SoundState::Followed,
                _ => SoundState::Silent,
            },
        }
    }

    fn obey(&mut self, wanted: Controls, now: Instant) {
        let before = std::mem::replace(&mut self.applied, wanted);
        if wanted.volume != before.volume
            && let Some(sound) = &mut self.sound
        {
            sound.set_volume(wanted.volume);
        }
        let place = self.place(now);
        if wanted.speed != before.speed && !self.led.is_by_code() {
            self.clock.set_speed(wanted.speed, now);
        }
        if wanted.repeat != before.repeat {
            self.range.repeat = wanted.repeat;
        }
        if self.led.is_by_code() {
            if wanted.playing != before.playing {
                self.set_playing(now);
            }
        } else if wanted.seek_serial != before.seek_serial {
            let seconds = wanted.seek_seconds.max(0.0);
            let place = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
            self.go_to(place, now);
        } else if wanted.repeat != before.repeat || wanted.speed != before.speed {
            self.go_to(place, now);
        } else if wanted.playing != before.playing {
            self.set_playing(now);
        }
    }

    /// Goes to `place`, or the last frame, with the sound if it can be heard.
    fn go_to(&mut self, place: Duration, now: Instant) {
        let place = place.min(self.rate.time_of(self.range.end.saturating_sub(1)));
        self.clock.seek(place, now);
        self.generation += 1;
        (self.last_turn, self.shown) = (None, None);
        let Applied { playing, audible, lost } = self.applied_now();
        let repeat = self.song_repeat();
        self.leash = if audible { Leash::Apart } else { Leash::Free };
        if let Some(sound) = &mut self.sound {
            if audible && !lost {
                sound.start(place.as_secs_f64() + self.song_ahead, repeat, playing);
                self.leash = Leash::Waiting { since: now };
            } else {
                sound.set_playing(false);
            }
        }
        let waits = matches!(self.leash, Leash::Waiting { .. });
        self.clock.set_running(playing && !waits, now);
    }

    fn applied_now(&self) -> Applied {
        let fault = self.sound.as_ref().and_then(|sound| sound.fault());
        let led = self.led.is_dark || self.led.is_by_code();
        Applied {
            playing: self.applied.playing && !led,
            audible: self.sound.is_some() && self.applied.speed == 1.0 && !self.led.is_dark,
            lost: fault == Some(SoundFault::DeviceLost),
        }
    }

    fn set_playing(&mut self, now: Instant) {
        self.shown = None;
        let Applied { playing, .. } = self.applied_now();
        self.leash = match self.leash {
            Leash::Free => Leash::Free,
            Leash::Apart => Leash::Apart,
            // What was to be heard at a moment that passes in a pause must begin anew.
            Leash::Joining { .. } if playing => return self.join(now),
            Leash::Joining { since } => Leash::Joining { since },
            Leash::Following if !playing => Leash::Following,
            Leash::Waiting { .. } | Leash::Following => Leash::Waiting { since: now },
        };
        let waits = matches!(self.leash, Leash::Waiting { .. });
        self.clock.set_running(playing && !waits, now);
        if let Some(sound) = &mut self.sound {
            sound.set_playing(playing && self.leash != Leash::Free);
        }
    }
}

/// What the controls come to.
struct Applied {
    playing: bool,
    /// Whether the sound is to be heard and followed.
    audible: bool,
    /// Whether its device is gone.
    lost: bool,
}
