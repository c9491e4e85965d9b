//! The colour of live control by way of a broker: commands in, the colour and our being there out.
//!
//! | topic | what |
//! |---|---|
//! | `v1/demo/rgb/cmd` | in: `demo.rgb.cmd.v1`, QoS 1, not retained |
//! | `v1/demo/rgb/state` | out: `demo.rgb.state.v1`, QoS 1, retained |
//! | `v1/devices/ID/state` | out: `{"online": true}`, QoS 1, retained; by the last will `false` |
//!
//! The session persists, so the broker keeps what comes while we are away. A command is
//! acknowledged to the broker only when it was answered, which is when a restart would remember it:
//! what was not comes again, and what comes twice is known. The broker sends no more than it may
//! have unacknowledged, so commands that wait for room in the queue hold it back without the
//! connection being any the worse: it is read, and asked for, all the while. The newest colour is
//! published at every connection; of colours that follow each other faster than the broker takes
//! them, some are left out, never the last.

mod broker;
mod config;
mod inbox;
mod outbox;
mod poll;
mod secret;
mod status;
mod tls;

pub use broker::{Broker, Connection};
pub use config::{ClientCertificate, MqttConfig, MqttError, MqttTls};
pub use secret::Secret;
pub use status::{Ignored, MqttEvent, MqttStatus, OnEvent};
