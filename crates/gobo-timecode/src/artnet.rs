use crate::{CodeRate, Label, Timecode, TimecodeError};

/// The opcode of ArtTimeCode.
pub const ART_TIME_CODE: u16 = 0x9700;
/// How long an ArtTimeCode is.
pub const ART_TIME_CODE_BYTES: usize = 19;

/// An ArtTimeCode (Art-Net 4, "ArtTimeCode").
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ArtTimeCode {
    /// Which of several timecodes on the network; 0 is the master's.
    pub stream: u8,
    /// The frame that begins now.
    pub code: Timecode,
}

/// The packet that says that the frame of `code` begins, as the master stream.
pub fn art_time_code(code: Timecode) -> [u8; ART_TIME_CODE_BYTES] {
    let mut packet = [0; ART_TIME_CODE_BYTES];
    packet[..8].copy_from_slice(b"Art-Net\0");
    packet[8..10].copy_from_slice(&ART_TIME_CODE.to_le_bytes());
    // Protocol version 14; then a filler and the stream.
    packet[11] = 14;
    let [hours, minutes, seconds, frames] = code.label().fields();
    packet[14..].copy_from_slice(&[frames, seconds, minutes, hours, code.rate().type_bits()]);
    packet
}

/// Reads an ArtTimeCode; `None` for any other packet.
///
/// # Errors
/// [`TimecodeError`], when it is one and tells a time that there is not.
pub fn parse_art_time_code(bytes: &[u8]) -> Option<Result<ArtTimeCode, TimecodeError>> {
    let body = bytes.strip_prefix(b"Art-Net\0")?.strip_prefix(&ART_TIME_CODE.to_le_bytes())?;
    let &[_, _, _, stream, frames, seconds, minutes, hours, rate, ..] = body else { return None };
    let text = || format!("{hours:02}:{minutes:02}:{seconds:02}:{frames:02}");
    let label = Label::new(hours, minutes, seconds, frames);
    let label = label.filter(|_| rate < 4).ok_or_else(|| TimecodeError::Unreadable(text()));
    let code = label.and_then(|label| Timecode::new(label, CodeRate::of_type_bits(rate)));
    Some(code.map(|code| ArtTimeCode { stream, code }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_packet_by_hand() {
        let code = Timecode::new("01:02:03:04".parse().unwrap(), CodeRate::Fps25).unwrap();
        let packet = art_time_code(code);
        assert_eq!(packet, *b"Art-Net\0\x00\x97\x00\x0e\x00\x00\x04\x03\x02\x01\x01");
        let mut wrong = packet;
        wrong[14] = 25;
        assert!(parse_art_time_code(&wrong).unwrap().is_err());
        assert!(parse_art_time_code(&packet[..18]).is_none());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(number: u32, bits in 0_u8..4) {
            let code = Timecode::of_number(number, CodeRate::of_type_bits(bits));
            let read = parse_art_time_code(&art_time_code(code));
            prop_assert_eq!(read, Some(Ok(ArtTimeCode { stream: 0, code })));
        }

        #[test]
        fn any_bytes_are_survived(tail in prop::collection::vec(any::<u8>(), 0..20)) {
            let _ = parse_art_time_code(&[&b"Art-Net\0\x00\x97"[..], &tail].concat());
        }
    }
}
