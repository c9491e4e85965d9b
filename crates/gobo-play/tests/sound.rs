//! The player and its sound, both driven by hand.

#[path = "support/bench.rs"]
mod bench;
mod support;

use bench::{Bench, MILLI, in_order};
use gobo_audio::SoundFault;
use gobo_play::{Range, SoundState, Status};

#[test]
fn the_show_begins_as_its_sound_is_heard_and_keeps_to_it() {
    let mut bench = Bench::show();
    bench.sound.set(|device| device.crystal = 1.000_3);
    assert_eq!(bench.run(20), [0]);
    assert_eq!(bench.seconds(), 0.0);
    let frames = bench.run(120_000);
    assert!(in_order(&frames), "no frame twice, none left out");
    assert!(bench.error().abs() < 0.001, "{} s off", bench.error());
    assert_eq!(bench.player.sound(bench.now), SoundState::Followed);
    assert_eq!(bench.sound.0.lock().unwrap().volume, 0.5);
    // Ticks come each millisecond, so some frames are almost that late, and none is later.
    assert!(bench.latest > MILLI / 2 && bench.latest <= MILLI * 11 / 10, "{:?}", bench.latest);
}

#[test]
fn offsets_shift_light_against_sound() {
    for ahead in [0.75, -0.25] {
        let mut bench = Bench::new(Range { start: 60, end: 60_000, repeat: false }, ahead);
        bench.run(3000);
        assert_eq!(bench.sound.0.lock().unwrap().starts, [1.0 + ahead]);
        assert!(bench.error().abs() < 0.002);
    }
}

#[test]
fn seeks_and_pauses_keep_together() {
    let mut bench = Bench::show();
    for (n, seconds) in [30.0, 2.0, 500.0, 0.0].into_iter().enumerate() {
        bench.run(700);
        bench.remote.seek(seconds);
        let frames = bench.run(1500);
        assert_eq!(frames[0], (seconds * 60.0) as u32);
        assert!(in_order(&frames));
        assert!(bench.error().abs() < 0.003, "{} s off", bench.error());
        bench.remote.pause();
        let place = {
            bench.run(1);
            bench.seconds()
        };
        bench.run(400 + n as u32 * 137);
        assert_eq!(bench.seconds(), place);
        assert!(!bench.sound.0.lock().unwrap().playing);
        bench.remote.play();
        assert!(in_order(&bench.run(1500)));
        assert!(bench.error().abs() < 0.003, "{} s off", bench.error());
    }
}

#[test]
fn a_seek_in_a_pause_waits_for_play() {
    let mut bench = Bench::show();
    bench.run(500);
    bench.remote.pause();
    bench.run(100);
    bench.remote.seek(10.0);
    assert_eq!(bench.run(3000), [600]);
    bench.remote.play();
    assert!(in_order(&bench.run(2000)));
    assert!(bench.error().abs() < 0.003);
    assert_eq!(bench.sound.0.lock().unwrap().starts, [0.0, 10.0]);
}

#[test]
fn when_the_device_dies_the_show_goes_on_without_a_jump() {
    let mut bench = Bench::show();
    bench.run(5000);
    bench.sound.set(|device| (device.alive, device.fault) = (false, Some(SoundFault::DeviceLost)));
    let before = bench.seconds();
    let frames = bench.run(10_000);
    assert!(in_order(&frames));
    assert!((bench.seconds() - before - 10.0).abs() < 1e-9);
    assert_eq!(bench.player.sound(bench.now), SoundState::Lost);
    bench.remote.seek(100.0);
    bench.run(1000);
    assert!((bench.seconds() - 101.0).abs() < 0.01);
}

#[test]
fn a_device_that_stops_taking_sound_holds_nothing_up() {
    let mut bench = Bench::show();
    bench.run(5000);
    bench.sound.set(|device| device.alive = false);
    let before = bench.seconds();
    assert!(in_order(&bench.run(4000)));
    assert!((bench.seconds() - before - 4.0).abs() < 0.01);
    assert_eq!(bench.player.sound(bench.now), SoundState::Silent);
    let mut mute = Bench::show();
    mute.sound.set(|device| device.alive = false);
    assert_eq!(mute.run(1000), [0]);
    assert_eq!(mute.player.status(), Status::Waiting);
    assert!(mute.run(2000).len() > 60);
    assert_eq!(mute.player.sound(mute.now), SoundState::Silent);
}

#[test]
fn a_device_that_swallows_sound_as_it_dies_is_not_believed() {
    let mut bench = Bench::show();
    bench.run(5000);
    bench.sound.swallow(40, bench.now);
    bench.sound.set(|device| device.alive = false);
    let before = bench.seconds();
    assert!(in_order(&bench.run(4000)));
    assert!((bench.seconds() - before - 4.0).abs() < 0.01);
}

#[test]
fn after_a_hole_in_the_sound_the_show_waits_for_it() {
    let mut bench = Bench::show();
    bench.run(5000);
    for hole in [30, 400] {
        bench.sound.set(|device| device.alive = false);
        bench.run(hole);
        bench.sound.set(|device| device.alive = true);
        bench.run(3000);
        assert!(bench.error().abs() < 0.003, "{} s off", bench.error());
        assert!(in_order(&bench.run(1000)));
    }
}

#[test]
fn sound_is_mute_at_other_speeds_and_comes_back() {
    let mut bench = Bench::show();
    bench.run(2000);
    bench.remote.set_speed(0.5);
    let before = bench.seconds();
    bench.run(2000);
    assert!((bench.seconds() - before - 1.0).abs() < 0.01);
    assert_eq!(bench.player.sound(bench.now), SoundState::Muted);
    assert!(!bench.sound.0.lock().unwrap().playing);
    bench.remote.set_speed(1.0);
    bench.run(2000);
    assert!(bench.error().abs() < 0.003);
    assert_eq!(bench.player.sound(bench.now), SoundState::Followed);
}

#[test]
fn a_repeat_stays_with_its_sound() {
    let mut bench = Bench::new(Range { start: 30, end: 120, repeat: true }, 0.5);
    bench.sound.set(|device| device.crystal = 0.999_5);
    let frames = bench.run(20_000);
    let expected = (30..120).cycle().take(frames.len());
    assert!(frames.iter().copied().eq(expected), "no frame twice, none left out");
    // Both are in the same lap here, well away from its ends.
    assert!(bench.error().abs() < 0.003, "{} s off", bench.error());
    assert_eq!(bench.sound.0.lock().unwrap().starts, [1.0]);
}

#[test]
fn the_end_of_the_show_silences_the_song() {
    let mut bench = Bench::new(Range { start: 0, end: 60, repeat: false }, 0.0);
    assert_eq!(bench.run(2000).last(), Some(&59));
    assert!(!bench.sound.0.lock().unwrap().playing);
}
