//! Art-Net 4 packets, to and from bytes; no sockets. Encoding and parsing are
//! those of `artnet_protocol`, but for what that crate gets wrong: ArtSync is
//! written here, ArtDmx is cut to its length field, short replies are padded.

use artnet_protocol::{ArtCommand, ArtTalkToMe, Error, Output, Poll};
use gobo_dmx::{PortAddress, SLOTS};
use gobo_timecode::{ART_TIME_CODE, ART_TIME_CODE_BYTES, ArtTimeCode, parse_art_time_code};

use crate::{Malformed, Node};

/// The opening bytes of every packet (Art-Net 4, "Packet format").
const ID: &[u8; 8] = b"Art-Net\0";
/// Protocol version 14, high byte first.
const VERSION: [u8; 2] = [0, 14];
const OP_SYNC: u16 = 0x5200;
const OP_DMX: u16 = 0x5000;
const OP_POLL_REPLY: u16 = 0x2100;

/// Where the sequence number of an ArtDmx lies.
pub(crate) const SEQUENCE: usize = 12;
/// Where the slots of an ArtDmx begin.
pub(crate) const SLOTS_AT: usize = 18;
/// An ArtPollReply in full: ID, opcode and the 229 bytes that follow.
pub(crate) const POLL_REPLY: usize = 239;
/// The shortest ArtPollReply that old nodes send.
const SHORTEST_POLL_REPLY: usize = 207;

/// An Art-Net packet, as far as gobo reads them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ArtNet {
    /// Levels for a port address (ArtDmx).
    Dmx {
        /// The port address, 0 to 32767.
        port: PortAddress,
        /// 1 to 255, rising; 0 when the sender does not count.
        sequence: u8,
        /// The physical input the levels came from; for information only.
        physical: u8,
        /// The levels, slot 0 first; 1 to 512 of them.
        levels: Vec<u8>,
    },
    /// Show the levels sent since the last one (ArtSync).
    Sync,
    /// A controller asks who is there (ArtPoll).
    Poll,
    /// A node's answer (ArtPollReply).
    PollReply(Box<Node>),
    /// A timecode (ArtTimeCode).
    TimeCode(ArtTimeCode),
    /// Anything else, by its opcode.
    Other(u16),
}

/// An ArtDmx for all slots of a port address: 530 bytes, sequence and levels 0.
pub(crate) fn dmx_template(port: PortAddress) -> Result<Vec<u8>, Error> {
    ArtCommand::Output(Output {
        sequence: 0,
        port_address: port.get().try_into()?,
        data: vec![0; SLOTS].into(),
        ..Output::default()
    })
    .write_to_buffer()
}

/// An ArtSync: 14 bytes, both Aux zero.
pub(crate) fn sync_packet() -> Vec<u8> {
    let mut bytes = ID.to_vec();
    bytes.extend(OP_SYNC.to_le_bytes());
    bytes.extend(VERSION);
    bytes.extend([0, 0]);
    bytes
}

/// An ArtPoll that asks for a reply from each node and no diagnostics, and for another whenever
/// something changes there if `changes` (Art-Net 4, "ArtPoll", TalkToMe bit 1).
pub(crate) fn poll_packet(changes: bool) -> Result<Vec<u8>, Error> {
    let talk_to_me = if changes { ArtTalkToMe::EMIT_CHANGES } else { ArtTalkToMe::NONE };
    ArtCommand::Poll(Poll { talk_to_me, diagnostics_priority: 0, ..Poll::default() })
        .write_to_buffer()
}

/// Reads one Art-Net packet; never panics, whatever the bytes.
///
/// # Errors
/// [`Malformed`] with the reason, when the bytes are no Art-Net packet.
pub fn parse_artnet(bytes: &[u8]) -> Result<ArtNet, Malformed> {
    if !bytes.starts_with(ID) {
        return Err(Malformed::Foreign);
    }
    Malformed::at_least(bytes, 10)?;
    match u16::from_le_bytes([bytes[8], bytes[9]]) {
        OP_SYNC => {
            Malformed::at_least(bytes, 14)?;
            Ok(ArtNet::Sync)
        }
        OP_DMX => {
            Malformed::at_least(bytes, SLOTS_AT)?;
            parse_command(bytes)
        }
        OP_POLL_REPLY => {
            Malformed::at_least(bytes, SHORTEST_POLL_REPLY)?;
            let mut padded = [0; POLL_REPLY];
            let length = bytes.len().min(POLL_REPLY);
            padded[..length].copy_from_slice(&bytes[..length]);
            parse_command(&padded)
        }
        ART_TIME_CODE => {
            Malformed::at_least(bytes, ART_TIME_CODE_BYTES)?;
            match parse_art_time_code(bytes) {
                Some(Ok(code)) => Ok(ArtNet::TimeCode(code)),
                Some(Err(error)) => Err(Malformed::Field(error.to_string())),
                None => Ok(ArtNet::Other(ART_TIME_CODE)),
            }
        }
        _ => parse_command(bytes),
    }
}

fn parse_command(bytes: &[u8]) -> Result<ArtNet, Malformed> {
    match ArtCommand::from_buffer(bytes) {
        Ok(ArtCommand::Output(output)) => parse_dmx(output),
        Ok(ArtCommand::Poll(_)) => Ok(ArtNet::Poll),
        Ok(ArtCommand::PollReply(reply)) => Ok(ArtNet::PollReply(Box::new(Node::from(&*reply)))),
        Ok(_) => Ok(ArtNet::Other(u16::from_le_bytes([bytes[8], bytes[9]]))),
        Err(Error::UnknownOpcode(opcode)) => Ok(ArtNet::Other(opcode)),
        Err(Error::MessageTooShort { min_len, .. }) => {
            Err(Malformed::Short { expected: min_len, found: bytes.len() })
        }
        Err(error) => Err(Malformed::Field(error.to_string())),
    }
}

/// Cuts the levels to the length field; the crate keeps whatever follows.
///
/// An odd length breaks the standard and harms nothing, so it is taken.
fn parse_dmx(mut output: Output) -> Result<ArtNet, Malformed> {
    let length = usize::from(*output.length);
    let levels = output.data.as_mut();
    if length == 0 || length > SLOTS {
        return Err(Malformed::Length { layer: "ArtDmx", length });
    }
    if levels.len() < length {
        return Err(Malformed::Short {
            expected: SLOTS_AT + length,
            found: SLOTS_AT + levels.len(),
        });
    }
    levels.truncate(length);
    let levels = std::mem::take(levels);
    let port = PortAddress::new(output.port_address.into())
        .map_err(|error| Malformed::Field(error.to_string()))?;
    Ok(ArtNet::Dmx { port, sequence: output.sequence, physical: output.physical, levels })
}

#[cfg(test)]
mod tests;
