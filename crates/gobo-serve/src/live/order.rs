use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;

use super::{Ack, Command, Reason, Refusal, Verdict};

/// The present, by the two clocks that live control goes by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Now {
    /// A clock that is never set: fades, rates, latency.
    pub instant: Instant,
    /// Milliseconds since 1970: what is told and kept.
    pub unix_ms: u64,
}

/// How a command came.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// `POST /rgb`.
    Rest,
    /// A WebSocket.
    WebSocket,
    /// A broker.
    Mqtt,
    /// DMX in, by a serial port.
    Serial,
}

/// Who sent a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    /// By which protocol.
    pub protocol: Protocol,
    /// From which address: of the peer, of the broker, or the name of the port.
    pub address: Arc<str>,
}

/// A command on its way to the engine, with the one who waits for its answer.
pub struct Order {
    /// What is asked.
    pub command: Command,
    /// By whom.
    pub origin: Origin,
    /// When it came: rates and latency count from here.
    pub arrived: Instant,
    /// Where the answer goes.
    pub reply: Reply,
}

impl Order {
    /// Answers that it gave way in a full queue.
    pub fn give_way(self, unix_ms: u64) {
        let refusal = Refusal::bare(Reason::Dropped);
        let ack = self.command.id().to_owned();
        self.reply.send(Ack { ack, verdict: Verdict::Refused(refusal), ts: unix_ms });
    }
}

impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, origin, arrived, .. } = self;
        f.debug_struct("Order")
            .field("command", command)
            .field("origin", origin)
            .field("arrived", arrived)
            .finish_non_exhaustive()
    }
}

/// Where the answer to a command goes: it is called once, from any thread, and must not wait.
pub struct Reply(Box<dyn FnOnce(Ack) + Send>);

impl Reply {
    /// Answers by calling this.
    pub fn new(answer: impl FnOnce(Ack) + Send + 'static) -> Self {
        Self(Box::new(answer))
    }

    /// For those who want no answer.
    pub fn none() -> Self {
        Self::new(drop)
    }

    /// Answers.
    pub fn send(self, ack: Ack) {
        (self.0)(ack);
    }
}
