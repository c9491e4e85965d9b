//! Outputs to a receiver over real sockets, on free ports of 127.0.0.1.

#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::time::{Duration, Instant};

use gobo_dmx::{
    Address, AddressPriority, Delivery, Priority, Protocol, Route, SacnStreams, Slots, Universe,
    UniverseSet,
};
use gobo_output::{
    Event, Options, Outputs, Parting, Receiver, ReceiverOptions, SourceId, Uuid, poll_nodes,
};

fn receiver() -> Receiver {
    Receiver::open(&ReceiverOptions {
        artnet: Some(([127, 0, 0, 1], 0).into()),
        sacn: Some(([127, 0, 0, 1], 0).into()),
        answer_polls: true,
        ..ReceiverOptions::default()
    })
    .unwrap()
}

const ARTNET: Protocol = Protocol::ArtNet { sync: false };
const SACN: Protocol = Protocol::Sacn(SacnStreams::PLAIN);

fn route(receiver: &Receiver, protocol: Protocol) -> Route {
    let address = match protocol {
        Protocol::ArtNet { .. } => receiver.artnet_address(),
        Protocol::Sacn(_) => receiver.sacn_address(),
        other => panic!("{other:?} is not heard"),
    };
    let port = address.unwrap().port();
    let delivery = Delivery::Unicast { host: "127.0.0.1".to_owned(), port };
    Route::new(UniverseSet::all(), protocol, delivery)
}

fn universe(number: u16) -> Universe {
    Universe::new(number).unwrap()
}

fn open(routes: &[Route], universes: &[u16], cid: u128) -> Outputs {
    let universes: Vec<_> = universes.iter().map(|&number| universe(number)).collect();
    Outputs::open(routes, &universes, &Options::new(Uuid::from_u128(cid))).unwrap()
}

/// Levels as heard: universe, sequence, first two slots.
type Heard = Vec<(u16, u8, [u8; 2])>;

fn hear(receiver: &mut Receiver, heard: &mut Heard, left: &mut Vec<(u16, Parting)>) {
    let quiet = Duration::from_millis(20);
    receiver
        .receive(quiet, |event| match event {
            Event::Levels { universe, levels, source } => {
                heard.push((universe.get(), source.sequence, [levels[0], levels[1]]));
            }
            Event::Left { universe, parting, .. } => left.push((universe.get(), parting)),
            Event::Refused { error, .. } => panic!("{error}"),
            _ => {}
        })
        .unwrap();
}

fn frame(universes: usize, level: u8) -> Vec<Slots> {
    (0..universes)
        .map(|n| std::array::from_fn(|slot| level.wrapping_add((n + slot) as u8)))
        .collect()
}

fn every_frame_arrives(protocol: Protocol) {
    let mut receiver = receiver();
    let mut outputs = open(&[route(&receiver, protocol)], &[1, 7, 300], 1);
    let (mut heard, mut left) = (Heard::new(), Vec::new());
    let start = Instant::now();
    for n in 0..300_u32 {
        outputs.send(start + Duration::from_millis(16) * n, &frame(3, n as u8));
        hear(&mut receiver, &mut heard, &mut left);
    }
    assert_eq!(heard.len(), 900);
    for (n, frame) in heard.chunks(3).enumerate() {
        let level = |offset: usize| (n + offset) as u8;
        let levels: Vec<_> =
            frame.iter().map(|&(universe, _, levels)| (universe, levels)).collect();
        let expected = [1, 7, 300].into_iter().enumerate();
        let expected: Vec<_> =
            expected.map(|(at, universe)| (universe, [level(at), level(at + 1)])).collect();
        assert_eq!(levels, expected, "frame {n}");
    }
    for (number, heard) in receiver.arbiter().universes() {
        let [source] = heard.sources() else { panic!("one source in {number}") };
        assert_eq!((source.packets, source.lost, source.late), (300, 0, 0));
    }
    assert_eq!(receiver.arbiter().refused().next(), None);
}

#[test]
fn every_art_net_frame_arrives_in_order() {
    every_frame_arrives(ARTNET);
}

#[test]
fn every_e131_frame_arrives_in_order() {
    every_frame_arrives(SACN);
}

#[test]
fn a_show_ends_with_its_last_look_and_three_terminated_packets() {
    let mut receiver = receiver();
    let routes = [route(&receiver, SACN), route(&receiver, ARTNET)];
    let mut outputs = open(&routes, &[5], 1);
    let (mut heard, mut left) = (Heard::new(), Vec::new());
    outputs.send(Instant::now(), &frame(1, 9));
    hear(&mut receiver, &mut heard, &mut left);
    heard.clear();
    outputs.finish(&[[0; 512]]);
    hear(&mut receiver, &mut heard, &mut left);
    assert_eq!(left, [(5, Parting::Terminated)]);
    // Both sources send universe 5; once both sent the last look, it is dark.
    assert_eq!(heard.len(), 6);
    assert_eq!(heard.last().unwrap().2, [0, 0]);
    let packets: Vec<u64> = outputs.reports().map(|(_, report)| report.packets).collect();
    assert_eq!(packets, [1 + 1 + 3 + 3, 1 + 3], "E1.31 with discovery and ends, Art-Net without");
}

#[test]
fn synchronised_levels_wait_for_the_sync_packet() {
    for protocol in [
        Protocol::ArtNet { sync: true },
        Protocol::Sacn(SacnStreams { sync: Some(universe(99).into()), ..SacnStreams::PLAIN }),
    ] {
        let mut receiver = receiver();
        let mut outputs = open(&[route(&receiver, protocol.clone())], &[1, 2], 1);
        let (mut heard, mut left) = (Heard::new(), Vec::new());
        let start = Instant::now();
        for n in 0..4_u32 {
            outputs.send(start + Duration::from_millis(16) * n, &frame(2, n as u8));
            hear(&mut receiver, &mut heard, &mut left);
        }
        let shown: Vec<_> =
            heard.iter().map(|&(universe, _, levels)| (universe, levels[0])).collect();
        let expected: Vec<_> = (0..4).flat_map(|n| [(1, n), (2, n + 1)]).collect();
        assert_eq!(shown, expected, "{protocol:?}");
    }
}

#[test]
fn the_highest_priority_wins_and_equals_merge() {
    let mut receiver = receiver();
    let with = |number| {
        let priority = Priority::new(number).unwrap();
        let streams = SacnStreams { priority: priority.into(), ..SacnStreams::PLAIN };
        [route(&receiver, Protocol::Sacn(streams))]
    };
    let (low, high, third) = (with(50), with(150), with(150));
    let mut sources = [open(&low, &[1], 1), open(&high, &[1], 2), open(&third, &[1], 3)];
    let (mut heard, mut left) = (Heard::new(), Vec::new());
    let now = Instant::now();
    for (outputs, levels) in sources.iter_mut().zip([[255, 255], [10, 80], [90, 20]]) {
        let mut slots = [0; 512];
        slots[..2].copy_from_slice(&levels);
        outputs.send(now, &[slots]);
        hear(&mut receiver, &mut heard, &mut left);
    }
    let levels: Vec<_> = heard.iter().map(|heard| heard.2).collect();
    assert_eq!(levels, [[255, 255], [10, 80], [90, 80]]);
    sources[1].finish_with(&[[0; 512]], Instant::now, |_| {});
    sources[2].finish_with(&[[0; 512]], Instant::now, |_| {});
    hear(&mut receiver, &mut heard, &mut left);
    let (_, universe) = receiver.arbiter().universes().next().unwrap();
    assert_eq!(universe.levels()[..2], [255, 255], "the lower one shows again");
}

#[test]
fn each_slot_goes_to_the_source_that_gives_it_the_higher_priority() {
    let mut receiver = receiver();
    let driven = |last, priority| {
        let address_priority = vec![AddressPriority {
            universe: universe(1),
            first: Address::FIRST,
            last: Address::new(last).unwrap(),
            priority: Priority::new(priority).unwrap(),
        }];
        let streams = SacnStreams { address_priority, ..SacnStreams::PLAIN };
        [route(&receiver, Protocol::Sacn(streams))]
    };
    let mut sources = [open(&driven(1, 150), &[1], 1), open(&driven(2, 120), &[1], 2)];
    let (mut heard, mut left) = (Heard::new(), Vec::new());
    for (outputs, level) in sources.iter_mut().zip([10, 80]) {
        outputs.send(Instant::now(), &[[level; 512]]);
        hear(&mut receiver, &mut heard, &mut left);
    }
    let (_, shown) = receiver.arbiter().universes().next().unwrap();
    assert_eq!(shown.levels()[..3], [10, 80, 0], "the third is driven by none");
    assert!(shown.sources().iter().all(|source| source.slot_priorities().is_some()));
    assert_eq!(shown.sources().iter().map(|source| source.lost).sum::<u64>(), 0);
}

#[test]
fn offsets_and_ranges_choose_the_universe_on_the_wire() {
    let mut receiver = receiver();
    let mut shifted = route(&receiver, ARTNET);
    shifted.universes = "2-3".parse().unwrap();
    shifted.offset = 100;
    let mut outputs = open(&[shifted], &[1, 2, 3, 4], 1);
    let (mut heard, mut left) = (Heard::new(), Vec::new());
    outputs.send(Instant::now(), &frame(4, 0));
    hear(&mut receiver, &mut heard, &mut left);
    assert_eq!(heard, [(102, 1, [1, 2]), (103, 1, [2, 3])]);
}

#[test]
fn a_monitor_answers_polls_with_the_universes_it_hears() {
    let mut receiver = receiver();
    let mut outputs = open(&[route(&receiver, ARTNET)], &[1, 2, 3, 4, 5, 17], 1);
    let (mut heard, mut left) = (Heard::new(), Vec::new());
    outputs.send(Instant::now(), &frame(6, 0));
    hear(&mut receiver, &mut heard, &mut left);
    let Some(std::net::SocketAddr::V4(to)) = receiver.artnet_address() else { panic!("IPv4") };
    let from = std::net::SocketAddrV4::new([127, 0, 0, 1].into(), 0);
    let asking = std::thread::spawn(move || poll_nodes(from, to, Duration::from_millis(300)));
    let mut polls = 0;
    while polls == 0 {
        let count = |event: Event<'_>| polls += u32::from(matches!(event, Event::Polled { .. }));
        receiver.receive(Duration::from_millis(50), count).unwrap();
    }
    let nodes = asking.join().unwrap().unwrap();
    let ports: Vec<Vec<u16>> =
        nodes.iter().map(|node| node.outputs.iter().map(|port| port.get()).collect()).collect();
    assert_eq!(ports, [vec![0, 1, 2, 3], vec![4], vec![16]]);
    assert!(nodes.iter().all(|node| node.short_name == "gobo monitor"));
    assert!(nodes.iter().all(|node| node.address.is_loopback()));
}

#[test]
fn a_monitor_that_wants_universes_gets_them_by_polling() {
    let host = std::net::Ipv4Addr::new(127, 0, 0, 11);
    let mut receiver = Receiver::open(&ReceiverOptions {
        artnet: Some((host, 0).into()),
        sacn: None,
        answer_polls: true,
        subscriptions: "2-3".parse().unwrap(),
        ..ReceiverOptions::default()
    })
    .unwrap();
    let port = receiver.artnet_address().unwrap().port();
    let nodes = Delivery::Nodes { on: Some(host.to_string()), port };
    let sent = Route::new(UniverseSet::all(), ARTNET, nodes);
    let opening = std::thread::spawn(move || open(&[sent], &[1, 2, 3, 4], 1));
    let (mut heard, mut left) = (Heard::new(), Vec::new());
    while !opening.is_finished() {
        hear(&mut receiver, &mut heard, &mut left);
    }
    let mut outputs = opening.join().unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    while heard.len() < 2 && Instant::now() < until {
        outputs.send(Instant::now(), &frame(4, 5));
        hear(&mut receiver, &mut heard, &mut left);
    }
    let universes: Vec<u16> = heard.iter().map(|heard| heard.0).collect();
    assert_eq!(universes[..2], [2, 3]);
    let told = outputs.reports().next().unwrap().1.subscribers.unwrap();
    assert_eq!((told.nodes, told.unclaimed), (1, 2));
}

#[test]
fn a_source_is_named_and_timed_out() {
    let mut receiver = receiver();
    let mut outputs = open(&[route(&receiver, SACN)], &[1], 77);
    outputs.send(Instant::now(), &frame(1, 1));
    let mut joined = Vec::new();
    let mut discovered = Vec::new();
    receiver
        .receive(Duration::from_millis(200), |event| match event {
            Event::Joined { universe, source } => joined.push((universe.get(), source.id)),
            Event::Discovery { name, universes, .. } => {
                discovered.push((name.to_owned(), universes.to_vec()));
            }
            _ => {}
        })
        .unwrap();
    assert_eq!(joined, [(1, SourceId::Sacn(Uuid::from_u128(77)))]);
    assert_eq!(discovered, [("gobo".to_owned(), vec![1])]);
    let (mut heard, mut left) = (Heard::new(), Vec::new());
    let until = Instant::now() + Duration::from_secs(5);
    while left.is_empty() && Instant::now() < until {
        hear(&mut receiver, &mut heard, &mut left);
    }
    assert_eq!(left, [(1, Parting::TimedOut)]);
}

/// Two lists under one CID would have receivers think that the universes come and go.
#[test]
fn every_destination_is_told_of_all_universes() {
    let mut receivers = [receiver(), receiver()];
    let part = |receiver: &Receiver, universes: &str| {
        let universes = universes.parse().unwrap();
        Route { universes, ..route(receiver, SACN) }
    };
    let multicast = Delivery::sacn("multicast@127.0.0.1").unwrap();
    let routes = [
        part(&receivers[0], "61101"),
        Route::new("61102".parse().unwrap(), SACN, multicast),
        part(&receivers[1], "61103"),
        // The same place is told once.
        Route { offset: 10, ..part(&receivers[1], "61103") },
    ];
    let mut outputs = open(&routes, &[61_101, 61_102, 61_103], 79);
    outputs.send(Instant::now(), &frame(3, 1));
    for receiver in &mut receivers {
        let mut told = Vec::new();
        let hear = |event: Event<'_>| {
            if let Event::Discovery { universes, .. } = event {
                told.push(universes.to_vec());
            }
        };
        receiver.receive(Duration::from_secs(20), hear).unwrap();
        assert_eq!(told, [[61_101, 61_102, 61_103, 61_113]]);
    }
}

/// The loopback interface's multicast, on universes that nothing else uses.
#[test]
fn multicast_reaches_the_groups_joined_and_no_others() {
    let options = ReceiverOptions {
        artnet: None,
        sacn: Some(([0, 0, 0, 0], gobo_dmx::SACN_PORT).into()),
        multicast: "61001-61050".parse().unwrap(),
        interface: Some("127.0.0.1".to_owned()),
        ..ReceiverOptions::default()
    };
    let mut receiver = Receiver::open(&options).unwrap();
    let delivery = Delivery::sacn("multicast@127.0.0.1").unwrap();
    let sent = Route::new(UniverseSet::all(), SACN, delivery);
    let mut outputs = open(&[sent], &(60_990..61_060).collect::<Vec<_>>(), 0xabc);
    let (mut universes, mut discovered) = (Vec::new(), Vec::new());
    outputs.send(Instant::now(), &frame(70, 1));
    let until = Instant::now() + Duration::from_secs(2);
    while (universes.len() < 50 || discovered.is_empty()) && Instant::now() < until {
        receiver
            .receive(Duration::from_millis(50), |event| match event {
                Event::Levels { universe, source, .. }
                    if source.id == SourceId::Sacn(Uuid::from_u128(0xabc)) =>
                {
                    universes.push(universe.get());
                }
                Event::Discovery { cid, universes, .. } if cid == Uuid::from_u128(0xabc) => {
                    discovered = universes.to_vec();
                }
                _ => {}
            })
            .unwrap();
    }
    universes.sort_unstable();
    assert_eq!(universes, (61_001..=61_050).collect::<Vec<_>>());
    assert_eq!(discovered, (60_990..61_060).collect::<Vec<_>>());
    let sources = receiver.arbiter().universes().flat_map(|(_, heard)| heard.sources());
    assert_eq!(sources.map(|source| source.late).sum::<u64>(), 0, "each packet is heard once");
}

#[test]
fn the_group_of_the_sync_universe_is_joined_when_data_names_it() {
    let options = ReceiverOptions {
        artnet: None,
        sacn: Some(([0, 0, 0, 0], gobo_dmx::SACN_PORT).into()),
        multicast: "61101".parse().unwrap(),
        interface: Some("127.0.0.1".to_owned()),
        ..ReceiverOptions::default()
    };
    let mut receiver = Receiver::open(&options).unwrap();
    let delivery = Delivery::sacn("multicast@127.0.0.1").unwrap();
    let streams = SacnStreams { sync: Some(universe(61_199).into()), ..SacnStreams::PLAIN };
    let sent = Route::new(UniverseSet::all(), Protocol::Sacn(streams), delivery);
    let universes = [universe(61_101)];
    let options = Options::new(Uuid::from_u128(0xdef));
    let mut outputs = Outputs::open(&[sent], &universes, &options).unwrap();
    let (mut heard, mut left) = (Heard::new(), Vec::new());
    for level in 1..=3 {
        outputs.send(Instant::now(), &frame(1, level));
        hear(&mut receiver, &mut heard, &mut left);
    }
    assert_eq!(heard.iter().map(|heard| heard.2[0]).collect::<Vec<_>>(), [1, 2, 3]);
    // Levels that wait are replaced by newer ones, unless sync packets come between.
    for level in [7, 8, 9] {
        outputs.send(Instant::now(), &frame(1, level));
    }
    let mut last = Vec::new();
    let shown = |event: Event<'_>| {
        if let Event::Levels { source, .. } = event {
            last.push(source.sequence);
        }
    };
    receiver.receive(Duration::from_millis(50), shown).unwrap();
    assert_eq!(last, [4, 5, 6]);
    let (_, heard) = receiver.arbiter().universes().next().unwrap();
    assert!(heard.sources().iter().all(gobo_output::HeardSource::is_synced));
}

#[test]
fn unicast_goes_over_ipv6_as_well() {
    let listening = ReceiverOptions {
        artnet: None,
        sacn: Some((std::net::Ipv6Addr::LOCALHOST, 0).into()),
        ..ReceiverOptions::default()
    };
    let Ok(mut receiver) = Receiver::open(&listening) else {
        eprintln!("SKIPPED: no IPv6 here");
        return;
    };
    let mut v6 = route(&receiver, SACN);
    let Delivery::Unicast { host, .. } = &mut v6.delivery else { panic!("unicast") };
    *host = "::1".to_owned();
    let mut outputs = open(&[v6], &[3], 1);
    outputs.send(Instant::now(), &frame(1, 4));
    let (mut heard, mut left) = (Heard::new(), Vec::new());
    hear(&mut receiver, &mut heard, &mut left);
    assert_eq!(heard, [(3, 1, [4, 5])]);
}

/// What we send ourselves is not heard, by whatever it is known; what others send is.
#[test]
fn our_own_packets_are_not_heard() {
    let (own, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    for (protocol, by_port) in [(ARTNET, true), (SACN, true), (SACN, false)] {
        let mut probe = receiver();
        let universes = [universe(1)];
        let open = |receiver: &Receiver, cid| {
            Outputs::open(&[route(receiver, protocol.clone())], &universes, &Options::new(cid))
                .unwrap()
        };
        let (artnet, sacn) = (probe.artnet_address(), probe.sacn_address());
        let mut ours = open(&probe, own);
        let mut others = open(&probe, other);
        drop(probe);
        let cid = (!by_port).then_some(own);
        let ports = if by_port { ours.ports() } else { Vec::new() };
        probe = Receiver::open(&ReceiverOptions {
            artnet,
            sacn,
            ours: gobo_output::Ours { cid, ports },
            ..ReceiverOptions::default()
        })
        .unwrap();
        ours.send(Instant::now(), &[[9; 512]]);
        others.send(Instant::now(), &[[7; 512]]);
        let mut heard = Vec::new();
        let deadline = Instant::now() + Duration::from_secs(10);
        while heard.is_empty() && Instant::now() < deadline {
            let note = |event: Event<'_>| {
                if let Event::Levels { levels, .. } = event {
                    heard.push(levels[0]);
                }
            };
            probe.receive(Duration::from_millis(50), note).unwrap();
        }
        assert_eq!(heard, [7], "{protocol:?}, by port: {by_port}");
    }
}
