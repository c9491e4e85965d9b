//! What a player under supervision tells its supervisor, and what it is told when it starts:
//! lines of JSON through a pipe, and an environment variable.
//!
//! The place is told by a thread of its own, and in terms of the clock that both processes share:
//! from a line that is old the place is worked out as well as from a new one.

use std::env;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use gobo_dmx::{FrameRate, LastLook, Route, Universe};
use gobo_output::{Numbers, Outputs};
use gobo_play::{Desk, Playback, Resume, State, Status, Watch};
use jiff::Timestamp;
use rustix::fs::OFlags;
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use crate::wall::Deadline;

/// The environment variable that makes a player one under supervision: a [`Charge`].
pub(super) const VARIABLE: &str = "GOBO_SUPERVISED";
/// Between two words about the place.
const PERIOD: Duration = Duration::from_millis(10);
/// How long the last word may wait for room in the pipe.
const PATIENCE: Duration = Duration::from_millis(500);

/// What a supervisor asks of a player.
#[derive(Serialize, Deserialize)]
pub(super) struct Charge {
    /// The end of the pipe to tell of the place.
    pub(super) pipe: i32,
    /// How many players were there before.
    pub(super) restarts: u32,
    /// When to leave, worked out once.
    pub(super) until: Option<Until>,
    /// What to do.
    pub(super) task: Task,
}

/// A [`Deadline`] that other processes understand.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) enum Until {
    /// In nanoseconds of the monotonic clock.
    Monotonic(u64),
    /// In milliseconds since 1970.
    Wall(i64),
}

impl From<Deadline> for Until {
    fn from(deadline: Deadline) -> Self {
        match deadline {
            Deadline::Instant(at) => Self::Monotonic(Common::now().nanos(at)),
            Deadline::Wall(at) => Self::Wall(at.as_millisecond()),
        }
    }
}

/// What a player under supervision is there for.
#[derive(Serialize, Deserialize)]
pub(super) enum Task {
    /// To play as the command line says.
    Begin,
    /// To play on from where the one before it broke off.
    GoOn(Show),
    /// To leave the last look, because no player lives.
    Leave(Show),
}

/// A show that plays, or did.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Show {
    /// What was opened for it.
    pub(super) opened: Opened,
    /// Where it was last; `None` when nothing was sent yet.
    pub(super) place: Option<Place>,
}

/// What a player has opened: enough to send the last look without a canvas.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Opened {
    /// Where it sends.
    pub(crate) routes: Vec<Route>,
    /// The universes of a frame.
    pub(crate) universes: Vec<Universe>,
    /// How many slots of each the shows use.
    pub(crate) slots_used: Vec<u16>,
    /// Its name on the network.
    pub(crate) source_name: String,
    /// Frames a second.
    pub(crate) rate: FrameRate,
    /// How it is to end.
    pub(crate) last_look: LastLook,
}

/// Where a player is.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Place {
    /// The show, by its number in the list, counted on over rounds.
    pub(super) program: u64,
    /// The place in it, in seconds.
    pub(super) seconds: f64,
    /// When it was there, in nanoseconds of the monotonic clock.
    pub(super) at: u64,
    /// Whether it goes on from there.
    pub(super) runs: bool,
    /// Whether it is to play.
    pub(super) playing: bool,
    /// The speed, 1.0 as written.
    pub(super) speed: f64,
    /// Whether the end leads back to the start.
    pub(super) repeat: bool,
    /// The grand master, 0 to 1.
    pub(super) grand: f64,
    /// Whether all light is put out.
    pub(super) blackout: bool,
    /// Frames sent.
    pub(super) sent: u64,
    /// The sequence numbers sent last, of each output and stream.
    pub(super) numbers: Vec<Vec<u8>>,
}

/// A line in the pipe.
#[derive(Serialize, Deserialize)]
pub(super) enum Word {
    /// Everything is open; the show begins.
    Opened(Opened),
    /// The player is here now.
    Place(Place),
    /// The show has ended as it should, and the last look was sent.
    Over,
}

impl Charge {
    /// What a supervisor has asked of this process.
    pub(super) fn find() -> Result<Option<Self>> {
        let Some(text) = env::var_os(VARIABLE) else { return Ok(None) };
        let charge = serde_json::from_slice(text.as_encoded_bytes());
        let charge = charge.with_context(|| format!("cannot make sense of {VARIABLE}"))?;
        // Without a supervisor it leaves as it is told to by SIGTERM: with its last look.
        #[cfg(target_os = "linux")]
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::TERM))
            .context("cannot stay with the supervisor")?;
        Ok(Some(charge))
    }

    /// When to leave.
    pub(super) fn until(&self) -> Option<Deadline> {
        match self.until? {
            Until::Monotonic(nanos) => Some(Deadline::Instant(Common::now().instant(nanos))),
            Until::Wall(milliseconds) => {
                Timestamp::from_millisecond(milliseconds).ok().map(Deadline::Wall)
            }
        }
    }

    /// The show that another player has broken off.
    pub(super) fn goes_on(&self) -> Option<&Show> {
        match &self.task {
            Task::GoOn(show) => Some(show),
            Task::Begin | Task::Leave(_) => None,
        }
    }
}

impl Place {
    /// The same for the player that goes on.
    pub(super) fn resume(&self) -> Resume {
        let since = self.runs.then(|| Common::now().instant(self.at));
        Resume { seconds: self.seconds, since, playing: self.playing }
    }

    /// Where the show would be by now, in seconds; not led back where it repeats.
    pub(super) fn by_now(&self) -> f64 {
        let gone = self.resume().since.map_or(Duration::ZERO, |since| since.elapsed());
        self.seconds + gone.as_secs_f64() * self.speed
    }

    /// Puts the masters where they were: a stage that was dark stays dark.
    pub(super) fn set(&self, desk: &Desk) {
        desk.set_grand(self.grand);
        desk.set_blackout(self.blackout);
    }

    /// Counts on from the numbers that were sent, at most so many frames a second.
    pub(super) fn count_on(&self, numbers: &Numbers, rate: FrameRate) {
        numbers.go_on(&self.numbers, self.packets_since(rate.as_f64()));
    }

    /// How many packets a universe may have been sent since.
    fn packets_since(&self, fps: f64) -> u8 {
        let common = Common::now();
        let gone = common.instant.saturating_duration_since(common.instant(self.at));
        // One is on its way while its number is read.
        ((gone.as_secs_f64() * fps).ceil() as u8).saturating_add(1)
    }

    fn of(state: &State, numbers: &Numbers, common: &Common) -> Option<Self> {
        Some(Self {
            program: state.program,
            seconds: state.seconds,
            at: common.nanos(state.at?),
            runs: state.status == Status::Playing,
            playing: state.status != Status::Paused,
            speed: state.speed,
            repeat: state.repeat,
            grand: state.levels.grand,
            blackout: state.levels.blackout,
            sent: state.sent,
            numbers: numbers.read(),
        })
    }
}

/// A moment on the clock that all processes of the machine share.
struct Common {
    instant: Instant,
    nanos: u64,
}

impl Common {
    fn now() -> Self {
        // Instant is the same clock, but does not give its number.
        let time = clock_gettime(ClockId::Monotonic);
        let nanos = time.tv_sec.cast_unsigned() * 1_000_000_000 + time.tv_nsec.cast_unsigned();
        Self { instant: Instant::now(), nanos }
    }

    fn nanos(&self, instant: Instant) -> u64 {
        let since = instant.saturating_duration_since(self.instant).as_nanos() as u64;
        let before = self.instant.saturating_duration_since(instant).as_nanos() as u64;
        (self.nanos + since).saturating_sub(before)
    }

    fn instant(&self, nanos: u64) -> Instant {
        let before = Duration::from_nanos(self.nanos.saturating_sub(nanos));
        let after = Duration::from_nanos(nanos.saturating_sub(self.nanos));
        self.instant.checked_sub(before).unwrap_or(self.instant) + after
    }
}

/// A player's line to its supervisor.
struct Line(File);

impl Line {
    /// Opens the pipe. Whoever does not read it stops nobody: words are lost then.
    fn open(charge: &Charge) -> Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed());
        let opened = options.open(format!("/dev/fd/{}", charge.pipe));
        opened.map(Self).context("cannot tell the supervisor of the place")
    }

    /// Tells once; whether there was room.
    fn say(&mut self, word: &Word) -> bool {
        let Ok(mut line) = serde_json::to_vec(word) else { return false };
        line.push(b'\n');
        self.0.write_all(&line).is_ok()
    }

    /// Tells what must be known.
    fn insist(&mut self, word: &Word) {
        let deadline = Instant::now() + PATIENCE;
        while !self.say(word) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Tells of the place from now on.
    fn follow(mut self, watch: Watch, numbers: Numbers) -> Result<Telling> {
        let over = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&over);
        let common = Common::now();
        let thread = thread::Builder::new().name("gobo-memo".to_owned()).spawn(move || {
            while !seen.load(Ordering::Relaxed) {
                if let Some(place) = Place::of(&watch.state(), &numbers, &common) {
                    self.say(&Word::Place(place));
                }
                thread::park_timeout(PERIOD);
            }
            self
        });
        Ok(Telling { over, thread: thread.context("cannot start a thread")? })
    }
}

/// A player that tells of its place.
pub(super) struct Telling {
    over: Arc<AtomicBool>,
    thread: thread::JoinHandle<Line>,
}

impl Telling {
    /// Tells that a show plays, and where it is from now on.
    pub(super) fn begin(
        charge: &Charge,
        opened: Opened,
        playback: &Playback<Outputs>,
        numbers: Numbers,
    ) -> Result<Self> {
        let mut line = Line::open(charge)?;
        line.insist(&Word::Opened(opened));
        line.follow(playback.watch(), numbers)
    }

    /// Tells that the show has ended as it should.
    pub(super) fn end(self) {
        self.over.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
        if let Ok(mut line) = self.thread.join() {
            line.insist(&Word::Over);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_the_same_for_all_processes() {
        let common = Common::now();
        for moment in [common.instant - Duration::from_secs(3), common.instant + PATIENCE] {
            assert_eq!(common.instant(common.nanos(moment)), moment);
            let later = Common::now().instant(common.nanos(moment));
            let off = later.max(moment) - later.min(moment);
            assert!(off < Duration::from_millis(100), "{off:?} off");
        }
    }

    #[test]
    fn packets_since_then_are_bounded() {
        let ago = |millis: u64| Place {
            program: 0,
            seconds: 0.0,
            at: Common::now().nanos - millis * 1_000_000,
            runs: true,
            playing: true,
            speed: 1.0,
            repeat: false,
            grand: 1.0,
            blackout: false,
            sent: 9,
            numbers: Vec::new(),
        };
        assert!((7..20).contains(&ago(100).packets_since(60.0)));
        assert_eq!(ago(60_000).packets_since(60.0), u8::MAX);
    }
}
