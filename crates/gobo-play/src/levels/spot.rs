//! What can be parked: a fixture or one of its attributes, by name.

use std::collections::BTreeMap;

use gobo_canvas::{Gives, PatchedChannel, PatchedFixture, emitter_name};
use gobo_dmx::{SLOTS, Universe};

use super::brightness::{Brightness, highest};
use super::desk::clamped;
use super::lamps::Lamps;
use super::rooms::{Room, Rooms};

/// A fixture or an attribute of it: slots that can be parked.
#[derive(Clone, PartialEq, Debug)]
pub struct Spot {
    name: String,
    /// All its slots.
    places: Vec<(Universe, u16)>,
    /// What a level is put into.
    channels: Vec<SpotChannel>,
}

#[derive(Clone, PartialEq, Debug)]
struct SpotChannel {
    universe: Universe,
    slots: Vec<u16>,
    brightness: Brightness,
}

/// A name that leads to nothing that can be parked.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum UnknownSpot {
    /// No fixture has the id.
    #[error("there is no fixture `{fixture}`")]
    Fixture {
        /// The id as written.
        fixture: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// The fixture has no such attribute.
    #[error("{fixture} has no `{attribute}`")]
    Attribute {
        /// The fixture's id.
        fixture: String,
        /// The attribute as written.
        attribute: String,
        /// Those that it has.
        known: Vec<String>,
    },
}

impl Spot {
    /// A fixture by its id, `front1`; its dimmer, an emitter or flag, pan or tilt, `front1.red`;
    /// or one of its slots, from 1, `front1.3`. The `dimmer` of a fixture that has none is what
    /// a master lowers instead.
    ///
    /// # Errors
    /// [`UnknownSpot`], with what there is.
    pub fn find(patch: &[PatchedFixture], name: &str) -> Result<Self, UnknownSpot> {
        if let Some(fixture) = pieces(patch, name) {
            return Ok(Self { name: name.to_owned(), ..Self::fixture(&fixture) });
        }
        let unknown = || UnknownSpot::Fixture {
            fixture: name.to_owned(),
            known: patch.iter().map(|fixture| fixture.id.clone()).collect(),
        };
        let (id, attribute) = name.rsplit_once('.').ok_or_else(unknown)?;
        let fixture = pieces(patch, id).ok_or_else(|| match unknown() {
            UnknownSpot::Fixture { known, .. } => {
                UnknownSpot::Fixture { fixture: id.to_owned(), known }
            }
            other => other,
        })?;
        let found = match attribute.parse::<u16>() {
            Ok(number) => Self::slot(&fixture, number),
            Err(_) if attribute == "dimmer" => Some(Self::light(&fixture)),
            Err(_) => Self::attribute(&fixture, attribute),
        };
        let found = found.filter(|spot| !spot.places.is_empty());
        found.map(|spot| Self { name: name.to_owned(), ..spot }).ok_or_else(|| {
            UnknownSpot::Attribute {
                fixture: id.to_owned(),
                attribute: attribute.to_owned(),
                known: attributes(&fixture),
            }
        })
    }

    fn fixture(pieces: &[&PatchedFixture]) -> Self {
        let places = pieces.iter().flat_map(|piece| {
            let first = piece.address.slot() as u16;
            let end = first.saturating_add(piece.footprint).min(SLOTS as u16);
            (first..end).map(|slot| (piece.universe, slot))
        });
        Self { places: places.collect(), ..Self::light(pieces) }
    }

    /// What a master lowers.
    fn light(pieces: &[&PatchedFixture]) -> Self {
        // As if there were nothing else in the room.
        let patch = pieces.iter().map(|piece| (*piece).clone()).collect();
        let room = Room { patch, groups: Vec::new() };
        let universes = pieces.iter().map(|piece| piece.universe).collect();
        let rooms = Rooms { universes, rooms: vec![room] };
        let lamps = Lamps::of(&rooms);
        let universe = |place: u32| rooms.universes[place as usize];
        let plain = lamps.plain.iter().map(|plain| SpotChannel {
            universe: universe(plain.universe),
            slots: vec![plain.slot],
            brightness: Brightness::Straight { max: highest(1) },
        });
        let others = lamps.others.iter().map(|dimmer| SpotChannel {
            universe: universe(dimmer.universe),
            slots: dimmer.slots.to_vec(),
            brightness: (*dimmer.brightness).clone(),
        });
        Self::of(plain.chain(others).collect())
    }

    fn slot(pieces: &[&PatchedFixture], number: u16) -> Option<Self> {
        let mut slot = number.checked_sub(1)?;
        for piece in pieces {
            if slot < piece.footprint {
                let slots = vec![piece.address.slot() as u16 + slot];
                let brightness = Brightness::Straight { max: highest(1) };
                let universe = piece.universe;
                return Some(Self::of(vec![SpotChannel { universe, slots, brightness }]));
            }
            slot -= piece.footprint;
        }
        None
    }

    fn attribute(pieces: &[&PatchedFixture], attribute: &str) -> Option<Self> {
        let mut channels = Vec::new();
        for (piece, channel) in each_channel(pieces) {
            let level =
                |gives: &Gives| Some(level(gives)).filter(|(word, _)| *word == Some(attribute));
            let Some(brightness) =
                Brightness::of(channel, |gives| level(gives).map(|(_, ends)| ends))
            else {
                continue;
            };
            let first = piece.address.slot() as u16;
            let slots = channel.slots.iter().map(|slot| first + slot).collect();
            channels.push(SpotChannel { universe: piece.universe, slots, brightness });
        }
        Some(Self::of(channels))
    }

    fn of(channels: Vec<SpotChannel>) -> Self {
        let place = |channel: &SpotChannel| {
            let universe = channel.universe;
            channel.slots.clone().into_iter().map(move |slot| (universe, slot))
        };
        let mut places: Vec<_> = channels.iter().flat_map(place).collect();
        places.sort_unstable();
        places.dedup();
        Self { name: String::new(), places, channels }
    }

    /// Its name, as it was found by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it can be put at a level.
    pub(super) fn takes_level(&self) -> bool {
        !self.channels.is_empty()
    }

    /// All its slots.
    pub(super) fn slots(&self) -> impl Iterator<Item = (Universe, u16)> {
        self.places.iter().copied()
    }

    /// Its slots and what puts them at a level, 0 to 1.
    pub(super) fn each_at(&self, level: f64, mut tell: impl FnMut((Universe, u16), u8)) {
        let level = clamped(level);
        for channel in &self.channels {
            let mut value = channel.brightness.at(level);
            for &slot in channel.slots.iter().rev() {
                tell((channel.universe, slot), value as u8);
                value >>= 8;
            }
        }
    }
}

/// The pieces of the fixture with this id, one for each of its universes.
fn pieces<'p>(patch: &'p [PatchedFixture], id: &str) -> Option<Vec<&'p PatchedFixture>> {
    let pieces: Vec<_> = patch.iter().filter(|fixture| fixture.id == id).collect();
    (!pieces.is_empty()).then_some(pieces)
}

fn each_channel<'a>(
    pieces: &'a [&'a PatchedFixture],
) -> impl Iterator<Item = (&'a PatchedFixture, &'a PatchedChannel)> {
    pieces.iter().flat_map(|piece| {
        let channels = piece.heads.iter().flat_map(|head| &head.channels);
        channels.map(|channel| (*piece, channel))
    })
}

/// The word for what a range gives, and how far its first and its last value are.
fn level(gives: &Gives) -> (Option<&'static str>, (f64, f64)) {
    // The ends of a movement are those of its channel, wherever they point.
    let ends = (0.0, 1.0);
    match gives {
        Gives::Brightness(first, last) => (Some("dimmer"), (*first, *last)),
        Gives::Emitter(color, first, last) | Gives::Filter(color, first, last) => {
            // A slot of a colour wheel is no flag that goes in and out.
            let name = emitter_name(*color).filter(|_| first != last);
            (name, (*first, *last))
        }
        Gives::Hue(..) => (Some("hue"), ends),
        Gives::Saturation(..) => (Some("saturation"), ends),
        Gives::Pan(..) => (Some("pan"), ends),
        Gives::Tilt(..) => (Some("tilt"), ends),
    }
}

/// What the fixture has, each once, dimmer first.
fn attributes(pieces: &[&PatchedFixture]) -> Vec<String> {
    let mut words: BTreeMap<&str, ()> = BTreeMap::new();
    for (_, channel) in each_channel(pieces) {
        words.extend(channel.ranges.iter().filter_map(|range| Some((level(&range.gives).0?, ()))));
    }
    words.remove("dimmer");
    let slots: u16 = pieces.iter().map(|piece| piece.footprint).sum();
    let light = (!Spot::light(pieces).places.is_empty()).then_some("dimmer");
    let words = light.into_iter().chain(words.into_keys()).map(str::to_owned);
    words.chain([format!("1 to {slots}")]).collect()
}
