//! What passes between the player and the sound, newest wins, without a lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Instant;

use triple_buffer::{Input, Output, triple_buffer};

/// What the player wants to hear.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Order {
    /// Rises with every start; what belongs to an earlier one is thrown away. 0 is silence.
    pub(crate) serial: u64,
    pub(crate) playing: bool,
    /// Where to start, in seconds of the song; silence before 0 and after its end.
    pub(crate) from: f64,
    /// The seconds to play again and again once they are reached.
    pub(crate) repeat: Option<(f64, f64)>,
    /// 0.0 to 1.0.
    pub(crate) volume: f32,
}

/// A moment at which a place of the song is heard.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Heard {
    /// The place, in seconds of the song; negative before it begins.
    pub seconds: f64,
    /// When it comes out of the device, which may be soon.
    pub at: Instant,
    /// How many blocks the device took since the start; the first few have rough times.
    pub blocks: u64,
    /// Whether the sound runs on from there, or pauses.
    pub running: bool,
}

/// What is heard, with the serial of the start that it belongs to.
pub(crate) type Report = Option<(u64, Heard)>;

/// Why the sound cannot be trusted any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SoundFault {
    /// The device is gone or refuses to go on.
    DeviceLost,
    /// The song breaks off; silence follows.
    SongDamaged,
}

/// The state that both threads of the sound can set.
#[derive(Default)]
pub(crate) struct Status(AtomicU8);

impl Status {
    pub(crate) fn set(&self, fault: SoundFault) {
        let bit = match fault {
            SoundFault::SongDamaged => 1,
            SoundFault::DeviceLost => 2,
        };
        self.0.fetch_or(bit, Ordering::Relaxed);
    }

    fn get(&self) -> Option<SoundFault> {
        match self.0.load(Ordering::Relaxed) {
            0 => None,
            1 => Some(SoundFault::SongDamaged),
            _ => Some(SoundFault::DeviceLost),
        }
    }
}

/// The player's end of a sound; no call blocks or allocates.
pub struct SoundLink {
    order: Order,
    feeder: Input<Order>,
    voice: Input<Order>,
    heard: Output<Report>,
    status: Arc<Status>,
}

/// The player's end, and those of the feeder and the voice.
pub(crate) fn link(
    status: Arc<Status>,
) -> (SoundLink, Output<Order>, Output<Order>, Input<Report>) {
    let order = Order { serial: 0, playing: false, from: 0.0, repeat: None, volume: 1.0 };
    let (feeder, feeder_order) = triple_buffer(&order);
    let (voice, voice_order) = triple_buffer(&order);
    let (heard_input, heard) = triple_buffer(&None);
    (SoundLink { order, feeder, voice, heard, status }, feeder_order, voice_order, heard_input)
}

impl SoundLink {
    /// Goes to `seconds` of the song, which may lie before or after it, and plays or waits
    /// there; with `repeat`, the end of that stretch leads back to its start without a gap.
    pub fn start(&mut self, seconds: f64, repeat: Option<(f64, f64)>, playing: bool) {
        let serial = self.order.serial + 1;
        self.order = Order { serial, playing, from: seconds, repeat, ..self.order };
        self.send();
    }

    /// Pauses, or goes on from where the pause began.
    pub fn set_playing(&mut self, playing: bool) {
        if self.order.playing != playing {
            self.order.playing = playing;
            self.send();
        }
    }

    /// Sets the volume, 0.0 to 1.0; others are clamped.
    pub fn set_volume(&mut self, volume: f32) {
        let volume = volume.clamp(0.0, 1.0);
        if self.order.volume != volume {
            self.order.volume = volume;
            self.send();
        }
    }

    fn send(&mut self) {
        self.feeder.write(self.order);
        self.voice.write(self.order);
    }

    /// What is heard since the last start, or `None` until the device has taken some of it.
    pub fn heard(&mut self) -> Option<Heard> {
        let (serial, heard) = (*self.heard.read())?;
        (serial == self.order.serial).then_some(heard)
    }

    /// What went wrong, the worst of it.
    pub fn fault(&self) -> Option<SoundFault> {
        self.status.get()
    }
}
