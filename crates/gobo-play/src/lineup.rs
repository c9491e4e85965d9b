//! Programs made ready one after another, on a thread that may take its time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use rtrb::{Consumer, Producer, RingBuffer};

use crate::{Cue, Program, Remote};

/// Programs handed over and not taken yet.
const WAITING: usize = 2;
/// All that can come back between two looks: those handed over, one that waits, one on stage.
const SPENT: usize = WAITING + 2;
/// Between two looks at the stage and at the remote.
const LOOK: Duration = Duration::from_millis(5);

/// Which way a list is gone through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Towards {
    /// To what comes later.
    Later,
    /// To what came before.
    Earlier,
}

/// Shows in order, numbered from 0 and counted on over repeats.
pub trait Playlist: Send + 'static {
    /// Makes ready the program of this number, or the next one in that direction that can be
    /// played; gives its number, too. `None` when there is none. May block.
    fn prepare(&mut self, number: u64, towards: Towards) -> Option<(u64, Program)>;
}

/// What both ends see without waiting.
#[derive(Default)]
struct Board {
    /// The number of the program on stage.
    on_stage: AtomicU64,
    /// Whether nothing follows what was handed over.
    over: AtomicBool,
}

/// Where programs wait; lives on the real-time thread.
pub(crate) struct Wings {
    coming: Consumer<Box<Program>>,
    spent: Producer<Box<Program>>,
    board: Arc<Board>,
}

/// Makes programs ready; lives on a thread of its own.
pub(crate) struct Lineup {
    handed: Producer<Box<Program>>,
    back: Consumer<Box<Program>>,
    board: Arc<Board>,
    /// The number of the newest program handed over, and whether it comes on by itself.
    newest: (u64, Cue),
    /// Wishes for the program before that were heeded.
    heeded: u64,
}

/// The two ends, with `first` on its way to the stage.
pub(crate) fn lineup(first: Program) -> (Lineup, Wings) {
    let (handed, coming) = RingBuffer::new(WAITING);
    let (spent, back) = RingBuffer::new(SPENT);
    let board = Arc::new(Board::default());
    // Nothing is on stage before the first program is.
    board.on_stage.store(u64::MAX, Ordering::Relaxed);
    let wings = Wings { coming, spent, board: Arc::clone(&board) };
    let newest = (first.number, first.entry.cue);
    let mut lineup = Lineup { handed, back, board, newest, heeded: 0 };
    // The ring is empty.
    let _ = lineup.handed.push(Box::new(first));
    (lineup, wings)
}

/// Hands programs over to a show that plays.
pub struct Handover(Lineup);

impl Handover {
    pub(crate) fn new(lineup: Lineup) -> Self {
        Self(lineup)
    }

    /// Hands over a program, which comes on as its entry says; one that waits is replaced. Where
    /// too many are on their way it comes back, to be handed over a frame later.
    ///
    /// # Errors
    /// The program, if there is no room.
    pub fn hand_over(&mut self, program: Program) -> Result<(), Box<Program>> {
        let Self(lineup) = self;
        while lineup.back.pop().is_ok() {}
        if lineup.handed.is_full() {
            return Err(Box::new(program));
        }
        lineup.hand_over(program.number, program);
        Ok(())
    }
}

impl Wings {
    /// The newest program that has come and not been taken; those it replaces go back.
    pub(crate) fn take(&mut self, waiting: &mut Option<Box<Program>>) -> bool {
        let mut has_come = false;
        while let Ok(program) = self.coming.pop() {
            has_come = true;
            if let Some(stale) = waiting.replace(program) {
                self.give_back(stale);
            }
        }
        has_come
    }

    /// Sends a program back to be dropped elsewhere.
    pub(crate) fn give_back(&mut self, program: Box<Program>) {
        // There is a place for every one.
        let _ = self.spent.push(program);
    }

    /// Tells which program is on stage.
    pub(crate) fn tell(&self, number: u64) {
        self.board.on_stage.store(number, Ordering::Release);
    }

    /// Whether nothing follows; to be asked before the last look for what has come.
    pub(crate) fn is_over(&self) -> bool {
        self.board.over.load(Ordering::Acquire) || self.coming.is_abandoned()
    }
}

impl Lineup {
    /// Tells the stage that nothing follows.
    pub(crate) fn close(&self) {
        self.board.over.store(true, Ordering::Release);
    }

    /// Makes ready what is wanted next; whether anything was done.
    pub(crate) fn step(&mut self, list: &mut impl Playlist, remote: &Remote) -> bool {
        while self.back.pop().is_ok() {}
        if self.handed.is_full() {
            return false;
        }
        let (newest, cue) = self.newest;
        let on_stage = self.board.on_stage.load(Ordering::Acquire);
        let has_arrived = newest == on_stage;
        let wanted = remote.wanted();
        if self.heeded < wanted.previous_serial {
            self.heeded += 1;
            // Wishes may come faster than programs: each goes on from where the last one leads.
            let from = if cue == Cue::Now { newest } else { on_stage };
            if let Some(number) = from.checked_sub(1).filter(|_| from != u64::MAX)
                && let Some((number, mut program)) = list.prepare(number, Towards::Earlier)
            {
                program.entry.cue = Cue::Now;
                self.hand_over(number, program);
            }
            return true;
        }
        if !has_arrived || wanted.last || self.board.over.load(Ordering::Relaxed) {
            return false;
        }
        match list.prepare(newest.saturating_add(1), Towards::Later) {
            Some((number, program)) => self.hand_over(number, program),
            None => self.close(),
        }
        true
    }

    fn hand_over(&mut self, number: u64, mut program: Program) {
        program.number = number;
        self.newest = (number, program.entry.cue);
        self.board.over.store(false, Ordering::Release);
        // There was a place, and nobody else fills it.
        let _ = self.handed.push(Box::new(program));
    }

    /// Makes programs ready until told that it is done.
    pub(crate) fn run(mut self, mut list: impl Playlist, remote: &Remote, done: &AtomicBool) {
        while !done.load(Ordering::Relaxed) {
            if !self.step(&mut list, remote) {
                thread::sleep(LOOK);
            }
        }
    }
}
