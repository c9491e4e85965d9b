//! What goes over the network, written down as a capture file that Wireshark reads.
//!
//! Each link has a ring of bytes: what the system took goes in, with its time, unless there is
//! no room, which is counted. A thread takes it out and writes it. Headers of IP and UDP are made
//! up for the file; addresses and ports in them are the real ones.

mod pcapng;

use std::fmt;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rtrb::{Consumer, Producer, RingBuffer};
use rustix::io::Errno;
use rustix::net::SocketAddrAny;

use crate::link::{Link, Packet};

/// Room for more than a second of a hundred universes, or a fifth of a thousand.
const RING: usize = 8 << 20;

/// How often the rings are emptied.
const LOOK: Duration = Duration::from_millis(20);

/// Time since the start in nanoseconds, address, port and length of a packet.
const RECORD: usize = 8 + 16 + 2 + 2;

/// Where packets are captured; given to [`crate::Options`], and to [`Capture::write_to`].
#[derive(Clone)]
pub struct Capture {
    taps: Arc<Mutex<Vec<Tap>>>,
    lost: Arc<AtomicU64>,
    start: Instant,
    start_on_the_wall: SystemTime,
}

/// The far end of a link's ring, and the address that the link sends from.
struct Tap {
    from: SocketAddr,
    ring: Consumer<u8>,
}

impl Default for Capture {
    fn default() -> Self {
        let (start, start_on_the_wall) = (Instant::now(), SystemTime::now());
        Self { taps: Arc::default(), lost: Arc::default(), start, start_on_the_wall }
    }
}

impl fmt::Debug for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Capture").field("lost", &self.lost).finish_non_exhaustive()
    }
}

impl PartialEq for Capture {
    /// Whether they are one.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.taps, &other.taps)
    }
}

impl Eq for Capture {}

/// What was captured.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Captured {
    /// Packets in the file.
    pub packets: u64,
    /// Packets that were sent and are not in the file: the disk was too slow for too long.
    pub lost: u64,
}

/// The thread that writes a capture. To be asked for its result when the show is over.
pub struct Capturing {
    over: Arc<AtomicBool>,
    thread: JoinHandle<io::Result<Captured>>,
}

impl Capturing {
    /// Waits until everything is written.
    ///
    /// # Errors
    /// Why it could not be written to its end.
    pub fn finish(self) -> io::Result<Captured> {
        self.over.store(true, Ordering::Release);
        self.thread.thread().unpark();
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread broke down")))
    }
}

impl Capture {
    /// Writes what is captured, in a thread named `gobo-capture`.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn write_to(&self, file: impl Write + Send + 'static) -> io::Result<Capturing> {
        let over = Arc::new(AtomicBool::new(false));
        let (capture, told) = (self.clone(), Arc::clone(&over));
        let thread = thread::Builder::new()
            .name("gobo-capture".to_owned())
            .spawn(move || capture.run(file, &told))?;
        Ok(Capturing { over, thread })
    }

    fn run(self, file: impl Write, over: &AtomicBool) -> io::Result<Captured> {
        let mut writer = pcapng::Writer::begin(io::BufWriter::new(file))?;
        let mut packets = Vec::new();
        loop {
            // In this order: whoever sees that it is over sees every packet, too.
            let last = over.load(Ordering::Acquire);
            for tap in self.taps().iter_mut() {
                while let Some(packet) = tap.take() {
                    packets.push(packet);
                }
            }
            // Each ring is in order; the file is, for all that was found together.
            packets.sort_by_key(|packet: &Sent| packet.after);
            for packet in packets.drain(..) {
                let at = self.start_on_the_wall + packet.after;
                let at = at.duration_since(UNIX_EPOCH).unwrap_or_default();
                writer.packet(at, packet.from, packet.to, &packet.bytes)?;
            }
            writer.flush()?;
            if last {
                let lost = self.lost.load(Ordering::Relaxed);
                return Ok(Captured { packets: writer.packets(), lost });
            }
            thread::park_timeout(LOOK);
        }
    }

    /// Links are opened before the show; while it plays only the writing thread comes here.
    fn taps(&self) -> MutexGuard<'_, Vec<Tap>> {
        self.taps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A link like `link` whose packets are captured, sent from `port` to an address like `to`,
    /// if it is known.
    pub(crate) fn tap(
        &self,
        link: Box<dyn Link>,
        port: u16,
        to: Option<SocketAddr>,
    ) -> Box<dyn Link> {
        let (ring, far) = RingBuffer::new(RING);
        self.taps().push(Tap { from: SocketAddr::new(local_address(to), port), ring: far });
        let lost = Arc::clone(&self.lost);
        Box::new(TappedLink { link, ring, lost, start: self.start })
    }
}

/// The address that the system sends from; a socket that is connected tells, and sends nothing.
fn local_address(to: Option<SocketAddr>) -> IpAddr {
    let any: IpAddr = match to {
        Some(SocketAddr::V6(_)) => Ipv6Addr::UNSPECIFIED.into(),
        _ => [0, 0, 0, 0].into(),
    };
    let Some(to) = to else { return any };
    let connected = || {
        let socket = UdpSocket::bind((any, 0))?;
        socket.connect(to)?;
        socket.local_addr()
    };
    connected().map_or(any, |local: SocketAddr| local.ip())
}

/// A packet that was sent.
struct Sent {
    /// How long after the start of the capture.
    after: Duration,
    from: SocketAddr,
    to: SocketAddr,
    bytes: Vec<u8>,
}

impl Tap {
    fn take(&mut self) -> Option<Sent> {
        let mut record = [0; RECORD];
        // Whoever puts a record puts its bytes with it.
        self.ring.pop_entire_slice(&mut record).ok()?;
        let (time, rest) = record.split_first_chunk::<8>()?;
        let (address, rest) = rest.split_first_chunk::<16>()?;
        let (port, length) = rest.split_first_chunk::<2>()?;
        let address = Ipv6Addr::from(*address).to_canonical();
        let mut bytes = vec![0; u16::from_be_bytes(length.try_into().ok()?).into()];
        self.ring.pop_entire_slice(&mut bytes).ok()?;
        Some(Sent {
            after: Duration::from_nanos(u64::from_be_bytes(*time)),
            from: self.from,
            to: SocketAddr::new(address, u16::from_be_bytes(*port)),
            bytes,
        })
    }
}

/// A link that captures what its own link sent.
struct TappedLink {
    link: Box<dyn Link>,
    ring: Producer<u8>,
    lost: Arc<AtomicU64>,
    start: Instant,
}

impl TappedLink {
    fn capture(&mut self, after: u64, packet: &Packet) {
        let length = u16::try_from(packet.bytes.len());
        let (Ok(length), Some(to)) = (length, address(&packet.to)) else { return };
        if self.ring.slots() < RECORD + packet.bytes.len() {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let ip = match to.ip() {
            IpAddr::V4(v4) => v4.to_ipv6_mapped(),
            IpAddr::V6(v6) => v6,
        };
        let mut record = [0; RECORD];
        record[..8].copy_from_slice(&after.to_be_bytes());
        record[8..24].copy_from_slice(&ip.octets());
        record[24..26].copy_from_slice(&to.port().to_be_bytes());
        record[26..].copy_from_slice(&length.to_be_bytes());
        // There is room for both: the other side only ever makes more.
        let _ = self.ring.push_entire_slice(&record);
        let _ = self.ring.push_entire_slice(&packet.bytes);
    }
}

fn address(any: &SocketAddrAny) -> Option<SocketAddr> {
    any.clone().try_into().ok()
}

impl Link for TappedLink {
    fn send(&mut self, packets: &[&Packet]) -> Result<usize, Errno> {
        let sent = self.link.send(packets)?;
        let after = self.start.elapsed().as_nanos() as u64;
        for packet in packets.iter().take(sent) {
            self.capture(after, packet);
        }
        Ok(sent)
    }
}

#[cfg(test)]
mod tests;
