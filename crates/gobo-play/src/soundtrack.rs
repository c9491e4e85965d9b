use std::time::Instant;

use gobo_audio::{Heard, SoundFault, SoundLink};

/// The sound that a player leads and follows; no call blocks or allocates.
pub trait Soundtrack: Send {
    /// Goes to `seconds` of the song and plays or waits there; see [`SoundLink::start`].
    fn start(&mut self, seconds: f64, repeat: Option<(f64, f64)>, playing: bool);
    /// Falls in with a show that runs: `seconds` of the song are heard at `due`; see
    /// [`SoundLink::join`].
    fn join(&mut self, seconds: f64, due: Instant, repeat: Option<(f64, f64)>);
    /// Pauses, or goes on.
    fn set_playing(&mut self, playing: bool);
    /// Sets the volume, 0.0 to 1.0.
    fn set_volume(&mut self, volume: f32);
    /// What is heard since the last start.
    fn heard(&mut self) -> Option<Heard>;
    /// What went wrong.
    fn fault(&self) -> Option<SoundFault>;
}

impl Soundtrack for SoundLink {
    fn start(&mut self, seconds: f64, repeat: Option<(f64, f64)>, playing: bool) {
        SoundLink::start(self, seconds, repeat, playing);
    }

    fn join(&mut self, seconds: f64, due: Instant, repeat: Option<(f64, f64)>) {
        SoundLink::join(self, seconds, due, repeat);
    }

    fn set_playing(&mut self, playing: bool) {
        SoundLink::set_playing(self, playing);
    }

    fn set_volume(&mut self, volume: f32) {
        SoundLink::set_volume(self, volume);
    }

    fn heard(&mut self) -> Option<Heard> {
        SoundLink::heard(self)
    }

    fn fault(&self) -> Option<SoundFault> {
        SoundLink::fault(self)
    }
}
