//! A serial line that is never waited for longer than a frame is worth.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::termios::{OptionalActions, QueueSelector, tcflush, tcgetattr, tcsetattr};

/// How long a message may take; 40 a second go through a line that works.
const PATIENCE: Duration = Duration::from_millis(250);

/// What clones without USB inside are set to; the widget itself does not mind.
const SPEED: u32 = 115_200;

/// An open line.
pub(super) struct Line(File);

impl Line {
    /// Opens the device without waiting for a carrier, and leaves every byte as it is.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::NOCTTY | OFlags::NONBLOCK;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(flags.bits() as i32)
            .open(path)?;
        let mut termios = tcgetattr(&file)?;
        termios.make_raw();
        termios.set_speed(SPEED)?;
        tcsetattr(&file, OptionalActions::Now, &termios)?;
        Ok(Self(file))
    }

    /// Writes all of `bytes`, in 250 ms at most. What did not go by then is taken back, so that
    /// closing does not wait for it.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hear()?;
        let written = self.push(bytes);
        if written.is_err() {
            let _ = tcflush(&self.0, QueueSelector::OFlush);
        }
        written
    }

    fn push(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let until = Instant::now() + PATIENCE;
        while !bytes.is_empty() {
            match self.0.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.wait(until)?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Waits for room until then.
    fn wait(&self, until: Instant) -> io::Result<()> {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let mut fds = [PollFd::new(&self.0, PollFlags::OUT)];
        let timeout = Timespec { tv_sec: 0, tv_nsec: left.subsec_nanos().into() };
        match poll(&mut fds, Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes what the widget says, and does not heed it: unread it would fill the line. The end
    /// of what it says is the end of the widget.
    fn hear(&mut self) -> io::Result<()> {
        let mut heard = [0; 1024];
        loop {
            match self.0.read(&mut heard) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) if count < heard.len() => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
