//! What the fuzz targets feed: each function takes any bytes, hands them to a reader as a file or
//! a packet would come, and checks what must hold whatever they are. None may panic.
//!
//! The libFuzzer targets in `tests/fuzz` and the replay of their corpus call the same functions.
#![forbid(unsafe_code)]

mod foreign;
mod remote;
mod sources;
mod timecode;

use std::io::Cursor;
use std::sync::Arc;

use gobo_canvas::Canvas;
use gobo_canvas::fseq::{FseqError, read_fseq};
use gobo_dmx::SLOTS;
use gobo_output::{parse_artnet, parse_sacn};
use gobo_show::Source;
use gobo_show::profile::{Profile, ProfileFile, import_qxf};

pub use foreign::{import_luma, import_qlcplus, import_wled, import_xlights, luma_score};
pub use remote::remote;
pub use sources::sources;
pub use timecode::{art_time_code, ltc, mtc, timecode};

/// A fuzz target: its name, which is its corpus's folder, and what it feeds.
pub type Target = (&'static str, fn(&[u8]));

/// Every fuzz target.
pub const TARGETS: [Target; 17] = [
    ("sources", sources),
    ("profiles", profiles),
    ("qxf", qxf),
    ("canvas", canvas),
    ("fseq", fseq),
    ("artnet", artnet),
    ("sacn", sacn),
    ("import_qlcplus", import_qlcplus),
    ("import_wled", import_wled),
    ("import_xlights", import_xlights),
    ("import_luma", import_luma),
    ("luma_score", luma_score),
    ("timecode", timecode),
    ("ltc", ltc),
    ("mtc", mtc),
    ("art_time_code", art_time_code),
    ("remote", remote),
];

/// A fixture profile: every mode of one that is read stays within its footprint.
pub fn profiles(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let path = Arc::from("fixtures/profiles/fuzz/fuzz.json");
    if let (Some(ProfileFile::Profile(profile)), _) =
        Profile::parse(&Source { path, text: text.as_ref().into() })
    {
        for mode in profile.modes() {
            let Some(patched) = profile.patch(&mode.name) else { continue };
            let slots = patched.channels.iter().flat_map(|channel| &channel.slots);
            assert!(slots.copied().all(|slot| slot < patched.footprint), "a slot outside the mode");
        }
    }
}

/// A QLC+ definition: one that is imported reads as a profile without errors.
pub fn qxf(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let (Some(imported), _) = import_qxf(&text, "fuzz.qxf") {
        profiles(imported.json.as_bytes());
    }
}

/// An FSEQ file: one that is read gives frames of its size, or a reason.
pub fn fseq(bytes: &[u8]) {
    const MOST: u32 = 64;
    let mut input = Cursor::new(bytes);
    let Ok(header) = read_fseq(&mut input) else { return };
    let _ = header.frames(&mut input, |frame, row| {
        assert_eq!(row.len(), header.channels as usize);
        let enough = || FseqError::Unsayable("enough".to_owned());
        if frame < MOST { Ok(()) } else { Err(enough()) }
    });
}

/// A canvas: one that opens gives every frame or a reason, and verifies or says where not.
pub fn canvas(bytes: &[u8]) {
    let Ok(canvas) = Canvas::from_bytes(bytes) else { return };
    let (universes, frames) = (canvas.header().universes.len(), canvas.header().frames);
    let mut slots = [0; SLOTS];
    for universe in 0..universes.min(4) {
        for frame in [0, frames / 2, frames - 1] {
            let _ = canvas.frame(universe, frame, &mut slots);
        }
    }
    if canvas.unique_cells() < 1_000 {
        let _ = canvas.verify();
    }
}

/// An Art-Net packet.
pub fn artnet(bytes: &[u8]) {
    let _ = parse_artnet(bytes);
}

/// An E1.31 packet.
pub fn sacn(bytes: &[u8]) {
    let _ = parse_sacn(bytes);
}
