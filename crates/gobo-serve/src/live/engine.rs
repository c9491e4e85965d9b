use std::collections::BTreeMap;
use std::mem;

use super::fades::Fades;
use super::held::Held;
use super::rate::{Buckets, Sender};
use super::scenes::Scenes;
use super::{
    Ack, Colour, ColourCommand, ColourSlots, ColourTarget, Command, CommandId, Figures, Heard,
    Kept, LAST_UNIVERSE, Level, LevelsUpdate, Now, Order, Painted, Place, Reason, Refusal, Reply,
    Restored, Said, Seen, Shelf, Then, Unified, Verdict, Wire,
};

/// The single writer of live control: takes commands one after the other, acts on the wire, and
/// says what has changed.
///
/// A plain object without thread or clock: whoever owns it gives it orders and ticks. What it says
/// is collected until [`Engine::said`] is asked; answers go to each order's reply. A thread that
/// runs one goes round like this:
///
/// ```text
/// engine.start(wire, now)
/// loop
///     tell all of engine.said()
///     if engine.is_ready(): take an order from the queue, waiting 1/60 s while
///         engine.is_fading() and longer else, and engine.obey it
///     else: sleep a moment
///     engine.tick(wire, now)
/// ```
pub struct Engine {
    target: ColourTarget,
    pub(super) colour: Colour,
    pub(super) scenes: Scenes,
    pub(super) fades: Fades,
    seen: Seen,
    buckets: Buckets,
    /// What live control holds, as it last said.
    held: Held,
    revs: BTreeMap<u16, u64>,
    shelf: Box<dyn Shelf>,
    said: Vec<Said>,
    figures: Figures,
}

/// What became of a command, and what is to be kept of it before it is answered.
pub(super) struct Outcome {
    verdict: Verdict,
    keep: Option<Kept>,
}

impl Outcome {
    pub(super) fn done() -> Self {
        Self { verdict: Verdict::Accepted, keep: None }
    }

    pub(super) fn kept(kept: Kept) -> Self {
        Self { verdict: Verdict::Accepted, keep: Some(kept) }
    }
}

impl From<Refusal> for Outcome {
    fn from(refusal: Refusal) -> Self {
        Self { verdict: Verdict::Refused(refusal), keep: None }
    }
}

impl Engine {
    /// An engine that goes on from what was kept. `rate_per_second` is how many unified commands a
    /// second are taken of each protocol, address and universe; 0 is no limit.
    pub fn new(
        target: ColourTarget,
        rate_per_second: u32,
        restored: Restored,
        shelf: Box<dyn Shelf>,
    ) -> Self {
        Self {
            target,
            colour: restored.colour,
            scenes: restored.scenes,
            fades: Fades::default(),
            seen: restored.seen,
            buckets: Buckets::new(rate_per_second),
            held: Held::default(),
            revs: BTreeMap::new(),
            shelf,
            said: Vec::new(),
            figures: Figures::default(),
        }
    }

    /// Begins: says the colour, and shows it again if it was ever set.
    pub fn start(&mut self, wire: &mut dyn Wire, now: Now) {
        self.said.push(Said::Colour(self.colour.clone()));
        if self.colour.seq > 0 {
            self.show_colour(wire, now);
        }
    }

    /// Does a command, or refuses it. The answer is sent when it is certain that a restart would
    /// remember the command.
    pub fn obey(&mut self, order: Order, wire: &mut dyn Wire, now: Now) {
        let Order { command, origin, arrived, reply } = order;
        let id = command.id().to_owned();
        let src = command.src().map(str::to_owned);
        let outcome = match command {
            Command::Colour(colour) => self.obey_colour(colour, wire, now),
            Command::Unified(unified) => {
                let (protocol, address) = (origin.protocol, origin.address);
                let universe = unified.ask.universe().and_then(|number| known(wire, number));
                let within = self.buckets.take(Sender { protocol, address, universe }, arrived);
                if within {
                    self.obey_unified(unified, wire, now)
                } else {
                    Refusal::bare(Reason::RateLimited).into()
                }
            }
        };
        let latency = now.instant.saturating_duration_since(arrived);
        let latency_ms = latency.as_secs_f64() * 1000.0;
        self.count(&outcome.verdict, latency_ms);
        let (verdict, seq) = (outcome.verdict.clone(), self.colour.seq);
        let protocol = origin.protocol;
        let heard = Heard { id: id.clone(), src, protocol, verdict, seq, latency_ms };
        self.said.push(Said::Heard(heard));
        let ack = Ack { ack: id, verdict: outcome.verdict, ts: now.unix_ms };
        self.answer(reply, ack, outcome.keep);
    }

    /// Moves fades on to the present. To be called 60 times a second while
    /// [`Engine::is_fading`], and need not be otherwise; more often does no harm.
    pub fn tick(&mut self, wire: &mut dyn Wire, now: Now) {
        let levels = self.fades.step(now.instant);
        let moves = |level: &Level| self.held.get(level.place) != Some(level.value);
        let moved: Vec<Level> = levels.into_iter().filter(moves).collect();
        self.hold(&moved, wire, now);
    }

    /// Whether a fade runs.
    pub fn is_fading(&self) -> bool {
        self.fades.run()
    }

    /// Whether another order can be taken: what is kept of the last ones does not pile up.
    pub fn is_ready(&self) -> bool {
        self.shelf.has_room()
    }

    /// Takes what was said since this was last asked, in order.
    pub fn said(&mut self) -> Vec<Said> {
        mem::take(&mut self.said)
    }

    /// The colour.
    pub fn colour(&self) -> &Colour {
        &self.colour
    }

    /// All scenes.
    pub fn scenes(&self) -> &Scenes {
        &self.scenes
    }

    /// What was counted.
    pub fn figures(&self) -> Figures {
        self.figures
    }

    /// A whole universe as it goes out, for a client that begins or has missed something; `None`
    /// if there is none of this number.
    pub fn whole(&self, universe: u16, wire: &dyn Wire, now: Now) -> Option<LevelsUpdate> {
        let universe = known(wire, u64::from(universe))?;
        let level = |slot| {
            let place = Place { universe, slot };
            Level { place, value: wire.level(place) }
        };
        let rev = self.revs.get(&universe).copied().unwrap_or_default();
        let delta = (0..512).map(level).collect();
        Some(LevelsUpdate { rev, ts: now.unix_ms, universe, delta, full: true })
    }

    /// Ends all fades and forgets what is held: whoever binds the wire has let go, and what was held
    /// is dark.
    pub fn let_go(&mut self, now: Now) {
        self.fades.clear();
        let dark = self.held.take().into_iter().map(|place| Level { place, value: 0 });
        self.say_levels(&dark.collect::<Vec<Level>>(), now);
    }

    /// The colour is dark, too, where it is shown on something: whoever binds the wire has let go
    /// for good, not only until it is shown again.
    pub fn put_out(&mut self, now: Now) {
        if self.target == ColourTarget::Off || self.colour.rgb == [0; 3] {
            return;
        }
        let (seq, at_ms) = (self.colour.seq.saturating_add(1), now.unix_ms);
        let updated_by = "transport.stop".to_owned();
        self.colour = Colour { rgb: [0; 3], seq, updated_by, ts: at_ms };
        self.said.push(Said::Colour(self.colour.clone()));
        let (id, colour) = (CommandId::own(at_ms, seq), Some(self.colour.clone()));
        self.shelf.keep(Kept::Seen { id, at_ms, colour }, Box::new(|| {}));
    }

    fn obey_colour(&mut self, command: ColourCommand, wire: &mut dyn Wire, now: Now) -> Outcome {
        let ColourCommand { id, src, rgb } = command;
        let at_ms = now.unix_ms;
        if self.seen.see(id, at_ms) {
            // Told and kept all the same: whoever asks again is still at it.
            let keep = Some(Kept::Seen { id, at_ms, colour: None });
            return Outcome { verdict: Verdict::Duplicate, keep };
        }
        let changes = self.colour.seq == 0 || self.colour.rgb != rgb;
        if changes {
            let seq = self.colour.seq.saturating_add(1);
            self.colour = Colour { rgb, seq, updated_by: src, ts: at_ms };
            self.said.push(Said::Colour(self.colour.clone()));
        }
        // Shown again even if it is the same: something else may have had the slots meanwhile.
        self.show_colour(wire, now);
        Outcome::kept(Kept::Seen { id, at_ms, colour: changes.then(|| self.colour.clone()) })
    }

    fn show_colour(&mut self, wire: &mut dyn Wire, now: Now) {
        let rgb = self.colour.rgb;
        let levels = match &self.target {
            ColourTarget::Off => return,
            ColourTarget::Slots(slots) => mixed(slots, rgb, wire),
            ColourTarget::Fixtures(ids) => wire.paint(Painted::Fixtures(ids), rgb),
            ColourTarget::Group(name) => wire.paint(Painted::Group(name), rgb),
        };
        self.set(levels, wire, now);
    }

    /// Holds levels at once: the newest command wins over a fade that runs, and of two for one slot
    /// the last.
    pub(super) fn set(
        &mut self,
        levels: impl IntoIterator<Item = Level>,
        wire: &mut dyn Wire,
        now: Now,
    ) {
        let newest: BTreeMap<Place, u8> =
            levels.into_iter().map(|level| (level.place, level.value)).collect();
        for place in newest.keys() {
            self.fades.end(*place);
        }
        let levels = newest.into_iter().map(|(place, value)| Level { place, value });
        let levels: Vec<Level> = levels.collect();
        self.hold(&levels, wire, now);
    }

    /// Holds levels, and says which of them are news. They rise by place.
    fn hold(&mut self, levels: &[Level], wire: &mut dyn Wire, now: Now) {
        if levels.is_empty() {
            return;
        }
        wire.hold(levels);
        let news = levels.iter().copied().filter(|level| self.held.hold(*level));
        let news: Vec<Level> = news.collect();
        self.say_levels(&news, now);
    }

    /// Says that levels have changed. They rise by place.
    fn say_levels(&mut self, levels: &[Level], now: Now) {
        for levels in levels.chunk_by(|a, b| a.place.universe == b.place.universe) {
            let Some(Place { universe, .. }) = levels.first().map(|level| level.place) else {
                continue;
            };
            let rev = self.revs.entry(universe).or_default();
            *rev += 1;
            let (rev, ts, delta) = (*rev, now.unix_ms, levels.to_vec());
            let update = LevelsUpdate { rev, ts, universe, delta, full: false };
            self.said.push(Said::Levels(update));
        }
    }

    pub(super) fn say(&mut self, said: Said) {
        self.said.push(said);
    }

    fn count(&mut self, verdict: &Verdict, latency_ms: f64) {
        let figures = &mut self.figures;
        let counter = match verdict {
            Verdict::Accepted => &mut figures.processed_total,
            Verdict::Duplicate => &mut figures.deduped_total,
            Verdict::Refused(_) => &mut figures.refused_total,
        };
        *counter = counter.saturating_add(1);
        figures.last_latency_ms = latency_ms;
    }

    fn answer(&mut self, reply: Reply, ack: Ack, keep: Option<Kept>) {
        match keep {
            None => reply.send(ack),
            Some(kept) => {
                let then: Then = Box::new(move || reply.send(ack));
                self.shelf.keep(kept, then);
            }
        }
    }

    fn obey_unified(&mut self, unified: Unified, wire: &mut dyn Wire, now: Now) -> Outcome {
        self.perform(unified.ask, wire, now).unwrap_or_else(Outcome::from)
    }
}

/// A colour on three slots; on none if their universe is not there.
fn mixed(slots: &ColourSlots, rgb: [u8; 3], wire: &dyn Wire) -> Vec<Level> {
    let first = wire.universes().first().copied();
    let number = slots.universe.or(first).map(u64::from);
    let Some(universe) = number.and_then(|number| known(wire, number)) else { return Vec::new() };
    let levels = slots.channels.into_iter().zip(rgb);
    let level = |(channel, value): (gobo_dmx::Address, u8)| Level {
        place: Place { universe, slot: channel.get() - 1 },
        value,
    };
    levels.map(level).collect()
}

/// The universe of this number, if there is one that can be told of.
pub(super) fn known(wire: &dyn Wire, number: u64) -> Option<u16> {
    let number = u16::try_from(number).ok().filter(|number| *number <= LAST_UNIVERSE)?;
    wire.has(number).then_some(number)
}
