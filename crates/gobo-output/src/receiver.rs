//! Sockets that listen for Art-Net and E1.31 and hand what they hear to an
//! [`Arbiter`]. Not for the real-time thread.

mod groups;

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use gobo_dmx::{ARTNET_PORT, MergeMode, PortAddress, SACN_PORT, Universe, UniverseSet};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, Socket, Type};
use uuid::Uuid;

use crate::arbiter::{Arbiter, Event};
use crate::interface::InterfaceError;
use crate::source::DATA_LOSS_TIMEOUT;
use crate::{kernel, node};
use groups::Groups;

/// Where to listen, and for what.
#[derive(Clone, Debug)]
pub struct ReceiverOptions {
    /// The address for Art-Net; `None` does not listen for it.
    pub artnet: Option<SocketAddr>,
    /// The address for E1.31; `None` does not listen for it.
    pub sacn: Option<SocketAddr>,
    /// The E1.31 universes whose multicast groups are joined, and with them those
    /// of discovery and of any sync universe that their data names; only of use
    /// when `sacn` is no particular host's address. At 0.0.0.0 they are joined over IPv6 as
    /// well, where this machine has it.
    pub multicast: UniverseSet,
    /// The interface to join them on, by its name or one of its addresses; `None` lets the system
    /// choose.
    pub interface: Option<String>,
    /// How sources of equal priority share a universe.
    pub merge: MergeMode,
    /// A source that is silent for so long is gone.
    pub silence: Duration,
    /// Whether levels become light, so that data for previews is left out.
    pub live: bool,
    /// What this process sends, not to be heard.
    pub ours: Ours,
    /// Whether to answer ArtPoll, so that controllers find us and send.
    pub answer_polls: bool,
    /// The universes that answers subscribe to besides those heard: controllers that send to
    /// subscribers only send no others.
    pub subscriptions: UniverseSet,
}

/// What this process sends itself.
#[derive(Clone, Debug, Default)]
pub struct Ours {
    /// The E1.31 component identifier.
    pub cid: Option<Uuid>,
    /// The ports that packets leave from: see [`Outputs::ports`](crate::Outputs::ports).
    pub ports: Vec<Arc<AtomicU16>>,
}

impl Ours {
    /// Whether a packet from this address is our own: it left one of our ports, on this machine.
    fn sent_from(&self, from: SocketAddr) -> bool {
        // An address can be bound where it is one of the machine's own, and only there.
        let mut ports = self.ports.iter().map(|port| port.load(Ordering::Relaxed));
        ports.any(|port| port == from.port()) && UdpSocket::bind((from.ip(), 0)).is_ok()
    }
}

impl Default for ReceiverOptions {
    /// Both protocols on their own ports of every interface, no multicast, and
    /// no answers.
    fn default() -> Self {
        Self {
            artnet: Some((Ipv4Addr::UNSPECIFIED, ARTNET_PORT).into()),
            sacn: Some((Ipv4Addr::UNSPECIFIED, SACN_PORT).into()),
            multicast: UniverseSet::default(),
            interface: None,
            merge: MergeMode::default(),
            silence: DATA_LOSS_TIMEOUT,
            live: false,
            ours: Ours::default(),
            answer_polls: false,
            subscriptions: UniverseSet::default(),
        }
    }
}

/// Why a receiver cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ReceiverError {
    /// The address cannot be had.
    #[error("cannot listen at {address}: {error}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        error: io::Error,
    },
    /// The network interface cannot be used.
    #[error(transparent)]
    Interface(#[from] InterfaceError),
    /// The group of a universe cannot be joined.
    #[error("cannot join the multicast group of universe {universe}: {error}")]
    Join {
        /// The universe number; 64214 is discovery.
        universe: u16,
        /// What the system said.
        error: io::Error,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Port {
    ArtNet,
    Sacn,
}

/// Listens, and follows every source that it hears.
pub struct Receiver {
    sockets: Vec<(Port, UdpSocket)>,
    arbiter: Arbiter,
    ours: Ours,
    answer_polls: bool,
    subscriptions: UniverseSet,
    tick: Instant,
    /// When interfaces are looked at again.
    look: Instant,
    groups: Vec<Groups>,
}

/// Port addresses that answers subscribe to: 255 pages of four.
const MOST_SUBSCRIPTIONS: usize = 1020;
/// Packets taken from one socket before the next has its turn.
const TURN: usize = 1024;
/// Between looks for sources that fell silent.
const TICK: Duration = Duration::from_millis(50);
/// Between looks whether interfaces are still those whose groups were joined: some tens of
/// microseconds.
const LOOK: Duration = Duration::from_secs(1);
/// Room for a frame of a thousand universes; the system may grant less.
const RECEIVE_BUFFER: usize = 4 << 20;

impl Receiver {
    /// Opens the sockets. Other programs may listen at the same addresses, and
    /// hear the same multicast and broadcast; unicast goes to the last who came.
    ///
    /// # Errors
    /// [`ReceiverError`], when an address or a group cannot be had.
    pub fn open(options: &ReceiverOptions) -> Result<Self, ReceiverError> {
        let mut sockets = Vec::new();
        if let Some(address) = options.artnet {
            sockets.push((Port::ArtNet, bind(address)?));
        }
        let mut groups = Vec::new();
        if let Some(address) = options.sacn {
            let interface = options.interface.as_deref();
            let (first, heard) = Groups::open(address, &options.multicast, interface)?;
            let port = heard.first().and_then(|socket| socket.local_addr().ok());
            sockets.extend(heard.into_iter().map(|socket| (Port::Sacn, socket)));
            groups.push(first);
            let all = address.ip() == Ipv4Addr::UNSPECIFIED && !options.multicast.is_empty();
            if let (Some(bound), true) = (port, all) {
                let address = (Ipv6Addr::UNSPECIFIED, bound.port()).into();
                // A machine without IPv6 has nothing to hear by it.
                if let Ok((v6, heard)) = Groups::open(address, &options.multicast, interface) {
                    sockets.extend(heard.into_iter().map(|socket| (Port::Sacn, socket)));
                    groups.push(v6);
                }
            }
        }
        Ok(Self {
            sockets,
            arbiter: Arbiter::new(options.merge)
                .with_silence(options.silence)
                .live(options.live)
                .deaf_to(options.ours.cid),
            ours: options.ours.clone(),
            answer_polls: options.answer_polls,
            subscriptions: options.subscriptions.clone(),
            tick: Instant::now(),
            look: Instant::now() + LOOK,
            groups,
        })
    }

    /// The address that hears Art-Net.
    pub fn artnet_address(&self) -> Option<SocketAddr> {
        self.address(Port::ArtNet)
    }

    /// The address that hears E1.31.
    pub fn sacn_address(&self) -> Option<SocketAddr> {
        self.address(Port::Sacn)
    }

    fn address(&self, wanted: Port) -> Option<SocketAddr> {
        let (_, socket) = self.sockets.iter().find(|(port, _)| *port == wanted)?;
        socket.local_addr().ok()
    }

    /// What was heard so far.
    pub fn arbiter(&self) -> &Arbiter {
        &self.arbiter
    }

    /// Packets that this machine lost after they had arrived, because nobody read them in time;
    /// they count as lost on the way as well. `None` where the system does not tell.
    pub fn dropped_here(&self) -> Option<u64> {
        kernel::dropped(self.sockets.iter().map(|(_, socket)| socket))
    }

    /// Waits for packets, `timeout` at most, and tells what they bring. Call it
    /// in a loop: it also finds out who fell silent.
    ///
    /// # Errors
    /// The system's, when the sockets cannot be waited for.
    pub fn receive(
        &mut self,
        timeout: Duration,
        mut tell: impl FnMut(Event<'_>),
    ) -> io::Result<()> {
        let timeout = Timespec::try_from(timeout).map_err(io::Error::other)?;
        let mut fds: Vec<_> =
            self.sockets.iter().map(|(_, socket)| PollFd::new(socket, PollFlags::IN)).collect();
        match poll(&mut fds, Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let (mut polled, mut synced) = (Vec::new(), None);
        for (port, socket) in &self.sockets {
            drain(*port, socket, &self.ours, &mut self.arbiter, &mut |event| {
                match event {
                    Event::Polled { from } => polled.push(from),
                    Event::Levels { source, .. } => {
                        let named = source.sync.universe.map(|sync| (source.address, sync));
                        synced = named.or(synced);
                    }
                    _ => {}
                }
                tell(event);
            });
        }
        if let Some((from, universe)) = synced {
            let groups = self.groups.iter_mut().find(|groups| groups.is_v6() == from.is_ipv6());
            if let Some(groups) = groups {
                groups.join_sync(universe, &mut self.sockets);
            }
        }
        if self.answer_polls {
            polled.into_iter().for_each(|from| self.answer(from));
        }
        let now = Instant::now();
        if now >= self.tick {
            self.tick = now + TICK;
            self.arbiter.tick(now, &mut tell);
        }
        if now >= self.look {
            self.look = now + LOOK;
            self.groups.iter_mut().for_each(|groups| groups.look_again(&mut self.sockets));
        }
        Ok(())
    }

    /// Answers an ArtPoll with the universes heard and wanted; a reply that cannot be sent
    /// is left out, for the controller polls again.
    fn answer(&self, from: SocketAddr) {
        let Some((_, socket)) = self.sockets.iter().find(|(port, _)| *port == Port::ArtNet) else {
            return;
        };
        let heard = self.arbiter.universes().filter_map(|(universe, _)| universe.port_address());
        let ranges = self.subscriptions.ranges().iter();
        let wanted = ranges.flat_map(|&(first, last)| first.get()..=last.get());
        let wanted = wanted.filter_map(|number| Universe::new(number).ok()?.port_address());
        // More than these have no room in the replies of a node.
        let ports: BTreeSet<PortAddress> = wanted.take(MOST_SUBSCRIPTIONS).chain(heard).collect();
        let ports: Vec<PortAddress> = ports.into_iter().collect();
        let own = match socket.local_addr().map(|address| address.ip()) {
            Ok(IpAddr::V4(own)) if !own.is_unspecified() => own,
            _ => local_address(from),
        };
        let Ok(replies) = node::poll_replies(own, &ports) else { return };
        for reply in replies {
            let _ = socket.send_to(&reply, from);
        }
    }
}

/// The address of ours that `to` can reach.
fn local_address(to: SocketAddr) -> Ipv4Addr {
    let probe = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| {
        socket.connect(to)?;
        socket.local_addr()
    });
    match probe.map(|address| address.ip()) {
        Ok(IpAddr::V4(address)) => address,
        _ => Ipv4Addr::UNSPECIFIED,
    }
}

fn bind(address: SocketAddr) -> Result<UdpSocket, ReceiverError> {
    let open = || {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, None)?;
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER);
        if address.is_ipv6() {
            // IPv4 has sockets of its own.
            socket.set_only_v6(true)?;
        }
        // Otherwise each socket hears the groups of all others as well.
        #[cfg(target_os = "linux")]
        match address.is_ipv4() {
            true => socket.set_multicast_all_v4(false)?,
            false => socket.set_multicast_all_v6(false)?,
        }
        socket.bind(&address.into())?;
        Ok(socket.into())
    };
    open().map_err(|error| ReceiverError::Bind { address, error })
}

fn drain(
    port: Port,
    socket: &UdpSocket,
    ours: &Ours,
    arbiter: &mut Arbiter,
    tell: &mut dyn FnMut(Event<'_>),
) {
    // Longer than any packet of either protocol.
    let mut bytes = [0; 2048];
    for _ in 0..TURN {
        // Nothing left, or an error that concerns a packet sent from here.
        let Ok((length, from)) = socket.recv_from(&mut bytes) else { return };
        if ours.sent_from(from) {
            continue;
        }
        let (now, bytes) = (Instant::now(), &bytes[..length]);
        match port {
            Port::ArtNet => arbiter.hear_artnet(now, from, bytes, tell),
            Port::Sacn => arbiter.hear_sacn(now, from, bytes, tell),
        }
    }
}
