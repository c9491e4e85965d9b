use std::sync::Arc;

use rtrb::{Consumer, Producer, RingBuffer};
use triple_buffer::Output;

use super::channels::remix;
use super::link::{Order, Status};
use super::resampled::Resampled;

/// Frames in a chunk: about 10 ms.
const CHUNK_FRAMES: usize = 512;
/// How far ahead of the device sound is decoded: more than any device takes at a time.
const AHEAD_SECONDS: f64 = 1.0;

/// Sound on its way to the device.
pub(crate) struct Chunk {
    /// The start that it belongs to.
    pub(crate) serial: u64,
    /// Where its first frame lies, in seconds of the song.
    pub(crate) seconds: f64,
    /// How many of its frames count.
    pub(crate) frames: usize,
    /// Interleaved, in the device's channels.
    pub(crate) samples: Box<[f32]>,
}

/// Decodes ahead of the device, into chunks that come back to be filled again.
pub(crate) struct Feeder {
    song: Resampled,
    channels: usize,
    orders: Output<Order>,
    order: Order,
    chunks: Producer<Chunk>,
    returns: Consumer<Chunk>,
    status: Arc<Status>,
    /// The frame that comes next, at the device's rate.
    position: i64,
    /// The frames to repeat, when they are a stretch at all.
    repeat: Option<(i64, i64)>,
    /// A chunk as it leaves the song, in the song's channels.
    scratch: Vec<f32>,
}

impl Feeder {
    /// A feeder, and the ends of its rings that the voice holds.
    pub(crate) fn new(
        song: Resampled,
        channels: u16,
        mut orders: Output<Order>,
        status: Arc<Status>,
    ) -> (Self, Consumer<Chunk>, Producer<Chunk>) {
        let channels = usize::from(channels);
        let frames = f64::from(song.sample_rate()) * AHEAD_SECONDS;
        let count = (frames / CHUNK_FRAMES as f64).ceil() as usize;
        let (chunks, to_voice) = RingBuffer::new(count);
        let (mut from_voice, returns) = RingBuffer::new(count);
        for _ in 0..count {
            let samples = vec![0.0; CHUNK_FRAMES * channels].into_boxed_slice();
            let chunk = Chunk { serial: 0, seconds: 0.0, frames: 0, samples };
            // The ring holds exactly as many.
            let _ = from_voice.push(chunk);
        }
        let order = *orders.read();
        let scratch = vec![0.0; CHUNK_FRAMES * song.channels()];
        let (position, repeat) = (0, None);
        let feeder = Self {
            song,
            channels,
            orders,
            order,
            chunks,
            returns,
            status,
            position,
            repeat,
            scratch,
        };
        (feeder, to_voice, from_voice)
    }

    /// Fills one chunk; false when there was none to fill.
    pub(crate) fn step(&mut self) -> bool {
        let order = *self.orders.read();
        if order.serial != self.order.serial {
            self.start(&order);
        }
        self.order = order;
        if order.serial == 0 {
            return false;
        }
        let Ok(mut chunk) = self.returns.pop() else { return false };
        self.fill(&mut chunk);
        // There is a place for every chunk.
        let _ = self.chunks.push(chunk);
        true
    }

    fn start(&mut self, order: &Order) {
        let frame = |seconds: f64| (seconds * f64::from(self.song.sample_rate())).round() as i64;
        self.repeat =
            order.repeat.map(|(from, to)| (frame(from), frame(to))).filter(|(from, to)| from < to);
        self.position = frame(order.from);
        self.song.seek(self.position);
    }

    fn fill(&mut self, chunk: &mut Chunk) {
        if let Some((from, to)) = self.repeat
            && self.position == to
        {
            self.position = from;
            self.song.seek(from);
        }
        let left = match self.repeat {
            Some((_, to)) if self.position < to => (to - self.position).unsigned_abs() as usize,
            _ => usize::MAX,
        };
        let frames = left.min(CHUNK_FRAMES);
        let song_channels = self.song.channels();
        let song = &mut self.scratch[..frames * song_channels];
        self.song.read(song);
        let device = chunk.samples.chunks_exact_mut(self.channels);
        for (song, device) in song.chunks_exact(song_channels).zip(device) {
            remix(song, device);
        }
        if self.song.damaged() {
            self.status.damage();
        }
        chunk.serial = self.order.serial;
        chunk.seconds = self.position as f64 / f64::from(self.song.sample_rate());
        chunk.frames = frames;
        self.position += frames as i64;
    }
}
