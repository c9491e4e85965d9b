//! The show and what comes in from outside.

use std::time::{Duration, Instant};

use gobo_dmx::{MergeMode, Slots};
use proptest::prelude::*;
use triple_buffer::Input;

use super::super::merge::HeardLevels;
use super::kit::Bench;
use super::*;

/// Levels of which so many are sent, all with a priority.
fn say(input: &mut Input<HeardLevels>, levels: Slots, count: usize, priority: u8, at: Instant) {
    let mut priorities = [0; SLOTS];
    priorities[..count].fill(priority);
    input.write(HeardLevels { levels, priorities, at: Some(at) });
}

#[test]
fn priorities_count_slot_by_slot() {
    for (mode, equal) in [(MergeMode::Htp, 50), (MergeMode::Ltp, 20)] {
        let (bench, mut inputs) = Bench::fed(100);
        bench.desk.set_merge(mode);
        let (mut priorities, now) = ([0; SLOTS], Instant::now());
        priorities[..3].copy_from_slice(&[101, 100, 99]);
        inputs[0].write(HeardLevels { levels: [20; SLOTS], priorities, at: Some(now) });
        let [one, _] = bench.mixed_at(now, &bench.frame(50));
        assert_eq!(one[..4], [20, equal, 50, 50]);
    }
}

#[test]
fn the_higher_priority_has_the_universe_and_the_lower_is_not_heard() {
    let (bench, mut inputs) = Bench::fed(100);
    let (frame, now) = (bench.frame(50), Instant::now());
    let mut hear = |priority| {
        say(&mut inputs[0], [20; SLOTS], 24, priority, now);
        let [one, two] = bench.mixed_at(now, &frame);
        assert_eq!(two, frame[1], "the other universe is the show's");
        ([one[0], one[23], one[24]], bench.mixer.borrow().state().input)
    };
    // What is not sent is the show's, whatever the priority.
    assert_eq!(hear(101), ([20, 20, 50], 1));
    assert_eq!(hear(99), ([50; 3], 0));
    assert_eq!(hear(100), ([50; 3], 1), "the highest level");
}

#[test]
fn silent_input_gives_the_universe_back() {
    let (bench, mut inputs) = Bench::fed(100);
    let (frame, start) = (bench.frame(50), Instant::now());
    say(&mut inputs[0], [200; SLOTS], 512, 150, start);
    for (seconds, level) in [(0.0, 200), (2.9, 200), (3.1, 50)] {
        let now = start + Duration::from_secs_f64(seconds);
        assert_eq!(bench.mixed_at(now, &frame)[0], [level; SLOTS], "after {seconds} s");
    }
    say(&mut inputs[0], [200; SLOTS], 512, 150, start + Duration::from_secs(9));
    let now = start + Duration::from_secs(9);
    assert_eq!(bench.mixed_at(now, &frame)[0], [200; SLOTS]);
    inputs[0].write(HeardLevels::default());
    assert_eq!(bench.mixed_at(now, &frame), frame, "it said that it leaves");
}

#[test]
fn masters_and_parking_come_after_input() {
    let (bench, mut inputs) = Bench::fed(100);
    let (frame, now) = (bench.frame(50), Instant::now());
    say(&mut inputs[0], [200; SLOTS], 512, 100, now);
    bench.desk.set_frozen(true);
    bench.desk.set_grand(0.5);
    bench.desk.park(&bench.desk.spot("par.red").unwrap(), Hold::Level(0.0)).unwrap();
    assert_eq!(bench.mixed_at(now, &frame)[0][..3], [100, 0, 200]);
    // The frame is frozen; input is live.
    say(&mut inputs[0], [60; SLOTS], 512, 100, now);
    assert_eq!(bench.mixed_at(now, &bench.frame(255))[0][..3], [30, 0, 60]);
}

#[test]
fn the_latest_to_change_a_slot_has_it() {
    let (bench, mut inputs) = Bench::fed(100);
    bench.desk.set_merge(MergeMode::Ltp);
    let (mut frame, now) = (bench.frame(50), Instant::now());
    let mut levels = [0; SLOTS];
    levels[5] = 10;
    let mut turn = |frame: &_, levels: Slots| {
        say(&mut inputs[0], levels, 512, 100, now);
        let [one, _] = bench.mixed_at(now, frame);
        [one[4], one[5], one[6]]
    };
    // What a desk that joins leaves dark is the show's; what it holds is its own.
    assert_eq!(turn(&frame, levels), [50, 10, 50]);
    frame[0][5] = 51;
    assert_eq!(turn(&frame, levels), [50, 51, 50]);
    levels[4] = 7;
    assert_eq!(turn(&frame, levels), [7, 51, 50]);
    levels[4] = 0;
    assert_eq!(turn(&frame, levels), [0, 51, 50]);
    assert_eq!(turn(&frame, levels), [0, 51, 50]);
    frame[0][4] = 49;
    assert_eq!(turn(&frame, levels), [49, 51, 50]);
}

#[test]
fn fine_channels_change_hands_whole() {
    let (bench, mut inputs) = Bench::fed(100);
    bench.desk.set_merge(MergeMode::Ltp);
    let (mut frame, now) = (bench.frame(50), Instant::now());
    let mut levels = [0; SLOTS];
    let mut turn = |frame: &_, levels: Slots| {
        say(&mut inputs[0], levels, 512, 100, now);
        let [one, _] = bench.mixed_at(now, frame);
        [one[22], one[23]]
    };
    assert_eq!(turn(&frame, levels), [50, 50]);
    levels[22] = 3;
    assert_eq!(turn(&frame, levels), [3, 0]);
    frame[0][23] = 51;
    assert_eq!(turn(&frame, levels), [50, 51]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_highest_does_not_ask_who_comes_first(
        show in prop::collection::vec(any::<u8>(), SLOTS),
        input in prop::collection::vec(any::<u8>(), SLOTS),
    ) {
        let (show, input): (Slots, Slots) = (show.try_into().unwrap(), input.try_into().unwrap());
        let now = Instant::now();
        let merged = |show, heard| {
            let (bench, mut inputs) = Bench::fed(100);
            say(&mut inputs[0], heard, 512, 100, now);
            bench.mixed_at(now, &[show, [0; SLOTS]])[0]
        };
        let both = merged(show, input);
        prop_assert!(both == merged(input, show));
        prop_assert!(both.iter().zip(&show).all(|(both, show)| both >= show));
        prop_assert!(both.iter().zip(&input).all(|(both, input)| both >= input));
        prop_assert!(merged(show, show) == show);
    }
}
