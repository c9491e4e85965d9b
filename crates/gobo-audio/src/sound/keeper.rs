use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use super::feeder::Feeder;
use super::link::{Ends, Plug};
use super::outlet::Intake;
use super::resampled::Resampled;
use super::voice::Voice;
use crate::{AudioError, Decoder};

/// How long the keeper rests when all that the device will take is decoded.
const REST: Duration = Duration::from_millis(3);
/// A device that has taken nothing for this long is opened anew.
const HUNG: Duration = Duration::from_secs(4);
/// A keeper that was not turned for this long was held up itself, perhaps with the device.
const HELD_UP: Duration = Duration::from_secs(1);
/// From losing a device to the first attempt to have it back, and the longest from one to the next.
const RETRY: std::ops::RangeInclusive<Duration> =
    Duration::from_millis(250)..=Duration::from_secs(2);

/// What opens a device: the system, gobo's own clock, or a test.
pub(crate) trait Backend: Send + 'static {
    /// Opens the device, which takes blocks from now on, for a song of `song_rate` frames a
    /// second and so many channels.
    fn open(&mut self, song_rate: u32, song_channels: u16) -> Result<Opened, AudioError>;
}

/// A device that was opened.
pub(crate) struct Opened {
    /// Frames a second.
    pub(crate) sample_rate: u32,
    pub(crate) channels: u16,
    pub(crate) intake: Intake,
    /// What ends the device when it is dropped, which may block.
    pub(crate) stream: Box<dyn Send>,
}

/// Keeps a song at a device: opens it, feeds it, and opens it anew when it is gone.
///
/// It is turned with the time, on a thread that may block, and never asks for the time itself.
pub(crate) struct Keeper<B> {
    song: PathBuf,
    backend: B,
    plug: Plug,
    device: Option<Running>,
    /// When to try to open the device, and how long to wait if that fails.
    retry: (Option<Instant>, Duration),
    turned: Option<Instant>,
}

/// A device that is fed.
struct Running {
    feeder: Feeder,
    intake: Intake,
    taken: u64,
    /// When the device was last seen to take a block.
    alive: Instant,
    _stream: Box<dyn Send>,
}

impl<B: Backend> Keeper<B> {
    pub(crate) fn new(song: PathBuf, backend: B, plug: Plug) -> Self {
        let retry = (None, *RETRY.start());
        Self { song, backend, plug, device: None, retry, turned: None }
    }

    /// Opens the device and gives it the song, or tries again later.
    pub(crate) fn open(&mut self, now: Instant) -> Result<(), AudioError> {
        let opened = self.attempt(now);
        let (_, wait) = self.retry;
        self.retry = match opened {
            Ok(()) => (None, *RETRY.start()),
            Err(_) => (Some(now + wait), (wait * 2).min(*RETRY.end())),
        };
        opened
    }

    fn attempt(&mut self, now: Instant) -> Result<(), AudioError> {
        let song = Decoder::open(&self.song)?;
        let mut opened = self.backend.open(song.sample_rate(), song.channels())?;
        let Ends { feeder, voice, heard } = self.plug.ends();
        let (sample_rate, channels) = (opened.sample_rate, opened.channels);
        let song = Resampled::new(song, sample_rate);
        let (feeder, chunks, returns) = Feeder::new(song, channels, feeder, self.plug.status());
        opened.intake.hand_in(Voice::new(voice, chunks, returns, heard, sample_rate, channels));
        self.plug.connect();
        let (intake, taken) = (opened.intake, 0);
        self.device = Some(Running { feeder, intake, taken, alive: now, _stream: opened.stream });
        Ok(())
    }

    /// Does what is due at `now`; gives how long to rest.
    pub(crate) fn turn(&mut self, now: Instant) -> Duration {
        let before = self.turned.replace(now).unwrap_or(now);
        let held_up = now.saturating_duration_since(before) > HELD_UP;
        if let Some(device) = &mut self.device {
            if device.is_well(now, held_up) {
                while device.feeder.step() {}
                return REST;
            }
            self.lose(now);
        }
        match self.retry.0 {
            Some(due) if now < due => REST.max(due - now).min(*RETRY.start()),
            _ => {
                // Why it fails was said at the start, or is that the device is gone.
                let _ = self.open(now);
                REST
            }
        }
    }

    fn lose(&mut self, now: Instant) {
        self.plug.lose();
        self.retry = (Some(now + *RETRY.start()), *RETRY.start() * 2);
        // Ending a device that hangs can take as long as it hangs.
        if let Some(device) = self.device.take() {
            let _ = thread::Builder::new().name("gobo-sound-end".into()).spawn(|| drop(device));
        }
    }
}

impl Running {
    fn is_well(&mut self, now: Instant, held_up: bool) -> bool {
        let taken = self.intake.taken();
        if taken != self.taken || held_up {
            (self.taken, self.alive) = (taken, now);
        }
        !self.intake.is_lost() && now.saturating_duration_since(self.alive) < HUNG
    }
}
