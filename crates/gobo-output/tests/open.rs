//! What cannot work is refused before a show, with the reason.

use std::net::Ipv4Addr;

use gobo_dmx::{Delivery, IpVersion, Protocol, Route, SacnStreams, Universe};
use gobo_output::{Options, Outputs, Uuid};

const ARTNET: Protocol = Protocol::ArtNet { sync: false };
const SACN: Protocol = Protocol::Sacn(SacnStreams::PLAIN);

fn unicast(host: &str) -> Delivery {
    Delivery::Unicast { host: host.to_owned(), port: 7000 }
}

fn route(universes: &str, protocol: Protocol, delivery: Delivery, offset: i32) -> Route {
    Route { offset, ..Route::new(universes.parse().unwrap(), protocol, delivery) }
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
    let multicast = |ip, interface: Option<&str>| Delivery::Multicast {
        ip,
        interface: interface.map(str::to_owned),
    };
    let nodes = Delivery::Nodes { on: None, port: 6454 };
    refused(&[route("1", SACN, broadcast, 0)], "E1.31 has no broadcast");
    refused(&[route("1", SACN, nodes, 0)], "E1.31 has no polling for nodes");
    refused(&[route("1", ARTNET, multicast(IpVersion::V4, None), 0)], "Art-Net has no multicast");
    let elsewhere = Some("192.0.2.1");
    refused(
        &[route("1", SACN, multicast(IpVersion::V4, elsewhere), 0)],
        "cannot open E1.31 multicast from 192.0.2.1: ",
    );
    for ip in [IpVersion::V4, IpVersion::V6] {
        refused(
            &[route("1", SACN, multicast(ip, Some("no-such0")), 0)],
            "there is no network interface `no-such0`: there are ",
        );
    }
    let nodes = Delivery::Nodes { on: Some("no-such0".to_owned()), port: 7000 };
    refused(&[route("1", ARTNET, nodes, 0)], "there is no network interface `no-such0`: ");
}

#[test]
fn a_backup_is_held_to_the_same() {
    let with = |host: &str, backup: Delivery| Route {
        backup: Some(backup),
        ..route("1", SACN, unicast(host), 0)
    };
    let outputs = open(&[with("127.0.0.1", unicast("127.0.0.2"))]).unwrap();
    let (name, _) = outputs.reports().next().unwrap();
    assert_eq!(name, "E1.31 to 127.0.0.1:7000, backup E1.31 to 127.0.0.2:7000");
    refused(
        &[with("127.0.0.1", unicast("127.0.0.1"))],
        "universe 1 goes twice to universe 1 of E1.31 to 127.0.0.1:7000",
    );
    refused(
        &[with("127.0.0.1", unicast("no-such-host.invalid"))],
        "cannot find the host `no-such-host.invalid`: ",
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
