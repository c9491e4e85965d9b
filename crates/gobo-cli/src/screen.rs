//! The terminal while a command owns it: keys without Enter, and everything put back at the end,
//! by a panic too.

use std::cell::Cell;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use signal_hook::SigId;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook::{flag, low_level};

use crate::failure::Interrupted;

/// What the user asked for by a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Key {
    /// q, Escape or Ctrl-C.
    Leave,
    /// Space.
    Pause,
    /// The left arrow.
    Left,
    /// The right arrow.
    Right,
    /// The up arrow.
    Up,
    /// The down arrow.
    Down,
    /// Enter or g.
    Go,
    /// n.
    Next,
    /// p.
    Previous,
    /// b.
    Blackout,
    /// f.
    Freeze,
    /// + or Page Up.
    Brighter,
    /// - or Page Down.
    Darker,
    /// [.
    SectionBefore,
    /// ].
    SectionAfter,
    /// l.
    Loop,
    /// r.
    Again,
    /// d.
    Details,
}

/// A terminal that sends keys at once; put back when dropped.
pub(crate) struct Screen {
    whole: bool,
    /// How many lines there are, the cursor being in the last.
    lines: Cell<usize>,
}

impl Screen {
    /// Takes the terminal, all of it (`whole`) or the line where the cursor is; `None` where
    /// there is none of ours: a pipe, a background job.
    pub(crate) fn take(whole: bool) -> Option<Self> {
        if !(io::stdin().is_terminal() && io::stderr().is_terminal() && is_foreground()) {
            return None;
        }
        enable_raw_mode().ok()?;
        let screen = Self { whole, lines: Cell::new(1) };
        // Alternate screen (DEC 1049), no cursor (DEC 25), no wrapping (DEC 7).
        screen.put(if whole { "\x1b[?1049h\x1b[?25l\x1b[?7l" } else { "\x1b[?25l\x1b[?7l" });
        Some(screen)
    }

    /// The next key within `wait`; `None` when there is none, or one that means nothing.
    /// A terminal that is gone is an error.
    pub(crate) fn key(&self, wait: Duration) -> io::Result<Option<Key>> {
        // Crossterm would read the end of a lost terminal over and over, and never come back.
        if self.readable(wait)?.intersects(PollFlags::HUP | PollFlags::ERR) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if !event::poll(Duration::ZERO)? {
            return Ok(None);
        }
        let Event::Key(key) = event::read()? else { return Ok(None) };
        if key.kind == KeyEventKind::Release {
            return Ok(None);
        }
        Ok(match key.code {
            KeyCode::Char('c' | 'd') if key.modifiers.contains(KeyModifiers::CONTROL) => {
                Some(Key::Leave)
            }
            KeyCode::Char('q') | KeyCode::Esc => Some(Key::Leave),
            KeyCode::Char(' ') => Some(Key::Pause),
            KeyCode::Left => Some(Key::Left),
            KeyCode::Right => Some(Key::Right),
            KeyCode::Up => Some(Key::Up),
            KeyCode::Down => Some(Key::Down),
            KeyCode::Enter | KeyCode::Char('g') => Some(Key::Go),
            KeyCode::Char('n') => Some(Key::Next),
            KeyCode::Char('p') => Some(Key::Previous),
            KeyCode::Char('b') => Some(Key::Blackout),
            KeyCode::Char('f') => Some(Key::Freeze),
            KeyCode::Char('+' | '=') | KeyCode::PageUp => Some(Key::Brighter),
            KeyCode::Char('-') | KeyCode::PageDown => Some(Key::Darker),
            KeyCode::Char('[') => Some(Key::SectionBefore),
            KeyCode::Char(']') => Some(Key::SectionAfter),
            KeyCode::Char('l') => Some(Key::Loop),
            KeyCode::Char('r') => Some(Key::Again),
            KeyCode::Char('d') => Some(Key::Details),
            _ => None,
        })
    }

    /// What the terminal has for us within `wait`: keys, or its end.
    fn readable(&self, wait: Duration) -> io::Result<PollFlags> {
        let stdin = rustix::stdio::stdin();
        let mut asked = [PollFd::new(&stdin, PollFlags::IN)];
        let wait = Timespec::try_from(wait).map_err(io::Error::other)?;
        match rustix::event::poll(&mut asked, Some(&wait)) {
            // A signal ends the wait early; who waits looks at signals next.
            Ok(_) | Err(Errno::INTR) => Ok(asked[0].revents()),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes the line where the cursor is anew.
    pub(crate) fn line(&self, text: &str) {
        self.put(&format!("\r\x1b[K{text}"));
    }

    /// Writes anew the lines that end where the cursor is, at once (synchronized output, DEC 2026).
    pub(crate) fn block(&self, lines: &[String]) {
        let mut text = format!("\x1b[?2026h{}", self.to_top());
        for (index, line) in lines.iter().enumerate() {
            text.push_str(if index > 0 { "\r\n\x1b[K" } else { "\r\x1b[K" });
            text.push_str(line);
        }
        // What the lines before took more is cleared.
        text.push_str("\x1b[J\x1b[?2026l");
        self.lines.set(lines.len().max(1));
        self.put(&text);
    }

    /// Leads to the first of the lines.
    fn to_top(&self) -> String {
        match self.lines.get() - 1 {
            0 => String::new(),
            up => format!("\x1b[{up}A"),
        }
    }

    /// Writes lines that stay above those that end where the cursor is.
    pub(crate) fn above(&self, text: &str) {
        // Raw mode takes a line feed for no more than that.
        let text = text.trim_end().replace('\n', "\r\n");
        self.put(&format!("{}\r\x1b[J\x1b[?7h{text}\r\n\x1b[?7l", self.to_top()));
        self.lines.set(1);
    }

    /// Draws lines from the top of the screen, at once (synchronized output, DEC 2026).
    pub(crate) fn page(&self, lines: &[String]) {
        let mut text = String::from("\x1b[?2026h\x1b[H");
        for (index, line) in lines.iter().enumerate() {
            if index > 0 {
                text.push_str("\r\n");
            }
            // Cleared before it is written: at the right edge the cursor stays on the last cell.
            text.push_str("\x1b[K");
            text.push_str(line);
        }
        text.push_str("\x1b[?2026l");
        self.put(&text);
    }

    /// A terminal that has gone away is noticed as a hang-up, not here.
    fn put(&self, text: &str) {
        let mut out = io::stderr().lock();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        match self.whole {
            true => self.put("\x1b[?7h\x1b[?25h\x1b[?1049l"),
            false => self.put(&format!("{}\r\x1b[J\x1b[?7h\x1b[?25h", self.to_top())),
        }
        let _ = disable_raw_mode();
    }
}

/// How the terminal was before anybody took it, for when whoever did cannot put it back.
pub(crate) struct TerminalModes(Termios);

impl TerminalModes {
    /// Those of our terminal; `None` where there is none of ours.
    pub(crate) fn of_ours() -> Option<Self> {
        let ours = io::stdin().is_terminal() && is_foreground();
        ours.then(|| tcgetattr(rustix::stdio::stdin()).ok().map(Self)).flatten()
    }

    /// Makes the terminal as it was, with a cursor and lines that wrap.
    pub(crate) fn put_back(&self) {
        if is_foreground() {
            let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &self.0);
        }
        if io::stderr().is_terminal() {
            let mut out = io::stderr().lock();
            let _ = out.write_all(b"\r\x1b[K\x1b[?7h\x1b[?25h").and_then(|()| out.flush());
        }
    }
}

/// Whether we are the job that the terminal talks to; any other is stopped when it touches it.
fn is_foreground() -> bool {
    rustix::termios::tcgetpgrp(rustix::stdio::stdin())
        .is_ok_and(|group| group == rustix::process::getpgrp())
}

/// Whether we were started with a signal ignored; only Linux tells.
pub(crate) fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask >> (signal - 1) & 1 == 1
}

/// Set once SIGINT, SIGTERM or SIGHUP has come.
#[derive(Debug)]
pub(crate) struct Interrupt {
    asked: Arc<AtomicBool>,
    /// The last that came.
    signal: Arc<AtomicUsize>,
    /// What ends the process at the second signal.
    ends: Vec<SigId>,
}

impl Interrupt {
    /// Listens to the signals from now on. The first asks for an end, the second ends the process
    /// at once, with the exit code that shells report for it: whatever is waited for.
    pub(crate) fn listen() -> Result<Self> {
        let (asked, last) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let mut ends = Vec::new();
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            // Whoever starts us under `nohup` wants us to outlive the terminal.
            if signal == SIGHUP && is_ignored(signal) {
                continue;
            }
            // The order decides: the first signal finds nothing asked yet.
            let end = flag::register_conditional_shutdown(signal, 128 + signal, asked.clone());
            ends.push(end.context("cannot listen to signals")?);
            flag::register_usize(signal, last.clone(), signal as usize)
                .and_then(|_| flag::register(signal, asked.clone()))
                .context("cannot listen to signals")?;
        }
        Ok(Self { asked, signal: last, ends })
    }

    /// From now on no signal ends the process by itself, so that lights are never left on, nor a
    /// terminal in disorder, by impatience.
    pub(crate) fn keep_on(&mut self) {
        for end in self.ends.drain(..) {
            low_level::unregister(end);
        }
    }

    /// The end of a command that one has stopped.
    pub(crate) fn end(&self) -> Interrupted {
        Interrupted(self.signal.load(Ordering::Relaxed) as u8)
    }

    /// Whether one has come.
    pub(crate) fn came(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}

/// Set each time that SIGUSR1 comes.
#[derive(Debug)]
pub(crate) struct Call(Arc<AtomicBool>);

impl Call {
    /// Listens to the signal from now on; without that it ends the process.
    pub(crate) fn listen() -> Result<Self> {
        let called = Arc::new(AtomicBool::new(false));
        flag::register(SIGUSR1, called.clone()).context("cannot listen to signals")?;
        Ok(Self(called))
    }

    /// Whether one has come since this was asked last.
    pub(crate) fn came(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}
