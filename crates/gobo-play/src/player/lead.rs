//! A show that is led from outside: it waits for its time, or follows a timecode.

use std::time::{Duration, Instant};

use gobo_audio::{Heard, SoundFault};
use gobo_timecode::Told;

use super::listen::ROUGH_BLOCKS;
use super::{Leash, Player};
use crate::{Clock, CodeState};

/// A code that runs and was not heard for so long has stopped: three and a half frames of 24.
const GAP: Duration = Duration::from_millis(150);
/// Speeds at which frames follow each other; others are sought after.
const RUNNING: std::ops::RangeInclusive<f64> = 0.5..=2.0;
/// Between two places of a code that is sought after.
const SEEK_REST: Duration = Duration::from_millis(40);
/// Turns that are decoded ahead wherever the show is.
const DECODED: u32 = 8;
/// Speeds at which the song sounds with the code.
const SOUNDING: std::ops::Range<f64> = 0.97..1.03;
/// Sound that is so far from the light is sought anew.
const SOUND_ERROR: f64 = 0.06;
/// How long a sound is let settle before it is judged.
const SOUND_SETTLING: Duration = Duration::from_millis(300);
/// Song seconds at which there is surely silence.
const SILENCE_SECONDS: f64 = -86_400.0;
/// How long before its start a song is decoded.
const READY: Duration = Duration::from_secs(1);
/// Starts nearer than this are the same, told anew.
const SAME_START: Duration = Duration::from_millis(20);

/// Who says when a show begins and where it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Lead {
    /// The show: it begins at once and goes by its sound or the monotonic clock.
    #[default]
    Own,
    /// It waits, lights untouched, until [`crate::Remote::start_at`]; then it goes by itself.
    Start,
    /// An outside clock that [`crate::Remote::tell`] tells of. Lights stay untouched until it is
    /// in the show; seeks and speeds of a remote mean nothing.
    Code {
        /// How long the show goes on by itself when the code stops.
        freewheel: Duration,
    },
}

/// How it is with who leads.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Led {
    lead: Lead,
    /// Whether the show has not begun: nothing is sent.
    pub(super) is_dark: bool,
    code: CodeState,
    /// When something is to be done while the clock stands.
    expected: Option<Instant>,
    /// The last time that the show stood still because it was paused.
    paused: Option<Instant>,
    /// When a code was last sought after.
    sought: Option<Instant>,
    voice: Voice,
}

/// The sound of a show that is led.
#[derive(Clone, Copy, Debug, Default)]
struct Voice {
    /// From when the sound is wanted to when it is heard, in seconds, once that is known.
    latency: Option<f64>,
    cue: Cue,
}

/// What the sound does meanwhile.
#[derive(Clone, Copy, Debug, Default)]
enum Cue {
    /// Nothing.
    #[default]
    Off,
    /// It plays silence since then, to learn how late that is heard.
    Silence(Instant),
    /// The song waits at its place.
    Ready,
    /// The song plays since then; at its start it was wanted for that moment.
    Rolling(Instant),
}

impl Led {
    /// Whether an outside clock is followed.
    pub(super) fn is_by_code(&self) -> bool {
        matches!(self.lead, Lead::Code { .. })
    }

    /// Whether the show stands because who leads has not begun or has gone.
    pub(super) fn waits(&self) -> bool {
        let gone = matches!(self.code, CodeState::Awaited | CodeState::Outside | CodeState::Lost);
        self.is_dark || gone
    }

    /// When to tick a clock that stands, no later than `latest`.
    pub(super) fn wake(&self, now: Instant, latest: Instant) -> Instant {
        let soonest = now + Duration::from_micros(50);
        self.expected.map_or(latest, |at| at.max(soonest).min(latest))
    }
}

impl Player {
    /// Lets itself be led from `now` on, having just been made.
    pub fn lead_by(&mut self, lead: Lead, now: Instant) {
        let code =
            if matches!(lead, Lead::Code { .. }) { CodeState::Awaited } else { CodeState::None };
        self.led = Led { lead, code, is_dark: lead != Lead::Own, ..Led::default() };
        if lead != Lead::Own {
            self.leash = Leash::Free;
            self.clock.set_running(false, now);
            self.hush();
        }
    }

    /// How it is with an outside clock.
    pub fn code(&self) -> CodeState {
        self.led.code
    }

    /// Whether the show has not begun, and lights are left as they are.
    pub fn is_dark(&self) -> bool {
        self.led.is_dark
    }

    /// Does as who leads says.
    pub(super) fn heed(&mut self, now: Instant) {
        match self.led.lead {
            Lead::Own => {}
            Lead::Start => self.await_start(now),
            Lead::Code { freewheel } => {
                self.chase(freewheel, now);
                self.accompany(now);
            }
        }
    }

    fn await_start(&mut self, now: Instant) {
        self.led.expected = None;
        if !self.applied.playing {
            self.led.paused = Some(now);
            return;
        }
        self.rehearse(now);
        let Some(at) = self.applied.start_at else { return };
        let cue = self.led.voice.cue;
        if now < at {
            let early = if matches!(cue, Cue::Ready) { self.latency() } else { Duration::ZERO };
            self.led.expected = at.checked_sub(early);
            return;
        }
        let begun = if self.led.paused.is_some_and(|paused| paused >= at) { now } else { at };
        self.led = Led::default();
        self.last_turn = None;
        if !matches!(cue, Cue::Rolling(_)) && self.can_sound() {
            return self.go_to(self.clock.position(now), now);
        }
        self.leash = match &self.sound {
            Some(_) if self.can_sound() => Leash::Following,
            Some(_) if self.applied.speed == 1.0 => Leash::Apart,
            _ => Leash::Free,
        };
        self.clock.set_running(true, begun);
    }

    /// Plays silence to learn how late the sound is heard, and the song early enough to be heard
    /// as the show begins.
    fn rehearse(&mut self, now: Instant) {
        if !self.can_sound() {
            return;
        }
        let song = self.clock.position(now).as_secs_f64() + self.song_ahead;
        let (latency, repeat) = (self.latency(), self.song_repeat());
        let start = self.applied.start_at;
        let soon = start.is_some_and(|at| now + READY >= at);
        let Led { voice, .. } = &mut self.led;
        let Some(sound) = &mut self.sound else { return };
        match (voice.cue, start) {
            (Cue::Off, _) => {
                sound.start(SILENCE_SECONDS, None, true);
                voice.cue = Cue::Silence(now);
            }
            (Cue::Silence(since), _) => {
                if let Some(heard) = sound.heard().filter(is_settled) {
                    let ran = heard.at.saturating_duration_since(since).as_secs_f64();
                    voice.latency = Some(ran - (heard.seconds - SILENCE_SECONDS));
                }
                if soon {
                    sound.start(song, repeat, false);
                    voice.cue = Cue::Ready;
                }
            }
            (Cue::Ready, Some(at)) if now + latency >= at => {
                let late = (now + latency).saturating_duration_since(at);
                if late > SAME_START {
                    sound.start(song + late.as_secs_f64(), repeat, true);
                }
                sound.set_playing(true);
                voice.cue = Cue::Rolling(at);
            }
            // The start was put off after all.
            (Cue::Rolling(wanted), Some(at)) if at > wanted + SAME_START => {
                sound.start(song, repeat, false);
                voice.cue = Cue::Ready;
            }
            _ => {}
        }
    }

    /// From when the sound is wanted to when it is heard.
    fn latency(&self) -> Duration {
        let seconds = self.led.voice.latency.unwrap_or(0.0).clamp(0.0, 1.0);
        Duration::try_from_secs_f64(seconds).unwrap_or_default()
    }

    fn can_sound(&self) -> bool {
        let lost = |fault| fault == Some(SoundFault::DeviceLost);
        let there = self.sound.as_ref().is_some_and(|sound| !lost(sound.fault()));
        there && self.applied.speed == 1.0
    }

    /// The seconds of the song that are played again and again.
    pub(super) fn song_repeat(&self) -> Option<(f64, f64)> {
        let repeat = self.range.repeated_seconds(self.rate);
        repeat.map(|(from, to)| (from + self.song_ahead, to + self.song_ahead))
    }

    /// Follows the code, as far as it is in the show.
    fn chase(&mut self, freewheel: Duration, now: Instant) {
        self.led.expected = None;
        let Some(told) = self.applied.told.filter(|_| self.applied.playing) else { return };
        let age = now.saturating_duration_since(told.at);
        if told.speed != 0.0 && age > GAP {
            return self.coast(age <= freewheel, now);
        }
        let seconds = told.seconds_at(now);
        let [start, end] =
            [self.range.start, self.range.end].map(|turn| self.rate.seconds_at(turn));
        let last = self.rate.seconds_at(self.range.end.saturating_sub(1));
        let error = seconds - self.clock.position(now).as_secs_f64();
        let near = self.clock.is_running() && !Clock::is_far(error);
        if seconds < start {
            let ahead = Duration::try_from_secs_f64((start - seconds) / told.speed);
            self.led.expected = ahead.ok().and_then(|ahead| now.checked_add(ahead));
            self.stand(start, CodeState::Outside, now);
        } else if seconds >= end && !self.range.repeat && !near {
            self.stand(last, CodeState::Outside, now);
        } else if !RUNNING.contains(&told.speed) {
            self.led.is_dark = false;
            let within = if self.range.repeat { seconds } else { seconds.min(last) };
            self.stand(within, CodeState::Sought, now);
        } else {
            self.run_with(&told, near.then_some(error), now);
        }
    }

    /// Goes on by itself, or stands still.
    fn coast(&mut self, on: bool, now: Instant) {
        match self.led.code {
            CodeState::Freewheeling if on => {}
            CodeState::Followed if on => {
                self.clock.set_speed(1.0, now);
                self.led.code = CodeState::Freewheeling;
            }
            _ => {
                self.clock.set_running(false, now);
                self.led.code = CodeState::Lost;
            }
        }
    }

    /// Stands at a place, once the one before was seen for a moment.
    fn stand(&mut self, seconds: f64, code: CodeState, now: Instant) {
        if self.clock.is_running() {
            self.clock.set_running(false, now);
        }
        self.led.code = code;
        let rested = |sought| now.saturating_duration_since(sought) >= SEEK_REST;
        if self.led.sought.is_none_or(rested) && self.go_after(seconds, now) {
            self.led.sought = Some(now);
        }
    }

    /// Runs as the code does: bent to it where it is near, at its place at once where it is not.
    fn run_with(&mut self, told: &Told, error: Option<f64>, now: Instant) {
        (self.led.is_dark, self.led.code) = (false, CodeState::Followed);
        if self.clock.speed() != told.speed {
            self.clock.set_speed(told.speed, now);
        }
        match error {
            Some(error) => self.work_off(error, now),
            None => {
                self.go_after(told.seconds_at(now), now);
                self.clock.set_running(true, now);
            }
        }
    }

    /// Goes to a place; whether that is another frame.
    fn go_after(&mut self, seconds: f64, now: Instant) -> bool {
        let before = self.turn(now);
        self.clock.seek(Duration::try_from_secs_f64(seconds).unwrap_or_default(), now);
        let after = self.turn(now);
        if before == after {
            return false;
        }
        if !(before..=before.saturating_add(DECODED)).contains(&after) {
            self.generation += 1;
        }
        (self.last_turn, self.shown) = (None, None);
        true
    }

    /// Lets the song sound where the light is, as long as the code runs as it should.
    fn accompany(&mut self, now: Instant) {
        let runs = matches!(self.led.code, CodeState::Followed | CodeState::Freewheeling);
        let runs = runs && self.clock.is_running() && SOUNDING.contains(&self.clock.speed());
        let Voice { latency, cue } = self.led.voice;
        if !(runs && self.can_sound()) {
            if !matches!(cue, Cue::Off) {
                self.led.voice.cue = Cue::Off;
                self.hush();
            }
            return;
        }
        let position = self.clock.position(now);
        let mut off = 0.0;
        if let Cue::Rolling(since) = cue {
            let settled = now.saturating_duration_since(since) >= SOUND_SETTLING;
            let heard = self.sound.as_mut().and_then(|sound| sound.heard());
            let heard = heard.filter(|heard| settled && is_settled(heard));
            off = heard.map_or(0.0, |heard| self.error(heard_at(&heard, now), position));
            if off.abs() <= SOUND_ERROR {
                return;
            }
        }
        // A place that was sought is no latency.
        let late = latency.unwrap_or(0.0) - off;
        let latency = if late.abs() < 1.0 { late.max(0.0) } else { latency.unwrap_or(0.0) };
        let (seconds, repeat) = (position.as_secs_f64() + self.song_ahead, self.song_repeat());
        if let Some(sound) = &mut self.sound {
            sound.start(seconds + latency, repeat, true);
        }
        self.led.voice = Voice { latency: Some(latency), cue: Cue::Rolling(now) };
    }
}

/// Whether the sound runs and its times are no longer rough.
fn is_settled(heard: &Heard) -> bool {
    heard.running && heard.blocks >= ROUGH_BLOCKS
}

/// The song second that is heard at `now`.
pub(super) fn heard_at(heard: &Heard, now: Instant) -> f64 {
    let age = now.saturating_duration_since(heard.at).as_secs_f64();
    heard.seconds + age - heard.at.saturating_duration_since(now).as_secs_f64()
}
