use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use gobo_canvas::Canvas;
use gobo_dmx::LastLook;
use triple_buffer::{Output, triple_buffer};

use crate::ahead::{Decoding, Order, decode_ahead};
use crate::grants::{ask_for_real_time, keep_memory};
use crate::player::{Player, Start};
use crate::stage::Stage;
use crate::timer::Timer;
use crate::{FrameSink, Range, Remote, Soundtrack, State};

/// Frames decoded before the first is due.
const FRAMES_AT_START: usize = 4;
/// The largest canvas that is read into memory, in bytes: about half a day of 100 universes.
const MOST_LOADED: u64 = 1 << 30;
/// How long the decoding thread rests when all is decoded.
const DECODING_REST: Duration = Duration::from_millis(4);

/// How a show is to be played.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Options {
    /// Where to begin, in seconds of the show.
    pub from: f64,
    /// Where to end, in seconds of the show; its own end unless given.
    pub to: Option<f64>,
    /// Whether the end leads back to `from`.
    pub repeat: bool,
    /// The speed, 0.1 to 8.0; at all but 1.0 the sound is mute.
    pub speed: f64,
    /// By how many seconds the light comes after the sound; negative brings it before.
    pub offset: f64,
    /// The last look, instead of the canvas's own.
    pub last_look: Option<LastLook>,
    /// The volume of the sound, 0.0 to 1.0.
    pub volume: f32,
    /// How long before a frame is due its thread stops to sleep and keeps a core busy instead:
    /// what wakes a sleeping thread late does not delay it then. Zero sleeps until the end.
    pub spin: Duration,
    /// Whether to ask the system never to swap this process out, if it lets us.
    pub keep_memory: bool,
}

impl Default for Options {
    /// The whole show, once, as it is written.
    fn default() -> Self {
        Self {
            from: 0.0,
            to: None,
            repeat: false,
            speed: 1.0,
            offset: 0.0,
            last_look: None,
            volume: 1.0,
            spin: Duration::ZERO,
            keep_memory: false,
        }
    }
}

/// Why a show does not start.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// Nothing lies between the start and the end asked for.
    #[error("nothing to play from {from:.3} s to {to:.3} s: the show is {seconds:.3} s long")]
    NothingToPlay {
        /// The start asked for, in seconds.
        from: f64,
        /// The end asked for, in seconds.
        to: f64,
        /// The length of the show.
        seconds: f64,
    },
    /// The system gives no thread.
    #[error("cannot start a thread to play the show: {0}")]
    Thread(std::io::Error),
}

/// How a show ended. The last look was sent in each case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ending {
    /// It reached its end, or was stopped.
    Finished,
    /// The real-time thread panicked, for this reason.
    Panicked(String),
}

/// A show that plays. Dropping it stops the show with its last look.
pub struct Playback<S: FrameSink> {
    remote: Remote,
    state: Output<State>,
    stage: Option<JoinHandle<(Ending, S)>>,
    decoding: Option<JoinHandle<()>>,
    done: Arc<AtomicBool>,
}

/// Plays `canvas` to `sink`, with its song if a sound is given.
pub fn play<S: FrameSink>(
    canvas: Arc<Canvas>,
    sink: S,
    sound: Option<Box<dyn Soundtrack>>,
    options: &Options,
) -> Result<Playback<S>, PlayError> {
    let header = canvas.header();
    let (rate, last_look) = (header.rate, options.last_look.unwrap_or(header.last_look));
    let range = range(&canvas, options)?;
    let song_offset = header.song.as_ref().map_or(0.0, |song| song.offset);
    let start = Start {
        rate,
        range,
        frame: range.start,
        speed: options.speed,
        song_ahead: song_offset + options.offset,
        volume: options.volume,
    };
    let (player, remote) = Player::new(&start, sound, Instant::now());
    let order = Order { generation: player.generation(), turn: range.start, range };
    let whole = Arc::clone(&canvas);
    let (mut decoding, frames) = decode_ahead(canvas, order);
    for _ in 0..FRAMES_AT_START {
        decoding.step();
    }
    let (published, state) = triple_buffer(&State::default());
    let mut stage = Stage::new(player, frames, sink, published, last_look, rate.time_of(1));
    let done = Arc::new(AtomicBool::new(false));
    let named = |name: &str| thread::Builder::new().name(name.to_owned());
    let (decoding_done, stage_done) = (Arc::clone(&done), Arc::clone(&done));
    // If the second thread is refused, the first is told to end by the drop of the playback.
    let mut playback = Playback { remote, state, stage: None, decoding: None, done };
    let decoding = named("gobo-ahead").spawn(move || run_decoding(decoding, &decoding_done));
    playback.decoding = Some(decoding.map_err(PlayError::Thread)?);
    let (spin, kept) = (options.spin, options.keep_memory && keep_memory());
    stage.set_memory_kept(kept);
    let stage = named("gobo-play").spawn(move || run_stage(stage, spin, &stage_done));
    playback.stage = Some(stage.map_err(PlayError::Thread)?);
    // Without this thread the show plays from the file.
    let _ = named("gobo-load").spawn(move || load(&whole));
    Ok(playback)
}

/// Reads the canvas whole, unless it is one for which there may be no room.
fn load(canvas: &Canvas) {
    if canvas.file_len() <= MOST_LOADED {
        // What cannot be read is told of when its frames are missing.
        let _ = canvas.load();
    }
}

fn range(canvas: &Canvas, options: &Options) -> Result<Range, PlayError> {
    let header = canvas.header();
    let end = options.to.map_or(header.frames, |to| header.rate.nearest_frame(to));
    let start = header.rate.nearest_frame(options.from);
    let range = Range { start, end: end.min(header.frames), repeat: options.repeat };
    if range.start < range.end {
        return Ok(range);
    }
    let seconds = header.seconds();
    let to = options.to.unwrap_or(seconds);
    Err(PlayError::NothingToPlay { from: options.from, to, seconds })
}

fn run_decoding(mut decoding: Decoding, done: &AtomicBool) {
    while !done.load(Ordering::Relaxed) {
        if !decoding.step() {
            thread::sleep(DECODING_REST);
        }
    }
}

fn run_stage<S: FrameSink>(mut stage: Stage<S>, spin: Duration, done: &AtomicBool) -> (Ending, S) {
    let timer = Timer::new(spin);
    stage.set_real_time(ask_for_real_time());
    let turns = catch_unwind(AssertUnwindSafe(|| {
        while let Some(wake) = stage.turn(Instant::now()) {
            timer.wait_until(wake);
        }
    }));
    // After a panic in the midst of a turn, this is what still sends the last look.
    let finished = catch_unwind(AssertUnwindSafe(|| stage.finish(Instant::now())));
    done.store(true, Ordering::Relaxed);
    let ending = match turns.and(finished) {
        Ok(()) => Ending::Finished,
        Err(panic) => Ending::Panicked(reason(&*panic)),
    };
    (ending, stage.into_sink())
}

fn reason(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

impl<S: FrameSink> Playback<S> {
    /// A hand on the show.
    pub fn remote(&self) -> Remote {
        self.remote.clone()
    }

    /// The newest state.
    pub fn state(&mut self) -> State {
        *self.state.read()
    }

    /// Whether the show is over.
    pub fn is_over(&self) -> bool {
        self.stage.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits for the end; gives how it came, the last state, and the outputs.
    pub fn join(mut self) -> (Ending, State, Option<S>) {
        let (ending, sink) = self.end();
        (ending, *self.state.read(), sink)
    }

    fn end(&mut self) -> (Ending, Option<S>) {
        let stage = self.stage.take().map(JoinHandle::join);
        self.done.store(true, Ordering::Relaxed);
        if let Some(decoding) = self.decoding.take() {
            // Frames that cannot be decoded have been counted as missing.
            let _ = decoding.join();
        }
        match stage {
            Some(Ok((ending, sink))) => (ending, Some(sink)),
            Some(Err(panic)) => (Ending::Panicked(reason(&*panic)), None),
            None => (Ending::Finished, None),
        }
    }
}

impl<S: FrameSink> Drop for Playback<S> {
    fn drop(&mut self) {
        self.remote.stop();
        self.end();
    }
}
