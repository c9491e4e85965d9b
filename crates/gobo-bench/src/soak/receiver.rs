use std::net::{SocketAddr, UdpSocket};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::{RcvBuf, RcvBufForce};

use super::arrivals::{self, Arrival, Figures};
use crate::stamped::{Packet, Stamped};

/// Room for a second of a thousand universes.
const BUFFER: usize = 64 << 20;

/// A thread that takes ArtDmx packets with the kernel's times.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<Heard>>,
}

/// What came, by port address.
struct Heard {
    packets: Vec<Vec<Arrival>>,
    dropped: u64,
}

impl Receiver {
    pub(crate) fn start(universes: u16) -> Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(Duration::from_millis(100)))?;
        // More than the system's usual limit needs root.
        if setsockopt(&socket, RcvBufForce, &BUFFER).is_err() {
            setsockopt(&socket, RcvBuf, &BUFFER)?;
        }
        let (address, stop) = (socket.local_addr()?, Arc::new(AtomicBool::new(false)));
        let mut socket = Stamped::new(socket)?;
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new().name("soak-receiver".into()).spawn(move || {
            // On a busy machine, too, but never before the sender.
            crate::limit::ask_for_real_time(10);
            listen(&mut socket, universes, &stopped)
        })?;
        Ok(Self { address, stop, thread })
    }

    /// The figures of `length` after `settling`, once the stream has ended.
    pub(crate) fn stop(self, settling: Duration, length: Duration) -> Result<Figures> {
        let heard = self.heard()?;
        let first = heard.packets.iter().flatten().map(|packet| packet.nanos).min();
        let from = first.context("nothing was heard")? + settling.as_nanos() as u64;
        heard.figures(&(from..from + length.as_nanos() as u64))
    }

    /// The figures between two moments, in nanoseconds since 1970, once the stream has ended.
    pub(crate) fn stop_within(self, within: &Range<u64>) -> Result<Figures> {
        self.heard()?.figures(within)
    }

    fn heard(self) -> Result<Heard> {
        thread::sleep(Duration::from_millis(200));
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| anyhow!("the receiver died"))?
    }
}

impl Heard {
    fn figures(&self, within: &Range<u64>) -> Result<Figures> {
        let kept = |packets: &Vec<Arrival>| -> Vec<Arrival> {
            packets.iter().copied().filter(|packet| within.contains(&packet.nanos)).collect()
        };
        let kept: Vec<Vec<Arrival>> = self.packets.iter().map(kept).collect();
        let first = kept.first().into_iter().flatten();
        let levels = first.map(|one| (one.nanos, one.level)).collect();
        let frames: Vec<u64> = kept.first().into_iter().flatten().map(|one| one.nanos).collect();
        ensure!(frames.len() > 60, "only {} frames came", frames.len());
        let lost: u64 = kept.iter().map(|packets| arrivals::lost(packets)).sum();
        Ok(Figures {
            jitter: arrivals::jitter(&frames),
            late: arrivals::late(&frames),
            lost: lost.saturating_sub(self.dropped),
            dropped_here: self.dropped,
            levels,
        })
    }
}

fn listen(socket: &mut Stamped, universes: u16, stopped: &AtomicBool) -> Result<Heard> {
    let packets = (0..universes).map(|_| Vec::with_capacity(1 << 12)).collect();
    let mut heard = Heard { packets, dropped: 0 };
    let mut bytes = [0; 600];
    while !stopped.load(Ordering::Relaxed) {
        let Some(Packet { length, nanos, dropped }) = socket.receive(&mut bytes)? else { continue };
        heard.dropped = dropped.unwrap_or(heard.dropped);
        // ArtDmx: opcode 0x5000, sequence at 12, port address at 14, both low byte first.
        if length > 18 && bytes[8..10] == [0, 0x50] {
            let port = usize::from(u16::from_le_bytes([bytes[14], bytes[15]]));
            if let Some(packets) = heard.packets.get_mut(port) {
                packets.push(Arrival { nanos, sequence: bytes[12], level: bytes[18] });
            }
        }
    }
    Ok(heard)
}
