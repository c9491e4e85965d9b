//! Songs: decoded to the sample, measured, and played with a clock that says what is heard.
//!
//! This crate never knows a show or a light. It never prints; what goes wrong with a device
//! becomes a state that the player reads, and the song's clock stops being trusted.
#![forbid(unsafe_code)]

mod decoder;
mod edit_list;
mod error;
mod length;
mod peaks;
mod sound;
mod spectrum;
mod wav;

pub use decoder::Decoder;
pub use error::AudioError;
pub use length::{SongLength, probe};
pub use peaks::{PEAK_RATE, Peaks, peaks};
#[cfg(feature = "device")]
pub use sound::SoundInput;
pub use sound::{
    Around, Heard, Sound, SoundDevice, SoundFault, SoundLink, device_names, input_names,
};
pub use spectrum::{
    BANDS, HOP_SECONDS, LOWEST_HZ, SPECTRUM_VERSION, SongSpectrum, SpectrumPart, spectrum,
};
pub use wav::write_wav;
