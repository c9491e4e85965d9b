//! Who sends what: universes of one source together, those that have gone as well.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Instant;

use gobo_dmx::{Universe, UniverseSet};
use gobo_output::{Arbiter, HeardSource, Parting, SourceId};

/// Universes that one source sends, or sent.
pub(super) struct Feed {
    /// The source.
    pub(super) id: SourceId,
    /// Where it sends from.
    pub(super) address: IpAddr,
    /// The name that it gives itself, or empty.
    pub(super) name: String,
    /// Its universes.
    pub(super) universes: UniverseSet,
    /// Packets a second of the slowest and of the fastest universe.
    pub(super) rates: (f64, f64),
    /// Packets missed on all of them.
    pub(super) lost: u64,
    /// How it went, if it has.
    pub(super) parting: Option<Parting>,
}

/// Streams that have ended, so that their losses are not forgotten.
#[derive(Default)]
pub(super) struct Departed(BTreeMap<(SourceId, Universe), (HeardSource, Parting)>);

impl Departed {
    /// Takes note of a source that no longer sends a universe.
    pub(super) fn leave(&mut self, universe: Universe, source: &HeardSource, parting: Parting) {
        self.0.insert((source.id, universe), (source.clone(), parting));
    }

    /// Takes note of a source that sends a universe, perhaps again.
    pub(super) fn join(&mut self, universe: Universe, source: &HeardSource) {
        self.0.remove(&(source.id, universe));
    }
}

/// Every feed, those that still send first.
pub(super) fn feeds(arbiter: &Arbiter, departed: &Departed, now: Instant) -> Vec<Feed> {
    let mut streams: BTreeMap<(bool, SourceId), Vec<Stream<'_>>> = BTreeMap::new();
    for (universe, heard) in arbiter.universes() {
        for source in heard.sources() {
            let stream = Stream { universe, source, parting: None };
            streams.entry((false, source.id)).or_default().push(stream);
        }
    }
    for ((id, universe), (source, parting)) in &departed.0 {
        let stream = Stream { universe: *universe, source, parting: Some(*parting) };
        streams.entry((true, *id)).or_default().push(stream);
    }
    streams.values().filter_map(|streams| Feed::of(streams, now)).collect()
}

/// One universe of one source.
struct Stream<'a> {
    universe: Universe,
    source: &'a HeardSource,
    parting: Option<Parting>,
}

impl Feed {
    fn of(streams: &[Stream<'_>], now: Instant) -> Option<Self> {
        let first = streams.first()?;
        let rates = || streams.iter().map(|stream| stream.source.rate(now));
        Some(Self {
            id: first.source.id,
            address: first.source.address.ip(),
            name: printable(&first.source.name),
            universes: streams.iter().map(|stream| stream.universe).collect(),
            rates: (rates().fold(f64::INFINITY, f64::min), rates().fold(0.0, f64::max)),
            lost: streams.iter().map(|stream| stream.source.lost).sum(),
            parting: first.parting,
        })
    }

    /// The feed in a line: what, who, how fast, how well.
    pub(super) fn words(&self) -> String {
        let protocol = protocol(self.id);
        let name = if self.name.is_empty() { String::new() } else { format!(" ({})", self.name) };
        let (slowest, fastest) = self.rates;
        let rate = match self.parting {
            Some(Parting::Terminated) => "ended".to_owned(),
            Some(Parting::TimedOut) => "fell silent".to_owned(),
            None if fastest - slowest < 1.0 => format!("{fastest:.1} fps"),
            None => format!("{slowest:.1} to {fastest:.1} fps"),
        };
        let (universes, address, lost) = (&self.universes, self.address, self.lost);
        format!("{universes}  {protocol} from {address}{name}  {rate}  {lost} lost")
    }
}

/// A name from the wire as it may go to a terminal: escape codes would act there.
fn printable(name: &str) -> String {
    name.replace(char::is_control, "\u{fffd}")
}

/// The protocol that a source speaks.
pub(super) fn protocol(id: SourceId) -> &'static str {
    match id {
        SourceId::ArtNet(_) => "Art-Net",
        SourceId::Sacn(_) => "E1.31",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_the_wire_cannot_speak_to_the_terminal() {
        assert_eq!(printable("Büh\u{1b}[2Jne\n"), "Büh\u{fffd}[2Jne\u{fffd}");
    }
}
