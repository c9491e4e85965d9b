use gobo_serve::live::{ColourTarget, Easing, Said};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common::Desk;

fn fade(channel: u16, value: u8, ms: u64, easing: &str) -> Value {
    json!({ "type": "dmx.fade", "id": "f", "ts": 0, "universe": 1, "durationMs": ms,
        "easing": easing, "patch": [{ "ch": channel, "val": value }] })
}

fn set(channel: u16, value: u8) -> Value {
    json!({ "type": "dmx.set", "id": "s", "ts": 0, "universe": 1, "channel": channel,
        "value": value })
}

#[test]
fn a_fade_takes_its_time_and_ends_where_it_should() {
    for (easing, halfway) in [("linear", 100), ("s_curve", 100), ("expo", 6)] {
        let mut desk = Desk::new(ColourTarget::Off);
        desk.say(&fade(1, 200, 1000, easing));
        assert_eq!(desk.show.at(1, 1), 0, "it begins at the next tick");
        desk.wait(500);
        desk.tick();
        assert_eq!((desk.show.at(1, 1), desk.engine.is_fading()), (halfway, true), "{easing}");
        desk.wait(500);
        desk.tick();
        assert_eq!((desk.show.at(1, 1), desk.engine.is_fading()), (200, false), "{easing}");
    }
}

#[test]
fn a_fade_of_no_time_is_a_set() {
    let mut desk = Desk::new(ColourTarget::Off);
    desk.say(&fade(1, 200, 0, "expo"));
    assert_eq!((desk.show.at(1, 1), desk.engine.is_fading()), (200, false));
}

#[test]
fn the_newest_command_for_a_slot_wins() {
    let mut desk = Desk::new(ColourTarget::Off);
    desk.say(&fade(1, 200, 1000, "linear"));
    desk.say(&fade(2, 200, 1000, "linear"));
    desk.wait(500);
    desk.tick();
    desk.say(&set(1, 7));
    desk.say(&fade(2, 0, 1000, "linear"));
    desk.wait(500);
    desk.tick();
    assert_eq!((desk.show.at(1, 1), desk.show.at(1, 2)), (7, 50));
}

#[test]
fn steps_are_60_a_second_at_most_and_tell_what_changes_only() {
    let mut desk = Desk::new(ColourTarget::Off);
    desk.say(&fade(1, 4, 1000, "linear"));
    for _ in 0..1000 {
        desk.wait(1);
        desk.tick();
    }
    assert!(desk.show.holds.len() <= 5, "held only what changed: {}", desk.show.holds.len());
    let told = desk.said().into_iter().filter(|said| matches!(said, Said::Levels(_))).count();
    assert_eq!((told, desk.show.at(1, 1)), (5, 4));
    desk.say(&fade(2, 255, 1000, "linear"));
    desk.show.holds.clear();
    for _ in 0..1000 {
        desk.wait(1);
        desk.tick();
    }
    assert!((50..=60).contains(&desk.show.holds.len()), "{}", desk.show.holds.len());
}

#[test]
fn a_fade_longer_than_anyone_lives_runs() {
    let mut desk = Desk::new(ColourTarget::Off);
    desk.say(&fade(1, 255, u64::MAX, "linear"));
    desk.wait(1 << 40);
    desk.tick();
    assert!(desk.engine.is_fading());
    let now = desk.now;
    desk.engine.let_go(now);
    assert!(!desk.engine.is_fading());
}

proptest! {
    #[test]
    fn a_fade_never_turns_back_nor_leaves_its_range(
        from: u8, to: u8, ms in 1..5000_u64, kind in 0..3_usize,
        waits in prop::collection::vec(0..500_u64, 1..20),
    ) {
        let (word, easing) = Easing::ALL[kind];
        prop_assert_eq!((easing.at(0.0), easing.at(1.0)), (0.0, 1.0));
        let mut desk = Desk::new(ColourTarget::Off);
        desk.say(&set(1, from));
        desk.say(&fade(1, to, ms, word));
        let mut last = i16::from(from);
        for wait in waits {
            desk.wait(wait);
            desk.tick();
            let level = i16::from(desk.show.at(1, 1));
            let way = (i16::from(to) - i16::from(from)).signum();
            prop_assert!((level - last) * way >= 0, "{last} to {level}");
            last = level;
        }
        desk.wait(ms + 17);
        desk.tick();
        prop_assert_eq!(desk.show.at(1, 1), to);
    }
}
