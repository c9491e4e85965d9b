//! E1.31 packets, to and from bytes; no sockets. Encoding and parsing are those
//! of the `sacn` crate, whose parser trusts the length fields: [`parse_sacn`]
//! checks them first.

use std::net::{Ipv4Addr, Ipv6Addr};

use gobo_dmx::{Priority, SLOTS, SacnSync, Slots, Universe};
use sacn::error::errors::SacnError;
use sacn::packet::{
    AcnRootLayerProtocol, DISCOVERY_UNI_PER_PAGE, DataPacketDmpLayer, DataPacketFramingLayer,
    E131_DISCOVERY_UNIVERSE, E131_SOURCE_NAME_FIELD_LENGTH, E131RootLayer, E131RootLayerData,
    SynchronizationPacketFramingLayer, UniverseDiscoveryPacketFramingLayer,
    UniverseDiscoveryPacketUniverseDiscoveryLayer,
};
use uuid::Uuid;

use crate::Malformed;

/// Where the sequence number of a data packet lies (E1.31-2018 table 4-1).
pub(crate) const SEQUENCE: usize = 111;
/// Where the options of a data packet lie.
pub(crate) const OPTIONS: usize = 112;
/// The option that ends a stream (E1.31-2018 6.2.6).
pub(crate) const TERMINATED: u8 = 0x40;
/// Where the slots of a data packet begin, after the start code.
pub(crate) const SLOTS_AT: usize = 126;
/// Where the sequence number of a sync packet lies (E1.31-2018 table 4-2).
pub(crate) const SYNC_SEQUENCE: usize = 44;

/// An E1.31 packet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sacn {
    /// Levels, or other data, for a universe.
    Data(Box<SacnData>),
    /// Show the levels held for this sync universe.
    Sync {
        /// The sender.
        cid: Uuid,
        /// Rises by one with each sync packet.
        sequence: u8,
        /// The sync universe.
        universe: Universe,
    },
    /// A page of the universes that a source sends.
    Discovery {
        /// The sender.
        cid: Uuid,
        /// The sender's name.
        source_name: String,
        /// This page, from 0.
        page: u8,
        /// The last page.
        last_page: u8,
        /// The universes on this page, rising.
        universes: Vec<u16>,
    },
}

/// The fields of an E1.31 data packet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SacnData {
    /// The sender.
    pub cid: Uuid,
    /// The sender's name.
    pub source_name: String,
    /// The stream's priority.
    pub priority: Priority,
    /// The universe whose sync packets the levels wait for; `None` is at once.
    pub sync: Option<Universe>,
    /// Rises by one with each packet of the universe.
    pub sequence: u8,
    /// For visualisers only.
    pub preview: bool,
    /// The stream ends here; the levels mean nothing.
    pub terminated: bool,
    /// Levels may be shown unsynchronised once sync packets stay away.
    pub force_sync: bool,
    /// The universe.
    pub universe: Universe,
    /// 0 for levels; other start codes carry other things.
    pub start_code: u8,
    /// What follows the start code: 0 to 512 bytes.
    pub levels: Vec<u8>,
}

/// The group that receives a universe's packets (E1.31-2018 9.3.1).
pub(crate) fn group(universe: u16) -> Ipv4Addr {
    let [high, low] = universe.to_be_bytes();
    Ipv4Addr::new(239, 255, high, low)
}

/// The same over IPv6 (E1.31-2018 9.3.2).
pub(crate) fn group_v6(universe: u16) -> Ipv6Addr {
    Ipv6Addr::new(0xff18, 0, 0, 0, 0, 0, 0x8300, universe)
}

/// The start code of levels (ANSI E1.11 8.5.1).
pub(crate) const LEVELS: u8 = 0;
/// The start code of slots' priorities, one byte a slot, which ETC registered: 1 to 200, and 0
/// for slots that the source does not drive.
pub(crate) const SLOT_PRIORITIES: u8 = 0xdd;

/// Universe 64214, which carries discovery (E1.31-2018 appendix A).
pub(crate) const DISCOVERY_UNIVERSE: u16 = E131_DISCOVERY_UNIVERSE;

/// `name` cut to the 63 bytes that leave room for the final NUL, on a character.
pub(crate) fn fitting_name(name: &str) -> &str {
    let mut end = name.len().min(E131_SOURCE_NAME_FIELD_LENGTH - 1);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let name = &name[..end];
    name.find('\0').map_or(name, |nul| &name[..nul])
}

/// What the packets of one stream have in common.
pub(crate) struct Stream<'a> {
    pub(crate) cid: Uuid,
    pub(crate) source_name: &'a str,
    pub(crate) priority: Priority,
    pub(crate) sync: Option<SacnSync>,
}

fn pack(cid: Uuid, data: E131RootLayerData<'_>) -> Result<Vec<u8>, SacnError> {
    AcnRootLayerProtocol { pdu: E131RootLayer { cid, data } }.pack_alloc()
}

/// A data packet for all slots of a universe: 638 bytes, sequence and levels 0.
pub(crate) fn data_template(stream: &Stream<'_>, universe: Universe) -> Result<Vec<u8>, SacnError> {
    template(stream, universe, LEVELS, &[0; SLOTS])
}

/// A data packet of the priorities of all slots of a universe, sequence 0.
pub(crate) fn priorities_packet(
    stream: &Stream<'_>,
    universe: Universe,
    priorities: &Slots,
) -> Result<Vec<u8>, SacnError> {
    template(stream, universe, SLOT_PRIORITIES, priorities)
}

fn template(
    stream: &Stream<'_>,
    universe: Universe,
    start_code: u8,
    slots: &Slots,
) -> Result<Vec<u8>, SacnError> {
    let data = DataPacketFramingLayer {
        source_name: fitting_name(stream.source_name).into(),
        priority: stream.priority.get(),
        synchronization_address: stream.sync.map_or(0, |sync| sync.universe.get()),
        sequence_number: 0,
        preview_data: false,
        stream_terminated: false,
        force_synchronization: stream.sync.is_some_and(|sync| sync.force),
        universe: universe.get(),
        data: DataPacketDmpLayer { property_values: [&[start_code], &slots[..]].concat().into() },
    };
    pack(stream.cid, E131RootLayerData::DataPacket(data))
}

/// A sync packet, sequence 0: 49 bytes.
pub(crate) fn sync_packet(cid: Uuid, universe: Universe) -> Result<Vec<u8>, SacnError> {
    let sync = SynchronizationPacketFramingLayer {
        sequence_number: 0,
        synchronization_address: universe.get(),
    };
    pack(cid, E131RootLayerData::SynchronizationPacket(sync))
}

/// The discovery pages of `universes`, sorted and unique: 512 a page, one page
/// for none (E1.31-2018 8).
pub(crate) fn discovery_packets(
    cid: Uuid,
    source_name: &str,
    universes: &[u16],
) -> Result<Vec<Vec<u8>>, SacnError> {
    let mut pages: Vec<&[u16]> = universes.chunks(DISCOVERY_UNI_PER_PAGE).collect();
    if pages.is_empty() {
        pages.push(&[]);
    }
    // 63,999 universes fill 125 pages, so the numbers fit their bytes.
    let last_page = (pages.len() - 1) as u8;
    let packet = |(page, &universes): (usize, &&[u16])| {
        let data = UniverseDiscoveryPacketUniverseDiscoveryLayer {
            page: page as u8,
            last_page,
            universes: universes.into(),
        };
        let source_name = fitting_name(source_name).into();
        let framing = UniverseDiscoveryPacketFramingLayer { source_name, data };
        pack(cid, E131RootLayerData::UniverseDiscoveryPacket(framing))
    };
    pages.iter().enumerate().map(packet).collect()
}

/// Reads one E1.31 packet; never panics, whatever the bytes.
///
/// # Errors
/// [`Malformed`] with the reason, when the bytes are no E1.31 packet.
pub fn parse_sacn(bytes: &[u8]) -> Result<Sacn, Malformed> {
    check_lengths(bytes)?;
    let refused = |error: SacnError| Malformed::Field(error.to_string());
    let E131RootLayer { cid, data } = AcnRootLayerProtocol::parse(bytes).map_err(refused)?.pdu;
    match data {
        E131RootLayerData::DataPacket(data) => parse_data(cid, data),
        E131RootLayerData::SynchronizationPacket(sync) => Ok(Sacn::Sync {
            cid,
            sequence: sync.sequence_number,
            universe: universe(sync.synchronization_address)?,
        }),
        E131RootLayerData::UniverseDiscoveryPacket(discovery) => Ok(Sacn::Discovery {
            cid,
            source_name: discovery.source_name.into_owned(),
            page: discovery.data.page,
            last_page: discovery.data.last_page,
            universes: discovery.data.universes.into_owned(),
        }),
    }
}

fn universe(number: u16) -> Result<Universe, Malformed> {
    Universe::new(number).map_err(|error| Malformed::Field(error.to_string()))
}

fn parse_data(cid: Uuid, data: DataPacketFramingLayer<'_>) -> Result<Sacn, Malformed> {
    let mut levels = data.data.property_values.into_owned();
    if levels.is_empty() {
        return Err(Malformed::Length { layer: "property values", length: 0 });
    }
    let start_code = levels.remove(0);
    Ok(Sacn::Data(Box::new(SacnData {
        cid,
        source_name: data.source_name.into_owned(),
        priority: Priority::new(data.priority)
            .map_err(|error| Malformed::Field(error.to_string()))?,
        sync: match data.synchronization_address {
            0 => None,
            number => Some(universe(number)?),
        },
        sequence: data.sequence_number,
        preview: data.preview_data,
        terminated: data.stream_terminated,
        force_sync: data.force_synchronization,
        universe: universe(data.universe)?,
        start_code,
        levels,
    })))
}

/// Layers and their shortest lengths, from the outside in (E1.31-2018 4).
const DATA_LAYERS: [(&str, usize, usize); 3] =
    [("root layer", 16, 110), ("framing layer", 38, 88), ("DMP layer", 115, 11)];
const SYNC_LAYERS: [(&str, usize, usize); 2] = [("root layer", 16, 33), ("framing layer", 38, 11)];
const DISCOVERY_LAYERS: [(&str, usize, usize); 3] =
    [("root layer", 16, 104), ("framing layer", 38, 82), ("universe list", 112, 8)];

/// Checks that each layer is long enough and inside the one around it, which the
/// parser takes for granted when it slices.
fn check_lengths(bytes: &[u8]) -> Result<(), Malformed> {
    if !bytes.starts_with(b"\x00\x10\x00\x00ASC-E1.17\x00\x00\x00") {
        return Err(Malformed::Foreign);
    }
    Malformed::at_least(bytes, 44)?;
    let vector =
        |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let layers: &[_] = match (vector(18), vector(40)) {
        (4, _) => &DATA_LAYERS,
        (8, 1) => &SYNC_LAYERS,
        (8, 2) => &DISCOVERY_LAYERS,
        (8, vector) | (vector, _) => {
            return Err(Malformed::Field(format!("unknown vector {vector}")));
        }
    };
    let mut end = bytes.len();
    for &(layer, at, shortest) in layers {
        Malformed::at_least(bytes, at + shortest)?;
        let length = usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]) & 0x0fff);
        if length < shortest || at + length > end {
            return Err(Malformed::Length { layer, length });
        }
        end = at + length;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
