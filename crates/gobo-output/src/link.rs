//! The way to one target: a socket that never blocks, fed in batches. It knows
//! packets as bytes and addresses, nothing of their contents.

mod host;
mod multicast;

use std::io::IoSlice;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU16;

use gobo_dmx::Universe;
use rustix::io::Errno;
use rustix::net::{SendFlags, SocketAddrAny, sendto};
use socket2::Socket;

use crate::report::Ledger;
pub(crate) use host::HostLink;
pub(crate) use multicast::{Exit, MulticastLink};

/// Packets handed to the kernel in one call.
pub(crate) const BATCH: usize = 64;

/// Bytes ready to go, and where to.
pub(crate) struct Packet {
    pub(crate) bytes: Box<[u8]>,
    pub(crate) to: SocketAddrAny,
    /// The show's universe inside, for the reports; `None` for sync and discovery.
    pub(crate) universe: Option<Universe>,
}

impl Packet {
    pub(crate) fn new(bytes: Vec<u8>, to: SocketAddr, universe: Option<Universe>) -> Self {
        Self { bytes: bytes.into(), to: to.into(), universe }
    }
}

/// Takes packets in order; what stands behind it is a socket, or a test.
pub(crate) trait Link: Send {
    /// Sends at most [`BATCH`] packets and returns how many went before one
    /// failed; the error when that was the first.
    fn send(&mut self, packets: &[&Packet]) -> Result<usize, Errno>;

    /// The port that packets leave from, if they do, as of now.
    fn port(&self) -> Option<Arc<AtomicU16>> {
        None
    }
}

/// A link that takes everything and sends nothing.
pub(crate) struct DryLink;

impl Link for DryLink {
    fn send(&mut self, packets: &[&Packet]) -> Result<usize, Errno> {
        Ok(packets.len())
    }
}

impl Link for Socket {
    fn send(&mut self, packets: &[&Packet]) -> Result<usize, Errno> {
        send_packets(self, packets)
    }

    fn port(&self) -> Option<Arc<AtomicU16>> {
        Some(Arc::new(port(self).into()))
    }
}

/// The port that a socket sends from; 0 while it has none.
fn port(socket: &Socket) -> u16 {
    let address = socket.local_addr().ok().and_then(|address| address.as_socket());
    address.map_or(0, |address| address.port())
}

fn send_packets(socket: &Socket, packets: &[&Packet]) -> Result<usize, Errno> {
    match send_batch(socket, packets) {
        Err(Errno::NOSYS) => send_each(socket, packets),
        result => result,
    }
}

#[cfg(target_os = "linux")]
fn send_batch(socket: &Socket, packets: &[&Packet]) -> Result<usize, Errno> {
    use rustix::net::{MMsgHdr, SendAncillaryBuffer, sendmmsg};
    let Some(first) = packets.first() else { return Ok(0) };
    let packet = |index: usize| packets.get(index).unwrap_or(first);
    let slices: [_; BATCH] = std::array::from_fn(|index| [IoSlice::new(&packet(index).bytes)]);
    let mut controls: [_; BATCH] = std::array::from_fn(|_| SendAncillaryBuffer::default());
    let mut index = 0;
    let mut messages = controls.each_mut().map(|control| {
        let message = MMsgHdr::new_with_addr(&packet(index).to, &slices[index], control);
        index += 1;
        message
    });
    let count = packets.len().min(BATCH);
    sendmmsg(socket, &mut messages[..count], SendFlags::DONTWAIT | SendFlags::NOSIGNAL)
}

#[cfg(not(target_os = "linux"))]
fn send_batch(_: &Socket, _: &[&Packet]) -> Result<usize, Errno> {
    Err(Errno::NOSYS)
}

/// The same without `sendmmsg`: one call a packet.
fn send_each(socket: &Socket, packets: &[&Packet]) -> Result<usize, Errno> {
    for (sent, packet) in packets.iter().enumerate() {
        match sendto(socket, &packet.bytes, SendFlags::DONTWAIT, &packet.to) {
            Ok(_) => {}
            Err(error) if sent == 0 => return Err(error),
            Err(_) => return Ok(sent),
        }
    }
    Ok(packets.len())
}

/// Sends all `packets`, stepping over those that fail, and counts in `ledger`.
///
/// When the system's buffer is full the rest is lost, not queued: the next
/// frame is newer. A link that refuses packet after packet is left alone.
pub(crate) fn send_all<'a>(
    link: &mut dyn Link,
    mut packets: impl Iterator<Item = &'a Packet>,
    ledger: &mut Ledger,
) {
    while let Some(first) = packets.next() {
        let mut batch = [first; BATCH];
        let mut count = 1;
        for (place, packet) in batch[1..].iter_mut().zip(&mut packets) {
            *place = packet;
            count += 1;
        }
        let mut rest = &batch[..count];
        while let [next, others @ ..] = rest {
            match link.send(rest) {
                Ok(sent) => {
                    let sent = sent.clamp(1, rest.len());
                    rest[..sent].iter().for_each(|packet| ledger.took(packet.bytes.len()));
                    rest = &rest[sent..];
                }
                Err(Errno::INTR) => {}
                Err(error @ (Errno::AGAIN | Errno::NOBUFS)) => {
                    return ledger.refused(next.universe, error, rest.len() + packets.count());
                }
                Err(error) => {
                    ledger.refused(next.universe, error, 1);
                    if ledger.hopeless() {
                        return;
                    }
                    rest = others;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    type SendFn = fn(&Socket, &[&Packet]) -> Result<usize, Errno>;

    fn deliver(send: SendFn) -> Vec<u8> {
        let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
        receiver.set_read_timeout(Some(std::time::Duration::from_secs(2))).unwrap();
        let to = receiver.local_addr().unwrap();
        let socket: Socket = UdpSocket::bind("127.0.0.1:0").unwrap().into();
        let packets: Vec<_> = (0..70).map(|n| Packet::new(vec![n; 3], to, None)).collect();
        let packets: Vec<_> = packets.iter().collect();
        let mut rest = &packets[..];
        while !rest.is_empty() {
            rest = &rest[send(&socket, rest).unwrap()..];
        }
        let mut bytes = [0; 16];
        (0..70)
            .map(|_| {
                assert_eq!(receiver.recv(&mut bytes).unwrap(), 3);
                bytes[2]
            })
            .collect()
    }

    #[test]
    fn batches_arrive_whole_and_in_order() {
        assert_eq!(deliver(send_batch), (0..70).collect::<Vec<_>>());
    }

    #[test]
    fn so_they_do_one_by_one() {
        assert_eq!(deliver(send_each), (0..70).collect::<Vec<_>>());
    }
}
