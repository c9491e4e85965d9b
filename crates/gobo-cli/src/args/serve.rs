//! The arguments of `gobo serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, ValueHint};

use super::{LevelArgs, MannerArgs, OutputArgs};

/// Arguments of `gobo serve`. What is given here counts more than the environment (`DMX_...`), and
/// that more than serve.toml.
#[derive(Args, Debug)]
pub(crate) struct ServeArgs {
    /// A show's name or folder, or the project's; the first show unless it is named.
    #[arg(value_name = "SHOW|PROJECT", value_hint = ValueHint::DirPath)]
    pub(crate) show: Option<String>,
    /// Begin to play at once, instead of standing by until somebody says so.
    #[arg(long)]
    pub(crate) play: bool,
    /// Start over at the end.
    #[arg(long = "loop")]
    pub(crate) repeat: bool,
    /// Follow every edit of the show's files, as `gobo watch` does.
    #[arg(long)]
    pub(crate) watch: bool,
    /// Look at the files every 100 ms, or as often as told, instead of waiting for the system to
    /// tell of changes: for network file systems.
    #[arg(long, value_name = "SPAN", num_args = 0..=1, require_equals = true, requires = "watch",
          default_missing_value = "100ms", value_parser = super::watch::poll)]
    pub(crate) poll: Option<Duration>,
    /// Check the configuration, the show and all that is to be opened; serve nothing.
    #[arg(long)]
    pub(crate) check: bool,
    /// Tell what happens as JSON objects, a line each: `--message-format json`.
    #[arg(long, conflicts_with = "stdout")]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) manner: MannerArgs,
    #[command(flatten)]
    pub(crate) remote: RemoteArgs,
    #[command(flatten)]
    pub(crate) levels: LevelArgs,
    #[command(flatten)]
    pub(crate) outputs: OutputArgs,
}

/// Who may lead the show, and how they reach it.
#[derive(Args, Debug)]
#[command(next_help_heading = "Remote")]
pub(crate) struct RemoteArgs {
    /// The file that says all this; `serve.toml` in the project if there is one.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
    /// Listen here; 127.0.0.1:7060 unless told otherwise. Beyond this machine a token is needed.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// Who has the token in this file may do everything; also GOBO_CONTROL_TOKEN.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) control_token: Option<PathBuf>,
    /// Who has the token in this file may see, and do nothing; also GOBO_VIEW_TOKEN.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) view_token: Option<PathBuf>,
    /// A page of this other site may speak to the show: `https://desk.example.org`. May be given
    /// more than once.
    #[arg(long, value_name = "ORIGIN", action = ArgAction::Append)]
    pub(crate) origin: Vec<String>,
    /// Browsers may call this machine by this name. May be given more than once.
    #[arg(long, value_name = "NAME", action = ArgAction::Append)]
    pub(crate) host: Vec<String>,
    /// The certificate, with those that lead to an authority: PEM.
    #[arg(long, value_name = "FILE", requires = "tls_key", value_hint = ValueHint::FilePath)]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The certificate's private key: PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert", value_hint = ValueHint::FilePath)]
    pub(crate) tls_key: Option<PathBuf>,
    /// Take and tell the colour of live control by this MQTT broker.
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(crate) mqtt: Option<String>,
}
