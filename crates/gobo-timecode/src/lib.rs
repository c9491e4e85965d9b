//! Timecode: hours, minutes, seconds and frames that one machine tells and others follow.
//!
//! [`Timecode`] is the arithmetic, drop-frame included. [`LtcDecoder`] and [`LtcEncoder`] read
//! and write it as sound, [`MtcParser`], [`MtcReader`], [`mtc_quarter`] and [`mtc_full`] as MIDI bytes,
//! [`parse_art_time_code`] and [`art_time_code`] as Art-Net. [`Chase`] makes of codes that are
//! heard, jittering and now and then wrong, a place that moves.
//!
//! Nothing here opens, waits or asks for the time.
#![forbid(unsafe_code)]

mod artnet;
mod chase;
mod ltc;
mod mtc;
mod rate;
mod timecode;

pub use artnet::{
    ART_TIME_CODE, ART_TIME_CODE_BYTES, ArtTimeCode, art_time_code, parse_art_time_code,
};
pub use chase::{Chase, Sighting, Told};
pub use ltc::{CodeReader, LtcDecoder, LtcEncoder, LtcFrame};
pub use mtc::{MtcMessage, MtcParser, MtcReader, MtcSighting, mtc_full, mtc_quarter};
pub use rate::CodeRate;
pub use timecode::{Label, Timecode, TimecodeError};

/// Which way a code runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// As time does.
    Forwards,
    /// A tape that is rewound.
    Backwards,
}

impl Direction {
    /// 1.0 or -1.0.
    pub fn sign(self) -> f64 {
        match self {
            Self::Forwards => 1.0,
            Self::Backwards => -1.0,
        }
    }
}
