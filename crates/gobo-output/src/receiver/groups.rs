//! The multicast groups of E1.31 that a receiver joins, and the sockets that hear
//! them: some for each version of the internet protocol.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::num::NonZeroU32;

use gobo_dmx::{Universe, UniverseSet};

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

/// The groups joined over one version of the internet protocol.
pub(super) struct Groups {
    address: SocketAddr,
    interface: Interface,
    joined: BTreeSet<u16>,
    /// How many of them on the last socket.
    on_last: usize,
    /// Sync universes that may still be joined.
    left: u32,
}

impl Groups {
    /// Opens sockets at `address`, at least one, that hear the groups of `universes`.
    pub(super) fn open(
        mut address: SocketAddr,
        universes: &UniverseSet,
        wanted: Option<&str>,
    ) -> Result<(Self, Vec<UdpSocket>), ReceiverError> {
        let interface = Interface::of(address, wanted)?;
        let mut sockets = Vec::new();
        let joined = wanted_groups(universes);
        let mut groups = joined.iter().copied();
        loop {
            let socket = bind(address)?;
            address = socket.local_addr().unwrap_or(address);
            groups.by_ref().take(GROUPS).try_for_each(|group| interface.join(&socket, group))?;
            sockets.push(socket);
            if groups.len() == 0 {
                break;
            }
        }
        let on_last = joined.len().checked_sub(1).map_or(0, |others| others % GROUPS + 1);
        Ok((Self { address, interface, joined, on_last, left: SYNC_GROUPS }, sockets))
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
        let is_ours = |(port, socket): &&(Port, UdpSocket)| {
            let v6 = |address: SocketAddr| address.is_ipv6() == self.address.is_ipv6();
            *port == Port::Sacn && socket.local_addr().is_ok_and(v6)
        };
        let Some((_, last)) = sockets.iter().rfind(is_ours) else { return };
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

/// Discovery's universe and those of the set; none when none is wanted.
fn wanted_groups(universes: &UniverseSet) -> BTreeSet<u16> {
    let discovery = (!universes.is_empty()).then_some(sacn::DISCOVERY_UNIVERSE);
    let ranges = universes.ranges().iter().map(|&(first, last)| first.get()..=last.get());
    discovery.into_iter().chain(ranges.flatten()).collect()
}
