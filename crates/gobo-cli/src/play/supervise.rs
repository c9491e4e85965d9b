//! `gobo play --supervise`: the player is a child process, and when it crashes another goes on in
//! its place, before its targets have noticed.
//!
//! The supervisor opens nothing and plays nothing, so that what breaks a player does not break it.

use std::env;
use std::fmt::Write;
use std::io::{PipeReader, Read, pipe};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use gobo_dmx::LastLook;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::{FdFlags, fcntl_setfd, ioctl_fionbio};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::memo::{Charge, Show, Task, Until, VARIABLE, Word};
use crate::failure::Exit;
use crate::screen::{TerminalModes, is_ignored};
use crate::terminal::Terminal;
use crate::value::minutes;
use crate::wall::Deadline;

/// Between two looks at signals and the player, at most.
const LOOK: Duration = Duration::from_millis(20);
/// A player that has sent frames for less than this has got nowhere.
const SHORT_LIFE: Duration = Duration::from_secs(1);
/// So many players in a row that got nowhere are enough...
const SHORT_LIVES: usize = 5;
/// ...within this.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait before the n-th of them in a row.
const WAITS: [Duration; SHORT_LIVES] = [
    Duration::ZERO,
    Duration::from_millis(50),
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_millis(1000),
];
/// How long a signal from the terminal, which the player gets as well, has to be of use.
const GRACE: Duration = Duration::from_millis(150);
/// What a Rust program exits with when its main thread panics.
const PANICKED: i32 = 101;

/// Plays under supervision; the exit is the player's own.
pub(super) fn run(terminal: &Terminal, until: Option<Deadline>) -> Result<Exit> {
    let wanted = [SIGINT, SIGTERM, SIGHUP].into_iter();
    // Whoever starts us under `nohup` wants us to outlive the terminal.
    let wanted = wanted.filter(|&signal| signal != SIGHUP || !is_ignored(signal));
    let signals = Signals::new(wanted).context("cannot listen to signals")?;
    let modes = TerminalModes::of_ours();
    let until = until.map(Until::from);
    let mut supervisor = Supervisor { terminal, signals, modes, until, leaving: None, restarts: 0 };
    supervisor.run()
}

struct Supervisor<'a> {
    terminal: &'a Terminal,
    signals: Signals,
    modes: Option<TerminalModes>,
    /// When the player is to leave.
    until: Option<Until>,
    /// The signal that asks for the end.
    leaving: Option<i32>,
    restarts: u32,
}

/// A player at work, and what it has told.
struct Life {
    child: Child,
    words: PipeReader,
    /// What is read of the next line.
    rest: Vec<u8>,
    /// The show, once it has begun.
    show: Option<Show>,
    /// Whether it has ended as it should.
    over: bool,
    /// Since when frames were sent.
    lit: Option<Instant>,
}

impl Supervisor<'_> {
    fn run(&mut self) -> Result<Exit> {
        let mut show = None;
        // When the players died that got nowhere, since the last one that did get on.
        let mut short: Vec<Instant> = Vec::new();
        loop {
            let mut life = self.life(show.map_or(Task::Begin, Task::GoOn))?;
            let status = self.attend(&mut life)?;
            if life.is_end(status) {
                return Ok(exit(status));
            }
            if let Some(modes) = &self.modes {
                modes.put_back();
            }
            let got_on = life.lit.is_some_and(|lit| lit.elapsed() >= SHORT_LIFE);
            if got_on {
                short.clear();
            } else {
                short.push(Instant::now());
            }
            show = life.show;
            let place = show.as_ref().and_then(|show| show.place.as_ref());
            let (at, died) = (minutes(place.map_or(0.0, |place| place.seconds)), death(status));
            short.retain(|at| at.elapsed() < PATIENCE);
            if short.len() >= SHORT_LIVES {
                self.leave_last_look(show);
                bail!("the player crashed {SHORT_LIVES} times in a row at {at} ({died}): given up");
            }
            self.wait(WAITS[short.len()]);
            if self.leaving.is_some() {
                self.leave_last_look(show);
                return Ok(Exit::Fine);
            }
            self.terminal.warn(format_args!("the player crashed at {at} ({died}): it goes on"));
            self.restarts += 1;
        }
    }

    /// Starts a player.
    fn life(&self, task: Task) -> Result<Life> {
        Life::begin(task, self.restarts, self.until)
    }

    /// Passes signals on and listens, until the player is no more.
    fn attend(&mut self, life: &mut Life) -> Result<ExitStatus> {
        let mut passing: Option<(Instant, i32)> = None;
        loop {
            for signal in self.signals.pending() {
                self.leaving = Some(signal);
                // A terminal sends these to the player as well: a second one ends it at once.
                let shared = signal != SIGTERM && self.modes.is_some();
                let wait = if shared { GRACE } else { Duration::ZERO };
                passing = Some((Instant::now() + wait, signal));
            }
            if let Some((_, signal)) = passing.take_if(|(at, _)| *at <= Instant::now()) {
                life.pass_on(signal);
            }
            life.listen(LOOK);
            let status = life.child.try_wait().context("cannot wait for the player")?;
            if let Some(status) = status {
                life.listen(Duration::ZERO);
                return Ok(status);
            }
        }
    }

    /// Waits, but not for a signal that asks for the end.
    fn wait(&mut self, at_most: Duration) {
        let until = Instant::now() + at_most;
        loop {
            if let Some(signal) = self.signals.pending().last() {
                self.leaving = Some(signal);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || self.leaving.is_some() {
                return;
            }
            thread::sleep(left.min(LOOK));
        }
    }

    /// Has the last look sent by a process that does nothing else.
    fn leave_last_look(&self, show: Option<Show>) {
        let Some(show) = show else { return };
        // The levels of the last frame are not known here; where they shall stay, they do.
        if show.opened.last_look == LastLook::Hold {
            return;
        }
        let last = self.life(Task::Leave(show));
        let ended = last.and_then(|mut last| last.child.wait().context("cannot wait"));
        if !ended.is_ok_and(|status| status.success()) {
            self.terminal.warn("the last look could not be sent");
        }
    }
}

impl Life {
    /// Starts this program anew, with the same arguments and a charge.
    fn begin(task: Task, restarts: u32, until: Option<Until>) -> Result<Self> {
        let (words, telling) = pipe().context("cannot make a pipe")?;
        ioctl_fionbio(&words, true).context("cannot set up a pipe")?;
        // The player inherits it.
        fcntl_setfd(&telling, FdFlags::empty()).context("cannot set up a pipe")?;
        let pipe = std::os::fd::AsRawFd::as_raw_fd(&telling);
        let show = match &task {
            Task::GoOn(show) | Task::Leave(show) => Some(show.clone()),
            Task::Begin => None,
        };
        let charge = serde_json::to_string(&Charge { pipe, restarts, until, task })?;
        let mut command = Command::new(program());
        command.args(env::args_os().skip(1)).env(VARIABLE, charge);
        let child = command.spawn().context("cannot start the player")?;
        Ok(Self { child, words, rest: Vec::new(), show, over: false, lit: None })
    }

    fn pass_on(&self, signal: i32) {
        let signal = match signal {
            SIGINT => Signal::INT,
            SIGHUP => Signal::HUP,
            _ => Signal::TERM,
        };
        // One that is gone needs none.
        let _ = kill_process(Pid::from_child(&self.child), signal);
    }

    /// Takes what the player tells, and waits for it if there is nothing yet.
    fn listen(&mut self, at_most: Duration) {
        let mut asked = [PollFd::new(&self.words, PollFlags::IN)];
        let wait = Timespec::try_from(at_most).ok();
        let polled = rustix::event::poll(&mut asked, wait.as_ref());
        let [asked] = asked;
        let closed = polled.is_ok() && asked.revents() == PollFlags::HUP;
        if closed && !at_most.is_zero() {
            // It is about to be no more.
            thread::sleep(Duration::from_millis(1));
        }
        let mut bytes = [0; 1 << 16];
        while let Ok(length @ 1..) = self.words.read(&mut bytes) {
            self.rest.extend(&bytes[..length]);
        }
        let Some(end) = self.rest.iter().rposition(|&byte| byte == b'\n') else { return };
        let lines: Vec<u8> = self.rest.drain(..=end).collect();
        for line in lines.split(|&byte| byte == b'\n') {
            // A line that is cut off was written by a player that died of it.
            if let Ok(word) = serde_json::from_slice(line) {
                self.hear(word);
            }
        }
    }
}

impl Life {
    fn hear(&mut self, word: Word) {
        match word {
            // The place where the one before broke off stays until there is a newer one.
            Word::Opened(opened) => {
                let place = self.show.take().and_then(|show| show.place);
                self.show = Some(Show { opened, place });
            }
            Word::Place(place) => {
                if place.sent > 0 {
                    self.lit.get_or_insert_with(Instant::now);
                }
                if let Some(show) = &mut self.show {
                    show.place = Some(place);
                }
            }
            Word::Over => self.over = true,
        }
    }

    /// Whether the player ended as it should: of its own accord, or before a show began.
    fn is_end(&self, status: ExitStatus) -> bool {
        match (status.code(), status.signal()) {
            (_, Some(signal)) => [SIGINT, SIGTERM, SIGHUP].contains(&signal),
            (Some(PANICKED), _) => false,
            _ => self.over || self.show.is_none(),
        }
    }
}

/// This program, also when a new version has taken its file's place.
fn program() -> PathBuf {
    match env::current_exe() {
        Ok(path) if path.is_file() => path,
        _ => PathBuf::from("/proc/self/exe"),
    }
}

/// The player's exit as our own.
fn exit(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(0), _) => Exit::Fine,
        (Some(1), _) => Exit::Faulty,
        (Some(2), _) => Exit::Misused,
        (Some(code @ 129..), _) => Exit::Interrupted((code - 128) as u8),
        (_, Some(signal)) => Exit::Interrupted(signal as u8),
        _ => Exit::Broken,
    }
}

/// What a player died of, in a few words.
fn death(status: ExitStatus) -> String {
    let mut words = String::new();
    let written = match (status.code(), status.signal()) {
        (Some(PANICKED), _) => write!(words, "panic"),
        (Some(code), _) => write!(words, "exit code {code}"),
        (_, Some(signal)) => match signal_hook::low_level::signal_name(signal) {
            Some(name) => write!(words, "{name}"),
            None => write!(words, "signal {signal}"),
        },
        _ => write!(words, "{status}"),
    };
    // Writing to a string cannot fail.
    let _ = written;
    words
}
