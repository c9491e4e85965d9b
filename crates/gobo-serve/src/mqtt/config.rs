use std::path::PathBuf;

use serde::Deserialize;

use super::Secret;

/// How to reach a broker, and as whom.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MqttConfig {
    /// The broker's name or address; `localhost`.
    pub host: String,
    /// Its port; 1883, or 8883 with TLS.
    pub port: Option<u16>,
    /// Who we are to the broker; nobody by default.
    pub username: Option<String>,
    /// What proves it. Only with a `username`.
    pub password: Option<Secret>,
    /// Encryption; none by default, and then a password goes over the network as it is.
    pub tls: Option<MqttTls>,
    /// The identity of the session, which no other client of the broker may have: `gobo-DEVICE`
    /// by default. It must stay the same, or what was sent meanwhile is lost.
    pub client_id: Option<String>,
    /// The `ID` in `v1/devices/ID/state`; `server`.
    pub device: String,
    /// What all topics begin with; `v1`.
    pub prefix: String,
    /// The silence in seconds after which each side asks for the other, 1 to 65535; 30. A broker
    /// that vanished without a word is noticed within twice this.
    pub keep_alive_s: u16,
    /// The longest wait between two tries to connect, in seconds; 10. The first is a quarter of a
    /// second, then twice as long each time.
    pub retry_s: u16,
}

/// Encryption of the way to the broker.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MqttTls {
    /// Who vouches for the broker: a PEM file of certificates; those that the system trusts by
    /// default.
    pub ca: Option<PathBuf>,
    /// What proves who we are, if the broker wants it.
    pub client: Option<ClientCertificate>,
}

/// A certificate and its key.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientCertificate {
    /// A PEM file: our certificate, then those that lead to one the broker trusts.
    pub certificate: PathBuf,
    /// A PEM file: its private key.
    pub key: PathBuf,
}

impl Default for MqttConfig {
    fn default() -> Self {
        Self {
            host: "localhost".to_owned(),
            port: None,
            username: None,
            password: None,
            tls: None,
            client_id: None,
            device: "server".to_owned(),
            prefix: "v1".to_owned(),
            keep_alive_s: 30,
            retry_s: 10,
        }
    }
}

/// Why a broker cannot even be asked.
#[derive(Debug, thiserror::Error)]
pub enum MqttError {
    /// A member of the configuration that cannot be.
    #[error("mqtt.{member}: {message}")]
    Config {
        /// Its name.
        member: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// A file of certificates or a key.
    #[error("{path}: {message}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// The certificates do not go together.
    #[error("TLS: {0}")]
    Tls(String),
}

impl MqttConfig {
    /// The port, given or by default.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(if self.tls.is_some() { 8883 } else { 1883 })
    }

    /// The identity of the session, given or by default.
    pub fn client_id(&self) -> String {
        self.client_id.clone().unwrap_or_else(|| format!("gobo-{}", self.device))
    }

    /// Where commands for the colour come.
    pub fn command_topic(&self) -> String {
        format!("{}/demo/rgb/cmd", self.prefix)
    }

    /// Where the colour is told, retained.
    pub fn state_topic(&self) -> String {
        format!("{}/demo/rgb/state", self.prefix)
    }

    /// Where it is told that we are there, or no more, retained.
    pub fn device_topic(&self) -> String {
        format!("{}/devices/{}/state", self.prefix, self.device)
    }

    pub(super) fn check(&self) -> Result<(), MqttError> {
        let wrong =
            |member, message: &str| Err(MqttError::Config { member, message: message.to_owned() });
        let topic = |text: &str| !text.is_empty() && !text.contains(['#', '+', '\0']);
        if self.host.is_empty() {
            wrong("host", "a name or an address was expected")
        } else if !topic(&self.prefix) {
            wrong("prefix", "a part of a topic was expected, without `#` and `+`")
        } else if !topic(&self.device) || self.device.contains('/') {
            wrong("device", "a level of a topic was expected, without `#`, `+` and `/`")
        } else if self.client_id().is_empty() {
            wrong("client_id", "a session that persists needs an identity")
        } else if self.keep_alive_s == 0 {
            wrong("keep_alive_s", "1 to 65535 seconds were expected")
        } else if self.password.is_some() && self.username.is_none() {
            wrong("password", "there is none without a `username`")
        } else {
            Ok(())
        }
    }
}
