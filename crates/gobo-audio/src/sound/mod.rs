//! A song on a sound device: a thread decodes ahead, the device's callback takes what is due,
//! and both say what is heard when. The same thread opens the device anew when it is gone.

mod channels;
#[cfg(feature = "device")]
mod device;
mod feeder;
#[cfg(feature = "device")]
mod input;
mod keeper;
mod link;
mod null;
mod outlet;
mod resampled;
#[cfg_attr(not(feature = "device"), allow(dead_code, reason = "only devices need it"))]
mod timeline;
mod track;
mod voice;

use std::path::Path;
use std::thread;
use std::time::Instant;

#[cfg(feature = "device")]
pub use input::SoundInput;
pub use link::{Heard, SoundFault, SoundLink};

use crate::AudioError;
use keeper::{Backend, Keeper};
use null::{NullBackend, Turning};

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

/// What is done around each attempt to open a device. Libraries of the system complain on stderr
/// when there is none; who owns a terminal may want to keep them from it.
pub type Around = fn(&mut dyn FnMut());

/// A song at a device, silent until its [`SoundLink`] starts it; dropping it ends both.
pub struct Sound {
    missing: Option<AudioError>,
    _keeper: Turning,
}

impl Sound {
    /// Opens the song at `path` and a device for it.
    ///
    /// A device that cannot keep the song's sample rate gets it resampled. One that goes away is
    /// opened anew when it, or another default one, is there; so is a default device that is
    /// missing now, which [`Sound::missing`] tells. A named one that is missing now is an error.
    pub fn open(path: &Path, device: &SoundDevice) -> Result<(Self, SoundLink), AudioError> {
        Self::open_around(path, device, |open| open())
    }

    /// [`Sound::open`], with each attempt to open the device made by `around`.
    pub fn open_around(
        path: &Path,
        device: &SoundDevice,
        around: Around,
    ) -> Result<(Self, SoundLink), AudioError> {
        match device {
            SoundDevice::Null => Self::keep(path, NullBackend, false),
            #[cfg(feature = "device")]
            SoundDevice::Default => Self::keep(path, device::System::new(None, around), true),
            #[cfg(feature = "device")]
            SoundDevice::Named(name) => {
                Self::keep(path, device::System::new(Some(name), around), false)
            }
            #[cfg(not(feature = "device"))]
            SoundDevice::Default => {
                let _ = around;
                Err(AudioError::NoDevice { name: None })
            }
            #[cfg(not(feature = "device"))]
            SoundDevice::Named(name) => Err(AudioError::NoDevice { name: Some(name.clone()) }),
        }
    }

    fn keep<B: Backend>(
        path: &Path,
        backend: B,
        may_be_missing: bool,
    ) -> Result<(Self, SoundLink), AudioError> {
        let (link, plug) = link::link();
        let mut keeper = Keeper::new(path.to_owned(), backend, plug);
        let missing = match keeper.open(Instant::now()) {
            Err(error) if may_be_missing && error.is_of_device() => Some(error),
            opened => opened.map(|()| None)?,
        };
        let turn = move || thread::sleep(keeper.turn(Instant::now()));
        let sound = Self { missing, _keeper: Turning::start("gobo-sound", turn)? };
        Ok((sound, link))
    }

    /// Why there was no device at the start, if there was none.
    pub fn missing(&self) -> Option<&AudioError> {
        self.missing.as_ref()
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
