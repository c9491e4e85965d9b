//! `gobo node ...`.

use std::net::Ipv4Addr;

use clap::{ArgAction, Args, Subcommand};
use gobo_dmx::{ARTNET_PORT, SACN_PORT};

/// `gobo node ...`.
#[derive(Subcommand, Debug)]
pub(crate) enum NodeCommand {
    /// List Art-Net nodes, E1.31 sources, and who sends levels meanwhile.
    ///
    /// Asks for nodes by ArtPoll on every network of this machine, and listens to what E1.31
    /// sources tell of themselves every ten seconds.
    List(NodeListArgs),
}

/// Arguments of `gobo node list`.
#[derive(Args, Debug)]
pub(crate) struct NodeListArgs {
    /// Ask this host instead of everyone. May be given more than once.
    #[arg(long, value_name = "HOST[:PORT]", action = ArgAction::Append)]
    pub(crate) to: Vec<String>,
    /// How long to wait: nodes answer within 3 s, E1.31 sources tell every 10 s.
    #[arg(long, value_name = "SECONDS", default_value_t = 11.0,
          value_parser = crate::value::positive)]
    pub(crate) wait: f64,
    /// The address to listen on.
    #[arg(long, value_name = "ADDRESS", default_value = "0.0.0.0")]
    pub(crate) bind: Ipv4Addr,
    /// The port to listen on for Art-Net; nodes answer to 6454.
    #[arg(long, value_name = "PORT", default_value_t = ARTNET_PORT)]
    pub(crate) artnet_port: u16,
    /// The port to listen on for E1.31.
    #[arg(long, value_name = "PORT", default_value_t = SACN_PORT)]
    pub(crate) sacn_port: u16,
}
