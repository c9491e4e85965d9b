//! Packets with the times that the kernel put on them.

use std::io::IoSliceMut;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;

use anyhow::Result;
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, recvmsg, setsockopt,
    sockopt::{ReceiveTimestampns, RxqOvfl},
};

/// A socket that tells when its packets came.
pub(crate) struct Stamped {
    socket: UdpSocket,
    control: Vec<u8>,
}

/// A packet that came.
#[derive(Clone, Copy)]
pub(crate) struct Packet {
    pub length: usize,
    /// Nanoseconds since 1970 (CLOCK_REALTIME).
    pub nanos: u64,
    /// Packets that found no room here so far.
    pub dropped: Option<u64>,
}

impl Stamped {
    pub(crate) fn new(socket: UdpSocket) -> Result<Self> {
        setsockopt(&socket, ReceiveTimestampns, &true)?;
        setsockopt(&socket, RxqOvfl, &1)?;
        Ok(Self { socket, control: nix::cmsg_space!(nix::sys::time::TimeSpec, u32) })
    }

    /// The next packet, or `None` when there was none for a while.
    pub(crate) fn receive(&mut self, bytes: &mut [u8]) -> Result<Option<Packet>> {
        let mut slices = [IoSliceMut::new(bytes)];
        let (fd, flags) = (self.socket.as_raw_fd(), MsgFlags::empty());
        let Ok(message) = recvmsg::<()>(fd, &mut slices, Some(&mut self.control), flags) else {
            return Ok(None);
        };
        let mut packet = Packet { length: message.bytes, nanos: 0, dropped: None };
        for part in message.cmsgs()? {
            match part {
                ControlMessageOwned::ScmTimestampns(time) => {
                    packet.nanos = time.tv_sec() as u64 * 1_000_000_000 + time.tv_nsec() as u64;
                }
                ControlMessageOwned::RxqOvfl(count) => packet.dropped = Some(count.into()),
                _ => {}
            }
        }
        Ok(Some(packet))
    }
}
