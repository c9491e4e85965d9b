//! DMX512 words every other crate speaks: addresses, universes, levels, frame
//! rates, merging and output routes. Plain data: no I/O, no clock, no threads.
#![forbid(unsafe_code)]

mod address;
mod delay;
mod delivery;
mod merge;
mod priorities;
mod rate;
mod route;
mod universe;

pub use address::{Address, AddressError, SLOTS, Slots};
pub use delay::{OutputDelay, OutputDelayError};
pub use delivery::{Delivery, DeliveryError, IpVersion, host_and_port};
pub use merge::{DEFAULT_PRIORITY, MergeMode, Priority, PriorityError, Source, merge};
pub use priorities::Priorities;
pub use rate::{FrameRate, RateError};
pub use route::{
    ARTNET_PORT, AddressPriority, DDP_PORT, LastLook, OLA_HTTP_PORT, OLA_RPC_PORT, OlaApi, Pixels,
    Protocol, Route, SACN_PORT, SacnStreams, SacnSync,
};
pub use universe::{PortAddress, PortAddressError, Universe, UniverseError, UniverseSet};
