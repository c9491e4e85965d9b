use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::io::Errno;

use super::*;
use crate::artnet::{ArtNet, parse_artnet};

/// Packets that came through, and the host that cannot be reached.
#[derive(Default)]
struct Wire {
    sent: Vec<(SocketAddr, Vec<u8>)>,
    dead: Option<Ipv4Addr>,
}

struct FakeLink(Arc<Mutex<Wire>>);

impl Link for FakeLink {
    fn send(&mut self, packets: &[&Packet]) -> Result<usize, Errno> {
        let mut wire = self.0.lock().unwrap();
        for (count, packet) in packets.iter().enumerate() {
            let to: SocketAddr = packet.to.clone().try_into().unwrap();
            if wire.dead.is_some_and(|dead| to.ip() == dead) {
                return if count > 0 { Ok(count) } else { Err(Errno::NETUNREACH) };
            }
            wire.sent.push((to, packet.bytes.to_vec()));
        }
        Ok(packets.len())
    }
}

struct Bench {
    writer: RollWriter,
    output: NodesOutput,
    wire: Arc<Mutex<Wire>>,
    now: Instant,
}

impl Bench {
    /// A route of universes 1 to `count`.
    fn new(count: u16, sync: bool, repeats: Repeats) -> Self {
        let universe = |n| Universe::new(n).unwrap();
        let carried: Vec<Carried> =
            (1..=count).map(|n| (usize::from(n) - 1, universe(n), universe(n))).collect();
        let (writer, newest) = roll(&carried, sync);
        let wire = Arc::<Mutex<Wire>>::default();
        let link = Box::new(FakeLink(wire.clone()));
        let output = NodesOutput::new("nodes".into(), link, &carried, newest, None, repeats, true);
        Self { writer, output, wire, now: Instant::now() }
    }

    /// Nodes by the last number of their address, and the port addresses that each subscribes to.
    fn write(&mut self, nodes: &[(u8, &[u16])]) -> bool {
        let port = |&port: &u16| PortAddress::new(port).unwrap();
        let nodes: BTreeMap<Ipv4Addr, BTreeSet<PortAddress>> = nodes
            .iter()
            .map(|(host, ports)| ([10, 0, 0, *host].into(), ports.iter().map(port).collect()))
            .collect();
        self.writer.write(&nodes.iter().map(|(host, ports)| (*host, ports)).collect(), 6454)
    }

    /// What a frame of equal levels sends: host, port address, sequence number and level; -1 as
    /// the port address is a sync packet.
    fn frame(&mut self, universes: usize, level: u8) -> Vec<(u8, i32, u8, u8)> {
        self.now += Duration::from_millis(20);
        self.output.send(self.now, &vec![[level; SLOTS]; universes]);
        self.output.sync(self.now);
        let sent = std::mem::take(&mut self.wire.lock().unwrap().sent);
        let read = |(to, bytes): (SocketAddr, Vec<u8>)| {
            let SocketAddr::V4(to) = to else { panic!("IPv4") };
            let host = to.ip().octets()[3];
            match parse_artnet(&bytes).unwrap() {
                ArtNet::Dmx { port, sequence, levels, .. } => {
                    (host, i32::from(port.get()), sequence, levels[511])
                }
                ArtNet::Sync => (host, -1, 0, 0),
                other => panic!("{other:?}"),
            }
        };
        sent.into_iter().map(read).collect()
    }

    fn subscribers(&self) -> (u32, u32, Option<u16>) {
        let told = self.output.report().subscribers.unwrap();
        (told.nodes, told.unclaimed, told.first_unclaimed.map(Universe::get))
    }
}

#[test]
fn each_universe_goes_to_those_that_subscribe_to_it() {
    let mut bench = Bench::new(3, true, Repeats::Always);
    assert_eq!((bench.frame(3, 5), bench.subscribers()), (vec![], (0, 3, Some(1))));
    assert!(!bench.write(&[(1, &[0, 1, 99]), (2, &[1]), (3, &[50])]));
    let first = [(1, 0, 2, 6), (1, 1, 2, 6), (2, 1, 2, 6), (1, -1, 0, 0), (2, -1, 0, 0)];
    assert_eq!(bench.frame(3, 6), first);
    assert_eq!(bench.subscribers(), (2, 1, Some(3)));
    assert!(bench.write(&[(1, &[0, 1]), (3, &[2])]), "now every universe has a node");
    let second = [(1, 0, 3, 7), (1, 1, 3, 7), (3, 2, 3, 7), (1, -1, 0, 0), (3, -1, 0, 0)];
    assert_eq!(bench.frame(3, 7), second, "the count goes on");
    assert_eq!(bench.subscribers(), (2, 0, None));
    let report = bench.output.report();
    assert_eq!((report.packets, report.bytes), (10, 6 * 530 + 4 * 14));
    assert!(!bench.write(&[]));
    assert_eq!(bench.frame(3, 7), []);
    assert_eq!(bench.output.report().packets, 10);
}

#[test]
fn a_new_node_gets_all_at_once_even_if_nothing_changes() {
    let mut bench = Bench::new(2, false, Repeats::AfterChange(0));
    bench.write(&[(1, &[0, 1])]);
    assert_eq!(bench.frame(2, 9).len(), 2);
    assert_eq!(bench.frame(2, 9), []);
    bench.write(&[(1, &[0, 1]), (2, &[1])]);
    assert_eq!(bench.frame(2, 9), [(1, 0, 2, 9), (1, 1, 2, 9), (2, 1, 2, 9)]);
    assert_eq!(bench.frame(2, 9), []);
    assert_eq!(bench.frame(2, 10).len(), 3);
}

#[test]
fn a_node_that_cannot_be_reached_costs_the_others_nothing() {
    let mut bench = Bench::new(8, false, Repeats::Always);
    let all: &[u16] = &[0, 1, 2, 3, 4, 5, 6, 7];
    bench.write(&[(1, all), (2, all), (3, all)]);
    bench.wire.lock().unwrap().dead = Some([10, 0, 0, 1].into());
    for n in 0..100 {
        let sent = bench.frame(8, n);
        assert_eq!(sent.len(), 16);
        assert!(sent.iter().all(|packet| packet.0 != 1 && packet.3 == n));
    }
    let fault = bench.output.report().fault.unwrap();
    assert!(fault.failing && fault.count < 100, "it rests: {}", fault.count);
    bench.wire.lock().unwrap().dead = None;
    let back = (0..).find(|_| bench.frame(8, 1).len() == 24).unwrap();
    assert!(back <= 50, "within a second: {back}");
}

#[test]
fn sequences_wrap_from_255_to_1() {
    let mut bench = Bench::new(1, false, Repeats::Always);
    bench.write(&[(1, &[0])]);
    for n in 0..600_usize {
        assert_eq!(usize::from(bench.frame(1, 0)[0].2), n % 255 + 1);
    }
}

#[test]
fn the_last_look_goes_out_whatever_came_before() {
    let mut bench = Bench::new(1, false, Repeats::AfterChange(0));
    bench.write(&[(1, &[0])]);
    bench.frame(1, 3);
    for _ in 0..3 {
        bench.output.last_look(bench.now, &[[3; SLOTS]]);
        bench.output.sync(bench.now);
    }
    assert_eq!(bench.wire.lock().unwrap().sent.len(), 3);
}
