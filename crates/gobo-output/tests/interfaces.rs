//! Interfaces that get another address, or vanish and are made anew, while multicast goes out and
//! comes in by them. In network namespaces; without root the tests are skipped.

#![cfg(target_os = "linux")]

mod support;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use gobo_dmx::{Delivery, Protocol, Route, SacnStreams, Universe};
use gobo_output::{Event, Options, Outputs, Receiver, ReceiverOptions, Uuid};
use support::netns::{Host, connect, two_hosts};

/// Long enough on a busy machine, and never waited for when all is well.
const PATIENCE: Duration = Duration::from_secs(40);

/// The universes of each route.
const EACH: u16 = 25;

/// A show that sends a part of its universes each way.
fn show(host: &Host, ways: &[&str]) -> Outputs {
    let routes = (0..).zip(ways).map(|(way, to)| {
        let universes = format!("{}-{}", way * EACH + 1, (way + 1) * EACH).parse().unwrap();
        let protocol = Protocol::Sacn(SacnStreams::PLAIN);
        Route::new(universes, protocol, Delivery::sacn(to).unwrap())
    });
    let routes: Vec<_> = routes.collect();
    host.run(move || {
        let all = 1..=EACH * routes.len() as u16;
        let universes: Vec<_> = all.map(|number| Universe::new(number).unwrap()).collect();
        Outputs::open(&routes, &universes, &Options::new(Uuid::from_u128(9))).unwrap()
    })
}

/// Universes, and where they came from.
type Heard = BTreeSet<(u16, IpAddr)>;

/// Who listens, on a thread of the host: interfaces are those of the thread that looks.
struct Listener {
    heard: Arc<Mutex<Heard>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Listener {
    /// Listens to the universes of so many ways, by an interface or the system's choice.
    fn on(host: &Host, interface: Option<&'static str>, ways: usize) -> Self {
        let heard = Arc::<Mutex<Heard>>::default();
        let stop = Arc::<AtomicBool>::default();
        let (told, stopped) = (heard.clone(), stop.clone());
        let thread = host.run(move || {
            let options = ReceiverOptions {
                artnet: None,
                multicast: format!("1-{}", usize::from(EACH) * ways).parse().unwrap(),
                interface: interface.map(str::to_owned),
                ..ReceiverOptions::default()
            };
            let mut receiver = Receiver::open(&options).unwrap();
            std::thread::spawn(move || {
                let hear = |event: Event<'_>| {
                    if let Event::Levels { universe, source, .. } = event {
                        told.lock().unwrap().insert((universe.get(), source.address.ip()));
                    }
                };
                while !stopped.load(Ordering::Relaxed) {
                    receiver.receive(Duration::from_millis(20), hear).unwrap();
                }
            })
        });
        Self { heard, stop, thread: Some(thread) }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let ended = self.thread.take().unwrap().join();
        assert!(ended.is_ok() || std::thread::panicking());
    }
}

/// Plays until each listener hears, from now on, each universe from one of these addresses.
#[track_caller]
fn until_heard(show: &mut Outputs, listeners: &[Listener], ways: usize, from: &[&str]) {
    let from: Vec<IpAddr> = from.iter().map(|address| address.parse().unwrap()).collect();
    let frame = vec![[7; 512]; usize::from(EACH) * ways];
    let count = |listener: &Listener| {
        let heard = listener.heard.lock().unwrap();
        let right = heard.iter().filter(|(_, address)| from.contains(address));
        right.map(|(universe, _)| universe).collect::<BTreeSet<_>>().len()
    };
    let start = Instant::now();
    listeners.iter().for_each(|listener| listener.heard.lock().unwrap().clear());
    while listeners.iter().any(|listener| count(listener) < frame.len()) {
        let counts = || listeners.iter().map(count).collect::<Vec<_>>();
        let reports = || show.reports().map(|(_, report)| report.fault).collect::<Vec<_>>();
        assert!(start.elapsed() < PATIENCE, "{:?}, {:?}", counts(), reports());
        show.send(Instant::now(), &frame);
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn multicast_leaves_by_its_interface_whatever_the_address() {
    let Some((player, stage)) = two_hosts() else { return };
    let listeners = [Listener::on(&stage, Some("eth0"), 1)];
    let mut show = show(&player, &["multicast@eth0"]);
    until_heard(&mut show, &listeners, 1, &["10.0.0.1"]);
    player.ip("addr del 10.0.0.1/24 dev eth0");
    player.ip("addr add 10.0.0.9/24 brd + dev eth0");
    player.ip("route replace 224.0.0.0/4 dev eth0");
    until_heard(&mut show, &listeners, 1, &["10.0.0.9"]);
}

#[test]
fn multicast_is_sent_and_heard_by_an_interface_that_was_made_anew() {
    let Some((player, stage)) = two_hosts() else { return };
    let listen = |interface| Listener::on(&stage, interface, 3);
    let listeners = [Some("eth0"), Some("10.0.0.2"), None].map(listen);
    let mut show = show(&player, &["multicast@eth0", "multicast@10.0.0.1", "multicast6@eth0"]);
    let both = ["10.0.0.1", "fd00::1"];
    until_heard(&mut show, &listeners, 3, &both);
    player.ip("link del eth0");
    let lost = |show: &Outputs| show.reports().all(|(_, report)| report.fault.is_some());
    let start = Instant::now();
    while !lost(&show) {
        assert!(start.elapsed() < PATIENCE, "that it is gone was not noticed");
        show.send(Instant::now(), &[[7; 512]; 75]);
        std::thread::sleep(Duration::from_millis(5));
    }
    connect(&player, &stage);
    until_heard(&mut show, &listeners, 3, &both);
}
