//! Frames go out to other formats and come back the same.

mod common;

use std::io::Cursor;
use std::sync::Arc;

use common::{header, level, places, small, write};
use gobo_canvas::{Canvas, Header, InterchangeError, export_dmxp, export_raw, import_dmxp};
use gobo_dmx::{FrameRate, Universe};

fn dmxp() -> Vec<u8> {
    let canvas = Arc::new(Canvas::from_bytes(small().1).unwrap());
    let mut bytes = Vec::new();
    export_dmxp(&canvas, 1, &mut bytes).unwrap();
    bytes
}

fn import(bytes: &[u8]) -> Result<Canvas, InterchangeError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("imported.canvas");
    let header = import_dmxp(&mut Cursor::new(bytes), &path, "imported", Universe::FIRST)?;
    let canvas = Canvas::open(&path)?;
    assert_eq!(canvas.header(), &header);
    Ok(canvas)
}

#[test]
fn dmxp_is_laid_out_as_the_original_wrote_it() {
    let bytes = dmxp();
    assert_eq!(bytes.len(), 32 + 200 * 516);
    assert_eq!(bytes[..16], *b"DMXP\x01\0\x01\0\xc8\0\0\0\x3c\0\0\0");
    assert_eq!(bytes[16..32], [0; 16]);
    let frame = &bytes[32 + 90 * 516..][..516];
    assert_eq!(frame[..4], 1500_u32.to_le_bytes());
    assert!((0..40).all(|slot| frame[4 + slot] == level(1, 90, slot)));
    assert!(frame[44..].iter().all(|&level| level == 0));
}

#[test]
fn dmxp_comes_back_the_same() {
    let bytes = dmxp();
    let canvas = Arc::new(import(&bytes).unwrap());
    assert_eq!(canvas.verify().unwrap(), []);
    let mut again = Vec::new();
    export_dmxp(&canvas, 0, &mut again).unwrap();
    assert!(again == bytes);
}

#[test]
fn broken_dmxp_is_refused_in_words() {
    let bytes = dmxp();
    let refused = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = bytes.clone();
        change(&mut bytes);
        import(&bytes).unwrap_err().to_string()
    };
    insta::assert_snapshot!(
        [
            refused(&|bytes| bytes.truncate(31)),
            refused(&|bytes| bytes[0] = b'd'),
            refused(&|bytes| bytes[4] = 2),
            refused(&|bytes| bytes[6] = 3),
            refused(&|bytes| bytes[8..12].fill(0)),
            refused(&|bytes| bytes[12..16].fill(0xff)),
            refused(&|bytes| bytes[8..12].fill(0xff)),
            refused(&|bytes| bytes.truncate(32 + 516 * 70 - 1)),
            refused(&|bytes| bytes.push(0)),
        ]
        .join("\n"),
        @r"
        this is not a DMXP file: it does not start with `DMXP`
        this is not a DMXP file: it does not start with `DMXP`
        the DMXP file has version 2, only version 1 is known
        the DMXP file has 3 universes, version 1 holds exactly one
        the DMXP file has no frames
        the DMXP file has a wrong frame rate: a frame rate is 1 to 1000, not 4294967295/1
        the DMXP file was cut short: it promises 4294967295 frames and ends in frame 200
        the DMXP file was cut short: it promises 200 frames and ends in frame 69
        the DMXP file goes on after its 200 frames
        "
    );
}

#[test]
fn raw_is_every_slot_of_every_universe_in_every_frame() {
    let (header, bytes) = small();
    let mut raw = Vec::new();
    export_raw(&Arc::new(Canvas::from_bytes(bytes).unwrap()), &mut raw).unwrap();
    assert_eq!(raw.len(), 200 * 3 * 512);
    for (index, slots) in raw.chunks_exact(512).enumerate() {
        let (frame, universe) = ((index / 3) as u32, index % 3);
        let width = usize::from(header.universes[universe].slots_used);
        for (slot, &found) in slots.iter().enumerate() {
            let expected = if slot < width { level(universe, frame, slot) } else { 0 };
            assert_eq!(found, expected);
        }
    }
}

#[test]
fn the_times_of_the_frames_tell_a_rate_that_dmxp_cannot_say() {
    for (numerator, denominator) in [(30_000, 1001), (24_000, 1001), (25, 2), (60, 1), (59, 3)] {
        let rate = FrameRate::new(numerator, denominator).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.canvas");
        let header = Header { rate, ..header(5_000, &[3]) };
        write(&path, &header, &places(&header));
        let mut bytes = Vec::new();
        export_dmxp(&Arc::new(Canvas::open(&path).unwrap()), 0, &mut bytes).unwrap();
        assert_eq!(import(&bytes).unwrap().header().rate, rate);
        // Where the times say nothing, the header counts.
        for frame in bytes[32..].chunks_exact_mut(516) {
            frame[..4].fill(0);
        }
        let said = FrameRate::new(rate.as_f64().round() as u32, 1).unwrap();
        assert_eq!(import(&bytes).unwrap().header().rate, said);
    }
}
