//! A song on a sound device: a thread decodes ahead, the device's callback takes what is due,
//! and both say what is heard when.

mod channels;
#[cfg(feature = "device")]
mod device;
mod feeder;
#[cfg(feature = "device")]
mod input;
mod link;
mod null;
mod resampled;
mod track;
mod voice;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

#[cfg(feature = "device")]
pub use input::SoundInput;
pub use link::{Heard, SoundFault, SoundLink};

use crate::{AudioError, Decoder};
use feeder::Feeder;
use link::Status;
use null::NullDevice;
use resampled::Resampled;
use voice::Voice;

/// How long the decoding thread rests when the device has taken nothing.
const FEEDER_REST: Duration = Duration::from_millis(3);

/// Where the sound goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SoundDevice {
    /// The device that the system calls its default.
    Default,
    /// A device by the name or the identity that [`device_names`] lists.
    Named(String),
    /// A device of our own that takes sound by the monotonic clock and lets no one hear it.
    Null,
}

/// A song at a device, silent until its [`SoundLink`] starts it; dropping it ends both.
pub struct Sound {
    device: String,
    sample_rate: u32,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    #[cfg(feature = "device")]
    _stream: Option<cpal::Stream>,
}

/// The two ends that a device drives: what it calls, and what the player holds.
struct Pipeline {
    voice: Voice,
    link: SoundLink,
    feeder: Feeder,
    #[cfg(feature = "device")]
    status: Arc<Status>,
}

impl Pipeline {
    fn new(song: Decoder, sample_rate: u32, channels: u16) -> Self {
        let status = Arc::new(Status::default());
        let (link, feeder_order, voice_order, heard) = link::link(Arc::clone(&status));
        let song = Resampled::new(song, sample_rate);
        let (feeder, chunks, returns) =
            Feeder::new(song, channels, feeder_order, Arc::clone(&status));
        let voice = Voice::new(voice_order, chunks, returns, heard, sample_rate, channels);
        Self {
            voice,
            link,
            feeder,
            #[cfg(feature = "device")]
            status,
        }
    }
}

impl Sound {
    /// Opens the song at `path` and a device for it.
    ///
    /// A device that cannot keep the song's sample rate gets it resampled.
    pub fn open(path: &Path, device: &SoundDevice) -> Result<(Self, SoundLink), AudioError> {
        let song = Decoder::open(path)?;
        match device {
            SoundDevice::Null => Self::open_null(song),
            #[cfg(feature = "device")]
            SoundDevice::Default => device::open(song, None),
            #[cfg(feature = "device")]
            SoundDevice::Named(name) => device::open(song, Some(name)),
            #[cfg(not(feature = "device"))]
            SoundDevice::Default => Err(AudioError::NoDevice { name: None }),
            #[cfg(not(feature = "device"))]
            SoundDevice::Named(name) => Err(AudioError::NoDevice { name: Some(name.clone()) }),
        }
    }

    fn open_null(song: Decoder) -> Result<(Self, SoundLink), AudioError> {
        let (sample_rate, channels) = (song.sample_rate(), song.channels());
        let Pipeline { voice, link, feeder, .. } = Pipeline::new(song, sample_rate, channels);
        let mut sound = Self {
            device: "null".to_owned(),
            sample_rate,
            stop: Arc::new(AtomicBool::new(false)),
            threads: Vec::new(),
            #[cfg(feature = "device")]
            _stream: None,
        };
        sound.feed(feeder)?;
        let mut null = NullDevice::new(voice, sample_rate, channels, Instant::now());
        sound.spawn("gobo-null-sound", move || thread::sleep(null.advance(Instant::now())))?;
        Ok((sound, link))
    }

    fn feed(&mut self, mut feeder: Feeder) -> Result<(), AudioError> {
        self.spawn("gobo-decode", move || {
            if !feeder.step() {
                thread::sleep(FEEDER_REST);
            }
        })
    }

    /// Repeats `turn` on a named thread until the sound is dropped.
    fn spawn(
        &mut self,
        name: &str,
        mut turn: impl FnMut() + Send + 'static,
    ) -> Result<(), AudioError> {
        let stop = Arc::clone(&self.stop);
        let body = move || {
            while !stop.load(Ordering::Relaxed) {
                turn();
            }
        };
        let thread = thread::Builder::new().name(name.to_owned()).spawn(body);
        self.threads.push(thread.map_err(AudioError::Thread)?);
        Ok(())
    }

    /// The device's name.
    pub fn device(&self) -> &str {
        &self.device
    }

    /// Frames a second at the device.
    pub fn sample_rate(&self) -> u32 {
        self.sample_rate
    }
}

impl Drop for Sound {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing left to end.
            let _ = thread.join();
        }
    }
}

/// The names of the sound devices that can be opened, the default first.
#[cfg(feature = "device")]
pub fn device_names() -> Vec<String> {
    device::names()
}

/// The names of the sound devices that can be opened: none in this build.
#[cfg(not(feature = "device"))]
pub fn device_names() -> Vec<String> {
    Vec::new()
}

/// The names of the sound inputs that can be opened, the default first.
#[cfg(feature = "device")]
pub fn input_names() -> Vec<String> {
    input::names()
}

/// The names of the sound inputs that can be opened: none in this build.
#[cfg(not(feature = "device"))]
pub fn input_names() -> Vec<String> {
    Vec::new()
}

#[cfg(test)]
mod tests;
