//! Editions handed to a player that runs.

use std::any::Any;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use gobo_canvas::Header;
use gobo_dmx::Universe;
use gobo_play::{
    Cue, Entry, Handover, Options, PlayError, Program, Remote, Soundtrack, State, Transition, Watch,
};

use crate::edition::Edition;
use crate::stock::{Stock, StockFrames, cell_at};

/// Between two looks at a player that has no room or is to come to something.
const LOOK: Duration = Duration::from_millis(1);
/// How much of the second that plays may be left for the next one to be wanted at once, too.
const NEXT_SECOND: f64 = 0.25;

/// What is played of a show, in seconds.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Part {
    /// Where it begins.
    pub from: f64,
    /// Where it ends; the show's own end unless given.
    pub to: Option<f64>,
    /// Whether its end leads back to its start.
    pub repeat: bool,
}

/// What is to be heard from an edition on.
pub enum SoundChange {
    /// What was heard before.
    Same,
    /// Nothing.
    Silence,
    /// Another sound, with what it lives by.
    To(Box<dyn Soundtrack>, Box<dyn Any + Send>),
}

/// What became of an edition that was handed over.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Shown {
    /// Its number, which [`State::program`] has once it is on stage.
    pub number: u64,
    /// Cells that had to be rendered for it to come on.
    pub rendered: usize,
    /// How long that took.
    pub render: Duration,
    /// The show's new end, in seconds, if it lies before where the show is: it is to stand there.
    pub cut_short: Option<f64>,
}

/// A player and the edition that it plays.
pub struct Live {
    handover: Handover,
    remote: Remote,
    watch: Watch,
    universes: Vec<Universe>,
    stock: Arc<Stock>,
    edition: Arc<Edition>,
    part: Part,
    number: u64,
}

/// What a player plays of an edition: the options, but for the part.
fn options(part: Part, options: &Options) -> Options {
    Options { from: part.from, to: part.to, repeat: part.repeat, stays: true, ..*options }
}

/// The first program of a player: an edition with its sound, for a stage of these universes. It
/// stands on its last frame once it is there.
///
/// # Errors
/// Nothing lies in the part, or the system gives no thread.
pub fn first(
    edition: &Arc<Edition>,
    stock: &Arc<Stock>,
    sound: Option<Box<dyn Soundtrack>>,
    universes: &[Universe],
    part: Part,
    told: &Options,
) -> Result<Program, PlayError> {
    let frames = StockFrames::new(Arc::clone(&edition.timeline), Arc::clone(stock));
    let entry = Entry { cue: Cue::Now, transition: Transition::Cut };
    let told = options(part, told);
    Program::of(Box::new(frames), edition.header(), sound, universes, &told, entry)
}

impl Live {
    /// What plays the program that [`first`] made of an edition.
    pub fn new(
        edition: Arc<Edition>,
        stock: Arc<Stock>,
        universes: Vec<Universe>,
        part: Part,
        (handover, remote, watch): (Handover, Remote, Watch),
    ) -> Self {
        Self { handover, remote, watch, universes, stock, edition, part, number: 0 }
    }

    /// The edition that plays, or is about to.
    pub fn edition(&self) -> &Arc<Edition> {
        &self.edition
    }

    /// What is played of it.
    pub fn part(&self) -> Part {
        self.part
    }

    /// Whether an edition fits the stage as it is: the same universes, sent to the same places.
    pub fn fits(&self, edition: &Edition) -> bool {
        let (old, new): (&Header, &Header) = (self.edition.header(), edition.header());
        new.universes.iter().map(|entry| entry.universe).eq(self.universes.iter().copied())
            && new.routes == old.routes
    }

    /// Whether an edition needs another sound than the one that plays.
    pub fn changes_sound(&self, edition: &Edition) -> bool {
        self.edition.header().song != edition.header().song
    }

    /// Has an edition take the place of the one that plays, from the next frame on, at the same
    /// place.
    ///
    /// # Errors
    /// Nothing lies in the part that is played, or the system gives no thread.
    pub fn show(
        &mut self,
        edition: Arc<Edition>,
        sound: SoundChange,
        told: &Options,
    ) -> Result<Shown, PlayError> {
        let part = self.part_in(edition.header());
        let state = self.watch.state();
        let start = Instant::now();
        let rendered = self.fill(&edition, state.seconds, part);
        let render = start.elapsed();
        let header = edition.header();
        let end = part.to.map_or(header.seconds(), |to| to.min(header.seconds()));
        let cut_short = (state.seconds >= end && !part.repeat).then_some(end);
        let frames = StockFrames::new(Arc::clone(&edition.timeline), Arc::clone(&self.stock));
        let course = state.course.as_ref();
        let told = options(part, told);
        let program = Program::in_place(Box::new(frames), header, &self.universes, &told, course)?;
        let program = match sound {
            SoundChange::Same => program,
            SoundChange::Silence => program.with_sound(None),
            SoundChange::To(sound, device) => program.with_sound(Some(sound)).keeping(device),
        };
        self.number += 1;
        self.hand_over(program.numbered(self.number));
        (self.edition, self.part) = (edition, part);
        Ok(Shown { number: self.number, rendered, render, cut_short })
    }

    /// Plays another part of the same edition from now on; a place outside of it leads to its
    /// start.
    ///
    /// # Errors
    /// Nothing lies in the part, or the system gives no thread.
    pub fn play_part(&mut self, part: Part, told: &Options) -> Result<Shown, PlayError> {
        let before = std::mem::replace(&mut self.part, part);
        let edition = Arc::clone(&self.edition);
        let shown =
            self.show(edition, SoundChange::Same, told).inspect_err(|_| self.part = before)?;
        self.remote.set_repeat(part.repeat);
        let seconds = self.watch.state().seconds;
        if seconds < part.from || part.to.is_some_and(|to| seconds >= to) {
            self.remote.seek(part.from);
        }
        Ok(shown)
    }

    /// The part that is played, in a show that may be shorter by now: all of it, if nothing of the
    /// part is left.
    fn part_in(&self, header: &Header) -> Part {
        let is_left = self.part.from < header.seconds();
        if is_left { self.part } else { Part::default() }
    }

    /// Has all cells that the next moments need.
    fn fill(&self, edition: &Edition, seconds: f64, part: Part) -> usize {
        let header = edition.header();
        let cell = |seconds| cell_at(header, seconds);
        let end = part.to.unwrap_or(f64::MAX).min(header.seconds());
        let (now, soon) = (cell(seconds.min(end)), cell((seconds + NEXT_SECOND).min(end)));
        self.stock.fill(&edition.timeline, now..soon + 1)
    }

    fn hand_over(&mut self, program: Program) {
        let mut program = program;
        while let Err(back) = self.handover.hand_over(program) {
            if self.watch.state().status == gobo_play::Status::Ended {
                return;
            }
            program = *back;
            thread::sleep(LOOK);
        }
    }

    /// Waits until an edition is on stage, at most so long; when its first frame was sent.
    pub fn wait_for(&self, number: u64, most: Duration) -> Option<State> {
        let until = Instant::now() + most;
        loop {
            let state = self.watch.state();
            if state.program >= number {
                return Some(state);
            }
            if Instant::now() >= until {
                return None;
            }
            thread::sleep(LOOK);
        }
    }
}
