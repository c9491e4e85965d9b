//! What is written is what is read, whatever the order of writing and reading.

mod common;

use std::sync::Arc;

use common::{cell, header, level, places, rows, small, write};
use gobo_canvas::{Canvas, CanvasError, CanvasWriter, Cell, Compression, Reader, WriteError};
use proptest::prelude::*;

#[test]
fn every_frame_comes_back() {
    let (header, bytes) = small();
    let canvas = Canvas::from_bytes(bytes).unwrap();
    assert_eq!(canvas.header(), &header);
    assert_eq!(canvas.verify().unwrap(), []);
    let mut reader = Reader::new(Arc::new(canvas.clone()));
    let (mut alone, mut in_a_run) = ([1; 512], [2; 512]);
    for frame in 0..header.frames {
        for (universe, entry) in header.universes.iter().enumerate() {
            canvas.frame(universe, frame, &mut alone).unwrap();
            reader.frame(universe, frame, &mut in_a_run).unwrap();
            assert_eq!(alone, in_a_run);
            let width = usize::from(entry.slots_used);
            assert!((0..width).all(|slot| alone[slot] == level(universe, frame, slot)));
            assert!(alone[width..].iter().all(|&level| level == 0));
        }
    }
    assert!(matches!(canvas.frame(0, 200, &mut alone), Err(CanvasError::NoFrame { .. })));
    assert!(matches!(reader.frame(3, 0, &mut alone), Err(CanvasError::NoUniverse { .. })));
    assert!(matches!(canvas.key(0, 4), Err(CanvasError::NoCell { .. })));
}

#[test]
fn equal_cells_are_stored_once() {
    let (header, bytes) = small();
    let canvas = Canvas::from_bytes(bytes).unwrap();
    let mut keys: Vec<u128> =
        places(&header).iter().map(|&(u, c)| canvas.key(u, c).unwrap()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(canvas.unique_cells(), keys.len());
    assert!(keys.len() < places(&header).len());
}

#[test]
fn encoded_cells_move_to_another_canvas_as_they_are() {
    let (header, bytes) = small();
    let canvas = Canvas::from_bytes(bytes.clone()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("copy.canvas");
    let mut writer = CanvasWriter::create(&path, &header).unwrap();
    for (universe, cell) in places(&header) {
        writer.put(universe, cell, &canvas.encoded(universe, cell).unwrap()).unwrap();
    }
    writer.finish().unwrap();
    assert!(std::fs::read(&path).unwrap() == bytes);
}

#[test]
fn a_run_is_as_good_as_its_cells() {
    let header = header(1000, &[10, 10]);
    let folder = tempfile::tempdir().unwrap();
    let [one, two] = ["one", "two"].map(|name| folder.path().join(name));
    let still = Cell::encode(1, 10, &[9; 600], Compression::Fast);
    let last = Cell::encode(1, 10, &[9; 400], Compression::Fast);
    let mut by_cell = CanvasWriter::create(&one, &header).unwrap();
    let mut by_run = CanvasWriter::create(&two, &header).unwrap();
    for universe in [1, 0] {
        (0..16).for_each(|cell| by_cell.put(universe, cell, &still).unwrap());
        by_cell.put(universe, 16, &last).unwrap();
        by_run.put(universe, 16, &last).unwrap();
        by_run.put_run(universe, 0..16, &still).unwrap();
    }
    by_cell.finish().unwrap();
    by_run.finish().unwrap();
    assert!(std::fs::read(&one).unwrap() == std::fs::read(&two).unwrap());
    let canvas = Canvas::open(&two).unwrap();
    assert_eq!(canvas.unique_cells(), 2);
}

#[test]
fn the_writer_refuses_what_is_no_canvas() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.canvas");
    let header = header(100, &[4]);
    let put = |places: &[(usize, u32)]| {
        let mut writer = CanvasWriter::create(&path, &header)?;
        for &(universe, second) in places {
            writer.put(universe, second, &cell(&header, 0, second.min(1)))?;
        }
        writer.finish()
    };
    assert!(matches!(put(&[(0, 0)]), Err(WriteError::Missing { universe: 0, cell: 1 })));
    assert!(matches!(put(&[(0, 1)]), Err(WriteError::Missing { universe: 0, cell: 0 })));
    assert!(matches!(put(&[(0, 0), (0, 0)]), Err(WriteError::PutTwice { cell: 0, .. })));
    assert!(matches!(put(&[(0, 1), (0, 1)]), Err(WriteError::PutTwice { cell: 1, .. })));
    assert!(matches!(put(&[(1, 0)]), Err(WriteError::NoSuchCell { .. })));
    assert!(matches!(put(&[(0, 2)]), Err(WriteError::NoSuchCell { .. })));
    let mut writer = CanvasWriter::create(&path, &header).unwrap();
    let narrow = Cell::encode(0, 3, &rows(&header, 0, 0)[..180], Compression::Fast);
    assert!(matches!(writer.put(0, 0, &narrow), Err(WriteError::WrongShape { .. })));
    drop(writer);
    assert!(matches!(
        CanvasWriter::create(&path, &common::header(0, &[4])),
        Err(WriteError::Header(_))
    ));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a file was left behind");
    put(&[(0, 1), (0, 0)]).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn an_open_canvas_outlives_its_replacement_and_a_failed_one_replaces_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.canvas");
    let (header, bytes) = small();
    std::fs::write(&path, &bytes).unwrap();
    let before = Canvas::open(&path).unwrap();
    let mut half = CanvasWriter::create(&path, &header).unwrap();
    half.put(0, 0, &cell(&header, 0, 0)).unwrap();
    assert!(half.finish().is_err());
    assert!(std::fs::read(&path).unwrap() == bytes);
    let other = common::header(60, &[1]);
    write(&path, &other, &places(&other));
    assert_eq!(before.verify().unwrap(), []);
    assert_eq!(Canvas::open(&path).unwrap().header(), &other);
}

#[test]
fn what_becomes_of_the_file_does_not_matter_to_a_canvas_that_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.canvas");
    let (header, bytes) = small();
    std::fs::write(&path, &bytes).unwrap();
    let (loaded, mut frame) = (Canvas::open(&path).unwrap(), [0; 512]);
    loaded.load().unwrap();
    let half = std::fs::File::options().write(true).open(&path).unwrap();
    half.set_len(bytes.len() as u64 / 2).unwrap();
    assert_eq!(loaded.verify().unwrap(), []);
    loaded.frame(0, header.frames - 1, &mut frame).unwrap();
    assert_eq!(frame[0], level(0, header.frames - 1, 0));
    // One that is opened now is refused, and so is one that is loaded too late.
    assert!(Canvas::open(&path).is_err());
    std::fs::write(&path, &bytes).unwrap();
    let late = Canvas::open(&path).unwrap();
    half.set_len(10).unwrap();
    assert!(late.load().is_err());
    assert!(late.frame(0, 0, &mut frame).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn the_order_of_putting_leaves_no_trace(
        order in Just(places(&header(200, &[40, 40, 9]))).prop_shuffle(),
    ) {
        let (header, bytes) = small();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shuffled.canvas");
        write(&path, &header, &order);
        prop_assert!(std::fs::read(&path).unwrap() == bytes);
    }
}
