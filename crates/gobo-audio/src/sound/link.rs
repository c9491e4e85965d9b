//! What passes between the player and the sound, newest wins, without a lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use triple_buffer::{Input, Output, TripleBuffer, triple_buffer};

/// What the player wants to hear.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Order {
    /// Rises with every start; what belongs to an earlier one is thrown away. 0 is silence.
    pub(crate) serial: u64,
    pub(crate) playing: bool,
    /// Where to start, in seconds of the song; silence before 0 and after its end.
    pub(crate) from: f64,
    /// When `from` is to be heard; at once unless given.
    pub(crate) due: Option<Instant>,
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
    /// A device is there (again), and silent until the next start.
    Interrupted,
    /// The song breaks off; silence follows.
    SongDamaged,
}

/// The state that the sound's thread sets.
#[derive(Default)]
pub(crate) struct Status {
    lost: AtomicBool,
    damaged: AtomicBool,
}

impl Status {
    pub(crate) fn damage(&self) {
        self.damaged.store(true, Ordering::Relaxed);
    }
}

/// The player's end of a sound; no call blocks or allocates.
///
/// It stays the same when the sound's device is lost and another takes its place.
pub struct SoundLink {
    order: Order,
    line: Line,
    /// A line to a new device, which the next start takes; the old one goes back the same way.
    lines: Output<Option<Line>>,
    status: Arc<Status>,
}

/// What leads to one device.
struct Line {
    feeder: Input<Order>,
    voice: Input<Order>,
    heard: Output<Report>,
}

/// The far ends of a line.
pub(crate) struct Ends {
    pub(crate) feeder: Output<Order>,
    pub(crate) voice: Output<Order>,
    pub(crate) heard: Input<Report>,
}

/// The sound's end of a link, where lines to devices are plugged in.
pub(crate) struct Plug {
    made: Option<Line>,
    lines: Input<Option<Line>>,
    status: Arc<Status>,
}

const SILENCE: Order =
    Order { serial: 0, playing: false, from: 0.0, due: None, repeat: None, volume: 1.0 };

fn line() -> (Line, Ends) {
    let (feeder, feeder_end) = triple_buffer(&SILENCE);
    let (voice, voice_end) = triple_buffer(&SILENCE);
    let (heard_end, heard) = triple_buffer(&None);
    let ends = Ends { feeder: feeder_end, voice: voice_end, heard: heard_end };
    (Line { feeder, voice, heard }, ends)
}

/// The player's end, and the sound's; there is no device yet.
pub(crate) fn link() -> (SoundLink, Plug) {
    let status = Arc::new(Status { lost: AtomicBool::new(true), ..Status::default() });
    let (input, lines) = TripleBuffer::default().split();
    let (line, _) = line();
    let plug = Plug { made: None, lines: input, status: Arc::clone(&status) };
    (SoundLink { order: SILENCE, line, lines, status }, plug)
}

impl Plug {
    /// The ends of a new line, which the player gets once it is connected.
    pub(crate) fn ends(&mut self) -> Ends {
        let (line, ends) = line();
        self.made = Some(line);
        ends
    }

    /// Tells the player of the line: its device is there.
    pub(crate) fn connect(&mut self) {
        self.lines.write(self.made.take());
        // Whoever sees the device found finds the line.
        self.status.lost.store(false, Ordering::Release);
    }

    /// Tells the player that the device is gone.
    pub(crate) fn lose(&self) {
        self.status.lost.store(true, Ordering::Release);
    }

    pub(crate) fn status(&self) -> Arc<Status> {
        Arc::clone(&self.status)
    }
}

impl SoundLink {
    /// Goes to `seconds` of the song, which may lie before or after it, and plays or waits
    /// there; with `repeat`, the end of that stretch leads back to its start without a gap.
    pub fn start(&mut self, seconds: f64, repeat: Option<(f64, f64)>, playing: bool) {
        self.renew();
        let serial = self.order.serial + 1;
        self.order = Order { serial, playing, from: seconds, due: None, repeat, ..self.order };
        self.send();
    }

    /// Falls in with a show that runs already: plays so that `seconds` of the song is heard at
    /// `due`, with silence until then; what a slow device would play too late is left out.
    pub fn join(&mut self, seconds: f64, due: Instant, repeat: Option<(f64, f64)>) {
        self.renew();
        let serial = self.order.serial + 1;
        let due = Some(due);
        self.order = Order { serial, playing: true, from: seconds, due, repeat, ..self.order };
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
        self.line.feeder.write(self.order);
        self.line.voice.write(self.order);
    }

    /// Takes the newest line. The old one is freed by the thread that makes them.
    fn renew(&mut self) {
        if self.lines.update()
            && let Some(line) = self.lines.output_buffer_mut()
        {
            std::mem::swap(&mut self.line, line);
        }
    }

    /// What is heard since the last start, or `None` until the device has taken some of it.
    pub fn heard(&mut self) -> Option<Heard> {
        let (serial, heard) = (*self.line.heard.read())?;
        (serial == self.order.serial).then_some(heard)
    }

    /// What went wrong, the worst of it.
    pub fn fault(&self) -> Option<SoundFault> {
        if self.status.lost.load(Ordering::Acquire) {
            return Some(SoundFault::DeviceLost);
        }
        if self.lines.updated() {
            return Some(SoundFault::Interrupted);
        }
        self.status.damaged.load(Ordering::Relaxed).then_some(SoundFault::SongDamaged)
    }
}
