//! A lean WebSocket client: no masks but zeros, no copies of what is not looked at.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
/// Of a longer frame only the beginning is looked at.
const LOOKED_AT: usize = 32 * 1024;
const BEGINNING: usize = 64;
const PATIENCE: Duration = Duration::from_secs(10);

/// What a client says to become one.
pub(super) const REQUEST: &[u8] = b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
/// What a client of the remote says first.
pub(super) const HELLO: &str = r#"{"type":"hello","deep":true}"#;

/// A connection.
pub(super) struct Socket {
    pub(super) stream: TcpStream,
    /// The beginning of a frame that is not all there yet.
    pending: Vec<u8>,
    /// Bytes of a frame that is not looked at.
    skipped: usize,
    /// Whether the last frame that was heard was a message's last.
    was_last: bool,
    /// Whether the other side is gone.
    pub(super) is_over: bool,
}

impl Socket {
    /// Connects and becomes a WebSocket.
    pub(super) fn open(address: SocketAddr) -> Result<Self> {
        Self::over(TcpStream::connect(address)?)
    }

    /// Becomes a WebSocket.
    pub(super) fn over(mut stream: TcpStream) -> Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(REQUEST)?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).context("no answer to the request for a WebSocket")?;
            answer.push(byte[0]);
        }
        if !answer.starts_with(b"HTTP/1.1 101") {
            bail!("no WebSocket: {}", String::from_utf8_lossy(&answer));
        }
        Ok(Self { stream, pending: Vec::new(), skipped: 0, was_last: false, is_over: false })
    }

    /// Says a text.
    pub(super) fn say(&mut self, text: &str) -> Result<()> {
        Ok(self.stream.write_all(&frame(TEXT, text.as_bytes()))?)
    }

    /// Whether no message is on its way.
    pub(super) fn is_whole(&self) -> bool {
        self.was_last && self.skipped == 0 && self.pending.is_empty()
    }

    /// Reads what has come, once, and hands each frame's text on. `bytes` is only room.
    pub(super) fn read(&mut self, bytes: &mut [u8], mut hear: impl FnMut(&[u8])) {
        let count = match self.stream.read(bytes) {
            Ok(0) => return self.is_over = true,
            Ok(count) => count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return;
            }
            Err(_) => return self.is_over = true,
        };
        let skipped = count.min(self.skipped);
        self.skipped -= skipped;
        let came = &bytes[skipped..count];
        if self.pending.is_empty() {
            let rest = self.take(came, &mut hear);
            self.pending.extend(&came[rest..]);
        } else {
            let mut all = std::mem::take(&mut self.pending);
            all.extend(came);
            let rest = self.take(&all, &mut hear);
            all.drain(..rest);
            self.pending = all;
        }
    }

    /// Takes whole frames; how many bytes they are.
    fn take(&mut self, bytes: &[u8], hear: &mut impl FnMut(&[u8])) -> usize {
        let mut at = 0;
        while let Some((kind, is_last, head, length)) = header(&bytes[at..]) {
            let there = bytes.len() - at - head;
            let wanted = if length > LOOKED_AT { BEGINNING } else { length };
            if there < wanted {
                break;
            }
            let body = &bytes[at + head..at + head + length.min(there)];
            match kind {
                PING => drop(self.stream.write_all(&frame(PONG, body))),
                CLOSE => self.is_over = true,
                _ => {
                    self.was_last = is_last;
                    hear(if length > LOOKED_AT { &body[..BEGINNING] } else { body });
                }
            }
            self.skipped = length - body.len();
            at += head + body.len();
        }
        at
    }
}

/// Kind of a frame, whether it is a message's last, the length of its head and of the rest.
fn header(bytes: &[u8]) -> Option<(u8, bool, usize, usize)> {
    let (kind, is_last) = (bytes.first()? & 15, bytes[0] & 128 > 0);
    let number = |count: usize| {
        let digits = bytes.get(2..2 + count)?;
        Some(digits.iter().fold(0, |number, digit| number << 8 | usize::from(*digit)))
    };
    let (head, length) = match *bytes.get(1)? & 127 {
        126 => (4, number(2)?),
        127 => (10, number(8)?),
        length => (2, length.into()),
    };
    Some((kind, is_last, head, length))
}

/// A frame of a client, masked by zeros.
pub(super) fn frame(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = vec![128 | kind];
    match body.len() {
        length @ ..126 => frame.push(128 | length as u8),
        length @ ..0x1_0000 => {
            frame.push(128 | 126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(128 | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(body);
    frame
}

/// The number that follows a key.
pub(super) fn number_after(text: &[u8], key: &[u8]) -> Option<u64> {
    let places = text.windows(key.len()).enumerate().filter(|(_, part)| *part == key);
    places.into_iter().find_map(|(at, _)| {
        let digits = text[at + key.len()..].iter().take_while(|byte| byte.is_ascii_digit());
        let digits: Vec<u8> = digits.copied().collect();
        std::str::from_utf8(&digits).ok()?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_have_heads_of_three_lengths_and_numbers_are_found() {
        for length in [5, 125, 126, 65_535, 65_536] {
            let frame = frame(TEXT, &vec![7; length]);
            let (kind, is_last, head, found) = header(&frame).expect("a head");
            assert_eq!((kind, is_last, found), (TEXT, true, length));
            assert_eq!(head + 4 + length, frame.len());
            assert_eq!(header(&frame[..head - 1]), None);
        }
        let text = br#"{"name":"Red 1","held":{"Red 1":207}}"#;
        assert_eq!(number_after(text, br#""Red 1":"#), Some(207));
        assert_eq!(number_after(text, br#""Red 2":"#), None);
    }
}
