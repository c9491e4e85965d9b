//! What gobo sends, as the Open Lighting Architecture understands it. In hosts of the test's own:
//! its E1.31 does not hear its own machine.

#![cfg(target_os = "linux")]

mod support;

use std::time::{Duration, Instant};

use gobo_dmx::{Delivery, Protocol, Route, SacnStreams, Slots, Universe};
use gobo_output::{Options, Outputs, Uuid};
use support::netns::{Host, two_hosts};
use support::olad::Olad;

/// Long enough on a busy machine, and never waited for when all is well.
const PATIENCE: Duration = Duration::from_secs(40);

fn route(universes: &str, protocol: Protocol, delivery: Delivery) -> Route {
    Route::new(universes.parse().unwrap(), protocol, delivery)
}

/// Levels that differ from slot to slot, universe to universe and frame to frame.
fn frame(universes: usize, number: usize) -> Vec<Slots> {
    let level = |universe: usize, slot: usize| (slot * 7 + universe * 31 + number * 13) as u8;
    (0..universes).map(|universe| std::array::from_fn(|slot| level(universe, slot))).collect()
}

/// Waits until olad has these levels, while the player repeats the frame.
fn arrives(olad: &Olad, stage: &Host, numbers: &[u16], levels: &[Slots], mut send: impl FnMut()) {
    let start = Instant::now();
    for (number, levels) in numbers.iter().zip(levels) {
        loop {
            send();
            let heard = olad.levels(stage, *number).unwrap();
            if heard == levels {
                break;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "universe {number}: {} slots, the first {:?} instead of {:?}",
                heard.len(),
                heard.get(..8),
                &levels[..8],
            );
        }
    }
}

#[test]
fn olad_ends_with_the_same_levels() {
    let Some((player, stage)) = two_hosts() else { return };
    // Its universes 1 to 3 are those of E1.31, 5 to 7 the port addresses of Art-Net.
    let numbers = [1, 2, 3, 5, 6, 7];
    let Some(olad) = Olad::start(&stage, [10, 0, 0, 2].into(), &numbers[..3], &numbers[3..]) else {
        return;
    };
    let sacn = |to| (Protocol::Sacn(SacnStreams::PLAIN), Delivery::sacn(to).unwrap());
    let artnet = |to| (Protocol::ArtNet { sync: true }, Delivery::artnet(to).unwrap());
    let routes = [
        ("1-2", sacn("multicast@eth0")),
        ("3", sacn("10.0.0.2")),
        ("6", artnet("10.0.0.2")),
        // olad answers polls and subscribes to what its ports are patched to.
        ("7-8", artnet("nodes@eth0")),
    ];
    let routes =
        routes.map(|(universes, (protocol, delivery))| route(universes, protocol, delivery));
    let mut outputs = player.run(move || {
        let universes = [1, 2, 3, 6, 7, 8].map(|number| Universe::new(number).unwrap());
        Outputs::open(&routes, &universes, &Options::new(Uuid::from_u128(77))).unwrap()
    });
    let unclaimed = |outputs: &Outputs| {
        let (_, report) = outputs.reports().nth(3).unwrap();
        report.subscribers.unwrap().unclaimed
    };
    let start = Instant::now();
    while unclaimed(&outputs) > 0 {
        assert!(start.elapsed() < PATIENCE, "olad was not found");
        outputs.send(Instant::now(), &frame(6, 0));
        std::thread::sleep(Duration::from_millis(10));
    }
    // More frames than there are sequence numbers.
    for number in 1..600 {
        outputs.send(Instant::now(), &frame(6, number));
        std::thread::sleep(Duration::from_millis(2));
    }
    let last = frame(6, 600);
    let repeat = || {
        outputs.send(Instant::now(), &last);
        std::thread::sleep(Duration::from_millis(20));
    };
    arrives(&olad, &stage, &numbers, &last, repeat);
    for (name, report) in outputs.reports() {
        assert_eq!(report.fault, None, "{name}");
    }
    let look = frame(6, 700);
    outputs.finish(&look);
    arrives(&olad, &stage, &numbers, &look, || std::thread::sleep(Duration::from_millis(20)));
}
