//! Whatever happens to the bytes, reading ends in the right frames or in a reason.

mod common;

use std::sync::Arc;

use common::{header, small};
use gobo_canvas::{Canvas, CanvasError, CanvasWriter, Cell, Compression, Reader};
use proptest::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

/// Every level of every frame, or the first error on the way: of opening, then of reading.
fn read_all(bytes: Vec<u8>) -> Result<Vec<u8>, CanvasError> {
    let mut reader = Reader::new(Arc::new(Canvas::from_bytes(bytes)?));
    let header = reader.canvas().header().clone();
    let mut levels = Vec::new();
    for frame in 0..header.frames {
        for universe in 0..header.universes.len() {
            levels.extend_from_slice(reader.used(universe, frame)?);
        }
    }
    Ok(levels)
}

#[test]
fn cut_short_anywhere_it_is_refused() {
    let (_, bytes) = small();
    for length in 0..bytes.len() {
        match Canvas::from_bytes(&bytes[..length]) {
            Err(CanvasError::NotACanvas) => assert_eq!(length, 0),
            Err(CanvasError::WrongLength { found, .. }) => assert_eq!(found, length as u64),
            other => panic!("cut to {length}: {other:?}"),
        }
    }
}

#[test]
fn a_flipped_bit_anywhere_is_noticed() {
    let (_, bytes) = small();
    let store = u64::from_le_bytes(bytes[64..72].try_into().unwrap()) as usize
        ..u64::from_le_bytes(bytes[88..96].try_into().unwrap()) as usize;
    for at in 0..bytes.len() {
        for bit in [at % 8, (at + 3) % 8] {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1 << bit;
            let error = read_all(bytes.clone()).expect_err("a flipped bit went unnoticed");
            let in_cells = matches!(error, CanvasError::Cell(_));
            assert_eq!(in_cells, store.contains(&at), "byte {at}: {error}");
            if in_cells {
                let faults = Canvas::from_bytes(bytes).unwrap().verify().unwrap();
                // Cells with equal bytes under other keys share them, and so their damage.
                assert!(!faults.is_empty(), "byte {at}");
                for fault in faults {
                    let cell = fault.offset..fault.offset + fault.length;
                    assert!(cell.contains(&(at as u64)), "byte {at}: {fault}");
                }
            }
        }
    }
}

#[test]
fn damage_is_told_in_words() {
    // A cell that no compressor touches, so that the numbers stay.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("still.canvas");
    let mut writer = CanvasWriter::create(&path, &header(60, &[40])).unwrap();
    writer.put(0, 0, &Cell::encode(1, 40, &[9; 2400], Compression::Fast)).unwrap();
    writer.finish().unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let part = |field: usize| u64::from_le_bytes(bytes[field..field + 8].try_into().unwrap());
    let flipped = |at: u64| {
        let mut bytes = bytes.clone();
        bytes[at as usize] ^= 0x10;
        read_all(bytes).unwrap_err().to_string()
    };
    let words = [
        flipped(0),
        flipped(20),
        flipped(part(40)),
        flipped(part(64)),
        flipped(part(88)),
        flipped(part(112)),
        flipped(part(136)),
        flipped(bytes.len() as u64 - 1),
        read_all(bytes[..300].to_vec()).unwrap_err().to_string(),
        read_all([&bytes[..], b"\n"].concat()).unwrap_err().to_string(),
        read_all(b"{}".to_vec()).unwrap_err().to_string(),
        Canvas::open(std::path::Path::new("no such.canvas")).unwrap_err().to_string(),
    ];
    insta::assert_snapshot!(words.join("\n"), @r"
    this is not a canvas: it starts with other bytes than a canvas file does
    the canvas is damaged: its fixed header (byte 0, 168 long) does not match its checksum; compile the show again
    the canvas is damaged: its JSON header (byte 168, 250 long) does not match its checksum; compile the show again
    the canvas is damaged: universe 1, cell 0 (40 bytes at byte 418): its bytes do not match their checksum; compile the show again
    the canvas is damaged: its row table (byte 458, 16 long) does not match its checksum; compile the show again
    the canvas is damaged: its run table (byte 474, 12 long) does not match its checksum; compile the show again
    the canvas is damaged: its record table (byte 486, 48 long) does not match its checksum; compile the show again
    the canvas is damaged: its end marker (byte 534, 24 long) does not match its checksum; compile the show again
    the canvas is 300 bytes long, but says 558: it was cut short, copy it or compile the show again
    the canvas is 559 bytes long, but says 558: something was appended to it
    this is not a canvas: it starts with other bytes than a canvas file does
    cannot read the canvas: No such file or directory (os error 2)
    ");
}

#[test]
fn a_later_version_is_refused_by_its_number() {
    let (_, mut bytes) = small();
    bytes[8] = 2;
    reseal(&mut bytes);
    insta::assert_snapshot!(read_all(bytes).unwrap_err(), @"the canvas has format version 2, this gobo reads version 1: update gobo, or compile the show again");
}

/// Makes the fixed header's checksum right again, and the end marker's copy of it.
fn reseal(bytes: &mut [u8]) {
    let checksum = xxh3_64(&bytes[..160]).to_le_bytes();
    bytes[160..168].copy_from_slice(&checksum);
    let end = bytes.len() - 16;
    bytes[end..end + 8].copy_from_slice(&checksum);
}

/// Makes all checksums of the header and the tables right again.
fn reseal_all(bytes: &mut [u8]) {
    for field in [40, 88, 112, 136] {
        let at = |at: usize, bytes: &[u8]| {
            usize::try_from(u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())).ok()
        };
        let (offset, length) = (at(field, bytes), at(field + 8, bytes));
        let end = offset.zip(length).and_then(|(offset, length)| offset.checked_add(length));
        let part = offset.zip(end).and_then(|(offset, end)| bytes.get(offset..end));
        if let Some(checksum) = part.map(xxh3_64) {
            bytes[field + 16..field + 24].copy_from_slice(&checksum.to_le_bytes());
        }
    }
    reseal(bytes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    /// A liar who knows the checksums gets an error or some frames, no panic and no huge
    /// allocation.
    #[test]
    fn lies_with_right_checksums_never_panic(
        lies in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        table in any::<bool>(),
    ) {
        let (_, mut bytes) = SMALL.with(Clone::clone);
        let store_end = u64::from_le_bytes(bytes[88..96].try_into().unwrap()) as usize;
        for (at, byte) in lies {
            let at = if table { store_end + at.index(bytes.len() - store_end) } else { 12 + at.index(800) };
            bytes[at] = byte;
        }
        reseal_all(&mut bytes);
        if let Ok(canvas) = Canvas::from_bytes(bytes.clone()) {
            canvas.verify().unwrap();
            let _ = read_all(bytes);
        }
    }
}

thread_local! {
    static SMALL: (gobo_canvas::Header, Vec<u8>) = small();
}

#[test]
fn a_huge_canvas_that_stands_still_is_small_and_opens_at_once() {
    let header = header(12 * 3600 * 60, &[512; 10_000]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.canvas");
    let mut writer = CanvasWriter::create(&path, &header).unwrap();
    let still = Cell::encode(1, 512, &[200; 512 * 60], Compression::Fast);
    let other = Cell::encode(2, 512, &[20; 512 * 60], Compression::Fast);
    for universe in 0..10_000 {
        writer.put_run(universe, 0..40_000, &still).unwrap();
        writer.put_run(universe, 40_000..43_200, &other).unwrap();
    }
    writer.finish().unwrap();
    let canvas = Canvas::open(&path).unwrap();
    assert!(canvas.file_len() < 1 << 20, "{} bytes", canvas.file_len());
    assert_eq!(canvas.unique_cells(), 2);
    let mut slots = [0; 512];
    canvas.frame(9_999, 39_999 * 60 + 59, &mut slots).unwrap();
    assert_eq!(slots, [200; 512]);
    canvas.frame(9_999, header.frames - 1, &mut slots).unwrap();
    assert_eq!(slots, [20; 512]);
}
