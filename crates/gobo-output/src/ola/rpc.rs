//! olad's remote procedure calls: a header and a protocol buffer, over TCP. Of the service two
//! methods are needed: one brings levels and gives no answer, not even where olad has no such
//! universe. So the other asks now and then which it has; nobody waits for the answer.

mod answers;

use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use gobo_dmx::{Priority, SLOTS, Slots};
use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};

use self::answers::Answers;
use super::PATIENCE;
use crate::threaded::{Refused, Target, Written};

/// The version of the protocol, in the four highest bits of the header
/// (`StreamRpcHeader::PROTOCOL_VERSION`).
const VERSION: u32 = 1 << 28;

/// How often olad is asked which universes it has: ports are patched while it runs.
const INTERVAL: Duration = Duration::from_secs(1);

/// `ola.rpc.RpcMessage.type`: a call that is answered.
const REQUEST: u8 = 1;
/// `ola.rpc.RpcMessage.type`: a call that is not answered.
const STREAM_REQUEST: u8 = 10;
/// `ola.rpc.RpcMessage.name`: levels.
const LEVELS: &[u8] = b"StreamDmxData";
/// `ola.rpc.RpcMessage.name`: which universes there are; all, if the request names none.
const UNIVERSES: &[u8] = b"GetUniverseInfo";

/// Protocol buffers: field number and wire type in one byte, for fields below 16.
const fn key(field: u8, wire_type: u8) -> u8 {
    field << 3 | wire_type
}
const VARINT: u8 = 0;
const BYTES: u8 = 2;

/// Puts a number, seven bits a byte, low ones first.
fn put_varint(mut number: u32, into: &mut Vec<u8>) {
    while number >= 0x80 {
        into.push(number as u8 | 0x80);
        number >>= 7;
    }
    into.push(number as u8);
}

fn put_bytes(field: u8, bytes: &[u8], into: &mut Vec<u8>) {
    into.push(key(field, BYTES));
    put_varint(bytes.len() as u32, into);
    into.extend_from_slice(bytes);
}

/// `ola.proto.DmxData`: universe 1, data 2, priority 3.
fn put_levels(universe: u16, slots: &Slots, priority: Priority, into: &mut Vec<u8>) {
    into.push(key(1, VARINT));
    put_varint(universe.into(), into);
    put_bytes(2, slots, into);
    into.push(key(3, VARINT));
    put_varint(priority.get().into(), into);
}

/// `ola.rpc.RpcMessage`: type 1, id 2, name 3, buffer 4; with its header before it.
fn put_call(kind: u8, id: u32, method: &[u8], buffer: &[u8], into: &mut Vec<u8>) {
    let start = into.len();
    into.extend([0; 4]);
    into.extend([key(1, VARINT), kind, key(2, VARINT)]);
    put_varint(id, into);
    put_bytes(3, method, into);
    put_bytes(4, buffer, into);
    let size = (into.len() - start - 4) as u32;
    // In the order of the host: a daemon elsewhere has to have the same.
    into[start..start + 4].copy_from_slice(&(VERSION | size).to_ne_bytes());
}

/// An olad as a target of calls.
pub(super) struct Rpc {
    to: SocketAddr,
    universes: Vec<u16>,
    priority: Priority,
    session: Option<Session>,
    id: u32,
    levels: Vec<u8>,
    calls: Vec<u8>,
}

impl Rpc {
    pub(super) fn new(to: SocketAddr, universes: Vec<u16>, priority: Priority) -> Self {
        let calls = Vec::with_capacity(universes.len() * (SLOTS + 64));
        let levels = Vec::with_capacity(SLOTS + 16);
        Self { to, universes, priority, session: None, id: 0, levels, calls }
    }

    /// What goes this time: the question if it is time for it, and the levels.
    fn put_calls(&mut self, asks: bool, universes: &[Slots]) {
        self.calls.clear();
        if asks {
            self.id = self.id.wrapping_add(1);
            put_call(REQUEST, self.id, UNIVERSES, &[], &mut self.calls);
        }
        for (&universe, slots) in self.universes.iter().zip(universes) {
            self.levels.clear();
            put_levels(universe, slots, self.priority, &mut self.levels);
            self.id = self.id.wrapping_add(1);
            put_call(STREAM_REQUEST, self.id, LEVELS, &self.levels, &mut self.calls);
        }
    }
}

/// A connection, and what was heard by it.
struct Session {
    stream: TcpStream,
    answers: Answers,
    asked: Option<Instant>,
}

impl Session {
    fn connect(to: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&to, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { stream, answers: Answers::default(), asked: None })
    }

    /// Takes what olad said by now; the end of it is told, as a first write after it would not.
    fn hear(&mut self) -> io::Result<()> {
        let mut heard = [0; 1024];
        loop {
            match recv(&self.stream, &mut heard, RecvFlags::DONTWAIT) {
                Ok((_, 0)) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok((_, count)) => self.answers.hear(&heard[..count])?,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Whether it is time to ask.
    fn asks(&mut self) -> bool {
        let asks = self.asked.is_none_or(|asked| asked.elapsed() >= INTERVAL);
        if asks {
            self.asked = Some(Instant::now());
        }
        asks
    }

    /// Those of the universes that olad does not have; they were sent all the same, and are heard
    /// from when a port is patched to them.
    fn refused(&self, universes: &[u16]) -> Option<Refused> {
        let known = self.answers.universes()?;
        let mut missing = universes.iter().filter(|universe| !known.contains(universe));
        let first = missing.next()?;
        let others = missing.count();
        let reason = match others {
            0 => format!("olad has no universe {first}: patch a port to it in olad"),
            _ => format!(
                "olad has no universe {first}, nor {others} more: patch ports to them in olad"
            ),
        };
        Some(Refused { universes: 1 + others, reason })
    }
}

impl Target for Rpc {
    fn write(&mut self, universes: &[Slots]) -> io::Result<Written> {
        let mut session = match self.session.take() {
            Some(session) => session,
            None => Session::connect(self.to)?,
        };
        session.hear()?;
        self.put_calls(session.asks(), universes);
        // A part of a call makes the rest unreadable: after an error it is connected anew.
        session.stream.write_all(&self.calls)?;
        let sent = self.universes.get(..universes.len()).unwrap_or(&self.universes);
        let refused = session.refused(sent);
        self.session = Some(session);
        Ok(Written { bytes: self.calls.len(), refused })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The fields of a protocol buffer: number, and its varint or bytes. Written apart from the
    /// code above.
    #[derive(PartialEq, Debug)]
    pub(in super::super) enum Field {
        Number(u64),
        Bytes(Vec<u8>),
    }

    pub(in super::super) fn fields(mut bytes: &[u8]) -> Vec<(u64, Field)> {
        fn varint(bytes: &mut &[u8]) -> u64 {
            let (mut number, mut shift) = (0, 0);
            loop {
                let (first, rest) = bytes.split_first().expect("a varint goes on");
                *bytes = rest;
                number |= u64::from(first & 0x7f) << shift;
                shift += 7;
                if first & 0x80 == 0 {
                    return number;
                }
            }
        }
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let key = varint(&mut bytes);
            let field = match key & 7 {
                0 => Field::Number(varint(&mut bytes)),
                2 => {
                    let length = varint(&mut bytes) as usize;
                    let (value, rest) = bytes.split_at(length);
                    bytes = rest;
                    Field::Bytes(value.to_vec())
                }
                other => panic!("wire type {other}"),
            };
            found.push((key >> 3, field));
        }
        found
    }

    proptest! {
        #[test]
        fn calls_say_what_was_put(
            id: u32, universe in 1..=63_999_u16, level: u8, priority in 0..=200_u8,
        ) {
            let (mut levels, mut call) = (Vec::new(), Vec::new());
            let slots: Slots = std::array::from_fn(|slot| level.wrapping_add(slot as u8));
            put_levels(universe, &slots, Priority::new(priority).unwrap(), &mut levels);
            put_call(STREAM_REQUEST, id, LEVELS, &levels, &mut call);
            let header = u32::from_ne_bytes(call[..4].try_into().unwrap());
            prop_assert_eq!(header >> 28, 1);
            prop_assert_eq!((header & 0x0fff_ffff) as usize, call.len() - 4);
            prop_assert_eq!(fields(&call[4..]), [
                (1, Field::Number(10)),
                (2, Field::Number(id.into())),
                (3, Field::Bytes(b"StreamDmxData".to_vec())),
                (4, Field::Bytes(levels.clone())),
            ]);
            prop_assert_eq!(fields(&levels), [
                (1, Field::Number(universe.into())),
                (2, Field::Bytes(slots.to_vec())),
                (3, Field::Number(priority.into())),
            ]);
        }
    }
}
