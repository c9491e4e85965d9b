//! A room with a fixture of each kind, and a desk for it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Instant;

use gobo_canvas::{
    Gives, Header, PatchedChannel, PatchedFixture, PatchedGroup, PatchedHead, UniverseEntry,
    ValueRange, When,
};
use gobo_dmx::{Address, Slots, Universe};
use triple_buffer::{Input, triple_buffer};

use super::super::merge::{Feed, HeardLevels};
use super::*;

pub(super) type Frame = [Slots; 2];

const RED: Gives = Gives::Emitter([255, 0, 0], 0.0, 1.0);
const GREEN: Gives = Gives::Emitter([0, 255, 0], 0.0, 1.0);
const BLUE: Gives = Gives::Emitter([0, 0, 255], 0.0, 1.0);
const DIMMER: Gives = Gives::Brightness(0.0, 1.0);

fn channel(slots: &[u16], gives: Gives) -> PatchedChannel {
    let to = super::super::brightness::highest(slots.len());
    ranged(slots, &[(0, to, gives)])
}

fn ranged(slots: &[u16], ranges: &[(u64, u64, Gives)]) -> PatchedChannel {
    let range = |(from, to, gives): &(u64, u64, Gives)| ValueRange {
        from: *from,
        to: *to,
        gives: gives.clone(),
    };
    PatchedChannel { slots: slots.to_vec(), when: None, ranges: ranges.iter().map(range).collect() }
}

fn fixture(
    id: &str,
    universe: u16,
    first: u16,
    footprint: u16,
    heads: Vec<Vec<PatchedChannel>>,
) -> PatchedFixture {
    let heads = (1..).zip(heads);
    PatchedFixture {
        id: id.to_owned(),
        name: String::new(),
        universe: Universe::new(universe).unwrap(),
        address: Address::new(first + 1).unwrap(),
        footprint,
        position: [0.0; 3],
        rotation_deg: [0.0; 3],
        head_positions: Vec::new(),
        heads: heads
            .map(|(name, channels): (u32, _)| PatchedHead { name: name.to_string(), channels })
            .collect(),
    }
}

/// Universes 1 and 2 with a fixture of each kind, by the slot (from 0) at which it begins.
pub(super) fn header() -> Header {
    let pixel = |head: u16| {
        let slot = head * 3;
        vec![channel(&[slot], RED), channel(&[slot + 1], GREEN), channel(&[slot + 2], BLUE)]
    };
    let closed = (0, 7, Gives::Brightness(0.0, 0.0));
    let combined = [closed.clone(), (8, 134, DIMMER), (240, 255, Gives::Brightness(1.0, 1.0))];
    let when = |from, to| Some(When { slots: vec![0], from, to });
    let switched =
        vec![PatchedChannel { when: when(128, 255), ..channel(&[1], DIMMER) }, channel(&[2], RED)];
    let long = vec![channel(&[0], DIMMER)];
    let patch = vec![
        fixture(
            "par",
            1,
            0,
            7,
            vec![vec![
                channel(&[0], DIMMER),
                channel(&[1], RED),
                channel(&[2], GREEN),
                channel(&[3], BLUE),
            ]],
        ),
        fixture(
            "wash",
            1,
            20,
            7,
            vec![vec![
                channel(&[0, 1], DIMMER),
                channel(&[2, 3], Gives::Pan(0.0, 540.0)),
                channel(&[4], Gives::Filter([0, 255, 255], 0.0, 1.0)),
            ]],
        ),
        fixture("strip", 1, 40, 12, (0..4).map(pixel).collect()),
        fixture("combined", 1, 60, 1, vec![vec![ranged(&[0], &combined)]]),
        fixture("scan", 1, 70, 2, vec![vec![ranged(&[0], &[closed])]]),
        fixture("switched", 1, 80, 3, vec![switched]),
        fixture("hazer", 1, 90, 1, vec![vec![]]),
        fixture("long", 1, 511, 1, vec![long]),
        fixture("long", 2, 0, 4, vec![vec![channel(&[0], RED), channel(&[1], GREEN)]]),
        fixture(
            "fine",
            2,
            10,
            6,
            vec![vec![channel(&[0, 1, 2], DIMMER), channel(&[3, 4, 5], Gives::Tilt(0.0, 270.0))]],
        ),
    ];
    let group = |name: &str, fixtures: Vec<[u32; 2]>, heads| PatchedGroup {
        name: name.to_owned(),
        fixtures,
        heads,
    };
    let entry = |number| UniverseEntry {
        universe: Universe::new(number).unwrap(),
        name: String::new(),
        slots_used: 512,
    };
    Header {
        frames: 60,
        universes: vec![entry(1), entry(2)],
        groups: vec![
            group("all", vec![[0, patch.len() as u32 - 1]], vec![]),
            group("pars", vec![[0, 0]], vec![]),
            group("odd", vec![[0, 0]], vec![[2, 0, 0], [2, 2, 2]]),
        ],
        patch,
        ..Header::default()
    }
}

/// The slots of [`header`] that masters may touch.
pub(super) fn is_light(universe: usize, slot: usize) -> bool {
    match universe {
        0 => matches!(slot, 0 | 20 | 21 | 40..52 | 60 | 70 | 81 | 82 | 511),
        _ => matches!(slot, 10..13),
    }
}

pub(super) struct Bench {
    pub(super) desk: Desk,
    pub(super) mixer: RefCell<Mixer>,
}

impl Bench {
    pub(super) fn new() -> Self {
        let (desk, mixer, _) = Levels::new([&header()]).split();
        Self { desk, mixer: mixer.into() }
    }

    /// A bench at which sources can be heard, of both universes, and what they are heard by.
    pub(super) fn fed(own: u8) -> (Self, Vec<Input<HeardLevels>>) {
        let bench = Self::new();
        let own = gobo_dmx::Priority::new(own).unwrap();
        let (inputs, feeds) = (0..2)
            .map(|universe| {
                let (input, heard) = triple_buffer(&HeardLevels::default());
                (input, Feed { universe, own, heard })
            })
            .unzip();
        bench.mixer.borrow_mut().feed(feeds, &bench.desk.rooms());
        (bench, inputs)
    }

    pub(super) fn frame(&self, level: u8) -> Frame {
        [[level; SLOTS]; 2]
    }

    /// What goes out for a frame. Allocates nothing.
    pub(super) fn mixed(&self, frame: &Frame) -> Frame {
        self.mixed_at(Instant::now(), frame)
    }

    pub(super) fn mixed_at(&self, now: Instant, frame: &Frame) -> Frame {
        let (mut mixer, mut mixed) = (self.mixer.borrow_mut(), *frame);
        let counted = allocation_counter::measure(|| mixed.copy_from_slice(mixer.mix(now, frame)));
        assert_eq!(counted.count_total, 0, "a frame allocates");
        mixed
    }
}

/// Slots that stand for numbers: each channel of [`header`] as one.
pub(super) fn numbers(frame: &Frame) -> BTreeMap<(usize, usize), u64> {
    let mut numbers: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    for (universe, slots) in frame.iter().enumerate() {
        for (slot, level) in slots.iter().enumerate() {
            let first = match (universe, slot) {
                (0, 21) => 20,
                (1, 11 | 12) => 10,
                _ => slot,
            };
            let number = numbers.entry((universe, first)).or_default();
            *number = *number << 8 | u64::from(*level);
        }
    }
    numbers
}
