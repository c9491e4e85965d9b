//! A pcapng file (draft-ietf-opsawg-pcapng) of UDP packets: a section, an interface of raw IP, a
//! block a packet. As the file grows it is whole after each block.

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Section Header Block, Interface Description Block, Enhanced Packet Block (4.1, 4.2, 4.3).
const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 6;

/// Tells the order of bytes.
const MAGIC: u32 = 0x1a2b_3c4d;
/// Version 1.0, and a section of unknown length.
const VERSION: [u16; 2] = [1, 0];
const UNKNOWN: u64 = u64::MAX;

/// LINKTYPE_RAW: packets begin with IPv4 or IPv6.
const RAW_IP: u16 = 101;

/// Options: the application that wrote it, the resolution of times (10^-9 s).
const USER_APPLICATION: u16 = 4;
const RESOLUTION: u16 = 9;
const NANOSECONDS: u8 = 9;

const UDP: u8 = 17;

/// Writes packets to a file.
pub(super) struct Writer<W: Write> {
    file: W,
    packets: u64,
    body: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Writes what stands before the first packet.
    pub(super) fn begin(file: W) -> io::Result<Self> {
        let mut writer = Self { file, packets: 0, body: Vec::new() };
        writer.body.extend(MAGIC.to_le_bytes());
        writer.body.extend(VERSION.iter().flat_map(|part| part.to_le_bytes()));
        writer.body.extend(UNKNOWN.to_le_bytes());
        writer.option(USER_APPLICATION, concat!("gobo ", env!("CARGO_PKG_VERSION")).as_bytes());
        writer.option(0, &[]);
        writer.block(SECTION)?;
        writer.body.extend([RAW_IP, 0].iter().flat_map(|part| part.to_le_bytes()));
        // Packets are never cut.
        writer.body.extend(0_u32.to_le_bytes());
        writer.option(RESOLUTION, &[NANOSECONDS]);
        writer.option(0, &[]);
        writer.block(INTERFACE)?;
        Ok(writer)
    }

    /// Writes a packet sent at a time since 1970.
    pub(super) fn packet(
        &mut self,
        at: Duration,
        from: SocketAddr,
        to: SocketAddr,
        payload: &[u8],
    ) -> io::Result<()> {
        let nanos = at.as_nanos() as u64;
        let header = if from.is_ipv4() && to.is_ipv4() { 20 + 8 } else { 40 + 8 };
        let length = (header + payload.len()) as u32;
        for word in [0, (nanos >> 32) as u32, nanos as u32, length, length] {
            self.body.extend(word.to_le_bytes());
        }
        put_headers(from, to, payload, &mut self.body);
        self.body.extend_from_slice(payload);
        self.packets += 1;
        self.block(PACKET)
    }

    pub(super) fn packets(&self) -> u64 {
        self.packets
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }

    fn option(&mut self, code: u16, value: &[u8]) {
        self.body.extend(code.to_le_bytes());
        self.body.extend((value.len() as u16).to_le_bytes());
        self.body.extend_from_slice(value);
        self.pad();
    }

    fn pad(&mut self) {
        self.body.resize(self.body.len().next_multiple_of(4), 0);
    }

    /// Writes the body as a block of a type: its length stands before and after it.
    fn block(&mut self, kind: u32) -> io::Result<()> {
        self.pad();
        let length = (12 + self.body.len() as u32).to_le_bytes();
        self.file.write_all(&kind.to_le_bytes())?;
        self.file.write_all(&length)?;
        self.file.write_all(&self.body)?;
        self.body.clear();
        self.file.write_all(&length)
    }
}

/// Headers of IPv4 (RFC 791) or IPv6 (RFC 8200), and of UDP (RFC 768).
fn put_headers(from: SocketAddr, to: SocketAddr, payload: &[u8], into: &mut Vec<u8>) {
    let udp = 8 + payload.len() as u16;
    let ports = [from.port(), to.port(), udp];
    if let (IpAddr::V4(from), IpAddr::V4(to)) = (from.ip(), to.ip()) {
        let mut header = [0; 20];
        header[..2].copy_from_slice(&[0x45, 0]);
        header[2..4].copy_from_slice(&(20 + udp).to_be_bytes());
        (header[8], header[9]) = (64, UDP);
        header[12..16].copy_from_slice(&from.octets());
        header[16..].copy_from_slice(&to.octets());
        let checksum = !sum(&header);
        header[10..12].copy_from_slice(&checksum.to_be_bytes());
        into.extend(header);
        into.extend(ports.iter().flat_map(|part| part.to_be_bytes()));
        // Over IPv4 a checksum of zero says that there is none.
        return into.extend([0; 2]);
    }
    let v6 = |ip: IpAddr| match ip {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
        IpAddr::V6(v6) => v6.octets(),
    };
    let (from, to) = (v6(from.ip()), v6(to.ip()));
    into.extend([0x60, 0, 0, 0]);
    into.extend(udp.to_be_bytes());
    into.extend([UDP, 64]);
    into.extend(from.iter().chain(&to));
    let mut pseudo: Vec<u8> = from.into_iter().chain(to).collect();
    pseudo.extend([0, UDP]);
    for part in ports.iter().chain(&[udp]) {
        pseudo.extend(part.to_be_bytes());
    }
    pseudo.extend_from_slice(payload);
    let checksum = match !sum(&pseudo) {
        0 => u16::MAX,
        checksum => checksum,
    };
    into.extend(ports.iter().chain(&[checksum]).flat_map(|part| part.to_be_bytes()));
}

/// The ones' complement sum of 16-bit words (RFC 1071).
fn sum(bytes: &[u8]) -> u16 {
    let word = |pair: &[u8]| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
    let mut sum: u32 = bytes.chunks(2).map(word).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}
