//! Network interfaces, by name or by address: where multicast goes out, and which
//! networks are polled for nodes.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;

use if_addrs::{IfAddr, Interface};

/// Why an interface cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InterfaceError {
    /// There is none of that name or address.
    #[error("there is no network interface `{name}`: there are {known}")]
    Unknown {
        /// The name or address as written.
        name: String,
        /// The interfaces that there are.
        known: String,
    },
    /// It has no address of the kind needed.
    #[error("the network interface `{name}` has no IPv4 address")]
    Addressless {
        /// The name or address as written.
        name: String,
    },
    /// No network of it can be polled.
    #[error(
        "the network interface `{name}` has no broadcast address to poll (its networks are /31, \
         /32, point-to-point or loopback): name a node's address instead"
    )]
    Unheard {
        /// The name as written.
        name: String,
    },
    /// The system does not tell.
    #[error("cannot list the network interfaces: {0}")]
    System(#[from] io::Error),
}

/// The addresses of the interface that `wanted` names, or that has the address `wanted`; every
/// entry is one address.
fn found(wanted: &str) -> Result<Vec<Interface>, InterfaceError> {
    let all = if_addrs::get_if_addrs()?;
    let address: Option<IpAddr> = wanted.parse().ok();
    let named = |one: &&Interface| one.name == wanted || Some(one.ip()) == address;
    let Some(name) = all.iter().find(named).map(|one| one.name.clone()) else {
        let mut known: Vec<String> = all.into_iter().map(|one| one.name).collect();
        known.dedup();
        known.sort_unstable();
        known.dedup();
        let known = known.join(", ");
        return Err(InterfaceError::Unknown { name: wanted.to_owned(), known });
    };
    Ok(all.into_iter().filter(|one| one.name == name).collect())
}

/// The IPv4 address of an interface; an IPv4 address stands for itself, so that the system says
/// what is wrong with it.
pub(crate) fn v4_of(wanted: &str) -> Result<Ipv4Addr, InterfaceError> {
    if let Ok(address) = wanted.parse() {
        return Ok(address);
    }
    let v4 = found(wanted)?.into_iter().find_map(|one| match one.addr {
        IfAddr::V4(v4) => Some(v4.ip),
        IfAddr::V6(_) => None,
    });
    v4.ok_or_else(|| InterfaceError::Addressless { name: wanted.to_owned() })
}

/// The number by which the system knows an interface.
pub(crate) fn index_of(wanted: &str) -> Result<NonZeroU32, InterfaceError> {
    let index = found(wanted)?.into_iter().find_map(|one| one.index.and_then(NonZeroU32::new));
    index.ok_or_else(|| InterfaceError::Addressless { name: wanted.to_owned() })
}

/// An IPv4 network that this machine is on, as one is polled for nodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Network {
    pub(crate) broadcast: Ipv4Addr,
    address: Ipv4Addr,
    mask: Ipv4Addr,
}

impl Network {
    fn of(interface: &Interface) -> Option<Self> {
        let IfAddr::V4(v4) = &interface.addr else { return None };
        let broadcast = broadcast(interface)?;
        Some(Self { broadcast, address: v4.ip, mask: v4.netmask })
    }

    /// Whether a host is on it.
    pub(crate) fn has(&self, host: Ipv4Addr) -> bool {
        (host.to_bits() ^ self.address.to_bits()) & self.mask.to_bits() == 0
    }
}

/// The address of all hosts of the network that an IPv4 address is on: the one that it was given,
/// or else that of its mask, for what sets addresses need not name it (`ip addr add` does not, and
/// the C library then tells the address itself). Networks of two hosts or one have none.
pub(crate) fn broadcast(interface: &Interface) -> Option<Ipv4Addr> {
    let IfAddr::V4(v4) = &interface.addr else { return None };
    let host = !v4.netmask.to_bits();
    if v4.is_loopback() || interface.is_p2p() || host <= 1 {
        return None;
    }
    let given = v4.broadcast.filter(|given| !given.is_unspecified() && *given != v4.ip);
    Some(given.unwrap_or(Ipv4Addr::from_bits(v4.ip.to_bits() | host)))
}

/// The networks to poll: those of the interface `on`, or all but loopback. None while the
/// interface has no address.
pub(crate) fn networks(on: Option<&str>) -> Result<Vec<Network>, InterfaceError> {
    let Some(wanted) = on else {
        return Ok(if_addrs::get_if_addrs()?.iter().filter_map(Network::of).collect());
    };
    let addresses = found(wanted)?;
    let networks: Vec<_> = addresses.iter().filter_map(Network::of).collect();
    if networks.is_empty() && addresses.iter().any(|one| one.ip().is_ipv4()) {
        return Err(InterfaceError::Unheard { name: wanted.to_owned() });
    }
    Ok(networks)
}

#[cfg(test)]
mod tests {
    use if_addrs::{IfOperStatus, Ifv4Addr};

    use super::*;

    #[test]
    fn interfaces_go_by_name_and_by_address() {
        let lo = if_addrs::get_if_addrs().unwrap().into_iter().find(Interface::is_loopback);
        let Some(lo) = lo else { panic!("no loopback interface") };
        assert_eq!(index_of(&lo.name).unwrap(), index_of("127.0.0.1").unwrap());
        assert_eq!(v4_of(&lo.name).unwrap(), Ipv4Addr::LOCALHOST);
        let unknown = index_of("no-such0").unwrap_err().to_string();
        assert!(unknown.starts_with("there is no network interface `no-such0`: there are "));
        assert!(unknown.contains(&lo.name), "{unknown}");
        let unheard = networks(Some(&lo.name)).unwrap_err().to_string();
        assert!(unheard.contains("has no broadcast address"), "{unheard}");
        assert!(networks(None).unwrap().iter().all(|network| !network.address.is_loopback()));
    }

    fn with(ip: [u8; 4], mask: [u8; 4], broadcast: Option<[u8; 4]>) -> Interface {
        let prefixlen = u32::from_be_bytes(mask).count_ones() as u8;
        Interface {
            name: "eth0".to_owned(),
            addr: IfAddr::V4(Ifv4Addr {
                ip: ip.into(),
                netmask: mask.into(),
                prefixlen,
                broadcast: broadcast.map(Into::into),
            }),
            index: Some(2),
            oper_status: IfOperStatus::Up,
            is_p2p: false,
        }
    }

    #[test]
    fn a_network_is_polled_by_its_mask_where_no_broadcast_address_is_given() {
        let told = |ip, mask, given| broadcast(&with(ip, mask, given)).map(|all| all.octets());
        let mask = [255, 255, 254, 0];
        assert_eq!(told([10, 7, 2, 1], mask, None), Some([10, 7, 3, 255]));
        assert_eq!(told([10, 7, 2, 1], mask, Some([0; 4])), Some([10, 7, 3, 255]));
        assert_eq!(told([10, 7, 2, 1], mask, Some([10, 7, 2, 1])), Some([10, 7, 3, 255]));
        assert_eq!(told([10, 7, 2, 1], mask, Some([10, 7, 2, 99])), Some([10, 7, 2, 99]));
        assert_eq!(told([10, 7, 2, 1], [255, 255, 255, 252], None), Some([10, 7, 2, 3]));
        assert_eq!(told([10, 7, 2, 1], [255, 255, 255, 254], None), None);
        assert_eq!(told([10, 7, 2, 1], [255; 4], Some([10, 7, 2, 1])), None);
        assert_eq!(told([127, 0, 0, 1], [255, 0, 0, 0], None), None);
        let tunnel = Interface { is_p2p: true, ..with([10, 7, 2, 1], mask, Some([10, 7, 2, 2])) };
        assert_eq!(broadcast(&tunnel), None);
    }

    #[test]
    fn hosts_of_a_network_share_its_mask() {
        let network = Network {
            broadcast: [10, 1, 3, 255].into(),
            address: [10, 1, 2, 9].into(),
            mask: [255, 255, 254, 0].into(),
        };
        let has = |host: [u8; 4]| network.has(host.into());
        assert!(has([10, 1, 3, 7]) && has([10, 1, 2, 1]));
        assert!(!has([10, 1, 4, 7]) && !has([11, 1, 2, 1]));
    }
}
