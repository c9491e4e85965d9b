//! Through which slots the light of each head is lowered, by the patch of a canvas.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use gobo_canvas::{Gives, PatchedChannel, PatchedFixture, PatchedGroup, PatchedHead, When};
use gobo_dmx::{SLOTS, Slots};

use super::brightness::Brightness;
use super::rooms::{Room, Rooms};

/// The heads of a patch, numbered on, and what lowers their light.
#[derive(Debug, Default)]
pub(super) struct Lamps {
    /// How many heads there are.
    pub(super) heads: u32,
    /// The slots that are dimmed by their value alone: most.
    pub(super) plain: Vec<Plain>,
    /// All other channels.
    pub(super) others: Vec<Dimmer>,
    /// The heads of each group by its name, in runs.
    pub(super) groups: Vec<(String, Vec<Range<u32>>)>,
}

/// A slot whose light is its value: 0 is dark, 255 is full.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Plain {
    /// Where it is in a frame.
    pub(super) universe: u32,
    pub(super) slot: u16,
    /// The heads that shine through it.
    pub(super) heads: Range<u32>,
}

/// A channel that takes a closer look: of several slots, of ranges, or of certain times only.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Dimmer {
    pub(super) universe: u32,
    /// Its slots in the universe, coarsest first.
    pub(super) slots: Box<[u16]>,
    pub(super) brightness: Arc<Brightness>,
    /// All of these must be as they say.
    pub(super) when: Box<[(When, bool)]>,
    pub(super) heads: Range<u32>,
}

impl Dimmer {
    /// Lowers its light in a frame of its universe.
    pub(super) fn lower(&self, slots: &mut Slots, part: f64) {
        let value = |at: &[u16]| {
            at.iter().fold(0, |value: u64, &slot| {
                value << 8 | u64::from(slots.get(usize::from(slot)).copied().unwrap_or(0))
            })
        };
        let holds = |when: &When| (when.from..=when.to).contains(&value(&when.slots));
        if self.when.iter().any(|(when, expected)| holds(when) != *expected) {
            return;
        }
        let lowered = self.brightness.lowered(value(&self.slots), part);
        write(&self.slots, lowered, slots);
    }
}

/// Puts a value into slots, coarsest first.
pub(super) fn write(at: &[u16], mut value: u64, slots: &mut Slots) {
    for &slot in at.iter().rev() {
        if let Some(level) = slots.get_mut(usize::from(slot)) {
            *level = value as u8;
        }
        value >>= 8;
    }
}

impl Lamps {
    pub(super) fn of(rooms: &Rooms) -> Self {
        let mut lamps = Self::default();
        for room in &rooms.rooms {
            lamps.furnish(rooms, room);
        }
        // What stands in two patches is lowered once.
        let place = |dimmer: &Dimmer| -> (u32, Box<[u16]>, Vec<Time>) {
            (dimmer.universe, dimmer.slots.clone(), dimmer.when.iter().map(time).collect())
        };
        lamps.others.sort_by_cached_key(place);
        lamps
            .others
            .dedup_by(|b, a| (a.universe, &a.slots, &a.when) == (b.universe, &b.slots, &b.when));
        lamps
    }

    /// Adds the fixtures and groups of a room.
    fn furnish(&mut self, rooms: &Rooms, room: &Room) {
        // The number of each head of each patched fixture.
        let mut numbers: Vec<Vec<u32>> = vec![Vec::new(); room.patch.len()];
        let mut kinds: HashMap<*const [PatchedHead], Arc<Kind>> = HashMap::new();
        for pieces in fixtures(&room.patch) {
            let of = |index: &usize| room.patch.get(*index);
            let patched: Vec<&PatchedFixture> = pieces.iter().filter_map(of).collect();
            let new = || Arc::new(Kind::of(&patched));
            let kind = match &patched[..] {
                [alone] => Arc::clone(kinds.entry(Arc::as_ptr(&alone.heads)).or_insert_with(new)),
                _ => new(),
            };
            for (&piece, heads) in pieces.iter().zip(&kind.numbers) {
                numbers[piece] = heads.iter().map(|head| self.heads + head).collect();
            }
            self.hang(rooms, &patched, &kind);
            self.heads += kind.heads;
        }
        let group = |group: &PatchedGroup| {
            let whole = group.fixtures.iter().flat_map(|&[first, last]| first..=last);
            let whole = whole.filter_map(|fixture| numbers.get(fixture as usize)).flatten();
            let parts = group.heads.iter().flat_map(|&[fixture, first, last]| {
                let heads = numbers.get(fixture as usize).into_iter().flatten();
                heads.skip(first as usize).take((last.saturating_sub(first) + 1) as usize)
            });
            (group.name.clone(), runs(whole.chain(parts).copied()))
        };
        self.groups.extend(room.groups.iter().map(group));
    }

    /// Adds the channels of a fixture.
    fn hang(&mut self, rooms: &Rooms, pieces: &[&PatchedFixture], kind: &Kind) {
        for beam in &kind.beams {
            let Some(piece) = pieces.get(beam.piece) else { continue };
            let Some(universe) = rooms.place(piece.universe) else { continue };
            let first = piece.address.slot() as u16;
            let at = |slots: &[u16]| slots.iter().map(|slot| first.saturating_add(*slot)).collect();
            let slots: Box<[u16]> = at(&beam.slots);
            if slots.iter().any(|slot| usize::from(*slot) >= SLOTS) {
                continue;
            }
            let universe = universe as u32;
            let heads = self.heads + beam.heads.start..self.heads + beam.heads.end;
            match (&*slots, &*beam.brightness) {
                (&[slot], Brightness::Straight { .. }) if beam.when.is_empty() => {
                    self.plain.push(Plain { universe, slot, heads });
                }
                _ => {
                    let when = beam.when.iter().map(|(when, expected)| {
                        (When { slots: at(&when.slots).into_vec(), ..when.clone() }, *expected)
                    });
                    let brightness = Arc::clone(&beam.brightness);
                    let when = when.collect();
                    self.others.push(Dimmer { universe, slots, brightness, when, heads });
                }
            }
        }
    }
}

/// The pieces of each fixture, indices into the patch: one over several universes stands there
/// once for each, under the same id.
fn fixtures(patch: &[PatchedFixture]) -> Vec<Vec<usize>> {
    let mut fixtures: Vec<Vec<usize>> = Vec::with_capacity(patch.len());
    let mut by_id: HashMap<&str, usize> = HashMap::with_capacity(patch.len());
    for (index, fixture) in patch.iter().enumerate() {
        let place = *by_id.entry(&fixture.id).or_insert_with(|| {
            fixtures.push(Vec::new());
            fixtures.len() - 1
        });
        fixtures[place].push(index);
    }
    fixtures
}

fn runs(heads: impl Iterator<Item = u32>) -> Vec<Range<u32>> {
    let runs = gobo_canvas::CueMark::runs_of(heads);
    runs.into_iter().map(|[first, last]| first..last + 1).collect()
}

/// What fixtures of a kind have in common.
struct Kind {
    heads: u32,
    /// The number of each head of each piece; the same head may stand in several.
    numbers: Vec<Vec<u32>>,
    beams: Vec<Beam>,
}

/// A channel by which light is lowered.
struct Beam {
    piece: usize,
    /// Counted from the piece's first.
    slots: Vec<u16>,
    brightness: Arc<Brightness>,
    when: Vec<(When, bool)>,
    heads: Range<u32>,
}

/// A channel of a head, and the piece of the fixture in which it lies.
type Channel<'a> = (usize, &'a PatchedChannel);

impl Kind {
    fn of(pieces: &[&PatchedFixture]) -> Self {
        let mut by_name: HashMap<&str, u32> = HashMap::new();
        let (mut heads, mut numbers): (Vec<Vec<Channel<'_>>>, _) = (Vec::new(), Vec::new());
        for (piece, fixture) in pieces.iter().enumerate() {
            let mut here = Vec::with_capacity(fixture.heads.len());
            for head in fixture.heads.iter() {
                let number = *by_name.entry(&head.name).or_insert(heads.len() as u32);
                if number as usize == heads.len() {
                    heads.push(Vec::new());
                }
                heads[number as usize].extend(head.channels.iter().map(|channel| (piece, channel)));
                here.push(number);
            }
            numbers.push(here);
        }
        let mut sharers: HashMap<(usize, &[u16]), u32> = HashMap::new();
        for (piece, channel) in heads.iter().flatten() {
            *sharers.entry((*piece, &channel.slots)).or_default() += 1;
        }
        // By where a channel lies and when it counts.
        let mut beams: BTreeMap<(usize, &[u16], Vec<Time>), Beam> = BTreeMap::new();
        for (number, channels) in (0..).zip(&heads) {
            let shared = |(piece, channel): &Channel<'_>| sharers[&(*piece, &*channel.slots)];
            for (piece, channel, brightness, when) in lowered(channels, shared) {
                let times = when.iter().map(time).collect();
                let beam = beams.entry((piece, &channel.slots, times)).or_insert_with(|| Beam {
                    piece,
                    slots: channel.slots.clone(),
                    brightness: Arc::new(brightness),
                    when,
                    heads: number..number,
                });
                beam.heads.end = number + 1;
            }
        }
        Self { heads: heads.len() as u32, numbers, beams: beams.into_values().collect() }
    }
}

/// A condition as something to sort by.
type Time = (Vec<u16>, u64, u64, bool);

fn time((when, expected): &(When, bool)) -> Time {
    (when.slots.clone(), when.from, when.to, *expected)
}

/// A channel by which light is lowered, and when.
type Lowered<'a> = (usize, &'a PatchedChannel, Brightness, Vec<(When, bool)>);

/// The channels by which the light of a head is lowered.
fn lowered<'a>(channels: &[Channel<'a>], shared: impl Fn(&Channel<'a>) -> u32) -> Vec<Lowered<'a>> {
    let of = |level: fn(&Gives) -> Option<(f64, f64)>, fits: fn(&Brightness) -> bool| {
        let found = channels.iter().filter_map(move |&(piece, channel)| {
            let brightness = Brightness::of(channel, level).filter(fits)?;
            let when = channel.when.iter().map(|when| (when.clone(), true)).collect();
            Some((piece, channel, brightness, when))
        });
        found.collect::<Vec<Lowered<'a>>>()
    };
    let mut dimmers = of(brightness, Brightness::dims);
    // Of a dimmer for all heads and one for each, one is enough: the light would be lowered twice.
    let always = dimmers.iter().filter(|dimmer| dimmer.3.is_empty());
    let place =
        |dimmer: &&Lowered<'a>| (shared(&(dimmer.0, dimmer.1)), std::cmp::Reverse(dimmer.0));
    if let Some(master) = always.max_by_key(place).cloned() {
        return vec![master];
    }
    let mut emitters = of(emission, |_| true);
    if dimmers.is_empty() && emitters.is_empty() {
        let shutter = of(brightness, Brightness::can_be_dark).into_iter().next();
        return shutter.into_iter().collect();
    }
    // While a switching channel is no dimmer, the emitters are all there is.
    for emitter in &mut emitters {
        let near = dimmers.iter().filter(|dimmer| dimmer.0 == emitter.0);
        emitter
            .3
            .extend(near.flat_map(|dimmer| dimmer.3.iter()).map(|(when, _)| (when.clone(), false)));
    }
    dimmers.append(&mut emitters);
    dimmers
}

/// The brightness that a range gives to all light.
fn brightness(gives: &Gives) -> Option<(f64, f64)> {
    match gives {
        Gives::Brightness(first, last) => Some((*first, *last)),
        _ => None,
    }
}

/// The light that a range adds.
fn emission(gives: &Gives) -> Option<(f64, f64)> {
    match gives {
        Gives::Emitter(_, first, last) => Some((*first, *last)),
        _ => None,
    }
}
