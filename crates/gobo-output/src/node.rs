//! Art-Net nodes: who answers an ArtPoll, and the answer that a monitor gives.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::time::{Duration, Instant};

use artnet_protocol::{ArtCommand, PollReply};
use gobo_dmx::PortAddress;
use socket2::{Domain, Socket, Type};

use crate::artnet::{self, ArtNet, parse_artnet};

/// An Art-Net node, or one page of a node of more than four ports, as it tells
/// of itself (Art-Net 4, "ArtPollReply").
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// Its address.
    pub address: Ipv4Addr,
    /// Which page of the device at this address: 0 or 1 is the root.
    pub bind_index: u8,
    /// Its name, at most 17 bytes.
    pub short_name: String,
    /// Its description, at most 63 bytes.
    pub long_name: String,
    /// Its state in words, for engineers.
    pub report: String,
    /// Its firmware's version.
    pub firmware: u16,
    /// Its hardware address; zeros when it tells none.
    pub mac: [u8; 6],
    /// The port addresses that it turns into DMX512.
    pub outputs: Vec<PortAddress>,
    /// The port addresses that it feeds from DMX512.
    pub inputs: Vec<PortAddress>,
}

/// A port that turns Art-Net into DMX512 (`PortTypes` bit 7).
const OUTPUT: u8 = 0x80;
/// A port that turns DMX512 into Art-Net (`PortTypes` bit 6).
const INPUT: u8 = 0x40;
/// Ports on one page.
pub(crate) const PORTS: usize = 4;

impl From<&PollReply> for Node {
    fn from(reply: &PollReply) -> Self {
        let [net, subnet] = reply.port_address;
        let base = u16::from(net & 0x7f) << 8 | u16::from(subnet & 0xf) << 4;
        let count = usize::from(u16::from_be_bytes(reply.num_ports)).min(PORTS);
        let ports = |kind: u8, switches: &[u8; PORTS]| {
            let ports = reply.port_types.iter().zip(switches).take(count);
            let ports = ports.filter(|(types, _)| **types & kind != 0);
            ports
                .filter_map(|(_, switch)| PortAddress::new(base | u16::from(switch & 0xf)).ok())
                .collect()
        };
        Self {
            address: reply.address,
            bind_index: reply.bind_index,
            short_name: text(&reply.short_name),
            long_name: text(&reply.long_name),
            report: text(&reply.node_report),
            firmware: u16::from_be_bytes(reply.version),
            mac: reply.mac,
            outputs: ports(OUTPUT, &reply.swout),
            inputs: ports(INPUT, &reply.swin),
        }
    }
}

/// The bytes before the first NUL; what is not UTF-8 is replaced.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

/// `text` in a field that ends with a NUL.
fn field<const N: usize>(text: &str) -> [u8; N] {
    let mut field = [0; N];
    let length = text.len().min(N - 1);
    field[..length].copy_from_slice(&text.as_bytes()[..length]);
    field
}

/// The replies of a monitor at `address` that shows `ports`: a page for every
/// four ports of the same net and sub-net, one page for none.
pub(crate) fn poll_replies(
    address: Ipv4Addr,
    ports: &[PortAddress],
) -> Result<Vec<Vec<u8>>, artnet_protocol::Error> {
    let mut pages: Vec<&[PortAddress]> = ports
        .chunk_by(|a, b| a.get() >> 4 == b.get() >> 4)
        .flat_map(|subnet| subnet.chunks(PORTS))
        .take(usize::from(u8::MAX))
        .collect();
    if pages.is_empty() {
        pages.push(&[]);
    }
    let numbered = (1..).zip(pages);
    numbered.map(|(bind_index, ports)| poll_reply(address, bind_index, ports)).collect()
}

fn poll_reply(
    address: Ipv4Addr,
    bind_index: u8,
    ports: &[PortAddress],
) -> Result<Vec<u8>, artnet_protocol::Error> {
    let mut reply = PollReply {
        address,
        bind_index,
        bind_ip: address.octets(),
        port_address: ports.first().map_or([0, 0], |port| [port.net(), port.subnet()]),
        // No OEM code was assigned (OemUnknown), and the manufacturer code is one
        // that ESTA sets aside for experiments.
        oem: 0x00ff_u16.to_be_bytes(),
        esta_code: 0x7ff0,
        // Indicators normal; port addresses set by the network.
        status_1: 0xe0,
        // Knows 15-bit port addresses.
        status_2: 0x08,
        short_name: field("gobo monitor"),
        long_name: field("gobo monitor: shows the levels it hears"),
        node_report: field("#0001 [0000] listening"),
        num_ports: [0, ports.len() as u8],
        ..PollReply::default()
    };
    for (index, port) in ports.iter().take(PORTS).enumerate() {
        reply.port_types[index] = OUTPUT;
        reply.good_output[index] = 0x80;
        reply.swout[index] = (port.get() & 0xf) as u8;
    }
    ArtCommand::PollReply(Box::new(reply)).write_to_buffer()
}

/// Asks `to`, a host or a broadcast address, who is there, and gathers answers
/// for `wait` (nodes take up to 3 s). `from` should have port 6454, where old
/// nodes answer whatever the port that asked. Sorted by address and page.
///
/// # Errors
/// The socket's, when it cannot be bound or cannot send.
pub fn poll_nodes(from: SocketAddrV4, to: SocketAddrV4, wait: Duration) -> io::Result<Vec<Node>> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
    socket.set_reuse_address(true)?;
    socket.set_broadcast(true)?;
    socket.bind(&from.into())?;
    let socket = UdpSocket::from(socket);
    let poll = artnet::poll_packet(false).map_err(io::Error::other)?;
    socket.send_to(&poll, to)?;
    let until = Instant::now() + wait;
    let mut nodes = BTreeMap::new();
    let mut bytes = [0; 2048];
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(nodes.into_values().collect());
        }
        socket.set_read_timeout(Some(left))?;
        let Ok(length) = socket.recv(&mut bytes) else { continue };
        if let Ok(ArtNet::PollReply(node)) = parse_artnet(&bytes[..length]) {
            nodes.insert((node.address, node.bind_index), *node);
        }
    }
}
