//! MIDI timecode (MMA 0001, RP 004): eight quarter frames for two frames, and full frames.

use crate::{CodeRate, Direction, Label, Timecode};

/// Quarter frames that say one timecode.
const PIECES: u8 = 8;
const QUARTER_FRAME: u8 = 0xF1;
/// A full frame but for its numbers: universal real time, all devices, timecode, full.
const FULL_FRAME: [u8; 5] = [0xF0, 0x7F, 0x7F, 0x01, 0x01];
const END: u8 = 0xF7;

/// A message of MIDI timecode.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MtcMessage {
    /// One of the eight pieces of a timecode.
    Quarter {
        /// Which, 0 to 7.
        piece: u8,
        /// Its four bits.
        nibble: u8,
    },
    /// A whole timecode: where a machine has gone to and stands.
    Full(Timecode),
}

/// The quarter frame for one of the eight pieces, 0 to 7, of `code`.
pub fn mtc_quarter(code: Timecode, piece: u8) -> [u8; 2] {
    let [hours, minutes, seconds, frames] = code.label().fields();
    let hours = hours | code.rate().type_bits() << 5;
    let field = [frames, seconds, minutes, hours][usize::from(piece / 2 % 4)];
    let nibble = if piece.is_multiple_of(2) { field & 0xF } else { field >> 4 };
    [QUARTER_FRAME, piece << 4 | nibble]
}

/// The full frame of `code`.
pub fn mtc_full(code: Timecode) -> [u8; 10] {
    let [hours, minutes, seconds, frames] = code.label().fields();
    let [a, b, c, d, e] = FULL_FRAME;
    [a, b, c, d, e, hours | code.rate().type_bits() << 5, minutes, seconds, frames, END]
}

fn timecode(hours: u8, minutes: u8, seconds: u8, frames: u8) -> Option<Timecode> {
    let label = Label::new(hours & 0x1F, minutes, seconds, frames)?;
    Timecode::new(label, CodeRate::of_type_bits(hours >> 5)).ok()
}

/// Finds timecode among the bytes of a MIDI cable.
#[derive(Clone, Debug, Default)]
pub struct MtcParser {
    /// The bytes of a message that is not complete.
    begun: [u8; 10],
    length: usize,
}

impl MtcParser {
    /// Takes the next byte; gives the message that it completes.
    pub fn feed(&mut self, byte: u8) -> Option<MtcMessage> {
        match byte {
            // Clocks and the like may come in the midst of another message.
            0xF8.. => return None,
            END => {}
            0x80.. => self.length = 0,
            // Data of a message that is none of ours.
            _ if self.length == 0 => return None,
            _ => {}
        }
        if self.length == self.begun.len() {
            self.length = 0;
            return None;
        }
        self.begun[self.length] = byte;
        self.length += 1;
        match self.begun[..self.length] {
            [QUARTER_FRAME, data] => {
                self.length = 0;
                Some(MtcMessage::Quarter { piece: data >> 4, nibble: data & 0xF })
            }
            // Any device number is ours.
            [0xF0, 0x7F, _, 0x01, 0x01, hours, minutes, seconds, frames, END] => {
                self.length = 0;
                timecode(hours, minutes, seconds, frames).map(MtcMessage::Full)
            }
            [QUARTER_FRAME] | [0xF0, .., 0..=0x7F] | [0xF0] => None,
            _ => {
                self.length = 0;
                None
            }
        }
    }
}

/// Where a machine is that tells MIDI timecode.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MtcSighting {
    /// It runs.
    Runs {
        /// The timecode whose eight pieces come.
        code: Timecode,
        /// Quarters of a frame since the start of `code`.
        quarters: u8,
        /// Which way.
        direction: Direction,
    },
    /// It has gone to this frame and stands.
    Stands(Timecode),
}

impl MtcSighting {
    /// The last frame that began, counted forwards, and the quarters of it that passed.
    pub fn place(&self) -> (Timecode, u8) {
        match *self {
            Self::Runs { code, quarters, .. } => (code.offset((quarters / 4).into()), quarters % 4),
            Self::Stands(code) => (code, 0),
        }
    }
}

/// Puts the pieces of MIDI timecode together.
#[derive(Clone, Debug, Default)]
pub struct MtcReader {
    nibbles: [u8; 8],
    last: Option<u8>,
    direction: Option<Direction>,
    /// Pieces that came in a row, up to eight.
    row: u8,
    /// The last timecode that was whole.
    whole: Option<Timecode>,
}

impl MtcReader {
    /// Takes a message; gives where the machine is, once that is known.
    pub fn read(&mut self, message: MtcMessage) -> Option<MtcSighting> {
        match message {
            MtcMessage::Quarter { piece, nibble } => self.quarter(piece % PIECES, nibble),
            MtcMessage::Full(code) => {
                *self = Self::default();
                Some(MtcSighting::Stands(code))
            }
        }
    }

    fn quarter(&mut self, piece: u8, nibble: u8) -> Option<MtcSighting> {
        let direction = match self.last.map(|last| (piece + PIECES - last) % PIECES) {
            Some(1) => Some(Direction::Forwards),
            Some(7) => Some(Direction::Backwards),
            _ => None,
        };
        if direction.is_none() || direction != self.direction {
            // The piece before is the first of a row in a new direction.
            (self.row, self.whole) = (u8::from(direction.is_some()), None);
        }
        (self.last, self.direction) = (Some(piece), direction);
        self.nibbles[usize::from(piece)] = nibble;
        self.row = (self.row + 1).min(PIECES);
        let direction = direction?;
        let (first, last, step) = match direction {
            Direction::Forwards => (0, PIECES - 1, 2),
            Direction::Backwards => (PIECES - 1, 0, -2),
        };
        if piece == first {
            // The next timecode begins, two frames on.
            self.whole = self.whole.map(|code| code.offset(step));
        } else if piece == last && self.row == PIECES {
            self.whole = self.assembled();
        }
        // Piece p is sent p quarters of a frame into its timecode, whichever way it runs.
        self.whole.map(|code| MtcSighting::Runs { code, quarters: piece, direction })
    }

    fn assembled(&self) -> Option<Timecode> {
        let [f, ff, s, ss, m, mm, h, hh] = self.nibbles;
        timecode(hh << 4 | h, mm << 4 | m, ss << 4 | s, ff << 4 | f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(bytes: &[u8]) -> Vec<MtcMessage> {
        let mut parser = MtcParser::default();
        bytes.iter().filter_map(|&byte| parser.feed(byte)).collect()
    }

    fn code(text: &str, rate: CodeRate) -> Timecode {
        Timecode::new(text.parse().unwrap(), rate).unwrap()
    }

    #[test]
    fn messages_by_hand() {
        let at = code("01:02:03:04", CodeRate::Fps25);
        let full = [0xF0, 0x7F, 0x7F, 0x01, 0x01, 0x21, 0x02, 0x03, 0x04, 0xF7];
        assert_eq!(mtc_full(at), full);
        let quarters: Vec<u8> = (0..8).map(|piece| mtc_quarter(at, piece)[1]).collect();
        assert_eq!(quarters, [0x04, 0x10, 0x23, 0x30, 0x42, 0x50, 0x61, 0x72]);
    }

    #[test]
    fn timecode_is_found_among_other_messages() {
        let at = code("10:00:00;02", CodeRate::Fps2997Drop);
        let full = mtc_full(at);
        // A note, a clock in the midst of the full frame, another system exclusive, one cut off.
        let mut bytes = vec![0x90, 60, 100, 62, 100];
        bytes.extend(&full[..4]);
        bytes.push(0xF8);
        bytes.extend(&full[4..]);
        bytes.extend([0xF0, 0x7E, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0xF7]);
        bytes.extend(&full[..7]);
        bytes.extend(mtc_quarter(at, 3));
        bytes.extend([0xF1, 0xF1, 0x70]);
        let MtcMessage::Quarter { .. } = parsed(&mtc_quarter(at, 3))[0] else { panic!() };
        assert_eq!(
            parsed(&bytes),
            [
                MtcMessage::Full(at),
                MtcMessage::Quarter { piece: 3, nibble: 0 },
                MtcMessage::Quarter { piece: 7, nibble: 0 },
            ]
        );
    }

    #[test]
    fn a_change_of_direction_is_no_timecode() {
        let at = code("00:00:10:00", CodeRate::Fps30);
        let mut reader = MtcReader::default();
        let mut read = |piece| {
            let nibble = mtc_quarter(at, piece)[1] & 0xF;
            reader.read(MtcMessage::Quarter { piece, nibble })
        };
        assert!((0..7).all(|piece| read(piece).is_none()));
        assert!(read(7).is_some());
        assert!((0..7).rev().all(|piece| read(piece).is_none() || piece == 0));
        assert!(read(7).is_some() && read(6).is_some());
        assert!(read(2).is_none());
    }

    proptest! {
        /// Wherever it starts and whichever way it runs, the place is right to the quarter.
        #[test]
        fn a_running_code_is_read(start: u32, bits in 0_u8..4, skipped in 0_usize..8, backwards: bool) {
            let rate = CodeRate::of_type_bits(bits);
            let start = Timecode::of_number(start / 2 * 2, rate);
            let mut quarters: Vec<i64> = (0..80).collect();
            if backwards {
                quarters.reverse();
            }
            let (mut parser, mut reader, mut seen) = (MtcParser::default(), MtcReader::default(), 0);
            for quarter in quarters.into_iter().skip(skipped) {
                let bytes = mtc_quarter(start.offset(quarter / 8 * 2), (quarter % 8) as u8);
                let message = bytes.into_iter().filter_map(|byte| parser.feed(byte)).last();
                let Some(sighting) = reader.read(message.unwrap()) else { continue };
                let (frame, part) = sighting.place();
                prop_assert_eq!(frame, start.offset(quarter / 4));
                prop_assert_eq!(i64::from(part), quarter % 4);
                seen += 1;
            }
            // One timecode may be cut by the start; the next is whole with its last piece.
            prop_assert!(seen >= 80 - skipped - 15, "{} seen", seen);
        }

        #[test]
        fn full_frames_are_read(number: u32, bits in 0_u8..4, device in 0_u8..0x80) {
            let at = Timecode::of_number(number, CodeRate::of_type_bits(bits));
            let mut bytes = mtc_full(at);
            bytes[2] = device;
            prop_assert_eq!(parsed(&bytes), [MtcMessage::Full(at)]);
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(0xE0_u8.., 0..200)) {
            let mut reader = MtcReader::default();
            for message in parsed(&bytes) {
                reader.read(message);
            }
        }
    }
}
