//! A show made ready to go on stage, away from the real-time thread.

use std::any::Any;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use gobo_canvas::{Canvas, Header, Reader};
use gobo_dmx::{LastLook, Universe};
use gobo_output::Place;

use crate::ahead::{Decoding, Frames, Order, Taken, decode_ahead};
use crate::fade::{WideChannel, wide_channels};
use crate::player::{Due, Player, Start};
use crate::{Course, FrameSource, Options, PlayError, Range, Resume, Soundtrack};

/// Frames decoded before the first is due.
const FRAMES_AT_START: usize = 4;
/// The largest canvas that is read into memory, in bytes: about half a day of 100 universes.
const MOST_LOADED: u64 = 1 << 30;
/// How long the decoding thread rests when all is decoded.
const DECODING_REST: Duration = Duration::from_millis(4);
/// How long frames of another place may take to be decoded before they count as missing.
const SEEK_GRACE: Duration = Duration::from_millis(100);
/// Frames passed over that are no more than jitter: the next ones are on their way.
const PASSED_OVER: u32 = 4;
/// How far ahead of the place on stage a canvas that comes on in place is decoded, in frames.
const FRAMES_TO_MEET: u32 = 2;

/// How a program comes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Entry {
    /// When.
    pub cue: Cue,
    /// How the look changes from the one before.
    pub transition: Transition,
}

/// When a program comes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Cue {
    /// At the next frame, whatever plays.
    #[default]
    Now,
    /// Once the program before is over, and the gap too.
    After(Gap),
    /// At the place where the one before is, on its clock and with its sound: another canvas of
    /// the same show. The one before plays until a frame of the new one is ready for its place.
    InPlace,
}

/// What lies between two programs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gap {
    /// So much time; may be none.
    Time(Duration),
    /// As much as it takes until [`crate::Remote::go`].
    Go,
}

/// How one look becomes the next.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Transition {
    /// At once; in the gap the show before leaves its own last look.
    #[default]
    Cut,
    /// At once; the last frame stays for the gap.
    Hold,
    /// At once; all is dark for the gap.
    Blackout,
    /// The last frame stays for the gap, and becomes the next show's running frames over this
    /// time, each channel on a line.
    Fade(Duration),
}

/// A show ready to go on stage: its canvas decoded ahead, its sound waiting at its start.
///
/// It is made and dropped by threads that may take their time; on the real-time thread it only
/// comes and goes.
pub struct Program {
    pub(crate) number: u64,
    pub(crate) entry: Entry,
    pub(crate) player: Player,
    pub(crate) frames: Frames,
    pub(crate) last_look: LastLook,
    pub(crate) period: Duration,
    pub(crate) wide: Box<[WideChannel]>,
    /// Gos given before it came on.
    pub(crate) gos: u64,
    /// A frame that is due and not decoded yet.
    pending: Option<u32>,
    /// The turn of the frame on stage.
    shown: u32,
    /// Until when a frame that is not there is the price of a seek.
    excused: Option<Instant>,
    /// Whether it is to play when it is the first.
    pub(crate) playing: bool,
    /// When its first frame began, if that was before it came on.
    pub(crate) begun: Option<Instant>,
    /// What lives as long as its sound.
    kept: Option<Box<dyn Any + Send>>,
    /// Whether, coming on in place, it has its own sound played instead of the one before.
    brings_sound: bool,
}

impl Program {
    /// Makes `canvas` ready for a stage of these universes, with its sound if one is given.
    ///
    /// # Errors
    /// Nothing lies between the start and the end asked for, or the system gives no thread.
    pub fn new(
        canvas: Arc<Canvas>,
        sound: Option<Box<dyn Soundtrack>>,
        universes: &[Universe],
        options: &Options,
        entry: Entry,
    ) -> Result<Self, PlayError> {
        let reader = Box::new(Reader::new(Arc::clone(&canvas)));
        let program = Self::of(reader, canvas.header(), sound, universes, options, entry)?;
        // Without this thread the show plays from the file.
        let _ = named("gobo-load").spawn(move || load(&canvas));
        Ok(program)
    }

    /// Makes ready what `source` gives, of which `header` says what a canvas of it would.
    ///
    /// # Errors
    /// Those of [`Program::new`].
    pub fn of(
        source: Box<dyn FrameSource>,
        header: &Header,
        sound: Option<Box<dyn Soundtrack>>,
        universes: &[Universe],
        options: &Options,
        entry: Entry,
    ) -> Result<Self, PlayError> {
        let (program, decoding) =
            Self::with_decoding(source, header, sound, universes, options, entry)?;
        program.decoded_by(decoding)
    }

    /// Makes ready another version of a show that goes on as `course` says, to take its place
    /// ([`Cue::InPlace`]). Its clock and its sound are those of the show in whose place it comes.
    ///
    /// # Errors
    /// Those of [`Program::new`].
    pub fn in_place(
        source: Box<dyn FrameSource>,
        header: &Header,
        universes: &[Universe],
        options: &Options,
        course: Option<&Course>,
    ) -> Result<Self, PlayError> {
        let now = Instant::now();
        let (program, decoding) =
            Self::version(source, header, universes, options, course.map(|course| (course, now)))?;
        program.decoded_by(decoding)
    }

    /// The program of another version, and what decodes for it, from where a course leads now.
    pub(crate) fn version(
        source: Box<dyn FrameSource>,
        header: &Header,
        universes: &[Universe],
        options: &Options,
        course: Option<(&Course, Instant)>,
    ) -> Result<(Self, Decoding), PlayError> {
        let entry = Entry { cue: Cue::InPlace, transition: Transition::Cut };
        let (mut program, decoding) =
            Self::with_decoding(source, header, None, universes, options, entry)?;
        if let Some((course, now)) = course {
            let turn = program.within(course.turn(now));
            let range = program.player.range();
            program.frames.order(Order {
                generation: program.frames.generation() + 1,
                turn,
                range,
            });
        }
        Ok((program, decoding))
    }

    /// Brings its own sound, or silence, where it comes on in place.
    pub fn with_sound(mut self, sound: Option<Box<dyn Soundtrack>>) -> Self {
        self.player.provide(sound);
        Self { brings_sound: true, ..self }
    }

    /// Has the frames decoded on a thread of their own from now on.
    fn decoded_by(self, mut decoding: Decoding) -> Result<Self, PlayError> {
        for _ in 0..FRAMES_AT_START {
            decoding.step();
        }
        let ahead = named("gobo-ahead").spawn(move || run_decoding(decoding));
        ahead.map_err(PlayError::Thread)?;
        Ok(self)
    }

    /// The same as another number of its list than the first.
    pub fn numbered(self, number: u64) -> Self {
        Self { number, ..self }
    }

    /// Keeps something, such as the device of its sound, for as long as the program lives; it is
    /// dropped with it, never on the real-time thread while a show plays.
    pub fn keeping(self, kept: Box<dyn Any + Send>) -> Self {
        Self { kept: Some(kept), ..self }
    }

    /// The program, and what decodes for it.
    pub(crate) fn with_decoding(
        source: Box<dyn FrameSource>,
        header: &Header,
        sound: Option<Box<dyn Soundtrack>>,
        universes: &[Universe],
        options: &Options,
        entry: Entry,
    ) -> Result<(Self, Decoding), PlayError> {
        let (start, begun) = start(header, options)?;
        let Start { range, rate, frame, .. } = start;
        let last_look = options.last_look.unwrap_or(header.last_look);
        let wide = wide_channels(&header.patch, universes);
        let mut player = Player::standby(&start, sound);
        player.lead_by(options.lead, Instant::now());
        player.stay_at_end(options.stays);
        let order = Order { generation: player.generation(), turn: frame, range };
        let (decoding, frames) = decode_ahead(source, header, universes, order);
        let program = Self {
            number: 0,
            entry,
            player,
            frames,
            last_look,
            period: rate.time_of(1),
            wide,
            gos: 0,
            pending: None,
            shown: range.start,
            excused: None,
            playing: options.resume.is_none_or(|resume| resume.playing),
            begun,
            kept: None,
            brings_sound: false,
        };
        Ok((program, decoding))
    }

    /// Orders frames anew after a seek.
    pub(crate) fn follow_seeks(&mut self, now: Instant) {
        if self.frames.generation() != self.player.generation() {
            self.frames.order(Order {
                generation: self.player.generation(),
                turn: self.player.turn(now),
                range: self.player.range(),
            });
            (self.pending, self.excused) = (None, Some(now + SEEK_GRACE));
        }
    }

    /// Has frames decoded from the one that is due on, when so many were passed over that none of
    /// those on their way is of use.
    pub(crate) fn skip_to(&mut self, due: Due, now: Instant) {
        if due.dropped > PASSED_OVER && !self.frames.has(due.turn) {
            self.player.adopt(self.frames.generation() + 1);
            self.follow_seeks(now);
        }
    }

    /// Whether frames of another place were ordered at just this moment.
    pub(crate) fn has_left_at(&self, now: Instant) -> bool {
        self.excused == Some(now + SEEK_GRACE)
    }

    /// Wants the frame that is due; whether the one before it never came.
    pub(crate) fn want(&mut self, due: Due, now: Instant) -> bool {
        let excused = self.excused.is_some_and(|until| now < until);
        self.pending.replace(due.turn).is_some() && !excused
    }

    /// Takes the frame that is due, if it is ready now.
    pub(crate) fn take(&mut self) -> bool {
        let taken = self.pending.filter(|&turn| self.frames.take(turn) == Taken::Fresh);
        if let Some(turn) = taken {
            (self.pending, self.excused, self.shown) = (None, None, turn);
        }
        taken.is_some()
    }

    /// Where in the show the frame on stage is.
    pub(crate) fn place(&self) -> Place {
        let (turn, range) = (self.shown, self.player.range());
        let frame = range.frame(turn).unwrap_or(range.end - 1);
        let seconds = self.player.rate().seconds_at(frame);
        Place { show: self.number, frame, turn, seconds, speed: self.player.speed() }
    }

    /// Decodes for the place where another player is, unless that is done.
    pub(crate) fn meet(&mut self, player: &Player, now: Instant) {
        let turn = self.within(player.turn(now));
        if self.frames.has(turn) || self.frames.has(turn.saturating_add(1)) {
            return;
        }
        let ahead = if player.stands() { 0 } else { FRAMES_TO_MEET };
        let turn = self.within(turn.saturating_add(ahead));
        let range = Range { repeat: player.range().repeat, ..self.player.range() };
        self.frames.order(Order { generation: self.frames.generation() + 1, turn, range });
    }

    /// The turn to show where another player is at `turn`: the last one where that is past the end.
    fn within(&self, turn: u32) -> u32 {
        let Range { end, repeat, .. } = self.player.range();
        if repeat { turn } else { turn.min(end - 1) }
    }

    /// Whether it has the frame to take the place of a player that is at `turn`.
    pub(crate) fn can_replace(&mut self, turn: u32) -> bool {
        let turn = self.within(turn);
        self.entry.cue == Cue::InPlace && self.frames.has(turn)
    }

    /// Wants the frame of a turn on which it stands.
    pub(crate) fn want_again(&mut self, turn: u32) {
        self.pending = Some(turn);
    }

    /// Plays on from where another program is, with its clock and its sound.
    pub(crate) fn replace(&mut self, before: &mut Self, now: Instant) {
        let own = self.player.range();
        let rate = self.player.rate();
        std::mem::swap(&mut self.player, &mut before.player);
        self.player.adopt(self.frames.generation());
        self.player.go_on_with(own, rate, now);
        match self.brings_sound {
            true => self.player.take_sound(&mut before.player, now),
            false => std::mem::swap(&mut self.kept, &mut before.kept),
        }
        (self.pending, self.shown) = (before.pending.take(), before.shown);
        self.excused = before.excused;
    }
}

/// What the player of a show starts with, and when that began if another has broken it off.
fn start(header: &Header, options: &Options) -> Result<(Start, Option<Instant>), PlayError> {
    let range = options.range(header)?;
    let song_offset = header.song.as_ref().map_or(0.0, |song| song.offset);
    let resume = |resume: Resume| resume.place(range, header.rate, options.speed, Instant::now());
    let (frame, begun) = options.resume.map(resume).unzip();
    let start = Start {
        rate: header.rate,
        range,
        frame: frame.unwrap_or(range.start),
        speed: options.speed,
        song_ahead: song_offset + options.offset,
        volume: options.volume,
    };
    Ok((start, begun))
}

/// Reads the canvas whole, unless it is one for which there may be no room.
fn load(canvas: &Canvas) {
    if canvas.file_len() <= MOST_LOADED {
        // What cannot be read is told of when its frames are missing.
        let _ = canvas.load();
    }
}

fn named(name: &str) -> thread::Builder {
    thread::Builder::new().name(name.to_owned())
}

/// Decodes until the program is gone.
fn run_decoding(mut decoding: Decoding) {
    while !decoding.is_abandoned() {
        if !decoding.step() {
            thread::sleep(DECODING_REST);
        }
    }
}
