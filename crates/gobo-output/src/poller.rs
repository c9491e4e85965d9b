//! A thread that polls for Art-Net nodes: it tells the real-time thread who
//! subscribes to what, newest-wins, and which watched hosts fell silent.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use gobo_dmx::{ARTNET_PORT, PortAddress};
use socket2::{Domain, Socket, Type};

use crate::artnet::{self, ArtNet, parse_artnet};
use crate::directory::{Directory, SILENCE};
use crate::interface::{InterfaceError, Network, networks};
use crate::nodes::RollWriter;

/// Between two polls: 2.5 to 3 s (Art-Net 4, "ArtPoll").
const INTERVAL: Duration = Duration::from_millis(2750);
/// How long nodes may take to answer: up to a second of their own choice (Art-Net 4,
/// "ArtPollReply"), and the network's part.
const FIRST_ANSWERS: Duration = Duration::from_millis(1300);
/// Between two looks whether to leave.
const LOOK: Duration = Duration::from_millis(100);

/// What is to be polled for, by one UDP port.
#[derive(Default)]
pub(crate) struct Quest {
    rolls: Vec<(Scope, RollWriter)>,
    watched: Vec<Watched>,
}

/// A host that is missed once it has answered.
struct Watched {
    host: Ipv4Addr,
    heard: Option<Instant>,
    silent: Arc<AtomicBool>,
}

/// Which nodes are asked.
#[derive(Clone)]
struct Scope {
    on: Option<String>,
    networks: Vec<Network>,
}

impl Scope {
    /// What to poll now: networks may come and go while a show runs.
    fn look_again(&mut self) {
        let of = |on| networks(on).unwrap_or_default();
        self.networks = of(self.on.as_deref());
        if let (Some(address), true) = (self.address(), self.networks.is_empty()) {
            self.networks = of(None);
            self.networks.retain(|network| network.broadcast == address);
        }
    }

    fn address(&self) -> Option<Ipv4Addr> {
        self.on.as_ref()?.parse().ok()
    }

    /// Where polls go.
    fn targets(&self) -> Vec<Ipv4Addr> {
        let address = self.address().filter(|_| self.networks.is_empty());
        self.networks.iter().map(|network| network.broadcast).chain(address).collect()
    }

    /// Whether the node at `host` is one of those that were asked.
    fn has(&self, host: Ipv4Addr) -> bool {
        match self.address() {
            Some(address) if self.networks.is_empty() => is_or_broadcasts_to(address, host),
            _ => self.networks.iter().any(|network| network.has(host)),
        }
    }
}

/// Whether `address` is that of `host`, or a broadcast address that reaches it, as far as an
/// address tells: each 255 at its end stands for any number.
fn is_or_broadcasts_to(address: Ipv4Addr, host: Ipv4Addr) -> bool {
    let octets = address.octets();
    let fixed = octets.iter().rposition(|&octet| octet != 255).map_or(0, |last| last + 1);
    octets[..fixed] == host.octets()[..fixed]
}

impl Quest {
    /// Looks for the subscribers of the universes that `roll` is of.
    ///
    /// # Errors
    /// When `on` is neither an address nor an interface that there is.
    pub(crate) fn find(
        &mut self,
        on: Option<&str>,
        roll: RollWriter,
    ) -> Result<(), InterfaceError> {
        let scope = Scope { on: on.map(str::to_owned), networks: Vec::new() };
        if scope.address().is_none() {
            networks(on)?;
        }
        self.rolls.push((scope, roll));
        Ok(())
    }

    /// Watches a host: true once it has been silent for 10 s after an answer, until the next.
    pub(crate) fn watch(&mut self, host: Ipv4Addr) -> Arc<AtomicBool> {
        let silent = Arc::new(AtomicBool::new(false));
        self.watched.push(Watched { host, heard: None, silent: silent.clone() });
        silent
    }

    /// Whether a route depends on the answers.
    pub(crate) fn is_vital(&self) -> bool {
        !self.rolls.is_empty()
    }
}

/// A thread that polls, until it is dropped.
pub(crate) struct Poller {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    complete: Receiver<()>,
}

impl Poller {
    /// Begins to poll by `port`. Nodes answer to port 6454, whatever port asked; by another port
    /// they are expected to answer to whoever asked.
    ///
    /// # Errors
    /// The system's, when there is no socket or no thread.
    pub(crate) fn start(quest: Quest, port: u16) -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
        socket.set_reuse_address(true)?;
        socket.set_broadcast(true)?;
        let own = if port == ARTNET_PORT { port } else { 0 };
        socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, own)).into())?;
        let poll = artnet::poll_packet(true).map_err(io::Error::other)?;
        let stop = Arc::new(AtomicBool::new(false));
        let (tell, complete) = sync_channel(1);
        let search = Search {
            socket: socket.into(),
            port,
            poll,
            quest,
            directory: Directory::default(),
            stop: stop.clone(),
            complete: tell,
        };
        let thread = thread::Builder::new().name("gobo-artpoll".into()).spawn(|| search.run())?;
        Ok(Self { stop, thread: Some(thread), complete })
    }

    /// Waits until every universe has a subscriber, or until all nodes had time to answer: a show
    /// that begins is not to begin in the dark.
    pub(crate) fn await_first_answers(&self) {
        let _ = self.complete.recv_timeout(FIRST_ANSWERS);
    }
}

impl Drop for Poller {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The thread's own.
struct Search {
    socket: UdpSocket,
    port: u16,
    poll: Vec<u8>,
    quest: Quest,
    directory: Directory,
    stop: Arc<AtomicBool>,
    complete: SyncSender<()>,
}

impl Search {
    fn run(mut self) {
        let mut due = Instant::now();
        let mut bytes = [0; 2048];
        while !self.stop.load(Ordering::Relaxed) {
            let now = Instant::now();
            if now >= due {
                due = now + INTERVAL;
                self.ask();
            }
            self.listen(&mut bytes, LOOK.min(due - now).max(Duration::from_millis(1)));
            let now = Instant::now();
            if self.directory.forget_silent(now) {
                self.publish();
            }
            for watched in &self.quest.watched {
                let gone = watched.heard.is_some_and(|heard| now - heard > SILENCE);
                watched.silent.store(gone, Ordering::Relaxed);
            }
        }
    }

    /// Polls every network and every watched host once. What cannot be sent is tried again next
    /// time: an interface may be down for now.
    fn ask(&mut self) {
        let mut targets = BTreeSet::new();
        for (scope, _) in &mut self.quest.rolls {
            scope.look_again();
            targets.extend(scope.targets());
        }
        targets.extend(self.quest.watched.iter().map(|watched| watched.host));
        for target in targets {
            let _ = self.socket.send_to(&self.poll, (target, self.port));
        }
    }

    fn listen(&mut self, bytes: &mut [u8], wait: Duration) {
        let _ = self.socket.set_read_timeout(Some(wait));
        let (length, from) = match self.socket.recv_from(bytes) {
            Ok((length, SocketAddr::V4(from))) => (length, *from.ip()),
            Ok(_) => return,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
            // Not to spin on an error that stays.
            Err(_) => return thread::sleep(wait),
        };
        let Ok(ArtNet::PollReply(node)) = parse_artnet(&bytes[..length]) else { return };
        let address = if node.address.is_unspecified() { from } else { node.address };
        let now = Instant::now();
        for watched in &mut self.quest.watched {
            if [from, address].contains(&watched.host) {
                watched.heard = Some(now);
            }
        }
        if self.directory.hear(now, address, &node) {
            self.publish();
        }
    }

    /// Hands each route the nodes that it is to send to.
    fn publish(&mut self) {
        let subscriptions = self.directory.subscriptions();
        let mut complete = true;
        for (scope, roll) in &mut self.quest.rolls {
            let of_scope = subscriptions.iter().filter(|(node, _)| scope.has(**node));
            let nodes: BTreeMap<Ipv4Addr, &BTreeSet<PortAddress>> =
                of_scope.map(|(node, ports)| (*node, ports)).collect();
            complete &= roll.write(&nodes, self.port);
        }
        if complete {
            let _ = self.complete.try_send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_asks_one_host_or_a_network() {
        let reaches =
            |address: [u8; 4], host: [u8; 4]| is_or_broadcasts_to(address.into(), host.into());
        assert!(reaches([10, 0, 0, 7], [10, 0, 0, 7]) && !reaches([10, 0, 0, 7], [10, 0, 0, 8]));
        assert!(
            reaches([10, 0, 255, 255], [10, 0, 3, 8]) && !reaches([10, 0, 255, 255], [10, 1, 3, 8])
        );
        assert!(reaches([255; 4], [192, 168, 1, 1]));
        let scope = Scope { on: Some("127.0.0.9".into()), networks: Vec::new() };
        assert_eq!(scope.targets(), [Ipv4Addr::new(127, 0, 0, 9)]);
    }

    #[test]
    fn unknown_interfaces_are_refused() {
        let (roll, _) = crate::nodes::roll(&[], false);
        let error = Quest::default().find(Some("no-such0"), roll).unwrap_err();
        assert!(error.to_string().starts_with("there is no network interface `no-such0`"));
    }
}
