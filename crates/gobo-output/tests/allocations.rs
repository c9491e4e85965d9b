//! The real-time thread allocates nothing: not while all is well, not while
//! targets fail, and not when it reads the reports.

mod support;

use std::net::{Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant};

use gobo_dmx::{
    Address, AddressPriority, DEFAULT_PRIORITY, Delivery, OlaApi, Pixels, Protocol, Route,
    SacnStreams, Slots, Universe, UniverseSet,
};
use gobo_output::{Capture, FrameLog, Logged, Options, Outputs, Place, Uuid, record};

fn routes(port: u16) -> Vec<Route> {
    let host = || "127.0.0.1".to_owned();
    let route = |protocol, delivery| Route {
        max_rate: Some("44".parse().unwrap()),
        ..Route::new(UniverseSet::all(), protocol, delivery)
    };
    let streams = SacnStreams {
        address_priority: vec![AddressPriority {
            universe: Universe::FIRST,
            first: Address::FIRST,
            last: Address::new(9).unwrap(),
            priority: gobo_dmx::DEFAULT_PRIORITY,
        }],
        sync: Universe::new(500).ok().map(Into::into),
        ..SacnStreams::PLAIN
    };
    let nodes = Delivery::Nodes { on: Some("127.0.0.9".to_owned()), port };
    let backup = Delivery::artnet("127.0.0.8:9");
    vec![
        route(Protocol::ArtNet { sync: true }, nodes),
        Route {
            backup: backup.ok(),
            // Nobody listens there.
            ..route(Protocol::ArtNet { sync: false }, Delivery::artnet("127.0.0.7:9").unwrap())
        },
        route(Protocol::ArtNet { sync: true }, Delivery::Unicast { host: host(), port }),
        route(Protocol::Sacn(streams), Delivery::Unicast { host: host(), port }),
        // A socket bound to 127.0.0.1 cannot send there: EINVAL or ENETUNREACH.
        route(
            Protocol::ArtNet { sync: false },
            Delivery::Broadcast { address: Ipv4Addr::new(10, 255, 255, 255), port },
        ),
    ]
}

#[test]
fn sending_allocates_nothing() {
    let sink = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = sink.local_addr().unwrap().port();
    let host = Ipv4Addr::new(127, 0, 0, 9);
    let node = support::node::FakeNode::on((host, port).into(), host, &[0, 1, 2, 30]);
    let universes: Vec<Universe> = (1..=150).map(|n| Universe::new(n).unwrap()).collect();
    let mut options = Options::new(Uuid::from_u128(1));
    options.source = Some(Ipv4Addr::LOCALHOST.into());
    for on_change_only in [false, true] {
        options.on_change_only = on_change_only;
        let routes = routes(port);
        let mut outputs = Outputs::open(&routes, &universes, &options).unwrap();
        let mut frame: Vec<Slots> = vec![[0; 512]; universes.len()];
        let watched = outputs.watch();
        let start = Instant::now();
        let mut faults = 0;
        let counted = allocation_counter::measure(|| {
            for n in 0..200_u32 {
                frame[n as usize % 150][7] = n as u8;
                outputs.send(start + Duration::from_millis(16) * n, &frame);
                faults = outputs.reports().filter(|(_, report)| report.fault.is_some()).count();
            }
            outputs.finish_with(&frame, || start + Duration::from_secs(4), |_| {});
        });
        assert_eq!(counted.count_total, 0);
        let told: Vec<_> =
            outputs.reports().map(|(name, report)| (name.to_owned(), report)).collect();
        assert_eq!(watched.read(), told);
        let packets: u64 = outputs.reports().map(|(_, report)| report.packets).sum();
        assert!(packets > 600, "{packets} packets sent");
        assert_eq!(faults, 2, "the targets out of reach were to fail");
        let takeovers = outputs.reports().filter_map(|(_, report)| report.backup).next();
        assert!(takeovers.is_some_and(|backup| backup.active), "{takeovers:?}");
    }
    assert!(node.packets() > 0);
}

/// A log that wants nothing.
struct Nothing;

impl FrameLog for Nothing {
    fn put(&mut self, _: &Logged<'_>) -> std::io::Result<()> {
        Ok(())
    }
}

/// What has threads of its own may allocate there; whoever hands frames over does not.
#[test]
fn handing_over_allocates_nothing() {
    let sink = UdpSocket::bind("127.0.0.1:0").unwrap();
    let host = |port| Delivery::Unicast { host: "127.0.0.1".to_owned(), port };
    let ola = |via| Protocol::Ola { via, priority: DEFAULT_PRIORITY };
    let all = UniverseSet::all;
    let widget = Delivery::Device { path: "/nonexistent/ttyUSB0".to_owned() };
    let port = sink.local_addr().unwrap().port();
    let routes = [
        Route::new(all(), Protocol::Ddp { pixels: Pixels::Rgb }, host(port)),
        // Nobody listens there.
        Route::new(all(), ola(OlaApi::Rpc), host(port)),
        Route::new(all(), ola(OlaApi::Http), host(1)),
        Route::new("1-2".parse().unwrap(), Protocol::UsbPro, widget),
    ];
    let universes: Vec<Universe> = (1..=150).map(|n| Universe::new(n).unwrap()).collect();
    let mut options = Options::new(Uuid::from_u128(1));
    let capture = Capture::default();
    options.capture = Some(capture.clone());
    let mut outputs = Outputs::open(&routes, &universes, &options).unwrap();
    let (log, recording) = record("a log", "log", universes.len(), Nothing).unwrap();
    outputs.push(log);
    let capturing = capture.write_to(std::io::sink()).unwrap();
    let mut frame: Vec<Slots> = vec![[0; 512]; universes.len()];
    let counted = allocation_counter::measure(|| {
        for n in 0..200_u32 {
            frame[n as usize % 150][7] = n as u8;
            outputs.place(Place { frame: n, turn: n, ..Place::default() });
            outputs.send(Instant::now(), &frame);
            std::thread::sleep(Duration::from_millis(1));
        }
        outputs.finish(&frame);
    });
    assert_eq!(counted.count_total, 0);
    let reports: Vec<_> = outputs.reports().map(|(_, report)| report).collect();
    assert!(reports[0].packets > 200 && reports[4].packets > 0, "{reports:?}");
    assert!(reports[1..4].iter().all(|report| report.fault.is_some()), "{reports:?}");
    assert!(capturing.finish().unwrap().packets > 0);
    assert!(recording.finish().unwrap().1.is_ok());
}
