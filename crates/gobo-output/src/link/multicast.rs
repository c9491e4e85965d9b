//! The way to multicast groups by an interface that its user named. The system knows interfaces
//! by number, and one that is made anew (a cable of USB, a bridge, a virtual machine) has another:
//! when packets are refused a thread of its own looks the interface up again.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::thread::{self, JoinHandle};

use gobo_dmx::IpVersion;
use rustix::io::Errno;
use socket2::Socket;

use super::{Link, Packet, port, send_packets};
use crate::interface;

/// The interface that multicast leaves by.
#[derive(Clone, Debug)]
pub(crate) struct Exit {
    pub(crate) ip: IpVersion,
    /// Its name, or one of its addresses.
    pub(crate) wanted: String,
}

impl Exit {
    /// Has a socket send by the interface as it is now.
    pub(crate) fn apply(&self, socket: &Socket) -> io::Result<()> {
        let index = interface::index_of(&self.wanted).map_err(io::Error::other);
        match self.ip {
            IpVersion::V6 => socket.set_multicast_if_v6(index?.get()),
            IpVersion::V4 => match (index, self.wanted.parse()) {
                // By its number, so that it may get another address.
                (Ok(index), address) => {
                    let address = address.unwrap_or(Ipv4Addr::UNSPECIFIED);
                    self.leave_by(socket, index.get(), address)
                }
                // The system says what is wrong with it.
                (Err(_), Ok(address)) => socket.set_multicast_if_v4(&address),
                (Err(error), Err(_)) => Err(error),
            },
        }
    }

    /// Has IPv4 multicast leave by the interface of a number, and come from `address` if it is
    /// one.
    #[cfg(target_os = "linux")]
    fn leave_by(&self, socket: &Socket, index: u32, address: Ipv4Addr) -> io::Result<()> {
        use rustix::net::sockopt::set_ip_multicast_if_with_ifindex;
        Ok(set_ip_multicast_if_with_ifindex(socket, &Ipv4Addr::UNSPECIFIED, &address, index)?)
    }

    #[cfg(not(target_os = "linux"))]
    fn leave_by(&self, socket: &Socket, _: u32, _: Ipv4Addr) -> io::Result<()> {
        let address = interface::v4_of(&self.wanted).map_err(io::Error::other)?;
        socket.set_multicast_if_v4(&address)
    }
}

/// What the two threads tell each other.
#[derive(Default)]
struct State {
    /// The interface is to be looked up.
    lost: AtomicBool,
    /// The link is no more.
    gone: AtomicBool,
}

/// A socket, and the thread that sets its interface.
pub(crate) struct MulticastLink {
    socket: Socket,
    state: Arc<State>,
    thread: JoinHandle<()>,
}

impl MulticastLink {
    /// The link by `socket`, which leaves by `exit` already.
    ///
    /// # Errors
    /// The system's, when it gives no thread.
    pub(crate) fn new(socket: Socket, exit: Exit) -> io::Result<Self> {
        let state = Arc::new(State::default());
        let (told, own) = (Arc::clone(&state), socket.try_clone()?);
        let thread = thread::Builder::new().name("gobo-interface".to_owned());
        let thread = thread.spawn(move || {
            while !told.gone.load(Ordering::Acquire) {
                if told.lost.swap(false, Ordering::AcqRel) {
                    // What is not there yet is asked for again when the next packet is refused.
                    let _ = exit.apply(&own);
                }
                thread::park();
            }
        })?;
        Ok(Self { socket, state, thread })
    }
}

impl Link for MulticastLink {
    fn send(&mut self, packets: &[&Packet]) -> Result<usize, Errno> {
        let sent = send_packets(&self.socket, packets);
        let is_lost = matches!(
            sent,
            Err(Errno::NODEV
                | Errno::NXIO
                | Errno::NETUNREACH
                | Errno::NETDOWN
                | Errno::HOSTUNREACH
                | Errno::ADDRNOTAVAIL
                | Errno::INVAL)
        );
        if is_lost && !self.state.lost.swap(true, Ordering::AcqRel) {
            self.thread.thread().unpark();
        }
        sent
    }

    fn port(&self) -> Option<Arc<AtomicU16>> {
        Some(Arc::new(port(&self.socket).into()))
    }
}

impl Drop for MulticastLink {
    /// The thread ends by itself, without anybody waiting for it.
    fn drop(&mut self) {
        self.state.gone.store(true, Ordering::Release);
        self.thread.thread().unpark();
    }
}
