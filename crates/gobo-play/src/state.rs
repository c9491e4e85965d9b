use std::time::Instant;

use gobo_canvas::{CueMark, Header};

use crate::{Course, Faults, Lateness, Spread};

/// What a player does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Status {
    /// It waits for the sound to begin, for its time, or for an outside clock.
    #[default]
    Waiting,
    /// The show goes on.
    Playing,
    /// It stands still, and its look is kept up.
    Paused,
    /// A show is over, and the next is due after a gap.
    Between,
    /// The next show waits for a go.
    Standby,
    /// It is over; the last look was sent.
    Ended,
}

/// How the sound fares.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SoundState {
    /// There is none.
    #[default]
    None,
    /// It plays or waits with the show, and the show follows it.
    Followed,
    /// It is mute, because the show does not play at its own speed.
    Muted,
    /// The device has taken no sound for a while; the show goes on by the monotonic clock.
    Silent,
    /// The device is gone; the show goes on by the monotonic clock until it is back.
    Lost,
    /// The song breaks off; silence is played from there.
    Damaged,
}

/// How it is with an outside clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CodeState {
    /// None is followed.
    #[default]
    None,
    /// None was heard yet.
    Awaited,
    /// It runs, and the show with it.
    Followed,
    /// It stands, is wound, or runs backwards, and the show seeks after it.
    Sought,
    /// It is before the start of the show, or was found after its end.
    Outside,
    /// It has stopped, and the show goes on by itself for a while.
    Freewheeling,
    /// It has stopped for longer, and the show stands.
    Lost,
}

/// Where a player is and how it fares, as of its last frame.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct State {
    /// What it does.
    pub status: Status,
    /// Which show is on stage, or was before the gap: its number in the list, from 0, counted on
    /// over repeats of the list.
    pub program: u64,
    /// Which show is ready to follow.
    pub next: Option<u64>,
    /// Shows that were not ready when they were due: the look before them stayed meanwhile.
    pub unready: u64,
    /// The frame on stage.
    pub frame: u32,
    /// The place in the show, in seconds.
    pub seconds: f64,
    /// When that was so.
    pub at: Option<Instant>,
    /// The speed, 1.0 as written.
    pub speed: f64,
    /// Whether the end leads back to the start.
    pub repeat: bool,
    /// Seeks obeyed since the start: `seconds` is the place after as many.
    pub seeks: u64,
    /// Frames sent a second, over the last second.
    pub rate: f64,
    /// Frames sent, repeated ones included.
    pub sent: u64,
    /// Frames of the show left out because they could not be sent in time.
    pub dropped: u64,
    /// Frames of the show that were not decoded in time, or cannot be.
    pub missing: u64,
    /// How late frames of the show left.
    pub lateness: Lateness,
    /// By how much the time from one frame to the next was more or less than a frame's.
    pub jitter: Spread,
    /// What went wrong with the targets.
    pub faults: Faults,
    /// How the sound fares.
    pub sound: SoundState,
    /// How it is with an outside clock.
    pub code: CodeState,
    /// How the show goes on.
    pub course: Option<Course>,
    /// Whether the system grants the thread real-time priority.
    pub real_time: bool,
    /// Whether the system keeps the process from being swapped out.
    pub memory_kept: bool,
}

impl State {
    /// Whether the show has not begun, and lights are left as they are.
    pub fn is_dark(&self) -> bool {
        self.status == Status::Waiting && self.sent == 0
    }

    /// The name of the section, if the song has one here.
    pub fn section<'h>(&self, header: &'h Header) -> Option<&'h str> {
        let here = |start: f64, end: f64| (start..end).contains(&self.seconds);
        let section = header.sections.iter().find(|section| here(section.start, section.end));
        section.map(|section| section.name.as_str())
    }

    /// The cues that run here, lowest layer first.
    pub fn cues<'h>(&self, header: &'h Header) -> impl Iterator<Item = &'h CueMark> {
        let seconds = self.seconds;
        header.cues.iter().filter(move |cue| cue.start <= seconds && seconds < cue.end)
    }
}
