//! The show and a source from outside, merged in one universe.

use std::cmp::Ordering;
use std::time::{Duration, Instant};

use gobo_dmx::{MergeMode, Priority, SLOTS, Slots};
use triple_buffer::Output;

/// Input that is silent for so long is gone.
pub(super) const SILENCE: Duration = Duration::from_secs(3);

/// What was heard of a universe, newest.
#[derive(Clone, Debug)]
pub(super) struct HeardLevels {
    pub(super) levels: Slots,
    /// The priority of each, 1 to 200; 0 where nothing was sent, which is left to the show.
    pub(super) priorities: Slots,
    /// When; `None` once the source has left.
    pub(super) at: Option<Instant>,
}

impl Default for HeardLevels {
    /// Nothing yet.
    fn default() -> Self {
        Self { levels: [0; SLOTS], priorities: [0; SLOTS], at: None }
    }
}

/// Where what is heard of a universe comes in, on the real-time thread.
pub(super) struct Feed {
    /// The universe's place in a frame.
    pub(super) universe: usize,
    /// The show's own priority there.
    pub(super) own: Priority,
    pub(super) heard: Output<HeardLevels>,
}

/// A universe of the show and what is merged into it.
pub(super) struct Merger {
    feed: Feed,
    /// Channels of more than one slot, which change hands whole.
    fine: Box<[Box<[u16]>]>,
    /// Whether the input counts: it is heard, and the show does not outrank it everywhere.
    counts: bool,
    latest: Latest,
}

/// Who changed each slot last.
struct Latest {
    /// Whether the levels below are those of the frame before.
    follows: bool,
    show: Slots,
    input: Slots,
    /// The slots that the input changed last.
    taken: [bool; SLOTS],
}

impl Merger {
    pub(super) fn new(feed: Feed, fine: Box<[Box<[u16]>]>) -> Self {
        let levels = [0; SLOTS];
        let latest = Latest { follows: false, show: levels, input: levels, taken: [false; SLOTS] };
        Self { feed, fine, counts: false, latest }
    }

    /// The universe's place in a frame.
    pub(super) fn universe(&self) -> usize {
        self.feed.universe
    }

    /// Takes what was heard last; whether the input counts at `now`.
    pub(super) fn listen(&mut self, now: Instant) -> bool {
        let own = self.own();
        let heard = self.feed.heard.read();
        let fresh = |at| now.saturating_duration_since(at) <= SILENCE;
        self.counts =
            heard.at.is_some_and(fresh) && heard.priorities.iter().any(|told| *told >= own);
        self.latest.follows &= self.counts;
        self.counts
    }

    /// The show's own priority, as those of slots are told.
    fn own(&self) -> u8 {
        self.feed.own.get().max(1)
    }

    /// Merges the input into the show's levels, if it counts: slot by slot, of a higher priority
    /// the input, of a lower the show, and of equal ones as the mode says.
    pub(super) fn merge(&mut self, mode: MergeMode, slots: &mut Slots) {
        let own = self.own();
        let Self { feed, fine, counts: true, latest } = self else { return };
        let heard = feed.heard.output_buffer();
        match mode {
            MergeMode::Htp => latest.follows = false,
            MergeMode::Ltp => latest.follow(slots, heard, fine),
        }
        let all = slots.iter_mut().zip(&heard.levels).zip(&heard.priorities).zip(&latest.taken);
        for (((slot, level), priority), taken) in all {
            *slot = match (priority.cmp(&own), mode) {
                (Ordering::Less, _) => *slot,
                (Ordering::Greater, _) => *level,
                (Ordering::Equal, MergeMode::Htp) => (*slot).max(*level),
                (Ordering::Equal, MergeMode::Ltp) if *taken => *level,
                (Ordering::Equal, MergeMode::Ltp) => *slot,
            };
        }
    }
}

impl Latest {
    /// Notes who changed what since the frame before. An input that has just come takes the
    /// slots that it holds above 0: what it leaves dark is no wish of its own.
    fn follow(&mut self, show: &Slots, heard: &HeardLevels, fine: &[Box<[u16]>]) {
        let input = &heard.levels;
        if !self.follows {
            (self.follows, self.show, self.input) = (true, *show, [0; SLOTS]);
            self.taken = [false; SLOTS];
        }
        let mut moved = [Moved::None; SLOTS];
        let sent = |slot: &usize| heard.priorities.get(*slot).is_some_and(|told| *told > 0);
        for slot in (0..SLOTS).filter(sent) {
            moved[slot] = match (self.input[slot] != input[slot], self.show[slot] != show[slot]) {
                (true, _) => Moved::Input,
                (false, true) => Moved::Show,
                (false, false) => Moved::None,
            };
        }
        for channel in fine {
            let slots = || channel.iter().map(|slot| usize::from(*slot)).filter(sent);
            let whole = slots().map(|slot| moved[slot]).max().unwrap_or(Moved::None);
            slots().for_each(|slot| moved[slot] = whole);
        }
        for (taken, moved) in self.taken.iter_mut().zip(moved) {
            match moved {
                Moved::Input => *taken = true,
                Moved::Show => *taken = false,
                Moved::None => {}
            }
        }
        (self.show, self.input) = (*show, *input);
    }
}

/// Who moved a slot; the later in this order has it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moved {
    None,
    Show,
    Input,
}
