use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use gobo_dmx::{Delivery, Protocol, Route, SacnStreams, Universe, UniverseSet};
use rustix::io::Errno;
use uuid::Uuid;

use super::*;
use crate::pacing::Spread;
use crate::sacn::{Sacn, parse_sacn};
use crate::{Options, open};

/// Packets that came through, with their addresses, and what to refuse.
#[derive(Default)]
struct Wire {
    sent: Vec<(SocketAddr, Vec<u8>)>,
    attempts: usize,
    refuse: Option<(Option<Universe>, Errno)>,
}

/// A link that remembers, and refuses what its wire says.
struct FakeLink(Arc<Mutex<Wire>>);

impl Link for FakeLink {
    fn send(&mut self, packets: &[&Packet]) -> Result<usize, Errno> {
        let mut wire = self.0.lock().unwrap();
        for (count, packet) in packets.iter().enumerate() {
            match wire.refuse {
                Some((universe, error)) if universe.is_none() || universe == packet.universe => {
                    if count > 0 {
                        return Ok(count);
                    }
                    wire.attempts += 1;
                    return Err(error);
                }
                _ => {}
            }
            let to = packet.to.clone().try_into().unwrap();
            wire.sent.push((to, packet.bytes.to_vec()));
        }
        Ok(packets.len())
    }
}

struct Bench {
    sender: Sender,
    wire: Arc<Mutex<Wire>>,
    now: Instant,
}

const FRAME: Duration = Duration::from_millis(20);

impl Bench {
    fn new(protocol: Protocol, delivery: Delivery, universes: u16, on_change_only: bool) -> Self {
        let universes: Vec<_> = (1..=universes).map(|n| Universe::new(n).unwrap()).collect();
        let route = Route::new(UniverseSet::all(), protocol, delivery);
        let mut options = Options::new(Uuid::from_u128(5));
        (options.dry_run, options.on_change_only) = (true, on_change_only);
        let mut sender = open::only_sender(&route, &universes, &options).unwrap();
        let wire = Arc::<Mutex<Wire>>::default();
        sender.link = Box::new(FakeLink(wire.clone()));
        Self { sender, wire, now: Instant::now() }
    }

    fn sacn(universes: u16) -> Self {
        Self::new(SACN_PLAIN, Delivery::multicast(None), universes, false)
    }

    fn artnet(universes: u16) -> Self {
        let unicast = Delivery::Unicast { host: "10.0.0.9".to_owned(), port: 6454 };
        Self::new(Protocol::ArtNet { sync: false }, unicast, universes, false)
    }

    /// Sends a frame and returns what came through, 20 ms after the last.
    fn frame(&mut self, frame: &[Slots]) -> Vec<(SocketAddr, Vec<u8>)> {
        self.now += FRAME;
        self.sender.send(self.now, frame);
        self.sender.sync(self.now);
        std::mem::take(&mut self.wire.lock().unwrap().sent)
    }

    fn refuse(&self, refuse: Option<(Option<Universe>, Errno)>) {
        self.wire.lock().unwrap().refuse = refuse;
    }

    fn attempts(&self) -> usize {
        std::mem::take(&mut self.wire.lock().unwrap().attempts)
    }
}

const SACN_PLAIN: Protocol = Protocol::Sacn(SacnStreams::PLAIN);

/// The data packets among `sent`, without those of discovery.
fn data(sent: &[(SocketAddr, Vec<u8>)]) -> Vec<(SocketAddr, Box<crate::SacnData>)> {
    let parsed = sent.iter().map(|(to, bytes)| (*to, parse_sacn(bytes).unwrap()));
    parsed
        .filter_map(|(to, packet)| match packet {
            Sacn::Data(data) => Some((to, data)),
            _ => None,
        })
        .collect()
}

#[test]
fn sequences_rise_and_wrap() {
    let mut artnet = Bench::artnet(1);
    let mut sacn = Bench::sacn(1);
    for n in 0..600_usize {
        let sent = artnet.frame(&[[0; 512]]);
        assert_eq!(usize::from(sent[0].1[12]), n % 255 + 1, "1 to 255");
        let sent = data(&sacn.frame(&[[0; 512]]));
        assert_eq!(usize::from(sent[0].1.sequence), (n + 1) % 256, "0 to 255");
    }
}

#[test]
fn each_universe_has_a_group_and_discovery_another() {
    let mut bench = Bench::sacn(300);
    let frame = vec![[0; 512]; 300];
    let sent = bench.frame(&frame);
    assert_eq!(sent.len(), 301);
    assert_eq!(sent[0].0, "239.255.250.214:5568".parse().unwrap());
    let Sacn::Discovery { page, last_page, universes, .. } = parse_sacn(&sent[0].1).unwrap() else {
        panic!("discovery comes first")
    };
    assert_eq!((page, last_page, universes), (0, 0, (1..=300).collect()));
    assert_eq!(sent[1].0, "239.255.0.1:5568".parse().unwrap());
    assert_eq!(sent[300].0, "239.255.1.44:5568".parse().unwrap());
    let later: usize = (0..500).map(|_| bench.frame(&frame).len()).sum();
    assert_eq!(later, 500 * 300 + 1, "every ten seconds");
}

#[test]
fn what_does_not_change_is_kept_alive() {
    let multicast = Delivery::multicast(None);
    let mut bench = Bench::new(SACN_PLAIN, multicast, 2, true);
    let mut frame = [[0; 512]; 2];
    let mut sent = Vec::new();
    for n in 0..100 {
        frame[1][0] = u8::from(n >= 50);
        for (_, data) in data(&bench.frame(&frame)) {
            sent.push((n, data.universe.get(), data.sequence, data.levels[0]));
        }
    }
    let of = |universe| {
        sent.iter().filter(move |sent| sent.1 == universe).map(|sent| (sent.0, sent.2, sent.3))
    };
    let still: Vec<_> = of(1).collect();
    assert_eq!(still, [(0, 1, 0), (1, 2, 0), (2, 3, 0), (3, 4, 0), (48, 5, 0), (93, 6, 0)]);
    let changed: Vec<_> = of(2).skip(5).collect();
    assert_eq!(changed, [(50, 6, 1), (51, 7, 1), (52, 8, 1), (53, 9, 1), (98, 10, 1)]);
}

#[test]
fn an_error_in_the_middle_costs_one_packet() {
    let mut bench = Bench::sacn(200);
    let frame = vec![[0; 512]; 200];
    let universe = Universe::new(100).ok();
    bench.refuse(Some((universe, Errno::PERM)));
    for count in 1..=3 {
        assert_eq!(data(&bench.frame(&frame)).len(), 199);
        let fault = bench.sender.report().fault.unwrap();
        assert_eq!((fault.universe, fault.count, fault.failing), (universe, count, true));
        assert_eq!(fault.error().kind(), std::io::ErrorKind::PermissionDenied);
    }
    bench.refuse(None);
    let mut failing = (0..60).map(|_| {
        assert_eq!(data(&bench.frame(&frame)).len(), 200);
        let fault = bench.sender.report().fault.unwrap();
        assert_eq!(fault.count, 3);
        fault.failing
    });
    assert_eq!(failing.by_ref().take_while(|failing| *failing).count(), 24, "half a second");
    assert!(failing.all(|failing| !failing));
}

#[test]
fn a_frame_that_is_spread_goes_out_bit_by_bit_and_is_synced_last() {
    let sync = Universe::new(500).ok();
    let streams = SacnStreams { sync: sync.map(Into::into), ..SacnStreams::PLAIN };
    let mut bench = Bench::new(Protocol::Sacn(streams), Delivery::multicast(None), 200, false);
    bench.sender.spread = Some(Spread::new(Duration::from_millis(1), Duration::from_millis(8)));
    let mut outputs = crate::Outputs::default();
    let (wire, start) = (bench.wire.clone(), bench.now);
    outputs.push(Box::new(bench.sender));
    let taken = || std::mem::take(&mut wire.lock().unwrap().sent);
    outputs.send(start, &vec![[1; 512]; 200]);
    assert_eq!(taken().len(), 1, "discovery");
    let mut sent = Vec::new();
    while let Some(due) = outputs.due() {
        outputs.turn(due);
        let packets = taken();
        assert!(packets.len() <= 8, "{} at once", packets.len());
        sent.extend(packets.into_iter().map(|packet| (due - start, packet)));
    }
    let (last, universes): (Vec<_>, Vec<_>) = sent
        .iter()
        .rev()
        .map(|(at, (_, bytes))| {
            (
                *at,
                match parse_sacn(bytes).unwrap() {
                    Sacn::Data(data) => data.universe.get(),
                    _ => 0,
                },
            )
        })
        .unzip();
    assert_eq!((last[0], last[200]), (Duration::from_micros(8750), Duration::from_millis(1)));
    assert_eq!(universes, (0..1).chain((1..=200).rev()).collect::<Vec<_>>(), "sync comes last");

    // A frame that comes before the last has gone takes its place.
    outputs.send(start + FRAME, &vec![[2; 512]; 200]);
    outputs.turn(start + FRAME + Duration::from_millis(4));
    outputs.send(start + 2 * FRAME, &vec![[3; 512]; 200]);
    let before = data(&taken()).len();
    assert_eq!(before, 82);
    outputs.turn(start + 3 * FRAME);
    assert_eq!(data(&taken()).iter().filter(|(_, data)| data.levels[0] == 3).count(), 200);
}

#[test]
fn a_dead_target_rests_and_comes_back_within_a_second() {
    let mut bench = Bench::artnet(100);
    let frame = vec![[0; 512]; 100];
    bench.refuse(Some((None, Errno::NETUNREACH)));
    let mut tried = Vec::new();
    for n in 0..250 {
        assert_eq!(bench.frame(&frame).len(), 0);
        if bench.attempts() > 0 {
            tried.push(n);
        }
    }
    // Frames of 20 ms; rests of 50, 100, 200, 400, 800 and then 1,000 ms.
    assert_eq!(tried, [0, 3, 8, 18, 38, 78, 128, 178, 228]);
    assert!(bench.sender.report().fault.unwrap().failing);
    bench.refuse(None);
    let silent = (0..).find(|_| !bench.frame(&frame).is_empty()).unwrap();
    assert!(silent < 50, "{silent} frames");
    assert_eq!(bench.frame(&frame).len(), 100);
    let report = bench.sender.report();
    assert_eq!((report.packets, report.bytes), (200, 200 * 530));
    assert!(!report.fault.unwrap().failing);
}

#[test]
fn a_full_buffer_loses_the_rest_of_the_frame_and_no_more() {
    let mut bench = Bench::artnet(100);
    let frame = vec![[0; 512]; 100];
    bench.refuse(Some((Universe::new(41).ok(), Errno::NOBUFS)));
    for frames in 1..=4 {
        assert_eq!(bench.frame(&frame).len(), 40);
        assert_eq!(bench.attempts(), 1);
        assert_eq!(bench.sender.report().fault.unwrap().count, frames * 60);
    }
}

#[test]
fn streams_end_at_their_own_priority_wherever_they_went() {
    let priority = gobo_dmx::Priority::new(42).unwrap();
    let streams = SacnStreams { priority: priority.into(), ..SacnStreams::PLAIN };
    let unicast = Delivery::Unicast { host: "10.0.0.9".to_owned(), port: 5568 };
    let mut bench = Bench::new(Protocol::Sacn(streams), unicast, 3, false);
    bench.frame(&[[1; 512], [2; 512]]);
    for sequence in [2, 3, 4] {
        bench.sender.end(bench.now);
        let sent = std::mem::take(&mut bench.wire.lock().unwrap().sent);
        let ends: Vec<_> = data(&sent)
            .iter()
            .map(|(to, data)| {
                (
                    to.ip().to_string(),
                    data.universe.get(),
                    data.priority,
                    data.terminated,
                    data.sequence,
                )
            })
            .collect();
        let end = |universe| ("10.0.0.9".to_owned(), universe, priority, true, sequence);
        assert_eq!(ends, [end(1), end(2)], "universe 3 never had data");
    }
    let again = data(&bench.frame(&[[1; 512]]));
    assert!(!again[0].1.terminated, "a stream can begin anew");
}

#[test]
fn sync_follows_the_data_and_only_data() {
    let sync = Universe::new(9).ok();
    let streams = SacnStreams { sync: sync.map(Into::into), ..SacnStreams::PLAIN };
    let protocol = Protocol::Sacn(streams);
    let mut bench = Bench::new(protocol, Delivery::multicast(None), 2, true);
    let syncs: Vec<_> = (0..60)
        .map(|_| {
            let sent = bench.frame(&[[0; 512]; 2]);
            assert!(data(&sent).iter().all(|(_, data)| data.sync == sync && data.force_sync));
            let count = data(&sent).len();
            let last = sent.last().map(|(to, bytes)| (*to, parse_sacn(bytes).unwrap()));
            match last {
                Some((to, Sacn::Sync { sequence, universe, .. })) => {
                    assert_eq!((to, Some(universe)), ("239.255.0.9:5568".parse().unwrap(), sync));
                    (count, Some(sequence))
                }
                _ => (count, None),
            }
        })
        .collect();
    assert_eq!(syncs[..5], [(2, Some(1)), (2, Some(2)), (2, Some(3)), (2, Some(4)), (0, None)]);
    assert_eq!(syncs[48], (2, Some(5)));
}

#[test]
fn priorities_of_slots_come_first_and_are_kept_alive_in_the_same_count() {
    let address_priority = vec![gobo_dmx::AddressPriority {
        universe: Universe::FIRST,
        first: gobo_dmx::Address::new(2).unwrap(),
        last: gobo_dmx::Address::new(3).unwrap(),
        priority: gobo_dmx::Priority::new(120).unwrap(),
    }];
    let streams = SacnStreams { address_priority, ..SacnStreams::PLAIN };
    let mut bench = Bench::new(Protocol::Sacn(streams), Delivery::multicast(None), 2, false);
    let mut told = Vec::new();
    let mut count = 0_u8;
    for n in 0..100 {
        let sent = data(&bench.frame(&[[7; 512]; 2]));
        let of_first: Vec<_> = sent.iter().filter(|(_, data)| data.universe.get() == 1).collect();
        for (to, data) in &of_first {
            count = count.wrapping_add(1);
            assert_eq!((data.sequence, to.to_string()), (count, "239.255.0.1:5568".to_owned()));
        }
        assert_eq!(of_first.last().unwrap().1.start_code, 0, "levels come last");
        if let [(_, priorities), _] = &of_first[..] {
            assert_eq!(priorities.start_code, 0xdd);
            assert_eq!(priorities.levels[..4], [0, 120, 120, 0]);
            told.push(n);
        }
        assert_eq!(
            sent.len(),
            2 * of_first.len(),
            "universe 2 has none that is driven, and says so"
        );
    }
    assert_eq!(told, [0, 45, 90]);
}

#[test]
fn each_universe_has_its_priority_and_force_sync_is_chosen() {
    let priority =
        gobo_dmx::Priorities::of([("2".parse().unwrap(), gobo_dmx::Priority::new(33).unwrap())]);
    let sync = gobo_dmx::SacnSync { universe: Universe::new(9).unwrap(), force: false };
    let streams =
        SacnStreams { priority: priority.unwrap(), sync: Some(sync), ..SacnStreams::PLAIN };
    let mut bench = Bench::new(Protocol::Sacn(streams), Delivery::multicast(None), 3, false);
    let frame = [[7; 512]; 3];
    let sent = data(&bench.frame(&frame));
    let priorities: Vec<u8> = sent.iter().map(|(_, data)| data.priority.get()).collect();
    assert_eq!(priorities, [100, 33, 100]);
    assert!(sent.iter().all(|(_, data)| data.sync == Some(sync.universe) && !data.force_sync));
    bench.sender.end(bench.now);
    let ends = data(&std::mem::take(&mut bench.wire.lock().unwrap().sent));
    let ends: Vec<_> =
        ends.iter().map(|(_, data)| (data.priority.get(), data.terminated)).collect();
    assert_eq!(ends, [(100, true), (33, true), (100, true)]);
}
