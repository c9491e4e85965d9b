//! What networks do to a show: hosts that are not there, nodes that come and go, cables pulled and
//! put back. Each test has hosts of its own, in network namespaces; without root they are skipped.

#![cfg(target_os = "linux")]

mod support;

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use gobo_dmx::{Delivery, Protocol, Route, SacnStreams, Slots, Universe, UniverseSet};
use gobo_output::{Event, Options, Outputs, Parting, Receiver, ReceiverOptions, Report, Uuid};
use support::netns::{Host, two_hosts};
use support::node::FakeNode;

const ARTNET: Protocol = Protocol::ArtNet { sync: false };
const SACN: Protocol = Protocol::Sacn(SacnStreams::PLAIN);
/// Long enough on a busy machine, and never waited for when all is well.
const PATIENCE: Duration = Duration::from_secs(40);
const FRAME: Duration = Duration::from_millis(16);

fn artnet(to: &str) -> Route {
    Route::new(UniverseSet::all(), ARTNET, Delivery::artnet(to).unwrap())
}

fn sacn(to: &str) -> Route {
    Route::new(UniverseSet::all(), SACN, Delivery::sacn(to).unwrap())
}

/// A show of some universes on a host, each frame at another level.
struct Show {
    outputs: Outputs,
    frames: u64,
    universes: usize,
}

impl Show {
    /// To be called on the host.
    fn open(routes: &[Route], universes: u16) -> Self {
        let numbers: Vec<_> = (1..=universes).map(|n| Universe::new(n).unwrap()).collect();
        let outputs = Outputs::open(routes, &numbers, &Options::new(Uuid::from_u128(9))).unwrap();
        Self { outputs, frames: 0, universes: usize::from(universes) }
    }

    fn frame(&mut self) {
        self.frames += 1;
        let levels: Vec<Slots> = vec![[self.frames as u8; 512]; self.universes];
        self.outputs.send(Instant::now(), &levels);
        std::thread::sleep(FRAME);
    }

    fn report(&self, route: usize) -> Report {
        self.outputs.reports().nth(route).unwrap().1
    }

    /// Plays until something is so.
    #[track_caller]
    fn until(&mut self, what: &str, mut so: impl FnMut(&Self) -> bool) {
        let start = Instant::now();
        while !so(self) {
            assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
            self.frame();
        }
    }

    fn for_frames(&mut self, count: u64) {
        (0..count).for_each(|_| self.frame());
    }
}

fn any(port: u16) -> SocketAddr {
    (Ipv4Addr::UNSPECIFIED, port).into()
}

fn node(host: &Host, address: [u8; 4], ports: &'static [u16]) -> FakeNode {
    host.run(move || FakeNode::on(any(6454), address.into(), ports))
}

#[test]
fn an_unreachable_host_beside_a_good_one_costs_it_no_frame() {
    let Some((player, stage)) = two_hosts() else { return };
    let node = node(&stage, [10, 0, 0, 2], &[0]);
    let (frames, good, bad, other) = player.run(|| {
        // Nobody has 10.0.0.99, and there is no way to 10.9.9.9.
        let routes = ["10.0.0.99", "10.0.0.2", "10.9.9.9"].map(artnet);
        let mut show = Show::open(&routes, 20);
        show.until("errors", |show| show.report(0).fault.is_some());
        show.for_frames(60);
        (show.frames, show.report(1), show.report(0).fault.unwrap(), show.report(2).fault.unwrap())
    });
    assert_eq!((good.packets, good.fault), (frames * 20, None));
    // The last packets may still be on their way.
    let start = Instant::now();
    while node.packets() < frames * 20 && start.elapsed() < PATIENCE {
        std::thread::sleep(FRAME);
    }
    assert_eq!(node.packets(), frames * 20);
    assert_eq!(bad.error().kind(), std::io::ErrorKind::HostUnreachable, "{}", bad.error());
    assert_eq!(other.error().kind(), std::io::ErrorKind::NetworkUnreachable);
    assert!(other.failing && other.count < frames, "it rests: {}", other.count);
}

#[test]
fn a_cable_that_is_pulled_and_put_back_is_a_gap_and_no_more() {
    let Some((player, stage)) = two_hosts() else { return };
    let node = node(&stage, [10, 0, 0, 2], &[0]);
    let mut show = player.run(|| Show::open(&[artnet("10.0.0.2"), sacn("multicast@eth0")], 5));
    show.until("the node", |_| node.packets() > 0);
    player.ip("link set eth0 down");
    show.until("an error", |show| show.report(0).fault.is_some_and(|fault| fault.failing));
    player.ip("link set eth0 up");
    let before = node.packets();
    show.until("the node again", |_| node.packets() > before + 50);
    show.until("calm", |show| !show.report(0).fault.unwrap().failing);
    player.ip("route replace 224.0.0.0/4 dev eth0");
    show.until("calm by multicast", |show| show.report(1).fault.is_none_or(|fault| !fault.failing));
}

#[test]
fn a_node_that_reboots_is_refused_for_a_while_and_then_served() {
    let Some((player, stage)) = two_hosts() else { return };
    let first = node(&stage, [10, 0, 0, 2], &[0]);
    let mut show = player.run(|| Show::open(&[artnet("10.0.0.2")], 1));
    show.until("the node", |_| first.packets() > 10);
    drop(first);
    let refused = |show: &Show| show.report(0).fault.filter(|fault| fault.failing);
    show.until("a refusal", |show| refused(show).is_some());
    let error = refused(&show).unwrap().error();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused, "{error}");
    let second = node(&stage, [10, 0, 0, 2], &[0]);
    show.until("the node again", |_| second.packets() > 50);
    show.until("calm", |show| refused(show).is_none());
}

#[test]
fn a_stalled_cable_loses_frames_of_its_own_and_recovers() {
    let Some((player, stage)) = two_hosts() else { return };
    let ear = player.run(|| {
        let ear = UdpSocket::bind("127.0.0.1:0").unwrap();
        ear.set_nonblocking(true).unwrap();
        ear
    });
    let node = node(&stage, [10, 0, 0, 2], &[0]);
    let here = ear.local_addr().unwrap().to_string();
    let mut show = player.run(move || Show::open(&[artnet("10.0.0.2"), artnet(&here)], 100));
    let mut heard = 0;
    let mut listen = || {
        let mut bytes = [0; 1024];
        while ear.recv(&mut bytes).is_ok() {
            heard += 1;
        }
        heard
    };
    show.until("the node", |_| {
        listen();
        node.packets() > 100
    });
    player.command("tc", "qdisc add dev eth0 root tbf rate 8kbit burst 2000 limit 100000000");
    show.until("a full buffer", |show| {
        listen();
        show.report(0).fault.is_some()
    });
    let fault = show.report(0).fault.unwrap();
    assert_eq!(fault.error().kind(), std::io::ErrorKind::WouldBlock, "{}", fault.error());
    assert_eq!(show.report(1).fault, None);
    assert_eq!(listen(), show.frames * 100, "what goes elsewhere is whole");
    player.command("tc", "qdisc del dev eth0 root");
    let before = node.packets();
    show.until("the node again", |_| node.packets() > before + 500);
    show.until("calm", |show| !show.report(0).fault.unwrap().failing);
}

#[test]
fn a_backup_stands_in_for_a_node_that_is_gone_and_leaves_when_it_is_back() {
    let Some((player, stage)) = two_hosts() else { return };
    stage.ip("addr add 10.0.0.3/24 dev eth0");
    let listen = |address: [u8; 4]| {
        stage.run(move || {
            let options = ReceiverOptions {
                artnet: None,
                sacn: Some((address, 5568).into()),
                ..ReceiverOptions::default()
            };
            Receiver::open(&options).unwrap()
        })
    };
    let (first, mut second) = (listen([10, 0, 0, 2]), listen([10, 0, 0, 3]));
    let route = Route { backup: Delivery::sacn("10.0.0.3").ok(), ..sacn("10.0.0.2") };
    let mut show = player.run(|| Show::open(&[route], 2));
    show.for_frames(20);
    let backup = |show: &Show| show.report(0).backup.unwrap();
    assert_eq!((backup(&show).active, backup(&show).takeovers), (false, 0));
    drop(first);
    show.until("the backup", |show| backup(show).active);
    show.for_frames(10);
    assert!(!show.report(0).fault.unwrap().failing, "the stage is lit");
    let _first = listen([10, 0, 0, 2]);
    show.until("the primary", |show| !backup(show).active);
    show.for_frames(5);
    let (mut levels, mut left) = (0, Vec::new());
    while left.len() < 2 {
        let hear = |event: Event<'_>| match event {
            Event::Levels { .. } => levels += 1,
            Event::Left { universe, parting, .. } => left.push((universe.get(), parting)),
            _ => {}
        };
        second.receive(Duration::from_millis(100), hear).unwrap();
    }
    assert!(levels >= 20, "{levels}");
    left.sort_unstable_by_key(|left| left.0);
    assert_eq!(left, [(1, Parting::Terminated), (2, Parting::Terminated)]);
    assert_eq!(backup(&show).takeovers, 1);
}

#[test]
fn a_node_that_answers_no_polls_any_more_is_stood_in_for() {
    let Some((player, stage)) = two_hosts() else { return };
    stage.ip("addr add 10.0.0.3/24 dev eth0");
    let on = |address: [u8; 4]| {
        stage.run(move || FakeNode::on((address, 6454).into(), address.into(), &[0]))
    };
    let (first, second) = (on([10, 0, 0, 2]), on([10, 0, 0, 3]));
    let route = Route { backup: Delivery::artnet("10.0.0.3").ok(), ..artnet("10.0.0.2") };
    let mut show = player.run(|| Show::open(&[route], 1));
    let backup = |show: &Show| show.report(0).backup.unwrap();
    show.until("the node", |_| first.packets() > 300);
    assert_eq!((backup(&show).active, second.packets()), (false, 0));
    first.mute(true);
    show.until("the backup", |show| backup(show).active && second.packets() > 10);
    assert_eq!(show.report(0).fault, None, "no packet was refused");
    first.mute(false);
    show.until("the primary", |show| !backup(show).active);
}

#[test]
fn nodes_are_found_served_missed_and_found_again() {
    let Some((player, stage)) = two_hosts() else { return };
    let first = node(&stage, [10, 0, 0, 2], &[0, 1, 2, 3, 5]);
    let mut show = player.run(|| Show::open(&[artnet("nodes@eth0")], 8));
    let found = |show: &Show| {
        let told = show.report(0).subscribers.unwrap();
        (told.nodes, told.unclaimed, told.first_unclaimed.map(Universe::get))
    };
    show.until("the node", |show| found(show) == (1, 3, Some(5)));
    show.until("its universes", |_| first.heard().len() == 5);
    assert_eq!(first.heard().keys().copied().collect::<Vec<_>>(), [0, 1, 2, 3, 5]);
    drop(first);
    show.until("silence", |show| found(show).0 == 0);
    assert_eq!(found(&show), (0, 8, Some(1)), "and none goes anywhere");
    let sent = show.report(0).packets;
    show.for_frames(5);
    assert_eq!(show.report(0).packets, sent);
    let second = node(&stage, [10, 0, 0, 2], &[7]);
    show.until("another setting", |show| found(show) == (1, 7, Some(1)));
    show.until("its universe", |_| second.heard().len() == 1);
    assert_eq!(second.heard().keys().copied().collect::<Vec<_>>(), [7]);
}

#[test]
fn nodes_are_found_on_networks_that_name_no_broadcast_address() {
    let Some((player, stage)) = two_hosts() else { return };
    player.ip("addr flush dev eth0");
    player.ip("addr add 10.0.0.1/24 dev eth0");
    let node = node(&stage, [10, 0, 0, 2], &[0]);
    let asked = player.run(|| gobo_output::broadcast_addresses().unwrap());
    assert_eq!(asked, [Ipv4Addr::new(10, 0, 0, 255)]);
    let mut show = player.run(|| Show::open(&[artnet("nodes@eth0")], 1));
    show.until("the node", |_| node.packets() > 0);
    drop(show);
    player.ip("addr flush dev eth0");
    player.ip("addr add 10.0.0.1/31 dev eth0");
    let refused = player.run(|| {
        let options = Options::new(Uuid::from_u128(9));
        let opened = Outputs::open(&[artnet("nodes@eth0")], &[Universe::FIRST], &options);
        opened.map(drop).unwrap_err().to_string()
    });
    assert!(refused.contains("`eth0` has no broadcast address"), "{refused}");
}

#[test]
fn multicast_goes_over_ipv6_by_the_interface_named() {
    let Some((player, stage)) = two_hosts() else { return };
    let mut receiver = stage.run(|| {
        let options = ReceiverOptions {
            multicast: "1-30".parse().unwrap(),
            interface: Some("eth0".to_owned()),
            ..ReceiverOptions::default()
        };
        Receiver::open(&options).unwrap()
    });
    let streams =
        SacnStreams { sync: Some(Universe::new(400).unwrap().into()), ..SacnStreams::PLAIN };
    let delivery = Delivery::sacn("multicast6@eth0").unwrap();
    let route = Route::new(UniverseSet::all(), Protocol::Sacn(streams), delivery);
    let mut show = player.run(|| Show::open(&[route], 30));
    let synced = |receiver: &Receiver| {
        let mut heard = receiver.arbiter().universes();
        let all = heard.by_ref().count() == 30;
        let mut sources = receiver.arbiter().universes().flat_map(|(_, heard)| heard.sources());
        all && sources.all(|source| source.is_synced() && source.address.is_ipv6())
    };
    let start = Instant::now();
    let mut discovered = Vec::new();
    while !synced(&receiver) || discovered.is_empty() {
        assert!(start.elapsed() < PATIENCE, "waited in vain");
        show.frame();
        let hear = |event: Event<'_>| {
            if let Event::Discovery { universes, .. } = event {
                discovered = universes.to_vec();
            }
        };
        receiver.receive(Duration::from_millis(1), hear).unwrap();
    }
    assert_eq!(discovered, (1..=30).collect::<Vec<_>>());
    show.outputs.finish(&vec![[0; 512]; 30]);
    let mut left = 0;
    while left < 30 {
        assert!(start.elapsed() < PATIENCE, "{left} of 30 streams ended");
        let hear = |event: Event<'_>| {
            if let Event::Left { parting: Parting::Terminated, .. } = event {
                left += 1;
            }
        };
        receiver.receive(Duration::from_millis(50), hear).unwrap();
    }
}
