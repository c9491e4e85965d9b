//! Laws of levels, frame by frame, without a thread.

mod kit;
mod laws;
mod merging;

use std::time::Instant;

use gobo_dmx::SLOTS;

use super::*;
use kit::{Bench, header};

#[test]
fn masters_lower_what_makes_light() {
    let bench = Bench::new();
    let full = bench.frame(200);
    bench.desk.set_grand(0.5);
    let [one, two] = bench.mixed(&full);
    // The dimmer of the par, not its colours; all of the strip's.
    assert_eq!(one[..7], [100, 200, 200, 200, 200, 200, 200]);
    assert_eq!(one[40..52], [100; 12]);
    // The fine dimmer as one number, 0xc8c8; the flag and pan stay.
    assert_eq!(one[20..26], [0x64, 0x64, 200, 200, 200, 200]);
    // The strip over two universes has its dimmer in the first.
    assert_eq!((one[511], &two[..4]), (100, &[200; 4][..]));
    // A shutter that is all there is stays open, and a slot of nobody stays.
    assert_eq!((one[70], one[300]), (200, 200));
    bench.desk.set_grand(0.0);
    let [one, _] = bench.mixed(&full);
    assert_eq!((one[70], one[0], one[1]), (0, 0, 200), "a shutter closes for no light at all");
}

#[test]
fn a_channel_is_a_dimmer_while_its_trigger_says_so() {
    let bench = Bench::new();
    let mut frame = bench.frame(200);
    bench.desk.set_grand(0.5);
    // From 128 on slot 1 is the dimmer; below it is something else, and the emitter is dimmed.
    frame[0][80..83].copy_from_slice(&[200, 200, 200]);
    assert_eq!(bench.mixed(&frame)[0][80..83], [200, 100, 200]);
    frame[0][80..83].copy_from_slice(&[10, 200, 200]);
    assert_eq!(bench.mixed(&frame)[0][80..83], [10, 200, 100]);
}

#[test]
fn group_masters_multiply_and_take_heads_apart() {
    let bench = Bench::new();
    let full = bench.frame(200);
    bench.desk.set_group("pars", 0.5).unwrap();
    bench.desk.set_group("odd", 0.5).unwrap();
    bench.desk.set_grand(0.5);
    let [one, _] = bench.mixed(&full);
    assert_eq!(one[0], 25, "in both groups");
    assert_eq!(one[40..52], [50, 50, 50, 100, 100, 100, 50, 50, 50, 100, 100, 100]);
    let state = bench.mixer.borrow().state();
    assert_eq!((state.grand, state.groups, state.parked), (0.5, 2, 0));
    assert_eq!(bench.desk.set_group("par", 0.5), Err(UnknownGroup("par".to_owned())));
    bench.desk.set_group("odd", 1.0).unwrap();
    assert_eq!(bench.mixed(&full)[0][0], 50);
    assert_eq!(bench.desk.settings().groups.len(), 1);
}

#[test]
fn freeze_keeps_the_frame_and_lets_go_of_it() {
    let bench = Bench::new();
    let frames = [10, 20, 30].map(|level| bench.frame(level));
    assert_eq!(bench.mixed(&frames[0]), frames[0]);
    bench.desk.toggle_frozen();
    assert_eq!(bench.mixed(&frames[1]), frames[1], "what is shown as it is frozen");
    assert_eq!(bench.mixed(&frames[2]), frames[1]);
    // Masters go on.
    bench.desk.set_grand(0.5);
    assert_eq!(bench.mixed(&frames[2])[0][..2], [10, 20]);
    bench.desk.set_grand(1.0);
    bench.desk.toggle_frozen();
    assert_eq!(bench.mixed(&frames[2]), frames[2]);
    bench.desk.set_frozen(true);
    assert_eq!(bench.mixed(&frames[0]), frames[0], "frozen anew");
}

#[test]
fn parking_holds_a_level_or_what_is_there() {
    let bench = Bench::new();
    let full = bench.frame(200);
    let spot = |name: &str| Spot::find(&header().patch, name).unwrap();
    bench.desk.set_grand(0.5);
    bench.mixed(&full);
    let refused = bench.desk.park(&spot("hazer"), Hold::Level(1.0)).unwrap_err();
    assert_eq!(refused.to_string(), "hazer has no light to be put at a level");
    bench.desk.park(&spot("par"), Hold::AsItIs).unwrap();
    bench.desk.park(&spot("wash.dimmer"), Hold::Level(0.25)).unwrap();
    bench.desk.park(&spot("wash.pan"), Hold::Level(1.0)).unwrap();
    bench.desk.park(&spot("wash.7"), Hold::Level(0.2)).unwrap();
    assert_eq!(bench.mixed(&full)[0][0], 100);
    bench.desk.set_blackout(true);
    let [one, _] = bench.mixed(&bench.frame(9));
    assert_eq!(one[..7], [100, 200, 200, 200, 200, 200, 200]);
    assert_eq!(one[20..27], [0x40, 0x00, 255, 255, 9, 9, 51]);
    assert_eq!(bench.mixer.borrow().state().parked, 12);
    // Parked again as it is, it stays where it is parked.
    bench.desk.park(&spot("wash.pan"), Hold::AsItIs).unwrap();
    assert_eq!(bench.mixed(&full)[0][22..24], [255, 255]);
    bench.desk.unpark(&spot("wash"));
    assert_eq!(bench.mixed(&full)[0][20..27], [0, 0, 200, 200, 200, 200, 200]);
    // What is parked stays when all else is left dark.
    let now = Instant::now();
    let dark = bench.mixer.borrow_mut().dark(now, &full).to_vec();
    assert_eq!(dark[0][..8], [100, 200, 200, 200, 200, 200, 200, 0]);
    assert_eq!((dark[0][40..].iter().max(), dark[1].iter().max()), (Some(&0), Some(&0)));
    bench.desk.unpark_all();
    bench.desk.set_blackout(false);
    bench.desk.set_grand(1.0);
    assert_eq!(bench.mixed(&full), full);
}

#[test]
fn spots_are_found_by_name() {
    let header = header();
    let error = |name| Spot::find(&header.patch, name).unwrap_err();
    assert_eq!(error("parr").to_string(), "there is no fixture `parr`");
    assert_eq!(error("parr.red").to_string(), "there is no fixture `parr`");
    assert_eq!(error("par.gobo").to_string(), "par has no `gobo`");
    assert_eq!(error("par.8").to_string(), "par has no `8`");
    assert_eq!(error("hazer.dimmer").to_string(), "hazer has no `dimmer`");
    let UnknownSpot::Attribute { known, .. } = error("wash.gobo") else { panic!() };
    assert_eq!(known, ["dimmer", "cyan", "pan", "1 to 7"]);
    let slots = |name| Spot::find(&header.patch, name).unwrap().slots().count();
    assert_eq!((slots("par"), slots("strip.dimmer"), slots("strip.red")), (7, 12, 4));
    assert_eq!((slots("long"), slots("hazer.1"), slots("combined.dimmer")), (5, 1, 1));
}

#[test]
fn nothing_set_is_no_work() {
    let bench = Bench::new();
    let frame = bench.frame(3);
    let mut mixer = bench.mixer.borrow_mut();
    assert!(std::ptr::eq(mixer.mix(Instant::now(), &frame), &frame[..]));
    assert_eq!(mixer.state(), LevelState::default());
    bench.desk.set_grand(0.3);
    assert!(!std::ptr::eq(mixer.mix(Instant::now(), &frame), &frame[..]));
    bench.desk.set_grand(1.0);
    assert!(std::ptr::eq(mixer.mix(Instant::now(), &frame), &frame[..]));
    assert_eq!(frame[0].len(), SLOTS);
}

#[test]
fn shows_of_the_same_room_are_one_and_of_two_rooms_both() {
    let one = header();
    let mut other = header();
    // The same ids elsewhere, and a universe of its own.
    other.patch.retain(|fixture| fixture.id == "par" || fixture.id == "wash");
    for fixture in &mut other.patch {
        fixture.address = gobo_dmx::Address::new(fixture.address.get() + 200).unwrap();
    }
    let third = gobo_canvas::UniverseEntry {
        universe: gobo_dmx::Universe::new(3).unwrap(),
        ..one.universes[0].clone()
    };
    other.universes.push(third);
    let levels = Levels::new([&one, &one, &other]);
    assert_eq!(levels.desk().universes().count(), 3);
    let (desk, mut mixer, _) = levels.split();
    desk.set_grand(0.5);
    let frame = [[200; SLOTS]; 3];
    let mixed = mixer.mix(Instant::now(), &frame);
    assert_eq!([mixed[0][0], mixed[0][200], mixed[0][201], mixed[2][0]], [100, 100, 200, 200]);
    assert_eq!((&mixed[0][20..22], &mixed[0][220..222]), (&[0x64; 2][..], &[0x64; 2][..]));
    // What lies in both patches is lowered once.
    let same = Levels::new([&one, &{ Header { patch: one.patch[..2].to_vec(), ..one.clone() } }]);
    let (desk, mut mixer, _) = same.split();
    desk.set_grand(0.5);
    let mixed = mixer.mix(Instant::now(), &frame[..2]);
    assert_eq!((mixed[0][0], &mixed[0][20..22]), (100, &[0x64; 2][..]));
}

#[test]
fn what_is_held_by_hand_lies_under_the_masters() {
    let bench = Bench::new();
    let full = bench.frame(200);
    let place = |slot| (bench.desk.universes().next().unwrap(), slot);
    bench.desk.hold([(place(0), Some(100)), (place(1), Some(7)), (place(300), Some(9))]);
    let [one, _] = bench.mixed(&full);
    assert_eq!((one[0], one[1], one[2], one[300]), (100, 7, 200, 9));
    bench.desk.set_grand(0.5);
    assert_eq!(bench.mixed(&full)[0][..3], [50, 7, 200], "the dimmer, not the colours");
    bench.desk.set_blackout(true);
    assert_eq!(bench.mixed(&full)[0][..3], [0, 7, 200]);
    bench.desk.set_blackout(false);
    bench.desk.set_grand(1.0);
    bench.desk.hold([(place(0), Some(101)), (place(1), None)]);
    assert_eq!(bench.mixed(&full)[0][..3], [101, 200, 200], "the newest level counts");
    let kept = bench.desk.settings();
    bench.desk.let_go();
    assert_eq!(bench.mixed(&full)[0], full[0]);
    bench.desk.set(kept);
    assert_eq!((bench.mixed(&full)[0][0], bench.mixed(&full)[0][300]), (101, 9));
}

#[test]
fn a_show_that_stands_by_shows_what_is_held_only() {
    let bench = Bench::new();
    let full = bench.frame(200);
    bench.desk.set_stands_by(true);
    bench.desk.hold([((bench.desk.universes().next().unwrap(), 3), Some(40))]);
    let mut expected = bench.frame(0);
    expected[0][3] = 40;
    assert_eq!(bench.mixed(&full), expected);
    bench.desk.set_stands_by(false);
    assert_eq!(bench.mixed(&full)[0][..4], [200, 200, 200, 40]);
}
