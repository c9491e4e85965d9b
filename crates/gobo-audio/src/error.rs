use std::path::PathBuf;

/// Why a song cannot be read, or not be heard.
#[derive(Debug, thiserror::Error)]
pub enum AudioError {
    /// The file cannot be opened.
    #[error("cannot open the song {}: {cause}", path.display())]
    Open {
        /// The song's file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The bytes are no format that gobo knows.
    #[error(
        "{} is no sound file that gobo reads: expected mp3, ogg (vorbis), flac, wav or m4a (aac)",
        path.display()
    )]
    Unknown {
        /// The song's file.
        path: PathBuf,
    },
    /// The bytes are not what their format asks for.
    #[error("cannot read the song {}: {cause}", path.display())]
    Format {
        /// The song's file.
        path: PathBuf,
        /// What the decoder said.
        cause: symphonia::core::errors::Error,
    },
    /// The file has no track of sound.
    #[error("no sound in {}", path.display())]
    NoSound {
        /// The song's file.
        path: PathBuf,
    },
    /// The stream broke off or jumps in time.
    #[error("the song {} is damaged at {seconds:.3} s: {reason}", path.display())]
    Damaged {
        /// The song's file.
        path: PathBuf,
        /// Where, in seconds of the song.
        seconds: f64,
        /// What is wrong there.
        reason: String,
    },
    /// A WAV file cannot be written.
    #[error("cannot write {}: {cause}", path.display())]
    Wav {
        /// The file.
        path: PathBuf,
        /// What hound said.
        cause: hound::Error,
    },
    /// No sound device of that name, or none at all.
    #[error("no sound device{}", name.as_deref().map(|n| format!(" named `{n}`")).unwrap_or_default())]
    NoDevice {
        /// The name asked for; `None` for the default device.
        name: Option<String>,
    },
    /// No sound input of that name, or none at all.
    #[error("no sound input{}", name.as_deref().map(|n| format!(" named `{n}`")).unwrap_or_default())]
    NoInput {
        /// The name asked for; `None` for the default input.
        name: Option<String>,
    },
    /// The sound device refuses to open or to start.
    #[error("the sound device `{device}` does not open: {reason}")]
    Device {
        /// The device's name.
        device: String,
        /// What the system said.
        reason: String,
    },
    /// A thread for the sound cannot be started.
    #[error("cannot start the sound's thread: {0}")]
    Thread(std::io::Error),
}

impl AudioError {
    /// Whether it is the device that fails, not the song.
    pub fn is_of_device(&self) -> bool {
        matches!(self, Self::NoDevice { .. } | Self::Device { .. })
    }
}
