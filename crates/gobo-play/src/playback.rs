use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use gobo_canvas::{Canvas, Header};
use gobo_dmx::{LastLook, Universe};
use triple_buffer::triple_buffer;

use crate::controls::Controls;
use crate::grants::{RealTime, ask_for_priority};
use crate::levels::Listening;
use crate::lineup::{Handover, Lineup, lineup};
use crate::player::Lead;
use crate::stage::Stage;
use crate::timer::Timer;
use crate::{
    Desk, Entry, FrameSink, Levels, Playlist, Program, Range, Remote, Resume, Soundtrack, State,
    Watch,
};

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
    /// How the real-time thread keeps its time.
    pub real_time: RealTime,
    /// Where to go on, where another player has broken off; else it begins at `from`.
    pub resume: Option<Resume>,
    /// Who says when the show begins and where it is.
    pub lead: Lead,
    /// Whether the show stands on its last frame once it is there, instead of being over.
    pub stays: bool,
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
            real_time: RealTime::default(),
            resume: None,
            lead: Lead::Own,
            stays: false,
        }
    }
}

impl Options {
    /// The frames of a canvas that these play.
    ///
    /// # Errors
    /// Nothing lies between the start and the end.
    pub fn range(&self, header: &Header) -> Result<Range, PlayError> {
        let end = self.to.map_or(header.frames, |to| header.rate.nearest_frame(to));
        let start = header.rate.nearest_frame(self.from);
        let range = Range { start, end: end.min(header.frames), repeat: self.repeat };
        if range.start < range.end {
            return Ok(range);
        }
        let seconds = header.seconds();
        let to = self.to.unwrap_or(seconds);
        Err(PlayError::NothingToPlay { from: self.from, to, seconds })
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

/// A show, or several in a row, that play. Dropping it stops them with their last look.
pub struct Playback<S: FrameSink> {
    remote: Remote,
    watch: Watch,
    succeeded: bool,
    desk: Desk,
    _listening: Option<Listening>,
    stage: Option<JoinHandle<(Ending, S)>>,
    lineup: Option<JoinHandle<()>>,
    done: Arc<AtomicBool>,
}

/// Plays `canvas` to `sink`, with its song if a sound is given.
pub fn play<S: FrameSink>(
    canvas: Arc<Canvas>,
    sink: S,
    sound: Option<Box<dyn Soundtrack>>,
    options: &Options,
) -> Result<Playback<S>, PlayError> {
    let levels = Levels::new([canvas.header()]);
    play_with(canvas, levels, sink, sound, options)
}

/// The same at levels that are set before the first frame.
pub fn play_with<S: FrameSink>(
    canvas: Arc<Canvas>,
    levels: Levels,
    sink: S,
    sound: Option<Box<dyn Soundtrack>>,
    options: &Options,
) -> Result<Playback<S>, PlayError> {
    let universes: Vec<Universe> = levels.desk().universes().collect();
    let first = Program::new(canvas, sound, &universes, options, Entry::default())?;
    start(first, levels, sink, options.real_time).map(|(playback, lineup)| {
        lineup.close();
        playback
    })
}

/// Plays `first` and then the other shows of a list, in a row, to `sink`, for which a frame has
/// one [`gobo_dmx::Slots`] for each universe of the levels: those that the programs are made for.
pub fn play_list<S: FrameSink>(
    first: Program,
    list: impl Playlist,
    levels: Levels,
    sink: S,
    real_time: RealTime,
) -> Result<Playback<S>, PlayError> {
    let (mut playback, lineup) = start(first, levels, sink, real_time)?;
    let (remote, done) = (playback.remote.clone(), Arc::clone(&playback.done));
    let lineup = named("gobo-next").spawn(move || lineup.run(list, &remote, &done));
    playback.lineup = Some(lineup.map_err(PlayError::Thread)?);
    Ok(playback)
}

/// Plays `first`, and whatever is handed over while it plays, as [`play_list`] does.
///
/// # Errors
/// The system gives no thread.
pub fn play_live<S: FrameSink>(
    first: Program,
    levels: Levels,
    sink: S,
    real_time: RealTime,
) -> Result<(Playback<S>, Handover), PlayError> {
    let (playback, lineup) = start(first, levels, sink, real_time)?;
    Ok((playback, Handover::new(lineup)))
}

/// Starts the real-time thread with its first program.
fn start<S: FrameSink>(
    first: Program,
    levels: Levels,
    sink: S,
    real_time: RealTime,
) -> Result<(Playback<S>, Lineup), PlayError> {
    let controls = Controls { playing: first.playing, ..first.player.controls() };
    let (remote, controls) = Remote::new(controls);
    let (lineup, wings) = lineup(first);
    let (published, state) = triple_buffer(&State::default());
    let (desk, mixer, listening) = levels.split();
    let mut stage = Stage::new(mixer, controls, wings, sink, published, Instant::now());
    let (done, watch) = (Arc::new(AtomicBool::new(false)), Watch::new(state));
    stage.see_memory_kept(real_time.keep_memory(watch.clone(), Arc::clone(&done)));
    let stage_done = Arc::clone(&done);
    let stage = named("gobo-play").spawn(move || run_stage(stage, real_time, &stage_done));
    let stage = Some(stage.map_err(PlayError::Thread)?);
    let succeeded = real_time.succeeded;
    let playback = Playback {
        remote,
        watch,
        succeeded,
        desk,
        _listening: listening,
        stage,
        lineup: None,
        done,
    };
    Ok((playback, lineup))
}

fn named(name: &str) -> thread::Builder {
    thread::Builder::new().name(name.to_owned())
}

fn run_stage<S: FrameSink>(
    mut stage: Stage<S>,
    real_time: RealTime,
    done: &AtomicBool,
) -> (Ending, S) {
    let timer = Timer::new(real_time.spin);
    stage.set_real_time(ask_for_priority());
    let turns = catch_unwind(AssertUnwindSafe(|| {
        while let Some(wake) = stage.turn(Instant::now()) {
            timer.wait_until(wake);
        }
    }));
    // After a panic in the midst of a turn, this is what still sends the last look.
    let finished = match turns.is_err() && real_time.succeeded {
        true => Ok(()),
        false => catch_unwind(AssertUnwindSafe(|| stage.finish(Instant::now()))),
    };
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

    /// An eye on the show.
    pub fn watch(&self) -> Watch {
        self.watch.clone()
    }

    /// A hand on the levels.
    pub fn desk(&self) -> Desk {
        self.desk.clone()
    }

    /// The newest state.
    pub fn state(&self) -> State {
        self.watch.state()
    }

    /// Whether the show is over.
    pub fn is_over(&self) -> bool {
        self.stage.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits for the end; gives how it came, the last state, and the outputs.
    pub fn join(mut self) -> (Ending, State, Option<S>) {
        let (ending, sink) = self.end();
        (ending, self.watch.state(), sink)
    }

    fn end(&mut self) -> (Ending, Option<S>) {
        let stage = self.stage.take().map(JoinHandle::join);
        self.done.store(true, Ordering::Relaxed);
        if let Some(lineup) = self.lineup.take() {
            // Had it panicked, the show on stage would have been the last.
            let _ = lineup.join();
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
        if self.succeeded && thread::panicking() {
            return;
        }
        self.remote.stop();
        self.end();
    }
}
