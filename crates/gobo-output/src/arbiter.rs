//! What a conforming receiver shows, given packets and the time: which source of
//! a universe counts, in what order, from when, and until when. No sockets.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Instant;

use gobo_dmx::{MergeMode, SLOTS, Slots, Source, Universe, merge};
use gobo_timecode::ArtTimeCode;
use uuid::Uuid;

use crate::artnet::{ArtNet, parse_artnet};
use crate::sacn::{LEVELS, SLOT_PRIORITIES, Sacn, SacnData, parse_sacn};
use crate::source::{ART_SYNC_TIMEOUT, DATA_LOSS_TIMEOUT, HeardSource, Order, SourceId};
use crate::{Malformed, Node};

/// Something heard.
#[derive(Debug)]
pub enum Event<'a> {
    /// A source began to send a universe.
    Joined {
        /// The universe.
        universe: Universe,
        /// The source.
        source: &'a HeardSource,
    },
    /// A universe has levels to show: once for each packet taken, or for each
    /// sync packet when the sources are synchronised, and when priorities of
    /// slots change them.
    Levels {
        /// The universe.
        universe: Universe,
        /// Its levels, all sources merged.
        levels: &'a Slots,
        /// The source that spoke, its sequence number included.
        source: &'a HeardSource,
    },
    /// A source no longer sends a universe.
    Left {
        /// The universe.
        universe: Universe,
        /// The source as it was.
        source: &'a HeardSource,
        /// Why it is thought gone.
        parting: Parting,
        /// What the remaining sources show; the last levels when there is none.
        levels: &'a Slots,
    },
    /// A controller asks which nodes there are.
    Polled {
        /// The controller's address.
        from: SocketAddr,
    },
    /// An Art-Net node told of itself.
    Node(&'a Node),
    /// A timecode on the network.
    TimeCode {
        /// Who sends it.
        from: SocketAddr,
        /// What it says.
        code: ArtTimeCode,
    },
    /// An E1.31 source told which universes it sends.
    Discovery {
        /// The source.
        cid: Uuid,
        /// Its name.
        name: &'a str,
        /// This page, from 0.
        page: u8,
        /// The last page.
        last_page: u8,
        /// The universes on this page, rising.
        universes: &'a [u16],
    },
    /// A packet was refused.
    Refused {
        /// Where it came from.
        from: SocketAddr,
        /// Why.
        error: &'a Malformed,
    },
}

/// How a source went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Parting {
    /// It said so (E1.31-2018 6.2.6).
    Terminated,
    /// It was silent for 2.5 s (E1.31-2018 6.7.1).
    TimedOut,
}

/// A universe that was heard.
#[derive(Clone, Debug)]
pub struct HeardUniverse {
    levels: Box<Slots>,
    sources: Vec<HeardSource>,
}

impl HeardUniverse {
    /// The levels to show: all sources merged, or the last when there is none.
    pub fn levels(&self) -> &Slots {
        &self.levels
    }

    /// The sources that send it now, sorted by who they are.
    pub fn sources(&self) -> &[HeardSource] {
        &self.sources
    }

    fn merge(&mut self, mode: MergeMode) {
        // Priorities of slots may come before the first levels.
        let spoke = || self.sources.iter().filter(|source| source.packets > 0);
        let Some(first) = spoke().map(|source| source.changed).min() else { return };
        match spoke().next() {
            Some(only) if spoke().count() == 1 && only.slot_priorities().is_none() => {
                *self.levels = *only.levels();
            }
            _ => {
                let sources = spoke().map(|source| Source {
                    priority: source.priority,
                    slot_priorities: source.slot_priorities(),
                    // A show of 500 years is cut short here.
                    changed: source.changed.duration_since(first).as_nanos() as u64,
                    slots: source.levels(),
                });
                merge(mode, &sources.collect::<Vec<_>>(), &mut self.levels);
            }
        }
    }
}

/// Sources followed for one universe; more are refused, so that a flood of
/// made-up ones cannot fill the memory.
const MOST_SOURCES: usize = 16;

/// Follows every source of every universe.
#[derive(Debug, Default)]
pub struct Arbiter {
    mode: MergeMode,
    universes: BTreeMap<Universe, HeardUniverse>,
    sync_order: BTreeMap<(Uuid, Universe), (Order, Instant)>,
    refused: BTreeMap<&'static str, u64>,
}

/// What [`Arbiter`] does with events.
type Tell<'a> = &'a mut dyn FnMut(Event<'_>);

impl Arbiter {
    /// Nothing heard yet; sources of equal priority merge by `mode`.
    pub fn new(mode: MergeMode) -> Self {
        Self { mode, ..Self::default() }
    }

    /// The universes heard so far, rising.
    pub fn universes(&self) -> impl Iterator<Item = (Universe, &HeardUniverse)> {
        self.universes.iter().map(|(&universe, heard)| (universe, heard))
    }

    /// How many packets were refused, by [`Malformed::kind`], `start code` for
    /// data that is no levels, or `sources` for one source too many.
    pub fn refused(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.refused.iter().map(|(&kind, &count)| (kind, count))
    }

    /// Takes a packet that came in on an Art-Net port.
    pub fn hear_artnet(&mut self, now: Instant, from: SocketAddr, bytes: &[u8], tell: Tell<'_>) {
        let id = SourceId::ArtNet(from.ip());
        match parse_artnet(bytes) {
            Ok(ArtNet::Dmx { port, sequence, levels, .. }) => {
                let universe = port.universe();
                let new = || HeardSource::new(id, from, now);
                let Some(at) = self.source(universe, id, from, new, tell) else { return };
                let heard = self.universes.get_mut(&universe).map(|heard| &mut heard.sources);
                let Some(sources) = heard else { return };
                // A node that merges does not wait for ArtSync (Art-Net 4, "ArtSync").
                let alone = sources.len() == 1;
                let source = &mut sources[at];
                if source.accepts(now, sequence) {
                    let synced = source.sync.heard;
                    let hold = alone
                        && synced.is_some_and(|at| now.duration_since(at) <= ART_SYNC_TIMEOUT);
                    source.take(now, &levels, hold);
                    if !hold {
                        self.show(universe, at, tell);
                    }
                }
            }
            Ok(ArtNet::Sync) => self.sync(now, id, None, tell),
            Ok(ArtNet::Poll) => tell(Event::Polled { from }),
            Ok(ArtNet::PollReply(node)) => tell(Event::Node(&node)),
            Ok(ArtNet::TimeCode(code)) => tell(Event::TimeCode { from, code }),
            Ok(ArtNet::Other(_)) => {}
            Err(error) => self.refuse(from, &error, tell),
        }
    }

    /// Takes a packet that came in on an E1.31 port.
    pub fn hear_sacn(&mut self, now: Instant, from: SocketAddr, bytes: &[u8], tell: Tell<'_>) {
        match parse_sacn(bytes) {
            Ok(Sacn::Data(data)) => self.hear_data(now, from, &data, tell),
            Ok(Sacn::Sync { cid, sequence, universe }) => {
                let fresh = (Order { numbers: 256, last: None }, now);
                let (order, heard) = self.sync_order.entry((cid, universe)).or_insert(fresh);
                *heard = now;
                if order.next(sequence).is_some() {
                    self.sync(now, SourceId::Sacn(cid), Some(universe), tell);
                }
            }
            Ok(Sacn::Discovery { cid, source_name, page, last_page, universes }) => {
                tell(Event::Discovery {
                    cid,
                    name: &source_name,
                    page,
                    last_page,
                    universes: &universes,
                });
            }
            Err(error) => self.refuse(from, &error, tell),
        }
    }

    fn hear_data(&mut self, now: Instant, from: SocketAddr, data: &SacnData, tell: Tell<'_>) {
        let (universe, id) = (data.universe, SourceId::Sacn(data.cid));
        if data.terminated {
            return self.part(universe, Parting::Terminated, tell, |source| source.id == id);
        }
        let describe = |source: &mut HeardSource| {
            source.name.clone_from(&data.source_name);
            source.priority = data.priority;
            source.preview = data.preview;
        };
        let new = || {
            let mut source = HeardSource::new(id, from, now);
            describe(&mut source);
            source
        };
        let Some(at) = self.source(universe, id, from, new, tell) else { return };
        let heard = self.universes.get_mut(&universe).map(|heard| &mut heard.sources[at]);
        let Some(source) = heard else { return };
        if !source.accepts(now, data.sequence) {
            return;
        }
        describe(source);
        match data.start_code {
            LEVELS => {}
            SLOT_PRIORITIES => {
                source.prioritise(now, &data.levels);
                return self.show_if_changed(universe, at, tell);
            }
            _ => return self.count("start code"),
        }
        if source.sync.universe != data.sync {
            source.sync.universe = data.sync;
            source.sync.heard = None;
        }
        // Until the first sync packet, and with force-sync once they stay away,
        // levels do not wait (E1.31-2018 6.2.4.1 and 6.2.6).
        let hold = source.sync.universe.is_some()
            && source
                .sync
                .heard
                .is_some_and(|at| now.duration_since(at) <= DATA_LOSS_TIMEOUT || !data.force_sync);
        source.take(now, &data.levels, hold);
        if !hold {
            self.show(universe, at, tell);
        }
    }

    /// Forgets sources that went silent, and slots' priorities that are no longer told. To be
    /// called several times a second.
    pub fn tick(&mut self, now: Instant, tell: Tell<'_>) {
        self.forget_priorities(now, tell);
        let silent = |heard: Instant| now.saturating_duration_since(heard) > DATA_LOSS_TIMEOUT;
        self.sync_order.retain(|_, (_, heard)| !silent(*heard));
        let any_silent = |heard: &HeardUniverse| heard.sources.iter().any(|s| silent(s.heard));
        let universes: Vec<Universe> = self
            .universes
            .iter()
            .filter(|(_, heard)| any_silent(heard))
            .map(|(&universe, _)| universe)
            .collect();
        for universe in universes {
            self.part(universe, Parting::TimedOut, tell, |source| silent(source.heard));
        }
    }

    /// The universe goes by the priorities of whole sources again where those of slots fell silent.
    fn forget_priorities(&mut self, now: Instant, tell: Tell<'_>) {
        let mut changed = Vec::new();
        for (&universe, heard) in &mut self.universes {
            for (at, source) in heard.sources.iter_mut().enumerate() {
                if source.forget_priorities(now) {
                    changed.push((universe, at));
                }
            }
        }
        for (universe, at) in changed {
            self.show_if_changed(universe, at, tell);
        }
    }

    /// The place of a source among those of its universe, made if it is new.
    fn source(
        &mut self,
        universe: Universe,
        id: SourceId,
        from: SocketAddr,
        new: impl FnOnce() -> HeardSource,
        tell: Tell<'_>,
    ) -> Option<usize> {
        let heard = self
            .universes
            .entry(universe)
            .or_insert_with(|| HeardUniverse { levels: Box::new([0; SLOTS]), sources: Vec::new() });
        match heard.sources.binary_search_by_key(&id, |source| source.id) {
            Ok(at) => {
                heard.sources[at].address = from;
                Some(at)
            }
            Err(_) if heard.sources.len() >= MOST_SOURCES => {
                self.count("sources");
                None
            }
            Err(at) => {
                heard.sources.insert(at, new());
                tell(Event::Joined { universe, source: &heard.sources[at] });
                Some(at)
            }
        }
    }

    fn show(&mut self, universe: Universe, at: usize, tell: Tell<'_>) {
        let Some(heard) = self.universes.get_mut(&universe) else { return };
        heard.merge(self.mode);
        tell(Event::Levels { universe, levels: &heard.levels, source: &heard.sources[at] });
    }

    fn show_if_changed(&mut self, universe: Universe, at: usize, tell: Tell<'_>) {
        let Some(heard) = self.universes.get_mut(&universe) else { return };
        let before = *heard.levels;
        heard.merge(self.mode);
        if before != *heard.levels {
            tell(Event::Levels { universe, levels: &heard.levels, source: &heard.sources[at] });
        }
    }

    /// A sync packet from `id`, for its sources that wait for `universe`.
    fn sync(&mut self, now: Instant, id: SourceId, universe: Option<Universe>, tell: Tell<'_>) {
        for (&shown, heard) in &mut self.universes {
            let Ok(at) = heard.sources.binary_search_by_key(&id, |source| source.id) else {
                continue;
            };
            let source = &mut heard.sources[at];
            if source.sync.universe != universe {
                continue;
            }
            source.sync.heard = Some(now);
            if source.release(now) {
                heard.merge(self.mode);
                let source = &heard.sources[at];
                tell(Event::Levels { universe: shown, levels: &heard.levels, source });
            }
        }
    }

    /// Takes the sources that `gone` names from a universe.
    fn part(
        &mut self,
        universe: Universe,
        parting: Parting,
        tell: Tell<'_>,
        gone: impl Fn(&HeardSource) -> bool,
    ) {
        let Some(heard) = self.universes.get_mut(&universe) else { return };
        let (left, stayed) = heard.sources.drain(..).partition::<Vec<_>, _>(gone);
        heard.sources = stayed;
        heard.merge(self.mode);
        for source in &left {
            tell(Event::Left { universe, source, parting, levels: &heard.levels });
        }
    }

    fn refuse(&mut self, from: SocketAddr, error: &Malformed, tell: Tell<'_>) {
        self.count(error.kind());
        tell(Event::Refused { from, error });
    }

    fn count(&mut self, kind: &'static str) {
        *self.refused.entry(kind).or_default() += 1;
    }
}

#[cfg(test)]
mod tests;
