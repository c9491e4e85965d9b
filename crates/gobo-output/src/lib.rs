//! The wire: DMX frames out as Art-Net 4, E1.31 and DDP packets, to DMX USB PRO widgets and to
//! olad; Art-Net and E1.31 packets back in.
//!
//! [`Outputs`] holds everything a show sends to. Packets are encoded once, when
//! it opens; a frame patches sequence numbers and slots in place and hands whole
//! batches to the kernel. [`Outputs::send`] therefore allocates nothing, takes
//! no lock, never blocks and never fails: what a target refuses is counted in
//! its [`Report`], and no target delays another.
//!
//! What can block (a serial line, a TCP connection, a disk) has a thread of its own: frames are
//! handed over to it newest-wins, and it reconnects by itself.
//!
//! [`Receiver`] is the other end: it listens, follows each source of each
//! universe, and tells what a conforming receiver would show. Packets are read
//! by the pure functions [`parse_artnet`] and [`parse_sacn`], which refuse
//! malformed ones with the reason and never panic.
//!
//! This crate knows no show, no canvas and no clock: the time is passed in.
#![forbid(unsafe_code)]

mod arbiter;
mod artnet;
mod capture;
mod ddp;
mod delay;
mod directory;
mod failover;
mod interface;
mod kernel;
mod link;
mod malformed;
mod node;
mod nodes;
mod numbers;
mod ola;
mod open;
mod output;
mod pacing;
mod plan;
mod poller;
mod receiver;
mod report;
mod reports;
mod sacn;
mod sender;
mod source;
mod survey;
mod tape;
mod threaded;
mod usb_pro;
mod words;

pub use arbiter::{Arbiter, Event, HeardUniverse, Parting};
pub use artnet::{ArtNet, parse_artnet};
pub use capture::{Capture, Captured, Capturing};
pub use interface::InterfaceError;
pub use malformed::Malformed;
pub use node::{Node, poll_nodes};
pub use numbers::{Numbers, StreamNumbers};
pub use output::{Options, Output, Outputs, Place, lead};
pub use plan::OpenError;
pub use receiver::{Ours, Receiver, ReceiverError, ReceiverOptions};
pub use report::{Backup, Fault, Report, Subscribers};
pub use reports::Reports;
pub use sacn::{Sacn, SacnData, parse_sacn};
pub use source::{HeardSource, SourceId};
pub use survey::{DiscoveredSource, Survey, SurveyError, SurveyOptions, broadcast_addresses};
pub use tape::{FrameLog, Logged, Recording, record};
pub use uuid::Uuid;
