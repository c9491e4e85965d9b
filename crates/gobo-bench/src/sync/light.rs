//! When a light comes on.

use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Result, anyhow};

use crate::stamped::Stamped;

/// Where ArtDmx data begin (Art-Net 4, "ArtDmx").
const FIRST_SLOT: usize = 18;

/// A thread that watches the first slot.
pub(super) struct Watcher {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<Vec<u64>>>,
}

impl Watcher {
    pub(super) fn start(socket: UdpSocket) -> Result<Self> {
        socket.set_read_timeout(Some(Duration::from_millis(100)))?;
        let mut socket = Stamped::new(socket)?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new().name("sync-light".into()).spawn(move || {
            let (mut onsets, mut was_on, mut bytes) = (Vec::new(), false, [0; 600]);
            while !stopped.load(Ordering::Relaxed) {
                let Some(packet) = socket.receive(&mut bytes)? else { continue };
                if packet.length > FIRST_SLOT && bytes[8..10] == [0, 0x50] {
                    let is_on = bytes[FIRST_SLOT] > 0;
                    if is_on && !std::mem::replace(&mut was_on, is_on) {
                        onsets.push(packet.nanos);
                    }
                    was_on = is_on;
                }
            }
            Ok(onsets)
        })?;
        Ok(Self { stop, thread })
    }

    /// When it came on, in nanoseconds since 1970.
    pub(super) fn stop(self) -> Result<Vec<u64>> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| anyhow!("the watcher died"))?
    }
}
