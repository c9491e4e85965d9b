//! Where the show is: play, pause, stop, seek, speed; what may be edited when.

use std::time::{Duration, Instant};

use gobo_live::sheet::SectionRow;
use gobo_play::{State, Status};
use serde_json::{Map, Value, json};

use super::stage::Stage;
use super::{Lead, done};
use crate::clock;
use crate::link::{Answer, Reason, Refused};

/// How far the place may be from where it was to be before clients are told, in seconds.
const JUMP: f64 = 0.05;
/// Between two times that clients are told of a place that is where it was to be.
const AGAIN: f64 = 0.25;

/// In what time a player that can play or stand as it is asked to does.
const FOLLOWS: Duration = Duration::from_millis(300);

/// Whether edits wait for the show to stand.
#[derive(Debug, Default)]
pub(super) struct Lock {
    /// Whether somebody has opened it while the show plays.
    pub(super) is_open: bool,
    /// Whether the show stands at its start, dark.
    pub(super) stands_by: bool,
    /// What was told of the place last: seconds, when, and the rest.
    told: Option<(f64, Instant, Value)>,
    played: bool,
    /// Whether it was asked to play or to stand, and when: the player follows at its next frame.
    asked: Option<(bool, Instant)>,
}

impl Lock {
    fn asks(&mut self, plays: bool) {
        self.asked = Some((plays, Instant::now()));
    }
}

impl Lead {
    /// Whether the show plays, or is about to.
    pub(super) fn plays(&self) -> bool {
        self.stage.as_ref().is_some_and(|stage| {
            let plays = stage.hands.watch.state().status == Status::Playing;
            let asked = self.lock.asked.filter(|(_, at)| at.elapsed() < FOLLOWS);
            !self.lock.stands_by && asked.map_or(plays, |(asked, _)| asked)
        })
    }

    /// Whether edits and previews wait for the show to stand.
    pub(super) fn unlocked(&self) -> Result<(), Refused> {
        if self.plays() && !self.lock.is_open {
            let words = "the show plays: pause it, or open the edit lock";
            return Err(Refused::new(Reason::PlaybackActive, words));
        }
        Ok(())
    }

    /// `transport.*` and `system.*`.
    pub(super) fn transport(
        &mut self,
        family: &str,
        word: &str,
        payload: &Map<String, Value>,
    ) -> Answer {
        let stage = self.stage.as_ref().ok_or_else(super::authoring::no_show)?;
        let remote = stage.hands.remote.clone();
        match (family, word) {
            ("transport", "play") => self.play()?,
            ("transport", "pause") => {
                remote.pause();
                self.lock.asks(false);
            }
            ("transport", "stop") => {
                remote.pause();
                self.lock.asks(false);
                remote.seek(0.0);
                self.stand_by(true);
                self.engine.put_out(super::now());
                self.pass_on();
            }
            ("transport", "jump_to_time") => {
                let seconds = number(payload, "time_ms", 0.0, f64::MAX)? / 1000.0;
                remote.seek(seconds.min(stage.header().seconds()));
            }
            ("transport", "jump_to_section") => remote.seek(section(stage, payload)?.start_s),
            ("transport", "set_speed") => remote.set_speed(number(payload, "speed", 0.1, 8.0)?),
            ("transport", "set_repeat") => remote.set_repeat(flag(payload, "repeat")?),
            ("system", "set_edit_lock") => self.lock.is_open = !flag(payload, "locked")?,
            _ => return Err(super::authoring::unknown(family, word)),
        }
        self.tell_touched();
        self.tell_playback(Instant::now());
        done()
    }

    /// `transport.play`: from the start where the show is over.
    fn play(&mut self) -> Result<(), Refused> {
        self.stop_preview()?;
        self.stand_by(false);
        let stage = self.stage.as_ref().ok_or_else(super::authoring::no_show)?;
        self.holds.make_way(stage);
        let header = stage.header();
        // The player's seconds are rounded down, so that its last frame begins a little early.
        let last = header.seconds() - 1.5 * header.rate.seconds_at(1);
        if stage.hands.watch.state().seconds >= last {
            stage.hands.remote.seek(0.0);
        }
        stage.hands.remote.play();
        self.lock.is_open = false;
        self.lock.asks(true);
        Ok(())
    }

    /// Tells where the show is: at once where anything happens, and now and then.
    pub(super) fn tell_playback(&mut self, now: Instant) {
        let Some(stage) = &self.stage else { return };
        let state = stage.hands.watch.state();
        let name = match state.status {
            _ if self.lock.stands_by => "stopped",
            Status::Playing => "playing",
            Status::Paused | Status::Waiting => "paused",
            Status::Between | Status::Standby | Status::Ended => "stopped",
        };
        let plays = name == "playing";
        let is_settled = |(asked, at): (bool, Instant)| asked == plays || at.elapsed() >= FOLLOWS;
        if self.lock.asked.is_some_and(is_settled) {
            self.lock.asked = None;
            self.tell_system();
        }
        let Some(stage) = &self.stage else { return };
        let rest = rest(stage, &state, name);
        let is_as_told = self.lock.told.as_ref().is_some_and(|(seconds, at, told)| {
            let elapsed = now.saturating_duration_since(*at).as_secs_f64();
            let expected = if plays { seconds + elapsed * state.speed } else { *seconds };
            let soon = !plays || elapsed < AGAIN;
            *told == rest && soon && (state.seconds - expected).abs() < JUMP
        });
        if is_as_told {
            return;
        }
        let at_ms = state.at.map_or_else(clock::unix_ms_exact, clock::unix_ms_at);
        let mut playback = rest.clone();
        playback["time_ms"] = (state.seconds * 1000.0).round().into();
        playback["at_ms"] = at_ms.round().into();
        self.lock.told = Some((state.seconds, now, rest));
        if self.lock.played != plays {
            self.lock.played = plays;
            self.lock.is_open &= plays;
        }
        self.store.set_plays(plays);
        self.store.set("playback", &playback);
        self.tell_system();
    }
}

/// All of the place but the time.
fn rest(stage: &Stage, state: &State, name: &str) -> Value {
    let sheet = &stage.sheet;
    let sections = sheet.song.as_ref().map_or(&[][..], |song| &song.sections);
    let here = |section: &SectionRow| (section.start_s..section.end_s).contains(&state.seconds);
    let index = sections.iter().position(here);
    let running = sheet
        .cues
        .iter()
        .filter(|cue| cue.time <= state.seconds && state.seconds < cue.end.max(cue.time + 0.1));
    let cues: Vec<usize> = running.map(|cue| cue.index).collect();
    json!({
        "state": name,
        "duration_ms": (stage.header().seconds() * 1000.0).round(),
        "speed": state.speed,
        "repeat": state.repeat,
        "bpm": sheet.song.as_ref().and_then(|song| song.bpm),
        "section_name": index.map(|index| &sections[index].name),
        "section_index": index,
        "cues": cues,
    })
}

fn section<'s>(stage: &'s Stage, payload: &Map<String, Value>) -> Result<&'s SectionRow, Refused> {
    let sections = stage.sheet.song.as_ref().map_or(&[][..], |song| &song.sections);
    let index = payload.get("section_index").and_then(Value::as_u64);
    index.and_then(|index| sections.get(index as usize)).ok_or_else(|| {
        let message = match sections.len() {
            0 => "the song has no sections".to_owned(),
            count => format!("`section_index` is a whole number, 0 to {}", count - 1),
        };
        Refused::invalid("/section_index", message)
    })
}

fn number(payload: &Map<String, Value>, key: &str, low: f64, high: f64) -> Result<f64, Refused> {
    let value = payload.get(key).and_then(Value::as_f64);
    value.filter(|value| (low..=high).contains(value)).ok_or_else(|| {
        let up_to =
            if high < f64::MAX { format!("{low} to {high}") } else { format!("{low} or more") };
        Refused::invalid(&format!("/{key}"), format!("`{key}` is a number, {up_to}"))
    })
}

fn flag(payload: &Map<String, Value>, key: &str) -> Result<bool, Refused> {
    payload
        .get(key)
        .and_then(Value::as_bool)
        .ok_or_else(|| Refused::invalid(&format!("/{key}"), format!("`{key}` is true or false")))
}
