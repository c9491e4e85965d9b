//! What the remote is told: flags over the environment over serve.toml.

use std::env;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use gobo_serve::live::LiveEnv;
use gobo_serve::mqtt::MqttConfig;
use gobo_serve::{Config, Manner, TlsFiles, Token};

use crate::args::ServeArgs;
use crate::failure::misuse;
use crate::project::{Project, shown};
use crate::terminal::Terminal;

/// The file that is read unless another one is named.
const FILE: &str = "serve.toml";

/// All that the remote is told.
pub(super) fn config(terminal: &Terminal, project: &Project, args: &ServeArgs) -> Result<Config> {
    let path = args.remote.config.clone().unwrap_or_else(|| project.root().join(FILE));
    let mut config = match fs::read_to_string(&path) {
        Ok(text) => {
            let folder = path.parent().unwrap_or(Path::new(""));
            Config::from_toml(&text, folder).map_err(|faults| {
                let name = shown(&path);
                let lines = faults.0.iter().map(|fault| match fault.as_bytes().first() {
                    Some(b'0'..=b'9') => format!("{name}:{fault}"),
                    _ => format!("{name}: {fault}"),
                });
                misuse(lines.collect::<Vec<_>>().join("\n"))
            })?
        }
        Err(error)
            if error.kind() == std::io::ErrorKind::NotFound && args.remote.config.is_none() =>
        {
            Config::default()
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", shown(&path))),
    };
    by_environment(terminal, &mut config)?;
    by_flags(&mut config, args)?;
    if config.live.folder.is_none() {
        config.live.folder = Some(project.root().join("build").join("live"));
    }
    config.manner = Manner { begins: args.play, watches: args.watch, volume: args.manner.volume };
    Ok(config)
}

/// `DMX_...` of the DMX Demo Server, and secrets.
fn by_environment(terminal: &Terminal, config: &mut Config) -> Result<()> {
    let text = |(key, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((key.into_string().ok()?, value.into_string().ok()?))
    };
    let env = LiveEnv::read(env::vars_os().filter_map(text))
        .map_err(|error| misuse(error.to_string()))?;
    let others = env.others();
    if !others.is_empty() {
        terminal.warn(format_args!("not used: {}", others.join(", ")));
    }
    config.origins.extend(env.origins().iter().cloned());
    env.apply(&mut config.live, &mut config.mqtt);
    let secret = |name: &str| env::var(name).ok().filter(|text| !text.is_empty());
    let token = |name: &str| {
        let found = secret(name).map(|text| Token::new(&text));
        found.transpose().map_err(|weak| misuse(format!("{name}: {weak}")))
    };
    if let Some(control) = token("GOBO_CONTROL_TOKEN")? {
        config.tokens.control = Some(control);
    }
    if let Some(view) = token("GOBO_VIEW_TOKEN")? {
        config.tokens.view = Some(view);
    }
    if let (Some(llm), Some(key)) = (&mut config.llm, secret("GOBO_LLM_KEY")) {
        llm.key = Some(key);
    }
    Ok(())
}

fn by_flags(config: &mut Config, args: &ServeArgs) -> Result<()> {
    let remote = &args.remote;
    let token = |path: &Path| {
        let text =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Token::new(&text).map_err(|weak| misuse(format!("{}: {weak}", path.display())))
    };
    if let Some(listen) = remote.listen {
        config.listen = listen;
    }
    if let Some(path) = &remote.control_token {
        config.tokens.control = Some(token(path)?);
    }
    if let Some(path) = &remote.view_token {
        config.tokens.view = Some(token(path)?);
    }
    config.origins.extend(remote.origin.iter().cloned());
    config.hosts.extend(remote.host.iter().cloned());
    if let (Some(cert), Some(key)) = (&remote.tls_cert, &remote.tls_key) {
        config.tls = Some(TlsFiles { cert: cert.clone(), key: key.clone() });
    }
    if let Some(broker) = &remote.mqtt {
        let mqtt = config.mqtt.get_or_insert_with(MqttConfig::default);
        match broker.rsplit_once(':') {
            Some((host, port)) => {
                let port = port.parse().map_err(|_| {
                    misuse(format!("--mqtt: expected HOST[:PORT], found `{broker}`"))
                })?;
                (mqtt.host, mqtt.port) = (host.to_owned(), Some(port));
            }
            None => mqtt.host.clone_from(broker),
        }
    }
    Ok(())
}
