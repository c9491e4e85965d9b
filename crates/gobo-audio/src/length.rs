use std::path::Path;

use crate::{AudioError, Decoder};

/// How long a song sounds, exact to the sample.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SongLength {
    /// `frames / sample_rate`.
    pub seconds: f64,
    /// Frames a second.
    pub sample_rate: u32,
    /// Samples a frame.
    pub channels: u16,
    /// Frames from the first to the last that is meant to be heard.
    pub frames: u64,
}

/// The length of the song at `path`; decodes all of it when its container does not say.
pub fn probe(path: &Path) -> Result<SongLength, AudioError> {
    let mut decoder = Decoder::open(path)?;
    let frames = match decoder.frames() {
        Some(frames) => frames,
        None => {
            while decoder.next_block()?.is_some() {}
            decoder.position()
        }
    };
    let sample_rate = decoder.sample_rate();
    Ok(SongLength {
        seconds: frames as f64 / f64::from(sample_rate),
        sample_rate,
        channels: decoder.channels(),
        frames,
    })
}
