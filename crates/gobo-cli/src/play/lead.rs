//! What a show waits for or follows: a time of the wall clock, a timecode.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use gobo_audio::input_names;
use gobo_play::{
    CodeError, CodeListener, CodePlan, CodeSource, CodeState, Lead, Remote, State, midi_ports,
};
use gobo_timecode::Timecode;
use jiff::Timestamp;

use super::sound::hushed_value;
use crate::args::{Followed, PlayArgs};
use crate::failure::misuse;
use crate::terminal::Terminal;
use crate::value::minutes;
use crate::wall::Deadline;

/// Between two looks at the wall clock, and in the second before the start.
const LOOK: Duration = Duration::from_millis(50);
const CLOSE_LOOK: Duration = Duration::from_millis(5);
/// How late a start may be noticed.
const LATE: Duration = Duration::from_secs(1);

/// Who leads the show, before it plays.
pub(super) enum Leader {
    /// Itself.
    Show,
    /// A clock.
    Time(Deadline),
    /// A timecode.
    Code(CodeSource),
}

impl Leader {
    /// As the command line says, for a list of so many shows. What had begun when another player
    /// broke off waits for no start.
    pub(super) fn of(args: &PlayArgs, shows: usize, begun: bool) -> Result<Self> {
        let timecode = &args.timecode;
        match (&timecode.follow, timecode.start_at) {
            (Some(_), _) if shows > 1 => {
                Err(misuse(format!("one show follows a timecode, not a list of {shows}")))
            }
            (Some(followed), _) => source(followed).map(Self::Code),
            (None, Some(at)) if !begun => Deadline::of(at).map(Self::Time).map_err(misuse),
            (None, _) => Ok(Self::Show),
        }
    }

    /// What this is for the player.
    pub(super) fn lead(&self, args: &PlayArgs) -> Lead {
        let freewheel = Duration::try_from_secs_f64(args.timecode.freewheel).unwrap_or_default();
        match self {
            Self::Show => Lead::Own,
            Self::Time(_) => Lead::Start,
            Self::Code(_) => Lead::Code { freewheel },
        }
    }

    /// Begins to lead the player of `remote`, whose frames are seen so many seconds after they
    /// were due.
    pub(super) fn take(self, plan: CodePlan, delay: f64, remote: Remote) -> Result<Leading> {
        let delay = Duration::try_from_secs_f64(delay).unwrap_or_default();
        Ok(match self {
            Self::Show => Leading::Show,
            Self::Time(Deadline::Instant(at)) => {
                remote.start_at(at.checked_sub(delay).unwrap_or(at));
                Leading::In(at)
            }
            Self::Time(Deadline::Wall(at)) => {
                Leading::Wall { at, _watch: WallClock::watch(at, delay, remote)? }
            }
            Self::Code(source) => {
                let opened = hushed_value(|| CodeListener::open(&source, plan, remote));
                let opened = opened.context("nothing was opened")?;
                Leading::Code(opened.map_err(|error| unheard(&source, error))?)
            }
        })
    }
}

/// What timecode means on this command line, to a show whose frames are seen `delay` seconds after
/// they were due.
pub(super) fn plan(args: &PlayArgs, delay: f64) -> CodePlan {
    let timecode = &args.timecode;
    let offset = args.manner.offset.unwrap_or(0.0) - delay;
    CodePlan { start: timecode.timecode_start, rate: timecode.timecode_rate, offset }
}

/// A source that does not open, with those that would.
fn unheard(source: &CodeSource, error: CodeError) -> anyhow::Error {
    let known = match source {
        CodeSource::LtcInput(_) => hushed_value(input_names).unwrap_or_default().join(", "),
        CodeSource::Mtc(_) => paths(&midi_ports()),
        CodeSource::LtcFile(_) | CodeSource::ArtNet(_) => return error.into(),
    };
    let known =
        if known.is_empty() { "there are none".into() } else { format!("there are {known}") };
    anyhow::anyhow!("{error}; {known}")
}

fn source(followed: &Followed) -> Result<CodeSource> {
    Ok(match followed {
        Followed::ArtNet(address) => CodeSource::ArtNet(*address),
        Followed::Ltc(None) => CodeSource::LtcInput(None),
        Followed::Ltc(Some(place)) => {
            let path = Path::new(place);
            let named = ["wav", "flac", "mp3", "ogg", "m4a"].map(Some);
            let ending = path.extension().and_then(|ending| ending.to_str());
            match path.is_file() || ending.is_some() && named.contains(&ending) {
                true => CodeSource::LtcFile(path.to_owned()),
                false => CodeSource::LtcInput(Some(place.clone())),
            }
        }
        Followed::Mtc(Some(path)) => CodeSource::Mtc(path.clone()),
        Followed::Mtc(None) => match &midi_ports()[..] {
            [only] => CodeSource::Mtc(only.clone()),
            [] => bail!("there is no raw MIDI device here: name one, as in `--follow mtc:PATH`"),
            several => {
                let several = paths(several);
                return Err(misuse(format!(
                    "which MIDI device? `--follow mtc:PATH`, of {several}"
                )));
            }
        },
    })
}

fn paths(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    names.join(", ")
}

/// Who leads a show that plays.
pub(super) enum Leading {
    Show,
    In(Instant),
    Wall { at: Timestamp, _watch: WallClock },
    Code(CodeListener),
}

impl Leading {
    /// Says once what is waited for.
    pub(super) fn announce(&self, terminal: &Terminal, args: &PlayArgs) -> Result<()> {
        match self {
            Self::Show => Ok(()),
            Self::In(at) => {
                let left = at.saturating_duration_since(Instant::now());
                terminal.status(format_args!("ready, starts in {:.1} s", left.as_secs_f64()))
            }
            Self::Wall { at, .. } => {
                let at = at.to_zoned_datetime(jiff::tz::TimeZone::system());
                terminal.status(format_args!("ready, starts at {}", at.strftime("%F %T %Z")))
            }
            Self::Code(_) => {
                let sound = if args.manner.audio.is_some() { "" } else { ", without sound" };
                terminal.status(format_args!("ready, waiting for timecode{sound}"))
            }
        }
    }

    /// Says what has become of the timecode, where no line shows it all the time.
    pub(super) fn tell_change(&self, terminal: &Terminal, before: CodeState, now: CodeState) {
        let Self::Code(listener) = self else { return };
        let code = listener.last().map(|code| code.to_string()).unwrap_or_default();
        match (before, now) {
            _ if before == now => {}
            (_, CodeState::Freewheeling) => {
                terminal.warn(format_args!("the timecode stopped at {code}: going on alone"));
            }
            (_, CodeState::Lost) => {
                terminal.warn(format_args!("the timecode stopped at {code}: waiting for it"));
            }
            (CodeState::Freewheeling | CodeState::Lost, CodeState::Followed) => {
                terminal.warn(format_args!("the timecode is back at {code}"));
            }
            _ => {}
        }
    }

    /// What to say of it now, in a few words.
    pub(super) fn words(&self, state: &State, is_dark: bool) -> Option<String> {
        let until = |seconds: f64| format!("starts in {}", minutes(seconds.max(0.0).ceil()));
        match self {
            Self::Show => None,
            Self::In(at) if is_dark => {
                Some(until(at.saturating_duration_since(Instant::now()).as_secs_f64()))
            }
            Self::Wall { at, .. } if is_dark => Some(until(left(*at))),
            Self::In(_) | Self::Wall { .. } => None,
            Self::Code(listener) => Some(code_words(state.code, listener.last())),
        }
    }
}

fn code_words(state: CodeState, last: Option<Timecode>) -> String {
    let code = last.map(|code| format!("timecode {code}")).unwrap_or_default();
    match state {
        CodeState::None | CodeState::Awaited => "waiting for timecode".to_owned(),
        CodeState::Followed | CodeState::Sought => code,
        CodeState::Outside => format!("{code}, outside the show"),
        CodeState::Freewheeling => format!("{code}, lost: going on alone"),
        CodeState::Lost => format!("{code}, lost: waiting for it"),
    }
}

/// Seconds until then by the wall clock, negative when it is past.
fn left(at: Timestamp) -> f64 {
    at.duration_since(Timestamp::now()).as_secs_f64()
}

/// Looks at the wall clock, which may be set meanwhile, until the start.
pub(super) struct WallClock {
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl WallClock {
    fn watch(at: Timestamp, delay: Duration, remote: Remote) -> Result<Self> {
        let done = Arc::new(AtomicBool::new(false));
        let theirs = Arc::clone(&done);
        let body = move || {
            while !theirs.load(Ordering::Relaxed) {
                let (now, left) = (Instant::now(), left(at) - delay.as_secs_f64());
                let ahead = Duration::try_from_secs_f64(left).unwrap_or_default();
                // A little past is where the show would be; more is a clock that was put on.
                let past = Duration::try_from_secs_f64(-left).unwrap_or_default();
                let past = if past < LATE { past } else { Duration::ZERO };
                remote.start_at((now + ahead).checked_sub(past).unwrap_or(now));
                if left < 0.0 {
                    // It has begun: from now on the monotonic clock counts.
                    break;
                }
                let look = if left < 1.0 { CLOSE_LOOK } else { LOOK };
                thread::sleep(look.min(ahead + Duration::from_millis(1)));
            }
        };
        let thread = thread::Builder::new().name("gobo-wall".to_owned()).spawn(body);
        let thread = thread.context("cannot start a thread to look at the clock")?;
        Ok(Self { done, thread: Some(thread) })
    }
}

impl Drop for WallClock {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // One that panicked has nothing left to end.
            let _ = thread.join();
        }
    }
}
