//! What olad answers, read from bytes as they come; no sockets.

use std::collections::BTreeSet;
use std::io;

/// The size of a message, in the lower bits of its header.
const SIZE: u32 = 0x0fff_ffff;
/// `ola.rpc.RpcMessage.type`: the answer to a call.
const RESPONSE: u64 = 2;
/// No answer is longer: olad tells some forty bytes of each universe.
const LONGEST: usize = 4 << 20;

/// A field of a protocol buffer.
enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// Takes a number of seven bits a byte, low ones first.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Takes a field: its number, and its value.
fn field<'a>(bytes: &mut &'a [u8]) -> Option<(u64, Value<'a>)> {
    let key = varint(bytes)?;
    let length = match key & 7 {
        0 => return Some((key >> 3, Value::Number(varint(bytes)?))),
        1 => 8,
        2 => usize::try_from(varint(bytes)?).ok()?,
        5 => 4,
        _ => return None,
    };
    let (value, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some((key >> 3, Value::Bytes(value)))
}

/// The fields of a protocol buffer, up to the first that cannot be read.
fn fields(mut bytes: &[u8]) -> impl Iterator<Item = (u64, Value<'_>)> {
    std::iter::from_fn(move || field(&mut bytes))
}

/// The number of a `ola.proto.UniverseInfo`, its field 1.
fn universe(info: &[u8]) -> Option<u16> {
    fields(info).find_map(|field| match field {
        (1, Value::Number(number)) => u16::try_from(number).ok(),
        _ => None,
    })
}

/// The universes that an answer tells of: those of the `ola.proto.UniverseInfoReply` that is field
/// 4 of a `ola.rpc.RpcMessage` of the right type (field 1). `None` when it is no answer.
fn told(message: &[u8]) -> Option<BTreeSet<u16>> {
    let is_answer = |field| matches!(field, (1, Value::Number(RESPONSE)));
    if !fields(message).any(is_answer) {
        return None;
    }
    let reply = fields(message).find_map(|field| match field {
        (4, Value::Bytes(reply)) => Some(reply),
        _ => None,
    });
    let infos = fields(reply.unwrap_or_default()).filter_map(|field| match field {
        (1, Value::Bytes(info)) => universe(info),
        _ => None,
    });
    Some(infos.collect())
}

/// The answers of one connection. There is one question, so that the newest is the one.
#[derive(Default)]
pub(super) struct Answers {
    heard: Vec<u8>,
    universes: Option<BTreeSet<u16>>,
}

impl Answers {
    /// Takes bytes as they come.
    pub(super) fn hear(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.heard.extend_from_slice(bytes);
        while let Some((header, rest)) = self.heard.split_first_chunk() {
            // In the order of the host, as what is sent.
            let size = (u32::from_ne_bytes(*header) & SIZE) as usize;
            if size > LONGEST {
                let reason = "what answers there does not speak as olad does";
                return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
            }
            let Some(message) = rest.get(..size) else { break };
            self.universes = told(message).or(self.universes.take());
            self.heard.drain(..4 + size);
        }
        Ok(())
    }

    /// The universes that olad has; `None` before it has told.
    pub(super) fn universes(&self) -> Option<&BTreeSet<u16>> {
        self.universes.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As olad answered: to request 5, with the universes 1, merged by HTP, and 300.
    const ANSWER: &[u8] = b"\x2b\x00\x00\x10\x08\x02\x10\x05\x22\x25\
        \x0a\x10\x08\x01\x12\x04main\x18\x01\x20\x00\x28\x01\x30\x00\
        \x0a\x11\x08\xac\x02\x12\x04side\x18\x02\x20\x00\x28\x01\x30\x00";

    #[test]
    #[cfg(target_endian = "little")]
    fn answers_come_in_pieces() {
        for length in 1..ANSWER.len() {
            let mut answers = Answers::default();
            for piece in ANSWER.repeat(2).chunks(length) {
                answers.hear(piece).unwrap();
            }
            assert_eq!(answers.universes(), Some(&BTreeSet::from([1, 300])));
            assert!(answers.heard.is_empty());
            // None are left.
            answers.hear(b"\x06\x00\x00\x10\x08\x02\x10\x05\x22\x00").unwrap();
            assert_eq!(answers.universes(), Some(&BTreeSet::new()));
        }
    }

    #[test]
    fn a_call_that_failed_tells_nothing() {
        let mut answers = Answers::default();
        answers.hear(&[&6_u32.to_ne_bytes()[..], b"\x08\x04\x10\x05\x22\x00"].concat()).unwrap();
        assert_eq!(answers.universes(), None);
    }

    #[test]
    fn others_are_told_from_olad() {
        let heard = Answers::default().hear(b"HTTP/1.1 400 Bad Request");
        assert_eq!(heard.unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    proptest! {
        #[test]
        fn nothing_breaks_it(
            mut bytes in proptest::collection::vec(any::<u8>(), 0..100), at in 0..ANSWER.len()
        ) {
            let _ = Answers::default().hear(&bytes);
            bytes.splice(0..0, ANSWER[..at].iter().copied());
            let _ = Answers::default().hear(&bytes);
        }
    }
}
