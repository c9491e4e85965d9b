use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::live::{Ack, Malformed};

/// How it stands with the broker.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MqttStatus {
    /// Whether the broker has taken us and not been lost since.
    pub connected: bool,
    /// Since when it is so, in ms since 1970.
    pub since_ms: u64,
    /// Why the last try failed or the connection was lost; kept while connected.
    pub last_error: Option<String>,
}

/// Something happened between us and the broker: for the log.
#[derive(Clone, PartialEq, Debug)]
pub enum MqttEvent {
    /// The broker has taken us.
    Connected {
        /// Whether it still knew the session: then what came meanwhile comes now.
        session: bool,
    },
    /// The connection was lost or could not be made; it is tried again.
    Lost {
        /// Why.
        error: String,
    },
    /// A message was no command.
    Malformed {
        /// What was wrong with it.
        malformed: Malformed,
    },
    /// A message was left aside.
    Ignored {
        /// Why.
        why: Ignored,
    },
    /// A command was answered. Nobody hears this by MQTT, which has no answers.
    Answered(Ack),
}

/// Why a message was left aside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ignored {
    /// It was retained: said once, and to be done on every connection.
    Retained,
    /// Too many wait that the broker will not send again.
    TooMany,
    /// It is larger than any command.
    TooLarge,
}

/// Is told what happens; on a thread of the runtime, so it must not wait.
pub type OnEvent = Arc<dyn Fn(MqttEvent) + Send + Sync>;

/// The status as those who change it and those who read it have it.
#[derive(Debug)]
pub(super) struct Standing(Mutex<MqttStatus>);

impl Standing {
    pub(super) fn new() -> Self {
        let since_ms = unix_ms();
        Self(Mutex::new(MqttStatus { connected: false, since_ms, last_error: None }))
    }

    pub(super) fn get(&self) -> MqttStatus {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn connected(&self) {
        self.change(true, None);
    }

    pub(super) fn lost(&self, error: Option<String>) {
        self.change(false, error);
    }

    fn change(&self, connected: bool, error: Option<String>) {
        let mut status = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if status.connected != connected {
            (status.connected, status.since_ms) = (connected, unix_ms());
        }
        status.last_error = error.or_else(|| status.last_error.take());
    }
}

/// The present in ms since 1970.
pub(super) fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
