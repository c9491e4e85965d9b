use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{ARTNET_PORT, DDP_PORT, OlaApi, SACN_PORT};

/// How packets reach their target.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// To one host.
    Unicast {
        /// The host's name or address.
        host: String,
        /// Its UDP port.
        port: u16,
    },
    /// To everyone on a network, by this broadcast address (Art-Net only).
    Broadcast {
        /// The broadcast address: 255.255.255.255 or a network's own.
        address: Ipv4Addr,
        /// The UDP port.
        port: u16,
    },
    /// To the nodes that answer polls, each universe to those that subscribe to it (Art-Net only).
    Nodes {
        /// Where to poll: a network interface by its name or address, a network by its broadcast
        /// address, or one host; `None` polls every network that there is.
        on: Option<String>,
        /// The UDP port of the nodes.
        port: u16,
    },
    /// To each universe's multicast group (E1.31 only).
    Multicast {
        /// The internet protocol.
        #[serde(default)]
        ip: IpVersion,
        /// The interface to send from, by its name or one of its addresses; `None` lets the
        /// system choose.
        interface: Option<String>,
    },
    /// To a serial device (USB PRO only).
    Device {
        /// Its path: `/dev/ttyUSB0`, or better a name under `/dev/serial/by-id`.
        path: String,
    },
    /// To a widget that is looked for on USB (USB PRO only).
    Usb {
        /// Its serial number; `None` takes the first that no other route has.
        serial: Option<String>,
    },
}

/// A version of the internet protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IpVersion {
    /// IPv4.
    #[default]
    V4,
    /// IPv6.
    V6,
}

/// Why a text names no target.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The target is one of another protocol.
    #[error("{0}")]
    Foreign(&'static str),
    /// An interface is named where there is none to choose.
    #[error("`@{0}` chooses no interface here: only `nodes`, `multicast` and `multicast6` do")]
    Interface(String),
    /// Multicast with a port.
    #[error("multicast has no port of its own")]
    MulticastPort,
    /// The host cannot be one.
    #[error("`{0}` is no host: expected `10.0.0.5` or `node:6454`")]
    Host(String),
    /// The text names no serial device.
    #[error("`{0}` is no device: expected `/dev/ttyUSB0`, `usb` or `usb:EN123456`")]
    Device(String),
}

impl Delivery {
    /// Where Art-Net goes: `HOST[:PORT]`, `nodes[:PORT][@INTERFACE]`, or `broadcast[:PORT]`. An
    /// address that ends in .255 is a network's broadcast address.
    ///
    /// # Errors
    /// When the text is no target of Art-Net.
    pub fn artnet(text: &str) -> Result<Self, DeliveryError> {
        let Target { host, port, interface } = text.parse()?;
        let port = port.unwrap_or(ARTNET_PORT);
        if host == "nodes" {
            return Ok(Self::Nodes { on: interface, port });
        }
        if matches!(&*host, "multicast" | "multicast6") {
            let words = "Art-Net has no multicast: give a host, `nodes` or `broadcast`";
            return Err(DeliveryError::Foreign(words));
        }
        refuse(interface)?;
        Ok(match host.parse::<Ipv4Addr>() {
            _ if host == "broadcast" => Self::Broadcast { address: Ipv4Addr::BROADCAST, port },
            // Networks broadcast at their last address; nothing else is found at one, in practice.
            Ok(address) if address.octets()[3] == 255 => Self::Broadcast { address, port },
            _ => Self::Unicast { host: checked(host)?, port },
        })
    }

    /// Where E1.31 goes: `HOST[:PORT]`, `multicast[@INTERFACE]` or `multicast6[@INTERFACE]`.
    ///
    /// # Errors
    /// When the text is no target of E1.31.
    pub fn sacn(text: &str) -> Result<Self, DeliveryError> {
        let Target { host, port, interface } = text.parse()?;
        match &*host {
            "multicast" | "multicast6" if port.is_some() => Err(DeliveryError::MulticastPort),
            "multicast6" => Ok(Self::Multicast { ip: IpVersion::V6, interface }),
            "multicast" => Ok(Self::multicast(interface)),
            "broadcast" => Err(DeliveryError::Foreign(
                "E1.31 is not broadcast: give a host, `multicast` or `multicast6`",
            )),
            "nodes" => Err(DeliveryError::Foreign(
                "only Art-Net finds its nodes: give a host, `multicast` or `multicast6`",
            )),
            _ => {
                refuse(interface)?;
                Ok(Self::Unicast { host: checked(host)?, port: port.unwrap_or(SACN_PORT) })
            }
        }
    }

    /// Where DDP goes: `HOST[:PORT]`.
    ///
    /// # Errors
    /// When the text is no target of DDP.
    pub fn ddp(text: &str) -> Result<Self, DeliveryError> {
        host(text, DDP_PORT, "DDP goes to one host: give its name or address")
    }

    /// Where levels for olad go: `HOST[:PORT]`.
    ///
    /// # Errors
    /// When the text is no target of OLA.
    pub fn ola(text: &str, via: OlaApi) -> Result<Self, DeliveryError> {
        host(text, via.port(), "OLA is one host: give its name or address")
    }

    /// olad on this machine.
    pub fn local_ola(via: OlaApi) -> Self {
        Self::Unicast { host: "127.0.0.1".to_owned(), port: via.port() }
    }

    /// Where a USB PRO is: a path with a `/`, `usb` for any that is found, `usb:SERIAL`.
    ///
    /// # Errors
    /// When the text is no target of a USB PRO.
    pub fn usb_pro(text: &str) -> Result<Self, DeliveryError> {
        match text.strip_prefix("usb:") {
            Some(serial) if !serial.is_empty() => Ok(Self::Usb { serial: Some(serial.to_owned()) }),
            None if text == "usb" => Ok(Self::Usb { serial: None }),
            None if text.contains('/') => Ok(Self::Device { path: text.to_owned() }),
            _ => Err(DeliveryError::Device(text.to_owned())),
        }
    }

    /// Multicast from an interface, over IPv6 when that is what its address is of.
    pub fn multicast(interface: Option<String>) -> Self {
        let v6 = interface.as_ref().is_some_and(|text| matches!(text.parse(), Ok(IpAddr::V6(_))));
        Self::Multicast { ip: if v6 { IpVersion::V6 } else { IpVersion::V4 }, interface }
    }
}

impl fmt::Display for Delivery {
    /// As it is read: `10.0.0.5:6454`, `nodes@eth0`, `multicast6`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |f: &mut fmt::Formatter<'_>, interface: &Option<String>| match interface {
            Some(interface) => write!(f, "@{interface}"),
            None => Ok(()),
        };
        match self {
            Self::Unicast { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Unicast { host, port } => write!(f, "{host}:{port}"),
            Self::Broadcast { address, port } => write!(f, "{address}:{port}"),
            Self::Nodes { on, port } => {
                f.write_str("nodes")?;
                if *port != ARTNET_PORT {
                    write!(f, ":{port}")?;
                }
                at(f, on)
            }
            Self::Multicast { ip, interface } => {
                f.write_str(if *ip == IpVersion::V6 { "multicast6" } else { "multicast" })?;
                at(f, interface)
            }
            Self::Device { path } => f.write_str(path),
            Self::Usb { serial: Some(serial) } => write!(f, "usb:{serial}"),
            Self::Usb { serial: None } => f.write_str("usb"),
        }
    }
}

/// One host and nothing else.
fn host(text: &str, port: u16, foreign: &'static str) -> Result<Delivery, DeliveryError> {
    let target: Target = text.parse()?;
    if matches!(&*target.host, "nodes" | "broadcast" | "multicast" | "multicast6") {
        return Err(DeliveryError::Foreign(foreign));
    }
    refuse(target.interface)?;
    Ok(Delivery::Unicast { host: checked(target.host)?, port: target.port.unwrap_or(port) })
}

/// `HOST[:PORT][@INTERFACE]`, taken apart.
struct Target {
    host: String,
    port: Option<u16>,
    interface: Option<String>,
}

impl FromStr for Target {
    type Err = DeliveryError;

    fn from_str(text: &str) -> Result<Self, DeliveryError> {
        let wrong = || DeliveryError::Host(text.to_owned());
        let (address, interface) = match text.split_once('@') {
            Some((_, "")) => return Err(wrong()),
            Some((address, interface)) => (address, Some(interface.to_owned())),
            None => (text, None),
        };
        let (host, port) = host_and_port(address).map_err(|_| wrong())?;
        Ok(Self { host, port, interface })
    }
}

/// A host, and a port if there is one: `HOST`, `HOST:PORT`, `[ADDRESS]:PORT`, or an IPv6 address
/// alone.
///
/// # Errors
/// When the port is none, or something else than a port follows an address in brackets.
pub fn host_and_port(address: &str) -> Result<(String, Option<u16>), DeliveryError> {
    let wrong = || DeliveryError::Host(address.to_owned());
    let port = |digits: &str| match digits.parse::<u16>() {
        Ok(port) if port > 0 => Ok(Some(port)),
        _ => Err(wrong()),
    };
    if let Some((host, rest)) = address.strip_prefix('[').and_then(|v6| v6.split_once(']')) {
        let port = match rest.strip_prefix(':') {
            Some(digits) => port(digits)?,
            None if rest.is_empty() => None,
            None => return Err(wrong()),
        };
        return Ok((host.to_owned(), port));
    }
    let (host, port) = match address.split_once(':') {
        // More than one colon and no brackets: an IPv6 address alone.
        Some((_, rest)) if rest.contains(':') => (address, None),
        Some((host, digits)) => (host, port(digits)?),
        None => (address, None),
    };
    Ok((host.to_owned(), port))
}

fn refuse(interface: Option<String>) -> Result<(), DeliveryError> {
    interface.map_or(Ok(()), |interface| Err(DeliveryError::Interface(interface)))
}

/// A host's name or address, or why it cannot be one.
fn checked(host: String) -> Result<String, DeliveryError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let scoped = host.split_once('%').map_or(&*host, |(address, _)| address);
    let named = !host.is_empty() && host.chars().all(fits);
    if named || scoped.parse::<IpAddr>().is_ok() {
        Ok(host)
    } else {
        Err(DeliveryError::Host(host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unicast(host: &str, port: u16) -> Delivery {
        Delivery::Unicast { host: host.to_owned(), port }
    }

    fn multicast(ip: IpVersion, interface: Option<&str>) -> Delivery {
        Delivery::Multicast { ip, interface: interface.map(str::to_owned) }
    }

    #[test]
    fn targets_of_art_net() {
        let read = Delivery::artnet;
        assert_eq!(read("10.0.0.5:6455"), Ok(unicast("10.0.0.5", 6455)));
        assert_eq!(read("[::1]:7000"), Ok(unicast("::1", 7000)));
        assert_eq!(read("node.local"), Ok(unicast("node.local", 6454)));
        let broadcast =
            |address: [u8; 4]| Delivery::Broadcast { address: address.into(), port: 6454 };
        assert_eq!(read("broadcast"), Ok(broadcast([255; 4])));
        assert_eq!(read("10.1.2.255"), Ok(broadcast([10, 1, 2, 255])));
        let nodes = |on: Option<&str>| Delivery::Nodes { on: on.map(str::to_owned), port: 6454 };
        assert_eq!(read("nodes"), Ok(nodes(None)));
        assert_eq!(read("nodes@10.0.0.255"), Ok(nodes(Some("10.0.0.255"))));
        for bad in ["", "h:0", "h:x", "h:65536", "a b", "[::1]x", "multicast", "h@eth0", "nodes@"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn targets_of_e131() {
        let read = Delivery::sacn;
        assert_eq!(read("fe80::1%eth0"), Ok(unicast("fe80::1%eth0", 5568)));
        assert_eq!(read("multicast@eth0"), Ok(multicast(IpVersion::V4, Some("eth0"))));
        assert_eq!(read("multicast6"), Ok(multicast(IpVersion::V6, None)));
        assert_eq!(read("multicast@fe80::1"), Ok(multicast(IpVersion::V6, Some("fe80::1"))));
        for bad in ["", "multicast:5568", "broadcast", "nodes", "h@eth0"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn targets_of_pixels_daemons_and_widgets() {
        assert_eq!(Delivery::ddp("wled.local"), Ok(unicast("wled.local", 4048)));
        let ola = Delivery::ola;
        assert_eq!(ola("pi", OlaApi::Rpc), Ok(unicast("pi", 9010)));
        assert_eq!(ola("pi:91", OlaApi::Http), Ok(unicast("pi", 91)));
        assert_eq!(Delivery::local_ola(OlaApi::Http), unicast("127.0.0.1", 9090));
        for bad in ["", "nodes", "broadcast", "multicast", "h@eth0", "h:0"] {
            assert!(Delivery::ddp(bad).is_err() && ola(bad, OlaApi::Rpc).is_err(), "{bad}");
        }
        for text in
            ["/dev/ttyUSB0", "/dev/serial/by-path/pci-0000:00:14.0-usb-0:1", "usb:EN1", "usb"]
        {
            assert_eq!(Delivery::usb_pro(text).unwrap().to_string(), text);
        }
        for bad in ["", "usb:", "ttyUSB0", "usb0"] {
            assert!(Delivery::usb_pro(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn targets_print_as_they_are_read() {
        for text in ["10.0.0.5:6455", "[::1]:7000", "10.1.2.255:6454", "nodes", "nodes:7@eth0"] {
            assert_eq!(Delivery::artnet(text).unwrap().to_string(), text);
        }
        for text in ["node:5568", "multicast", "multicast@eth0", "multicast6@fe80::1"] {
            assert_eq!(Delivery::sacn(text).unwrap().to_string(), text);
        }
    }
}
