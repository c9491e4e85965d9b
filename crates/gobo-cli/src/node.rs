//! `gobo node`: nodes and sources on the network, as they tell of themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, ToSocketAddrs};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use gobo_dmx::{ARTNET_PORT, PortAddress, Universe, UniverseSet};
use gobo_output::{
    DiscoveredSource, HeardSource, Node, SourceId, Survey, SurveyOptions, broadcast_addresses,
};
use serde_json::{Value, json};

use crate::args::{MessageFormat, NodeCommand, NodeListArgs};
use crate::failure::Exit;
use crate::screen::Interrupt;
use crate::terminal::{Style, Terminal, printable};

/// Between two looks at signals.
const LOOK: Duration = Duration::from_millis(50);

/// Runs the command.
pub(crate) fn run(terminal: &Terminal, command: &NodeCommand) -> Result<Exit> {
    match command {
        NodeCommand::List(args) => list(terminal, args),
    }
}

fn list(terminal: &Terminal, args: &NodeListArgs) -> Result<Exit> {
    let mut interrupt = Interrupt::listen()?;
    let options = SurveyOptions {
        polled: polled(&args.to)?,
        artnet: SocketAddrV4::new(args.bind, args.artnet_port),
        sacn: SocketAddrV4::new(args.bind, args.sacn_port),
    };
    let mut survey = Survey::open(options)?;
    interrupt.keep_on();
    if terminal.watched() {
        terminal.note(format_args!("listening for {} s", args.wait));
    }
    let until = Instant::now() + Duration::from_secs_f64(args.wait.min(1e6));
    // Whoever waits no longer is told what was found so far.
    while Instant::now() < until && !interrupt.came() {
        survey.listen(LOOK.min(until.saturating_duration_since(Instant::now())))?;
    }
    let feeds = feeds(&survey);
    match terminal.format {
        MessageFormat::Json => {
            let nodes = survey.nodes().map(node_json);
            nodes.chain(feeds.iter().map(Feed::json)).try_for_each(|line| terminal.line(line))?;
        }
        _ => people(terminal, &survey, &feeds)?,
    }
    Ok(Exit::Fine)
}

/// Where polls go: the hosts named, or everyone.
fn polled(to: &[String]) -> Result<Vec<SocketAddrV4>> {
    if to.is_empty() {
        let everyone = broadcast_addresses().context("cannot list the network interfaces")?;
        if everyone.is_empty() {
            bail!("no network interface has a broadcast address: name a host with --to");
        }
        return Ok(everyone.iter().map(|&all| SocketAddrV4::new(all, ARTNET_PORT)).collect());
    }
    to.iter().map(|host| address(host)).collect()
}

fn address(host: &str) -> Result<SocketAddrV4> {
    let found = match host.contains(':') {
        true => host.to_socket_addrs(),
        false => (host, ARTNET_PORT).to_socket_addrs(),
    };
    let mut found = found.with_context(|| format!("cannot find the host `{host}`"))?;
    let v4 = found.find_map(|address| match address {
        SocketAddr::V4(v4) => Some(v4),
        SocketAddr::V6(_) => None,
    });
    v4.with_context(|| format!("`{host}` has no IPv4 address, and Art-Net has no other"))
}

/// Who sends what: a source, with what it tells and what was heard of it.
struct Feed<'a> {
    id: SourceId,
    address: IpAddr,
    name: &'a str,
    told: Option<&'a DiscoveredSource>,
    heard: BTreeMap<Universe, (&'a HeardSource, f64)>,
}

fn feeds(survey: &Survey) -> Vec<Feed<'_>> {
    let now = Instant::now();
    let mut feeds: BTreeMap<SourceId, Feed<'_>> = BTreeMap::new();
    for told in survey.sources() {
        let id = SourceId::Sacn(told.cid);
        let (address, name, told) = (told.address, told.name.as_str(), Some(told));
        feeds.insert(id, Feed { id, address, name, told, heard: BTreeMap::new() });
    }
    for (universe, heard) in survey.arbiter().universes() {
        for source in heard.sources() {
            let (id, address, name) = (source.id, source.address.ip(), source.name.as_str());
            let new = || Feed { id, address, name, told: None, heard: BTreeMap::new() };
            let feed = feeds.entry(id).or_insert_with(new);
            feed.heard.insert(universe, (source, source.rate(now)));
        }
    }
    feeds.into_values().collect()
}

impl Feed<'_> {
    fn protocol(&self) -> &'static str {
        match self.id {
            SourceId::ArtNet(_) => "Art-Net",
            SourceId::Sacn(_) => "E1.31",
        }
    }

    fn json(&self) -> Value {
        let heard = self.heard.iter().map(|(universe, (source, rate))| {
            json!({
                "universe": universe,
                "rate": (rate * 10.0).round() / 10.0,
                "packets": source.packets,
                "lost": source.lost,
                "priority": source.priority,
            })
        });
        let cid = match self.id {
            SourceId::Sacn(cid) => Some(cid.to_string()),
            SourceId::ArtNet(_) => None,
        };
        json!({
            "reason": "source",
            "protocol": self.protocol(),
            "address": self.address,
            "name": self.name,
            "cid": cid,
            "universes": self.told.map(|told| &told.universes),
            "heard": heard.collect::<Vec<_>>(),
        })
    }

    /// Its universes: those it tells of and those that were heard.
    fn universes(&self) -> UniverseSet {
        let told = self.told.iter().flat_map(|told| &told.universes);
        let told = told.filter_map(|&number| Universe::new(number).ok());
        told.chain(self.heard.keys().copied()).collect()
    }

    fn rate(&self) -> String {
        let rates = || self.heard.values().map(|(_, rate)| *rate);
        let lost: u64 = self.heard.values().map(|(source, _)| source.lost).sum();
        let (slowest, fastest) =
            (rates().fold(f64::INFINITY, f64::min), rates().fold(0.0, f64::max));
        match self.heard.len() {
            0 => "not heard here".to_owned(),
            _ if fastest - slowest < 1.0 => format!("{fastest:.1} fps, {lost} lost"),
            _ => format!("{slowest:.1} to {fastest:.1} fps, {lost} lost"),
        }
    }
}

fn node_json(node: &Node) -> Value {
    let ports = |ports: &[PortAddress]| -> Vec<Value> {
        let port = |port: &PortAddress| {
            json!({
                "port_address": port.get(),
                "net": port.net(),
                "subnet": port.subnet(),
                "port": port.get() & 0xf,
                "universe": port.universe(),
            })
        };
        ports.iter().map(port).collect()
    };
    json!({
        "reason": "node",
        "address": node.address,
        "page": node.bind_index,
        "name": node.short_name,
        "description": node.long_name,
        "status": node.report,
        "firmware": node.firmware,
        "mac": mac(node),
        "outputs": ports(&node.outputs),
        "inputs": ports(&node.inputs),
    })
}

fn mac(node: &Node) -> Option<String> {
    let told = node.mac != [0; 6];
    told.then(|| node.mac.map(|byte| format!("{byte:02x}")).join(":"))
}

/// A table of nodes, the pages of one together, and one of sources.
fn people(terminal: &Terminal, survey: &Survey, feeds: &[Feed<'_>]) -> Result<()> {
    let mut pages: BTreeMap<Ipv4Addr, Vec<&Node>> = BTreeMap::new();
    survey.nodes().for_each(|node| pages.entry(node.address).or_default().push(node));
    if pages.is_empty() {
        terminal.line("no nodes answered")?;
    } else {
        let head = ["node", "name", "outputs", "inputs", "firmware", "mac", "status"];
        table(
            terminal,
            &head.map(str::to_owned),
            &pages.values().map(|one| row(one)).collect::<Vec<_>>(),
        )?;
    }
    if feeds.is_empty() {
        return terminal.line("no sources were heard");
    }
    terminal.line("")?;
    let head = ["source", "protocol", "name", "universes", "rate"].map(str::to_owned);
    let rows: Vec<_> = feeds
        .iter()
        .map(|feed| {
            let (address, name) = (feed.address.to_string(), printable(feed.name));
            let universes = feed.universes().to_string();
            [address, feed.protocol().to_owned(), name, universes, feed.rate()]
        })
        .collect();
    table(terminal, &head, &rows)
}

fn row(pages: &[&Node]) -> [String; 7] {
    let first = pages[0];
    let of = |ports: fn(&Node) -> &[PortAddress]| {
        let ports: BTreeSet<PortAddress> =
            pages.iter().flat_map(|node| ports(node)).copied().collect();
        ports_in_words(&ports)
    };
    [
        first.address.to_string(),
        printable(if first.long_name.is_empty() { &first.short_name } else { &first.long_name }),
        of(|node| &node.outputs),
        of(|node| &node.inputs),
        format!("{}.{:02}", first.firmware >> 8, first.firmware & 0xff),
        mac(first).unwrap_or_else(|| "-".to_owned()),
        printable(&first.report),
    ]
}

/// Port addresses as Art-Net counts them, from 0, and as universes, from 1.
fn ports_in_words(ports: &BTreeSet<PortAddress>) -> String {
    let (Some(first), Some(last)) = (ports.first(), ports.last()) else { return "-".to_owned() };
    let universes: UniverseSet = ports.iter().map(|port| port.universe()).collect();
    let address =
        |port: &PortAddress| format!("{}:{}:{}", port.net(), port.subnet(), port.get() & 0xf);
    let addresses = match ports.len() {
        1 => address(first),
        _ => format!("{} to {}", address(first), address(last)),
    };
    format!("{universes} ({addresses})")
}

fn table<const N: usize>(
    terminal: &Terminal,
    head: &[String; N],
    rows: &[[String; N]],
) -> Result<()> {
    let width = |column: usize| {
        let cells = rows.iter().chain([head]).map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    terminal.line(terminal.paint(Style::Bold, line(head)))?;
    rows.iter().try_for_each(|row| terminal.line(line(row)))
}
