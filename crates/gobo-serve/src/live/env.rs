use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::LiveConfig;
use crate::mqtt::{MqttConfig, Secret};

/// What the environment says of live control, by the variables of the original:
///
/// | variable | what |
/// |---|---|
/// | `DMX_MQTT_HOST`, `_PORT` | the broker |
/// | `DMX_MQTT_USERNAME` (or `_USER`), `_PASSWORD` | who we are to it |
/// | `DMX_MQTT_CLIENT_ID_PREFIX` | the session's identity is `PREFIX-DEVICE` |
/// | `DMX_MQTT_KEEPALIVE` | seconds |
/// | `DMX_QUEUE_SIZE` | commands that may wait |
/// | `DMX_CMD_DEDUPE_TTL_SECONDS`, `DMX_CMD_DEDUPE_CAPACITY` | commands that are known again |
/// | `DMX_PERSISTENCE_PATH` | `FOLDER/state.json`; all is kept in that folder |
/// | `DMX_DEDUPE_PATH` | `FOLDER/cmd_seen.json`, in the same folder |
/// | `DMX_ALLOWED_ORIGINS` | pages of other sites that may speak to it, with commas between |
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LiveEnv {
    mqtt_host: Option<String>,
    mqtt_port: Option<u16>,
    mqtt_username: Option<String>,
    mqtt_password: Option<Secret>,
    mqtt_client_id_prefix: Option<String>,
    mqtt_keep_alive_s: Option<u16>,
    queue: Option<usize>,
    dedupe_ttl_s: Option<u64>,
    dedupe_capacity: Option<usize>,
    folder: Option<PathBuf>,
    origins: Vec<String>,
    others: Vec<String>,
}

/// What the original had variables for and is said elsewhere here, by a part of their names.
const ELSEWHERE: [(&str, &str); 6] = [
    ("OLA", "outputs are the venue's, or `--ola`"),
    ("USB", "outputs are the venue's, or `--usbpro DEVICE`"),
    ("ENTTEC", "outputs are the venue's, or `--usbpro DEVICE`"),
    ("INPUT", "`--input`"),
    ("PROJECT", "the project is the folder that is served"),
    ("BACKUP", "the project's files are kept in git"),
];

/// A variable that makes no sense.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EnvMistake {
    /// Its name.
    pub name: String,
    /// What is wrong with it; never its value if that is a secret.
    pub message: String,
}

/// All variables that make no sense.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub struct EnvError(pub Vec<EnvMistake>);

impl fmt::Display for EnvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.0.iter().enumerate() {
            let separator = if index > 0 { "\n" } else { "" };
            write!(f, "{separator}{}: {}", mistake.name, mistake.message)?;
        }
        Ok(())
    }
}

impl LiveEnv {
    /// Reads an environment. A variable that is empty is as one that is not there.
    ///
    /// # Errors
    /// [`EnvError`], with every variable that makes no sense.
    pub fn read(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, EnvError> {
        let (mut env, mut mistakes, mut dedupe_folder) = (Self::default(), Vec::new(), None);
        let ours = |(name, value): &(String, String)| name.starts_with("DMX_") && !value.is_empty();
        for (name, value) in variables.into_iter().filter(ours) {
            if let Err(message) = env.take(&name, &value, &mut dedupe_folder) {
                mistakes.push(EnvMistake { name, message });
            }
        }
        env.others.sort_unstable();
        match (dedupe_folder, &env.folder) {
            (None, _) => {}
            (there @ Some(_), None) => env.folder = there,
            (Some(there), Some(folder)) if there == *folder => {}
            (Some(_), Some(folder)) => mistakes.push(EnvMistake {
                name: "DMX_DEDUPE_PATH".to_owned(),
                message: format!("all is kept in one folder, {}", folder.display()),
            }),
        }
        mistakes.sort_by(|a, b| a.name.cmp(&b.name));
        if mistakes.is_empty() { Ok(env) } else { Err(EnvError(mistakes)) }
    }

    fn take(
        &mut self,
        name: &str,
        value: &str,
        dedupe_folder: &mut Option<PathBuf>,
    ) -> Result<(), String> {
        match name {
            "DMX_MQTT_HOST" => self.mqtt_host = Some(value.to_owned()),
            "DMX_MQTT_PORT" => self.mqtt_port = Some(number(value, 1, u16::MAX)?),
            "DMX_MQTT_USERNAME" | "DMX_MQTT_USER" => self.mqtt_username = Some(value.to_owned()),
            "DMX_MQTT_PASSWORD" => self.mqtt_password = Some(Secret::new(value)),
            "DMX_MQTT_CLIENT_ID_PREFIX" => self.mqtt_client_id_prefix = Some(value.to_owned()),
            "DMX_MQTT_KEEPALIVE" => self.mqtt_keep_alive_s = Some(number(value, 1, u16::MAX)?),
            "DMX_QUEUE_SIZE" => self.queue = Some(number(value, 1, 10_000_000)?),
            "DMX_CMD_DEDUPE_TTL_SECONDS" => {
                self.dedupe_ttl_s = Some(number(value, 1, 31_536_000)?);
            }
            "DMX_CMD_DEDUPE_CAPACITY" => {
                self.dedupe_capacity = Some(number(value, 1, 10_000_000)?);
            }
            "DMX_PERSISTENCE_PATH" => self.folder = Some(folder(value, "state.json")?),
            "DMX_DEDUPE_PATH" => *dedupe_folder = Some(folder(value, "cmd_seen.json")?),
            "DMX_ALLOWED_ORIGINS" => {
                let origins = value.split(',').map(str::trim).filter(|origin| !origin.is_empty());
                self.origins = origins.map(str::to_owned).collect();
            }
            _ => self.others.push(name.to_owned()),
        }
        Ok(())
    }

    /// The names of variables `DMX_...` that are not taken, rising: misspelt, or of what is said
    /// elsewhere; with where that is.
    pub fn others(&self) -> Vec<String> {
        let elsewhere = |name: &String| {
            let said = ELSEWHERE.iter().find(|(part, _)| name.contains(part));
            said.map_or_else(|| name.clone(), |(_, instead)| format!("{name} ({instead})"))
        };
        self.others.iter().map(elsewhere).collect()
    }

    /// Pages of other sites that may speak to it.
    pub fn origins(&self) -> &[String] {
        &self.origins
    }

    /// Puts what the environment says in the place of what is configured. A broker is spoken to
    /// if either says something of one.
    pub fn apply(self, live: &mut LiveConfig, mqtt: &mut Option<MqttConfig>) {
        set(&mut live.queue, self.queue);
        set(&mut live.dedupe_ttl_s, self.dedupe_ttl_s);
        set(&mut live.dedupe_capacity, self.dedupe_capacity);
        live.folder = self.folder.or_else(|| live.folder.take());
        let says_nothing = self.mqtt_host.is_none()
            && self.mqtt_port.is_none()
            && self.mqtt_username.is_none()
            && self.mqtt_password.is_none()
            && self.mqtt_client_id_prefix.is_none()
            && self.mqtt_keep_alive_s.is_none();
        if says_nothing {
            return;
        }
        let mqtt = mqtt.get_or_insert_default();
        set(&mut mqtt.host, self.mqtt_host);
        set(&mut mqtt.keep_alive_s, self.mqtt_keep_alive_s);
        mqtt.port = self.mqtt_port.or(mqtt.port);
        mqtt.username = self.mqtt_username.or_else(|| mqtt.username.take());
        mqtt.password = self.mqtt_password.or_else(|| mqtt.password.take());
        if let Some(prefix) = self.mqtt_client_id_prefix {
            mqtt.client_id = Some(format!("{prefix}-{}", mqtt.device));
        }
    }
}

fn set<T>(to: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *to = value;
    }
}

fn number<T: Copy + FromStr + PartialOrd + fmt::Display>(
    text: &str,
    low: T,
    high: T,
) -> Result<T, String> {
    match text.trim().parse::<T>() {
        Ok(number) if number >= low && number <= high => Ok(number),
        _ => Err(format!("a whole number from {low} to {high} was expected, not `{text}`")),
    }
}

/// The folder of a file that must have this name.
fn folder(path: &str, file: &str) -> Result<PathBuf, String> {
    let path = Path::new(path);
    let named = path.file_name().is_some_and(|name| name == file);
    match path.parent() {
        Some(folder) if named => Ok(folder.to_owned()),
        _ => Err(format!("a path that ends in `{file}` was expected")),
    }
}
