//! What a server is told of itself.

mod file;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::ServeError;
use crate::access::Tokens;
use crate::chat::LlmConfig;
use crate::live::LiveConfig;
use crate::mqtt::MqttConfig;

pub use file::ConfigFaults;

/// All that a server is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Who may see and who may do.
    pub tokens: Tokens,
    /// Pages of other sites that may speak to it, as `https://desk.example.org`.
    pub origins: Vec<String>,
    /// Names of this machine by which browsers may call it, besides `localhost` and addresses.
    pub hosts: Vec<String>,
    /// Its certificate and key; without, it speaks plainly.
    pub tls: Option<TlsFiles>,
    /// What clients may ask for at most.
    pub limits: Limits,
    /// How the show is led, as clients are told.
    pub manner: Manner,
    /// Live control.
    pub live: LiveConfig,
    /// The broker, if there is one.
    pub mqtt: Option<MqttConfig>,
    /// A language model, if there is one.
    pub llm: Option<LlmConfig>,
}

impl Config {
    /// Whether only this machine can reach it.
    pub fn is_local(&self) -> bool {
        self.listen.ip().is_loopback()
    }

    pub(crate) fn check(&self) -> Result<(), ServeError> {
        match self.tokens.control {
            None if !self.is_local() => Err(ServeError::Open(self.listen)),
            _ => Ok(()),
        }
    }
}

/// How a show is led.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Manner {
    /// Whether the first show plays at once, instead of standing by.
    pub begins: bool,
    /// Whether edits of the show's files are followed.
    pub watches: bool,
    /// The volume of the sound that the server plays, 0 to 1.
    pub volume: f32,
}

impl Default for Manner {
    fn default() -> Self {
        Self { begins: false, watches: false, volume: 1.0 }
    }
}

/// Where a certificate and its key lie, both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and those that lead from it to an authority.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// What clients may ask for at most.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of a message and of the body of a request.
    pub message: usize,
    /// Messages a second of a client. One that sends more is read more slowly.
    pub rate: u32,
    /// Connections at the same time.
    pub connections: usize,
    /// How long a client may take to take what it is sent, before it is dropped.
    pub slow: Duration,
    /// How long a client may take to say its request, its first message, or that it is there.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message: 256 * 1024,
            rate: 240,
            connections: 4096,
            slow: Duration::from_secs(2),
            patience: Duration::from_secs(10),
        }
    }
}
