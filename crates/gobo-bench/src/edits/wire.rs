//! The packets of the universe that the edits are seen in.

use std::net::UdpSocket;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Result, bail};

use super::project::UNIVERSE;
use crate::stamped::Stamped;

/// An ArtDmx packet's header (Art-Net 4, "ArtDmx").
const HEADER: usize = 18;
/// How many slots are looked at.
pub(super) const SLOTS: usize = 64;

/// What is on the wire by now, and since when.
#[derive(Clone, Copy)]
struct Seen {
    slots: [u8; SLOTS],
    /// Nanoseconds since 1970.
    since: u64,
}

/// A receiver for that universe, and a sink for the others.
pub(super) struct Wire {
    seen: Arc<(Mutex<Seen>, Condvar)>,
    port: u16,
    rest: UdpSocket,
}

/// Nanoseconds since 1970.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    since.as_nanos() as u64
}

impl Wire {
    pub(super) fn open() -> Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        let port = socket.local_addr()?.port();
        let mut stamped = Stamped::new(socket)?;
        let seen = Arc::new((Mutex::new(Seen { slots: [0; SLOTS], since: 0 }), Condvar::new()));
        let told = Arc::clone(&seen);
        thread::spawn(move || {
            let mut bytes = [0; 1024];
            while let Ok(Some(packet)) = stamped.receive(&mut bytes) {
                let Some(slots) = bytes.get(HEADER..packet.length.min(HEADER + SLOTS)) else {
                    continue;
                };
                let mut seen = told.0.lock().unwrap_or_else(PoisonError::into_inner);
                if seen.slots[..slots.len()] != *slots {
                    seen.slots[..slots.len()].copy_from_slice(slots);
                    seen.since = packet.nanos;
                    told.1.notify_all();
                }
            }
        });
        Ok(Self { seen, port, rest: UdpSocket::bind("127.0.0.1:0")? })
    }

    /// Where the command is to send.
    pub(super) fn targets(&self) -> [String; 4] {
        let rest = self.rest.local_addr().map_or(0, |address| address.port());
        [
            "--artnet".to_owned(),
            format!("127.0.0.1:{rest}=1-{}", UNIVERSE - 1),
            "--artnet".to_owned(),
            format!("127.0.0.1:{}={UNIVERSE}", self.port),
        ]
    }

    /// Waits until these slots are on the wire; since when they are.
    pub(super) fn wait_for(&self, slots: &[u8; SLOTS], most: Duration) -> Result<u64> {
        let until = Instant::now() + most;
        let mut seen = self.seen.0.lock().unwrap_or_else(PoisonError::into_inner);
        while seen.slots != *slots {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                bail!("{:?} instead of {:?}", seen.slots, slots);
            }
            seen = self.seen.1.wait_timeout(seen, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(seen.since)
    }
}
