//! The multicast groups of E1.31 that a receiver joins, and the sockets that hear
//! them: some for each version of the internet protocol.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::num::NonZeroU32;

use gobo_dmx::{SACN_PORT, Universe, UniverseSet};

use super::{Port, ReceiverError, bind};
use crate::{interface, sacn};

/// Groups that one socket may join (Linux's default for `igmp_max_memberships`).
const GROUPS: usize = 20;
/// Sync universes joined because data names them; more would be a flood.
const SYNC_GROUPS: u32 = 16;

/// Where groups are joined.
#[derive(Clone, Copy)]
enum Interface {
    V4(Ipv4Addr),
    /// By number; 0 lets the system choose.
    V6(u32),
}

impl Interface {
    fn of(address: SocketAddr, wanted: Option<&str>) -> Result<Self, ReceiverError> {
        Ok(if address.is_ipv4() {
            let address = wanted.map(interface::v4_of).transpose()?;
            Self::V4(address.unwrap_or(Ipv4Addr::UNSPECIFIED))
        } else {
            let index = wanted.map(interface::index_of).transpose()?;
            Self::V6(index.map_or(0, NonZeroU32::get))
        })
    }

    fn join(self, socket: &UdpSocket, universe: u16) -> Result<(), ReceiverError> {
        let joined = match self {
            Self::V4(interface) => socket.join_multicast_v4(&sacn::group(universe), &interface),
            Self::V6(interface) => socket.join_multicast_v6(&sacn::group_v6(universe), interface),
        };
        joined.map_err(|error| ReceiverError::Join { universe, error })
    }
}

/// The number of the interface where groups are joined: of the one that is wanted, or of the one
/// that the system chooses. `None` while there is none, or the system does not tell.
fn whereabouts(address: SocketAddr, wanted: Option<&str>) -> Option<NonZeroU32> {
    if let Some(wanted) = wanted {
        return interface::index_of(wanted).ok();
    }
    let (any, group): (IpAddr, IpAddr) = match address.is_ipv4() {
        true => (Ipv4Addr::UNSPECIFIED.into(), sacn::group(sacn::DISCOVERY_UNIVERSE).into()),
        false => (Ipv6Addr::UNSPECIFIED.into(), sacn::group_v6(sacn::DISCOVERY_UNIVERSE).into()),
    };
    // A socket that is connected tells by which address it would send, and sends nothing.
    let probe = UdpSocket::bind((any, 0)).ok()?;
    probe.connect((group, SACN_PORT)).ok()?;
    interface::index_of(&probe.local_addr().ok()?.ip().to_string()).ok()
}

/// Sockets at `address`, at least one, that hear the groups of `universes`.
fn sockets(
    mut address: SocketAddr,
    universes: &BTreeSet<u16>,
    interface: Interface,
) -> Result<Vec<UdpSocket>, ReceiverError> {
    let mut sockets = Vec::new();
    let mut groups = universes.iter().copied();
    loop {
        let socket = bind(address)?;
        address = socket.local_addr().unwrap_or(address);
        groups.by_ref().take(GROUPS).try_for_each(|group| interface.join(&socket, group))?;
        sockets.push(socket);
        if groups.len() == 0 {
            return Ok(sockets);
        }
    }
}

/// The groups joined over one version of the internet protocol.
pub(super) struct Groups {
    address: SocketAddr,
    /// The interface, by its name or one of its addresses.
    wanted: Option<String>,
    interface: Interface,
    /// Its number when they were joined: membership is lost with the interface, and one that is
    /// made anew has another number.
    on: Option<NonZeroU32>,
    joined: BTreeSet<u16>,
    /// How many of them on the last socket.
    on_last: usize,
    /// Sync universes that may still be joined.
    left: u32,
}

impl Groups {
    /// Opens sockets at `address`, at least one, that hear the groups of `universes`.
    pub(super) fn open(
        address: SocketAddr,
        universes: &UniverseSet,
        wanted: Option<&str>,
    ) -> Result<(Self, Vec<UdpSocket>), ReceiverError> {
        let interface = Interface::of(address, wanted)?;
        let joined = wanted_groups(universes);
        let on = whereabouts(address, wanted).filter(|_| !joined.is_empty());
        let sockets = sockets(address, &joined, interface)?;
        let address = sockets.first().and_then(|one| one.local_addr().ok()).unwrap_or(address);
        let on_last = on_last(joined.len());
        let wanted = wanted.map(str::to_owned);
        let groups = Self { address, wanted, interface, on, joined, on_last, left: SYNC_GROUPS };
        Ok((groups, sockets))
    }

    /// Joins the groups anew, by other sockets, where the interface is another one than before.
    /// While it is not there, or groups cannot be joined yet, all stays as it is.
    pub(super) fn look_again(&mut self, all: &mut Vec<(Port, UdpSocket)>) {
        if self.joined.is_empty() {
            return;
        }
        let wanted = self.wanted.as_deref();
        let Some(on) = whereabouts(self.address, wanted).filter(|on| self.on != Some(*on)) else {
            return;
        };
        let Ok(interface) = Interface::of(self.address, wanted) else { return };
        let Ok(opened) = sockets(self.address, &self.joined, interface) else { return };
        (self.interface, self.on, self.on_last) = (interface, Some(on), on_last(self.joined.len()));
        let first = all.iter().position(|one| self.has(one)).unwrap_or(all.len());
        all.retain(|one| !self.has(one));
        all.splice(first..first, opened.into_iter().map(|socket| (Port::Sacn, socket)));
    }

    /// Whether a socket is one of these groups'.
    fn has(&self, (port, socket): &(Port, UdpSocket)) -> bool {
        let same = |address: SocketAddr| address.is_ipv6() == self.is_v6();
        *port == Port::Sacn && socket.local_addr().is_ok_and(same)
    }

    pub(super) fn is_v6(&self) -> bool {
        self.address.is_ipv6()
    }

    /// Joins the group of a sync universe that data names (E1.31-2018 6.2.4.1), on the last of
    /// `sockets` or on one more. If it cannot, levels are shown as they come.
    pub(super) fn join_sync(&mut self, universe: Universe, sockets: &mut Vec<(Port, UdpSocket)>) {
        // Nothing was to come by multicast, or this one does already.
        let wanted = !self.joined.is_empty() && self.joined.insert(universe.get());
        if !wanted || self.left == 0 {
            return;
        }
        self.left -= 1;
        let Some((_, last)) = sockets.iter().rfind(|one| self.has(one)) else { return };
        // On the same socket, sync packets keep their place among the data's.
        if self.on_last < GROUPS && self.interface.join(last, universe.get()).is_ok() {
            self.on_last += 1;
        } else if let Ok(socket) = bind(self.address)
            && self.interface.join(&socket, universe.get()).is_ok()
        {
            self.on_last = 1;
            sockets.push((Port::Sacn, socket));
        }
    }
}

/// How many of so many groups are on the last socket.
fn on_last(groups: usize) -> usize {
    groups.checked_sub(1).map_or(0, |others| others % GROUPS + 1)
}

/// Discovery's universe and those of the set; none when none is wanted.
fn wanted_groups(universes: &UniverseSet) -> BTreeSet<u16> {
    let discovery = (!universes.is_empty()).then_some(sacn::DISCOVERY_UNIVERSE);
    let ranges = universes.ranges().iter().map(|&(first, last)| first.get()..=last.get());
    discovery.into_iter().chain(ranges.flatten()).collect()
}
