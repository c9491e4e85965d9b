//! The way to one host: a connected socket, so that what the network says of the host (it is not
//! there, nobody listens) comes back as an error, and many packets go down in one piece.

use std::io::{self, IoSlice};
use std::net::SocketAddr;

use rustix::io::Errno;
use rustix::net::{
    SendAncillaryBuffer, SendFlags, SocketAddrAny, connect, connect_unspec, send, sendmsg,
};
use socket2::Socket;

use super::{BATCH, Link, Packet, send_packets};

/// The most bytes that one UDP datagram carries over IPv4, and so one piece before it is cut.
const LONGEST_PIECE: usize = 65_507;

/// A connected socket, and how it sends.
pub(crate) struct HostLink {
    socket: Socket,
    to: SocketAddrAny,
    /// Packets of this many bytes go to the kernel many at a time in one piece, which it cuts
    /// itself (UDP generic segmentation offload, Linux 4.18 and later).
    segment: Option<usize>,
    /// The network has changed under the connection: it is to be made anew.
    stale: bool,
    /// Why the packet after those that were sent last was not.
    late: Option<Errno>,
}

impl HostLink {
    /// The link to `to` by `socket`. A network that is not up yet is no reason to fail here.
    pub(crate) fn new(socket: Socket, to: SocketAddrAny) -> Self {
        let stale = connect(&socket, &to).is_err();
        // Without, only refusals come back. What cannot be told is found out by nobody.
        let _ = tell_all(&socket, &to);
        Self { socket, to, segment: None, stale, late: None }
    }

    /// Sends packets of `length` bytes many at a time, if the system can.
    pub(crate) fn cut_at(&mut self, length: usize) {
        self.segment = segmentation(&self.socket, length).is_ok().then_some(length);
    }

    /// Takes a route and a source address of its own anew: an interface that came back may have
    /// another.
    fn connect(&mut self) -> Result<(), Errno> {
        connect_unspec(&self.socket)?;
        connect(&self.socket, &self.to)?;
        self.stale = false;
        Ok(())
    }

    /// The packets at the front that make one piece.
    fn piece<'p, 'a>(&self, packets: &'p [&'a Packet]) -> Option<&'p [&'a Packet]> {
        let segment = self.segment?;
        let most = BATCH.min(LONGEST_PIECE / segment);
        let count = packets.iter().take(most).take_while(|p| p.bytes.len() == segment).count();
        (count > 1).then(|| &packets[..count])
    }

    /// Sends packets as they are; those longer than a segment must not be cut.
    fn send_whole(&mut self, packets: &[&Packet]) -> Result<usize, Errno> {
        let Some(segment) = self.segment else { return self.send_some(packets) };
        let is_long = |packet: &&&Packet| packet.bytes.len() > segment;
        let long = packets.iter().take_while(is_long).count();
        if long == 0 {
            let short = packets.iter().take_while(|packet| !is_long(packet)).count();
            return self.send_some(&packets[..short]);
        }
        // Only discovery, every ten seconds.
        segmentation(&self.socket, 0).map_err(|_| Errno::IO)?;
        let sent = send_packets(&self.socket, &packets[..long]);
        self.cut_at(segment);
        sent
    }
}

impl HostLink {
    /// Sends packets one by one, unless they fill a batch: `sendmmsg` keeps to itself what the
    /// network says of a host while it sends, and the answer to the first packet of a frame may be
    /// there before the second has gone.
    fn send_some(&mut self, packets: &[&Packet]) -> Result<usize, Errno> {
        if packets.len() >= BATCH {
            return send_packets(&self.socket, packets);
        }
        for (sent, packet) in packets.iter().enumerate() {
            match send(&self.socket, &packet.bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
                Ok(_) => {}
                Err(error) if sent == 0 => return Err(error),
                Err(error) => {
                    self.late = Some(error);
                    return Ok(sent);
                }
            }
        }
        Ok(packets.len())
    }
}

impl Link for HostLink {
    fn send(&mut self, packets: &[&Packet]) -> Result<usize, Errno> {
        if self.stale {
            self.connect()?;
        }
        let sent = match (self.late.take(), self.piece(packets)) {
            (Some(error), _) => Err(error),
            (None, Some(piece)) => match send_piece(&self.socket, piece) {
                // A device that cannot, or a path that does not let it: never again.
                Err(Errno::IO | Errno::INVAL | Errno::MSGSIZE | Errno::OPNOTSUPP) => {
                    let _ = segmentation(&self.socket, 0);
                    self.segment = None;
                    self.send_whole(packets)
                }
                sent => sent,
            },
            (None, None) => self.send_whole(packets),
        };
        self.stale = matches!(
            sent,
            Err(Errno::NETUNREACH
                | Errno::HOSTUNREACH
                | Errno::NETDOWN
                | Errno::NODEV
                | Errno::ADDRNOTAVAIL
                | Errno::INVAL)
        );
        sent
    }
}

/// Sends equal packets in one piece, all or none.
fn send_piece(socket: &Socket, packets: &[&Packet]) -> Result<usize, Errno> {
    let Some(first) = packets.first() else { return Ok(0) };
    let bytes = |index: usize| IoSlice::new(&packets.get(index).unwrap_or(first).bytes);
    let slices: [_; BATCH] = std::array::from_fn(bytes);
    let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
    let count = packets.len().min(BATCH);
    sendmsg(socket, &slices[..count], &mut SendAncillaryBuffer::default(), flags)?;
    Ok(count)
}

/// Has the system tell of hosts that are not there, not only of ports (`IP_RECVERR`). The copies
/// that it keeps of what failed are read by nobody, so there is to be little room for them.
#[cfg(target_os = "linux")]
fn tell_all(socket: &Socket, to: &SocketAddrAny) -> io::Result<()> {
    use nix::sys::socket::{setsockopt, sockopt::Ipv4RecvErr, sockopt::Ipv6RecvErr};
    socket.set_recv_buffer_size(1)?;
    match SocketAddr::try_from(to.clone()) {
        Ok(SocketAddr::V4(_)) => setsockopt(socket, Ipv4RecvErr, &true)?,
        _ => setsockopt(socket, Ipv6RecvErr, &true)?,
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn tell_all(_: &Socket, _: &SocketAddrAny) -> io::Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
fn segmentation(socket: &Socket, length: usize) -> io::Result<()> {
    use nix::sys::socket::{setsockopt, sockopt::UdpGsoSegment};
    let length = i32::try_from(length).map_err(io::Error::other)?;
    Ok(setsockopt(socket, UdpGsoSegment, &length)?)
}

#[cfg(not(target_os = "linux"))]
fn segmentation(_: &Socket, _: usize) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::time::Duration;

    use super::*;

    fn link(length: usize) -> (HostLink, UdpSocket) {
        let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
        receiver.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        let to = receiver.local_addr().unwrap();
        let socket: Socket = UdpSocket::bind("127.0.0.1:0").unwrap().into();
        let mut link = HostLink::new(socket, to.into());
        link.cut_at(length);
        (link, receiver)
    }

    fn send_all(link: &mut HostLink, packets: &[Packet]) {
        let packets: Vec<_> = packets.iter().collect();
        let mut rest = &packets[..];
        while !rest.is_empty() {
            rest = &rest[link.send(rest).unwrap()..];
        }
    }

    #[test]
    fn pieces_are_cut_into_the_packets_they_were_made_of() {
        let (mut link, receiver) = link(530);
        let to = receiver.local_addr().unwrap();
        // A frame, its sync packet, and one longer than all.
        let lengths = std::iter::repeat_n(530, 150).chain([14, 1144, 530]);
        let packets: Vec<_> =
            (0..).zip(lengths).map(|(n, length)| Packet::new(vec![n; length], to, None)).collect();
        send_all(&mut link, &packets);
        let mut bytes = [0; 2000];
        for packet in &packets {
            let length = receiver.recv(&mut bytes).unwrap();
            assert_eq!(bytes[..length], *packet.bytes);
        }
    }

    #[test]
    fn a_port_without_a_listener_is_an_error_and_one_with_a_listener_again_is_none() {
        let (mut link, receiver) = link(10);
        let to = receiver.local_addr().unwrap();
        let packet = Packet::new(vec![1; 10], to, None);
        drop(receiver);
        let refused = (0..100).any(|_| link.send(&[&packet]) == Err(Errno::CONNREFUSED));
        assert!(refused, "the system tells nothing of ports without listeners");
        let receiver = UdpSocket::bind(to).unwrap();
        receiver.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        let _ = link.send(&[&packet]);
        assert_eq!(link.send(&[&packet, &packet]), Ok(2));
        assert!(receiver.recv(&mut [0; 10]).is_ok());
    }
}
