//! Who is on the network: Art-Net nodes that answer a poll, E1.31 sources that tell of
//! themselves, and whatever sends levels meanwhile. Not for the real-time thread.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::time::{Duration, Instant};

use gobo_dmx::MergeMode;
use if_addrs::get_if_addrs;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, Socket, Type};
use uuid::Uuid;

use crate::interface::broadcast;
use crate::{Arbiter, Event, Node, artnet, sacn};

/// Between two polls: a node may have missed one (Art-Net 4, "ArtPoll": every 2.5 to 3 s).
const POLL_INTERVAL: Duration = Duration::from_secs(3);
/// Universes that are joined because a source tells of them, so that their rate is known: with
/// discovery, as many groups as a socket may join (Linux's `igmp_max_memberships`).
const MOST_JOINED: usize = 19;

/// Where to look.
#[derive(Clone, Debug)]
pub struct SurveyOptions {
    /// Where ArtPolls go, to hosts or broadcast addresses; see [`broadcast_addresses`].
    pub polled: Vec<SocketAddrV4>,
    /// Where to listen for Art-Net. Nodes answer to port 6454 whatever the port that asked.
    pub artnet: SocketAddrV4,
    /// Where to listen for E1.31.
    pub sacn: SocketAddrV4,
}

/// Why a survey cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SurveyError {
    /// An address cannot be had.
    #[error("cannot listen at {address}: {error}")]
    Bind {
        /// The address.
        address: SocketAddrV4,
        /// What the system said.
        error: io::Error,
    },
    /// No poll could be sent.
    #[error("cannot ask {to} who is there: {error}")]
    Poll {
        /// The last target that was tried.
        to: SocketAddrV4,
        /// What the system said.
        error: io::Error,
    },
    /// The sockets cannot be waited for, or the interfaces not be listed.
    #[error("cannot look at the network: {0}")]
    System(#[from] io::Error),
}

/// An E1.31 source that tells of itself (E1.31-2018 8).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DiscoveredSource {
    /// Its component identifier.
    pub cid: Uuid,
    /// Its name.
    pub name: String,
    /// Where it sends from.
    pub address: IpAddr,
    /// The universes that it sends.
    pub universes: BTreeSet<u16>,
}

/// A look at the network that goes on while [`Survey::listen`] is called.
pub struct Survey {
    artnet: UdpSocket,
    sacn: UdpSocket,
    options: SurveyOptions,
    interfaces: Vec<Ipv4Addr>,
    next_poll: Instant,
    arbiter: Arbiter,
    nodes: BTreeMap<(Ipv4Addr, u8), Node>,
    sources: BTreeMap<Uuid, DiscoveredSource>,
    joined: BTreeSet<u16>,
}

impl Survey {
    /// Opens the sockets and joins the group of discovery on every interface that has it.
    ///
    /// # Errors
    /// [`SurveyError`], when an address cannot be had.
    pub fn open(options: SurveyOptions) -> Result<Self, SurveyError> {
        let survey = Self {
            artnet: bind(options.artnet)?,
            sacn: bind(options.sacn)?,
            interfaces: interfaces()?.map(|(address, _)| address).collect(),
            options,
            next_poll: Instant::now(),
            arbiter: Arbiter::new(MergeMode::Htp),
            nodes: BTreeMap::new(),
            sources: BTreeMap::new(),
            joined: BTreeSet::new(),
        };
        survey.join(sacn::DISCOVERY_UNIVERSE);
        Ok(survey)
    }

    /// Joins a group wherever it can be: an interface without multicast hears nothing.
    fn join(&self, universe: u16) {
        for interface in &self.interfaces {
            let _ = self.sacn.join_multicast_v4(&sacn::group(universe), interface);
        }
    }

    /// Polls if it is time to, and takes what comes within `timeout`.
    ///
    /// # Errors
    /// [`SurveyError`], when no poll can be sent or the sockets cannot be waited for.
    pub fn listen(&mut self, timeout: Duration) -> Result<(), SurveyError> {
        if Instant::now() >= self.next_poll {
            self.next_poll = Instant::now() + POLL_INTERVAL;
            self.poll()?;
        }
        let timeout = Timespec::try_from(timeout).map_err(io::Error::other)?;
        let mut fds = [&self.artnet, &self.sacn].map(|one| PollFd::new(one, PollFlags::IN));
        match poll(&mut fds, Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(io::Error::from(error).into()),
        }
        self.drain();
        for universe in self.sources.values().flat_map(|source| &source.universes) {
            if self.joined.len() < MOST_JOINED && self.joined.insert(*universe) {
                self.join(*universe);
            }
        }
        self.arbiter.tick(Instant::now(), &mut |_| {});
        Ok(())
    }

    fn poll(&self) -> Result<(), SurveyError> {
        let packet = artnet::poll_packet(false).map_err(io::Error::other)?;
        let (mut sent, mut refused) = (false, None);
        for &to in &self.options.polled {
            match self.artnet.send_to(&packet, to) {
                Ok(_) => sent = true,
                Err(error) => refused = Some(SurveyError::Poll { to, error }),
            }
        }
        match refused {
            Some(refused) if !sent => Err(refused),
            _ => Ok(()),
        }
    }

    fn drain(&mut self) {
        let Self { artnet, sacn, arbiter, nodes, sources, .. } = self;
        let mut bytes = [0; 2048];
        while let Ok((length, from)) = artnet.recv_from(&mut bytes) {
            arbiter.hear_artnet(Instant::now(), from, &bytes[..length], &mut |event| {
                if let Event::Node(node) = event {
                    nodes.insert((node.address, node.bind_index), node.clone());
                }
            });
        }
        while let Ok((length, from)) = sacn.recv_from(&mut bytes) {
            let note = &mut |event: Event<'_>| note(sources, from, &event);
            arbiter.hear_sacn(Instant::now(), from, &bytes[..length], note);
        }
    }

    /// The nodes that answered, by address and page.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values()
    }

    /// The E1.31 sources that told of themselves.
    pub fn sources(&self) -> impl Iterator<Item = &DiscoveredSource> {
        self.sources.values()
    }

    /// Who sends levels: Art-Net and E1.31 that comes here, and the first 19 universes that
    /// sources tell of.
    pub fn arbiter(&self) -> &Arbiter {
        &self.arbiter
    }
}

fn note(sources: &mut BTreeMap<Uuid, DiscoveredSource>, from: SocketAddr, event: &Event<'_>) {
    let Event::Discovery { cid, name, page, universes, .. } = event else { return };
    let source = sources.entry(*cid).or_insert_with(|| DiscoveredSource {
        cid: *cid,
        name: String::new(),
        address: from.ip(),
        universes: BTreeSet::new(),
    });
    (source.name, source.address) = ((*name).to_owned(), from.ip());
    if *page == 0 {
        source.universes.clear();
    }
    source.universes.extend(*universes);
}

fn bind(address: SocketAddrV4) -> Result<UdpSocket, SurveyError> {
    let open = || {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.set_broadcast(true)?;
        #[cfg(target_os = "linux")]
        socket.set_multicast_all_v4(false)?;
        socket.bind(&address.into())?;
        Ok(socket.into())
    };
    open().map_err(|error| SurveyError::Bind { address, error })
}

/// The IPv4 addresses of this machine, and the broadcast address of the network of each.
fn interfaces() -> io::Result<impl Iterator<Item = (Ipv4Addr, Option<Ipv4Addr>)>> {
    Ok(get_if_addrs()?.into_iter().filter_map(|interface| match interface.ip() {
        IpAddr::V4(address) => Some((address, broadcast(&interface))),
        IpAddr::V6(_) => None,
    }))
}

/// The broadcast address of each network that this machine is on.
///
/// # Errors
/// The system's, when it does not list the interfaces.
pub fn broadcast_addresses() -> io::Result<Vec<Ipv4Addr>> {
    let addresses: BTreeSet<Ipv4Addr> = interfaces()?.filter_map(|(_, all)| all).collect();
    Ok(addresses.into_iter().collect())
}
