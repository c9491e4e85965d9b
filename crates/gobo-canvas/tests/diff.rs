//! Canvases that play the same differ in nothing; all others say where.

mod common;

use common::{header, level};
use gobo_canvas::{
    Canvas, CanvasWriter, Cell, Compression, Diff, Header, PatchedFixture, UniverseEntry, diff,
};
use gobo_dmx::{Address, Universe};

/// A canvas whose keys say nothing: each is a number of its own, from `first_key` on.
fn canvas(header: &Header, first_key: u128, level: impl Fn(usize, u32, usize) -> u8) -> Canvas {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.canvas");
    let mut writer = CanvasWriter::create(&path, header).unwrap();
    for (index, (universe, cell)) in common::places(header).into_iter().enumerate() {
        let width = header.universes[universe].slots_used;
        let first = header.first_frame(cell);
        let rows: Vec<u8> = (first..first + u32::from(header.frames_in(cell)))
            .flat_map(|frame| (0..width).map(move |slot| (frame, slot.into())))
            .map(|(frame, slot)| level(universe, frame, slot))
            .collect();
        let key = first_key + index as u128;
        writer.put(universe, cell, &Cell::encode(key, width, &rows, Compression::Fast)).unwrap();
    }
    writer.finish().unwrap();
    Canvas::open(&path).unwrap()
}

fn fixture(id: &str, universe: u16, address: u16) -> PatchedFixture {
    PatchedFixture {
        id: id.to_owned(),
        name: String::new(),
        universe: Universe::new(universe).unwrap(),
        address: Address::new(address).unwrap(),
        footprint: 4,
        position: [0.0; 3],
        rotation_deg: [0.0; 3],
        head_positions: Vec::new(),
        heads: [].into(),
    }
}

fn patched() -> Header {
    let mut header = header(200, &[40, 9]);
    header.patch = vec![fixture("par1", 1, 1), fixture("par2", 1, 5), fixture("spot", 2, 1)];
    header
}

#[test]
fn the_same_levels_under_other_keys_are_no_difference() {
    let (one, two) = (canvas(&patched(), 0, level), canvas(&patched(), 100, level));
    assert_eq!(diff(&one, &two).unwrap(), Diff::default());
    assert_eq!(diff(&one, &two).unwrap().to_string(), "");
}

#[test]
fn keys_are_trusted_within_one_engine_only() {
    let dark = |_, _, _| 0;
    let mut by_another = patched();
    by_another.engine = "another".to_owned();
    let (one, other) = (canvas(&patched(), 0, level), canvas(&by_another, 0, dark));
    assert_eq!(diff(&one, &other).unwrap().universes.len(), 2);
    assert!(diff(&one, &canvas(&patched(), 0, dark)).unwrap().is_empty());
}

#[test]
fn a_wider_universe_with_dark_slots_differs_in_words_only() {
    let mut wide = patched();
    wide.universes[1].slots_used = 12;
    let dark = |universe, frame, slot| if slot < 9 { level(universe, frame, slot) } else { 0 };
    let narrow_levels = |universe, frame, slot| match universe {
        0 => level(0, frame, slot),
        _ => dark(universe, frame, slot),
    };
    let (one, two) = (canvas(&patched(), 0, level), canvas(&wide, 100, narrow_levels));
    assert_eq!(diff(&one, &two).unwrap().to_string(), "universe 2 changed\n");
}

#[test]
fn differences_are_told_by_universe_fixture_and_time() {
    let changed = |universe, frame, slot| match (universe, frame, slot) {
        (0, 30..=44 | 100, 5) | (0, 190, 0 | 5) => 1,
        _ => level(universe, frame, slot),
    };
    let one = canvas(&patched(), 0, |universe, frame, slot| match (universe, frame, slot) {
        (0, 30..=44 | 100 | 190, 0 | 5) => 0,
        _ => level(universe, frame, slot),
    });
    insta::assert_snapshot!(diff(&one, &canvas(&patched(), 100, changed)).unwrap(), @r"
    universe 1: 0:00.500-0:01.683, 0:03.167-0:03.183 (addresses 1, 6)
      par1: 0:01.667-0:01.683, 0:03.167-0:03.183
      par2: 0:00.500-0:01.683, 0:03.167-0:03.183
    ");
}

#[test]
fn headers_are_compared_in_words() {
    let mut other = patched();
    other.title = "New".to_owned();
    other.engine = "later".to_owned();
    other.frames = 180;
    other.patch[0].address = Address::new(9).unwrap();
    other.patch[1].id = "par3".to_owned();
    other.universes.remove(1);
    let universe = Universe::new(7).unwrap();
    other.universes.push(UniverseEntry { universe, name: String::new(), slots_used: 9 });
    let two = canvas(&other, 100, level);
    insta::assert_snapshot!(diff(&canvas(&patched(), 0, level), &two).unwrap(), @r"
    title: none became New
    engine: test became later
    frames: 200 became 180
    universe 2 is gone
    universe 7 is new
    fixture par1 changed
    fixture par2 is gone
    fixture par3 is new
    ");
}
