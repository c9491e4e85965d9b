//! What cannot work is refused before a show, with the reason.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use gobo_dmx::{DEFAULT_PRIORITY, Delivery, Protocol, Route, Universe};
use gobo_output::{Options, Outputs, Uuid};

const ARTNET: Protocol = Protocol::ArtNet { sync: false };
const SACN: Protocol = Protocol::Sacn { priority: DEFAULT_PRIORITY, sync: None };

fn unicast(host: &str) -> Delivery {
    Delivery::Unicast { host: host.to_owned(), port: 7000 }
}

fn route(universes: &str, protocol: Protocol, delivery: Delivery, offset: i32) -> Route {
    let universes = universes.parse().unwrap();
    Route { offset, ..Route::new(universes, protocol, delivery) }
}

fn open(routes: &[Route]) -> Result<Outputs, String> {
    let universes = [1, 2, 40_000].map(|number| Universe::new(number).unwrap());
    Outputs::open(routes, &universes, &Options::new(Uuid::nil())).map_err(|error| error.to_string())
}

#[track_caller]
fn refused(routes: &[Route], expected: &str) {
    let Err(message) = open(routes) else { panic!("it was opened") };
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn hosts_must_exist() {
    refused(
        &[route("1", ARTNET, unicast("no-such-host.invalid"), 0)],
        "cannot find the host `no-such-host.invalid`: ",
    );
}

#[test]
fn universes_must_have_a_number() {
    let out_of_range = "is outside what Art-Net can number";
    refused(
        &[route("all", ARTNET, unicast("127.0.0.1"), 0)],
        &format!("universe 40000 with offset 0 {out_of_range}"),
    );
    refused(
        &[route("1-2", ARTNET, unicast("127.0.0.1"), -1)],
        &format!("universe 1 with offset -1 {out_of_range}"),
    );
    let offset = i32::MAX;
    refused(
        &[route("all", SACN, unicast("127.0.0.1"), offset)],
        "universe 1 with offset 2147483647 is outside what E1.31 can number",
    );
    assert!(open(&[route("1-2", ARTNET, unicast("127.0.0.1"), 32_766)]).is_ok());
}

#[test]
fn two_universes_cannot_share_one_on_the_wire() {
    let first = route("1", SACN, unicast("127.0.0.1"), 1);
    let second = route("2", SACN, unicast("localhost"), 0);
    refused(
        &[first.clone(), second],
        "universes 1 and 2 both go to universe 2 of E1.31 to 127.0.0.1:7000",
    );
    let copies = [
        first,
        route("2", SACN, unicast("127.0.0.2"), 0),
        route("2", ARTNET, unicast("127.0.0.1"), 0),
    ];
    assert_eq!(open(&copies).unwrap().reports().len(), 3);
}

#[test]
fn each_protocol_has_its_deliveries() {
    let broadcast = Delivery::Broadcast { address: Ipv4Addr::BROADCAST, port: 6454 };
    let multicast = |interface| Delivery::Multicast { interface };
    refused(&[route("1", SACN, broadcast, 0)], "E1.31 has no broadcast");
    refused(&[route("1", ARTNET, multicast(None), 0)], "Art-Net has no multicast");
    let v6 = Some(IpAddr::V6(Ipv6Addr::LOCALHOST));
    refused(&[route("1", SACN, multicast(v6), 0)], "E1.31 has no multicast over IPv6 yet");
    let elsewhere = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
    refused(
        &[route("1", SACN, multicast(elsewhere), 0)],
        "cannot open E1.31 multicast from 192.0.2.1: ",
    );
}

#[test]
fn a_dry_run_counts_and_sends_nothing() {
    let universes = [1, 2].map(|number| Universe::new(number).unwrap());
    let mut options = Options::new(Uuid::nil());
    options.dry_run = true;
    // An address kept for documentation: nothing could be sent from there.
    options.source = Some(Ipv4Addr::new(192, 0, 2, 1).into());
    let routes = [route("1-2", ARTNET, unicast("127.0.0.1"), 0)];
    let mut outputs = Outputs::open(&routes, &universes, &options).unwrap();
    outputs.send(std::time::Instant::now(), &[[0; 512]; 2]);
    let (name, report) = outputs.reports().next().unwrap();
    assert_eq!(name, "Art-Net to 127.0.0.1:7000");
    assert_eq!((report.packets, report.bytes, report.fault), (2, 1060, None));
}
