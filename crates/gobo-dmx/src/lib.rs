//! DMX512 words every other crate speaks: addresses, universes, levels, frame
//! rates, merging and output routes. Plain data: no I/O, no clock, no threads.
#![forbid(unsafe_code)]

mod address;
mod delay;
mod merge;
mod rate;
mod route;
mod universe;

pub use address::{Address, AddressError, SLOTS, Slots};
pub use delay::{OutputDelay, OutputDelayError};
pub use merge::{DEFAULT_PRIORITY, MergeMode, Priority, PriorityError, Source, merge};
pub use rate::{FrameRate, RateError};
pub use route::{
    ARTNET_PORT, DDP_PORT, Delivery, LastLook, OLA_HTTP_PORT, OLA_RPC_PORT, OlaApi, Pixels,
    Protocol, Route, SACN_PORT,
};
pub use universe::{PortAddress, PortAddressError, Universe, UniverseError, UniverseSet};
