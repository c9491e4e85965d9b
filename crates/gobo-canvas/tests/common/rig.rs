//! Fixtures for canvases that are drawn.

use gobo_canvas::{Gives, PatchedChannel, PatchedFixture, PatchedHead, ValueRange};
use gobo_dmx::{Address, Universe};

/// A channel of one slot.
pub(crate) fn channel(slot: u16, gives: Gives) -> PatchedChannel {
    PatchedChannel {
        slots: vec![slot],
        when: None,
        ranges: vec![ValueRange { from: 0, to: 255, gives }],
    }
}

/// Red, green and blue from `slot` on, and whatever else.
pub(crate) fn rgb_head(name: usize, slot: u16, more: Option<PatchedChannel>) -> PatchedHead {
    let emitter = |index: u16| {
        let mut color = [0; 3];
        color[usize::from(index)] = 255;
        channel(slot + index, Gives::Emitter(color, 0.0, 1.0))
    };
    PatchedHead { name: name.to_string(), channels: (0..3).map(emitter).chain(more).collect() }
}

/// A fixture at the origin of the first universe.
pub(crate) fn fixture(
    id: String,
    address: usize,
    heads: Vec<PatchedHead>,
    footprint: u16,
) -> PatchedFixture {
    PatchedFixture {
        name: id.clone(),
        id,
        universe: Universe::FIRST,
        address: Address::new(address as u16).unwrap(),
        footprint,
        position: [0.0; 3],
        rotation_deg: [0.0; 3],
        head_positions: Vec::new(),
        heads: heads.into(),
    }
}
