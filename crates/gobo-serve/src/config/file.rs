//! `serve.toml`: what a server is told by a file.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::{Config, Limits, Manner, TlsFiles};
use crate::access::{Token, Tokens};
use crate::chat::LlmConfig;
use crate::live::LiveConfig;
use crate::mqtt::MqttConfig;

/// Where a server listens unless told otherwise.
const LISTEN: ([u8; 4], u16) = ([127, 0, 0, 1], 7060);

/// `serve.toml`. Every member may be left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    /// The address and port; `127.0.0.1:7060`.
    listen: Option<SocketAddr>,
    /// Pages of other sites that may speak to it.
    origins: Vec<String>,
    /// Names of this machine by which browsers call it.
    hosts: Vec<String>,
    tokens: TokenFile,
    tls: Option<TlsTable>,
    limits: LimitTable,
    live: LiveConfig,
    mqtt: Option<MqttConfig>,
    llm: Option<LlmTable>,
}

/// Tokens, or files that have nothing else in them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct TokenFile {
    view: Option<String>,
    view_file: Option<PathBuf>,
    control: Option<String>,
    control_file: Option<PathBuf>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TlsTable {
    cert: PathBuf,
    key: PathBuf,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct LimitTable {
    message: Option<usize>,
    rate: Option<u32>,
    connections: Option<usize>,
    slow_ms: Option<u64>,
    patience_ms: Option<u64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LlmTable {
    url: String,
    model: String,
    key: Option<String>,
    key_file: Option<PathBuf>,
}

/// What is wrong with a configuration, in words that say where.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigFaults(pub Vec<String>);

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: LISTEN.into(),
            tokens: Tokens::default(),
            origins: Vec::new(),
            hosts: Vec::new(),
            tls: None,
            limits: Limits::default(),
            manner: Manner::default(),
            live: LiveConfig::default(),
            mqtt: None,
            llm: None,
        }
    }
}

impl Config {
    /// What a `serve.toml` says; the paths in it are from its own folder.
    ///
    /// # Errors
    /// [`ConfigFaults`], with line and column; of members that are there and make no sense, all.
    pub fn from_toml(text: &str, folder: &Path) -> Result<Self, ConfigFaults> {
        let file: File = toml::from_str(text).map_err(|error| {
            let words = error.message().trim_end().replace('\n', "; ");
            let place = error.span().map(|span| place(text, span.start));
            ConfigFaults(vec![match place {
                Some((line, column)) => format!("{line}:{column}: {words}"),
                None => words,
            }])
        })?;
        let mut faults = Vec::new();
        let config = file.config(folder, &mut faults);
        if faults.is_empty() { Ok(config) } else { Err(ConfigFaults(faults)) }
    }
}

/// Line and column, from 1, in characters.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

impl File {
    fn config(self, folder: &Path, faults: &mut Vec<String>) -> Config {
        let path = |path: PathBuf| folder.join(path);
        let TokenFile { view, view_file, control, control_file } = self.tokens;
        let mut token = |name: &str, text: Option<String>, file: Option<PathBuf>| {
            secret(&format!("tokens.{name}"), text, file.map(path), faults).and_then(|text| {
                Token::new(&text).map_err(|weak| faults.push(format!("tokens.{name}: {weak}"))).ok()
            })
        };
        let tokens = Tokens {
            view: token("view", view, view_file),
            control: token("control", control, control_file),
        };
        let llm = self.llm.map(|LlmTable { url, model, key, key_file }| {
            let key = secret("llm.key", key, key_file.map(path), faults);
            if !url.starts_with("http://") && !url.starts_with("https://") {
                faults.push(format!("llm.url: expected http:// or https://, found `{url}`"));
            }
            LlmConfig { url, model, key }
        });
        let mut live = self.live;
        live.folder = live.folder.map(path);
        let limits = self.limits.over(faults);
        Config {
            listen: self.listen.unwrap_or(LISTEN.into()),
            tokens,
            origins: self.origins,
            hosts: self.hosts,
            tls: self
                .tls
                .map(|TlsTable { cert, key }| TlsFiles { cert: path(cert), key: path(key) }),
            limits,
            manner: Manner::default(),
            live,
            mqtt: self.mqtt,
            llm,
        }
    }
}

/// A secret as it is written, or the only line of a file.
fn secret(
    name: &str,
    text: Option<String>,
    file: Option<PathBuf>,
    faults: &mut Vec<String>,
) -> Option<String> {
    match (text, file) {
        (Some(_), Some(_)) => {
            faults.push(format!("{name} and {name}_file are both given: which one counts?"));
            None
        }
        (text, None) => text,
        (None, Some(file)) => match std::fs::read_to_string(&file) {
            Ok(text) => Some(text.trim().to_owned()),
            Err(error) => {
                faults.push(format!("{name}_file: {}: {error}", file.display()));
                None
            }
        },
    }
}

impl LimitTable {
    fn over(self, faults: &mut Vec<String>) -> Limits {
        let usual = Limits::default();
        let mut within = |name: &str, value: Option<u64>, usual: u64, low: u64, high: u64| {
            let value = value.unwrap_or(usual);
            if !(low..=high).contains(&value) {
                faults.push(format!("limits.{name}: expected {low} to {high}, found {value}"));
            }
            value.clamp(low, high)
        };
        let ms = |time: Duration| time.as_millis() as u64;
        let message = self.message.map(|bytes| bytes as u64);
        let connections = self.connections.map(|count| count as u64);
        Limits {
            message: within("message", message, usual.message as u64, 1024, 64 << 20) as usize,
            rate: within("rate", self.rate.map(u64::from), usual.rate.into(), 1, 100_000) as u32,
            connections: within("connections", connections, usual.connections as u64, 1, 100_000)
                as usize,
            slow: Duration::from_millis(within(
                "slow_ms",
                self.slow_ms,
                ms(usual.slow),
                50,
                60_000,
            )),
            patience: Duration::from_millis(within(
                "patience_ms",
                self.patience_ms,
                ms(usual.patience),
                100,
                600_000,
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, ConfigFaults> {
        Config::from_toml(text, Path::new("/shows"))
    }

    #[test]
    fn a_file_says_what_it_says_and_the_rest_is_as_usual() {
        let config = read(
            "listen = '[::1]:80'\n[tls]\ncert = 'c.pem'\nkey = '/k.pem'\n[limits]\nrate = 9\n\
             [tokens]\ncontrol = 'abcdefghijklmnop'\n[live]\nfolder = 'kept'\n[mqtt]\nhost = 'h'\n",
        );
        let config = config.unwrap();
        assert_eq!(config.listen.to_string(), "[::1]:80");
        let tls = config.tls.unwrap();
        assert_eq!((tls.cert, tls.key), ("/shows/c.pem".into(), "/k.pem".into()));
        assert_eq!((config.limits.rate, config.limits.message), (9, Limits::default().message));
        assert_eq!(config.live.folder.as_deref(), Some(Path::new("/shows/kept")));
        assert!(config.mqtt.is_some() && config.llm.is_none() && !config.tokens.is_empty());
        assert_eq!(read("").unwrap().listen.to_string(), "127.0.0.1:7060");
    }

    #[test]
    fn mistakes_say_where_they_are() {
        let faults = |text| read(text).unwrap_err().0;
        assert!(faults("\nlisten = 'x'")[0].starts_with("2:10: "));
        assert!(faults("lisen = 'x'")[0].contains("unknown field `lisen`"));
        let all = faults("[tokens]\ncontrol = 'short'\nview_file = 'none'\n[limits]\nrate = 0\n");
        assert_eq!(all.len(), 3, "{all:?}");
    }
}
