//! Linear timecode: 80 bits a frame as sound, biphase mark (SMPTE ST 12-1).

mod decode;
mod encode;
mod reader;

pub use decode::{LtcDecoder, LtcFrame};
pub use encode::LtcEncoder;
pub use reader::CodeReader;

use crate::{CodeRate, Label, Timecode};

/// Bits of a frame.
const BITS: usize = 80;
/// Where the sync word begins.
const SYNC_AT: usize = 64;
/// The sync word 0011111111111101, first bit lowest.
const SYNC: u16 = 0b1011_1111_1111_1100;
/// Whether labels are dropped.
const DROP_BIT: usize = 10;

/// Where each digit lies: its first bit and its bits, from the tens of hours to single frames.
const DIGITS: [(usize, usize); 8] =
    [(56, 2), (48, 4), (40, 3), (32, 4), (24, 3), (16, 4), (8, 2), (0, 4)];

/// The 80 bits of a frame, the first sent lowest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Word(u128);

impl Word {
    /// The word for a frame, without user bits; the correction bit makes its zeros even in number
    /// (SMPTE ST 12-1, 9.2.2), so that each word begins with the same polarity.
    fn new(code: Timecode) -> Self {
        let fields = code.label().fields().into_iter();
        let digits = fields.flat_map(|field| [field / 10, field % 10]);
        let mut bits = u128::from(SYNC) << SYNC_AT;
        for (digit, (at, _)) in digits.zip(DIGITS) {
            bits |= u128::from(digit) << at;
        }
        bits |= u128::from(code.rate().drops()) << DROP_BIT;
        let correction = if code.rate() == CodeRate::Fps25 { 59 } else { 27 };
        bits |= u128::from(bits.count_ones() % 2) << correction;
        Self(bits)
    }

    /// The label and whether labels are dropped, if the bits are those of one.
    fn label(self) -> Option<(Label, bool)> {
        let mut digits = [0; 8];
        for (digit, (at, bits)) in digits.iter_mut().zip(DIGITS) {
            *digit = (self.0 >> at) as u8 & ((1 << bits) - 1);
        }
        let [h, hh, m, mm, s, ss, f, ff] = digits;
        let tens = [h, m, s, f].into_iter().zip([hh, mm, ss, ff]);
        let mut fields = [0; 4];
        for (field, (ten, unit)) in fields.iter_mut().zip(tens) {
            *field = 10 * ten + if unit < 10 { unit } else { return None };
        }
        let [hours, minutes, seconds, frames] = fields;
        Some((Label::new(hours, minutes, seconds, frames)?, self.bit(DROP_BIT)))
    }

    fn bit(self, at: usize) -> bool {
        self.0 >> at & 1 == 1
    }
}

#[cfg(test)]
mod tests;
