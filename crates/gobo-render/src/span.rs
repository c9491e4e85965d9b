//! A fixture over universes: which of its heads and slots lie in which.

use gobo_dmx::{SLOTS, Universe};
use gobo_show::rig::{Fixture, Function};

/// Stands for a slot that lies in another universe.
pub(crate) const ELSEWHERE: u16 = u16::MAX;

/// What of a fixture lies in one universe.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Piece {
    pub(crate) universe: Universe,
    /// How many slots of the fixture's universes come before this one's.
    pub(crate) before: usize,
    /// The heads that it takes to know its levels, by their place in the fixture, rising: those
    /// with a slot here, or all if the fixture has channels that heads share or that switch others.
    pub(crate) heads: Vec<usize>,
}

impl Piece {
    /// A slot of the fixture as one of this universe, if it lies here.
    pub(crate) fn slot(&self, slot: u16) -> Option<u16> {
        let here = usize::from(slot).checked_sub(self.before)?;
        (here < SLOTS).then_some(here as u16)
    }

    /// The fixture's first slot in this universe.
    pub(crate) fn first(&self, fixture: &Fixture) -> u16 {
        if self.before == 0 { fixture.address.slot() as u16 } else { 0 }
    }
}

/// The pieces of a fixture, by universe; those without a slot are left out. Most have one.
pub(crate) fn pieces(fixture: &Fixture) -> Vec<Piece> {
    let count = fixture.heads.len();
    if fixture.slots().end <= SLOTS {
        let heads = (0..count).collect();
        return vec![Piece { universe: fixture.universe, before: 0, heads }];
    }
    let shares = fixture.channels.iter().any(|channel| {
        channel.head.is_none() || matches!(channel.function, Function::Switched { .. })
    });
    let universes = fixture.universes().enumerate();
    let mut pieces: Vec<(bool, Piece)> = universes
        .map(|(index, universe)| {
            let heads = if shares { (0..count).collect() } else { Vec::new() };
            (false, Piece { universe, before: index * SLOTS, heads })
        })
        .collect();
    for channel in &fixture.channels {
        let head = channel.head.map(|head| (head - fixture.heads.start) as usize);
        for &slot in &channel.slots {
            let Some((used, piece)) = pieces.get_mut(usize::from(slot) / SLOTS) else { continue };
            *used = true;
            if !shares && let Some(head) = head {
                piece.heads.push(head);
            }
        }
    }
    let mut used: Vec<Piece> =
        pieces.into_iter().filter_map(|(used, piece)| used.then_some(piece)).collect();
    for piece in &mut used {
        piece.heads.sort_unstable();
        piece.heads.dedup();
    }
    used
}
